-- The review budget: the hours that people are at work, against the reviews that are to be expected, per group.

set local role triage_owner;

-- ---- who is at work, as the policies say ----

create table triage.shift (
    profile      text not null,
    review_group text not null check (octet_length(review_group) between 1 and 128),
    zone         text not null,
    weekday      smallint not null check (weekday between 1 and 7),
    from_minute  smallint not null check (from_minute between 0 and 1439),
    to_minute    smallint not null check (to_minute between 1 and 1440 and to_minute > from_minute),
    people       real not null check (people > 0 and people <= 1000)
);
comment on table triage.shift is 'When how many people review for a group, by the policies'' staffing. Monday is 1; minutes of the local day.';

create function triage.set_staffing(p_profile text, p_staffing jsonb) returns boolean
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_new shift[] := array(
        select row(p_profile, s ->> 'group', p_staffing ->> 'zone', d::smallint, (s ->> 'from_minute')::smallint,
                   (s ->> 'to_minute')::smallint, (s ->> 'people')::real)::shift
        from jsonb_array_elements(p_staffing -> 'shifts') s, jsonb_array_elements_text(s -> 'weekdays') d order by 1);
    v_zone text;
begin
    select n.zone into v_zone from unnest(v_new) n where not exists (select from pg_timezone_names z where z.name = n.zone) limit 1;
    if found then
        perform fail('TR006', format('name a time zone that Postgres knows: %s is none', v_zone));
    end if;
    perform pg_advisory_xact_lock(hashtextextended('triaged.staffing', 0));
    if v_new = array(select s from shift s where s.profile = p_profile order by 1) then
        return false;
    end if;
    delete from shift s where s.profile = p_profile;
    insert into shift select (n).* from unnest(v_new) n;
    return true;
end $$;
comment on function triage.set_staffing is
    'Takes over the staffing of one policy, {zone, shifts: [{group, weekdays, from_minute, to_minute, people}]}, null or empty: none. True: it changed. TR006.';

-- ---- what came and what it took, by the hour ----

