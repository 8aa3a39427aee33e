-- The relay's side: numbering, reading and trimming the outbox.

set local role triage_owner;

create function triage.relay_lock_key() returns bigint language sql immutable set search_path = pg_catalog, pg_temp as $$
    select hashtextextended('triaged.relay', 0)
$$;
comment on function triage.relay_lock_key is 'For pg_try_advisory_lock: the session that holds it numbers the outbox.';

create function triage.relay_is_mine() returns boolean language sql stable set search_path = triage, pg_temp as $$
    select exists (
        select from pg_locks l
        where l.locktype = 'advisory' and l.pid = pg_backend_pid() and l.granted and l.mode = 'ExclusiveLock'
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
          and l.objsubid = 1 and (l.classid::bigint << 32 | l.objid::bigint) = relay_lock_key())
$$;

create function triage.relay_lock() returns boolean language sql set search_path = triage, pg_temp as $$
    select relay_is_mine() or pg_try_advisory_lock(relay_lock_key())
$$;
comment on function triage.relay_lock is 'Makes this session the relay; false while another is. Ends with the session.';

create function triage.check_relay() returns void language plpgsql stable set search_path = triage, pg_temp as $$
begin
    if not relay_is_mine() then
        perform fail('TR020', 'take the lock of triage.relay_lock() first: this session is not the relay');
    end if;
end $$;

create function triage.sequence_outbox(p_limit integer default 1000) returns bigint
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_last bigint;
    v_n    bigint;
begin
    perform check_relay();
    select p.last_sequence into v_last from outbox_position p for update;
    with waiting as (
        select o.outbox_id, row_number() over (order by o.outbox_id) as nth
        from (select u.outbox_id from outbox u where u.sequence_no is null
              order by u.outbox_id limit least(greatest(p_limit, 0), 10000)) o
    )
    update outbox o set sequence_no = v_last + w.nth from waiting w where o.outbox_id = w.outbox_id;
    get diagnostics v_n = row_count;
    if v_n > 0 then
        update outbox_position set last_sequence = v_last + v_n;
    end if;
    return v_last + v_n;
end $$;
comment on function triage.sequence_outbox is
    'Numbers visible rows in the order they were written, without gaps. Returns the last number given so far. TR020: this session does not hold the relay''s lock.';

create function triage.outbox_last() returns bigint language sql stable security definer set search_path = triage, pg_temp as $$
    select p.last_sequence from outbox_position p
$$;
comment on function triage.outbox_last is 'The last number given, 0 when none was. A position in Kafka beyond it means that this database is an older copy.';

create function triage.outbox_published() returns bigint language sql stable security definer set search_path = triage, pg_temp as $$
    select p.published from outbox_position p
$$;
comment on function triage.outbox_published is 'The last number a relay reported, null when none ever did. Not null and no position in Kafka: refuse to start.';

create function triage.check_sequence(p_sequence bigint) returns void language plpgsql stable set search_path = triage, pg_temp as $$
begin
    if p_sequence is null or p_sequence not between 0 and outbox_last() then
        perform fail('TR021', format('stop the relay: it is at %s and the outbox ends at %s, so this database is an older copy',
                                     coalesce(p_sequence::text, 'null'), outbox_last()));
    end if;
end $$;

create function triage.outbox_after(p_sequence bigint, p_limit integer default 500)
returns table (sequence_no bigint, message_id text, kind text, key text, headers jsonb, payload jsonb)
language plpgsql stable security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
begin
    perform check_sequence(p_sequence);
    return query
        select o.sequence_no, o.message_id, o.kind, o.key, o.headers, o.payload
        from outbox o where o.sequence_no > p_sequence
        order by o.sequence_no limit least(greatest(p_limit, 0), 10000);
end $$;
comment on function triage.outbox_after is 'The messages that follow a position, in order. TR021: the position is beyond the outbox.';

create function triage.outbox_note(p_sequence bigint) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    perform check_relay();
    perform check_sequence(p_sequence);
    update outbox_position p set published = p_sequence, published_at = clock_timestamp()
    where p.published is null or p.published < p_sequence;
end $$;
comment on function triage.outbox_note is 'The relay reports what Kafka has committed. Never goes back.';

create function triage.outbox_trim(p_sequence bigint, p_keep interval default '7 days', p_limit integer default 10000)
returns integer language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_n integer;
begin
    perform check_relay();
    perform check_sequence(p_sequence);
    delete from outbox o where o.outbox_id in (
        select u.outbox_id from outbox u
        where u.sequence_no <= p_sequence and u.created_at < clock_timestamp() - p_keep
        order by u.sequence_no limit least(greatest(p_limit, 0), 10000));
    get diagnostics v_n = row_count;
    return v_n;
end $$;
comment on function triage.outbox_trim is 'Deletes published messages, up to a number and older than p_keep. Call again while it returns p_limit.';

create function triage.relay_recover(p_sequence bigint) returns bigint
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_last bigint;
begin
    update outbox_position p set last_sequence = greatest(p.last_sequence, p_sequence) returning p.last_sequence into v_last;
    return v_last;
end $$;
comment on function triage.relay_recover is
    'For the owner, after a restored backup: numbering goes on after the position that Kafka holds. Rows of this outbox that were numbered before are not published again.';

reset role;
