-- Claim walks its partial index and reads next to nothing, with a hundred thousand items.
begin;
select plan(14);
insert into triage.item (review_id, key, revision, review_group, label, due_at, priority)
select 'r' || i, 'k' || i, 1, 'g' || i % 20, 'l' || i % 16, clock_timestamp() + i * interval '1 second', i % 100
from generate_series(1, 100000) i;
insert into triage.item_body (item_id, request) select item_id, '{}' from triage.item;

-- What the last claim read of the table and of an index, from this transaction's own counters.
create function pg_temp.reads(p_index text) returns table (scans bigint, tuples bigint, tables bigint) language sql as $$
    select coalesce(pg_stat_get_xact_numscans(('triage.' || p_index)::regclass), 0),
           coalesce(pg_stat_get_xact_tuples_returned(('triage.' || p_index)::regclass), 0),
           coalesce(pg_stat_get_xact_numscans('triage.item'::regclass), 0)
$$;
create temp table before as select * from pg_temp.reads('item_claim_any');
select is((select count(*) from triage.claim('ann', 5)), 5::bigint, 'five claimed of a hundred thousand');
create temp table after as select * from pg_temp.reads('item_claim_any');
select is((select a.scans - b.scans from after a, before b), 2::bigint, 'through the partial index: once for the floor, once for the items');
select cmp_ok((select a.tuples - b.tuples from after a, before b), '<=', 12::bigint, 'reading as many entries as it takes');
select is((select a.tables - b.tables from after a, before b), 0::bigint, 'the table is never scanned');

create temp table before_group as select * from pg_temp.reads('item_claim_group');
select is((select count(*) from triage.claim('ann', 5, array['g7', 'g9'])), 5::bigint, 'five of two groups');
create temp table after_group as select * from pg_temp.reads('item_claim_group');
select is((select a.scans - b.scans from after_group a, before_group b), 4::bigint, 'twice per group');
select cmp_ok((select a.tuples - b.tuples from after_group a, before_group b), '<=', 20::bigint, 'bounded by what is asked for');
select is((select a.tables - b.tables from after_group a, before_group b), 0::bigint, 'the table is never scanned by group');

create function pg_temp.plan(p_function text) returns text language plpgsql as $$
declare
    v_line text;
    v_plan text := '';
    v_sql  text := (select prosrc from pg_proc where proname = p_function and pronamespace = 'triage'::regnamespace);
begin
    v_sql := replace(replace(replace(replace(v_sql, 'p_reviewer', quote_literal('ann')), 'p_now', 'clock_timestamp()'),
                     'p_group', quote_literal('g7')), 'p_n', '5');
    v_sql := replace(replace(v_sql, 'p_turn', '0'), 'p_from', '0');
    set local search_path = triage, public;
    set local enable_seqscan = off; set local enable_sort = off; set local enable_bitmapscan = off;
    for v_line in execute 'explain (costs off) ' || v_sql loop
        v_plan := v_plan || v_line || E'\n';
    end loop;
    return v_plan;
end $$;
select matches(pg_temp.plan('candidates'), 'Index Scan using item_claim_any on item', 'EXPLAIN names the index of any group');
select doesnt_match(pg_temp.plan('candidates'), 'Sort|Seq Scan|Bitmap', 'without a sort');
select matches(pg_temp.plan('candidates_of_group'), 'Index Scan using item_claim_group on item', 'EXPLAIN names the index by group');
select doesnt_match(pg_temp.plan('candidates_of_group'), 'Sort|Seq Scan|Bitmap', 'without a sort by group');
select matches(pg_temp.plan('candidates'), 'Index Cond: \(ROW\(turn, item_id\) >= ', 'the floor is where the scan begins');
select matches(pg_temp.plan('candidates_of_group'), 'Index Cond: .*ROW\(turn, item_id\) >= ', 'the floor is where the scan by group begins');
select * from finish();
rollback;
