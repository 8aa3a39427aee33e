-- What somebody else did to an item that a reviewer has, or had: said once, where the reviewer looks.

set local role triage_owner;

create table triage.notice (
    notice_id bigint generated always as identity primary key,
    reviewer  text not null,
    item_id   bigint not null,
    claim_no  bigint not null,
    event     text not null check (event in ('superseded', 'withdrawn', 'reassigned', 'taken_away')),
    key       text not null,
    detail    jsonb,
    at        timestamptz not null default clock_timestamp()
);
create index notice_of on triage.notice (reviewer, notice_id);
create index notice_at on triage.notice (at);
comment on table triage.notice is 'For a reviewer: the ticket changed under a claim or a held answer, an item was handed over, a claim was ended.';

-- Each event of the history that concerns a claimant other than the actor. One place, whoever wrote the event.
create function triage.notify_reviewer() returns trigger language plpgsql set search_path = triage, pg_temp as $$
declare
    v_item item;
begin
    select * into v_item from item i where i.item_id = new.item_id;
    insert into notice (reviewer, item_id, claim_no, event, key, detail)
    select w.reviewer, new.item_id, new.claim_no, w.event, v_item.key, new.detail
    from (select case new.event when 'reassigned' then new.detail ->> 'to'
                                when 'expired' then new.detail ->> 'of'
                                else v_item.claimed_by end as reviewer,
                 case new.event when 'expired' then 'taken_away' else new.event end as event) w
    where w.reviewer is not null and w.reviewer <> new.actor;
    return null;
end $$;
create trigger notify_reviewer after insert on triage.history for each row
    when (new.claim_no is not null and (
        new.event = 'reassigned' or (new.event = 'expired' and new.detail ? 'by_hand')
        or (new.event in ('superseded', 'withdrawn') and new.detail ->> 'was' in ('claimed', 'held'))))
    execute function triage.notify_reviewer();

create view triage.notices as
select n.notice_id, n.at, n.event, n.item_id, n.claim_no, n.key, n.detail
from triage.notice n where n.reviewer = triage.acting() and n.at > clock_timestamp() - interval '1 day' order by n.notice_id desc;
comment on view triage.notices is
    'Of the last day, what happened to the caller''s items by other hands: superseded and withdrawn (the ticket changed; an answer in its hold window was dropped), reassigned (given to the caller), taken_away (the claim was ended).';

-- ---- housekeeping ----

create function triage.forget_notices(p_limit integer default 1000) returns integer
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_notices integer;
    v_keys    integer;
begin
    delete from notice n where n.notice_id in (
        select o.notice_id from notice o where o.at < clock_timestamp() - interval '7 days'
        order by o.at limit least(greatest(p_limit, 0), 100000));
    get diagnostics v_notices = row_count;
    delete from claim_key k where k.ctid in (
        select o.ctid from claim_key o where o.claimed_at < clock_timestamp() - interval '1 day'
        order by o.claimed_at limit least(greatest(p_limit, 0), 100000));
    get diagnostics v_keys = row_count;
    return v_notices + v_keys;
end $$;
comment on function triage.forget_notices is 'Deletes notices after a week and keys of claims after a day. A part of maintain.';

create or replace function triage.maintain(p_limit integer default 1000) returns jsonb
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    return jsonb_build_object('keys_forgotten', forget_keys(p_limit), 'claims_ended', expire_claims(p_limit),
                              'items_marked', mark_items(p_limit), 'items_deleted', purge(p_limit),
                              'notices_forgotten', forget_notices(p_limit));
end $$;

revoke all on function triage.notify_reviewer, triage.forget_notices from public;
grant select on triage.notices to triage_reviewer;

reset role;
