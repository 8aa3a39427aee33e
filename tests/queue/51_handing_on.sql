-- Items handed on: reassigned, escalated, taken back, looked at by a second person; and reasons for skipping.
begin;
select plan(47);
create role test_ann login in role triage_reviewer;
create role test_bob login in role triage_reviewer;
create role test_lead login in role triage_migrator;
grant usage on schema t to public;
grant execute on all functions in schema t to public;
do $$ -- pgTAP counts in temporary tables of whoever calls first
declare v_schema text := (select nspname from pg_namespace where oid = pg_my_temp_schema());
begin
    execute format('grant usage on schema %I to public', v_schema);
    execute format('grant all on all tables in schema %I to public', v_schema);
    execute format('grant all on all sequences in schema %I to public', v_schema);
end $$;
create function pg_temp.as_role(p_role text, p_sql text) returns text language plpgsql as $$
declare
    v_told text;
begin
    execute format('set local role %I', p_role);
    begin
        execute p_sql into v_told;
    exception when others then
        v_told := sqlstate;
    end;
    reset role;
    return coalesce(v_told, 'done');
end $$;
create function pg_temp.claimed(p_role text) returns text language sql as $$
    select pg_temp.as_role(p_role, 'select string_agg(key, '' '' order by key) from triage.claim(null, 20)')
$$;
create function pg_temp.who(p_key text) returns text language sql as $$
    select concat_ws('/', state, claimed_by, claim_no) from triage.item where key = p_key and origin = 'ticket'
$$;
create function pg_temp.events(p_item bigint) returns text language sql as $$
    select string_agg(event || ':' || actor, ' ' order by history_id) from triage.history where item_id = p_item
$$;

-- reassign
select t.feed(t.request('a',1), t.request('b',1));
select is(pg_temp.claimed('test_ann'), 'a b', 'one reviewer has both');
select is(pg_temp.as_role('test_ann', format('select claim_no from triage.reassign(%s, 1, ''test_bob'', ''speaks Dutch'')', t.item('a'))),
    '2', 'an item can be handed to a colleague');
select is(pg_temp.who('a'), 'claimed/test_bob/2', 'who has it now, under a new claim');
select is(pg_temp.as_role('test_ann', format('select triage.resolve(%s, 1, ''k'', ''accepted'')', t.item('a'))), 'TR001',
    'the old claim is over');
select isnt(pg_temp.as_role('test_bob', format('select triage.resolve(%s, 2, ''k'', ''accepted'')', t.item('a'))), 'TR001',
    'the new one is good');
select is((select detail ->> 'reason' from triage.history where event = 'reassigned'), 'speaks Dutch', 'the reason is on record');
select is(pg_temp.as_role('test_bob', format('select triage.reassign(%s, 1, ''test_bob'', ''mine'')', t.item('b'))), 'TR030',
    'nobody takes a colleague''s item');
select is(pg_temp.as_role('test_ann', format('select triage.reassign(%s, null, ''test_bob'', ''x'')', t.item('b'))), 'TR006',
    'a reviewer must name the claim');
select is(pg_temp.as_role('test_ann', format('select triage.reassign(%s, 1, ''postgres_nobody'', ''x'')', t.item('b'))), 'TR006',
    'only to a reviewer');
select is(pg_temp.as_role('test_ann', format('select triage.reassign(%s, 1, ''test_bob'', '' '')', t.item('b'))), 'TR006', 'not without a reason');
select is(pg_temp.as_role('test_lead', format('select claim_no from triage.reassign(%s, null, ''test_bob'', ''Ann is ill'')', t.item('b'))),
    '2', 'whoever runs the queue can do it without the claim');
select is(pg_temp.who('b'), 'claimed/test_bob/2', 'and it is the colleague''s');

-- expire
select is(pg_temp.as_role('test_ann', format('select triage.expire(%s, ''x'')', t.item('b'))), '42501', 'a reviewer ends nobody''s claim');
select is(pg_temp.as_role('test_lead', format('select triage.expire(%s, ''Bob went home'')', t.item('b'))), '', 'whoever runs the queue does');
select is(t.state('b'), 'open', 'then the item is open');
select is(pg_temp.as_role('test_bob', format('select triage.resolve(%s, 2, ''k'', ''accepted'')', t.item('b'))), 'TR001',
    'and an answer comes too late');
select is(pg_temp.as_role('test_lead', format('select triage.expire(%s, ''again'')', t.item('b'))), 'TR001', 'an open item has no claim to end');
select is(pg_temp.claimed('test_ann'), 'b', 'it is offered again');
update triage.item set claimed_until = clock_timestamp() - interval '59 minutes' where key = 'b';
select is(triage.expire_claims(), 0, 'a late answer is still welcome within the grace');
update triage.item set claimed_until = clock_timestamp() - interval '61 minutes' where key = 'b';
select is(triage.expire_claims(), 1, 'after it the claim is ended');
select is(t.state('b'), 'open', 'and the item open');

