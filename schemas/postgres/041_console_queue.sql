-- What a page shows of the queue: a page of it, one item as a whole, what is the caller's; and taking one item by its number.

set local role triage_owner;

-- ---- one item by its number ----

create function triage.claim_item(p_item bigint, p_lease interval default null)
returns table (item_id bigint, claim_no bigint, claimed_until timestamptz)
language plpgsql security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    v_reviewer text := reviewer(null);
    v_lease    interval := coalesce(p_lease, (select s.lease from setting s));
    v_now      timestamptz := clock_timestamp();
    v_item     item;
begin
    select * into v_item from item i where i.item_id = p_item for update skip locked;
    if not found and exists (select from item i where i.item_id = p_item) then
        perform fail('TR009', format('take another item: item %s is being taken right now', p_item));
    elsif v_item.item_id is null then
        perform fail('TR002', format('check the number: there is no item %s', p_item));
    elsif v_item.state in ('superseded', 'withdrawn') then
        perform fail('TR007', format('take the next item: item %s was %s meanwhile', p_item, v_item.state), v_item.state::text);
    elsif v_item.state in ('held', 'released') then
        perform fail('TR003', format('take the next item: item %s was answered already', p_item), v_item.state::text);
    elsif v_item.state = 'claimed' and v_item.claimed_by = v_reviewer and v_item.claimed_until > v_now then
        return query select v_item.item_id, v_item.claim_no, v_item.claimed_until; -- a second click
        return;
    elsif not claimable(v_item.state, v_item.snoozed_until, v_item.claimed_until, v_now) or v_item.not_for = v_reviewer then
        perform fail('TR009', format('take another item: item %s is taken', p_item));
    elsif v_item.skipped_until > v_now and v_reviewer = any (v_item.skipped_by) then
        perform fail('TR009', format('take another item: you gave item %s back, and it is for somebody else now', p_item));
    end if;
    perform check_claim_request(v_reviewer, 1, null, v_lease);
    return query select t.item_id, t.claim_no, t.claimed_until from take(array[p_item], v_reviewer, v_now + v_lease, v_now) t;
end $$;
comment on function triage.claim_item is
    'Takes this very item, by the rules of claim. The caller''s own claim again is the same claim. TR002, TR003, TR007, TR008, TR009, TR030.';

-- ---- a page of the queue ----

create function triage.shown_reasons(p_request jsonb, p_origin triage.item_origin) returns jsonb
language sql immutable set search_path = triage, pg_temp as $$
    select coalesce(shown_request(p_request, p_origin) #> '{decision,reasons}', '[]')
$$;

create function triage.queue_row(p_item triage.item, p_body triage.item_body) returns jsonb
language sql stable set search_path = triage, pg_temp as $$
    select jsonb_build_object(
        'item_id', p_item.item_id, 'state', p_item.state, 'review_group', p_item.review_group, 'label', p_item.label,
        'risk', p_item.risk, 'priority', p_item.priority, 'due_at', p_item.due_at,
        'overdue', p_item.due_at < clock_timestamp(), 'claimed_by', p_item.claimed_by, 'claimed_until', p_item.claimed_until,
        'claim_expired', p_item.state = 'claimed' and p_item.claimed_until <= clock_timestamp(),
        'snoozed_until', p_item.snoozed_until, 'skips', cardinality(p_item.skipped_by), 'created_at', p_item.created_at,
        'key', p_item.key, 'revision', p_item.revision, 'profile', p_item.profile,
        'subject', left(p_body.ticket ->> 'subject', 200), 'confidence', p_body.request #> '{decision,confidence}',
        'reasons', shown_reasons(p_body.request, p_item.origin), 'has_draft', p_body.draft is not null)
$$;

create function triage.queue_text_fits(p_item bigint, p_text text) returns boolean
language sql stable set search_path = triage, pg_temp as $$
    select strpos(lower(concat_ws(' ', b.ticket ->> 'subject', b.ticket #>> '{requester,name}', b.ticket #>> '{requester,email}',
                                  left(coalesce(b.ticket ->> 'body_text', b.ticket ->> 'body'), 20000))), p_text) > 0
    from item_body b where b.item_id = p_item
$$;

-- Where to begin after a cursor "turn.item".
create function triage.queue_cursor(p_after text, out turn bigint, out item_id bigint)
language plpgsql immutable set search_path = triage, pg_temp as $$
begin
    turn := -9223372036854775808; item_id := -9223372036854775808;
    if p_after is not null then
        if p_after !~ '^-?[0-9]{1,18}[.][0-9]{1,18}$' then
            perform fail('TR006', 'give "after" as the page before gave it in "more"');
        end if;
        turn := split_part(p_after, '.', 1); item_id := split_part(p_after, '.', 2);
    end if;
end $$;

-- The claims are few: all are read by their own index and put in order. The rest is walked in the order of an index.
create function triage.queue_walk_sql(p_claims boolean, p_group text) returns text
language sql immutable set search_path = triage, pg_temp as $$
    select 'select i.item_id, i.turn, i.state, i.label, i.risk, i.review_group, i.due_at, i.key from ' || case
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
                                   p_mine boolean, p_after text, p_limit integer, out ids bigint[], out more text)
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
                                  p_mine boolean default false, p_after text default null, p_limit integer default 50)
