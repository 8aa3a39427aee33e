-- Figures for the console's pages, for reviewers: nothing about single colleagues, unless the caller is an auditor.

set local role triage_owner;

create function triage.figures_by_age() returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    with step(at, from_minutes, to_minutes) as (
        values (1, 0, 15), (2, 15, 60), (3, 60, 240), (4, 240, 1440), (5, 1440, 4320), (6, 4320, 10080), (7, 10080, null)
    ), counted as (
        select width_bucket(extract(epoch from clock_timestamp() - i.created_at) / 60,
                            array[0, 15, 60, 240, 1440, 4320, 10080]::numeric[]) as at,
               count(*) as items, count(*) filter (where i.due_at < clock_timestamp()) as overdue
        from item i where i.state in ('open', 'claimed') group by 1
    )
    select jsonb_agg(jsonb_build_object('from_minutes', s.from_minutes, 'to_minutes', s.to_minutes,
                                        'items', coalesce(c.items, 0), 'overdue', coalesce(c.overdue, 0)) order by s.at)
    from step s left join counted c using (at)
$$;

create function triage.figures_by_day(p_since timestamptz) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]') from (
        select (r.created_at at time zone 'UTC')::date as day, count(*) as answers,
               count(*) filter (where r.outcome = 'accepted') as accepted,
               count(*) filter (where r.outcome = 'edited') as edited,
               count(*) filter (where r.outcome = 'rewritten') as rewritten,
               count(*) filter (where r.outcome = 'relabelled') as relabelled,
               count(*) filter (where r.outcome in ('escalated', 'wrong_input', 'wrong_policy')) as other,
               round((percentile_cont(0.5) within group (order by r.seconds::double precision))::numeric, 1) as median_seconds,
               round(avg(r.edit_distance)::numeric, 3) as mean_edit
        from resolution r where r.state in ('held', 'released') and r.created_at >= p_since group by 1) d
$$;

create function triage.figures_edits(p_since timestamptz) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select jsonb_agg(jsonb_build_object('from', s.at / 10.0, 'to', (s.at + 1) / 10.0, 'answers', coalesce(c.n, 0)) order by s.at)
    from generate_series(0, 9) s(at)
    left join (select least(floor(r.edit_distance * 10), 9)::integer as at, count(*) as n from resolution r
               where r.state in ('held', 'released') and r.created_at >= p_since and r.edit_distance is not null group by 1) c using (at)
$$;

create function triage.figures(p_days integer default 30) returns jsonb
language plpgsql stable security definer set search_path = triage, pg_temp as $$
declare
    v_since  timestamptz := clock_timestamp() - least(greatest(coalesce(p_days, 30), 1), 366) * interval '1 day';
    v_manual integer := (select s.manual_seconds from setting s);
    v_median double precision := (select percentile_cont(0.5) within group (order by r.seconds::double precision) from resolution r
                                  where r.state in ('held', 'released') and r.created_at >= v_since);
begin
    return jsonb_build_object(
        'ageing', (select coalesce(jsonb_agg(to_jsonb(a) || jsonb_build_object('oldest_seconds', extract(epoch from a.oldest)::bigint)),
                                   '[]') from ageing a),
        'sla', (select coalesce(jsonb_agg(to_jsonb(s) || jsonb_build_object(
                    'wait_median_seconds', extract(epoch from s.wait_median)::bigint,
                    'wait_p90_seconds', extract(epoch from s.wait_p90)::bigint)), '[]') from sla s),
        'agreement', (select coalesce(jsonb_agg(to_jsonb(a)), '[]') from agreement a),
        'kappa', (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from agreement_beyond_chance k),
        'classes', (select coalesce(jsonb_agg(to_jsonb(c) order by c.answers desc, c.label), '[]') from classes c),
        'reviewers', case when pg_has_role(acting(), 'triage_auditor', 'member')
            then (select coalesce(jsonb_agg(to_jsonb(r) order by r.reviewer), '[]') from reviewers r) end,
        'by_age', figures_by_age(), 'by_day', figures_by_day(v_since), 'edit_distance', figures_edits(v_since),
        'median_seconds', round(v_median::numeric, 1), 'manual_seconds', v_manual,
        'slower_than_manual', v_median > v_manual);
end $$;
comment on function triage.figures is
    'What a lead wants to see of the last days: ages, answers in time, agreement, classes, answers by day, edits, time against the manual baseline. reviewers is null unless the caller is an auditor. Reads all unanswered items and all answers of the days: for people, not for polling.';

create function triage.overview() returns jsonb
language sql stable security definer set search_path = triage, pg_temp as $$
    select jsonb_build_object('metrics', (select to_jsonb(m) from metrics m),
                              'alarms', (select coalesce(jsonb_agg(to_jsonb(a)), '[]') from alarms a))
$$;
comment on function triage.overview is 'The queue in numbers, and what is wrong right now: {metrics, alarms}. Counts every unanswered item.';

revoke all on function triage.figures_by_age, triage.figures_by_day, triage.figures_edits, triage.figures, triage.overview from public;
grant execute on function triage.figures, triage.overview to triage_reviewer, triage_auditor;

reset role;