create table triage.workload (
    review_group   text not null,
    hour           timestamptz not null,
    requests       integer not null default 0,
    sla_seconds    double precision not null default 0,
    answers        integer not null default 0,
    active_seconds double precision not null default 0,
    primary key (review_group, hour)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
comment on table triage.workload is 'Reviews asked for and answered per group and hour; sums of the times they were given and took. Kept for 26 weeks.';

create table triage.workload_position (
    only_row   boolean primary key default true check (only_row),
    history_id bigint not null
) with (fillfactor = 50);
comment on table triage.workload_position is 'One row: up to where the history was tallied.';
insert into triage.workload_position (history_id)
    select greatest(coalesce(max(h.history_id), 0) - 1000000, 0) from triage.history h; -- of an old queue, the newest million

-- Rows of the history become visible out of order by as long as a transaction takes: the last half minute is left alone.
create function triage.tally_workload(p_limit integer default 20000) returns integer
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_from bigint;
    v_to   bigint;
    v_n    integer;
begin
    select w.history_id into v_from from workload_position w for update;
    select max(n.history_id), count(*) into v_to, v_n from (
        select h.history_id, h.at from history h where h.history_id > v_from order by h.history_id
        limit least(greatest(p_limit, 0), 1000000)) n
    where n.at < clock_timestamp() - interval '30 seconds';
    if v_n = 0 then
        return 0;
    end if;
    insert into workload as w (review_group, hour, requests, sla_seconds, answers, active_seconds)
    select i.review_group, date_trunc('hour', h.at, 'UTC'),
           count(*) filter (where h.event = 'enqueued'),
           coalesce(sum(extract(epoch from i.due_at - i.created_at)) filter (where h.event = 'enqueued'), 0),
           count(*) filter (where h.event = 'resolved'), coalesce(sum(r.seconds) filter (where h.event = 'resolved'), 0)
    from history h join item i using (item_id)
    left join resolution r on h.event = 'resolved' and r.resolution_id = (h.detail ->> 'resolution_id')::bigint
    where h.history_id > v_from and h.history_id <= v_to and h.event in ('enqueued', 'resolved')
    group by 1, 2
    on conflict (review_group, hour) do update
        set requests = w.requests + excluded.requests, sla_seconds = w.sla_seconds + excluded.sla_seconds,
            answers = w.answers + excluded.answers, active_seconds = w.active_seconds + excluded.active_seconds;
    update workload_position w set history_id = v_to;
    delete from workload w where w.hour < clock_timestamp() - interval '26 weeks';
    return v_n;
end $$;
comment on function triage.tally_workload is 'Adds what happened since the last call to workload. Returns how many rows of the history it read. A part of maintain.';

-- ---- what is to be expected ----

-- The same hour of the week in each of the last eight weeks, weighted by half for every two weeks back (exponential
-- smoothing of each hour of the week by itself). An hour that the history does not hold yet: the mean of those it holds.
create function triage.expected_requests(p_group text, p_hour timestamptz) returns double precision
language sql stable set search_path = triage, pg_temp as $$
    with began as (
        select min(w.hour) as hour, sum(w.requests)::double precision as requests from workload w
        where w.review_group = p_group and w.hour > clock_timestamp() - interval '8 weeks'
          and w.hour < date_trunc('hour', clock_timestamp(), 'UTC')
    ), week as (
        select power(0.5, (k - 1) / 2.0) as weight, p_hour - k * interval '168 hours' as hour from generate_series(1, 9) k
    )
    select coalesce(
        (select sum(w.weight * coalesce(l.requests, 0)) / sum(w.weight)
         from week w left join workload l on l.review_group = p_group and l.hour = w.hour
         where w.hour >= b.hour and w.hour < date_trunc('hour', clock_timestamp(), 'UTC')),
        b.requests / greatest(extract(epoch from date_trunc('hour', clock_timestamp(), 'UTC') - b.hour) / 3600, 1), 0)
    from began b
$$;

-- Hours of work that people are there for between two times, by the wall clock of each policy's zone.
create function triage.staffed_hours(p_group text, p_from timestamptz, p_to timestamptz) returns double precision
language sql stable set search_path = triage, pg_temp as $$
    select coalesce(sum(s.people * greatest(extract(epoch from
               least(p_to, (d.day + s.to_minute * interval '1 minute') at time zone s.zone)
               - greatest(p_from, (d.day + s.from_minute * interval '1 minute') at time zone s.zone)), 0) / 3600), 0)
    from shift s, generate_series(date_trunc('day', p_from at time zone s.zone), p_to at time zone s.zone, interval '1 day') d(day)
    where s.review_group = p_group and extract(isodow from d.day) = s.weekday
$$;
comment on function triage.staffed_hours is 'People times hours at work for a group between two times.';

-- ---- the plan of the week to come ----

create table triage.review_plan (
    review_group text not null,
    hour         timestamptz not null,
    requests     double precision not null,
    work_hours   double precision not null,
    staffed      double precision not null,
    due_hours    double precision not null,
    supply_hours double precision not null,
    primary key (review_group, hour)
);
comment on table triage.review_plan is 'Per group and hour of the week to come: what is expected, and who is there.';
comment on column triage.review_plan.due_hours is 'Work that must be done by the end of this hour, from now on: what waits, and what will have come.';
comment on column triage.review_plan.supply_hours is 'Hours of work that people are there for until then. Less than due_hours: somebody waits too long.';

create table triage.review_load (
    review_group  text primary key,
    planned_at    timestamptz not null,
    seconds_each  double precision not null,
    sla_minutes   double precision not null,
    waiting       bigint not null,
    overdue       bigint not null,
    requests_week double precision not null,
    work_week     double precision not null,
    staffed_week  double precision not null,
    late_from     timestamptz,
    lacking_hours double precision not null,
    is_staffed    boolean not null,
    overloaded    boolean not null,
    since         timestamptz not null
);
comment on table triage.review_load is 'Per group: whether the people that the policy names can do what is expected of them.';
comment on column triage.review_load.work_week is 'Hours of work of the week to come, with what waits already.';
comment on column triage.review_load.late_from is 'The first hour of the next day by which more is due than people can have done; null: none.';
comment on column triage.review_load.lacking_hours is 'Hours of work that people lack, at the worst hour of the next day or over the week.';
comment on column triage.review_load.overloaded is 'People are named, and the time that reviews have cannot be kept by them.';
comment on column triage.review_load.since is 'Since when it is so, or is not so any more.';

-- Earliest due time first, as claim goes: everything is done in time if and only if, by every hour, no more is due than
-- people can have done (the demand bound of S. Baruah, L. Rosier, R. Howell, Algorithms and complexity concerning the
-- preemptive scheduling of periodic, real-time tasks on one processor, 1990). What is overdue already is late whatever
-- comes: it counts as work of the week, not as a time that will be missed.
create function triage.plan_group(p_group text, p_now timestamptz) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    c_hours  constant integer := 168;
    v_first  timestamptz := date_trunc('hour', p_now, 'UTC');
    v_each   double precision;
    v_sla    double precision;
begin
    select coalesce(sum(w.active_seconds) / nullif(sum(w.answers), 0), (select s.manual_seconds from setting s), 120),
           coalesce(sum(w.sla_seconds) / nullif(sum(w.requests), 0), (select extract(epoch from s.default_sla) from setting s))
    into v_each, v_sla from workload w where w.review_group = p_group and w.hour > p_now - interval '30 days';
    delete from review_plan p where p.review_group = p_group;
    insert into review_plan (review_group, hour, requests, work_hours, staffed, due_hours, supply_hours)
    with expected as (
        select n, v_first + n * interval '1 hour' as hour,
               expected_requests(p_group, v_first + n * interval '1 hour')
               * case when n = 0 then 1 - extract(epoch from p_now - v_first) / 3600 else 1 end as requests
        from generate_series(0, c_hours - 1) n
    ), waiting as ( -- steps of five minutes out of the index; what is overdue is left out
        select greatest(floor(extract(epoch from timestamptz '2000-01-01 00:00:00+00' + i.step * interval '5 minutes' - v_first) / 3600), 0) as n,
               sum(i.items) as items
        from (select q.turn / 128 as step, count(*) as items from item q
              where q.state in ('open', 'claimed') and q.review_group = p_group group by 1) i
        where timestamptz '2000-01-01 00:00:00+00' + (i.step + 1) * interval '5 minutes' > p_now group by 1
    ), due as (
        select n, sum(items) as items from (
            select w.n, w.items from waiting w
            union all select e.n + floor(v_sla / 3600), e.requests from expected e) x group by n
    )
    select p_group, e.hour, e.requests, e.requests * v_each / 3600,
           staffed_hours(p_group, greatest(e.hour, p_now), e.hour + interval '1 hour'),
           sum(coalesce((select d.items from due d where d.n = e.n), 0) * v_each / 3600) over (order by e.n),
           sum(staffed_hours(p_group, greatest(e.hour, p_now), e.hour + interval '1 hour')) over (order by e.n)
    from expected e;
    perform judge_group(p_group, p_now, v_each, v_sla);
end $$;

create function triage.judge_group(p_group text, p_now timestamptz, p_each double precision, p_sla double precision) returns void
language sql set search_path = triage, pg_temp as $$
    with waits as (
        select count(*) as items, count(*) filter (where i.turn / 128 < floor(extract(epoch from p_now - timestamptz '2000-01-01 00:00:00+00') / 300)) as overdue
        from item i where i.state in ('open', 'claimed') and i.review_group = p_group
    ), plan as (
        select sum(p.requests) as requests, sum(p.work_hours) + (select w.items from waits w) * p_each / 3600 as work, sum(p.staffed) as staffed,
               min(p.hour) filter (where p.due_hours > p.supply_hours + 1e-6 and p.hour < p_now + interval '1 day') as late_from,
               max(p.due_hours - p.supply_hours) filter (where p.hour < p_now + interval '1 day') as lacking
        from review_plan p where p.review_group = p_group
    ), found as (
        select p.*, greatest(p.lacking, p.work - p.staffed, 0) as lack, exists (select from shift s where s.review_group = p_group) as is_staffed
        from plan p
    )
    insert into review_load as b (review_group, planned_at, seconds_each, sla_minutes, waiting, overdue, requests_week, work_week,
                                    staffed_week, late_from, lacking_hours, is_staffed, overloaded, since)
    select p_group, p_now, p_each, p_sla / 60, w.items, w.overdue, f.requests, f.work, f.staffed,
           case when f.is_staffed then f.late_from end, case when f.is_staffed then f.lack else 0 end, f.is_staffed,
           f.is_staffed and (f.late_from is not null or f.work > f.staffed), p_now
    from found f, waits w
    on conflict (review_group) do update
        set planned_at = excluded.planned_at, seconds_each = excluded.seconds_each, sla_minutes = excluded.sla_minutes,
            waiting = excluded.waiting, overdue = excluded.overdue, requests_week = excluded.requests_week, work_week = excluded.work_week,
            staffed_week = excluded.staffed_week, late_from = excluded.late_from, lacking_hours = excluded.lacking_hours,
            is_staffed = excluded.is_staffed, overloaded = excluded.overloaded,
            since = case when b.overloaded = excluded.overloaded then b.since else excluded.since end
$$;

-- Counting a long queue costs: no more often than p_every.
create function triage.plan_reviews(p_every interval default '5 minutes') returns integer
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_now   timestamptz := clock_timestamp();
    v_group text;
    v_n     integer := 0;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('triaged.plan_reviews', 0))
       or exists (select from review_load b where b.planned_at > v_now - p_every) then
        return 0;
    end if;
    delete from review_load b where not exists (select from shift s where s.review_group = b.review_group)
        and not exists (select from workload w where w.review_group = b.review_group and w.hour > v_now - interval '8 weeks');
    delete from review_plan p where not exists (select from review_load b where b.review_group = p.review_group);
    for v_group in
        select s.review_group from shift s
        union select w.review_group from workload w where w.hour > v_now - interval '8 weeks' limit 200
    loop
        perform plan_group(v_group, v_now);
        v_n := v_n + 1;
    end loop;
    return v_n;
