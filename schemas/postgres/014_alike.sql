-- Items that ask the same thing: found by their text, answered by one call, taken back by one.

set local role triage_owner;

-- A table of its own: items that were there before get their row from triage.mark_items, a batch at a time, while
-- everything runs. Until then they are alike to nothing.
create table triage.item_mark (
    item_id   bigint primary key references triage.item on delete cascade,
    text_hash bigint
);
create index item_mark_text on triage.item_mark (text_hash, item_id) where text_hash is not null;
comment on table triage.item_mark is 'By what an item is found: its text without case, numbers and punctuation, as a hash.';

-- A number that differs (an order, a date) makes no other question.
create function triage.plain_text(p_ticket jsonb) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select btrim(regexp_replace(regexp_replace(
        lower(left(concat_ws(' ', p_ticket ->> 'subject', coalesce(p_ticket ->> 'body_text', p_ticket ->> 'body')), 20000)),
        '[0-9]+', '0', 'g'), '[^[:alnum:]]+', ' ', 'g'))
$$;
comment on function triage.plain_text is 'What two tickets must have in common to be the same question: words, lower case, numbers as one.';

create function triage.mark_of(p_item bigint, p_ticket jsonb) returns triage.item_mark
language sql immutable set search_path = triage, pg_temp as $$
    select row(p_item, case when plain_text(p_ticket) <> '' then hashtextextended(plain_text(p_ticket), 0) end)::item_mark
$$;

create function triage.mark_item() returns trigger language plpgsql set search_path = triage, pg_temp as $$
begin
    insert into item_mark select (mark_of(new.item_id, new.ticket)).* on conflict do nothing;
    return null;
end $$;
create trigger mark_item after insert on triage.item_body for each row execute function triage.mark_item();

create function triage.mark_items(p_limit integer default 1000) returns integer
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_n integer;
begin
    insert into item_mark
    select (mark_of(b.item_id, b.ticket)).* from item_body b
    where not exists (select from item_mark m where m.item_id = b.item_id)
      and b.item_id < coalesce((select min(m.item_id) from item_mark m), 9223372036854775807)
    order by b.item_id desc limit least(greatest(p_limit, 0), 100000)
    on conflict do nothing;
    get diagnostics v_n = row_count;
    return v_n;
end $$;
comment on function triage.mark_items is 'Marks items that are older than this migration, newest first. Returns how many; 0 when all are.';

create function triage.likeness(p_a text, p_b text) returns real language sql immutable set search_path = triage, pg_temp as $$
    select 1 - bag_distance(w.a, w.b)::real / greatest(cardinality(w.a), cardinality(w.b), 1)
    from (select words(p_a) as a, words(p_b) as b) w
$$;
comment on function triage.likeness is 'Share of words that two plain texts have in common, 0 to 1.';

-- Open items of the same group and label: those with the same text among the newest two thousand that have it, and those
-- with nearly the same among the next two thousand of the group.
create function triage.alike_items(p_item triage.item, p_reviewer text, p_least real, p_limit integer)
returns table (item_id bigint, likeness real)
language plpgsql stable set search_path = triage, pg_temp set enable_seqscan = off set enable_bitmapscan = off
set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
    v_now  timestamptz := clock_timestamp();
    v_text text := (select plain_text(b.ticket) from item_body b where b.item_id = p_item.item_id);
    v_hash bigint := (select m.text_hash from item_mark m where m.item_id = p_item.item_id);
begin
    return query
        with near as (
            select n.item_id from (
                select i.item_id, i.label, i.profile from item i
                where i.state in ('open', 'claimed') and i.review_group = p_item.review_group
                order by i.turn, i.item_id limit 2000) n
            where n.label = p_item.label and n.profile = p_item.profile limit 300
        ), found as (
            (select m.item_id, 1::real as likeness from item_mark m where m.text_hash = v_hash
             order by m.item_id desc limit 2000)
            union
            select n.item_id, likeness(v_text, plain_text(b.ticket)) from near n join item_body b using (item_id)
        )
        select f.item_id, max(f.likeness) from found f join item i using (item_id)
        where f.likeness >= p_least and f.item_id <> p_item.item_id and i.state in ('open', 'claimed')
          and i.review_group = p_item.review_group and i.label = p_item.label and i.profile = p_item.profile
          and claimable(i.state, i.snoozed_until, i.claimed_until, v_now)
          and (i.skipped_until is null or i.skipped_until <= v_now or p_reviewer <> all (i.skipped_by))
          and (i.not_for is null or i.not_for <> p_reviewer)
        group by f.item_id order by max(f.likeness) desc, f.item_id limit p_limit;
end $$;

create function triage.alike(p_item bigint, p_least real default 0.8, p_limit integer default 50)
returns table (item_id bigint, likeness real, subject text, draft_is_same boolean, due_at timestamptz)
language plpgsql stable security definer set search_path = triage, pg_temp set enable_seqscan = off set enable_bitmapscan = off
set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
    v_item item;
begin
    select * into v_item from item i where i.item_id = p_item;
    if not found then
        perform fail('TR002', format('check the number: there is no item %s', p_item));
    end if;
    return query
        select a.item_id, a.likeness, left(b.ticket ->> 'subject', 200),
               b.draft is not distinct from (select o.draft from item_body o where o.item_id = p_item), i.due_at
        from alike_items(v_item, reviewer(null), greatest(p_least, 0.5), least(greatest(p_limit, 0), 100)) a
        join item i using (item_id) join item_body b using (item_id)
        order by a.likeness desc, i.turn, a.item_id;
end $$;
comment on function triage.alike is
    'Open items that ask the same as this one: same group and suggested label, and at least this share of words in common. TR002.';

-- ---- one answer for all of them ----

