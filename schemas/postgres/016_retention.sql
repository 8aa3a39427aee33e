-- What is kept, for how long, and how one person is forgotten; and the housekeeping that somebody must call.

set local role triage_owner;

create function triage.purge(p_limit integer default 1000) returns integer
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_n integer;
begin
    delete from item d where d.item_id in (
        select i.item_id from item i
        where i.state in ('released', 'superseded', 'withdrawn')
          and i.closed_at < clock_timestamp() - (select s.keep_items from setting s)
          and not exists (select from alike_answer a join item o on o.item_id = a.item_id
                          where a.other_item = i.item_id and o.closed_at is null)
        order by i.closed_at limit least(greatest(p_limit, 0), 100000) for update skip locked);
    get diagnostics v_n = row_count;
    return v_n;
end $$;
comment on function triage.purge is
    'Deletes items that were closed longer than setting.keep_items ago, with ticket, draft and answers. Nothing while that is null.';
create index item_closed on triage.item (closed_at) where state in ('released', 'superseded', 'withdrawn');

create function triage.asked_by(p_requester text, p_tenant text, p_request jsonb, p_ticket jsonb) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coalesce(p_ticket #>> '{requester,id}' = p_requester
                    and (p_tenant is null or coalesce(p_request ->> 'tenant', p_ticket ->> 'tenant', '') = p_tenant), false)
$$;

-- An unfinished item owes its ticket an ending: it is withdrawn first. Messages that Kafka has already are deleted, the
-- others still go out; they carry no text of the ticket.
create function triage.erase_requester(p_requester text, p_tenant text default null) returns jsonb
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item      item;
    v_keys      text[];
    v_items     bigint[];
    v_withdrawn integer := 0;
    v_outbox    integer;
    v_refused   integer;
begin
    if coalesce(octet_length(p_requester), 0) not between 1 and 1024 then
        perform fail('TR006', 'give the requester''s id in 1 to 1024 bytes');
    end if;
    select coalesce(array_agg(b.item_id), '{}') into v_items from item_body b
    where asked_by(p_requester, p_tenant, b.request, b.ticket);
    for v_item in select * from item i where i.item_id = any (v_items) order by i.item_id for update loop
        v_keys := v_keys || v_item.key;
        if v_item.closed_at is null then
            perform close_item(v_item, 'withdrawn', '{"reason": "withdrawn", "revision": null, "position": null}');
            v_withdrawn := v_withdrawn + 1;
        end if;
        perform note(v_item.item_id, 'erased', null);
    end loop;
    delete from item i where i.item_id = any (v_items);
    delete from outbox o where o.key = any (v_keys)
        and o.sequence_no <= (select coalesce(p.published, 0) from outbox_position p);
    get diagnostics v_outbox = row_count;
    update outbox o set payload = o.payload || '{"draft": null}'
        || case when jsonb_typeof(o.payload -> 'review') = 'object'
                then jsonb_build_object('review', (o.payload -> 'review') || '{"final_text": null}') else '{}' end
    where o.key = any (v_keys);
    delete from feed_refused f where asked_by(p_requester, p_tenant, f.record, f.record -> 'ticket');
    get diagnostics v_refused = row_count;
    return jsonb_build_object('items', cardinality(v_items), 'withdrawn', v_withdrawn, 'messages', v_outbox,
                              'refused_records', v_refused);
end $$;
comment on function triage.erase_requester is
    'Forgets one person: withdraws what is unfinished, deletes all items, texts and answers, published messages and refused records. Returns the counts. What Kafka and the helpdesk hold is not its business. TR006.';

create function triage.maintain(p_limit integer default 1000) returns jsonb
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    return jsonb_build_object('keys_forgotten', forget_keys(p_limit), 'claims_ended', expire_claims(p_limit),
                              'items_marked', mark_items(p_limit), 'items_deleted', purge(p_limit));
end $$;
comment on function triage.maintain is
    'The housekeeping: forgets old keys, ends abandoned claims, marks older items, deletes what retention says. In small steps; the relay calls it once a minute.';

revoke all on function triage.purge, triage.asked_by, triage.erase_requester, triage.maintain from public;
grant execute on function triage.maintain to triage_relay, triage_worker;
grant execute on function triage.purge, triage.erase_requester, triage.maintain to triage_migrator;

reset role;
