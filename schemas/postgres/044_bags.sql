-- What the words of an item are is worked out when it comes, not each time that somebody opens another one: of an item with three
-- hundred neighbours in its class that was nine tenths of the time.

set local role triage_owner;

-- A table of its own, as item_mark: items that were there before get their row from triage.mark_items, a batch at a time, while
-- everything runs. Until then their text is read.
create table triage.item_bag (
    item_id bigint primary key references triage.item on delete cascade,
    bag     integer[] not null
);
comment on table triage.item_bag is 'The words of an item''s plain text as hashes, each with its number among its equals: two bags have as many members in common as their texts have words, counted with repetition.';

create function triage.bag_of(p_plain text) returns integer[] language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coalesce(array_agg(hashtext(w.word || ' ' || w.nth)), '{}')
    from (select s.word, row_number() over (partition by s.word) as nth
          from regexp_split_to_table(p_plain, '\s+') with ordinality s(word, at) where s.word <> '' and s.at <= 2000) w
$$;
comment on function triage.bag_of is 'The first two thousand words of a plain text as a bag.';

-- By intersect, which hashes whatever joins its caller allows.
create function triage.bags_alike(p_a integer[], p_b integer[]) returns real language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when cardinality(p_a) = 0 and cardinality(p_b) = 0 then 1
           else (select count(*) from (select unnest(p_a) intersect select unnest(p_b)) both_have)::real
                / greatest(cardinality(p_a), cardinality(p_b)) end
$$;

create function triage.bag_of_item(p_item bigint) returns integer[] language sql stable set search_path = triage, pg_temp as $$
    select coalesce((select g.bag from item_bag g where g.item_id = p_item),
                    (select bag_of(plain_text(b.ticket)) from item_body b where b.item_id = p_item))
$$;

create or replace function triage.likeness(p_a text, p_b text) returns real language sql immutable set search_path = triage, pg_temp as $$
    select bags_alike(bag_of(p_a), bag_of(p_b))
$$;

-- Null of a text without words: these are alike to nothing.
create function triage.text_hash_of(p_plain text) returns bigint language sql immutable set search_path = pg_catalog, pg_temp as $$
    select hashtextextended(nullif(p_plain, ''), 0)
$$;

create or replace function triage.mark_of(p_item bigint, p_ticket jsonb) returns triage.item_mark
language sql immutable set search_path = triage, pg_temp as $$
    select row(p_item, text_hash_of(plain_text(p_ticket)))::item_mark
$$;

create or replace function triage.mark_item() returns trigger language plpgsql set search_path = triage, pg_temp as $$
declare
    v_plain text := plain_text(new.ticket);
begin
    insert into item_mark (item_id, text_hash) values (new.item_id, text_hash_of(v_plain)) on conflict do nothing;
    insert into item_bag (item_id, bag) values (new.item_id, bag_of(v_plain)) on conflict do nothing;
    return null;
end $$;

create or replace function triage.mark_items(p_limit integer default 1000) returns integer
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_limit integer := least(greatest(p_limit, 0), 100000);
    v_marks integer;
    v_bags  integer;
begin
    insert into item_mark
    select (mark_of(b.item_id, b.ticket)).* from item_body b
    where not exists (select from item_mark m where m.item_id = b.item_id)
      and b.item_id < coalesce((select min(m.item_id) from item_mark m), 9223372036854775807)
    order by b.item_id desc limit v_limit
    on conflict do nothing;
    get diagnostics v_marks = row_count;
    insert into item_bag
    select b.item_id, bag_of(plain_text(b.ticket)) from item_body b
    where not exists (select from item_bag g where g.item_id = b.item_id)
      and b.item_id < coalesce((select min(g.item_id) from item_bag g), 9223372036854775807)
    order by b.item_id desc limit v_limit
    on conflict do nothing;
    get diagnostics v_bags = row_count;
    return greatest(v_marks, v_bags);
end $$;

create or replace function triage.alike_items(p_item triage.item, p_reviewer text, p_least real, p_limit integer)
returns table (item_id bigint, likeness real)
language plpgsql stable set search_path = triage, pg_temp set enable_seqscan = off set enable_bitmapscan = off
set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
    v_now  timestamptz := clock_timestamp();
    v_bag  integer[] := bag_of_item(p_item.item_id);
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
            select n.item_id, bags_alike(v_bag, bag_of_item(n.item_id)) from near n
        )
        select f.item_id, max(f.likeness) from found f join item i using (item_id)
        where f.likeness >= p_least and f.item_id <> p_item.item_id and i.state in ('open', 'claimed')
          and i.review_group = p_item.review_group and i.label = p_item.label and i.profile = p_item.profile
          and claimable(i.state, i.snoozed_until, i.claimed_until, v_now)
          and (i.skipped_until is null or i.skipped_until <= v_now or p_reviewer <> all (i.skipped_by))
          and (i.not_for is null or i.not_for <> p_reviewer)
        group by f.item_id order by max(f.likeness) desc, f.item_id limit p_limit;
end $$;

create or replace function triage.similar_answers(p_item bigint, p_limit integer default 5)
returns table (item_id bigint, likeness real, subject text, label text, final_label text, outcome triage.outcome, final_text text,
               answered_at timestamptz)
language plpgsql stable security definer set search_path = triage, pg_temp set enable_seqscan = off set enable_bitmapscan = off
set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
    v_item item;
    v_bag  integer[] := bag_of_item(p_item);
    v_hash bigint := (select m.text_hash from item_mark m where m.item_id = p_item);
begin
    select * into v_item from item i where i.item_id = p_item;
    if not found then
        perform fail('TR002', format('check the number: there is no item %s', p_item));
    end if;
    return query
        with recent as materialized (
            select r.item_id from resolution r where r.state in ('held', 'released') order by r.item_id desc limit 2000
        ), near as materialized (
            (select m.item_id from item_mark m where m.text_hash = v_hash order by m.item_id desc limit 50)
            union
            (select i.item_id from recent c join item i using (item_id)
             where i.label = v_item.label and i.profile = v_item.profile order by i.item_id desc limit 100)
        ), found as materialized (
            select i.item_id, bags_alike(v_bag, bag_of_item(i.item_id)) as likeness
            from near n join item i using (item_id)
            where i.state in ('held', 'released') and i.origin = 'ticket'
              and (i.key <> v_item.key or i.revision <> v_item.revision)
        )
        select f.item_id, f.likeness, left(b.ticket ->> 'subject', 200), i.label, r.final_label, r.outcome,
               left(r.final_text, 4000), r.created_at
        from (select * from found o where o.likeness >= 0.2 order by o.likeness desc, o.item_id desc
              limit least(greatest(p_limit, 0), 20)) f
        join item i using (item_id) join item_body b using (item_id)
        join resolution r on r.item_id = f.item_id and r.state in ('held', 'released')
        order by f.likeness desc, f.item_id desc;
end $$;
revoke all on function triage.text_hash_of, triage.bag_of, triage.bags_alike, triage.bag_of_item from public;

reset role;
