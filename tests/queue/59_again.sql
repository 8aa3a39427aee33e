-- A call whose reply was lost is simply made again.
begin;
select plan(25);
create role test_ann login in role triage_reviewer;
create role test_bob login in role triage_reviewer;
grant usage on schema t to public;
grant execute on all functions in schema t to public;
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
create function pg_temp.ann(p_sql text) returns text language sql as $$ select pg_temp.as_role('test_ann', p_sql) $$;
create function pg_temp.n(p_event text) returns bigint language sql as $$ select count(*) from triage.history where event = p_event $$;
create function pg_temp.taken(p_role text, p_key text, p_n integer) returns text language sql as $$
    select pg_temp.as_role(p_role, format('select string_agg(item_id || ''/'' || claim_no, '' '' order by item_id) from triage.claim_once(%L, %s)', p_key, p_n))
$$;

select t.feed(t.request('a',1), t.request('b',1), t.request('c',1), t.request('d',1), t.request('e',1));
create temp table first as select pg_temp.taken('test_ann', 'k1', 2) as told;
select is((select told from first), format('%s/1 %s/1', t.item('a'), t.item('b')), 'claim_once takes items');
select is(pg_temp.taken('test_ann', 'k1', 2), (select told from first), 'the same call again gives the same');
select is(pg_temp.n('claimed'), 2::bigint, 'and takes no more');
select is(pg_temp.taken('test_bob', 'k1', 1), t.item('c') || '/1', 'another''s key is another key');
select is(pg_temp.taken('test_ann', 'k2', 1), t.item('d') || '/1', 'a new key takes the next');
select is(pg_temp.taken('test_ann', '', 1), 'TR006', 'no key is refused');

select is(pg_temp.ann(format('select triage.release(%s, 1)', t.item('a'))), '', 'an item is released');
select is(pg_temp.ann(format('select triage.release(%s, 1)', t.item('a'))), '', 'twice is once');
select is(pg_temp.n('released'), 1::bigint, 'in the history too');
select is(pg_temp.taken('test_ann', 'k1', 2), t.item('b') || '/1', 'what was given back is no longer in the answer of the claim');
select is(pg_temp.ann(format('select triage.skip(%s, 1, ''x'')', t.item('a'))), 'TR001', 'another way to end the same claim is refused');
select is(pg_temp.as_role('test_bob', format('select triage.release(%s, 1)', t.item('a'))), 'TR001', 'so is the same call by somebody else');

select is(pg_temp.ann(format('select triage.skip(%s, 1, ''German'')', t.item('b'))), '', 'an item is skipped');
select is(pg_temp.ann(format('select triage.skip(%s, 1, ''German'')', t.item('b'))), '', 'twice is once');
select is(pg_temp.ann(format('select triage.skip(%s, 1, ''no time'')', t.item('b'))), 'TR001', 'with another reason it is another call');
select is((select used from triage.skip_reason), 1, 'the reason counts once');

create temp table until as select clock_timestamp() + interval '1 hour' as at;
grant select on until to public;
select is(pg_temp.ann(format('select triage.snooze(%s, 1, %L)', t.item('d'), (select at from until))), '', 'an item is snoozed');
update triage.setting set snooze_most = '1 minute'; -- its bound was checked the first time
select is(pg_temp.ann(format('select triage.snooze(%s, 1, %L)', t.item('d'), (select at from until))), '', 'twice is once');

select is(pg_temp.taken('test_ann', 'k3', 1), t.item('a') || '/2', 'the released item comes back under the next number');
select is(pg_temp.ann(format('select triage.reassign(%s, 2, ''test_bob'', ''speaks Dutch'')', t.item('a')))::text ~ '^.3', true, 'an item is handed on');
select is(pg_temp.ann(format('select triage.reassign(%s, 2, ''test_bob'', ''speaks Dutch'')', t.item('a')))::text ~ '^.3', true, 'twice is once');
select is(pg_temp.n('reassigned'), 1::bigint, 'in the history too');
select is(pg_temp.as_role('test_bob', format('select triage.escalate(%s, 3, ''sues'', ''legal'')', t.item('a'))), '', 'an item is escalated');
select is(pg_temp.as_role('test_bob', format('select triage.escalate(%s, 3, ''sues'', ''legal'')', t.item('a'))), '', 'twice is once');
select is(pg_temp.as_role('test_bob', format('select triage.escalate(%s, 3, ''sues'', ''sales'')', t.item('a'))), 'TR001', 'to another group it is another call');
select * from finish();
rollback;
