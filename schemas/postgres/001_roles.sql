-- Roles, the schema and the migrator's own table.
-- Every file here is run as ONE transaction (psql -1, or the migrator), in the order of its number, once.
--
-- Role names are shared by all databases of a server: a role that exists is used as it is. Where the migrating user may
-- not create roles, an administrator creates them beforehand (docs/QUEUE.md lists them).

do $$
declare
    v_role text;
begin
    foreach v_role in array array['triage_owner', 'triage_migrator', 'triage_worker', 'triage_relay',
                                  'triage_reviewer', 'triage_auditor', 'triage_metrics'] loop
        if not exists (select from pg_roles where rolname = v_role) then
            begin
                execute format('create role %I nologin', v_role);
            exception when duplicate_object or unique_violation then
                null; -- another database's migration was faster
            end;
        end if;
    end loop;
    if not pg_has_role('triage_migrator', 'triage_owner', 'member') then
        grant triage_owner to triage_migrator;
    end if;
    begin -- it sees how long transactions of others are open
        if not pg_has_role('triage_metrics', 'pg_read_all_stats', 'member') then
            grant pg_read_all_stats to triage_metrics;
        end if;
    exception when insufficient_privilege then
        raise notice 'grant pg_read_all_stats to triage_metrics as an administrator: it cannot see open transactions of others';
    end;
    if not pg_has_role(current_user, 'triage_owner', 'member') then
        execute format('grant triage_owner to %I', current_user);
    end if;
end $$;

create schema if not exists triage authorization triage_owner;

set local role triage_owner;

-- A new function is for nobody until 011_grants.sql or a later file says for whom.
alter default privileges for role triage_owner revoke execute on functions from public;

comment on schema triage is 'The review queue of triaged: items for people, their answers, and what is to be published.';

create table if not exists triage.migration (
    number     integer primary key check (number > 0),
    name       text not null,
    sha256     text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    applied_at timestamptz not null default clock_timestamp()
);
comment on table triage.migration is 'Which migration files were applied. Written by the migrator only.';
comment on column triage.migration.sha256 is 'Of the file as it was applied: an edited file is an error, not a change.';

reset role;
