-- The messages that the relay publishes, built here in full.

set local role triage_owner;

create function triage.utc(p_at timestamptz) returns text language sql stable set search_path = pg_catalog, pg_temp as $$
    select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- The ending of an item as a message: the decision part of the request as it came, and the ending on top of it.
-- A result's id is made from key, revision and status, so a reader can drop what it has seen. An audit's id is made from
-- the request's id, because a revision can be audited more than once.
create function triage.ending(p_item triage.item, p_status text, p_ending jsonb) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select coalesce(b.request -> 'decision', '{}')
        || jsonb_build_object(
               'schema_version', 1,
               'id', case p_item.origin
                         when 'ticket' then p_item.key || '@' || p_item.revision || ':' || p_status
                         else p_item.review_id || ':' || p_status
                     end,
               'key', p_item.key,
               'tenant', coalesce(b.request -> 'tenant', b.ticket -> 'tenant'),
               'ticket_id', coalesce(b.request -> 'ticket_id', b.ticket -> 'ticket_id'),
               'revision', p_item.revision,
               'status', p_status,
               'error', null,
               'decided_at', utc(clock_timestamp()))
        || case p_item.origin
               when 'ticket' then '{}'::jsonb
               else jsonb_build_object('origin', p_item.origin, 'review_id', p_item.review_id)
           end
        || p_ending
    from item_body b where b.item_id = p_item.item_id
$$;
comment on function triage.ending is 'The complete message (result.v1, or an audit outcome) that ends an item.';

create function triage.publish(p_item triage.item, p_status text, p_ending jsonb) returns void
language sql set search_path = triage, pg_temp as $$
    insert into outbox (message_id, kind, key, headers, payload)
    select m.payload ->> 'id', m.kind, p_item.key,
           jsonb_strip_nulls(jsonb_build_object(
               'ce_specversion', '1.0',
               'ce_id', m.payload ->> 'id',
               'ce_source', (select s.source from setting s) || '/' || p_item.profile,
               'ce_type', 'triaged.' || m.kind || '.v1',
               'ce_time', m.payload ->> 'decided_at',
               'content-type', 'application/json',
               'traceparent', (select b.request ->> 'traceparent' from item_body b where b.item_id = p_item.item_id))),
           m.payload
    from (select ending(p_item, p_status, p_ending) as payload,
                 case p_item.origin when 'ticket' then 'result' else 'audit' end as kind) m
    on conflict (message_id) do nothing
$$;
comment on function triage.publish is 'Writes an item''s ending to the outbox, once per id.';

reset role;
