-- The review budget: what came is tallied, what comes is expected, and people's hours are held against it.
begin;
select plan(29);
create role test_ann login in role triage_reviewer;
create role test_relay login in role triage_relay;
grant usage on schema t to public;
grant execute on all functions in schema t to public;
create function pg_temp.as_role(p_role text, p_sql text) returns text language plpgsql as $$
declare
    v_told text;
begin
    execute format('set local role %I', p_role);
    begin
        execute p_sql into v_told;
    exception when others then
        v_told := sqlstate;
    end;
    reset role;
    return coalesce(v_told, 'done');
end $$;
create function pg_temp.staffing(p_people real, p_from integer default 0, p_to integer default 1440, p_zone text default 'UTC') returns jsonb language sql as $$
    select jsonb_build_object('zone', p_zone, 'shifts', jsonb_build_array(jsonb_build_object('group', 'first', 'weekdays', array[1,2,3,4,5,6,7],
        'from_minute', p_from, 'to_minute', p_to, 'people', p_people)))
$$;
create function pg_temp.aged() returns void language sql as $$ -- the last half minute is left alone; the history can't be changed
    alter table triage.history disable trigger user;
    update triage.history set at = at - interval '1 minute' where at > clock_timestamp() - interval '31 seconds';
    alter table triage.history enable trigger user;
$$;

-- staffing
select is(pg_temp.as_role('test_relay', format('select triage.set_staffing(''support'', %L)', pg_temp.staffing(2))), 'true', 'staffing is taken over');
select is(pg_temp.as_role('test_relay', format('select triage.set_staffing(''support'', %L)', pg_temp.staffing(2))), 'false', 'the same again is nothing new');
select is(pg_temp.as_role('test_ann', 'select triage.set_staffing(''support'', null)'), '42501', 'a reviewer staffs nobody');
select is(pg_temp.as_role('test_relay', format('select triage.set_staffing(''support'', %L)', pg_temp.staffing(2, 0, 1440, 'Mars/Base'))), 'TR006', 'a zone that is none is refused');
select is(triage.staffed_hours('first', '2026-03-02 08:00+00', '2026-03-02 09:30+00'), 3::double precision, 'two people for an hour and a half');
select triage.set_staffing('support', pg_temp.staffing(1, 540, 1020, 'Europe/Amsterdam'));
select is(triage.staffed_hours('first', '2026-03-02 00:00+00', '2026-03-03 00:00+00'), 8::double precision, 'nine to five is eight hours');
select is(triage.staffed_hours('first', '2026-03-02 07:00+00', '2026-03-02 09:00+00'), 1::double precision, 'in the policy''s zone: it begins at eight UTC in winter');
select is(triage.staffed_hours('first', '2026-07-06 07:00+00', '2026-07-06 09:00+00'), 2::double precision, 'and at seven in summer');
select is(triage.staffed_hours('first', '2026-03-29 00:00+00', '2026-03-30 00:00+00'), 8::double precision, 'the day on which the clock changes has its eight hours');
select is(triage.staffed_hours('other', '2026-03-02 00:00+00', '2026-03-09 00:00+00'), 0::double precision, 'nobody is there for another group');

-- what came
select t.feed(t.request('a', 1, '{"sla_minutes": 120}'), t.request('b', 1, '{"sla_minutes": 120}'), t.request('c', 1, '{"sla_minutes": 120, "review_group": "second"}'));
select is(triage.tally_workload(), 0, 'the last half minute is left alone');
select count(*) from triage.claim('ann', 1, array['first']);
select triage.resolve(item_id, 1, 'k', 'accepted', null, null, 90) from triage.item where state = 'claimed';
select pg_temp.aged();
select cmp_ok(triage.tally_workload(), '>=', 5, 'then the history is read');
select is(triage.tally_workload(), 0, 'once');
select results_eq($$select review_group, sum(requests)::integer, round(sum(sla_seconds))::integer, sum(answers)::integer, sum(active_seconds)::integer from triage.workload group by 1 order by 1$$,
    $$values ('first', 2, 14400, 1, 90), ('second', 1, 7200, 0, 0)$$, 'requests, their time, answers and seconds by group');

