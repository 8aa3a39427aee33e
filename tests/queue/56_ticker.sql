-- The ticker tells that something happened, once.
begin;
select plan(5);
listen triage_queue;
select is(triage.tick(0), (select coalesce(max(history_id), 0) from triage.history), 'it returns where the history ends');
select t.feed(t.request('a', 1));
create temp table tick as select triage.tick(0) as last;
select ok((select last > 0 from tick), 'an item that came moves it');
select is(triage.tick((select last from tick)), (select last from tick), 'when nothing happens it stays');
select triage.claim('ann');
select ok(triage.tick((select last from tick)) > (select last from tick), 'a claim moves it');
select ok(triage.tick(null) > 0, 'a relay that has just begun knows no number');
select * from finish();
rollback;
