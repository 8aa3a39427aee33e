-- Who may sign in to the console, what slows down guessing, and that the console itself may do nothing in the queue.
begin;
create role test_console login in role triage_console;
create role test_lead login createrole in role triage_migrator;
create role test_ann login;
create role test_powerful login createdb;
create role test_owning login in role triage_owner;
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
select t.feed(t.request('a', 1));

-- ---- enrolling ----
grant triage_reviewer, triage_auditor, triage_console to test_lead with admin option;
set local role test_lead;
select is(triage.console_enrol('test_carl', false), 'made the role', 'a role is made for a new name');
select is(triage.console_enrol('test_ann', true), 'uses the role that was there', 'a reviewer''s role is used as it is');
select is((select rolcanlogin from pg_roles where rolname = 'test_carl'), false, 'the new role has no login of its own');
select ok(pg_has_role('test_ann', 'triage_auditor', 'member'), 'an auditor when asked for');
select ok(not pg_has_role('test_carl', 'triage_auditor', 'member'), 'else not');
select throws_ok($$select triage.console_enrol('test_powerful', false)$$, 'TR006', null, 'a role that may make databases is refused');
select throws_ok($$select triage.console_enrol('test_owning', false)$$, 'TR006', null, 'the owner''s members are refused');
select throws_ok($$select triage.console_enrol('test_lead', false)$$, 'TR006', null, 'and who makes roles');
select throws_ok($$select triage.console_enrol('triage_owner', false)$$, 'TR006', null, 'and the queue''s own roles');
select throws_ok($$select triage.console_enrol('pg_monitor', false)$$, 'TR006', null, 'and Postgres''s');
select throws_ok(format('select triage.console_enrol(%L, false)', n), 'TR006', null, 'not a name: ' || n)
from unnest(array['', 'none', E'a\nb', 'a"; drop role x', repeat('x', 64), '../etc']) n;
select lives_ok($$select triage.console_account_set('test_ann', '$argon2id$ann')$$, 'an account with a password');
select lives_ok($$select triage.console_account_set('test_carl', null)$$, 'an account for the proxy only');
select results_eq($$select name, has_password, sessions from triage.console_accounts() where name like 'test%'$$,
    $$values ('test_ann', true, 0::bigint), ('test_carl', false, 0::bigint)$$, 'the list has no hashes');

-- ---- what the console may do ----
set local role test_console;
select throws_ok($$select triage.claim()$$, '42501', null, 'the console cannot claim');
select throws_ok($$select triage.show(1)$$, '42501', null, 'nor look at an item');
select throws_ok($$select * from triage.queue$$, '42501', null, 'nor at the queue');
select throws_ok($$select triage.queue_page()$$, '42501', null, 'nor page through it');
select throws_ok($$select triage.item_page(1)$$, '42501', null, 'nor open an item''s page');
select throws_ok($$select triage.figures()$$, '42501', null, 'nor see figures');
select throws_ok($$select * from triage.console_account$$, '42501', null, 'nor read accounts');
select throws_ok($$select * from triage.console_session$$, '42501', null, 'nor sessions');
select throws_ok($$select triage.console_account_set('test_ann', 'x')$$, '42501', null, 'nor set a password');
select throws_ok($$select triage.console_enrol('test_zoe', false)$$, '42501', null, 'nor enrol');
select lives_ok($$select triage.console_pulse(0, array['test_ann'])$$, 'it may count');
select is(triage.console_pulse(0, array['test_ann', 'test_ann']) #>> '{counts,open}', '1', 'one is open');
select is(triage.console_pulse(0, array['test_ann']) #>> '{mine,test_ann}', '0', 'none is claimed');
select ok(not triage.console_pulse((triage.console_pulse(0, '{}') ->> 'at')::bigint, '{}') ? 'counts', 'nothing new: nothing counted');

-- ---- signing in ----
select results_eq($$select * from triage.console_attempt('test_ann')$$, $$values ('$argon2id$ann', 0)$$, 'the hash is given out once asked for');
select results_eq($$select * from triage.console_attempt('test_carl')$$, $$values (null::text, 0)$$, 'none without a password');
select results_eq($$select * from triage.console_attempt('nobody')$$, $$values (null::text, 0)$$, 'nor for a stranger');
select lives_ok($$select triage.console_sign_in('test_ann', sha256('1'), '1 hour', '12 hours')$$, 'a session is opened');
select is(triage.console_session(sha256('1')), 'test_ann', 'it says whose it is');
select throws_ok($$select triage.console_session(sha256('2'))$$, 'TR031', null, 'another is none');
select is(triage.console_alive(array[encode(sha256('1'), 'hex'), encode(sha256('2'), 'hex')], array['test_carl', 'nobody']),
    array[encode(sha256('1'), 'hex'), 'test_carl'], 'alive: the session, and the one behind the proxy');
select is(triage.console_proxied('test_carl'), 'test_carl', 'the proxy names somebody with an account');
select throws_ok($$select triage.console_proxied('nobody')$$, 'TR030', null, 'not just anybody');

-- ---- acting as the reviewer ----
select lives_ok($$select set_config('role', triage.console_session(sha256('1')), true)$$, 'the console takes the role');
select is(triage.acting(), 'test_ann', 'and is the reviewer');
select is((triage.claim_next() #>> '{item,claimed_by}'), 'test_ann', 'what is claimed is the reviewer''s');
select throws_ok($$select triage.console_session(sha256('1'))$$, '42501', null, 'a reviewer has nothing of the console''s');
reset role;
set local role test_console;
select ok(not pg_has_role('test_console', 'test_powerful', 'member'), 'the console can take the role of nobody else');

-- ---- sessions end ----
reset role;
update triage.console_session set seen_at = seen_at - interval '2 hours';
set local role test_console;
select throws_ok($$select triage.console_session(sha256('1'))$$, 'TR031', null, 'an idle session is over');
select is(triage.console_alive(array[encode(sha256('1'), 'hex')], '{}'), '{}'::text[], 'and not alive');
reset role;
update triage.console_session set seen_at = clock_timestamp(), ends_at = clock_timestamp() - interval '1 second';
set local role test_console;
select throws_ok($$select triage.console_session(sha256('1'))$$, 'TR031', null, 'so is one that lasted its time');
select lives_ok($$select triage.console_sign_in('test_ann', sha256(('s' || i)::bytea), '1 hour', '12 hours') from generate_series(1, 25) i$$, 'many sessions');
reset role;
select is((select count(*) from triage.console_session where reviewer = 'test_ann'), 20::bigint, 'twenty are kept');
set local role test_lead;
select ok(triage.console_account_lock('test_ann', true), 'an account is locked');
set local role test_console;
select throws_ok($$select triage.console_session(sha256('s25'))$$, 'TR031', null, 'its sessions are over');
select throws_ok($$select triage.console_sign_in('test_ann', sha256('9'), '1 hour', '1 hour')$$, 'TR031', null, 'no new one is opened');

-- ---- guessing ----
reset role;
create function pg_temp.guess(p_name text, p_times integer) returns integer[] language plpgsql as $$
declare
    v_waits integer[];
begin
    for i in 1 .. p_times loop
        v_waits := v_waits || (select a.wait_seconds from triage.console_attempt(p_name) a);
    end loop;
    return v_waits;
end $$;
select is(pg_temp.guess('test_bert', 7), '{0,0,0,0,0,30,30}', 'after five failures there is a wait, for a name that nobody has too');
update triage.console_attempt set locked_until = clock_timestamp() where name_hash = sha256('test_bert');
select is(pg_temp.guess('test_bert', 2), '{0,60}', 'which doubles');
select * from finish();
rollback;
