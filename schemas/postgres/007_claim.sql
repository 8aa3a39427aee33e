-- A reviewer takes items and gives them back.

set local role triage_owner;

-- Whether a person may have it now: open and not asleep, or claimed by somebody whose time is over.
create function triage.claimable(p_state triage.item_state, p_snoozed_until timestamptz, p_claimed_until timestamptz,
                                 p_now timestamptz) returns boolean language sql immutable as $$
    select case p_state when 'open' then coalesce(p_snoozed_until <= p_now, true)
                        when 'claimed' then p_claimed_until <= p_now
                        else false end
$$;

-- The planner is told to walk the partial index in order: the statistics of a queue table are always out of date, and a
-- sort would read all of it. Candidates are locked as they are found.
create function triage.candidates(p_reviewer text, p_n integer, p_now timestamptz, p_turn bigint, p_from bigint)
returns setof bigint language sql set search_path = triage, pg_temp set enable_seqscan = off set enable_sort = off
set enable_bitmapscan = off as $$
    select i.item_id from item i
    where i.state in ('open', 'claimed') and (i.turn, i.item_id) >= (p_turn, p_from)
      and claimable(i.state, i.snoozed_until, i.claimed_until, p_now)
      and (i.skipped_until is null or i.skipped_until <= p_now or p_reviewer <> all (i.skipped_by))
    order by i.turn, i.item_id
    limit p_n for update skip locked
$$;

create function triage.candidates_of_group(p_group text, p_reviewer text, p_n integer, p_now timestamptz, p_turn bigint,
                                           p_from bigint)
returns setof bigint language sql set search_path = triage, pg_temp set enable_seqscan = off set enable_sort = off
set enable_bitmapscan = off as $$
    select i.item_id from item i
    where i.state in ('open', 'claimed') and i.review_group = p_group and (i.turn, i.item_id) >= (p_turn, p_from)
      and claimable(i.state, i.snoozed_until, i.claimed_until, p_now)
      and (i.skipped_until is null or i.skipped_until <= p_now or p_reviewer <> all (i.skipped_by))
    order by i.turn, i.item_id
    limit p_n for update skip locked
$$;

-- The first item that anybody could claim, from a floor on; p_group null: of any group.
create function triage.first_claimable(p_group text, p_now timestamptz, p_turn bigint, p_from bigint,
                                       out turn bigint, out item_id bigint)
language plpgsql stable set search_path = triage, pg_temp set enable_seqscan = off set enable_sort = off
set enable_bitmapscan = off as $$
#variable_conflict use_column
begin
    if p_group is null then
        select i.turn, i.item_id into first_claimable.turn, first_claimable.item_id from item i
        where i.state in ('open', 'claimed') and (i.turn, i.item_id) >= (p_turn, p_from)
          and claimable(i.state, i.snoozed_until, i.claimed_until, p_now)
        order by i.turn, i.item_id limit 1;
    else
        select i.turn, i.item_id into first_claimable.turn, first_claimable.item_id from item i
        where i.state in ('open', 'claimed') and i.review_group = p_group and (i.turn, i.item_id) >= (p_turn, p_from)
          and claimable(i.state, i.snoozed_until, i.claimed_until, p_now)
        order by i.turn, i.item_id limit 1;
    end if;
end $$;

-- Where to begin. One claim in five seconds moves the floor up from where it is, one in thirty looks from the very front;
-- the others never wait for it. Where nobody has looked from the front for two minutes, there is no floor.
create function triage.floor_of(p_group text, p_now timestamptz, out turn bigint, out item_id bigint)
language plpgsql set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    c_front constant bigint := -9223372036854775808;
    v_scope text := coalesce('group:' || p_group, 'any');
    v_floor claim_floor;
    v_first record;
    v_sweep boolean;
