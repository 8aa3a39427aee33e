-- Several profiles in one queue: a page of the queue and the figures can be those of one of them. The functions of before had no
-- such parameter; calls that do not give it go on as they were.

set local role triage_owner;

-- ---- a page of the queue ----

drop function triage.queue_page(text, text, text, text, text, boolean, boolean, text, integer);
drop function triage.queue_found(text, text, text, text, text, boolean, boolean, text, integer);

create or replace function triage.queue_walk_sql(p_claims boolean, p_group text) returns text
language sql immutable set search_path = triage, pg_temp as $$
    select 'select i.item_id, i.turn, i.state, i.label, i.risk, i.review_group, i.due_at, i.key, i.profile from ' || case
        when p_claims then
            '(with c as materialized (select * from triage.item m where m.state = ''claimed'' and ($4 is not true or m.claimed_by = $5)
              limit 10000) select * from c) i where (i.turn, i.item_id) > ($1, $2)'
        when p_group is not null then
            'triage.item i where i.state in (''open'', ''claimed'') and i.review_group = $3 and (i.turn, i.item_id) > ($1, $2)'
        else
            'triage.item i where i.state in (''open'', ''claimed'') and (i.turn, i.item_id) > ($1, $2)'
        end || ' order by i.turn, i.item_id'
$$;

-- Walked until the page is full, ten thousand items were looked at, or the texts of two thousand were read: a page costs
-- the same with a thousand and with a million items.
create function triage.queue_found(p_group text, p_label text, p_risk text, p_state text, p_text text, p_overdue boolean,
                                   p_mine boolean, p_after text, p_limit integer, p_profile text, out ids bigint[], out more text)
language plpgsql stable set search_path = triage, pg_temp set enable_seqscan = off set enable_sort = off
set enable_bitmapscan = off as $$
declare
    c_looked constant integer := 10000;
    c_read   constant integer := 2000;
    v_from   record := queue_cursor(p_after);
    v_now    timestamptz := clock_timestamp();
    v_looked integer := 0;
    v_read   integer := 0;
    v_last   text;
    v_row    record;
    v_fits   boolean;
begin
    ids := '{}';
    for v_row in execute queue_walk_sql(p_mine or p_state is not distinct from 'claimed', p_group)
        using v_from.turn, v_from.item_id, p_group, p_mine, acting()
    loop
        exit when p_overdue and v_row.due_at >= v_now + interval '5 minutes'; -- in the order of turns nothing overdue follows
        if cardinality(ids) = p_limit or v_looked >= c_looked or v_read >= c_read then
            more := v_last;
            exit;
        end if;
        v_looked := v_looked + 1;
        v_last := v_row.turn || '.' || v_row.item_id;
        v_fits := (p_group is null or v_row.review_group = p_group) and (p_label is null or v_row.label = p_label)
                  and (p_profile is null or v_row.profile = p_profile)
                  and (p_risk is null or v_row.risk = p_risk) and (p_state is null or v_row.state::text = p_state)
                  and (not p_overdue or v_row.due_at < v_now);
        if v_fits and p_text is not null and v_row.item_id::text <> p_text and strpos(lower(v_row.key), p_text) = 0 then
            v_read := v_read + 1;
            v_fits := queue_text_fits(v_row.item_id, p_text);
        end if;
        if v_fits then
            ids := ids || v_row.item_id;
        end if;
    end loop;
end $$;

create function triage.queue_page(p_group text default null, p_label text default null, p_risk text default null,
                                  p_state text default null, p_text text default null, p_overdue boolean default false,
                                  p_mine boolean default false, p_after text default null, p_limit integer default 50,
                                  p_profile text default null)
returns jsonb language plpgsql stable security definer set search_path = triage, pg_temp set enable_seqscan = off
set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    v_found record;
begin
    if p_state not in ('open', 'claimed') or p_risk not in ('low', 'medium', 'high') or octet_length(p_text) > 200 then
        perform fail('TR006', 'ask for the state open or claimed, the risk low, medium or high, and a text of at most 200 bytes');
    end if;
    v_found := queue_found(p_group, p_label, p_risk, p_state, nullif(lower(btrim(p_text)), ''), coalesce(p_overdue, false),
                           coalesce(p_mine, false), p_after, least(greatest(coalesce(p_limit, 50), 1), 200), p_profile);
    return jsonb_build_object('more', v_found.more, 'items', coalesce((
        select jsonb_agg(queue_row(i, b) order by i.turn, i.item_id)
        from unnest(v_found.ids) f join item i on i.item_id = f join item_body b on b.item_id = f), '[]'));
end $$;
comment on function triage.queue_page is
    'A page of the queue, next first, with filters; {items, more}. more is the p_after of the next page, null at the end. A page may be short, even empty, though more follows: filters look at ten thousand items of a page at most, a text is looked for in two thousand. TR006.';