-- what comes
delete from triage.workload;
insert into triage.workload (review_group, hour, requests, answers, active_seconds, sla_seconds)
select 'first', date_trunc('hour', clock_timestamp(), 'UTC') - h * interval '1 hour', case h % 24 when 0 then 40 else 4 end, 4, 4 * 360, 4 * 3600 * 2.0
from generate_series(1, 168 * 3) h;
select is(round(triage.expected_requests('first', date_trunc('hour', clock_timestamp(), 'UTC') + interval '24 hours')::numeric, 6), 40::numeric, 'a busy hour of the week is expected again');
select is(round(triage.expected_requests('first', date_trunc('hour', clock_timestamp(), 'UTC') + interval '25 hours')::numeric, 6), 4::numeric, 'so is a quiet one');
update triage.workload set requests = 80 where hour = date_trunc('hour', clock_timestamp(), 'UTC') - interval '144 hours';
select is(round(triage.expected_requests('first', date_trunc('hour', clock_timestamp(), 'UTC') + interval '24 hours')::numeric, 3),
    round(((80 + 40 * power(0.5, 0.5) + 40 * 0.5) / (1 + power(0.5, 0.5) + 0.5))::numeric, 3), 'newer weeks weigh more: half for every two weeks back');
select is(triage.expected_requests('nobody', clock_timestamp()), 0::double precision, 'of a group without history nothing is expected');
delete from triage.workload where hour < clock_timestamp() - interval '10 hours';
select cmp_ok(abs(triage.expected_requests('first', date_trunc('hour', clock_timestamp(), 'UTC') + interval '20 hours') - 4), '<', 0.6::double precision,
    'an hour of the week that nobody has seen yet is a mean one');

-- the plan: 4 an hour of 6 minutes each are 0.4 hours of work an hour
update triage.item set state = 'withdrawn', closed_at = clock_timestamp(), held_until = null where state <> 'withdrawn';
update triage.workload set requests = 4, answers = 4, active_seconds = 4 * 360, sla_seconds = 4 * 3600 * 2.0;
select triage.set_staffing('support', pg_temp.staffing(1));
select is(triage.plan_reviews(), 1, 'each group is planned');
select is(triage.plan_reviews(), 0, 'but not all the time');
select results_eq($$select round(seconds_each)::integer, round(sla_minutes)::integer, abs(work_week - 168 * 0.4) < 1, abs(staffed_week - 168) < 1.1, overloaded from triage.review_budget where review_group = 'first'$$,
    $$values (360, 120, true, true, false)$$, 'one person is enough for it');
select is((select count(*) from triage.alarms where name = 'review_overload'), 0::bigint, 'nothing is wrong');
select is((select count(*) from triage.review_forecast where review_group = 'first'), 168::bigint, 'a week is forecast');
select triage.set_staffing('support', pg_temp.staffing(1, 540, 600));
select triage.plan_reviews('0');
select results_eq($$select late_from is not null, overloaded from triage.review_budget where review_group = 'first'$$, $$values (true, true)$$,
    'one hour a day is too little, and the first hour that will be late is named');
select is((select count(*) from triage.alarms where name = 'review_overload' and value > 0), 1::bigint, 'the alarm is raised');
-- enough over the week, but a heap that is due within the hour
select triage.set_staffing('support', pg_temp.staffing(1));
select t.feed(t.request('heap' || n, 1, '{"sla_minutes": 30}')) from generate_series(1, 40) n;
select triage.plan_reviews('0');
select results_eq($$select work_week < staffed_week, overloaded, lacking_hours > 1 from triage.review_budget where review_group = 'first'$$, $$values (true, true, true)$$,
    'a heap that is due soon cannot be done in time, though the week has room');
select triage.set_staffing('support', null);
select triage.plan_reviews('0');
select is((select overloaded from triage.review_budget where review_group = 'first'), false, 'without staffing nothing is promised and nothing is broken');
select is(pg_temp.as_role('test_ann', 'select count(*) from triage.review_budget, triage.review_forecast'), '168', 'reviewers may look at it');
select * from finish();
rollback;
