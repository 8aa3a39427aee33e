-- Every call of a reviewer can be repeated: when a reply was lost, the same call again returns what the first one did.

set local role triage_owner;

-- A claim ends once. So its number, what ended it and how it was said are the key of a call that gives an item back.
create function triage.gave_back(p_item bigint, p_claim_no bigint, p_event text, p_detail jsonb default '{}') returns boolean
language plpgsql set search_path = triage, pg_temp as $$
begin
    perform from item i where i.item_id = p_item for update; -- a second click waits here for the first
    return exists (select from history h where h.item_id = p_item and h.claim_no = p_claim_no and h.event = p_event
                   and coalesce(h.detail, '{}') @> p_detail and (not acts_as_reviewer() or h.actor = acting()));
end $$;
comment on function triage.gave_back is 'Locks the item and tells whether this claim ended by the same call before.';

create or replace function triage.release(p_item bigint, p_claim_no bigint) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    if not gave_back(p_item, p_claim_no, 'released') then
        perform put_back(claimed_item(p_item, p_claim_no), 'released', null);
    end if;
end $$;

create or replace function triage.skip(p_item bigint, p_claim_no bigint, p_reason text) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item;
begin
    perform check_reason(p_reason, 'a skip');
    if gave_back(p_item, p_claim_no, 'skipped', jsonb_build_object('reason', p_reason)) then
        return;
    end if;
    v_item := claimed_item(p_item, p_claim_no);
    perform put_back(v_item, 'skipped', jsonb_build_object('reason', p_reason));
    perform rest_from(v_item);
    perform remember_reason(v_item.claimed_by, p_reason);
end $$;

create or replace function triage.snooze(p_item bigint, p_claim_no bigint, p_until timestamptz) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_most interval := (select s.snooze_most from setting s);
begin
    if gave_back(p_item, p_claim_no, 'snoozed', jsonb_build_object('until', utc(p_until))) then
        return;
    end if;
    if p_until is null or p_until <= clock_timestamp() or p_until > clock_timestamp() + v_most then
        perform fail('TR006', format('snooze until a time in the next %s: it is %s', v_most, coalesce(p_until::text, 'null')));
    end if;
    perform put_back(claimed_item(p_item, p_claim_no), 'snoozed', jsonb_build_object('until', utc(p_until)));
    update item i set snoozed_until = p_until where i.item_id = p_item;
end $$;

create or replace function triage.escalate(p_item bigint, p_claim_no bigint, p_reason text, p_group text default null) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_said jsonb := jsonb_strip_nulls(jsonb_build_object('reason', p_reason, 'to', p_group));
    v_item item;
begin
    perform check_reason(p_reason, 'an escalation');
    if octet_length(p_group) not between 1 and 128 then
        perform fail('TR006', 'name a group of 1 to 128 bytes, or none');
    end if;
    if gave_back(p_item, p_claim_no, 'escalated', v_said) then
        return;
    end if;
    v_item := claimed_item(p_item, p_claim_no);
    perform put_back(v_item, 'escalated', v_said || jsonb_build_object('from', v_item.review_group, 'due_before', utc(v_item.due_at)));
    perform rest_from(v_item);
    update item i
    set review_group = coalesce(p_group, i.review_group), priority = 100,
        due_at = least(i.due_at, clock_timestamp() + (select s.escalate_within from setting s))
    where i.item_id = p_item;
end $$;

-- ---- claim, with a key ----

create table triage.claim_key (
    reviewer        text not null,
    idempotency_key text not null check (octet_length(idempotency_key) between 1 and 200),
    item_id         bigint not null,
    claim_no        bigint not null,
    claimed_at      timestamptz not null default clock_timestamp(),
    primary key (reviewer, idempotency_key, item_id)
);
create index claim_key_at on triage.claim_key (claimed_at);
comment on table triage.claim_key is 'Which claims a call of claim_once made. Forgotten after a day.';

create function triage.claim_once(p_idempotency_key text, p_n integer default 1, p_groups text[] default null,
                                  p_lease interval default null)
returns table (item_id bigint, claim_no bigint, claimed_until timestamptz, key text, revision bigint, profile text,
               review_group text, label text, risk text, priority smallint, due_at timestamptz, created_at timestamptz,
               request jsonb, ticket jsonb, draft text)
language plpgsql security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    v_reviewer text := reviewer(null);
begin
    if octet_length(p_idempotency_key) not between 1 and 200 or p_idempotency_key is null then
        perform fail('TR006', 'give an idempotency key of 1 to 200 bytes');
    end if;
    perform pg_advisory_xact_lock(hashtextextended(v_reviewer || ' ' || p_idempotency_key, 17));
    if not exists (select from claim_key k where k.reviewer = v_reviewer and k.idempotency_key = p_idempotency_key) then
        insert into claim_key (reviewer, idempotency_key, item_id, claim_no)
        select v_reviewer, p_idempotency_key, c.item_id, c.claim_no from claim(null, p_n, p_groups, p_lease) c;
    end if;
    return query
        select i.item_id, i.claim_no, i.claimed_until, i.key, i.revision, i.profile, i.review_group, i.label, i.risk, i.priority,
               i.due_at, i.created_at, shown_request(b.request, i.origin), b.ticket, b.draft
        from claim_key k join item i on i.item_id = k.item_id and i.claim_no = k.claim_no and i.state = 'claimed'
        join item_body b on b.item_id = i.item_id
        where k.reviewer = v_reviewer and k.idempotency_key = p_idempotency_key order by i.turn, i.item_id;
end $$;
comment on function triage.claim_once is
    'claim for the caller, with an idempotency key: the same call again gives the items that the first one took and that are still the caller''s, and takes no more. TR006, TR008.';

create or replace function triage.reassign(p_item bigint, p_claim_no bigint, p_to text, p_reason text)
returns table (claim_no bigint, claimed_until timestamptz)
language plpgsql security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    v_said jsonb := jsonb_build_object('to', p_to, 'reason', p_reason);
    v_item item;
begin
    perform check_reason(p_reason, 'handing on');
    if p_claim_no is not null and gave_back(p_item, p_claim_no + 1, 'reassigned', v_said) then
        return query select i.claim_no, i.claimed_until from item i where i.item_id = p_item;
        return;
    end if;
    if p_claim_no is null then
        v_item := unfinished_item(p_item);
    else
        v_item := claimed_item(p_item, p_claim_no);
    end if;
    if coalesce(octet_length(p_to), 0) not between 1 and 256 or (acts_as_reviewer() and not is_reviewer(p_to)) then
        perform fail('TR006', format('name a reviewer: %s is none', coalesce(p_to, 'null')));
    elsif v_item.not_for = p_to then
        perform fail('TR006', format('name another reviewer: item %s cannot go to %s', p_item, p_to));
    end if;
    update item i
    set state = 'claimed', claim_no = i.claim_no + 1, claimed_by = p_to, snoozed_until = null,
        claimed_until = clock_timestamp() + (select s.lease from setting s)
    where i.item_id = p_item returning * into v_item;
    perform note(p_item, 'reassigned', null, v_item.claim_no, v_said);
    perform note(p_item, 'claimed', p_to, v_item.claim_no);
    return query select v_item.claim_no, v_item.claimed_until;
end $$;

revoke all on function triage.gave_back, triage.claim_once from public;
grant execute on function triage.claim_once to triage_reviewer;

reset role;
