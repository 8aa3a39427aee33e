-- Loaded once into the test database: short ways to feed the queue.
create schema t;

create function t.request(p_key text, p_revision bigint, p_more jsonb default '{}') returns jsonb language sql as $$
    select jsonb_build_object('type', 'request', 'review_id', p_key || '@' || p_revision || ':review', 'key', p_key,
        'revision', p_revision, 'tenant', 'kestrel', 'ticket_id', p_key, 'profile', 'support', 'review_group', 'first',
        'risk', 'low', 'ticket', jsonb_build_object('subject', 'Ticket ' || p_key),
        'decision', jsonb_build_object('label', 'order_status', 'confidence', 0.61, 'reasons', array['low_confidence'],
            'alternatives', '[]'::jsonb, 'draft', jsonb_build_object('text', 'Your parcel left today.'),
            'provenance', jsonb_build_object('policy', 'abc'))) || p_more
$$;

create function t.close(p_key text, p_revision bigint, p_reason text default 'superseded') returns jsonb language sql as $$
    select jsonb_build_object('type', 'close', 'key', p_key, 'revision', p_revision, 'reason', p_reason,
        'input', jsonb_build_object('topic', 'triage.tickets', 'partition', 0, 'offset', 77))
$$;

-- Feeds records where the feeder stands.
create function t.feed(variadic p_records jsonb[]) returns void language plpgsql as $$
declare
    v_at bigint := triage.feeder_next('c', 'reviews', 0);
begin
    perform triage.feed('c', 'reviews', 0, v_at, coalesce(v_at, 0) + cardinality(p_records), to_jsonb(p_records));
end $$;

create function t.item(p_key text, p_revision bigint default 1) returns bigint language sql as $$
    select item_id from triage.item where key = p_key and revision = p_revision order by item_id limit 1
$$;

create function t.state(p_key text, p_revision bigint default 1) returns text language sql as $$
    select state::text from triage.item where key = p_key and revision = p_revision order by item_id limit 1
$$;

-- Lets an item's time pass without waiting for it.
create function t.expire(p_item bigint) returns void language sql as $$
    update triage.item set claimed_until = clock_timestamp() - interval '1 second' where item_id = p_item
$$;
create function t.hold_ends(p_item bigint) returns void language sql as $$
    update triage.item set held_until = clock_timestamp() - interval '1 second' where item_id = p_item
$$;

create function t.ids() returns text[] language sql as $$
    select coalesce(array_agg(message_id order by outbox_id), '{}') from triage.outbox
$$;
