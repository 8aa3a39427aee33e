-- What a review teaches: answers as rows to train and to calibrate on.

set local role triage_owner;

alter table triage.resolution add column blind boolean;
comment on column triage.resolution.blind is
    'True for an answer to a sample (audit, second look, known answer), which the reviewer could not tell from a ticket. Null: from before this column.';

-- The answer of before, and now whether it was blind.
create or replace function triage.resolve_answer(p_item triage.item, p_key text, p_asked jsonb, p_outcome triage.outcome,
                                                 p_label text, p_text text, p_seconds double precision)
returns triage.resolution language plpgsql set search_path = triage, pg_temp as $$
declare
    v_draft      text := (select b.draft from item_body b where b.item_id = p_item.item_id);
    v_until      timestamptz := clock_timestamp() + (select s.hold_window from setting s);
    v_text       text;
    v_resolution resolution;
begin
    perform check_answer(p_item, v_draft, p_outcome, p_label, p_text);
    v_text := coalesce(p_text, case when p_outcome = 'accepted' then v_draft end);
    insert into resolution (item_id, claim_no, idempotency_key, reviewer, outcome, final_label, final_text, seconds,
                            edit_distance, asked, held_until, blind)
    values (p_item.item_id, p_item.claim_no, p_key, p_item.claimed_by, p_outcome,
            coalesce(p_label, nullif(p_item.label, '')), v_text,
            answer_seconds(p_item, p_seconds),
            edit_distance(v_draft, v_text), p_asked, v_until, p_item.origin <> 'ticket')
    returning * into v_resolution;
    update item i set state = 'held', held_until = v_until where i.item_id = p_item.item_id;
    perform note(p_item.item_id, 'resolved', p_item.claimed_by, p_item.claim_no,
                 jsonb_build_object('outcome', p_outcome, 'resolution_id', v_resolution.resolution_id));
    return v_resolution;
end $$;

create or replace view triage.answers as
select r.item_id, i.key, i.revision, i.origin, i.label, r.reviewer, r.outcome, r.final_label, r.seconds, r.edit_distance,
       r.state, r.created_at, r.ended_at, coalesce(r.blind, i.origin <> 'ticket') as blind
from triage.resolution r join triage.item i using (item_id);

-- The part of the keys that calibration has for itself: always the same, so that nothing is trained on and certified with.
create function triage.for_calibration(p_key text, p_share double precision) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select (hashtextextended(p_key, 11) & 1048575) < p_share * 1048576
$$;

-- Answers whose label is sure: given by one, and by nobody else differently. One row for a ticket revision.
create view triage.sure_answer as
select r.resolution_id, r.item_id, r.final_label, r.outcome, r.ended_at, i.key, i.revision, i.origin, i.profile, i.label as suggested
from triage.resolution r join triage.item i using (item_id)
where r.state = 'released' and r.outcome in ('accepted', 'edited', 'rewritten', 'relabelled') and r.final_label is not null
  and i.origin in ('ticket', 'audit')
  and not exists (select from triage.second_look s where s.first_item = i.item_id and s.answered_at is not null
                  and s.second_label is distinct from r.final_label)
  and not exists (select from triage.audit a where a.item_id = i.item_id and a.first_label is distinct from a.label
                  and a.second_label is distinct from a.first_label);
comment on view triage.sure_answer is
    'Released answers that say what the label is. Not: answers without a label (escalated, wrong input or policy), known answers, and those a second reviewer contradicts; of an audit that was answered differently, only when the second reviewer said the same.';

create function triage.export_rows(p_purpose text, p_share double precision default 0.3, p_audit_share double precision default 1,
                                   p_since timestamptz default null, p_after bigint default 0, p_limit integer default 1000,
                                   p_even boolean default false)
returns table (number bigint, weight double precision, row_json jsonb)
language plpgsql stable security definer set search_path = triage, pg_temp as $$
begin
    if p_purpose not in ('train', 'calibrate') or p_share not between 0 and 1 or p_audit_share <= 0 or p_audit_share > 1 then
        perform fail('TR006', 'export for train or calibrate, with shares between 0 and 1');
    end if;
    return query
        select s.resolution_id, case when s.origin = 'audit' and not p_even then 1 / p_audit_share else 1 end,
               jsonb_strip_nulls(jsonb_build_object(
                   'id', s.key || '@' || s.revision,
                   'subject', b.ticket -> 'subject', 'body', coalesce(b.ticket -> 'body_text', b.ticket -> 'body'),
                   'sender', coalesce(b.ticket #> '{requester,email}', b.ticket #> '{requester,id}'),
                   'channel', b.ticket -> 'channel', 'lang', b.ticket -> 'language', 'label', s.final_label,
                   'suggested', s.suggested, 'confidence', b.request #> '{decision,confidence}', 'outcome', s.outcome,
                   'origin', s.origin, 'profile', s.profile, 'answered_at', utc(s.ended_at),
                   'weight', case when s.origin = 'audit' and not p_even then 1 / p_audit_share else 1 end))
        from sure_answer s join item_body b using (item_id)
        where s.resolution_id > p_after and (p_since is null or s.ended_at >= p_since)
          and for_calibration(s.key, p_share) = (p_purpose = 'calibrate')
          and (not p_even or s.origin = 'audit' or for_calibration(s.key || '@even', p_audit_share))
        order by s.resolution_id limit least(greatest(p_limit, 0), 10000);
end $$;
comment on function triage.export_rows is
    'Sure answers as rows for train or calibrate, in steps: p_after is the last number seen. p_share of the keys is for calibrate alone. weight is one through the probability that the ticket was looked at: 1 for what came to a person, 1/p_audit_share for an audit. p_even keeps each row with a probability in proportion to its weight, and all weigh the same. TR006.';

revoke all on function triage.for_calibration, triage.export_rows from public;
grant execute on function triage.export_rows to triage_migrator;

reset role;
