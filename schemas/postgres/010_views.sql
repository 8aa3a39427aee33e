-- What people and the exporter look at.

set local role triage_owner;

create view triage.queue as
select i.item_id, i.state, i.review_group, i.label, i.risk, i.priority, i.due_at,
       i.due_at - clock_timestamp() as time_left,
       i.due_at < clock_timestamp() as overdue,
       i.claimed_by, i.claimed_until,
       i.state = 'claimed' and i.claimed_until <= clock_timestamp() as claim_expired,
       i.snoozed_until, cardinality(i.skipped_by) as skips,
       clock_timestamp() - i.created_at as age,
       i.key, i.revision, i.profile, left(b.ticket ->> 'subject', 200) as subject,
       b.request #> '{decision,confidence}' as confidence, b.request #> '{decision,reasons}' as reasons,
       b.draft is not null as has_draft
from triage.item i join triage.item_body b using (item_id)
where i.state in ('open', 'claimed')
order by i.turn, i.item_id;
comment on view triage.queue is 'Unanswered items, next first. Does not tell an audit from a ticket.';

create view triage.mine as
select i.item_id, i.state, i.claim_no, i.claimed_until, i.held_until, i.review_group, i.label, i.risk, i.priority, i.due_at,
       i.key, i.revision, left(b.ticket ->> 'subject', 200) as subject
from triage.item i join triage.item_body b using (item_id)
where i.claimed_by = triage.acting() and i.state in ('claimed', 'held')
order by i.turn, i.item_id;
comment on view triage.mine is 'What the caller has claimed, and answered but can still undo.';

create view triage.ageing as
select i.review_group, i.risk, count(*) as items,
       count(*) filter (where i.due_at < clock_timestamp()) as overdue,
       count(*) filter (where i.due_at between clock_timestamp() and clock_timestamp() + interval '1 hour') as due_within_hour,
       count(*) filter (where i.snoozed_until > clock_timestamp()) as snoozed,
       count(*) filter (where i.skipped_until > clock_timestamp()) as skipped,
       max(clock_timestamp() - i.created_at) as oldest,
       min(i.due_at) as first_due
from triage.item i where i.state in ('open', 'claimed')
group by i.review_group, i.risk;
comment on view triage.ageing is 'How old the queue is, per group and risk.';

create view triage.statistics as
select i.state, i.review_group, i.label, i.origin, count(*) as items, min(i.created_at) as first_created,
       max(i.created_at) as last_created
from triage.item i group by i.state, i.review_group, i.label, i.origin;
comment on view triage.statistics is 'Counts by state, group, label and origin. Reads the whole table: for people, not for polling.';

create view triage.answers as
select r.item_id, i.key, i.revision, i.origin, i.label, r.reviewer, r.outcome, r.final_label, r.seconds, r.edit_distance,
       r.state, r.created_at, r.ended_at
from triage.resolution r join triage.item i using (item_id);
comment on view triage.answers is 'Every answer with what became of it, without its text.';

create view triage.metrics as
select q.open, q.claimed, q.held, q.overdue, q.snoozed, q.claim_expired, q.oldest_open_seconds,
       (select count(*) from triage.outbox o where o.sequence_no is null) as outbox_unsequenced,
       (select p.last_sequence - coalesce(p.published, 0) from triage.outbox_position p) as outbox_unpublished,
       (select p.last_sequence from triage.outbox_position p) as outbox_last,
       coalesce(extract(epoch from clock_timestamp() - least(
           (select min(o.created_at) from triage.outbox o where o.sequence_no is null),
           (select o.created_at from triage.outbox o
            where o.sequence_no > (select coalesce(p.published, 0) from triage.outbox_position p)
            order by o.sequence_no limit 1))), 0) as outbox_oldest_seconds,
       (select count(*) from triage.feed_refused) as feed_refused,
       a.answers, a.answer_seconds,
       (select coalesce(max(extract(epoch from clock_timestamp() - a.xact_start)), 0) from pg_stat_activity a
        where a.datname = current_database() and a.backend_xmin is not null) as oldest_transaction_seconds
from (select count(*) filter (where i.state = 'open') as open,
             count(*) filter (where i.state = 'claimed') as claimed,
             count(*) filter (where i.state = 'held') as held,
             count(*) filter (where i.state in ('open', 'claimed') and i.due_at < clock_timestamp()) as overdue,
             count(*) filter (where i.state = 'open' and i.snoozed_until > clock_timestamp()) as snoozed,
             count(*) filter (where i.state = 'claimed' and i.claimed_until <= clock_timestamp()) as claim_expired,
             coalesce(extract(epoch from clock_timestamp() - min(i.created_at) filter (where i.state in ('open', 'claimed'))),
                      0) as oldest_open_seconds
      from triage.item i where i.state in ('open', 'claimed', 'held')) q,
     (select count(*) as answers, coalesce(sum(r.seconds), 0) as answer_seconds
      from triage.resolution r where r.state in ('held', 'released')) a;
comment on view triage.metrics is 'One row for the exporter.';

create function triage.show(p_item bigint) returns jsonb
language plpgsql stable security definer set search_path = triage, pg_temp as $$
declare
    v_shown jsonb;
begin
    select jsonb_build_object(
               'item', to_jsonb(i) - array['origin', 'review_id', 'turn'],
               'request', b.request - array['origin', 'review_id'], 'ticket', b.ticket, 'draft', b.draft,
               'history', (select coalesce(jsonb_agg(to_jsonb(h) - 'item_id' order by h.history_id), '[]')
                           from history h where h.item_id = p_item))
    into v_shown from item i join item_body b using (item_id) where i.item_id = p_item;
    if v_shown is null then
        perform fail('TR002', format('check the number: there is no item %s', p_item));
    end if;
    return v_shown;
end $$;
comment on function triage.show is 'One item with its request, ticket, draft and history. TR002.';

reset role;
