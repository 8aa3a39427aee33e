-- The review budget gives way: what state each profile is in, since when, and the record for triage.control that says so.

set local role triage_owner;

-- ---- plans in a row that say the same ----

alter table triage.review_load add column streak integer not null default 1;
comment on column triage.review_load.streak is 'Plans in a row that say the same of overloaded.';

create function triage.count_streak() returns trigger language plpgsql set search_path = triage, pg_temp as $$
begin
    new.streak := case when new.overloaded = old.overloaded and new.is_staffed = old.is_staffed then least(old.streak + 1, 1000000) else 1 end;
    return new;
end $$;
create trigger review_load_counts_streak before update of planned_at on triage.review_load
    for each row execute function triage.count_streak();

-- ---- states ----

create type triage.review_state as enum ('normal', 'tight', 'over');
comment on type triage.review_state is
    'normal: people keep up. tight: thresholds move within what the promise certifies. over: besides, what is not urgent is deferred.';

create table triage.relief (
    profile       text primary key check (octet_length(profile) between 1 and 128),
    review_group  text not null,
    owner         text not null,
    state         triage.review_state not null,
    since         timestamptz not null,
    until         timestamptz not null,
    defer_minutes integer not null check (defer_minutes between 0 and 10080)
);
comment on table triage.relief is 'How far the budget of each profile gives way. triage.control says the same to the workers.';
comment on column triage.relief.until is 'A state that is not confirmed until then is normal.';
comment on column triage.relief.defer_minutes is 'So much later what is not urgent is due; 0 unless over.';

create table triage.relief_history (
    history_id    bigint generated always as identity primary key,
    at            timestamptz not null default clock_timestamp(),
    profile       text not null,
    review_group  text not null,
    owner         text not null,
    from_state    triage.review_state not null,
    to_state      triage.review_state not null,
    defer_minutes integer not null,
    waiting       bigint,
    lacking_hours double precision,
    late_from     timestamptz,
    streak        integer
);
create index relief_history_profile on triage.relief_history (profile, history_id);
comment on table triage.relief_history is 'Each change of state, with the figures of the plan. Rows are added and never changed.';
create trigger relief_history_is_append_only before update or delete on triage.relief_history
    for each row execute function triage.refuse_change();
create trigger relief_history_is_not_truncated before truncate on triage.relief_history
    for each statement execute function triage.refuse_change();

create function triage.relief_plan(p_profile text, p_group text, out state triage.review_state, out left_seconds double precision,
                                   out known boolean, out overloaded boolean, out streak integer, out lacking_hours double precision)
returns record language sql stable security definer set search_path = triage, pg_temp as $$
    select case when r.until > clock_timestamp() then r.state else 'normal' end,
           greatest(extract(epoch from coalesce(r.until, clock_timestamp()) - clock_timestamp()), 0),
           coalesce(b.is_staffed and b.planned_at > clock_timestamp() - interval '1 hour', false),
           coalesce(b.overloaded, false), coalesce(b.streak, 1), coalesce(b.lacking_hours, 0)
    from (values (1)) one left join relief r on r.profile = p_profile left join review_load b on b.review_group = p_group
$$;
comment on function triage.relief_plan is
    'Of a profile: the state in force and for how much longer, and what the plan of its group says. known: there is one of the last hour, and the group is staffed.';

-- Until an hour after the last hour of the week by whose end more is due than people can have done; at least an hour.
create function triage.defer_minutes(p_group text) returns integer language sql stable set search_path = triage, pg_temp as $$
    select least(greatest(ceil(extract(epoch from
        coalesce(max(p.hour) filter (where p.due_hours > p.supply_hours + 1e-6) + interval '2 hours', clock_timestamp()) - clock_timestamp()) / 60), 60), 10080)::integer
    from review_plan p where p.review_group = p_group
$$;