-- escalate
select is(pg_temp.claimed('test_ann'), 'b', 'claimed once more');
select is(pg_temp.as_role('test_ann', format('select triage.escalate(%s, 4, '''', ''second'')', t.item('b'))), 'TR006', 'an escalation needs a reason');
select is(pg_temp.as_role('test_ann', format('select triage.escalate(%s, 4, ''legal threat'', ''second'')', t.item('b'))), '', 'with one it works');
select results_eq($$select state::text, review_group, priority, due_at <= clock_timestamp() + interval '1 hour' from triage.item where key = 'b'$$,
    $$values ('open', 'second', 100::smallint, true)$$, 'open, in the other group, first in line and due soon');
select is(pg_temp.claimed('test_ann'), 'done', 'not offered to who escalated it');
select is(pg_temp.claimed('test_bob'), 'b', 'but to others');
select is((select detail ->> 'to' from triage.history where event = 'escalated'), 'second', 'on record');

-- reasons
select is(pg_temp.as_role('test_bob', format('select triage.skip(%s, 5, '' not my language '')', t.item('b'))), '', 'skipped with a reason');
select is(pg_temp.as_role('test_bob', 'select reason || used from triage.skip_reasons'), 'not my language1', 'the reason is offered again');
select is(pg_temp.as_role('test_ann', 'select reason from triage.skip_reasons'), 'done', 'to nobody else');
select triage.remember_reason('test_bob', 'reason ' || i) from generate_series(1, 60) i;
select is((select count(*) from triage.skip_reason), 50::bigint, 'the list is bounded');
select is(pg_temp.as_role('test_bob', 'select triage.forget_skip_reason(''reason 60'')'), 'done', 'a reason can be removed');
select is((select count(*) from triage.skip_reason where reason = 'reason 60'), 0::bigint, 'and is gone');

-- second looks
update triage.setting set second_share = 1;
select t.feed(t.request('s',1), t.request('e',1));
select is(pg_temp.claimed('test_ann'), 'e s', 'two tickets');
select pg_temp.as_role('test_ann', format('select triage.resolve(%s, 1, ''k'', ''relabelled'', ''refund'')', t.item('s')));
select pg_temp.as_role('test_ann', format('select triage.resolve(%s, 1, ''k'', ''escalated'')', t.item('e')));
select t.hold_ends(t.item('s')); select t.hold_ends(t.item('e')); select t.hold_ends(t.item('a'));
select is(triage.publish_due(), 3, 'answered and published');
select results_eq($$select key from triage.item where origin = 'second' order by key$$, $$values ('a'), ('s')$$,
    'each answer is asked again, but not what was escalated');
update triage.item set skipped_until = null, priority = 0 where key in ('a', 'b') ;
select is(pg_temp.as_role('test_ann', 'select string_agg(key, '' '') from triage.claim(null, 20) where key = ''s'''), 'done',
    'never of the same person');
update triage.item set state = 'open' where state = 'claimed';
select is(pg_temp.as_role('test_bob', 'select request::text || (request ? ''origin'') from triage.claim(null, 20) where key = ''s'''),
    (select (request - array['origin', 'review_id'])::text || 'false' from triage.item_body where item_id = t.item('s')),
    'another person is shown what the first was shown');
create function pg_temp.second() returns bigint language sql as $$
    select item_id from triage.item where key = 's' and origin = 'second' $$;
select ok(triage.show(pg_temp.second())::text not like '%test_ann%', 'nothing in it names the first');
select is((select reasons from triage.queue where item_id = pg_temp.second()), '["low_confidence"]'::jsonb, 'it keeps the reasons of the ticket');
select is(pg_temp.as_role('test_bob', format('select triage.skip(%s, 1, ''x'')', pg_temp.second())), '', 'it can be skipped like any other');
update triage.item set skipped_until = clock_timestamp() - interval '1 second' where item_id = pg_temp.second();
select is(pg_temp.as_role('test_ann', 'select string_agg(key, '' '') from triage.claim(null, 20) where key = ''s'''), 'done',
    'and is not the first one''s then either');
select pg_temp.as_role('test_bob', 'select triage.claim(null, 20)');
select pg_temp.as_role('test_bob', format('select triage.resolve(%s, 2, ''k2'', ''accepted'')', pg_temp.second()));
select t.hold_ends(pg_temp.second());
select is(triage.publish_due(), 1, 'answered too');
select results_eq($$select first_reviewer, first_label, second_reviewer, second_label from triage.second_look where label = 'order_status' and second_label is not null$$,
    $$values ('test_ann', 'refund', 'test_bob', 'order_status')$$, 'both answers stand side by side');
select is((select kind from triage.outbox where payload ->> 'origin' = 'second'), 'audit', 'the second is no result');
select is((select count(*) from triage.item where origin = 'second' and key = 's'), 1::bigint, 'and is not asked a third time');
select * from finish();
rollback;
