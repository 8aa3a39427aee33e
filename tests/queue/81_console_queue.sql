-- What the console's pages show, and taking one item by its number.
begin;
create role test_ann login in role triage_reviewer;
create role test_bob login in role triage_reviewer;
create role test_auditor login in role triage_auditor;
create role test_worker login in role triage_worker;
grant usage on schema t to public;
grant execute on all functions in schema t to public;
select plan(57);
do $$
declare v_schema text := (select nspname from pg_namespace where oid = pg_my_temp_schema());
begin
    execute format('grant usage on schema %I to public', v_schema);
    execute format('grant all on all tables in schema %I to public', v_schema);
    execute format('grant all on all sequences in schema %I to public', v_schema);
end $$;
select t.feed(t.request('a', 1, '{"sla_minutes": 10}'), t.request('b', 1, '{"sla_minutes": 20, "risk": "high"}'),
    t.request('c', 1, '{"sla_minutes": 30, "review_group": "legal", "label": "refund"}'), t.request('d', 1, '{"sla_minutes": 40}'));
create temp table known as select key, item_id from triage.item;
grant select on known to public;
create function pg_temp.id(p_key text) returns bigint language sql as $$ select item_id from known where key = p_key $$;
create function pg_temp.keys(p_page jsonb) returns text language sql as $$
    select string_agg(r ->> 'key', '' order by n) from jsonb_array_elements(p_page -> 'items') with ordinality x(r, n)
$$;

-- ---- one item by its number ----
set local role test_ann;
select results_eq($$select item_id, claim_no from triage.claim_item(pg_temp.id('c'))$$, $$select pg_temp.id('c'), 1::bigint$$, 'this very item');
select is((select claim_no from triage.claim_item(pg_temp.id('c'))), 1::bigint, 'a second click is the same claim');
set local role test_bob;
select throws_ok($$select triage.claim_item(pg_temp.id('c'))$$, 'TR009', null, 'another cannot have it');
select throws_ok($$select triage.claim_item(-1)$$, 'TR002', null, 'nor what is not there');
reset role;
select t.expire(pg_temp.id('c'));
set local role test_bob;
select is((select claim_no from triage.claim_item(pg_temp.id('c'))), 2::bigint, 'after its time it is free, under the next number');
select lives_ok($$select triage.skip(pg_temp.id('c'), 2, 'no')$$, 'skipped');
select throws_ok($$select triage.claim_item(pg_temp.id('c'))$$, 'TR009', null, 'who gave it back is not given it again');
set local role test_ann;
select is((select claim_no from triage.claim_item(pg_temp.id('c'))), 3::bigint, 'others are');
select lives_ok($$select triage.snooze(pg_temp.id('c'), 3, clock_timestamp() + interval '1 hour')$$, 'snoozed');
select throws_ok($$select triage.claim_item(pg_temp.id('c'))$$, 'TR009', null, 'what sleeps is left asleep');
reset role;
update triage.item set snoozed_until = null, not_for = 'test_ann' where key = 'c';
set local role test_ann;
select throws_ok($$select triage.claim_item(pg_temp.id('c'))$$, 'TR009', 'take another item: item ' || pg_temp.id('c') || ' is taken',
    'a second look at one''s own answer is just taken: it does not say why');
reset role;
update triage.item set not_for = null, skipped_by = '{}', skipped_until = null where key = 'c';
update triage.setting set claims_most = 1;
set local role test_ann;
select lives_ok($$select triage.claim_item(pg_temp.id('a'))$$, 'one claim');
select throws_ok($$select triage.claim_item(pg_temp.id('b'))$$, 'TR008', null, 'too many are too many here too');
reset role;
update triage.setting set claims_most = 100;

