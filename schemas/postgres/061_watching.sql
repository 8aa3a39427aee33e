-- What the exporter, the overview and the governance report ask of the queue besides triage.metrics.

set local role triage_owner;

-- ---- calibration on audits ----

alter table triage.audit add column confidence real check (confidence between 0 and 1);
comment on column triage.audit.confidence is 'The probability that the machine gave its label; null of an audit asked before this was kept.';

create or replace function triage.audit_asked() returns trigger language plpgsql set search_path = triage, pg_temp as $$
begin
    insert into audit (item_id, key, revision, profile, promise, label, confidence)
    select i.item_id, i.key, i.revision, i.profile, coalesce(new.request #>> '{decision,promise,id}', ''), i.label,
           least(greatest((new.request #>> '{decision,confidence}')::numeric, 0), 1)
    from item i where i.item_id = new.item_id and i.origin = 'audit';
    return null;
end $$;

create view triage.calibration as
select a.profile, b.bin, count(*) as audits, avg(a.confidence) as stated,
       avg((a.verdict = 'right')::integer)::double precision as right
from triage.audit a, lateral (select least(floor(a.confidence * 10), 9)::integer as bin) b
where a.verdict in ('right', 'wrong') and a.confidence is not null
group by a.profile, b.bin;
comment on view triage.calibration is 'Audits by the confidence that was stated, in tenths: what was stated on average, and what share was right.';

-- ---- classes ----

create view triage.bypassed as
select i.item_id, i.profile, i.label, i.key, i.revision, i.created_at, i.closed_at
from triage.item i
where i.origin = 'ticket' and i.state = 'superseded' and exists (
    select from triage.item n join triage.item_body b on b.item_id = n.item_id
    where n.key = i.key and n.revision > i.revision and n.origin in ('ticket', 'audit')
      and b.ticket #>> '{messages,-1,author}' = 'agent');
comment on view triage.bypassed is
    'Items that an agent answered outside the queue: overtaken in review by a revision whose newest message is an agent''s. Seen only where that revision came to the queue too, so this is a lower bound.';

create view triage.class_figures as
select i.profile, i.label, count(*) as answers,
       avg((r.outcome = 'relabelled')::integer)::double precision as overridden,
       avg((r.outcome = 'accepted' and coalesce(r.edit_distance, 0) = 0)::integer)::double precision as unedited,
       percentile_cont(0.5) within group (order by r.seconds::double precision) as median_seconds,
       coalesce(min(y.n), 0) as bypassed
from triage.resolution r
join triage.item i using (item_id)
left join (select b.profile, b.label, count(*) as n from triage.bypassed b
           where b.closed_at > clock_timestamp() - interval '30 days' group by b.profile, b.label) y
     on y.profile = i.profile and y.label = i.label
where r.state in ('held', 'released') and i.origin = 'ticket' and r.created_at > clock_timestamp() - interval '30 days'
group by i.profile, i.label;
comment on view triage.class_figures is
    'Answers of the last thirty days by suggested class: share with another label, share accepted as it was, median seconds, and how many were answered outside the queue.';

grant select on triage.calibration, triage.bypassed, triage.class_figures to triage_auditor;
grant select on triage.calibration, triage.class_figures, triage.ageing, triage.alarms to triage_metrics;

reset role;
