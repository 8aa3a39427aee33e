-- Habits of the schema that every later migration must keep.
begin;
select plan(7);
select is_empty($$select c.relname from pg_class c where c.relnamespace = 'triage'::regnamespace and c.relkind in ('r', 'v')
    and obj_description(c.oid, 'pg_class') is null$$, 'every table and view says what it is for');
select is_empty($$select p.proname from pg_proc p where p.pronamespace = 'triage'::regnamespace and p.prosecdef
    and obj_description(p.oid, 'pg_proc') is null$$, 'every function for callers says what it does');
select is_empty($$select p.proname from pg_proc p where p.pronamespace = 'triage'::regnamespace and p.prosecdef
    and not coalesce(p.proconfig @> array['search_path=triage, pg_temp'], false)$$,
    'every function with the owner''s rights has a fixed search_path');
select is_empty($$select c.relname from pg_class c where c.relnamespace = 'triage'::regnamespace
    and pg_get_userbyid(c.relowner) <> 'triage_owner'$$, 'everything belongs to the owner');
select is_empty($$select p.proname from pg_proc p where p.pronamespace = 'triage'::regnamespace
    and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0))$$,
    'no function is for everybody');
select is_empty($$select c.relname, a.privilege_type from pg_class c, aclexplode(c.relacl) a
    where c.relnamespace = 'triage'::regnamespace and a.grantee <> c.relowner and a.privilege_type <> 'SELECT'$$,
    'nobody but the owner writes tables');
select is_empty($$select c.relname from pg_class c, aclexplode(c.relacl) a
    where c.relnamespace = 'triage'::regnamespace and a.grantee = 'triage_reviewer'::regrole and c.relkind = 'r'$$,
    'reviewers have functions and views, no tables');
select * from finish();
rollback;