begin
    select * into v_floor from claim_floor f where f.scope = v_scope;
    turn := c_front; item_id := c_front;
    if v_floor.swept_at > p_now - interval '2 minutes' then
        turn := v_floor.turn; item_id := v_floor.item_id;
    end if;
    if v_floor.raised_at > p_now - interval '5 seconds'
       or not pg_try_advisory_xact_lock(hashtextextended('triaged.floor ' || v_scope, 0)) then
        return;
    end if;
    v_sweep := v_floor.swept_at > p_now - interval '30 seconds' is not true;
    if v_sweep then
        turn := c_front; item_id := c_front;
    end if;
    v_first := first_claimable(p_group, p_now, turn, item_id);
    if v_first.turn is null then
        return;
    end if;
    turn := v_first.turn; item_id := v_first.item_id;
    insert into claim_floor as f (scope, turn, item_id, raised_at, swept_at)
    values (v_scope, turn, item_id, p_now, p_now)
    on conflict (scope) do update set turn = excluded.turn, item_id = excluded.item_id, raised_at = excluded.raised_at,
        swept_at = case when v_sweep then excluded.swept_at else f.swept_at end;
end $$;
comment on function triage.floor_of is 'Where claim begins to look for a group (null: any).';

create function triage.scan(p_group text, p_reviewer text, p_n integer, p_now timestamptz, p_turn bigint, p_from bigint)
returns bigint[] language plpgsql set search_path = triage, pg_temp as $$
begin
    if p_group is null then
        return array(select c from candidates(p_reviewer, p_n, p_now, p_turn, p_from) c);
    end if;
    return array(select c from candidates_of_group(p_group, p_reviewer, p_n, p_now, p_turn, p_from) c);
end $$;

create function triage.scan_from_floor(p_group text, p_reviewer text, p_n integer, p_now timestamptz)
returns bigint[] language plpgsql set search_path = triage, pg_temp as $$
declare
    c_front constant bigint := -9223372036854775808;
    v_floor record := floor_of(p_group, p_now);
    v_ids   bigint[] := scan(p_group, p_reviewer, p_n, p_now, v_floor.turn, v_floor.item_id);
begin
    if cardinality(v_ids) < p_n and v_floor.turn > c_front then -- so few: something below the floor may have come back
        v_ids := scan(p_group, p_reviewer, p_n, p_now, c_front, c_front);
    end if;
    return v_ids;
end $$;

create function triage.best_candidates(p_reviewer text, p_n integer, p_groups text[], p_now timestamptz)
returns bigint[] language plpgsql set search_path = triage, pg_temp as $$
declare
    v_ids   bigint[] := '{}';
    v_group text;
begin
    if p_groups is null then
        return scan_from_floor(null, p_reviewer, p_n, p_now);
    end if;
    for v_group in select distinct g from unnest(p_groups) g where g is not null order by g loop
        v_ids := v_ids || scan_from_floor(v_group, p_reviewer, p_n, p_now);
    end loop;
    return array(select i.item_id from item i where i.item_id = any (v_ids) order by i.turn, i.item_id limit p_n);
end $$;

create function triage.check_claim_request(p_reviewer text, p_n integer, p_groups text[], p_lease interval)
returns void language plpgsql stable set search_path = triage, pg_temp as $$
declare
    v_most integer := (select s.claims_most from setting s);
    v_has  integer;
begin
    if p_n is null or p_n not between 1 and 100 then
        perform fail('TR006', format('claim 1 to 100 items at a time: %s were asked for', coalesce(p_n::text, 'null')));
    end if;
    if cardinality(p_groups) > 32 then
        perform fail('TR006', format('name at most 32 groups: there are %s', cardinality(p_groups)));
    end if;
    if p_lease is null or p_lease not between '1 second' and '1 day' then
        perform fail('TR006', format('give a lease of a second to a day: it is %s', p_lease));
    end if;
    select count(*) into v_has from item i
    where i.claimed_by = p_reviewer and i.state = 'claimed' and i.claimed_until > clock_timestamp();
    if v_has + p_n > v_most then
        perform fail('TR008', format('finish or release some items first: %s has %s claims and may hold %s',
                                     p_reviewer, v_has, v_most));
    end if;
end $$;