-- ---- figures ----

drop function triage.figures(integer);
drop function triage.figures_by_age();
drop function triage.figures_by_day(timestamptz);
drop function triage.figures_edits(timestamptz);

-- Answers that stand, of one profile or of all; the item is looked at only where one is asked for.
create function triage.answers_of(p_profile text) returns setof triage.resolution
language sql stable set search_path = triage, pg_temp as $$
    select r.* from resolution r
    where r.state in ('held', 'released')
      and (p_profile is null or exists (select from item i where i.item_id = r.item_id and i.profile = p_profile))
$$;

create function triage.figures_by_age(p_profile text) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    with step(at, from_minutes, to_minutes) as (
        values (1, 0, 15), (2, 15, 60), (3, 60, 240), (4, 240, 1440), (5, 1440, 4320), (6, 4320, 10080), (7, 10080, null)
    ), counted as (
        select width_bucket(extract(epoch from clock_timestamp() - i.created_at) / 60,
                            array[0, 15, 60, 240, 1440, 4320, 10080]::numeric[]) as at,
               count(*) as items, count(*) filter (where i.due_at < clock_timestamp()) as overdue
        from item i where i.state in ('open', 'claimed') and (p_profile is null or i.profile = p_profile) group by 1
    )
    select jsonb_agg(jsonb_build_object('from_minutes', s.from_minutes, 'to_minutes', s.to_minutes,
                                        'items', coalesce(c.items, 0), 'overdue', coalesce(c.overdue, 0)) order by s.at)
    from step s left join counted c using (at)
$$;

create function triage.figures_by_day(p_since timestamptz, p_profile text) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]') from (
        select (r.created_at at time zone 'UTC')::date as day, count(*) as answers,
               count(*) filter (where r.outcome = 'accepted') as accepted,
               count(*) filter (where r.outcome = 'edited') as edited,
               count(*) filter (where r.outcome = 'rewritten') as rewritten,
               count(*) filter (where r.outcome = 'relabelled') as relabelled,
               count(*) filter (where r.outcome in ('escalated', 'wrong_input', 'wrong_policy')) as other,
               round((percentile_cont(0.5) within group (order by r.seconds::double precision))::numeric, 1) as median_seconds,
               round(avg(r.edit_distance)::numeric, 3) as mean_edit
        from answers_of(p_profile) r where r.created_at >= p_since group by 1) d
$$;

create function triage.figures_edits(p_since timestamptz, p_profile text) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select jsonb_agg(jsonb_build_object('from', s.at / 10.0, 'to', (s.at + 1) / 10.0, 'answers', coalesce(c.n, 0)) order by s.at)
    from generate_series(0, 9) s(at)
    left join (select least(floor(r.edit_distance * 10), 9)::integer as at, count(*) as n from answers_of(p_profile) r
               where r.created_at >= p_since and r.edit_distance is not null group by 1) c using (at)
$$;

-- As the views ageing and sla, of one profile or of all.
create function triage.figures_ageing(p_profile text) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select coalesce(jsonb_agg(to_jsonb(a) || jsonb_build_object('oldest_seconds', extract(epoch from a.oldest)::bigint)), '[]') from (
        select i.review_group, i.risk, count(*) as items,
               count(*) filter (where i.due_at < clock_timestamp()) as overdue,
               count(*) filter (where i.due_at between clock_timestamp() and clock_timestamp() + interval '1 hour') as due_within_hour,
               count(*) filter (where i.snoozed_until > clock_timestamp()) as snoozed,
               count(*) filter (where i.skipped_until > clock_timestamp()) as skipped,
               max(clock_timestamp() - i.created_at) as oldest, min(i.due_at) as first_due
        from item i where i.state in ('open', 'claimed') and (p_profile is null or i.profile = p_profile) group by i.review_group, i.risk) a
$$;

create function triage.figures_sla(p_profile text) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select coalesce(jsonb_agg(to_jsonb(s) || jsonb_build_object(
               'wait_median_seconds', extract(epoch from s.wait_median)::bigint,
               'wait_p90_seconds', extract(epoch from s.wait_p90)::bigint)), '[]') from (
        select i.review_group, i.risk, count(*) filter (where r.state is not null) as answered,
               count(*) filter (where r.created_at <= i.due_at) as in_time,
               round(avg((r.created_at <= i.due_at)::integer) filter (where r.state is not null), 4) as share_in_time,
               percentile_cont(0.5) within group (order by r.created_at - i.created_at) as wait_median,
               percentile_cont(0.9) within group (order by r.created_at - i.created_at) as wait_p90,
               count(*) filter (where i.state in ('open', 'claimed') and i.due_at < clock_timestamp()) as overdue_now
        from item i left join resolution r on r.item_id = i.item_id and r.state in ('held', 'released')
        where (p_profile is null or i.profile = p_profile)
          and (i.state in ('open', 'claimed') or r.created_at > clock_timestamp() - interval '30 days')
        group by i.review_group, i.risk) s
