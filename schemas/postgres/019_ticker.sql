-- One notification a second at most, from one place: who listens need not poll, and who polls misses nothing.

set local role triage_owner;

create function triage.tick(p_last bigint) returns bigint
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_last bigint := (select coalesce(max(h.history_id), 0) from history h);
begin
    if v_last > coalesce(p_last, 0) then
        perform pg_notify('triage_queue', v_last::text);
    end if;
    return v_last;
end $$;
comment on function triage.tick is
    'Notifies the channel triage_queue when anything happened to an item since the number given, and returns the new one. For the relay, once a second: a notification in each claim would make all commits wait for each other.';

revoke all on function triage.tick from public;
grant execute on function triage.tick to triage_relay;

reset role;
