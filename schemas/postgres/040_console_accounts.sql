-- Who may sign in to the console, and who is signed in. The console has no rights in the queue: for every request it takes
-- the role of the reviewer, and gives it back with the end of the transaction.

do $$
begin
    if not exists (select from pg_roles where rolname = 'triage_console') then
        begin
            create role triage_console nologin noinherit;
        exception when duplicate_object or unique_violation then
            null; -- another database's migration was faster
        end;
    end if;
    -- It is a member of each reviewer's role, to take it; what those may do must not be its own.
    if (select r.rolinherit from pg_roles r where r.rolname = 'triage_console') then
        raise exception 'run first, as an administrator: alter role triage_console noinherit';
    end if;
end $$;

set local role triage_owner;

create table triage.console_account (
    name          text primary key check (octet_length(name) between 1 and 63),
    password_hash text check (octet_length(password_hash) between 1 and 127),
    locked        boolean not null default false,
    created_at    timestamptz not null default clock_timestamp(),
    signed_in_at  timestamptz
);
comment on table triage.console_account is 'Who may sign in to the console: a name that is a reviewer''s role.';
comment on column triage.console_account.password_hash is 'argon2id, as libsodium writes it. Null: signs in through the trusted proxy only.';
comment on column triage.console_account.locked is 'Locked by hand, until it is unlocked by hand.';

-- By the hash of the name as it was given, so that a name nobody has is slowed down like one that exists.
create table triage.console_attempt (
    name_hash    bytea primary key check (octet_length(name_hash) = 32),
    failures     integer not null,
    last_at      timestamptz not null,
    locked_until timestamptz
);
create index console_attempt_last on triage.console_attempt (last_at);
comment on table triage.console_attempt is 'Sign-ins that failed, since the last one that did not. Forgotten after a day.';

create table triage.console_session (
    session_hash bytea primary key check (octet_length(session_hash) = 32),
    reviewer     text not null references triage.console_account on delete cascade,
    created_at   timestamptz not null default clock_timestamp(),
    seen_at      timestamptz not null default clock_timestamp(),
    idle         interval not null check (idle between '1 second' and '30 days'),
    ends_at      timestamptz not null
);
create index console_session_reviewer on triage.console_session (reviewer, created_at);
create index console_session_ends on triage.console_session (ends_at);
comment on table triage.console_session is 'Who is signed in. The id itself stands in the browser only.';
comment on column triage.console_session.session_hash is 'SHA-256 of the id.';
comment on column triage.console_session.idle is 'It ends when nothing was asked for so long.';

-- ---- signing in: for the console ----

-- Counts the attempt before the password is looked at, so that many at once cannot pass the count. From the fifth failure
-- on the wait doubles, from 30 seconds to an hour.
create function triage.console_attempt(p_name text, out password_hash text, out wait_seconds integer)
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    c_free constant integer := 5;
    v_hash bytea := sha256(convert_to(coalesce(p_name, ''), 'UTF8'));
    v_now  timestamptz := clock_timestamp();
    v_row  console_attempt;
begin
    delete from console_attempt a where a.name_hash in (
        select o.name_hash from console_attempt o where o.last_at < v_now - interval '1 day' limit 100 for update skip locked);
    insert into console_attempt as a (name_hash, failures, last_at) values (v_hash, 0, v_now)
    on conflict (name_hash) do update set last_at = a.last_at returning * into v_row;
    wait_seconds := greatest(ceil(extract(epoch from v_row.locked_until - v_now)), 0);
    if wait_seconds > 0 then
        return;
    end if;
    update console_attempt a
    set failures = a.failures + 1, last_at = v_now,
        locked_until = case when a.failures + 1 >= c_free
            then v_now + least(interval '30 seconds' * power(2, least(a.failures + 1 - c_free, 20)), interval '1 hour') end
    where a.name_hash = v_hash;
    wait_seconds := 0;
    password_hash := (select c.password_hash from console_account c where c.name = p_name and not c.locked);
end $$;
comment on function triage.console_attempt is
    'Begins a sign-in: gives what the password is held against, null when there is nothing, and the seconds to wait before it is looked at. Counts as failed until console_sign_in.';