create function triage.take(p_ids bigint[], p_reviewer text, p_until timestamptz, p_now timestamptz)
returns setof triage.item language plpgsql set search_path = triage, pg_temp as $$
begin
    insert into history (item_id, event, actor, claim_no, detail)
    select i.item_id, 'expired', i.claimed_by, i.claim_no, jsonb_build_object('until', i.claimed_until) from item i
    where i.item_id = any (p_ids) and i.state = 'claimed';
    return query
        with taken as (
            update item i
            set state = 'claimed', claim_no = i.claim_no + 1, claimed_by = p_reviewer, claimed_until = p_until,
                snoozed_until = null
            where i.item_id = any (p_ids) and claimable(i.state, i.snoozed_until, i.claimed_until, p_now)
            returning i.*
        ), noted as (
            insert into history (item_id, event, actor, claim_no)
            select t.item_id, 'claimed', p_reviewer, t.claim_no from taken t
        )
        select * from taken;
end $$;

create function triage.claim(p_reviewer text default null, p_n integer default 1, p_groups text[] default null,
                             p_lease interval default null)
returns table (item_id bigint, claim_no bigint, claimed_until timestamptz, key text, revision bigint, profile text,
               review_group text, label text, risk text, priority smallint, due_at timestamptz, created_at timestamptz,
               request jsonb, ticket jsonb, draft text)
language plpgsql security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    v_reviewer text := reviewer(p_reviewer);
    v_lease    interval := coalesce(p_lease, (select s.lease from setting s));
    v_now      timestamptz := clock_timestamp();
    v_ids      bigint[];
begin
    perform check_claim_request(v_reviewer, p_n, p_groups, v_lease);
    v_ids := best_candidates(v_reviewer, p_n, p_groups, v_now);
    return query
        select t.item_id, t.claim_no, t.claimed_until, t.key, t.revision, t.profile, t.review_group, t.label, t.risk,
               t.priority, t.due_at, t.created_at, b.request - array['origin', 'review_id'], b.ticket, b.draft
        from take(v_ids, v_reviewer, v_now + v_lease, v_now) t join item_body b on b.item_id = t.item_id
        order by t.turn, t.item_id;
end $$;
comment on function triage.claim is
    'Takes the next items: by due time, then priority. Never waits for another reviewer. p_reviewer null: the caller. p_groups null: any group. Does not tell an audit from a ticket. TR006, TR008, TR030.';

-- Locks the item and makes sure that this claim is the current one. Everything a claimant does begins here.
create function triage.claimed_item(p_item bigint, p_claim_no bigint) returns triage.item
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_item item;
begin
    select * into v_item from item i where i.item_id = p_item for update;
    if not found then
        perform fail('TR002', format('check the number: there is no item %s', p_item));
    end if;
    if v_item.state in ('superseded', 'withdrawn') then
        perform fail('TR007', format('take the next item: item %s was %s meanwhile', p_item, v_item.state),
                     v_item.state::text);
    end if;
    if v_item.claim_no is distinct from p_claim_no or v_item.state = 'open' then
        perform fail('TR001', format('claim again: claim %s of item %s is over', p_claim_no, p_item),
                     format('state %s, claim %s', v_item.state, v_item.claim_no));
    end if;
    if acts_as_reviewer() and v_item.claimed_by <> acting() then
        perform fail('TR030', format('use your own claims: item %s is claimed by someone else', p_item));
    end if;
    if v_item.state <> 'claimed' then
        perform fail('TR003', format('take the next item: item %s was answered already', p_item), v_item.state::text);
    end if;
    return v_item;
end $$;
comment on function triage.claimed_item is 'The locked item of a current claim; else TR001, TR002, TR003, TR007 or TR030.';

