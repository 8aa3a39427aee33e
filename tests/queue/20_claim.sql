-- Claiming: order, fencing, leases, giving back.
begin;
select plan(46);

select t.feed(
    t.request('late',  1, '{"sla_minutes": 600}'),
    t.request('soon',  1, '{"sla_minutes": 60, "priority": 10}'),
    t.request('first', 1, '{"sla_minutes": 60, "priority": 90}'),
    t.request('other', 1, '{"sla_minutes": 1, "review_group": "second"}'));
-- put the two that are due together into one slot, whatever the clock says
update triage.item set due_at = '2030-01-01 00:01+00' where key = 'soon';
update triage.item set due_at = '2030-01-01 00:02+00' where key = 'first';
update triage.item set due_at = '2031-01-01' where key = 'late';

select results_eq($$select key from triage.claim('ann', 1)$$, array['other'], 'the item due first comes first');
select results_eq($$select key from triage.claim('ann', 2, array['first'])$$, array['first', 'soon'],
    'priority decides between items due at about the same time');
select is_empty($$select * from triage.claim('ann', 5, array['second'])$$, 'only the named groups');
select results_eq($$select key, claim_no, label, draft, ticket->>'subject' from triage.claim('bob', 5)$$,
    $$values ('late', 1::bigint, 'order_status', 'Your parcel left today.', 'Ticket late')$$,
    'a claim brings what a person needs');
select is_empty($$select * from triage.claim('bob', 5)$$, 'a claimed item is not offered again');

-- expiry and fencing
select lives_ok($$select t.expire(t.item('late'))$$, 'time passes');
select lives_ok($$select triage.renew(t.item('late'), 1, 3)$$, 'an expired claim that nobody took can be renewed');
select is_empty($$select * from triage.claim('cyd', 5)$$, 'and is then not offered');
select lives_ok($$select t.expire(t.item('late'))$$, 'time passes again');
select results_eq($$select key, claim_no from triage.claim('cyd', 5, array['first'])$$, $$values ('late', 2::bigint)$$,
    'an expired claim goes to the next, under the next number');
select is((select array_agg(event || ' ' || actor || ' ' || claim_no order by history_id) from triage.history
           where item_id = t.item('late') and event <> 'enqueued'),
    array['claimed bob 1', 'expired bob 1', 'claimed cyd 2'], 'history tells who lost it');
select throws_ok($$select triage.resolve(t.item('late'), 1, 'k', 'accepted')$$, 'TR001', null, 'a lost claim cannot resolve');
select throws_ok($$select triage.renew(t.item('late'), 1)$$, 'TR001', null, 'a lost claim cannot be renewed');
select throws_ok($$select triage.release(t.item('late'), 1)$$, 'TR001', null, 'a lost claim cannot release');
select throws_ok($$select triage.skip(t.item('late'), 1, 'why')$$, 'TR001', null, 'a lost claim cannot skip');
select throws_ok($$select triage.snooze(t.item('late'), 1, now() + '1 hour')$$, 'TR001', null, 'a lost claim cannot snooze');
select throws_ok($$select triage.renew(t.item('late'), 3)$$, 'TR001', null, 'nor can a claim to come');
select throws_ok($$select triage.renew(t.item('late'), null)$$, 'TR001', null, 'nor none');
select throws_ok($$select triage.renew(-1, 1)$$, 'TR002', null, 'unknown item');

-- release, skip, snooze
select lives_ok($$select triage.release(t.item('late'), 2)$$, 'release');
select throws_ok($$select triage.resolve(t.item('late'), 2, 'k', 'accepted')$$, 'TR001', null, 'a released claim is over');
select results_eq($$select claim_no from triage.claim('bob', 1)$$, array[3::bigint], 'a released item is offered again');
select throws_ok($$select triage.skip(t.item('late'), 3, ' ')$$, 'TR006', null, 'skip needs a reason');
select lives_ok($$select triage.skip(t.item('late'), 3, 'not my language')$$, 'skip');
select is_empty($$select * from triage.claim('bob', 1)$$, 'a skipped item is not offered to the same reviewer');
select results_eq($$select claim_no from triage.claim('ann', 1)$$, array[4::bigint], 'but to another');
select lives_ok($$select triage.skip(t.item('late'), 4, 'nor mine')$$, 'skipped twice');
select is_empty($$select * from triage.claim('bob', 1) union all select * from triage.claim('ann', 1, array['first'])$$,
    'both are remembered');
update triage.item set skipped_until = clock_timestamp() - interval '1 second' where key = 'late';
select results_eq($$select claim_no from triage.claim('bob', 1)$$, array[5::bigint], 'after a rest it is offered to all: nothing starves');
select is((select detail->>'reason' from triage.history where event = 'skipped' order by history_id limit 1),
    'not my language', 'the reason is kept');
select throws_ok($$select triage.snooze(t.item('late'), 5, now() - interval '1 hour')$$, 'TR006', null, 'snooze is for the future');
select throws_ok($$select triage.snooze(t.item('late'), 5, now() + interval '8 days')$$, 'TR006', null, 'and not for ever');
select lives_ok($$select triage.snooze(t.item('late'), 5, now() + interval '1 day')$$, 'snooze');
select is_empty($$select * from triage.claim('cyd', 1)$$, 'a sleeping item is not offered');
update triage.item set snoozed_until = clock_timestamp() - interval '1 second' where key = 'late';
select results_eq($$select claim_no from triage.claim('cyd', 1)$$, array[6::bigint], 'an item that woke up is');

-- arguments
select throws_ok($$select triage.claim('ann', 0)$$, 'TR006', null, 'no claim of nothing');
select throws_ok($$select triage.claim('ann', 101)$$, 'TR006', null, 'no claim of everything');
select throws_ok($$select triage.claim('ann', null)$$, 'TR006', null, 'no claim of null');
select throws_ok($$select triage.claim('', 1)$$, 'TR006', null, 'no claim of nobody');
select throws_ok($$select triage.claim('ann', 1, null, '2 days')$$, 'TR006', null, 'no claim for ever');
update triage.setting set claims_most = 3;
select throws_ok($$select triage.claim('ann', 2)$$, 'TR008', null, 'nobody hoards');

-- time
select lives_ok($$update triage.time_spent set last_ping_at = clock_timestamp() - interval '100 seconds',
    active_seconds = 0 where item_id = t.item('late') and claim_no = 1$$, 'a claim that was pinged 100 s ago');
select lives_ok($$select triage.claim('tim', 1, array['first']) from t.feed(t.request('timed', 1))$$, 'a new claim');
select is((select claimed_by from triage.item where key = 'timed'), 'tim', 'tim has it');
select lives_ok($$select triage.renew(t.item('timed'), 1, 5000)$$, 'he claims to have worked for an hour');
select cmp_ok((select active_seconds from triage.time_spent where item_id = t.item('timed')), '<', 60::numeric,
    'active time is never more than passed on the server clock');

select * from finish();
rollback;
