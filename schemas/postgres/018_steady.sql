-- Claims stay cheap while an old transaction keeps every dead row.

set local role triage_owner;

-- The floor is moved up each second: what a claim walks over is what was taken since then.
create or replace function triage.floor_of(p_group text, p_now timestamptz, out turn bigint, out item_id bigint)
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
    if v_floor.raised_at > p_now - interval '1 second'
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

-- The items are read by their number first. With the state in the same condition the planner takes the index of the
-- claimed ones, which is always small when the table is analysed and then holds every claim since the old transaction.
create or replace function triage.take(p_ids bigint[], p_reviewer text, p_until timestamptz, p_now timestamptz)
returns setof triage.item language plpgsql rows 1 set search_path = triage, pg_temp as $$
begin
    with these as materialized (
        select i.item_id, i.state, i.claimed_by, i.claim_no, i.claimed_until from item i where i.item_id = any (p_ids)
    )
    insert into history (item_id, event, actor, claim_no, detail)
    select i.item_id, 'expired', i.claimed_by, i.claim_no, jsonb_build_object('until', i.claimed_until) from these i
    where i.state = 'claimed';
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

-- A claim is a handful of rows: the texts are looked up one by one, whatever the statistics say of the tables' sizes.
alter function triage.claim(text, integer, text[], interval) rows 1 set enable_mergejoin = off set enable_hashjoin = off;
alter function triage.candidates(text, integer, timestamptz, bigint, bigint) rows 1;
alter function triage.candidates_of_group(text, text, integer, timestamptz, bigint, bigint) rows 1;

-- A session that wrote and then idles holds back clean-up by its transaction number, without a snapshot.
create or replace view triage.metrics as
select q.open, q.claimed, q.held, q.overdue, q.snoozed, q.claim_expired, q.oldest_open_seconds,
       (select count(*) from triage.outbox o where o.sequence_no is null) as outbox_unsequenced,
       (select p.last_sequence - coalesce(p.published, 0) from triage.outbox_position p) as outbox_unpublished,
       (select p.last_sequence from triage.outbox_position p) as outbox_last,
       coalesce(extract(epoch from clock_timestamp() - least(
           (select min(o.created_at) from triage.outbox o where o.sequence_no is null),
           (select o.created_at from triage.outbox o
            where o.sequence_no > (select coalesce(p.published, 0) from triage.outbox_position p)
            order by o.sequence_no limit 1))), 0) as outbox_oldest_seconds,
       (select count(*) from triage.feed_refused) as feed_refused,
       a.answers, a.answer_seconds,
       (select coalesce(max(extract(epoch from clock_timestamp() - a.xact_start)), 0) from pg_stat_activity a
        where a.datname = current_database() and (a.backend_xmin is not null or a.backend_xid is not null)) as oldest_transaction_seconds
from (select count(*) filter (where i.state = 'open') as open,
             count(*) filter (where i.state = 'claimed') as claimed,
             count(*) filter (where i.state = 'held') as held,
             count(*) filter (where i.state in ('open', 'claimed') and i.due_at < clock_timestamp()) as overdue,
             count(*) filter (where i.state = 'open' and i.snoozed_until > clock_timestamp()) as snoozed,
             count(*) filter (where i.state = 'claimed' and i.claimed_until <= clock_timestamp()) as claim_expired,
             coalesce(extract(epoch from clock_timestamp() - min(i.created_at) filter (where i.state in ('open', 'claimed'))),
                      0) as oldest_open_seconds
      from triage.item i where i.state in ('open', 'claimed', 'held')) q,
     (select count(*) as answers, coalesce(sum(r.seconds), 0) as answer_seconds
      from triage.resolution r where r.state in ('held', 'released')) a;

reset role;