create function triage.count_time(p_item triage.item, p_seconds double precision) returns void
language sql set search_path = triage, pg_temp as $$
    with base as (
        select coalesce(max(t.last_ping_at),
                        (select max(h.at) from history h
                         where h.item_id = p_item.item_id and h.event in ('claimed', 'undone')
                           and h.claim_no = p_item.claim_no),
                        p_item.created_at) as since
        from time_spent t where t.item_id = p_item.item_id and t.claim_no = p_item.claim_no
    ), told as (
        select least(greatest(coalesce(p_seconds, 0), 0), extract(epoch from clock_timestamp() - b.since), 86400)
               ::numeric(9, 1) as seconds
        from base b
    )
    insert into time_spent as t (item_id, claim_no, reviewer, active_seconds, pings, last_ping_at)
    select p_item.item_id, p_item.claim_no, p_item.claimed_by, greatest(told.seconds, 0), 1, clock_timestamp() from told
    on conflict (item_id, claim_no) do update
        set active_seconds = t.active_seconds + excluded.active_seconds, pings = t.pings + 1,
            last_ping_at = excluded.last_ping_at
$$;

create function triage.renew(p_item bigint, p_claim_no bigint, p_active_seconds double precision default 0,
                             p_lease interval default null) returns timestamptz
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item  item := claimed_item(p_item, p_claim_no);
    v_lease interval := coalesce(p_lease, (select s.lease from setting s));
    v_until timestamptz := clock_timestamp() + v_lease;
begin
    if v_lease not between '1 second' and '1 day' then
        perform fail('TR006', format('give a lease of a second to a day: it is %s', v_lease));
    end if;
    perform count_time(v_item, p_active_seconds);
    update item i set claimed_until = greatest(i.claimed_until, v_until) where i.item_id = p_item
    returning i.claimed_until into v_until;
    return v_until;
end $$;
comment on function triage.renew is
    'Keeps a claim alive and adds active seconds. Works after the time is over too, as long as nobody else has the item.';

-- Puts a claimed item back. Its claim number stays: with state open no claim of it is current any more.
create function triage.put_back(p_item triage.item, p_event text, p_detail jsonb) returns void
language plpgsql set search_path = triage, pg_temp as $$
begin
    update item i set state = 'open', claimed_by = null, claimed_until = null where i.item_id = p_item.item_id;
    perform note(p_item.item_id, p_event, p_item.claimed_by, p_item.claim_no, p_detail);
end $$;

create function triage.release(p_item bigint, p_claim_no bigint) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    perform put_back(claimed_item(p_item, p_claim_no), 'released', null);
end $$;
comment on function triage.release is 'Gives an item back to everybody.';

create function triage.skip(p_item bigint, p_claim_no bigint, p_reason text) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item := claimed_item(p_item, p_claim_no);
    v_rest interval := (select s.skip_rest from setting s);
    v_now  timestamptz := clock_timestamp();
begin
    if coalesce(btrim(p_reason), '') = '' or octet_length(p_reason) > 1000 then
        perform fail('TR006', 'say why in 1 to 1000 bytes: a skip needs a reason');
    end if;
    perform put_back(v_item, 'skipped', jsonb_build_object('reason', p_reason));
    -- Beyond 31 names the list starts over; after the rest everybody is offered the item again: nothing starves.
    update item i
    set skipped_by = case when i.skipped_until > v_now and cardinality(i.skipped_by) < 32
                          then array_remove(i.skipped_by, v_item.claimed_by) else '{}' end || v_item.claimed_by,
        skipped_until = v_now + v_rest
    where i.item_id = p_item;
end $$;
comment on function triage.skip is 'Gives an item back, with the reason; for a while it is not offered to the same reviewer again.';

create function triage.snooze(p_item bigint, p_claim_no bigint, p_until timestamptz) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item := claimed_item(p_item, p_claim_no);
    v_most interval := (select s.snooze_most from setting s);
begin
    if p_until is null or p_until <= clock_timestamp() or p_until > clock_timestamp() + v_most then
        perform fail('TR006', format('snooze until a time in the next %s: it is %s', v_most, coalesce(p_until::text, 'null')));
    end if;
    perform put_back(v_item, 'snoozed', jsonb_build_object('until', utc(p_until)));
    update item i set snoozed_until = p_until where i.item_id = p_item;
end $$;
comment on function triage.snooze is 'Gives an item back and lets it sleep until then; nobody is offered it before.';

reset role;