create function triage.console_sign_in(p_name text, p_session bytea, p_idle interval, p_most interval) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    c_sessions constant integer := 20;
    v_now timestamptz := clock_timestamp();
begin
    update console_account c set signed_in_at = v_now where c.name = p_name and not c.locked;
    if not found then
        perform fail('TR031', 'sign in again: the account is locked or gone');
    end if;
    delete from console_attempt a where a.name_hash = sha256(convert_to(p_name, 'UTF8'));
    delete from console_session s where s.session_hash in (
        select o.session_hash from console_session o where o.ends_at < v_now limit 100 for update skip locked);
    delete from console_session s where s.session_hash in (
        select o.session_hash from console_session o where o.reviewer = p_name
        order by o.created_at desc offset c_sessions - 1);
    insert into console_session (session_hash, reviewer, idle, ends_at) values (p_session, p_name, p_idle, v_now + p_most);
end $$;
comment on function triage.console_sign_in is
    'The password was right: opens a session and forgets the failures. A reviewer has at most twenty sessions; the oldest ends. TR031.';

create function triage.console_session(p_session bytea) returns text
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_now timestamptz := clock_timestamp();
    v_row console_session;
begin
    select s.* into v_row from console_session s join console_account c on c.name = s.reviewer
    where s.session_hash = p_session and s.ends_at > v_now and s.seen_at > v_now - s.idle and not c.locked;
    if not found then
        perform fail('TR031', 'sign in again: the session is over');
    end if;
    if v_row.seen_at < v_now - least(interval '1 minute', v_row.idle / 10) then
        update console_session s set seen_at = v_now where s.session_hash = p_session;
    end if;
    return v_row.reviewer;
end $$;
comment on function triage.console_session is 'Whose session it is; keeps it from ending idle. TR031: it is over.';

create function triage.console_proxied(p_name text) returns text
language plpgsql stable security definer set search_path = triage, pg_temp as $$
begin
    if not exists (select from console_account c where c.name = p_name and not c.locked) then
        perform fail('TR030', 'ask for an account: this name has none, or it is locked');
    end if;
    return p_name;
end $$;
comment on function triage.console_proxied is 'The name that the trusted proxy gave, when it has an account. TR030.';

create function triage.console_sign_out(p_session bytea) returns void
language sql security definer set search_path = triage, pg_temp as $$
    delete from console_session s where s.session_hash = p_session
$$;
comment on function triage.console_sign_out is 'Ends a session.';

create function triage.console_alive(p_sessions text[], p_names text[]) returns text[]
language sql stable security definer set search_path = triage, pg_temp as $$
    select coalesce(array_agg(x.who), '{}') from (
        select encode(s.session_hash, 'hex') as who from console_session s join console_account c on c.name = s.reviewer
        where s.session_hash = any (select decode(h, 'hex') from unnest(p_sessions) h)
          and s.ends_at > clock_timestamp() and s.seen_at > clock_timestamp() - s.idle and not c.locked
        union all
        select c.name from console_account c where c.name = any (p_names) and not c.locked) x
$$;
comment on function triage.console_alive is 'Which of these sessions, as hex, and names behind a proxy may still look. Does not keep them from ending idle.';

-- ---- accounts: for whoever runs the console ----

-- With the caller's own rights: only who may create and grant roles can enrol somebody.
create function triage.console_enrol(p_name text, p_auditor boolean) returns text
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_role pg_roles;
    v_how  text := 'uses the role that was there';
begin
    if p_name !~ '^[[:alnum:]][[:alnum:]._@+-]{0,62}$' or octet_length(p_name) > 63 or p_name ~ '^(pg_|triage)' or p_name = 'none' then
        perform fail('TR006', 'give a name of letters, digits and . _ @ + -, at most 63 bytes, not beginning with pg_ or triage');
    end if;
    select * into v_role from pg_roles r where r.rolname = p_name;
    if not found then
        execute format('create role %I nologin', p_name);
        v_how := 'made the role';
    elsif v_role.rolsuper or v_role.rolcreaterole or v_role.rolcreatedb or v_role.rolbypassrls or v_role.rolreplication
          or exists (select from pg_roles g where g.rolname <> p_name and pg_has_role(v_role.oid, g.oid, 'member')
                     and g.rolname not in ('triage_reviewer', 'triage_auditor')) then
        perform fail('TR006', format('choose another name: the role %s may do more than a reviewer, and the console would act as it', p_name));
    end if;
    execute format('grant triage_reviewer to %I', p_name);
    if p_auditor then
        execute format('grant triage_auditor to %I', p_name);
    end if;
    execute format('grant %I to triage_console', p_name);
    return v_how;
