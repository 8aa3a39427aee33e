-- A page of the queue walks an index in order, and costs with twenty thousand items what it costs with two thousand.
begin;
select plan(12);
create function pg_temp.fill(p_from integer, p_to integer) returns void language sql as $$
    with made as (
        insert into triage.item (review_id, key, revision, review_group, label, due_at, priority)
        select 'r' || i, 'k' || i, 1, 'g' || i % 20, case when i = 19999 then 'rare' else 'l' || i % 16 end,
               clock_timestamp() + i * interval '1 second', i % 100 from generate_series(p_from, p_to) i
        returning item_id, key)
    insert into triage.item_body (item_id, request, ticket)
    select item_id, '{}', jsonb_build_object('subject', 'Ticket ' || key) from made;
$$;
select from pg_temp.fill(1, 2000);
-- Two hundred claims, among the first in turn. Each leaves a dead entry in the indexes, which this transaction reads over.
update triage.item set state = 'claimed', claim_no = 1, claimed_by = 'ann', claimed_until = clock_timestamp() + interval '1 hour'
where item_id in (select item_id from triage.item order by item_id limit 200);

create function pg_temp.read(p_index text) returns bigint language sql as $$
    select coalesce(pg_stat_get_xact_tuples_returned(('triage.' || p_index)::regclass), 0)
$$;
create function pg_temp.tables() returns bigint language sql as $$
    select coalesce(pg_stat_get_xact_numscans('triage.item'::regclass), 0)
$$;
-- What a page reads of an index; and whether it scanned the table.
create function pg_temp.cost(p_index text, p_group text, p_label text, p_state text, p_text text, out tuples bigint, out scans bigint, out rows integer)
language plpgsql as $$
declare
    v_page jsonb;
begin
    tuples := pg_temp.read(p_index); scans := pg_temp.tables();
    v_page := triage.queue_page(p_group => p_group, p_label => p_label, p_state => p_state, p_text => p_text, p_limit => 50);
    rows := jsonb_array_length(v_page -> 'items');
    tuples := pg_temp.read(p_index) - tuples; scans := pg_temp.tables() - scans;
end $$;

-- A loop over a query fetches fifty rows at a time, and the planner looks at the ends of an index. So the same page may read
-- one fetch more or less from one time to the next (where the claims fall in it depends on the clock); what it must not do is
-- read more because more items wait behind it.
create function pg_temp.fetch() returns bigint language sql as 'select 50::bigint';
-- What lies over the number that a walk looks at: a fetch at its end, the dead entries of the claims, another fetch for the rest.
create function pg_temp.over() returns bigint language sql as 'select 2 * pg_temp.fetch() + 200';

create temp table few as select * from pg_temp.cost('item_claim_any', null, null, null, null);
create temp table few_grouped as select * from pg_temp.cost('item_claim_group', 'g7', null, null, null);
select from pg_temp.fill(2001, 20000);

create temp table page as select * from pg_temp.cost('item_claim_any', null, null, null, null);
select is((select rows from page), 50, 'a page of fifty');
select cmp_ok((select tuples from page), '<=', (select tuples from few) + pg_temp.fetch(), 'reads as many entries as with two thousand items');
select is((select scans from page), 0::bigint, 'and never scans the table');
create temp table grouped as select * from pg_temp.cost('item_claim_group', 'g7', null, null, null);
select cmp_ok((select tuples from grouped), '<=', (select tuples from few_grouped) + pg_temp.fetch(), 'of one group too');
select is((select scans from grouped), 0::bigint, 'by its own index');
create temp table rare as select * from pg_temp.cost('item_claim_any', null, 'rare', null, null);
select is((select rows from rare), 0, 'a rare label is far away');
select cmp_ok((select tuples from rare), '<=', 10000 + pg_temp.over(), 'it is looked for among ten thousand at a time');
select isnt(triage.queue_page(p_label => 'rare') ->> 'more', null, 'and the page says where to go on');
create temp table claimed as select * from pg_temp.cost('item_claimed_by', null, null, 'claimed', null);
select is((select rows from claimed), 50, 'what is claimed');
select cmp_ok((select tuples from claimed), '<=', 200 + pg_temp.over(), 'is read by the index of the claimed');
create temp table words as select * from pg_temp.cost('item_claim_any', null, null, null, 'no such words');
select cmp_ok((select tuples from words), '<=', 2000 + pg_temp.over(), 'a text is looked for in two thousand at a time');
-- Up to ten thousand of those that wait, and of those in turn by now as many as are due: none, but for what shares their slot of
-- five minutes (300 items, and their claims).
create temp table counted as select pg_temp.read('item_claim_any') as before, triage.queue_numbers() as numbers;
select cmp_ok((select pg_temp.read('item_claim_any') - before from counted), '<=', 10000 + 2 * (300 + pg_temp.over()), 'counts stop at ten thousand');
select * from finish();
rollback;
