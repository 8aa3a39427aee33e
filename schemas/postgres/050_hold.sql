-- Answers on hold: items that release themselves as answered after a while, unless a person takes one, a newer message
-- comes or it is stopped. Their ending is written here, like that of every item.

set local role triage_owner;

alter table triage.item add column release_at timestamptz;
comment on column triage.item.release_at is 'Of an answer on hold: when it goes out by itself. Null: a person decides.';
create index item_release on triage.item (release_at) where release_at is not null;

-- The time counts from here, so that an outage before can't use it up. Until it is over nobody is offered the item.
create function triage.hold_asked() returns trigger language plpgsql set search_path = triage, pg_temp as $$
begin
    update item i set release_at = clock_timestamp() + (new.request #>> '{hold,seconds}')::numeric(12, 3) * interval '1 second',
                      snoozed_until = clock_timestamp() + (new.request #>> '{hold,seconds}')::numeric(12, 3) * interval '1 second'
    where i.item_id = new.item_id and i.state = 'open' and i.origin = 'ticket';
    return null;
end $$;
create trigger hold_asked after insert on triage.item_body for each row
    when (jsonb_typeof(new.request #> '{hold,seconds}') = 'number') execute function triage.hold_asked();

-- Whoever takes it, answers it or overtakes it ends the hold, and nothing begins it again.
create function triage.hold_ended() returns trigger language plpgsql set search_path = triage, pg_temp as $$
begin
    new.release_at := null;
    return new;
end $$;
create trigger hold_ended before update of state on triage.item for each row
    when (old.release_at is not null and new.state <> 'open') execute function triage.hold_ended();

create function triage.holds(p_limit integer default 1000)
returns table (item_id bigint, key text, profile text, label text, due boolean)
language sql stable security definer set search_path = triage, pg_temp as $$
    select i.item_id, i.key, i.profile, i.label, i.release_at <= clock_timestamp()
    from item i where i.release_at is not null
    order by i.release_at limit least(greatest(p_limit, 0), 100000)
$$;
comment on function triage.holds is 'Answers on hold, the next to go out first, for whoever releases or stops them.';

-- The audit of an answer that was drawn when it was decided: asked once it is out.
create function triage.ask_audit(p_item triage.item) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_new bigint;
begin
    insert into item (review_id, key, revision, profile, review_group, label, risk, origin, priority, due_at)
    values (p_item.review_id || ':audit', p_item.key, p_item.revision, p_item.profile, p_item.review_group, p_item.label,
            p_item.risk, 'audit', p_item.priority, clock_timestamp() + (select s.default_sla from setting s))
    on conflict do nothing returning item_id into v_new;
    if v_new is not null then
        insert into item_body (item_id, request, ticket, draft)
        select v_new, b.request - 'hold' || jsonb_build_object('origin', 'audit'), b.ticket, b.draft
        from item_body b where b.item_id = p_item.item_id;
        perform note(v_new, 'enqueued', null);
    end if;
end $$;

create function triage.release_hold(p_item bigint) returns boolean
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item;
begin
    select * into v_item from item i
    where i.item_id = p_item and i.state = 'open' and i.release_at <= clock_timestamp() for update skip locked;
    if v_item.item_id is null then
        return false;
    end if;
    update item i set state = 'released', closed_at = clock_timestamp(), snoozed_until = null where i.item_id = p_item;
    perform note(p_item, 'published', null, null, jsonb_build_object('hold', v_item.release_at));
    perform publish(v_item, 'answered', '{"review": null}');
    if (select (b.request #> '{hold,audit}') = 'true' from item_body b where b.item_id = p_item) then
        perform ask_audit(v_item);
    end if;
    return true;
end $$;
comment on function triage.release_hold is 'Sends an answer out whose hold is over: the item, its ending and its audit in one transaction. False: it is not due, or not on hold any more.';

create function triage.stop_hold(p_item bigint, p_reason text) returns boolean
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item;
begin
    if coalesce(octet_length(p_reason), 0) not between 1 and 500 then
        perform fail('TR006', 'give a reason of 1 to 500 bytes');
    end if;
    select * into v_item from item i where i.item_id = p_item and i.release_at is not null for update;
    if v_item.item_id is null then
        return false;
    end if;
    update item i set release_at = null, snoozed_until = null where i.item_id = p_item;
    perform note(p_item, 'hold_stopped', null, null, jsonb_build_object('reason', p_reason));
    return true;
end $$;
comment on function triage.stop_hold is 'Takes an answer off hold: a person decides it now, like any other item. False: it was not on hold. TR006.';

create view triage.on_hold as
select i.item_id, i.key, i.revision, i.profile, i.label, i.release_at, i.release_at - clock_timestamp() as time_left,
       left(b.ticket ->> 'subject', 200) as subject, b.draft
from triage.item i join triage.item_body b using (item_id) where i.release_at is not null order by i.release_at;
comment on view triage.on_hold is 'Answers that go out by themselves, and when.';

-- release_hold and stop_hold note what was not there before.
do $$
declare
    v_events text := (select pg_get_constraintdef(c.oid) from pg_constraint c
                      where c.conname = 'history_event_check' and c.conrelid = 'triage.history'::regclass);
begin
    alter table triage.history drop constraint history_event_check;
    execute 'alter table triage.history add constraint history_event_check '
        || replace(regexp_replace(v_events, ' NOT VALID$', ''), 'ARRAY[', 'ARRAY[''hold_stopped''::text, ') || ' not valid';
end $$;

revoke all on function triage.hold_asked, triage.hold_ended, triage.holds, triage.ask_audit, triage.release_hold,
    triage.stop_hold from public;
grant execute on function triage.holds, triage.release_hold, triage.stop_hold to triage_relay;
grant execute on function triage.stop_hold to triage_reviewer;
grant select on triage.on_hold to triage_reviewer, triage_auditor;

reset role;
