-- Can a reviewer tell a sample from a ticket by any column, time, order or event? Every view of it is held against a ticket's.
begin;
select plan(24);
create role test_ann login in role triage_reviewer;
create role test_bob login in role triage_reviewer;
create role test_feeder login in role triage_worker;
create role test_relay login in role triage_relay;
create role test_lead login in role triage_migrator;
grant usage on schema t to public;
grant execute on all functions in schema t to public;
create function pg_temp.as_role(p_role text, p_sql text) returns text language plpgsql as $$
declare
    v_told text;
begin
    execute format('set local role %I', p_role);
    execute p_sql into v_told;
    reset role;
    return coalesce(v_told, 'done');
end $$;
create function pg_temp.asked(p_key text, p_origin text) returns jsonb language sql as $$
    select t.request(p_key, 1, jsonb_build_object('review_id', p_key || ':' || p_origin, 'origin', p_origin, 'priority', 70, 'label', 'order_status',
        'sla_minutes', 240, 'reasons', '[{"code": "low_confidence", "text": "x"}]'::jsonb))
        || jsonb_build_object('decision', t.request(p_key, 1) -> 'decision' || '{"alternatives": [
            {"label": "order_status", "confidence": 0.61}, {"label": "refund", "confidence": 0.2}]}')
$$;
create function pg_temp.answer(p_who text, p_key text, p_origin text default 'ticket') returns void language plpgsql as $$
declare
    v_item triage.item;
begin
    perform pg_temp.as_role(p_who, 'select max(item_id) from triage.claim(null, 20)');
    select * into v_item from triage.item i where i.key = p_key and i.origin = p_origin::triage.item_origin;
    perform pg_temp.as_role(p_who, format('select triage.resolve(%s, %s, %L, ''accepted'')', v_item.item_id, v_item.claim_no, p_key));
    perform t.hold_ends(v_item.item_id);
    perform pg_temp.as_role('test_relay', 'select triage.publish_due()');
end $$;
create function pg_temp.id(p_key text, p_origin text) returns bigint language sql as $$
    select item_id from triage.item where key = p_key and origin = p_origin::triage.item_origin $$;

update triage.setting set second_share = 1;
do $$ begin
    perform pg_temp.as_role('test_feeder', format('select triage.feed(''c'', ''reviews'', 0, null, 4, %L::jsonb)::text', jsonb_build_array(
        pg_temp.asked('k1', 'ticket'), pg_temp.asked('k2', 'audit'), pg_temp.asked('k3', 'ticket'), pg_temp.asked('k4', 'ticket'))));
end $$;
select pg_temp.answer('test_ann', 'k3');
select pg_temp.answer('test_ann', 'k4');
select pg_temp.as_role('test_lead', format('select triage.ask_known(%s, ''refund'')', pg_temp.id('k4', 'ticket')));
select pg_temp.as_role('test_ann', format('select triage.release(%s, 1)', item_id)) from triage.item where state = 'claimed';

create temp table sample as
    select 'a ticket' as what, pg_temp.id('k1', 'ticket') as item_id union all
    select 'an audit', pg_temp.id('k2', 'audit') union all
    select 'a second look', pg_temp.id('k3', 'second') union all
    select 'a known answer', pg_temp.id('k4', 'known_answer');
select is((select count(item_id) from sample), 4::bigint, 'there is one of each');

-- Dates as a reviewer sees them: a span instead of a time.
create temp table listed as select s.what, to_jsonb(q) as row, q.* from sample s join triage.queue q using (item_id);
select is((select count(distinct (select array_agg(k order by k) from jsonb_object_keys(row) k)) from listed), 1::bigint, 'the list has the same columns for each');
select is((select count(distinct (priority, state, review_group, risk, overdue, claimed_by, snoozed_until, confidence, has_draft)) from listed),
    1::bigint, 'and the same values but for label and reasons');
select is((select count(distinct round(extract(epoch from time_left + age) / 60)) from listed), 1::bigint, 'each is due as long after it came');
select is((select round(extract(epoch from min(time_left + age)) / 60) from listed), 240::numeric, 'as its request says');
select is((select string_agg(distinct reasons::text, ' ' order by reasons::text) from listed), '["confident", "mode_shadow"] ["low_confidence"]',
    'reasons are those of a ticket, or of a class in shadow');
select is((select reasons::text from listed where what = 'a known answer'), '["low_confidence"]', 'a known answer keeps those of its ticket');