end $$;
comment on function triage.plan_reviews is 'Plans the week to come for each group, unless that was done within p_every. Returns for how many. A part of maintain.';

-- ---- housekeeping and alarm: what earlier files made of them stays ----

create or replace function triage.maintain(p_limit integer default 1000) returns jsonb
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_tallied integer := tally_workload(20 * p_limit);
begin
    return jsonb_build_object('keys_forgotten', forget_keys(p_limit), 'claims_ended', expire_claims(p_limit),
                              'items_marked', mark_items(p_limit), 'items_deleted', purge(p_limit),
                              'notices_forgotten', forget_notices(p_limit),
                              'hours_tallied', v_tallied / 20, 'groups_planned', plan_reviews());
end $$;

do $$
begin
    execute 'create or replace view triage.alarms as '
        || rtrim(pg_get_viewdef('triage.alarms'::regclass), ';')
        || ' union all select ''review_overload'', max(b.lacking_hours)::numeric, 0::numeric, '
        || '''staff the groups that triage.review_budget calls overloaded, or give reviews more time'' '
        || 'from triage.review_load b where b.overloaded and b.planned_at > clock_timestamp() - interval ''1 day'' '
        || 'having count(*) > 0';
end $$;

create view triage.review_budget as
select b.review_group, b.planned_at, b.seconds_each, b.sla_minutes, b.waiting, b.overdue, b.requests_week, b.work_week, b.staffed_week,
       b.late_from, b.lacking_hours, b.is_staffed, b.overloaded, b.since
from triage.review_load b;
comment on view triage.review_budget is
    'Per group: whether the people that the policies name can do what is expected of them. work_week: hours of work of the week to come, with what waits. late_from: the first hour of the next day by which more is due than they can have done. lacking_hours: what is missing at the worst.';

create view triage.review_forecast as
select p.review_group, p.hour, round(p.requests::numeric, 2) as requests, round(p.work_hours::numeric, 2) as work_hours,
       round(p.staffed::numeric, 2) as staffed_hours, round(p.due_hours::numeric, 2) as due_hours,
       round(p.supply_hours::numeric, 2) as supply_hours, p.due_hours > p.supply_hours + 1e-6 as late
from triage.review_plan p order by p.review_group, p.hour;
comment on view triage.review_forecast is 'The week to come, hour by hour: reviews expected, hours of work and of people; late: more is due by then than people can have done.';

revoke all on function triage.set_staffing, triage.tally_workload, triage.expected_requests, triage.staffed_hours, triage.plan_group,
    triage.judge_group, triage.plan_reviews from public;
grant execute on function triage.set_staffing, triage.plan_reviews to triage_relay, triage_worker;
grant select on triage.review_budget, triage.review_forecast to triage_reviewer, triage_auditor, triage_metrics;
grant select on triage.shift to triage_auditor;

reset role;
