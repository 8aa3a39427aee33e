-- A broken promise is over when another one is in force: one that replaced it, or an earlier one that was put back.

set local role triage_owner;

alter table triage.alarm add column over_at timestamptz;
comment on column triage.alarm.over_at is 'Since when another promise is in force; null: this one is, or nothing has taken its place.';

create function triage.promise_in_force(p_profile text, p_promise text) returns void
language sql security definer set search_path = triage, pg_temp as $$
    update alarm set over_at = case when promise <> p_promise then clock_timestamp() end
    where profile = p_profile and (over_at is null) = (promise <> p_promise);
$$;
comment on function triage.promise_in_force is
    'Told by the watch: alarms of the profile''s other promises are over, and one of this promise is not, though it was.';

-- What is over is not wrong right now.
do $$
declare
    v_before text := rtrim(pg_get_viewdef('triage.alarms'::regclass), ';');
    v_view   text := regexp_replace(v_before, 'FROM (triage\.)?alarm\)', 'FROM triage.alarm WHERE over_at IS NULL)');
begin
    if v_view = v_before then
        raise exception 'the view triage.alarms does not count triage.alarm as expected';
    end if;
    execute 'create or replace view triage.alarms as ' || v_view;
end $$;

create or replace function triage.governance_incidents(p_since timestamptz, p_until timestamptz) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select coalesce(jsonb_agg(to_jsonb(e) order by e.at), '[]') from (
        select a.raised_at as at, 'promise_broken' as kind, a.profile, a.scope, '' as owner,
               'the classes that carry the errors were lowered' as done,
               format('audits contradict the promise %s', left(a.promise, 12)) as text, a.over_at
        from alarm a
        union all
        select d.raised_at, 'drift', d.profile, d.scope, d.owner, d.done, d.detail, d.over_at from drift_alarm d) e
    where e.at >= p_since and e.at < p_until
$$;

revoke all on function triage.promise_in_force from public;
grant execute on function triage.promise_in_force to triage_relay;

reset role;