create temp table shown as select s.what, triage.show(s.item_id) as doc from sample s;
select is((select count(distinct (select array_agg(k order by k) from jsonb_object_keys(doc -> 'item') k)) from shown), 1::bigint, 'an opened item has the same members');
select is((select count(distinct (select array_agg(k order by k) from jsonb_object_keys(doc -> 'request') k)) from shown), 1::bigint, 'so has its request');
select is((select count(distinct (select array_agg(k order by k) from jsonb_object_keys(doc #> '{request,decision}') k)) from shown), 1::bigint, 'and its decision');
select ok(not exists (select from shown where doc::text ~ '(audit|second|known|not_for|origin|review_id|test_lead|test_relay)'
                      or (what ~ 'second|known' and doc::text ~ 'test_ann')),
    'no word names a sample, another reviewer or who asked');
select is((select count(distinct doc #>> '{history,0,actor}') from shown), 1::bigint, 'the feeder enqueued them all');
select is((select count(*) from shown where (doc #>> '{history,0,at}')::timestamptz - (doc #>> '{item,created_at}')::timestamptz
                                            between interval '-1 second' and interval '1 second'), 4::bigint, 'when they came');
select is((select string_agg(distinct (doc #> '{request,decision,alternatives,0,label}')::text || (doc #> '{item,label}')::text, ' ') from shown
           where what = 'a known answer'), '"refund""refund"', 'a wrong suggestion is its own most probable label');
select is((select count(*) from shown where doc #>> '{request,label}' is distinct from null and doc #>> '{request,decision,label}' <> doc #>> '{item,label}'),
    0::bigint, 'and stands everywhere');

-- claims
create function pg_temp.claim_keys(p_item bigint) returns text language plpgsql as $$
declare
    v_keys text;
begin
    select (select string_agg(k, ' ' order by k) from jsonb_object_keys(to_jsonb(c)) k) || ' / ' ||
           (select string_agg(k, ' ' order by k) from jsonb_object_keys(c.request) k) || c.claim_no into v_keys
    from triage.claim('test_bob', 20) c where c.item_id = p_item;
    update triage.item set state = 'open', claim_no = claim_no - 1 where claimed_by = 'test_bob';
    return v_keys;
end $$;
update triage.item set claim_no = 0 where item_id in (select item_id from sample);
select is((select count(distinct pg_temp.claim_keys(item_id)) from sample), 1::bigint, 'a claim gives the same members and number');
select is((select count(*) from sample s join triage.claim('test_bob', 20) c using (item_id)), 4::bigint, 'bob is offered all of them');
select is((select count(*) from triage.item where claimed_by = 'test_ann' and state = 'claimed'), 0::bigint, 'ann let go');
update triage.item set state = 'open', claimed_by = null where state = 'claimed';
select is((select string_agg(key, ' ' order by key) from triage.claim('test_ann', 20)), 'k1 k2', 'ann is offered none that she answered');

-- placed among the others
select is((select turn from triage.item where item_id = pg_temp.id('k3', 'second')), (select turn from triage.item where item_id = pg_temp.id('k3', 'ticket')),
    'a second look has the turn of the first while its time has not come');
select t.feed(pg_temp.asked('late', 'ticket'));
update triage.item set state = 'open', claimed_by = null where state = 'claimed';
update triage.item set due_at = clock_timestamp() - interval '1 day', created_at = clock_timestamp() - interval '28 hours' where key = 'late';
select pg_temp.answer('test_ann', 'late');
select is((select round(extract(epoch from due_at - created_at) / 60) from triage.item where key = 'late' and origin = 'second'), 240::numeric,
    'one whose time is over is asked as if it came now');
select t.feed(pg_temp.asked('raised', 'ticket'));
update triage.item set state = 'open', claimed_by = null where state = 'claimed';
select pg_temp.as_role('test_ann', 'select max(item_id) from triage.claim(null, 20)');
select pg_temp.as_role('test_ann', format('select triage.escalate(%s, 1, ''threatens to sue'')', t.item('raised')));
update triage.item set state = 'open', claimed_by = null where state = 'claimed';
select pg_temp.answer('test_bob', 'raised');
select results_eq($$select priority::integer, round(extract(epoch from due_at - created_at) / 60)::integer from triage.item where key = 'raised' and origin = 'second'$$,
    $$values (70, 240)$$, 'an escalation leaves no trace in the second look');
select is((select count(*) from triage.item where key = 'raised' and priority = 100 and origin = 'ticket'), 1::bigint, 'though it did in the first');
select is((select string_agg(distinct (triage.shown_request(request, 'audit') #>> '{reasons,0,text}'), ' ') from triage.item_body),
    'The calibrated probability reaches the threshold of the class.', 'the reasons in words are the program''s own');
select * from finish();
rollback;