returns jsonb language plpgsql stable security definer set search_path = triage, pg_temp set enable_seqscan = off
set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    v_found record;
begin
    if p_state not in ('open', 'claimed') or p_risk not in ('low', 'medium', 'high') or octet_length(p_text) > 200 then
        perform fail('TR006', 'ask for the state open or claimed, the risk low, medium or high, and a text of at most 200 bytes');
    end if;
    v_found := queue_found(p_group, p_label, p_risk, p_state, nullif(lower(btrim(p_text)), ''), coalesce(p_overdue, false),
                           coalesce(p_mine, false), p_after, least(greatest(coalesce(p_limit, 50), 1), 200));
    return jsonb_build_object('more', v_found.more, 'items', coalesce((
        select jsonb_agg(queue_row(i, b) order by i.turn, i.item_id)
        from unnest(v_found.ids) f join item i on i.item_id = f join item_body b on b.item_id = f), '[]'));
end $$;
comment on function triage.queue_page is
    'A page of the queue, next first, with filters; {items, more}. more is the p_after of the next page, null at the end. A page may be short, even empty, though more follows: filters look at ten thousand items of a page at most, a text is looked for in two thousand. TR006.';

-- ---- how many ----

-- Up to ten thousand of each: what lies beyond costs nothing.
create function triage.queue_numbers() returns jsonb
language plpgsql stable set search_path = triage, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
declare
    c_most    constant integer := 10000;
    v_now     timestamptz := clock_timestamp();
    v_turn    bigint := floor(extract(epoch from v_now - timestamptz '2000-01-01 00:00:00+00') / 300)::bigint * 128 + 128;
    v_all     integer;
    v_claimed integer;
    v_overdue integer;
begin
    select count(*) into v_all from (select from item i where i.state in ('open', 'claimed') limit c_most + 1) n;
    select count(*) into v_claimed from (select from item i where i.state = 'claimed' limit c_most + 1) n;
    select count(*) into v_overdue from (
        select from item i where i.state in ('open', 'claimed') and i.turn < v_turn and i.due_at < v_now limit c_most + 1) n;
    return jsonb_build_object('open', least(greatest(v_all - v_claimed, 0), c_most), 'claimed', least(v_claimed, c_most),
        'overdue', least(v_overdue, c_most), 'open_more', v_all > c_most, 'overdue_more', v_overdue > c_most);
end $$;

create function triage.claims_of(p_reviewer text) returns bigint
language sql stable set search_path = triage, pg_temp as $$
    select count(*) from item i where i.state = 'claimed' and i.claimed_by = p_reviewer
$$;

create function triage.queue_counts() returns jsonb
language sql stable security definer set search_path = triage, pg_temp as $$
    select queue_numbers() || jsonb_build_object('mine', claims_of(acting()))
$$;
comment on function triage.queue_counts is 'How many are open, claimed, overdue, and the caller''s; up to ten thousand of each, open_more says that there are more.';

-- For the console's stream of news: numbers only, and where the history stands.
create function triage.console_pulse(p_last bigint, p_reviewers text[]) returns jsonb
language plpgsql stable security definer set search_path = triage, pg_temp as $$
declare
    v_at bigint := (select coalesce(max(h.history_id), 0) from history h);
begin
    if v_at = p_last then
        return jsonb_build_object('at', v_at);
    end if;
    return jsonb_build_object('at', v_at, 'counts', queue_numbers(), 'mine', coalesce((
        select jsonb_object_agg(r, claims_of(r)) from (select distinct u from unnest(p_reviewers) u) d(r)), '{}'));
end $$;
comment on function triage.console_pulse is 'Whether anything happened since p_last, and if so how many are open, claimed, overdue, and claimed by each of these.';

-- ---- what is the caller's ----

create function triage.my_work() returns jsonb
language sql stable security definer set search_path = triage, pg_temp as $$
    select jsonb_build_object(
        'claimed', coalesce(jsonb_agg(queue_row(i, b) || jsonb_build_object('claim_no', i.claim_no) order by i.turn, i.item_id)
                            filter (where i.state = 'claimed'), '[]'),
        'held', coalesce(jsonb_agg(queue_row(i, b) || jsonb_build_object('held_until', i.held_until, 'claim_no', i.claim_no,
                                       'idempotency_key', r.idempotency_key, 'outcome', r.outcome)
                                   order by i.held_until, i.item_id) filter (where i.state = 'held'), '[]'))
    from (select * from item m where m.state = 'claimed' and m.claimed_by = acting()
          union all
          select * from item m where m.state = 'held' and m.claimed_by = acting()) i
    join item_body b using (item_id)
    left join resolution r on r.item_id = i.item_id and r.state = 'held'
$$;
comment on function triage.my_work is 'What the caller has claimed, and what the caller has answered and can still undo: {claimed, held}.';

