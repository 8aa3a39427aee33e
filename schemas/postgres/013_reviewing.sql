-- Handing items on: to a colleague, to another group, back to everybody, and to a second reviewer who is not told.

set local role triage_owner;

alter table triage.setting
    add column second_share real not null default 0 check (second_share between 0 and 1),
    add column escalate_within interval not null default '1 hour' check (escalate_within between '0' and '7 days'),
    add column claim_grace interval not null default '1 hour' check (claim_grace between '0' and '30 days'),
    add column keep_items interval check (keep_items >= '1 day'),
    add column alarm_transaction interval not null default '5 minutes' check (alarm_transaction >= '1 second'),
    add column alarm_backlog interval not null default '1 minute' check (alarm_backlog >= '1 second'),
    add column manual_seconds integer check (manual_seconds between 1 and 86400);
comment on column triage.setting.second_share is 'Share of answered tickets that a second reviewer gets, without the first''s answer.';
comment on column triage.setting.escalate_within is 'An escalated item is due within this time, or earlier if it was.';
comment on column triage.setting.claim_grace is 'So long after its time is over an abandoned claim is ended, and no late answer to it is taken.';
comment on column triage.setting.keep_items is 'Closed items older than this are deleted by maintain. Null: they are kept.';
comment on column triage.setting.alarm_transaction is 'A transaction open for longer is an alarm: it slows down every claim.';
comment on column triage.setting.alarm_backlog is 'Something that waits longer for the relay is an alarm.';
comment on column triage.setting.manual_seconds is 'How long one ticket took before there was a queue: what reviewing is compared with. Null: not known.';

alter table triage.item add column not_for text check (octet_length(not_for) between 1 and 256);
comment on column triage.item.not_for is 'Who is never offered it: the first reviewer of a second look.';

alter table triage.history drop constraint history_event_check;
alter table triage.history add constraint history_event_check check (event in (
    'enqueued', 'closed_on_arrival', 'claimed', 'expired', 'released', 'skipped', 'snoozed', 'resolved', 'undone', 'published',
    'superseded', 'withdrawn', 'reassigned', 'escalated', 'erased')) not valid;

-- ---- claim leaves out what is not for the caller ----

create or replace function triage.candidates(p_reviewer text, p_n integer, p_now timestamptz, p_turn bigint, p_from bigint)
returns setof bigint language sql set search_path = triage, pg_temp set enable_seqscan = off set enable_sort = off
set enable_bitmapscan = off as $$
    select i.item_id from item i
    where i.state in ('open', 'claimed') and (i.turn, i.item_id) >= (p_turn, p_from)
      and claimable(i.state, i.snoozed_until, i.claimed_until, p_now)
      and (i.skipped_until is null or i.skipped_until <= p_now or p_reviewer <> all (i.skipped_by))
      and (i.not_for is null or i.not_for <> p_reviewer)
    order by i.turn, i.item_id
    limit p_n for update skip locked
$$;

create or replace function triage.candidates_of_group(p_group text, p_reviewer text, p_n integer, p_now timestamptz,
                                                      p_turn bigint, p_from bigint)
returns setof bigint language sql set search_path = triage, pg_temp set enable_seqscan = off set enable_sort = off
set enable_bitmapscan = off as $$
    select i.item_id from item i
    where i.state in ('open', 'claimed') and i.review_group = p_group and (i.turn, i.item_id) >= (p_turn, p_from)
      and claimable(i.state, i.snoozed_until, i.claimed_until, p_now)
      and (i.skipped_until is null or i.skipped_until <= p_now or p_reviewer <> all (i.skipped_by))
      and (i.not_for is null or i.not_for <> p_reviewer)
    order by i.turn, i.item_id
    limit p_n for update skip locked
$$;

-- ---- skip, with the reasons a reviewer has given before ----

create table triage.skip_reason (
    reviewer text not null,
    reason   text not null,
    used     integer not null default 1,
    used_at  timestamptz not null default clock_timestamp(),
    primary key (reviewer, reason)
);
comment on table triage.skip_reason is 'Reasons that each reviewer has given for skipping, to be offered again.';

create function triage.remember_reason(p_reviewer text, p_reason text) returns void
language sql set search_path = triage, pg_temp as $$
    insert into skip_reason as s (reviewer, reason) values (p_reviewer, btrim(p_reason))
    on conflict (reviewer, reason) do update set used = s.used + 1, used_at = clock_timestamp();
    delete from skip_reason s where s.reviewer = p_reviewer and s.reason in ( -- the fifty used last are kept
        select o.reason from skip_reason o where o.reviewer = p_reviewer order by o.used_at desc, o.reason offset 50)
