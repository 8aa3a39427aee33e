-- The feeder's side: one call is one transaction is one batch of the review topic.

set local role triage_owner;

create function triage.time_or_null(p_text text) returns timestamptz language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
    return p_text::timestamptz;
exception when data_exception then
    return null;
end $$;

-- What is wrong with a record; null when the queue can use it.
create function triage.feed_fault(p_record jsonb) returns text language sql stable set search_path = triage, pg_temp as $$
    select case
        when jsonb_typeof(p_record) is distinct from 'object' then 'not_an_object'
        when coalesce(p_record ->> 'type', '') not in ('request', 'close') then 'unknown_type'
        when jsonb_typeof(p_record -> 'key') is distinct from 'string'
             or octet_length(p_record ->> 'key') not between 1 and 1024 then 'bad_key'
        when p_record ->> 'type' = 'close' and coalesce(p_record ->> 'reason', '') not in ('superseded', 'withdrawn')
            then 'bad_reason'
        when p_record ->> 'type' = 'close' and p_record ->> 'revision' is null
            then case when p_record ->> 'reason' = 'withdrawn' then null else 'bad_revision' end
        when jsonb_typeof(p_record -> 'revision') is distinct from 'number' then 'bad_revision'
        when (p_record ->> 'revision')::numeric not between 1 and 9007199254740991
             or (p_record ->> 'revision')::numeric <> trunc((p_record ->> 'revision')::numeric) then 'bad_revision'
        when p_record ->> 'type' = 'close' then null
        when jsonb_typeof(p_record -> 'review_id') is distinct from 'string'
             or octet_length(p_record ->> 'review_id') not between 1 and 1500 then 'bad_review_id'
        when jsonb_typeof(coalesce(p_record -> 'decision', '{}')) <> 'object' then 'bad_decision'
        when coalesce(p_record ->> 'origin', 'ticket') not in ('ticket', 'audit', 'second', 'known_answer')
            then 'bad_origin'
        when coalesce(p_record ->> 'risk', 'medium') not in ('low', 'medium', 'high') then 'bad_risk'
        when coalesce(jsonb_typeof(p_record -> 'priority'), 'null') not in ('number', 'null') then 'bad_priority'
        when octet_length(coalesce(p_record ->> 'profile', '')) > 128 then 'bad_profile'
        when octet_length(coalesce(p_record ->> 'review_group', '')) > 128 then 'bad_review_group'
        when octet_length(coalesce(p_record ->> 'label', p_record #>> '{decision,label}', '')) > 128 then 'bad_label'
        when p_record ->> 'due_at' is not null
             and time_or_null(p_record ->> 'due_at') between '2000-01-01 00:00+00' and '2200-01-01 00:00+00' is not true
            then 'bad_due_at'
        when coalesce(jsonb_typeof(p_record -> 'sla_minutes'), 'null') not in ('number', 'null') then 'bad_sla_minutes'
        when (p_record ->> 'sla_minutes')::numeric not between 0 and 525600 then 'bad_sla_minutes'
    end
$$;
comment on function triage.feed_fault is 'The reason code why a record of the review topic cannot be used, else null.';

-- Remembers the revision and tells the highest seen so far. The row lock makes feeders that meet at one key take turns.
create function triage.see_key(p_key text, p_revision bigint) returns bigint
language sql set search_path = triage, pg_temp as $$
    insert into key_seen as k (key, highest_revision) values (p_key, p_revision)
    on conflict (key) do update
        set highest_revision = greatest(k.highest_revision, excluded.highest_revision), seen_at = clock_timestamp()
    returning highest_revision
$$;

-- The reasons of the request, at most fifteen, and the one that ended it.
create function triage.overtaken_reasons(p_item bigint, p_by jsonb) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select coalesce(jsonb_agg(r.reason order by r.at), '[]')
           || to_jsonb(case when p_by ->> 'revision' is null then 'tombstone' else 'newer_revision' end)
    from item_body b,
         jsonb_array_elements(case jsonb_typeof(b.request #> '{decision,reasons}')
                                  when 'array' then b.request #> '{decision,reasons}' else '[]' end)
             with ordinality r(reason, at)
    where b.item_id = p_item and r.at <= 15
$$;

-- Closes one item that the ticket has overtaken, whatever a reviewer was doing with it.
create function triage.close_item(p_item triage.item, p_event text, p_by jsonb) returns void
language plpgsql set search_path = triage, pg_temp as $$
begin
    update item set state = case p_event when 'withdrawn' then 'withdrawn' else 'superseded' end::item_state,
                    held_until = null, closed_at = clock_timestamp()
    where item_id = p_item.item_id;
    update resolution set state = 'superseded', ended_at = clock_timestamp()
    where item_id = p_item.item_id and state = 'held';
    perform note(p_item.item_id, p_event, null, nullif(p_item.claim_no, 0),
                 p_by || jsonb_build_object('was', p_item.state));
    perform publish(p_item, 'superseded', jsonb_build_object('draft', null, 'action', '', 'review', null,
        'superseded_by', p_by, 'reasons', overtaken_reasons(p_item.item_id, p_by)));
end $$;

-- Closes what is unfinished of a key below a revision; all of it when the revision is null (a tombstone).
create function triage.close_below(p_key text, p_revision bigint, p_event text, p_by jsonb) returns integer
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_item   item;
    v_closed integer := 0;
begin
    for v_item in
        select * from item i
        where i.key = p_key and (p_revision is null or i.revision < p_revision)
          and i.state in ('open', 'claimed', 'held')
        order by i.revision, i.item_id for update
    loop
        perform close_item(v_item, p_event, p_by);
        v_closed := v_closed + 1;
    end loop;
    return v_closed;
end $$;

create function triage.feed_due(p_record jsonb) returns timestamptz language sql stable set search_path = triage, pg_temp as $$
    select coalesce(time_or_null(p_record ->> 'due_at'),
                    clock_timestamp() + (p_record ->> 'sla_minutes')::numeric(12, 2) * interval '1 minute',
                    clock_timestamp() + (select s.default_sla from setting s))
$$;

create function triage.feed_request(p_record jsonb) returns text
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
            least(greatest(round(coalesce((p_record ->> 'priority')::numeric, 50)), 0), 100), feed_due(p_record))
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
comment on function triage.feed_request is
    'Makes a request an item, once. One that comes after a newer revision of its key is closed at once, with its ending.';

create function triage.feed_close(p_record jsonb) returns integer
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_revision bigint := (p_record ->> 'revision')::numeric;
begin
    if v_revision is not null then
        perform see_key(p_record ->> 'key', v_revision);
    end if;
    return close_below(p_record ->> 'key', v_revision, p_record ->> 'reason',
                       jsonb_build_object('reason', p_record ->> 'reason',
                                          'revision', p_record -> 'revision', 'position', p_record -> 'input'));
end $$;

-- Moves the feeder's row from the value this feeder last read or wrote. Its lock makes feeders of one partition take
-- turns, so the loser sees the winner's value and stops.
create function triage.feed_advance(p_cluster text, p_topic text, p_partition integer, p_expected bigint, p_next bigint)
returns void language plpgsql set search_path = triage, pg_temp as $$
begin
    if p_next is null or p_next < coalesce(p_expected, 0) then
        perform fail('TR011', format('read the position again: a feeder cannot go from offset %s to %s', p_expected, p_next));
    end if;
    if p_expected is null then
        insert into feeder_position (cluster_id, topic, partition, next_offset)
        values (p_cluster, p_topic, p_partition, p_next) on conflict do nothing;
    else
        update feeder_position set next_offset = p_next, moved_at = clock_timestamp()
        where cluster_id = p_cluster and topic = p_topic and partition = p_partition and next_offset = p_expected;
    end if;
    if not found then
        perform fail('TR010', format('stop this feeder: %s [%s] is no longer at offset %s, another feeder has moved it',
                                     p_topic, p_partition, coalesce(p_expected::text, 'none')));
    end if;
end $$;

create function triage.feed(p_cluster text, p_topic text, p_partition integer, p_expected bigint, p_next bigint,
                            p_records jsonb,
                            out enqueued integer, out duplicates integer, out late integer, out closed integer,
                            out refused integer)
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_record jsonb;
    v_fault  text;
    v_how    text;
begin
    enqueued := 0; duplicates := 0; late := 0; closed := 0; refused := 0;
    if jsonb_typeof(coalesce(p_records, '[]')) <> 'array' then
        perform fail('TR006', 'give the records as an array: they are of another type');
    end if;
    perform feed_advance(p_cluster, p_topic, p_partition, p_expected, p_next);
    for v_record in select r.value from jsonb_array_elements(p_records) with ordinality r order by r.ordinality loop
        v_fault := feed_fault(v_record);
        if v_fault is not null then
            insert into feed_refused (cluster_id, topic, partition, next_offset, reason, record)
            values (p_cluster, p_topic, p_partition, p_next, v_fault, v_record);
            refused := refused + 1;
        elsif v_record ->> 'type' = 'close' then
            closed := closed + feed_close(v_record);
        else
            v_how := feed_request(v_record);
            enqueued := enqueued + (v_how = 'enqueued')::integer;
            duplicates := duplicates + (v_how = 'duplicate')::integer;
            late := late + (v_how = 'late')::integer;
        end if;
    end loop;
end $$;
comment on function triage.feed is
    'Takes a batch in order and moves the feeder''s position from p_expected (null: no row yet) to p_next, all or nothing. TR010: another feeder has moved it. TR011: it would go back.';

create function triage.feeder_next(p_cluster text, p_topic text, p_partition integer) returns bigint
language sql stable security definer set search_path = triage, pg_temp as $$
    select f.next_offset from feeder_position f
    where f.cluster_id = p_cluster and f.topic = p_topic and f.partition = p_partition
$$;
comment on function triage.feeder_next is 'Where the feeder of a partition resumes; null when it never ran.';

create function triage.forget_keys(p_limit integer default 10000) returns integer
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_n integer;
begin
    delete from key_seen k where k.key in (
        select s.key from key_seen s
        where s.seen_at < clock_timestamp() - (select t.key_memory from setting t)
          and not exists (select from item i where i.key = s.key and i.state in ('open', 'claimed', 'held'))
        order by s.seen_at limit least(greatest(p_limit, 0), 100000) for update skip locked);
    get diagnostics v_n = row_count;
    return v_n;
end $$;
comment on function triage.forget_keys is
    'Forgets keys that were not heard of for setting.key_memory and have nothing unfinished. Call now and then.';

reset role;
