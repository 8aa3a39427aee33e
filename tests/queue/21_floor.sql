-- The floor is a hint: it saves reading, and hides nothing for long.
begin;
select plan(9);
select t.feed(t.request('low',1), t.request('mid',1), t.request('high',1), t.request('top',1), t.request('most',1));
update triage.item set due_at = '2030-01-01' where key = 'low';
update triage.item set due_at = '2031-01-01' where key = 'mid';
update triage.item set due_at = '2032-01-01' where key = 'high';
update triage.item set due_at = '2033-01-01' where key = 'top';
update triage.item set due_at = '2034-01-01' where key = 'most';

select results_eq($$select key from triage.claim('ann', 1)$$, array['low'], 'the first claim looks from the front');
select is((select item_id from triage.claim_floor where scope = 'any'), t.item('low'), 'and leaves a floor');
select lives_ok($$update triage.claim_floor set turn = (select turn from triage.item where key = 'high'), item_id = t.item('high')$$,
    'the floor is above an item that came back');
select results_eq($$select key from triage.claim('ann', 1)$$, array['high'], 'it waits while there are others');
select lives_ok($$update triage.claim_floor set raised_at = raised_at - interval '31 seconds', swept_at = swept_at - interval '31 seconds'$$,
    'half a minute passes');
select results_eq($$select key from triage.claim('ann', 1)$$, array['mid'], 'then a sweep finds it');
select triage.release(t.item('mid'), 1);
update triage.claim_floor set turn = (select turn from triage.item where key = 'most'), item_id = t.item('most');
select results_eq($$select key from triage.claim('bob', 2)$$, array['mid', 'top'],
    'a claim that would come back short looks from the front at once');
update triage.claim_floor set turn = (select turn from triage.item where key = 'most') + 1;
select results_eq($$select key from triage.claim('bob', 1)$$, array['most'], 'nothing is hidden when nothing else is left');
select is((select count(*) from triage.claim_floor where scope like 'group:%'), 0::bigint,
    'a group has a floor when somebody claims by it');
select * from finish();
rollback;