-- The text for triage.control. The message of each record has an id of its own: a state is confirmed while it lasts.
create function triage.publish_relief(p_now triage.relief, p_lacking double precision) returns void
language sql set search_path = triage, pg_temp as $$
    insert into outbox (message_id, kind, key, headers, payload)
    values (format('control/budget/%s/%s', p_now.profile, gen_random_uuid()), 'control', format('budget/%s', p_now.profile),
            jsonb_build_object('content-type', 'application/json'),
            jsonb_build_object('schema_version', 1, 'type', 'budget', 'profile', p_now.profile, 'label', '*', 'state', p_now.state,
                               'defer_minutes', p_now.defer_minutes, 'until', utc(p_now.until), 'reason', 'review_overload',
                               'text', format('group %s: %s hours of work more is due than people can do', left(p_now.review_group, 128),
                                              round(coalesce(p_lacking, 0)::numeric, 1)),
                               'by', 'watch', 'owner', p_now.owner, 'at', utc(clock_timestamp())))
$$;

create function triage.set_relief(p_profile text, p_group text, p_owner text, p_from triage.review_state, p_to triage.review_state)
returns boolean language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_now  relief;
    v_plan review_load;
    v_was  review_state;
begin
    perform pg_advisory_xact_lock(hashtextextended('triaged.relief ' || p_profile, 0));
    select case when r.until > clock_timestamp() then r.state else 'normal' end into v_was from relief r where r.profile = p_profile;
    if coalesce(v_was, 'normal') <> p_from then
        return false;
    end if;
    select * into v_plan from review_load b where b.review_group = p_group;
    insert into relief as r (profile, review_group, owner, state, since, until, defer_minutes)
    values (p_profile, p_group, coalesce(p_owner, ''), p_to, clock_timestamp(), clock_timestamp() + interval '1 hour',
            case when p_to = 'over' then defer_minutes(p_group) else 0 end)
    on conflict (profile) do update
        set review_group = excluded.review_group, owner = excluded.owner, state = excluded.state, until = excluded.until,
            defer_minutes = excluded.defer_minutes, since = case when p_from = p_to then r.since else excluded.since end
    returning * into v_now;
    perform publish_relief(v_now, v_plan.lacking_hours);
    if p_from = p_to then
        return false;
    end if;
    insert into relief_history (profile, review_group, owner, from_state, to_state, defer_minutes, waiting, lacking_hours, late_from, streak)
    values (p_profile, p_group, v_now.owner, p_from, p_to, v_now.defer_minutes, v_plan.waiting, v_plan.lacking_hours, v_plan.late_from, v_plan.streak);
    return true;
end $$;
comment on function triage.set_relief is
    'The state of a profile, from one that it still has; the same again confirms it for another hour. One transaction with its record for triage.control. True: it changed.';

-- ---- alarms: what earlier files made of the view stays ----

do $$
begin
    execute 'create or replace view triage.alarms as '
        || rtrim(pg_get_viewdef('triage.alarms'::regclass), ';')
        || ' union all select ''review_'' || r.state, count(*)::numeric, 0::numeric, '
        || 'case r.state when ''over'' then ''reviews of low risk are deferred: '' else ''thresholds are moved: '' end || '
        || '''staff the group, or give reviews more time: '' || left(string_agg(r.profile || '' ('' || r.owner || '')'', '', '' order by r.profile), 300) '
        || 'from triage.relief r where r.state <> ''normal'' and r.until > clock_timestamp() group by r.state';
end $$;

create view triage.review_states as
select r.profile, r.review_group, r.owner, case when r.until > clock_timestamp() then r.state else 'normal' end as state, r.since,
       r.until, r.defer_minutes
from triage.relief r;
comment on view triage.review_states is 'How far the review budget of each profile gives way now, and who answers for it.';

revoke all on function triage.count_streak, triage.relief_plan, triage.defer_minutes, triage.publish_relief, triage.set_relief from public;
grant execute on function triage.relief_plan, triage.set_relief to triage_relay, triage_worker;
grant select on triage.review_states to triage_reviewer, triage_auditor, triage_metrics;
grant select on triage.relief_history to triage_auditor;

reset role;