$$;

-- Not offered to this person for a while. Beyond 31 names the list starts over; after the rest everybody is offered the
-- item again: nothing starves.
create function triage.rest_from(p_item triage.item) returns void language sql set search_path = triage, pg_temp as $$
    update item i
    set skipped_by = case when i.skipped_until > clock_timestamp() and cardinality(i.skipped_by) < 32
                          then array_remove(i.skipped_by, p_item.claimed_by) else '{}' end || p_item.claimed_by,
        skipped_until = clock_timestamp() + (select s.skip_rest from setting s)
    where i.item_id = p_item.item_id
$$;

create function triage.check_reason(p_reason text, p_what text) returns void
language plpgsql immutable set search_path = triage, pg_temp as $$
begin
    if coalesce(btrim(p_reason), '') = '' or octet_length(p_reason) > 1000 then
        perform fail('TR006', format('say why in 1 to 1000 bytes: %s needs a reason', p_what));
    end if;
end $$;

create or replace function triage.skip(p_item bigint, p_claim_no bigint, p_reason text) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item := claimed_item(p_item, p_claim_no);
begin
    perform check_reason(p_reason, 'a skip');
    perform put_back(v_item, 'skipped', jsonb_build_object('reason', p_reason));
    perform rest_from(v_item);
    perform remember_reason(v_item.claimed_by, p_reason);
end $$;

create view triage.skip_reasons as
select s.reason, s.used, s.used_at from triage.skip_reason s where s.reviewer = triage.acting() order by s.used desc, s.used_at desc;
comment on view triage.skip_reasons is 'The caller''s own reasons for skipping, the most used first.';

create function triage.forget_skip_reason(p_reason text) returns void
language sql security definer set search_path = triage, pg_temp as $$
    delete from skip_reason s where s.reviewer = acting() and s.reason = p_reason
$$;
comment on function triage.forget_skip_reason is 'Removes one of the caller''s own reasons from the list.';

-- ---- to a colleague, to another group, back to everybody ----

create function triage.is_reviewer(p_name text) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
    select exists (select from pg_roles r where r.rolname = p_name and pg_has_role(r.oid, 'triage_reviewer', 'member'))
$$;

-- The locked item for whoever runs the queue: no claim number, but unfinished.
create function triage.unfinished_item(p_item bigint) returns triage.item
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_item item;
begin
    if acts_as_reviewer() then
        perform fail('TR006', 'name the number of your claim');
    end if;
    select * into v_item from item i where i.item_id = p_item for update;
    if not found then
        perform fail('TR002', format('check the number: there is no item %s', p_item));
    elsif v_item.state in ('superseded', 'withdrawn') then
        perform fail('TR007', format('take the next item: item %s was %s meanwhile', p_item, v_item.state), v_item.state::text);
    elsif v_item.state not in ('open', 'claimed') then
        perform fail('TR003', format('take the next item: item %s was answered already', p_item), v_item.state::text);
    end if;
    return v_item;
end $$;

create function triage.reassign(p_item bigint, p_claim_no bigint, p_to text, p_reason text)
returns table (claim_no bigint, claimed_until timestamptz)
language plpgsql security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    v_item item;
begin
    if p_claim_no is null then
        v_item := unfinished_item(p_item);
    else
        v_item := claimed_item(p_item, p_claim_no);
    end if;
    perform check_reason(p_reason, 'handing on');
    if coalesce(octet_length(p_to), 0) not between 1 and 256 or (acts_as_reviewer() and not is_reviewer(p_to)) then
        perform fail('TR006', format('name a reviewer: %s is none', coalesce(p_to, 'null')));
    elsif v_item.not_for = p_to then
        perform fail('TR006', format('name another reviewer: item %s cannot go to %s', p_item, p_to));
    end if;
    update item i
    set state = 'claimed', claim_no = i.claim_no + 1, claimed_by = p_to, snoozed_until = null,
        claimed_until = clock_timestamp() + (select s.lease from setting s)
    where i.item_id = p_item returning * into v_item;
    perform note(p_item, 'reassigned', null, v_item.claim_no, jsonb_build_object('to', p_to, 'reason', p_reason));
    perform note(p_item, 'claimed', p_to, v_item.claim_no);
    return query select v_item.claim_no, v_item.claimed_until;
