-- The overview without Prometheus: what was decided each day, which workers there are, and what the watch knows.

set local role triage_owner;

create table triage.decided (
    profile    text not null,
    day        date not null,
    label      text not null,
    status     text not null,
    tickets    bigint not null,
    cpu_us     bigint not null,
    model_us   bigint not null,
    reviewer_s double precision not null,
    primary key (profile, day, label, status)
);
comment on table triage.decided is 'Results by day, class and status, counted once each by the reader of results; no ticket can be told from it.';

create table triage.worker (
    instance text primary key check (octet_length(instance) between 1 and 256),
    build    text not null,
    ready    boolean not null,
    parts    text not null check (octet_length(parts) <= 4000),
    seen_at  timestamptz not null default clock_timestamp()
);
comment on table triage.worker is 'Workers with the role watch, as each last told of itself; those gone for a week are forgotten.';

create function triage.worker_seen(p_instance text, p_build text, p_ready boolean, p_parts text) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    insert into worker as w (instance, build, ready, parts) values (p_instance, p_build, p_ready, p_parts)
    on conflict (instance) do update set build = excluded.build, ready = excluded.ready, parts = excluded.parts,
                                         seen_at = clock_timestamp();
    delete from worker where seen_at < clock_timestamp() - interval '7 days';
end $$;
comment on function triage.worker_seen is 'What a worker tells of itself: /readyz in words.';

-- The same as before with what was counted meanwhile: [{day, label, status, tickets, cpu_us, model_us, reviewer_s}].
create function triage.drift_save(p_profile text, p_classifier text, p_version bigint, p_state jsonb, p_positions jsonb,
                                  p_readings jsonb, p_events jsonb, p_decided jsonb) returns boolean
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    if not drift_save(p_profile, p_classifier, p_version, p_state, p_positions, p_readings, p_events) then
        return false;
    end if;
    insert into decided as d (profile, day, label, status, tickets, cpu_us, model_us, reviewer_s)
    select p_profile, r.day, r.label, r.status, r.tickets, r.cpu_us, r.model_us, r.reviewer_s
    from jsonb_to_recordset(p_decided) r(day date, label text, status text, tickets bigint, cpu_us bigint, model_us bigint,
                                         reviewer_s double precision)
    on conflict (profile, day, label, status) do update set
        tickets = d.tickets + excluded.tickets, cpu_us = d.cpu_us + excluded.cpu_us, model_us = d.model_us + excluded.model_us,
        reviewer_s = d.reviewer_s + excluded.reviewer_s;
    return true;
end $$;
comment on function triage.drift_save(text, text, bigint, jsonb, jsonb, jsonb, jsonb, jsonb) is
    'Replaces the state of version p_version with positions and counts, and writes its alarms down. False: somebody else wrote; read again.';

create function triage.overview_levels() returns jsonb
language plpgsql stable set search_path = triage, pg_temp as $$
declare
    v_levels jsonb := '[]';
begin
    if to_regclass('triage.autonomy') is not null then
        execute 'select coalesce(jsonb_agg(to_jsonb(a) order by a.profile, a.label), ''[]'') from triage.autonomy a' into v_levels;
    end if;
    return v_levels;
end $$;

create or replace function triage.overview() returns jsonb
language sql stable security definer set search_path = triage, pg_temp as $$
    select jsonb_build_object(
        'metrics', (select to_jsonb(m) from metrics m),
        'alarms', (select coalesce(jsonb_agg(to_jsonb(a)), '[]') from alarms a),
        'workers', (select coalesce(jsonb_agg(jsonb_build_object('worker', w.instance, 'build', w.build,
                        'state', case when w.seen_at < clock_timestamp() - interval '1 minute' then 'not seen'
                                      when w.ready then 'ready' else 'not ready' end,
                        'parts', w.parts, 'seen_at', w.seen_at) order by w.instance), '[]') from worker w),
        'decided', (select coalesce(jsonb_agg(to_jsonb(d) order by d.tickets desc, d.label), '[]') from (
            select c.label, sum(c.tickets) filter (where c.status <> 'reviewed') as tickets,
                   coalesce(sum(c.tickets) filter (where c.status = 'answered'), 0) as answered,
                   coalesce(sum(c.tickets) filter (where c.status = 'suggested'), 0) as suggested,
                   coalesce(sum(c.tickets) filter (where c.status = 'in_review'), 0) as in_review,
                   coalesce(sum(c.tickets) filter (where c.status = 'ignored'), 0) as ignored,
                   sum(c.cpu_us) / 1e6 as cpu_seconds, sum(c.model_us) / 1e6 as model_seconds, sum(c.reviewer_s) as reviewer_seconds
            from decided c where c.day > (clock_timestamp() at time zone 'UTC')::date - 7 group by c.label) d),
        'classes', (select coalesce(jsonb_agg(to_jsonb(c) order by c.answers desc, c.label), '[]') from class_figures c),
        'manual_seconds', (select s.manual_seconds from setting s),
        'promises', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
            select a.profile, a.promise, sum(a.right) as right, sum(a.wrong) as wrong, sum(a.skipped) as skipped,
                   exists (select from alarm x where x.profile = a.profile and x.promise = a.promise) as broken
            from audits a where a.promise <> '' group by a.profile, a.promise) p),
        'calibration', (select coalesce(jsonb_agg(to_jsonb(c) order by c.bin), '[]') from calibration c),
        'drift', (select coalesce(jsonb_agg(to_jsonb(s) order by s.alarm desc, s.evidence desc, s.signal, s.scope), '[]') from (
            select * from drift_signals d order by d.alarm desc, d.evidence desc limit 12) s),
        'drift_alarms', (select coalesce(jsonb_agg(to_jsonb(a) order by a.alarm_id desc), '[]') from drift_alarms a
                         where a.over_at is null),
        'levels', overview_levels(),
        'bypassed', (select count(*) from bypassed b where b.closed_at > clock_timestamp() - interval '30 days'))
$$;
comment on function triage.overview is
    'Everything at a glance: the queue, what is wrong, workers, decisions and cost of seven days, classes, promises, calibration, drift, levels. Counts every unanswered item.';

-- Drift that is not over is an alarm like the others; the view may have arms of other files.
do $$
declare
    v_view text := rtrim(pg_get_viewdef('triage.alarms'::regclass, true), '; ');
begin
    execute 'create or replace view triage.alarms as ' || v_view || $v$
        union all
        select 'drift', 1, 0, format('triaged drift show: %s %s of %s. Done: %s. Owner: %s', d.signal, d.scope, d.profile, d.done, d.owner)
        from triage.drift_alarm d where d.over_at is null$v$;
end $$;

revoke all on function triage.worker_seen, triage.overview_levels,
    triage.drift_save(text, text, bigint, jsonb, jsonb, jsonb, jsonb, jsonb) from public;
grant execute on function triage.worker_seen, triage.drift_save(text, text, bigint, jsonb, jsonb, jsonb, jsonb, jsonb)
    to triage_relay;

reset role;
