-- The text of a new item is made plain once, not twice: that was most of what feeding an item cost.

set local role triage_owner;

create or replace function triage.mark_of(p_item bigint, p_ticket jsonb) returns triage.item_mark
language sql immutable set search_path = triage, pg_temp as $$
    select row(p_item, case when t.plain <> '' then hashtextextended(t.plain, 0) end)::item_mark
    from (select plain_text(p_ticket) as plain offset 0) t -- offset 0: it is not put in twice after all
$$;

reset role;