-- ---- pages ----
set local role test_ann;
select is(pg_temp.keys(triage.queue_page()), 'abcd', 'in the order of claim');
select is(triage.queue_page() ->> 'more', null, 'nothing follows');
select is(pg_temp.keys(triage.queue_page(p_limit => 2)), 'ab', 'a page of two');
select is(pg_temp.keys(triage.queue_page(p_limit => 2, p_after => triage.queue_page(p_limit => 2) ->> 'more')), 'cd', 'the next page');
select is(pg_temp.keys(triage.queue_page(p_group => 'legal')), 'c', 'by group');
select is(pg_temp.keys(triage.queue_page(p_label => 'refund')), 'c', 'by label');
select is(pg_temp.keys(triage.queue_page(p_risk => 'high')), 'b', 'by risk');
select is(pg_temp.keys(triage.queue_page(p_state => 'claimed')), 'a', 'by state');
select is(pg_temp.keys(triage.queue_page(p_state => 'open')), 'bcd', 'the others');
select is(pg_temp.keys(triage.queue_page(p_mine => true)), 'a', 'one''s own');
select is(pg_temp.keys(triage.queue_page(p_text => 'TICKET D')), 'd', 'by words of the subject');
select is(pg_temp.keys(triage.queue_page(p_text => pg_temp.id('b')::text)), 'b', 'by number');
select is(pg_temp.keys(triage.queue_page(p_text => '%')), null, 'a text is no pattern');
select is(triage.queue_counts(), '{"open": 3, "claimed": 1, "overdue": 0, "mine": 1, "open_more": false, "overdue_more": false}'::jsonb, 'counts');
select throws_ok($$select triage.queue_page(p_after => 'x')$$, 'TR006', null, 'a cursor is as it was given');
select throws_ok($$select triage.queue_page(p_state => 'held')$$, 'TR006', null, 'a state is open or claimed');
select throws_ok($$select triage.queue_page(p_text => repeat('x', 201))$$, 'TR006', null, 'a text is not endless');
reset role;
update triage.item set due_at = clock_timestamp() - interval '1 minute' where key = 'd';
set local role test_bob;
select is(pg_temp.keys(triage.queue_page(p_overdue => true)), 'd', 'what is overdue');
select is(triage.queue_counts() ->> 'overdue', '1', 'is counted');
select is(triage.queue_counts() ->> 'mine', '0', 'each counts the own');
select is((triage.review_session() ->> 'reviewer'), 'test_bob', 'the session is the caller''s');
select is(triage.review_session() -> 'groups', '["first", "legal"]'::jsonb, 'with the groups that have items');
select is(triage.review_session() -> 'skip_reasons', '["no"]'::jsonb, 'and the own reasons');
select is(triage.review_session() -> 'can_audit', 'false'::jsonb, 'who is no auditor hears so');

-- ---- one item as a whole ----
select is(triage.item_page(pg_temp.id('a')) #>> '{item,claim_no}', null, 'another''s claim number is not shown');
set local role test_ann;
select is(triage.item_page(pg_temp.id('a')) #>> '{item,claim_no}', '1', 'the own is');
select ok(triage.item_page(pg_temp.id('a')) -> 'item' ?& array['item_id', 'state', 'claimed_until', 'key'], 'the item is there');
select ok(not triage.item_page(pg_temp.id('a')) -> 'item' ?| array['origin', 'not_for', 'review_id', 'skipped_by'], 'what tells a sample is not');
select is(jsonb_array_length(triage.my_work() -> 'claimed'), 1, 'what the caller has');
select lives_ok($$select triage.resolve(pg_temp.id('a'), 1, 'key-a', 'accepted')$$, 'answered');
select is(triage.my_work() #>> '{held,0,idempotency_key}', 'key-a', 'what the caller can undo, with its key');
select results_eq($$select item_id, outcome from triage.similar_answers(pg_temp.id('b'))$$,
    $$select pg_temp.id('a'), 'accepted'::triage.outcome$$, 'the past answer to a similar ticket');
select is(triage.item_page(pg_temp.id('b')) #>> '{similar,0,final_text}', 'Your parcel left today.', 'with its text');
select throws_ok($$select triage.similar_answers(-1)$$, 'TR002', null, 'nothing is similar to nothing');
select isnt(triage.claim_next(array['legal']), null, 'the next of a group, as a page');
select is(triage.claim_next(array['nobody']), null, 'null when nothing waits');
reset role;
insert into triage.item (review_id, key, revision, label, profile, review_group, origin, due_at)
select 'again', key, revision, label, profile, review_group, 'second', due_at from triage.item where key = 'a';
insert into triage.item_body select (select item_id from triage.item where review_id = 'again'), request, ticket, draft
from triage.item_body where item_id = pg_temp.id('a');
create temp table again as select item_id from triage.item where review_id = 'again';
grant select on again to public;
set local role test_bob;
select is_empty($$select * from triage.similar_answers((select item_id from again))$$, 'a second look does not show the first answer');

-- ---- who may ----
set local role test_auditor;
select throws_ok($$select triage.queue_page()$$, '42501', null, 'an auditor has the views, not the pages');
select throws_ok($$select triage.claim_item(1)$$, '42501', null, 'and claims nothing');
select ok(jsonb_typeof(triage.figures() -> 'reviewers') = 'array', 'but sees the figures of each');
set local role test_bob;
select is(jsonb_typeof(triage.figures() -> 'reviewers'), 'null', 'a reviewer does not');
select ok(triage.overview() ?& array['metrics', 'alarms'], 'both see the overview');
set local role test_worker;
select throws_ok($$select triage.item_page(1)$$, '42501', null, 'a worker sees no page');
select throws_ok($$select triage.figures()$$, '42501', null, 'nor figures');
reset role;
select * from finish();
rollback;