end $$;
comment on function triage.console_enrol is
    'Makes the reviewer''s role, without a login of its own, or takes the one that exists, and lets the console act as it. TR006.';

create function triage.console_dismiss(p_name text) returns void
language plpgsql set search_path = triage, pg_temp as $$
begin
    if exists (select from pg_roles r where r.rolname = p_name) then
        execute format('revoke %I from triage_console', p_name);
    end if;
end $$;
comment on function triage.console_dismiss is 'The console can no longer act as this role. The role stays: the history names it.';

create function triage.console_account_set(p_name text, p_password_hash text) returns void
language sql security definer set search_path = triage, pg_temp as $$
    insert into console_account as c (name, password_hash) values (p_name, p_password_hash)
    on conflict (name) do update set password_hash = excluded.password_hash;
    delete from console_session s where s.reviewer = p_name;
    delete from console_attempt a where a.name_hash = sha256(convert_to(p_name, 'UTF8'));
$$;
comment on function triage.console_account_set is 'Makes an account or gives it another password. Its sessions end.';

create function triage.console_account_lock(p_name text, p_locked boolean) returns boolean
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    update console_account c set locked = p_locked where c.name = p_name;
    if not found then
        return false;
    end if;
    delete from console_session s where s.reviewer = p_name and p_locked;
    delete from console_attempt a where a.name_hash = sha256(convert_to(p_name, 'UTF8')) and not p_locked;
    return true;
end $$;
comment on function triage.console_account_lock is 'Locks an account and ends its sessions; or unlocks it, after failed attempts too. False: there is none.';

create function triage.console_account_remove(p_name text) returns boolean
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    delete from console_account c where c.name = p_name;
    return found;
end $$;
comment on function triage.console_account_remove is 'Removes an account and its sessions. False: there is none.';

create function triage.console_accounts()
returns table (name text, locked boolean, wait_seconds integer, has_password boolean, sessions bigint, created_at timestamptz,
               signed_in_at timestamptz)
language sql stable security definer set search_path = triage, pg_temp as $$
    select c.name, c.locked, coalesce(greatest(ceil(extract(epoch from a.locked_until - clock_timestamp())), 0), 0)::integer,
           c.password_hash is not null,
           (select count(*) from console_session s where s.reviewer = c.name and s.ends_at > clock_timestamp()
            and s.seen_at > clock_timestamp() - s.idle), c.created_at, c.signed_in_at
    from console_account c left join console_attempt a on a.name_hash = sha256(convert_to(c.name, 'UTF8'))
    order by c.name
$$;
comment on function triage.console_accounts is 'Every account, without its password''s hash.';

-- The console's own roles are nobody an item could be handed to.
create or replace function triage.is_reviewer(p_name text) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
    select exists (select from pg_roles r where r.rolname = p_name and pg_has_role(r.oid, 'triage_reviewer', 'member')
                   and (r.rolsuper or not pg_has_role(r.oid, 'triage_console', 'member')))
$$;

revoke all on function triage.console_attempt, triage.console_sign_in, triage.console_session, triage.console_proxied,
    triage.console_sign_out, triage.console_alive, triage.console_enrol, triage.console_dismiss, triage.console_account_set,
    triage.console_account_lock, triage.console_account_remove, triage.console_accounts from public;
grant usage on schema triage to triage_console;
grant execute on function triage.console_attempt, triage.console_sign_in, triage.console_session, triage.console_proxied,
    triage.console_sign_out, triage.console_alive to triage_console;
grant execute on function triage.console_enrol, triage.console_dismiss, triage.console_account_set,
    triage.console_account_lock, triage.console_account_remove, triage.console_accounts to triage_migrator;

reset role;