$$;

create function triage.figures(p_days integer default 30, p_profile text default null) returns jsonb
language plpgsql stable security definer set search_path = triage, pg_temp as $$
declare
    v_since  timestamptz := clock_timestamp() - least(greatest(coalesce(p_days, 30), 1), 366) * interval '1 day';
    v_manual integer := (select s.manual_seconds from setting s);
    v_median double precision := (select percentile_cont(0.5) within group (order by r.seconds::double precision)
                                  from answers_of(p_profile) r where r.created_at >= v_since);
begin
    return jsonb_build_object(
        'profile', p_profile,
        'ageing', figures_ageing(p_profile), 'sla', figures_sla(p_profile),
        'agreement', (select coalesce(jsonb_agg(to_jsonb(a)), '[]') from agreement a where p_profile is null or a.profile = p_profile),
        'kappa', (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from agreement_beyond_chance k where p_profile is null or k.profile = p_profile),
        'classes', (select coalesce(jsonb_agg(to_jsonb(c) order by c.answers desc, c.label, c.profile), '[]') from classes c
                    where p_profile is null or c.profile = p_profile),
        'reviewers', case when p_profile is null and pg_has_role(acting(), 'triage_auditor', 'member')
            then (select coalesce(jsonb_agg(to_jsonb(r) order by r.reviewer), '[]') from reviewers r) end,
        'by_age', figures_by_age(p_profile), 'by_day', figures_by_day(v_since, p_profile), 'edit_distance', figures_edits(v_since, p_profile),
        'median_seconds', round(v_median::numeric, 1), 'manual_seconds', v_manual,
        'slower_than_manual', v_median > v_manual);
end $$;
comment on function triage.figures is
    'What a lead wants to see of the last days, of one profile or of all: ages, answers in time, agreement, classes, answers by day, edits, time against the manual baseline. reviewers is null unless the caller is an auditor and no profile is given: people work across profiles. Reads all unanswered items and all answers of the days: for people, not for polling.';

-- ---- taking the next, once ----

drop function triage.claim_next(text[]);

create function triage.claim_next(p_groups text[] default null, p_key text default null) returns jsonb
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item bigint;
begin
    if p_key is null then
        v_item := (select c.item_id from claim(null, 1, p_groups) c);
    else
        v_item := (select c.item_id from claim_once(p_key, 1, p_groups) c);
    end if;
    return case when v_item is not null then item_page(v_item) end;
end $$;
comment on function triage.claim_next is
    'Takes the next item and shows it as item_page does; null when nothing waits. With a key the same call again shows the item that the first one took, as claim_once does. Errors as of claim_once.';

-- ---- what is the caller's, and what others did to it ----

create or replace function triage.my_work() returns jsonb
language sql stable security definer set search_path = triage, pg_temp as $$
    select jsonb_build_object(
        'claimed', coalesce(jsonb_agg(queue_row(i, b) || jsonb_build_object('claim_no', i.claim_no) order by i.turn, i.item_id)
                            filter (where i.state = 'claimed'), '[]'),
        'held', coalesce(jsonb_agg(queue_row(i, b) || jsonb_build_object('held_until', i.held_until, 'claim_no', i.claim_no,
                                       'idempotency_key', r.idempotency_key, 'outcome', r.outcome)
                                   order by i.held_until, i.item_id) filter (where i.state = 'held'), '[]'),
        'notices', (select coalesce(jsonb_agg(to_jsonb(n) || jsonb_build_object('subject', left(b.ticket ->> 'subject', 200))
                                              order by n.notice_id desc), '[]')
                    from (select * from notices limit 50) n left join item_body b using (item_id)))
    from (select * from item m where m.state = 'claimed' and m.claimed_by = acting()
          union all
          select * from item m where m.state = 'held' and m.claimed_by = acting()) i
    join item_body b using (item_id)
    left join resolution r on r.item_id = i.item_id and r.state = 'held'
$$;
comment on function triage.my_work is
    'What the caller has claimed, what the caller has answered and can still undo, and what others did to the caller''s items in the last day (fifty at most): {claimed, held, notices}.';

revoke all on function triage.queue_found, triage.queue_page, triage.answers_of, triage.figures_by_age, triage.figures_by_day,
    triage.figures_edits, triage.figures_ageing, triage.figures_sla,
    triage.figures, triage.claim_next from public;
grant execute on function triage.queue_page, triage.claim_next to triage_reviewer;
grant execute on function triage.figures to triage_reviewer, triage_auditor;

reset role;
