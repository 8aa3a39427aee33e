-- Audits: what a blind look says of decisions that no person saw, and so of the promise. An error counts when a second
-- reviewer, who is not told of the first, gives another label than the machine too.

set local role triage_owner;

create type triage.audit_verdict as enum ('right', 'wrong', 'skipped');
comment on type triage.audit_verdict is
    'right: the first reviewer kept the label, or the second did. wrong: both gave another. skipped: overtaken before an answer.';

create table triage.audit (
    item_id      bigint primary key, -- outlives the item
    key          text not null,
    revision     bigint not null,
    profile      text not null,
    promise      text not null,
    label        text not null,
    first_label  text,
    second_label text,
    asked_at     timestamptz not null default clock_timestamp(),
    verdict      triage.audit_verdict,
    verdict_no   bigint unique,
    decided_at   timestamptz,
    constraint audit_verdict_is_whole check ((verdict is null) = (decided_at is null) and
                                             (verdict is null) = (verdict_no is null))
);
comment on table triage.audit is 'One audited decision and its verdict. Kept when the item is deleted: the promise is watched over all of them.';
comment on column triage.audit.promise is 'Hash of the promise in force at the decision; empty without one.';
comment on column triage.audit.label is 'What the machine gave.';
comment on column triage.audit.verdict_no is 'Order of the verdicts: the watch reads them in it.';
create index audit_by_verdict on triage.audit (profile, promise, verdict_no) where verdict in ('right', 'wrong');
create sequence triage.audit_verdict_no;

create table triage.alarm (
    alarm_id   bigint generated always as identity primary key,
    profile    text not null,
    promise    text not null,
    scope      text not null,
    at_verdict bigint not null,
    detail     jsonb not null,
    raised_at  timestamptz not null default clock_timestamp(),
    unique (profile, promise, scope)
);
comment on table triage.alarm is 'A promise that the audits contradict. Raised once; what it caps stands in triage.control.';
comment on column triage.alarm.scope is 'Empty: all classes together; else the class whose own promise it was.';
comment on column triage.alarm.at_verdict is 'The verdict at which the detector alarmed.';

alter table triage.outbox drop constraint outbox_kind_check;
alter table triage.outbox add constraint outbox_kind_check check (kind in ('result', 'audit', 'control')) not valid;
comment on column triage.outbox.kind is 'Names the topic: result, audit or control.';

-- ---- what a reviewer is shown ----

-- An audit looks like an item of a class in shadow mode: a prefilled answer, nothing that says it went out already.
create function triage.shown_request(p_request jsonb, p_origin triage.item_origin) returns jsonb
language sql immutable set search_path = triage, pg_temp as $$
    select case p_origin when 'ticket' then p_request - array['origin', 'review_id']
           else (p_request - array['origin', 'review_id', 'audit', 'known_label'])
                || jsonb_build_object(
                       'reasons', jsonb_build_array(
                           jsonb_build_object('code', 'confident', 'text', 'The probability reaches the threshold of the class.'),
                           jsonb_build_object('code', 'mode_shadow', 'text', 'The class runs in shadow: decided for the record, handled by a person.')),
                       'decision', coalesce(p_request -> 'decision', '{}')
                           || jsonb_build_object('reasons', jsonb_build_array('confident', 'mode_shadow')))
           end
$$;
comment on function triage.shown_request is 'The request as a reviewer sees it: nothing in it tells an audit from a ticket.';

create or replace function triage.claim(p_reviewer text default null, p_n integer default 1, p_groups text[] default null,
                                        p_lease interval default null)
returns table (item_id bigint, claim_no bigint, claimed_until timestamptz, key text, revision bigint, profile text,
               review_group text, label text, risk text, priority smallint, due_at timestamptz, created_at timestamptz,
               request jsonb, ticket jsonb, draft text)
language plpgsql security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    v_reviewer text := reviewer(p_reviewer);
    v_lease    interval := coalesce(p_lease, (select s.lease from setting s));
    v_now      timestamptz := clock_timestamp();
    v_ids      bigint[];
begin
    perform check_claim_request(v_reviewer, p_n, p_groups, v_lease);
    v_ids := best_candidates(v_reviewer, p_n, p_groups, v_now);
    return query
        select t.item_id, t.claim_no, t.claimed_until, t.key, t.revision, t.profile, t.review_group, t.label, t.risk,
               t.priority, t.due_at, t.created_at, shown_request(b.request, t.origin), b.ticket, b.draft
        from take(v_ids, v_reviewer, v_now + v_lease, v_now) t join item_body b on b.item_id = t.item_id
        order by t.turn, t.item_id;
end $$;

create or replace function triage.show(p_item bigint) returns jsonb
language plpgsql stable security definer set search_path = triage, pg_temp as $$
declare
    v_shown jsonb;
