-- Nothing starves: what comes later never gets a turn before what is overdue already.

set local role triage_owner;

-- A helpdesk may name any due time. One that lies in the past would put each new item before all that wait, and one in a
-- far future would let an item wait for ever: the first counts as now, the second as a year from now.
create function triage.fair_due(p_record jsonb) returns timestamptz language sql stable set search_path = triage, pg_temp as $$
    select least(greatest(feed_due(p_record), clock_timestamp()), clock_timestamp() + interval '525600 minutes')
$$;
comment on function triage.fair_due is 'When a request is due: between now and a year from now. The time it named stays in the request.';

create or replace function triage.feed_request(p_record jsonb) returns text
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_revision bigint := (p_record ->> 'revision')::numeric;
    v_highest  bigint := see_key(p_record ->> 'key', v_revision);
    v_by       jsonb := jsonb_build_object('reason', 'superseded', 'revision', v_highest, 'position', null);
    v_item     item;
begin
    perform close_below(p_record ->> 'key', v_revision, 'superseded',
                        v_by || jsonb_build_object('position', p_record -> 'input'));
    insert into item (review_id, key, revision, profile, review_group, label, risk, origin, priority, due_at)
    values (p_record ->> 'review_id', p_record ->> 'key', v_revision, coalesce(p_record ->> 'profile', ''),
            coalesce(p_record ->> 'review_group', ''),
            coalesce(p_record ->> 'label', p_record #>> '{decision,label}', ''),
            coalesce(p_record ->> 'risk', 'medium'), coalesce(p_record ->> 'origin', 'ticket')::item_origin,
            feed_priority(p_record), fair_due(p_record))
    on conflict do nothing returning * into v_item;
    if v_item.item_id is null then
        return 'duplicate';
    end if;
    insert into item_body (item_id, request, ticket, draft)
    values (v_item.item_id, p_record - 'ticket', p_record -> 'ticket', p_record #>> '{decision,draft,text}');
    perform note(v_item.item_id, 'enqueued', null);
    if v_revision < v_highest then
        perform close_item(v_item, 'closed_on_arrival', v_by);
        return 'late';
    end if;
    return 'enqueued';
end $$;

revoke all on function triage.fair_due from public;

reset role;
