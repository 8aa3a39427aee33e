-- What the governance report asks of Postgres: one period, one document.

set local role triage_owner;

create function triage.governance_classes(p_since timestamptz, p_until timestamptz) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    with answered as (
        select i.profile, i.label, count(*) as answers, count(*) filter (where r.outcome = 'relabelled') as overridden,
               count(*) filter (where r.outcome = 'accepted' and coalesce(r.edit_distance, 0) = 0) as unedited,
               percentile_cont(0.5) within group (order by r.seconds::double precision) as median_seconds,
               count(*) filter (where r.created_at > i.due_at) as late
        from resolution r join item i using (item_id)
        where r.state in ('held', 'released') and i.origin = 'ticket' and r.created_at >= p_since and r.created_at < p_until
        group by i.profile, i.label
    ), audited as (
        select a.profile, a.label, count(*) filter (where a.verdict in ('right', 'wrong')) as audits,
               count(*) filter (where a.verdict = 'wrong') as wrong, count(*) filter (where a.verdict = 'skipped') as skipped
        from audit a where a.decided_at >= p_since and a.decided_at < p_until group by a.profile, a.label
    )
    select coalesce(jsonb_agg(to_jsonb(c) order by c.profile, c.label), '[]') from (
        select coalesce(n.profile, u.profile) as profile, coalesce(n.label, u.label) as label, coalesce(n.answers, 0) as answers,
               coalesce(n.overridden, 0) as overridden, coalesce(n.unedited, 0) as unedited, n.median_seconds,
               coalesce(n.late, 0) as late, coalesce(u.audits, 0) as audits, coalesce(u.wrong, 0) as wrong,
               coalesce(u.skipped, 0) as skipped
        from answered n full join audited u on u.profile = n.profile and u.label = n.label) c
$$;

create function triage.governance_incidents(p_since timestamptz, p_until timestamptz) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select coalesce(jsonb_agg(to_jsonb(e) order by e.at), '[]') from (
        select a.raised_at as at, 'promise_broken' as kind, a.profile, a.scope, '' as owner,
               'the classes that carry the errors were lowered' as done,
               format('audits contradict the promise %s', left(a.promise, 12)) as text, null::timestamptz as over_at
        from alarm a
        union all
        select d.raised_at, 'drift', d.profile, d.scope, d.owner, d.done, d.detail, d.over_at from drift_alarm d) e
    where e.at >= p_since and e.at < p_until
$$;

-- Steps and quality reviews are there once autonomy is.
create function triage.governance_autonomy(p_since timestamptz, p_until timestamptz, out steps jsonb, out reviews jsonb)
language plpgsql stable set search_path = triage, pg_temp as $$
begin
    steps := '[]';
    reviews := '[]';
    if to_regclass('triage.autonomy_history') is not null then
        execute 'select coalesce(jsonb_agg(jsonb_build_object(''at'', h.at, ''profile'', h.profile, ''label'', h.label,
                     ''from'', h.from_level, ''to'', h.to_level, ''reason'', h.reason, ''text'', h.text, ''by'', h.actor,
                     ''owner'', h.owner, ''up'', h.to_level > h.from_level) order by h.history_id), ''[]'')
                 from triage.autonomy_history h where h.at >= $1 and h.at < $2' into steps using p_since, p_until;
    end if;
    if to_regclass('triage.quality_review') is not null then
        execute 'select coalesce(jsonb_agg(to_jsonb(q) order by q.profile, q.label), ''[]'') from (
                     select r.profile, r.label, max(r.reviewed_at) as reviewed_at,
                            (array_agg(r.reviewed_by order by r.reviewed_at desc))[1] as reviewed_by
                     from triage.quality_review r where r.reviewed_at < $1 group by r.profile, r.label) q'
            into reviews using p_until;
    end if;
end $$;

create function triage.governance(p_since timestamptz, p_until timestamptz) returns jsonb
language sql stable security definer set search_path = triage, pg_temp as $$
    select jsonb_build_object(
        'classes', governance_classes(p_since, p_until), 'incidents', governance_incidents(p_since, p_until),
        'steps', g.steps, 'reviews', g.reviews,
        'bypassed', (select count(*) from bypassed b where b.closed_at >= p_since and b.closed_at < p_until),
        'manual_seconds', (select s.manual_seconds from setting s),
        'waiting', (select count(*) from item i where i.state in ('open', 'claimed')),
        'overdue', (select count(*) from item i where i.state in ('open', 'claimed') and i.due_at < clock_timestamp()))
    from governance_autonomy(p_since, p_until) g
$$;
comment on function triage.governance is
    'What the governance report says of people, audits, incidents and autonomy in a period: from p_since to before p_until.';

revoke all on function triage.governance_classes, triage.governance_incidents, triage.governance_autonomy, triage.governance
    from public;
grant execute on function triage.governance to triage_auditor, triage_migrator;

reset role;