end $$;
comment on function triage.reassign is
    'Gives a claimed item to another reviewer, under a new claim number. Without a claim number, for whoever runs the queue: any unanswered item. TR001, TR002, TR003, TR006, TR007, TR030.';

create function triage.escalate(p_item bigint, p_claim_no bigint, p_reason text, p_group text default null) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item := claimed_item(p_item, p_claim_no);
begin
    perform check_reason(p_reason, 'an escalation');
    if octet_length(p_group) not between 1 and 128 then
        perform fail('TR006', 'name a group of 1 to 128 bytes, or none');
    end if;
    perform put_back(v_item, 'escalated', jsonb_strip_nulls(jsonb_build_object('reason', p_reason, 'from', v_item.review_group,
        'to', p_group, 'due_before', utc(v_item.due_at))));
    perform rest_from(v_item);
    update item i
    set review_group = coalesce(p_group, i.review_group), priority = 100,
        due_at = least(i.due_at, clock_timestamp() + (select s.escalate_within from setting s))
    where i.item_id = p_item;
end $$;
comment on function triage.escalate is
    'Gives an item back to be looked at soon by somebody else, in another group if one is named. The answer stays open; to end the item as escalated, resolve it with that outcome.';

create function triage.expire(p_item bigint, p_reason text) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item := unfinished_item(p_item);
begin
    perform check_reason(p_reason, 'ending a claim');
    if v_item.state <> 'claimed' then
        perform fail('TR001', format('choose a claimed item: item %s is %s', p_item, v_item.state));
    end if;
    update item i set state = 'open', claimed_by = null, claimed_until = null where i.item_id = p_item;
    perform note(p_item, 'expired', null, v_item.claim_no,
                 jsonb_build_object('of', v_item.claimed_by, 'by_hand', p_reason));
end $$;
comment on function triage.expire is 'For whoever runs the queue: ends somebody''s claim now. Their answer to it comes too late. TR001, TR002, TR003, TR007.';

create function triage.expire_claims(p_limit integer default 1000) returns integer
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item;
    v_n    integer := 0;
begin
    for v_item in
        select * from item i
        where i.state = 'claimed' and i.claimed_until < clock_timestamp() - (select s.claim_grace from setting s)
        limit least(greatest(p_limit, 0), 10000) for update skip locked
    loop
        perform put_back(v_item, 'expired', jsonb_build_object('until', v_item.claimed_until));
        v_n := v_n + 1;
    end loop;
    return v_n;
end $$;
comment on function triage.expire_claims is 'Puts items back whose claim was over for setting.claim_grace. Claim does not wait for it. Returns how many.';

-- ---- second looks ----

create table triage.second_look (
    second_item     bigint primary key, -- both outlive the items
    first_item      bigint not null unique,
    profile         text not null,
    label           text not null,
    first_reviewer  text not null,
    first_label     text,
    second_reviewer text,
    second_label    text,
    asked_at        timestamptz not null default clock_timestamp(),
    answered_at     timestamptz
);
comment on table triage.second_look is 'One ticket answered by two people who do not know of each other. Kept when the items are deleted.';
comment on column triage.second_look.label is 'What the machine suggested to both.';

-- The same question again, to anybody but the first reviewer. p_more: what the new request says besides.
create function triage.ask_again(p_item triage.item, p_reviewer text, p_more jsonb) returns bigint
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_new bigint;
begin
    insert into item (review_id, key, revision, profile, review_group, label, risk, origin, priority, due_at, not_for)
    values (p_item.review_id || ':second', p_item.key, p_item.revision, p_item.profile, p_item.review_group, p_item.label,
            p_item.risk, 'second', p_item.priority, clock_timestamp() + (select s.default_sla from setting s), p_reviewer)
    on conflict do nothing returning item_id into v_new;
    if v_new is not null then
        insert into item_body (item_id, request, ticket, draft)
        select v_new, b.request || jsonb_build_object('origin', 'second') || p_more, b.ticket, b.draft
        from item_body b where b.item_id = p_item.item_id;
        perform note(v_new, 'enqueued', null);
    end if;
    return v_new;
end $$;

create or replace function triage.ask_second(p_item triage.item, p_reviewer text) returns void
language sql set search_path = triage, pg_temp as $$
    select ask_again(p_item, p_reviewer, jsonb_build_object('audit', p_item.item_id))
$$;

