-- What a lead looks at: promises of time, agreement, each reviewer, each class; and what is wrong right now.

set local role triage_owner;

create view triage.sla as
select i.review_group, i.risk,
       count(*) filter (where r.state is not null) as answered,
       count(*) filter (where r.created_at <= i.due_at) as in_time,
       round(avg((r.created_at <= i.due_at)::integer) filter (where r.state is not null), 4) as share_in_time,
       percentile_cont(0.5) within group (order by r.created_at - i.created_at) as wait_median,
       percentile_cont(0.9) within group (order by r.created_at - i.created_at) as wait_p90,
       count(*) filter (where i.state in ('open', 'claimed') and i.due_at < clock_timestamp()) as overdue_now
from triage.item i left join triage.resolution r on r.item_id = i.item_id and r.state in ('held', 'released')
where i.state in ('open', 'claimed') or r.created_at > clock_timestamp() - interval '30 days'
group by i.review_group, i.risk;
comment on view triage.sla is 'Answers of the last thirty days and whether they came in time, per group and risk; what is overdue now.';

create view triage.agreement as
select s.profile, s.label, count(*) as asked, count(s.answered_at) as answered,
       count(*) filter (where s.answered_at is not null and s.first_label is not distinct from s.second_label) as agreed,
       round(avg((s.first_label is not distinct from s.second_label)::integer) filter (where s.answered_at is not null), 4)
           as share_agreed
from triage.second_look s group by s.profile, s.label;
comment on view triage.agreement is 'How often a second reviewer, who was not told of the first, gave the same label; per suggested label.';

-- J. Cohen, A coefficient of agreement for nominal scales (1960).
create view triage.agreement_beyond_chance as
with pair as (
    select s.profile, coalesce(s.first_label, '') as a, coalesce(s.second_label, '') as b
    from triage.second_look s where s.answered_at is not null
), observed as (
    select p.profile, count(*) as pairs, avg((p.a = p.b)::integer) as agreed from pair p group by p.profile
), expected as (
    select f.profile, sum(f.n * t.n) as matches
    from (select p.profile, p.a as label, count(*) as n from pair p group by 1, 2) f
    join (select p.profile, p.b as label, count(*) as n from pair p group by 1, 2) t using (profile, label)
    group by f.profile
)
select o.profile, o.pairs, round(o.agreed, 4) as share_agreed,
       round((o.agreed - coalesce(e.matches, 0) / (o.pairs * o.pairs))
             / nullif(1 - coalesce(e.matches, 0) / (o.pairs * o.pairs), 0), 4) as kappa
from observed o left join expected e using (profile);
comment on view triage.agreement_beyond_chance is 'Cohen''s kappa over all second looks of a profile: 1 always the same label, 0 no more often than by chance.';

create view triage.reviewers as
select r.reviewer, count(*) as answers,
       count(*) filter (where r.outcome = 'accepted') as accepted,
       count(*) filter (where r.outcome in ('edited', 'rewritten')) as edited,
       count(*) filter (where r.outcome = 'relabelled') as relabelled,
       count(*) filter (where r.outcome in ('escalated', 'wrong_input', 'wrong_policy')) as otherwise,
       round((avg(r.edit_distance) filter (where r.edit_distance > 0))::numeric, 3) as mean_edit,
       round((percentile_cont(0.5) within group (order by r.seconds::double precision))::numeric, 1) as median_seconds,
       min(k.known_answers) as known_answers, min(k.accepted_wrong) as accepted_wrong,
       min(s.pairs) as second_looks, min(s.agreed) as agreed,
       max(r.created_at) as last_answer
from triage.resolution r
left join triage.trust k on k.reviewer = r.reviewer
left join (select l.reviewer, count(*) as pairs, count(*) filter (where l.same) as agreed
           from (select x.first_reviewer as reviewer, x.first_label is not distinct from x.second_label as same
                 from triage.second_look x where x.answered_at is not null
                 union all
                 select x.second_reviewer, x.first_label is not distinct from x.second_label
                 from triage.second_look x where x.answered_at is not null) l
           group by l.reviewer) s on s.reviewer = r.reviewer
where r.state in ('held', 'released') group by r.reviewer;
comment on view triage.reviewers is 'What each reviewer did, how long it took, and how it held up against known answers and second looks.';

create view triage.classes as
select i.profile, i.label, count(*) as answers,
       round(avg((r.outcome = 'accepted')::integer), 4) as share_accepted,
       round(avg((r.outcome = 'relabelled')::integer), 4) as share_relabelled,
       mode() within group (order by r.final_label) filter (where r.outcome = 'relabelled') as mostly_relabelled_to,
       round(avg(r.edit_distance)::numeric, 3) as mean_edit,
       round((percentile_cont(0.5) within group (order by r.seconds::double precision))::numeric, 1) as median_seconds,
       min(t.manual_seconds) as manual_seconds,
       round((percentile_cont(0.5) within group (order by r.seconds::double precision))::numeric / min(t.manual_seconds), 3)
           as share_of_manual
from triage.resolution r join triage.item i using (item_id), triage.setting t
where r.state in ('held', 'released') and i.origin = 'ticket' group by i.profile, i.label;
comment on view triage.classes is
    'Per suggested label: accepted unedited, relabelled (and to what), edits, and the median time per item beside setting.manual_seconds. Reviewing takes longer than doing the task where share_of_manual is above 1.';

-- Each arm reads an index or a small table: this is asked often.
create view triage.alarms as
select a.name, a.value, a.bound, a.what_to_do from (
    select 'old_transaction' as name,
           (select coalesce(max(extract(epoch from clock_timestamp() - s.xact_start)), 0) from pg_stat_activity s
            where s.datname = current_database() and (s.backend_xmin is not null or s.backend_xid is not null)) as value,
           extract(epoch from t.alarm_transaction) as bound,
           'end the session: select pid, usename, application_name, xact_start from pg_stat_activity order by xact_start' as what_to_do
    from triage.setting t
    union all
    select 'outbox_waits',
           (select coalesce(extract(epoch from clock_timestamp() - min(o.created_at)), 0) from triage.outbox o
            where o.sequence_no is null),
           extract(epoch from t.alarm_backlog), 'start the relay: triaged run --role relay' from triage.setting t
    union all
    select 'answers_wait',
           (select coalesce(extract(epoch from clock_timestamp() - min(i.held_until)), 0) from triage.item i where i.state = 'held'),
           extract(epoch from t.alarm_backlog), 'start the relay: triaged run --role relay' from triage.setting t
    union all
    select 'refused_records', (select count(*) from triage.feed_refused), 0, 'look at triage.feed_refused'
    union all
    select 'promise_broken', (select count(*) from triage.alarm), 0, 'look at triage.alarm, recalibrate'
) a where a.value > a.bound;
comment on view triage.alarms is 'What is wrong right now, with its value and bound; no row when all is well. old_transaction needs pg_read_all_stats.';

grant select on triage.sla, triage.ageing to triage_reviewer;
grant select on triage.sla, triage.agreement, triage.agreement_beyond_chance, triage.reviewers, triage.classes, triage.alarms
    to triage_auditor;
grant select on triage.alarms to triage_metrics;

reset role;