begin
    select jsonb_build_object(
               'item', to_jsonb(i) - array['origin', 'review_id', 'turn'],
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
       case i.origin when 'ticket' then b.request #> '{decision,reasons}'
                     else jsonb_build_array('confident', 'mode_shadow') end as reasons,
       b.draft is not null as has_draft
from triage.item i join triage.item_body b using (item_id)
where i.state in ('open', 'claimed')
order by i.turn, i.item_id;

-- ---- verdicts ----

create function triage.audit_decide(p_item bigint, p_verdict triage.audit_verdict) returns void
language sql set search_path = triage, pg_temp as $$
    update audit set verdict = p_verdict, verdict_no = nextval('triage.audit_verdict_no'), decided_at = clock_timestamp()
    where item_id = p_item and verdict is null
$$;

-- The same question again, to anybody but the first reviewer.
create function triage.ask_second(p_item triage.item, p_reviewer text) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_new item;
begin
    insert into item (review_id, key, revision, profile, review_group, label, risk, origin, priority, due_at, skipped_by,
                      skipped_until)
    values (p_item.review_id || ':second', p_item.key, p_item.revision, p_item.profile, p_item.review_group, p_item.label,
            p_item.risk, 'second', p_item.priority, clock_timestamp() + (select s.default_sla from setting s),
            array[p_reviewer], clock_timestamp() + interval '90 days')
    on conflict do nothing returning * into v_new;
    if v_new.item_id is null then
        return;
    end if;
    insert into item_body (item_id, request, ticket, draft)
    select v_new.item_id, b.request || jsonb_build_object('origin', 'second', 'audit', p_item.item_id), b.ticket, b.draft
    from item_body b where b.item_id = p_item.item_id;
    perform note(v_new.item_id, 'enqueued', null);
end $$;

create function triage.audit_answered(p_item triage.item, p_answer triage.resolution) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_other boolean := p_answer.final_label is distinct from nullif(p_item.label, '');
    v_audit bigint := (select (b.request ->> 'audit')::bigint from item_body b where b.item_id = p_item.item_id);
begin
    if p_item.origin = 'audit' then
        update audit set first_label = p_answer.final_label where item_id = p_item.item_id;
        if v_other then
            perform ask_second(p_item, p_answer.reviewer);
        else
            perform audit_decide(p_item.item_id, 'right');
        end if;
    elsif p_item.origin = 'second' then
        update audit set second_label = p_answer.final_label where item_id = v_audit;
        perform audit_decide(v_audit, case when v_other then 'wrong' else 'right' end::audit_verdict);
    end if;
end $$;

create function triage.audit_asked() returns trigger language plpgsql set search_path = triage, pg_temp as $$
begin
    insert into audit (item_id, key, revision, profile, promise, label)
    select i.item_id, i.key, i.revision, i.profile, coalesce(new.request #>> '{decision,promise,id}', ''), i.label
    from item i where i.item_id = new.item_id and i.origin = 'audit';
    return null;
end $$;
create trigger audit_asked after insert on triage.item_body for each row execute function triage.audit_asked();

create function triage.audit_overtaken() returns trigger language plpgsql set search_path = triage, pg_temp as $$
begin
    perform audit_decide(case new.origin when 'audit' then new.item_id
        else (select (b.request ->> 'audit')::bigint from item_body b where b.item_id = new.item_id) end, 'skipped');
    return null;
end $$;
create trigger audit_overtaken after update of state on triage.item for each row
    when (new.origin in ('audit', 'second') and new.state in ('superseded', 'withdrawn') and old.state is distinct from new.state)
    execute function triage.audit_overtaken();

create or replace function triage.publish_answer(p_item triage.item) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_answer resolution;
begin
    update resolution r set state = 'released', ended_at = clock_timestamp()
    where r.item_id = p_item.item_id and r.state = 'held' returning * into strict v_answer;
    update item i set state = 'released', held_until = null, closed_at = clock_timestamp()
    where i.item_id = p_item.item_id;
    perform note(p_item.item_id, 'published', null, v_answer.claim_no,
                 jsonb_build_object('resolution_id', v_answer.resolution_id));
    perform audit_answered(p_item, v_answer);
    perform publish(p_item, 'reviewed', jsonb_build_object('review', jsonb_build_object(
        'outcome', v_answer.outcome, 'final_label', v_answer.final_label, 'final_text', v_answer.final_text,
        'reviewer_ref', v_answer.reviewer, 'seconds', v_answer.seconds, 'edit_distance', v_answer.edit_distance)));
end $$;

-- ---- what the watch reads and says ----

create function triage.audit_verdicts(p_profile text, p_promise text, p_after bigint default 0, p_limit integer default 10000)
returns table (verdict_no bigint, label text, wrong boolean)
language sql stable security definer set search_path = triage, pg_temp as $$
    select a.verdict_no, a.label, a.verdict = 'wrong' from audit a
    where a.profile = p_profile and a.promise = p_promise and a.verdict in ('right', 'wrong') and a.verdict_no > p_after
    order by a.verdict_no limit least(greatest(p_limit, 0), 100000)
$$;
comment on function triage.audit_verdicts is 'Verdicts on decisions under one promise, in their order. A number may become visible late: read from the beginning.';

create function triage.raise_alarm(p_profile text, p_promise text, p_scope text, p_at bigint, p_caps jsonb) returns boolean
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_cap jsonb;
begin
    insert into alarm (profile, promise, scope, at_verdict, detail)
    values (p_profile, p_promise, p_scope, p_at, p_caps) on conflict do nothing;
    if not found then
        return false;
    end if;
    for v_cap in select * from jsonb_array_elements(p_caps) loop
        insert into outbox (message_id, kind, key, headers, payload)
        values (format('control/%s/%s/%s/%s', p_profile, p_promise, p_scope, v_cap ->> 'key'), 'control', v_cap ->> 'key',
                jsonb_build_object('content-type', 'application/json'), v_cap -> 'value');
    end loop;
    return true;
end $$;
comment on function triage.raise_alarm is
    'Writes an alarm and its caps [{key, value}] down, once for a promise and scope; the relay publishes them on triage.control. False: it was raised before.';

-- ---- known answers ----

-- Asks an answered ticket again with a wrong suggestion: whoever accepts it did not read.
create function triage.ask_known(p_item bigint, p_wrong_label text) returns bigint
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item  item;
    v_known text;
    v_new   item;
begin
    select * into v_item from item i where i.item_id = p_item and i.state = 'released' and i.origin = 'ticket';
    select r.final_label into v_known from resolution r where r.item_id = p_item and r.state = 'released';
    if v_known is null then
        perform fail('TR002', format('choose an answered item with a label: item %s is none', p_item));
    elsif p_wrong_label is null or p_wrong_label = v_known or octet_length(p_wrong_label) not between 1 and 128 then
        perform fail('TR006', format('give another label than %s', v_known));
    end if;
    insert into item (review_id, key, revision, profile, review_group, label, risk, origin, priority, due_at)
    values (v_item.review_id || ':known:' || p_wrong_label, v_item.key, v_item.revision, v_item.profile,
            v_item.review_group, p_wrong_label, v_item.risk, 'known_answer', v_item.priority,
            clock_timestamp() + (select s.default_sla from setting s))
    on conflict do nothing returning * into v_new;
    if v_new.item_id is null then
        perform fail('TR006', format('give another label: item %s was asked again with %s', p_item, p_wrong_label));
    end if;
    insert into item_body (item_id, request, ticket, draft)
    select v_new.item_id,
           b.request || jsonb_build_object('origin', 'known_answer', 'label', p_wrong_label, 'known_label', v_known,
               'decision', coalesce(b.request -> 'decision', '{}') || jsonb_build_object('label', p_wrong_label)),
           b.ticket, b.draft
    from item_body b where b.item_id = p_item;
    perform note(v_new.item_id, 'enqueued', null);
    return v_new.item_id;
end $$;
comment on function triage.ask_known is 'Puts an answered ticket into the queue again, with a label that is known to be wrong. Returns the new item. TR002, TR006.';

-- ---- views ----

create view triage.audits as
select a.profile, a.promise, a.label, count(*) as drawn,
       count(*) filter (where a.verdict = 'right') as right,
       count(*) filter (where a.verdict = 'wrong') as wrong,
       count(*) filter (where a.verdict = 'skipped') as skipped,
       count(*) filter (where a.verdict is null and a.first_label is not null) as with_second,
       count(*) filter (where a.verdict is null and a.first_label is null) as open
from triage.audit a group by a.profile, a.promise, a.label;
comment on view triage.audits is 'Verdicts on what no person saw, per promise and label. wrong is a lower bound: both reviewers saw the suggestion.';

create view triage.trust as
select r.reviewer, count(*) as known_answers, count(*) filter (where r.final_label = i.label) as accepted_wrong
from triage.resolution r join triage.item i using (item_id)
where i.origin = 'known_answer' and r.state = 'released' group by r.reviewer;
comment on view triage.trust is 'How often each reviewer accepted a suggestion that is known to be wrong.';

revoke all on function triage.shown_request, triage.audit_decide, triage.ask_second, triage.audit_answered,
    triage.audit_asked, triage.audit_overtaken, triage.audit_verdicts, triage.raise_alarm, triage.ask_known from public;
grant execute on function triage.audit_verdicts, triage.raise_alarm to triage_relay;
grant execute on function triage.ask_known to triage_migrator;
grant select on triage.audits, triage.trust, triage.alarm to triage_auditor;
grant select on triage.audits to triage_metrics;

reset role;
