-- The clients of load.sh. They commit each call by itself, as real ones do.

create unlogged table t.sample (at timestamptz not null default clock_timestamp(), ms double precision not null, buffers bigint not null);

-- Items as the feeder makes them, in all tables, but without its triggers: the marks of texts that all differ are as good by
-- key. Due over the next ten days, some of them overdue.
create procedure t.fill_open(p_from integer, p_to integer) language plpgsql as $$
begin
    set local session_replication_role = replica;
    with made as (
        insert into triage.item (review_id, key, revision, profile, review_group, label, risk, due_at, priority, created_at)
        select 'load/' || i || '@1:review', 'kestrel/zendesk/main/' || i, 1, 'support', 'g' || i % 20, 'label_' || i % 60,
               (array['low', 'medium', 'high'])[1 + i % 3], now() - interval '1 hour' + i % 864000 * interval '1 second', i % 100,
               now() - i % 3000 * interval '1 minute'
        from generate_series(p_from, p_to) i returning item_id, key
    ), noted as (
        insert into triage.history (item_id, event, actor) select m.item_id, 'enqueued', 'load' from made m
    ), marked as (
        insert into triage.item_mark (item_id, text_hash) select m.item_id, hashtextextended(m.key, 0) from made m
    ), seen as (
        insert into triage.key_seen (key, highest_revision) select m.key, 1 from made m
    )
    insert into triage.item_body (item_id, request, ticket, draft)
    select m.item_id,
           jsonb_build_object('tenant', 'kestrel', 'ticket_id', m.item_id, 'decision', jsonb_build_object('label', 'label_1',
               'confidence', 0.61, 'reasons', array['low_confidence'], 'alternatives', '[]'::jsonb)),
           jsonb_build_object('subject', 'Order ' || m.item_id, 'body_text', repeat('Where is my order ' || m.key || '? ', 8),
               'requester', jsonb_build_object('id', 'c' || m.item_id)),
           'Your parcel left today.'
    from made m;
end $$;

-- A claim under EXPLAIN: its time and what it read of the shared buffers. The item is found by its claimant, whom no
-- other client plays.
create function t.measured_claim(p_who text, out item_id bigint, out claim_no bigint) language plpgsql as $$
declare
    v_plan json;
begin
    execute format('explain (analyze, buffers, timing off, format json) select * from triage.claim(%L)', p_who) into v_plan;
    insert into t.sample (ms, buffers)
    values ((v_plan #>> '{0,Execution Time}')::double precision,
            (v_plan #>> '{0,Plan,Shared Hit Blocks}')::bigint + (v_plan #>> '{0,Plan,Shared Read Blocks}')::bigint);
    select i.item_id, i.claim_no into measured_claim.item_id, measured_claim.claim_no from triage.item i
    where i.claimed_by = p_who and i.state = 'claimed';
end $$;

create function t.window_figures(p_from timestamptz, p_to timestamptz) returns text language sql as $$
    select format('%s buffers a claim (p99 %s), claim p50 %s ms, p99 %s ms, max %s ms (%s claims)',
        round(avg(buffers), 1), percentile_disc(0.99) within group (order by buffers),
        round(percentile_cont(0.5) within group (order by ms)::numeric, 2),
        round(percentile_cont(0.99) within group (order by ms)::numeric, 2), round(max(ms)::numeric, 1), count(*))
    from t.sample where at between p_from and p_to
$$;
create function t.mean_buffers(p_from timestamptz, p_to timestamptz) returns numeric language sql as $$
    select avg(buffers) from t.sample where at between p_from and p_to
$$;
