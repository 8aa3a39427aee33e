-- Samples that look like any other item: in their times, priority and history too.

set local role triage_owner;

-- Audits, and second looks at audits, are shown as a class in shadow. Every other sample keeps the reasons of its ticket.
create function triage.in_shadow(p_request jsonb, p_origin triage.item_origin) returns boolean
language sql immutable set search_path = triage, pg_temp as $$
    select p_origin = 'audit' or (p_origin = 'second' and p_request ? 'audit')
$$;

-- The words are those of the program's table of reasons (docs/SCHEMAS.md; tests/docs.py compares).
create or replace function triage.shown_request(p_request jsonb, p_origin triage.item_origin) returns jsonb
language sql immutable set search_path = triage, pg_temp as $$
    select case when not in_shadow(p_request, p_origin)
           then p_request - array['origin', 'review_id', 'known_label']
           else (p_request - array['origin', 'review_id', 'audit'])
                || jsonb_build_object(
                       'reasons', jsonb_build_array(
                           jsonb_build_object('code', 'confident', 'text', 'The calibrated probability reaches the threshold of the class.'),
                           jsonb_build_object('code', 'mode_shadow', 'text', 'The class runs in shadow: decided for the record, handled by a person.')),
                       'decision', coalesce(p_request -> 'decision', '{}')
                           || jsonb_build_object('reasons', jsonb_build_array('confident', 'mode_shadow')))
           end
$$;

create or replace view triage.queue as
select i.item_id, i.state, i.review_group, i.label, i.risk, i.priority, i.due_at,
       i.due_at - clock_timestamp() as time_left,
       i.due_at < clock_timestamp() as overdue,
       i.claimed_by, i.claimed_until,
       i.state = 'claimed' and i.claimed_until <= clock_timestamp() as claim_expired,
       i.snoozed_until, cardinality(i.skipped_by) as skips,
       clock_timestamp() - i.created_at as age,
       i.key, i.revision, i.profile, left(b.ticket ->> 'subject', 200) as subject,
       b.request #> '{decision,confidence}' as confidence,
       case when triage.in_shadow(b.request, i.origin) then jsonb_build_array('confident', 'mode_shadow')
            else b.request #> '{decision,reasons}' end as reasons,
       b.draft is not null as has_draft
from triage.item i join triage.item_body b using (item_id)
where i.state in ('open', 'claimed')
order by i.turn, i.item_id;

create function triage.feed_priority(p_record jsonb) returns smallint language sql immutable
set search_path = triage, pg_temp as $$
    select least(greatest(round(coalesce((p_record ->> 'priority')::numeric, 50)), 0), 100)::smallint
$$;

-- When a question that is asked again came and is due: as the first did while its time has not come, else as if it came
-- now. What an escalation changed is not carried over, because the history of the new item does not tell of one.
create function triage.sample_times(p_item triage.item, out created_at timestamptz, out due_at timestamptz)
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_now     timestamptz := clock_timestamp();
    v_request jsonb := (select b.request from item_body b where b.item_id = p_item.item_id);
begin
    created_at := p_item.created_at; due_at := p_item.due_at;
    if p_item.due_at <= v_now
       or exists (select from history h where h.item_id = p_item.item_id and h.event = 'escalated') then
        created_at := v_now; due_at := feed_due(v_request);
    end if;
    if due_at <= v_now then -- the request named a time, and it is over
        due_at := v_now + (select s.default_sla from setting s);
    end if;
end $$;

-- Puts a question about an item into the queue again, as a sample; null when it is there already. Its history begins as
-- the first one's did: who enqueued it would tell that it was not the feeder.
create function triage.ask_sample(p_item triage.item, p_origin triage.item_origin, p_review_id text, p_label text,
                                  p_not_for text, p_request jsonb)
returns bigint language plpgsql set search_path = triage, pg_temp as $$
declare
    v_times record := sample_times(p_item);
    v_new   bigint;
begin
    insert into item (review_id, key, revision, profile, review_group, label, risk, origin, priority, created_at, due_at, not_for)
    values (p_review_id, p_item.key, p_item.revision, p_item.profile, p_item.review_group, p_label, p_item.risk, p_origin,
            feed_priority(p_request), v_times.created_at, v_times.due_at, p_not_for)
    on conflict do nothing returning item_id into v_new;
    if v_new is not null then
        insert into item_body (item_id, request, ticket, draft)
        select v_new, p_request, b.ticket, b.draft from item_body b where b.item_id = p_item.item_id;
        insert into history (item_id, at, event, actor)
        values (v_new, v_times.created_at, 'enqueued',
                coalesce((select h.actor from history h where h.item_id = p_item.item_id and h.event = 'enqueued'
                          order by h.history_id limit 1), acting()));
    end if;
    return v_new;
end $$;

create or replace function triage.ask_again(p_item triage.item, p_reviewer text, p_more jsonb) returns bigint
language plpgsql set search_path = triage, pg_temp as $$
begin
    return ask_sample(p_item, 'second', p_item.review_id || ':second', p_item.label, p_reviewer,
        (select b.request from item_body b where b.item_id = p_item.item_id) || '{"origin": "second"}' || p_more);
end $$;

-- The wrong label takes the place of the right one in the decision, and the right one its place among the alternatives.
create function triage.swap_labels(p_decision jsonb, p_one text, p_other text) returns jsonb
language sql immutable set search_path = triage, pg_temp as $$
    select p_decision || jsonb_build_object('label', p_other)
        || case when jsonb_typeof(p_decision -> 'alternatives') <> 'array' then '{}' else jsonb_build_object('alternatives', (
               select coalesce(jsonb_agg(case a ->> 'label' when p_one then a || jsonb_build_object('label', p_other)
                                                            when p_other then a || jsonb_build_object('label', p_one)
                                                            else a end order by n), '[]')
               from jsonb_array_elements(p_decision -> 'alternatives') with ordinality x(a, n))) end
$$;

create or replace function triage.ask_known(p_item bigint, p_wrong_label text) returns bigint
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item   item;
    v_answer resolution;
    v_asked  jsonb;
    v_new    bigint;
begin
    select * into v_item from item i where i.item_id = p_item and i.state = 'released' and i.origin = 'ticket';
    select * into v_answer from resolution r where r.item_id = p_item and r.state = 'released';
    if v_answer.final_label is null then
        perform fail('TR002', format('choose an answered item with a label: item %s is none', p_item));
    elsif p_wrong_label is null or p_wrong_label = v_answer.final_label or octet_length(p_wrong_label) not between 1 and 128 then
        perform fail('TR006', format('give another label than %s', v_answer.final_label));
    end if;
    select b.request into v_asked from item_body b where b.item_id = p_item;
    v_new := ask_sample(v_item, 'known_answer', v_item.review_id || ':known:' || p_wrong_label, p_wrong_label, v_answer.reviewer,
        v_asked || jsonb_build_object('origin', 'known_answer', 'label', p_wrong_label, 'known_label', v_answer.final_label,
            'decision', swap_labels(coalesce(v_asked -> 'decision', '{}'), v_item.label, p_wrong_label)));
    if v_new is null then
        perform fail('TR006', format('give another label: item %s was asked again with %s', p_item, p_wrong_label));
    end if;
    return v_new;
end $$;
comment on function triage.ask_known is
    'Puts an answered ticket into the queue again, with a label that is known to be wrong, for anybody but who answered it. Returns the new item. TR002, TR006.';

revoke all on function triage.in_shadow, triage.feed_priority, triage.sample_times, triage.ask_sample, triage.swap_labels from public;
grant execute on function triage.in_shadow to triage_reviewer, triage_auditor;

reset role;
