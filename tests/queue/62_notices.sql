-- A reviewer is told when somebody else's hand was on an item of theirs.
begin;
select plan(13);
create role test_ann login in role triage_reviewer;
create role test_bob login in role triage_reviewer;
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
    return coalesce(v_told, '');
end $$;
create function pg_temp.notices(p_role text) returns text language sql as $$
    select pg_temp.as_role(p_role, 'select string_agg(key || '':'' || event, '' '' order by notice_id) from triage.notices')
$$;
select t.feed(t.request('changed',1), t.request('answered',1), t.request('gone',1), t.request('given',1), t.request('ended',1), t.request('open',1));
select pg_temp.as_role('test_ann', 'select count(*) from triage.claim(null, 5)');
select pg_temp.as_role('test_ann', format('select triage.resolve(%s, 1, ''k'', ''accepted'')', t.item('answered')));
select is(pg_temp.notices('test_ann'), '', 'what one does oneself is no news');
select t.feed(t.request('changed', 2));
select is(pg_temp.notices('test_ann'), 'changed:superseded', 'a newer revision under a claim is');
select t.feed(t.request('answered', 2));
select is(pg_temp.notices('test_ann'), 'changed:superseded answered:superseded', 'so is one that drops a held answer');
select t.feed(t.close('gone', null, 'withdrawn'));
select is(pg_temp.as_role('test_ann', 'select detail ->> ''was'' from triage.notices where event = ''withdrawn'''), 'claimed', 'so is a withdrawal, with what it was');
select t.feed(t.request('open', 2));
select is((select count(*) from triage.notice where key = 'open'), 0::bigint, 'an item that nobody had is no news');
select pg_temp.as_role('test_ann', format('select triage.reassign(%s, 1, ''test_bob'', ''speaks Dutch'')', t.item('given')));
select is(pg_temp.notices('test_bob'), 'given:reassigned', 'who is given an item is told');
select is(pg_temp.as_role('test_bob', 'select detail ->> ''reason'' from triage.notices'), 'speaks Dutch', 'and why');
select pg_temp.as_role('test_lead', format('select triage.expire(%s, ''went home'')', t.item('ended')));
select is(pg_temp.as_role('test_ann', 'select detail ->> ''by_hand'' from triage.notices where event = ''taken_away'''), 'went home', 'who loses a claim is told why');
select is(pg_temp.notices('test_bob'), 'given:reassigned', 'each sees the own ones');
select is(pg_temp.as_role('test_ann', 'select count(*) from triage.mine'), '0', 'and has nothing any more');
update triage.notice set at = at - interval '2 days' where event = 'superseded';
select is(pg_temp.notices('test_ann'), 'gone:withdrawn ended:taken_away', 'after a day it is no news');
update triage.notice set at = at - interval '8 days' where event = 'withdrawn';
select is(triage.forget_notices(), 1, 'after a week it is forgotten');
select is((select count(*) from triage.notice where event = 'withdrawn'), 0::bigint, 'for good');
select * from finish();
rollback;
