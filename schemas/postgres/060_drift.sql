-- Drift: where its reader stands, what it knows, and what it raised. State, positions and alarms are written in one
-- transaction, so that a ticket counts once and an alarm is published once, wherever the reader stops.

set local role triage_owner;

create table triage.drift (
    profile    text primary key check (octet_length(profile) between 1 and 128),
    classifier text not null,
    version    bigint not null check (version > 0),
    state      jsonb not null,
    positions  jsonb not null check (jsonb_typeof(positions) = 'array'),
    readings   jsonb not null check (jsonb_typeof(readings) = 'array'),
    saved_at   timestamptz not null default clock_timestamp()
);
comment on table triage.drift is 'The state of the drift of a profile: one row, replaced as a whole.';
comment on column triage.drift.classifier is 'Hash of the classifier whose decisions it is about: another one begins anew.';
comment on column triage.drift.version is 'Counts the writes: who read an older one writes nothing.';
comment on column triage.drift.positions is 'What has been read of the results topic: [{partition, next}].';
comment on column triage.drift.readings is 'The gauges as people look at them.';

create table triage.drift_alarm (
    alarm_id   bigint generated always as identity primary key,
    profile    text not null,
    classifier text not null,
    signal     text not null,
    scope      text not null,
    upwards    boolean not null,
    owner      text not null,
    done       text not null,
    detail     text not null,
    reading    jsonb not null,
    raised_at  timestamptz not null default clock_timestamp(),
    over_at    timestamptz,
    over_by    text,
    constraint drift_alarm_end_is_whole check ((over_at is null) = (over_by is null))
);
comment on table triage.drift_alarm is 'A signal that left its reference: whose it is, what was done about it, and when it was back.';
comment on column triage.drift_alarm.scope is 'The class or language; empty: all tickets of the profile.';
comment on column triage.drift_alarm.done is 'What the worker did: capped and to what, or told only.';
create unique index drift_alarm_open on triage.drift_alarm (profile, signal, scope) where over_at is null;

create function triage.drift_load(p_profile text) returns table (version bigint, classifier text, state text, positions text)
language sql stable security definer set search_path = triage, pg_temp as $$
    select d.version, d.classifier, d.state::text, d.positions::text from drift d where d.profile = p_profile
$$;
comment on function triage.drift_load is 'What was saved of a profile; no row when nothing was.';

create function triage.drift_event(p_profile text, p_classifier text, p_event jsonb) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_alarm bigint;
    v_cap   jsonb;
begin
    if (p_event ->> 'over')::boolean then
        update drift_alarm set over_at = clock_timestamp(), over_by = 'watch'
        where profile = p_profile and signal = p_event ->> 'signal' and scope = p_event ->> 'scope' and over_at is null;
        return;
    end if;
    insert into drift_alarm (profile, classifier, signal, scope, upwards, owner, done, detail, reading)
    values (p_profile, p_classifier, p_event ->> 'signal', p_event ->> 'scope', (p_event ->> 'upwards')::boolean,
            p_event ->> 'owner', p_event ->> 'done', p_event ->> 'text', p_event -> 'reading')
    on conflict do nothing returning alarm_id into v_alarm;
    if v_alarm is null then
        return;
    end if;
    for v_cap in select * from jsonb_array_elements(p_event -> 'caps') loop
        insert into outbox (message_id, kind, key, headers, payload)
        values (format('control/drift/%s/%s', v_alarm, v_cap ->> 'key'), 'control', v_cap ->> 'key',
                jsonb_build_object('content-type', 'application/json'), v_cap -> 'value');
    end loop;
end $$;

create function triage.drift_save(p_profile text, p_classifier text, p_version bigint, p_state jsonb, p_positions jsonb,
                                  p_readings jsonb, p_events jsonb) returns boolean
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_event jsonb;
begin
    if p_version = 0 then
        insert into drift (profile, classifier, version, state, positions, readings)
        values (p_profile, p_classifier, 1, p_state, p_positions, p_readings) on conflict do nothing;
    else
        update drift_alarm a set over_at = clock_timestamp(), over_by = 'new classifier'
        from drift d where d.profile = p_profile and d.version = p_version and d.classifier <> p_classifier
             and a.profile = p_profile and a.over_at is null;
        update drift set classifier = p_classifier, version = version + 1, state = p_state, positions = p_positions,
                         readings = p_readings, saved_at = clock_timestamp()
        where profile = p_profile and version = p_version;
    end if;
    if not found then
        return false;
    end if;
    for v_event in select * from jsonb_array_elements(p_events) loop
        perform drift_event(p_profile, p_classifier, v_event);
    end loop;
    return true;
end $$;
comment on function triage.drift_save is
    'Replaces the state of version p_version (0: there is none) with its positions, and writes its alarms down with their caps [{key, value}], which the relay publishes. False: somebody else wrote; read again.';

create function triage.drift_accept(p_profile text, p_signal text, p_scope text) returns boolean
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_found boolean;
begin
    update drift d set version = d.version + 1,
        state = jsonb_set(d.state, '{gauges}', (
            select coalesce(jsonb_agg(case when g.one ->> 'signal' = p_signal and g.one ->> 'scope' = p_scope
                                           then jsonb_build_object('signal', p_signal, 'scope', p_scope) else g.one end
                                      order by g.at), '[]')
            from jsonb_array_elements(d.state -> 'gauges') with ordinality g(one, at)))
    where d.profile = p_profile and exists (
        select from jsonb_array_elements(d.state -> 'gauges') g(one)
        where g.one ->> 'signal' = p_signal and g.one ->> 'scope' = p_scope);
    v_found := found;
    update drift_alarm set over_at = clock_timestamp(), over_by = session_user
    where profile = p_profile and signal = p_signal and scope = p_scope and over_at is null;
    return v_found;
end $$;
comment on function triage.drift_accept is
    'What is the case now is this signal''s new reference: it is learnt from the next tickets, and its alarm is over. False: there is no such signal.';

create view triage.drift_signals as
select d.profile, d.classifier, r.signal, r.scope, r.learning, r.reference_n, r.n, r.reference, r.low, r.high, r.recent,
       r.evidence, r.alarm, d.saved_at
from triage.drift d,
     jsonb_to_recordset(d.readings) r(signal text, scope text, learning boolean, reference_n bigint, n bigint,
                                      reference double precision, low double precision, high double precision,
                                      recent double precision, evidence double precision, alarm boolean);
comment on view triage.drift_signals is 'Each signal as it stands: reference, what it may be, what it is of late, and the evidence of a change (1 is the alarm).';

create view triage.drift_alarms as
select a.alarm_id, a.profile, a.signal, a.scope, a.upwards, a.owner, a.done, a.detail, a.raised_at, a.over_at, a.over_by
from triage.drift_alarm a;
comment on view triage.drift_alarms is 'What was raised, whose it is, what was done, and whether it is over.';

revoke all on function triage.drift_load, triage.drift_event, triage.drift_save, triage.drift_accept from public;
grant execute on function triage.drift_load, triage.drift_save to triage_relay;
grant execute on function triage.drift_accept to triage_migrator;
grant select on triage.drift_signals, triage.drift_alarms to triage_auditor, triage_metrics, triage_migrator;

reset role;