-- ---- one item as a whole ----

-- Among the answers to the newest two thousand items: those with the same text first, then most words in common. The item's
-- own revision is left out: a second look must not show the first.
create function triage.similar_answers(p_item bigint, p_limit integer default 5)
returns table (item_id bigint, likeness real, subject text, label text, final_label text, outcome triage.outcome, final_text text,
               answered_at timestamptz)
language plpgsql stable security definer set search_path = triage, pg_temp set enable_seqscan = off set enable_bitmapscan = off
set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
    v_item item;
    v_text text := (select plain_text(b.ticket) from item_body b where b.item_id = p_item);
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
            select i.item_id, likeness(v_text, plain_text(b.ticket)) as likeness
            from near n join item i using (item_id) join item_body b using (item_id)
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
comment on function triage.similar_answers is
    'Answered items that asked nearly the same, most alike first: among those with the same words, and a hundred of the same label among the newest two thousand answers. TR002.';

create function triage.item_page(p_item bigint) returns jsonb
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item;
    v_shown jsonb := show(p_item);
begin
    select * into v_item from item i where i.item_id = p_item;
    return v_shown || jsonb_build_object(
        'item', (v_shown -> 'item') - array['claim_no', 'skipped_by', 'skipped_until']
            || jsonb_build_object('claim_no',
                case when v_item.state in ('claimed', 'held') and v_item.claimed_by = acting() then v_item.claim_no end),
        'similar', coalesce((select jsonb_agg(to_jsonb(s) order by s.likeness desc, s.item_id desc)
                             from similar_answers(p_item, 5) s), '[]'),
        'alike', case when v_item.state in ('open', 'claimed') then coalesce((
            select jsonb_agg(jsonb_build_object('item_id', a.item_id, 'subject', a.subject, 'same_words', a.likeness = 1,
                                                'likeness', a.likeness, 'draft_is_same', a.draft_is_same)
                             order by a.likeness desc, a.item_id)
            from alike(p_item, 0.7, 20) a), '[]') else '[]' end);
end $$;
comment on function triage.item_page is
    'One item with all that helps to answer it: request, ticket, draft, history, past answers to similar ones, open ones alike. claim_no is null unless the claim is the caller''s. TR002.';

create function triage.claim_next(p_groups text[] default null) returns jsonb
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item bigint := (select c.item_id from claim(null, 1, p_groups) c);
begin
    return case when v_item is not null then item_page(v_item) end;
end $$;
comment on function triage.claim_next is 'Takes the next item and shows it as item_page does; null when nothing waits. Errors as of claim.';

create function triage.claim_item_page(p_item bigint) returns jsonb
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    perform claim_item(p_item);
    return item_page(p_item);
end $$;
comment on function triage.claim_item_page is 'Takes this item and shows it as item_page does. Errors as of claim_item.';

-- ---- what the page needs to know at first ----

-- A step of the index for each group, not for each item.
create function triage.review_groups() returns jsonb
language sql stable set search_path = triage, pg_temp set enable_seqscan = off as $$
    with recursive g(name) as (
        (select i.review_group from item i where i.state in ('open', 'claimed') order by i.review_group limit 1)
        union all
        select (select i.review_group from item i where i.state in ('open', 'claimed') and i.review_group > g.name
                order by i.review_group limit 1) from g where g.name is not null
    )
    select coalesce(jsonb_agg(n.name order by n.name), '[]') from (select g.name from g where g.name <> '' limit 200) n
$$;

create function triage.review_session() returns jsonb
language sql stable security definer set search_path = triage, pg_temp as $$
    select jsonb_build_object(
        'reviewer', acting(),
        'lease_seconds', extract(epoch from s.lease)::integer, 'hold_seconds', extract(epoch from s.hold_window)::integer,
        'snooze_most_seconds', extract(epoch from s.snooze_most)::integer,
        'can_audit', pg_has_role(acting(), 'triage_auditor', 'member'),
        'skip_reasons', coalesce((select jsonb_agg(k.reason order by k.used desc, k.used_at desc) from skip_reason k
                                  where k.reviewer = acting()), '[]'),
        'groups', review_groups(), 'now', clock_timestamp())
    from setting s
$$;
comment on function triage.review_session is 'The caller''s name, the settings that a page needs, the own reasons for skipping, the groups with open items.';

revoke all on function triage.claim_item, triage.shown_reasons, triage.queue_row, triage.queue_text_fits, triage.queue_cursor,
    triage.queue_walk_sql, triage.queue_found, triage.queue_page, triage.queue_numbers, triage.claims_of, triage.queue_counts,
    triage.console_pulse, triage.my_work, triage.similar_answers, triage.item_page, triage.claim_next, triage.claim_item_page,
    triage.review_groups, triage.review_session from public;
grant execute on function triage.claim_item, triage.queue_page, triage.queue_counts, triage.my_work, triage.similar_answers,
    triage.item_page, triage.claim_next, triage.claim_item_page, triage.review_session to triage_reviewer;
grant execute on function triage.console_pulse to triage_console;

reset role;
