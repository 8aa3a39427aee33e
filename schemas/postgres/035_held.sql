-- What a reviewer can still take back, and how much of a draft a text has changed.

set local role triage_owner;

create view triage.held as
select r.item_id, r.idempotency_key, r.outcome, r.final_label, r.edit_distance, r.held_until,
       (select count(*) from triage.alike_answer a where a.item_id = r.item_id and a.idempotency_key = r.idempotency_key) as others
from triage.item i join triage.resolution r on r.item_id = i.item_id and r.state = 'held'
where i.claimed_by = triage.acting() and i.state = 'held'
  and not exists (select from triage.alike_answer o where o.other_item = r.item_id and o.idempotency_key = r.idempotency_key);
comment on view triage.held is
    'The caller''s answers inside their hold window, with the key that undo wants; others: items answered together with it, which undo_alike takes back.';

create function triage.outcome_of(p_item bigint, p_text text) returns triage.outcome
language plpgsql stable security definer set search_path = triage, pg_temp as $$
declare
    c_light constant real := 0.5; -- share of words up to which an answer is still the draft, edited
    v_draft text;
begin
    select b.draft into v_draft from item_body b where b.item_id = p_item;
    if not found then
        perform fail('TR002', format('check the number: there is no item %s', p_item));
    end if;
    return case when coalesce(p_text, v_draft, '') = coalesce(v_draft, '') then 'accepted'
                when edit_distance(v_draft, p_text) <= c_light then 'edited' else 'rewritten' end;
end $$;
comment on function triage.outcome_of is
    'accepted: the text is the draft. edited: at most half of its words changed. rewritten: more, or there was no draft. TR002.';

revoke all on function triage.outcome_of from public;
grant select on triage.held to triage_reviewer;
grant execute on function triage.outcome_of to triage_reviewer;

reset role;