create function triage.look_twice(p_item triage.item, p_answer triage.resolution) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_second bigint;
begin
    if p_answer.outcome not in ('accepted', 'edited', 'rewritten', 'relabelled')
       or random() >= (select s.second_share from setting s) then
        return;
    end if;
    v_second := ask_again(p_item, p_answer.reviewer, '{}');
    insert into second_look (second_item, first_item, profile, label, first_reviewer, first_label)
    select v_second, p_item.item_id, p_item.profile, p_item.label, p_answer.reviewer, p_answer.final_label
    where v_second is not null;
end $$;

create or replace function triage.audit_answered(p_item triage.item, p_answer triage.resolution) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_other boolean := p_answer.final_label is distinct from nullif(p_item.label, '');
    v_audit bigint := (select (b.request ->> 'audit')::bigint from item_body b where b.item_id = p_item.item_id);
begin
    if p_item.origin = 'ticket' then
        perform look_twice(p_item, p_answer);
    elsif p_item.origin = 'audit' then
        update audit set first_label = p_answer.final_label where item_id = p_item.item_id;
        if v_other then
            perform ask_second(p_item, p_answer.reviewer);
        else
            perform audit_decide(p_item.item_id, 'right');
        end if;
    elsif p_item.origin = 'second' and v_audit is not null then
        update audit set second_label = p_answer.final_label where item_id = v_audit;
        perform audit_decide(v_audit, case when v_other then 'wrong' else 'right' end::audit_verdict);
    elsif p_item.origin = 'second' then
        update second_look set second_reviewer = p_answer.reviewer, second_label = p_answer.final_label,
                               answered_at = clock_timestamp()
        where second_item = p_item.item_id;
    end if;
end $$;

-- The second look at a ticket is shown as the ticket was: its own reasons, nothing that says it was answered before.
create or replace function triage.shown_request(p_request jsonb, p_origin triage.item_origin) returns jsonb
language sql immutable set search_path = triage, pg_temp as $$
    select case when p_origin = 'ticket' or (p_origin = 'second' and not p_request ? 'audit')
           then p_request - array['origin', 'review_id']
           else (p_request - array['origin', 'review_id', 'audit', 'known_label'])
                || jsonb_build_object(
                       'reasons', jsonb_build_array(
                           jsonb_build_object('code', 'confident', 'text', 'The probability reaches the threshold of the class.'),
                           jsonb_build_object('code', 'mode_shadow', 'text', 'The class runs in shadow: decided for the record, handled by a person.')),
                       'decision', coalesce(p_request -> 'decision', '{}')
                           || jsonb_build_object('reasons', jsonb_build_array('confident', 'mode_shadow')))
           end
$$;

create or replace function triage.show(p_item bigint) returns jsonb
language plpgsql stable security definer set search_path = triage, pg_temp as $$
declare
    v_shown jsonb;
begin
    select jsonb_build_object(
               'item', to_jsonb(i) - array['origin', 'review_id', 'turn', 'not_for'],
               'request', shown_request(b.request, i.origin), 'ticket', b.ticket, 'draft', b.draft,
               'history', (select coalesce(jsonb_agg(to_jsonb(h) - 'item_id' order by h.history_id), '[]')
                           from history h where h.item_id = p_item))
    into v_shown from item i join item_body b using (item_id) where i.item_id = p_item;
    if v_shown is null then
        perform fail('TR002', format('check the number: there is no item %s', p_item));
    end if;
    return v_shown;
end $$;

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
       case when i.origin = 'ticket' or (i.origin = 'second' and not b.request ? 'audit') then b.request #> '{decision,reasons}'
            else jsonb_build_array('confident', 'mode_shadow') end as reasons,
       b.draft is not null as has_draft
from triage.item i join triage.item_body b using (item_id)
where i.state in ('open', 'claimed')
order by i.turn, i.item_id;

revoke all on function triage.remember_reason, triage.rest_from, triage.check_reason, triage.forget_skip_reason,
    triage.is_reviewer, triage.unfinished_item, triage.reassign, triage.escalate, triage.expire, triage.expire_claims,
    triage.ask_again, triage.look_twice from public;
grant execute on function triage.reassign, triage.escalate, triage.forget_skip_reason to triage_reviewer;
grant select on triage.skip_reasons to triage_reviewer;
grant execute on function triage.reassign, triage.expire to triage_migrator;
grant execute on function triage.expire_claims to triage_relay, triage_worker;
grant select on triage.second_look to triage_auditor;

reset role;
