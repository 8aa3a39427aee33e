-- Whoever waits gets a turn: SLA slack first, then what is most worth a person's look, and nothing comes in between for ever.
begin;
select plan(9);
select t.feed(t.request('past', 1, '{"due_at": "2001-01-01T00:00:00Z", "priority": 100}'), t.request('never', 1, '{"due_at": "2199-01-01T00:00:00Z"}'),
              t.request('named', 1, jsonb_build_object('due_at', clock_timestamp() + interval '3 hours')));
select ok((select due_at >= created_at - interval '1 second' from triage.item where key = 'past'), 'a due time in the past counts as now');
select is((select request ->> 'due_at' from triage.item_body where item_id = t.item('past')), '2001-01-01T00:00:00Z', 'the request keeps it');
select ok((select due_at - created_at between interval '364 days' and interval '366 days' from triage.item where key = 'never'), 'one in a far future as a year from now');
select ok((select due_at - created_at between interval '179 minutes' and interval '181 minutes' from triage.item where key = 'named'), 'any other is kept');
delete from triage.item;

-- An item of low priority whose time has come, and a stream of urgent ones that is never empty.
select t.feed(t.request('waits', 1, '{"priority": 0, "sla_minutes": 0}'));
update triage.item set due_at = due_at - interval '5 minutes', created_at = created_at - interval '10 minutes' where key = 'waits';
select t.feed(t.request('urgent' || n, 1, '{"due_at": "2001-01-01T00:00:00Z", "priority": 100}')) from generate_series(1, 50) n;
select is((select key from triage.claim('ann', 1)), 'waits', 'what is overdue goes before whatever came later, however urgent');

-- Within one step of five minutes the priority decides, then the age.
delete from triage.item;
select t.feed(t.request('low', 1, '{"priority": 10, "sla_minutes": 60}'), t.request('high', 1, '{"priority": 90, "sla_minutes": 60}'),
              t.request('next', 1, '{"priority": 90, "sla_minutes": 60}'), t.request('sooner', 1, '{"priority": 0, "sla_minutes": 30}'));
select is((select string_agg(key, ' ' order by n) from (select key, row_number() over () as n from triage.claim('ann', 4)) c), 'sooner high next low',
    'slack first, then priority, then age');

-- Skipped by everybody, snoozed, released: it comes back.
delete from triage.item;
select t.feed(t.request('hot potato', 1));
do $$
declare v record;
begin
    for n in 1 .. 40 loop
        select c.item_id, c.claim_no into v from triage.claim('r' || n, 1) c;
        perform triage.skip(v.item_id, v.claim_no, 'not mine');
    end loop;
end $$;
select is((select count(*) from triage.history where event = 'skipped'), 40::bigint, 'forty people skip one item');
update triage.item set skipped_until = clock_timestamp() - interval '1 second';
select is((select key from triage.claim('r1', 1)), 'hot potato', 'after the rest the first of them is offered it again');
select cmp_ok((select max(cardinality(skipped_by)) from triage.item), '<=', 32, 'and the list of names stays short');
select * from finish();
rollback;