create table triage.alike_answer (
    item_id         bigint not null references triage.item on delete cascade,
    idempotency_key text not null,
    other_item      bigint not null references triage.item on delete cascade,
    primary key (item_id, idempotency_key, other_item)
);
create index alike_answer_other on triage.alike_answer (other_item);
comment on table triage.alike_answer is 'Which items were answered together with another one, by one call.';

-- Takes one more item and answers it as the first one was. Null when it cannot be had any more.
create function triage.answer_too(p_first triage.item, p_answer triage.resolution, p_other bigint)
returns triage.resolution language plpgsql set search_path = triage, pg_temp as $$
declare
    v_now    timestamptz := clock_timestamp();
    v_item   item;
    v_answer resolution;
begin
    select t.* into v_item from take(array[p_other], p_answer.reviewer, v_now + (select s.lease from setting s), v_now) t;
    if v_item.item_id is null then
        return null;
    end if;
    v_answer := resolve_answer(v_item, p_answer.idempotency_key, p_answer.asked || jsonb_build_object('with', p_first.item_id),
        p_answer.outcome, p_answer.asked ->> 'label', p_answer.asked ->> 'text', 0);
    update resolution r set held_until = p_answer.held_until where r.resolution_id = v_answer.resolution_id
    returning * into v_answer;
    update item i set held_until = p_answer.held_until where i.item_id = p_other;
    insert into alike_answer (item_id, idempotency_key, other_item)
    values (p_first.item_id, p_answer.idempotency_key, p_other);
    return v_answer;
end $$;

-- Which of the others may have this answer. A text goes only where the draft was the same: a changed one may name the
-- first customer.
create function triage.answer_all(p_item bigint, p_answer triage.resolution, p_others bigint[]) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_first item;
    v_draft text := (select b.draft from item_body b where b.item_id = p_item);
    v_other bigint;
begin
    select * into v_first from item i where i.item_id = p_item;
    for v_other in
        select i.item_id from item i
        where i.item_id = any (p_others) and i.item_id in (
            select a.item_id from alike_items(v_first, p_answer.reviewer, 0.5, 10000) a)
          and (p_answer.asked ->> 'text' is null
               or v_draft is not distinct from (select b.draft from item_body b where b.item_id = i.item_id))
        order by i.item_id for update skip locked
    loop
        perform answer_too(v_first, p_answer, v_other);
    end loop;
end $$;

create function triage.resolve_alike(p_item bigint, p_claim_no bigint, p_idempotency_key text, p_others bigint[],
                                     p_outcome triage.outcome, p_final_label text default null,
                                     p_final_text text default null, p_seconds double precision default null)
returns table (item_id bigint, resolution_id bigint, state triage.resolution_state, held_until timestamptz)
language plpgsql security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    v_before boolean;
    v_answer resolution;
begin
    if coalesce(cardinality(p_others), 0) not between 1 and 100 then
        perform fail('TR006', format('name 1 to 100 other items: there are %s', coalesce(cardinality(p_others), 0)));
    end if;
    perform from item i where i.item_id = p_item for update;
    v_before := exists (select from resolution r where r.item_id = p_item and r.idempotency_key = p_idempotency_key);
    perform resolve(p_item, p_claim_no, p_idempotency_key, p_outcome, p_final_label, p_final_text, p_seconds);
    if not v_before then
        select * into v_answer from resolution r where r.item_id = p_item and r.idempotency_key = p_idempotency_key;
        perform answer_all(p_item, v_answer, p_others);
    end if;
    return query
        select r.item_id, r.resolution_id, r.state, r.held_until from resolution r
        where r.idempotency_key = p_idempotency_key and (r.item_id = p_item or r.item_id in (
            select a.other_item from alike_answer a where a.item_id = p_item and a.idempotency_key = p_idempotency_key))
        order by r.item_id <> p_item, r.item_id;
end $$;
comment on function triage.resolve_alike is
    'Answers a claimed item and, the same way, others that ask the same. Gives a row for each item that was answered; one that is missing was taken, changed, is not alike, or has another draft though a text was given. Errors as of resolve.';

create function triage.undo_alike(p_item bigint, p_idempotency_key text) returns table (item_id bigint, claim_no bigint)
language plpgsql security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    v_claim bigint;
    v_other bigint;
    v_item  item;
begin
    select u.claim_no into v_claim from undo(p_item, p_idempotency_key) u;
    for v_other in
        select r.item_id from resolution r join alike_answer a on a.other_item = r.item_id
        where a.item_id = p_item and a.idempotency_key = p_idempotency_key and r.idempotency_key = p_idempotency_key
          and r.state = 'held' order by r.item_id
    loop
        perform undo(v_other, p_idempotency_key);
        select * into v_item from item i where i.item_id = v_other;
        perform put_back(v_item, 'released', jsonb_build_object('with', p_item));
    end loop;
    return query select p_item, v_claim;
    return query
        select a.other_item, null::bigint from alike_answer a
        join resolution r on r.item_id = a.other_item and r.idempotency_key = a.idempotency_key and r.state = 'undone'
        where a.item_id = p_item and a.idempotency_key = p_idempotency_key order by a.other_item;
end $$;
comment on function triage.undo_alike is
    'Takes an answer to many items back: the first is the reviewer''s again under the claim number given, the others are open for everybody. TR002, TR005, TR007, TR030.';

revoke all on function triage.plain_text, triage.mark_of, triage.mark_item, triage.mark_items, triage.likeness,
    triage.alike_items, triage.alike, triage.answer_too, triage.answer_all, triage.resolve_alike, triage.undo_alike from public;
grant execute on function triage.alike, triage.resolve_alike, triage.undo_alike to triage_reviewer;
grant execute on function triage.mark_items to triage_relay, triage_worker;

reset role;
