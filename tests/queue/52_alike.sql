-- One answer for items that ask the same, and one undo.
begin;
select plan(35);
create function pg_temp.ask(p_key text, p_text text, p_more jsonb default '{}') returns jsonb language sql as $$
    select t.request(p_key, 1, jsonb_build_object('ticket', jsonb_build_object('subject', 'Order', 'body_text', p_text)) || p_more)
$$;
create function pg_temp.resolve(p_others text[], p_key text default 'bulk', p_outcome text default 'accepted', p_text text default null,
                                p_claim bigint default 1) returns text language sql as $$
    select string_agg(i.key || ':' || r.state, ' ' order by i.key) from triage.resolve_alike(t.item('a'), p_claim, p_key,
        (select array_agg(t.item(k)) from unnest(p_others) k), p_outcome::triage.outcome, null, p_text) r
    join triage.item i using (item_id)
$$;
select t.feed(pg_temp.ask('a', 'The site is down, order 4711!'));
select t.feed(pg_temp.ask('b', 'the site is DOWN -- order 99'), pg_temp.ask('c', 'The site is still down, order 12'),
    pg_temp.ask('d', 'How do I pay by invoice from abroad?'), pg_temp.ask('e', 'The site is down, order 1', '{"review_group": "other"}'),
    pg_temp.ask('f', 'The site is down, order 2', '{"label": "refund"}'), pg_temp.ask('g', 'The site is down, order 3'),
    pg_temp.ask('h', 'The site is down, order 5', '{"decision": {"label": "order_status", "draft": {"text": "Dear Ms Lind, sorry."}}}'),
    pg_temp.ask('i', 'The site is down, order 6'));
select is((select string_agg(key, ' ') from triage.claim('ann', 1)), 'a', 'the first is claimed');
update triage.item set state = 'claimed', claim_no = 1, claimed_by = 'bob', claimed_until = clock_timestamp() + interval '1 hour' where key = 'g';
update triage.item set not_for = 'ann' where key = 'i';
select is((select array_agg(i.key order by i.key) from triage.alike_items((select i from triage.item i where key = 'a'), 'ann', 0.8, 50) a join triage.item i using (item_id)),
    '{b,c,h}', 'alike: same group and label, not claimed, and nothing that is not for the caller');
select is(triage.likeness('a b c d', 'a b c d'), 1::real, 'the same words are wholly alike');
select is(triage.likeness('a b c d', 'a b x y'), 0.5::real, 'half of them are half alike');
select is(triage.likeness('', ''), 1::real, 'nothing divides by nothing');
select is(triage.plain_text('{"subject": "Re: ORDER 12-34", "body_text": "Hé?"}'), 're order 0 0 hé', 'case, numbers and signs do not count');
select is(triage.likeness('a a b', 'a b b'), (2.0 / 3)::real, 'a word counts as often as both have it');
create temp table by_bag as select * from triage.alike_items((select i from triage.item i where key = 'a'), 'ann', 0.5, 50);
select isnt_empty('select from by_bag where likeness < 1', 'some are not wholly alike');
delete from triage.item_bag;
select set_eq('select * from by_bag', $$select * from triage.alike_items((select i from triage.item i where key = 'a'), 'ann', 0.5, 50)$$,
    'an item from before has no bag, and its text is read: the same ones, as much alike');
select is(triage.mark_items(), 9, 'which gets it by and by');
select is((select count(*) from triage.alike(t.item('a')) where draft_is_same), 3::bigint, 'the list says where the draft is the same');
select throws_ok($$select triage.alike(-1)$$, 'TR002', null, 'nothing is alike to nothing');
select throws_ok($$select pg_temp.resolve('{}')$$, 'TR006', null, 'others must be named');
select throws_ok($$select pg_temp.resolve('{b}', 'k', 'accepted', null, 7)$$, 'TR001', null, 'without the claim nothing is answered');
select is(t.state('b'), 'open', 'neither the other');

select is(pg_temp.resolve('{b,c,d,e,f,g,h,i}'), 'a:held b:held c:held h:held', 'what is alike is answered, the rest is left');
select is(pg_temp.resolve('{b,c,d,e,f,g,h,i}'), 'a:held b:held c:held h:held', 'the same call again changes nothing');
select is((select count(*) from triage.resolution), 4::bigint, 'four answers');
select is((select final_text from triage.resolution where item_id = t.item('h')), 'Dear Ms Lind, sorry.', 'each accepted with its own draft');
select is((select count(distinct held_until) from triage.resolution), 1::bigint, 'one hold window for all');
select is(t.state('d') || t.state('e') || t.state('f') || t.state('i'), 'openopenopenopen', 'another question, group, label, or not for the caller: left');
select is((select claimed_by from triage.item where key = 'g'), 'bob', 'a colleague''s claim is left');
select is((select sum(seconds) from triage.resolution where item_id <> t.item('a')), 0.0::numeric, 'the time is counted once');

select results_eq($$select claim_no from triage.undo_alike(t.item('a'), 'bulk') where claim_no is not null$$, array[2::bigint], 'one undo');
select is(t.state('a'), 'claimed', 'gives the first back to its reviewer');
select is(t.state('b') || t.state('c') || t.state('h'), 'openopenopen', 'and the others to everybody');
select is((select count(*) from triage.undo_alike(t.item('a'), 'bulk')), 4::bigint, 'undo twice is undo once');
select is(triage.publish_due(), 0, 'nothing is left to publish');

select is(pg_temp.resolve('{b,c,h}', 'bulk2', 'edited', 'We are sorry. It is up again.', 2), 'a:held b:held c:held',
    'a text goes only where the draft was the same');
select t.feed(t.close('b', 2));
select is(t.state('b'), 'superseded', 'one is overtaken');
select is((select count(*) from triage.undo_alike(t.item('a'), 'bulk2')), 2::bigint, 'undo goes on without it');
select is(t.state('c'), 'open', 'for the others');
select is(pg_temp.resolve('{c}', 'bulk3', 'accepted', null, 3), 'a:held c:held', 'answered at last');
update triage.item set held_until = clock_timestamp() - interval '1 second' where state = 'held';
select is(triage.publish_due(), 2, 'and published');
select throws_ok($$select * from triage.undo_alike(t.item('a'), 'bulk3')$$, 'TR005', null, 'then it is too late');
select * from finish();
rollback;
