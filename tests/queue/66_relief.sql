-- How far the budget gives way: plans in a row are counted, a state changes once and says so in the outbox.
begin;
select plan(18);
create role test_ann login in role triage_reviewer;
create role test_relay login in role triage_relay;
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
create function pg_temp.staff(p_people real) returns void language sql as $$
    select triage.set_staffing('support', jsonb_build_object('zone', 'UTC', 'shifts', jsonb_build_array(jsonb_build_object('group', 'first',
        'weekdays', array[1,2,3,4,5,6,7], 'from_minute', 0, 'to_minute', 1440, 'people', p_people))))
$$;
create function pg_temp.step(p_from triage.review_state, p_to triage.review_state) returns boolean language sql as $$
    select triage.set_relief('support', 'first', 'Ines', p_from, p_to)
$$;

select results_eq($$select state::text, known, overloaded from triage.relief_plan('support', 'first')$$, $$values ('normal', false, false)$$,
    'without a plan it is normal');
select pg_temp.staff(1);
select triage.plan_reviews('0');
select results_eq($$select known, overloaded, streak from triage.relief_plan('support', 'first')$$, $$values (true, false, 1)$$, 'a plan is known');
select triage.plan_reviews('0');
select is((select streak from triage.relief_plan('support', 'first')), 2, 'the second that says the same is counted');
select t.feed(t.request('heap' || n, 1, '{"sla_minutes": 30, "review_group": "first"}')) from generate_series(1, 60) n;
select triage.plan_reviews('0');
select results_eq($$select overloaded, streak from triage.relief_plan('support', 'first')$$, $$values (true, 1)$$, 'a plan that says another thing begins anew');

select is(pg_temp.as_role('test_ann', $$select triage.set_relief('support', 'first', '', 'normal', 'over')$$), '42501', 'a reviewer changes no state');
select is(pg_temp.as_role('test_relay', $$select triage.set_relief('support', 'first', 'Ines', 'normal', 'tight')$$), 'true', 'the watch does');
select is(pg_temp.step('normal', 'tight'), false, 'a second worker that saw normal changes nothing');
select is((select count(*) from triage.outbox where kind = 'control' and key = 'budget/support'), 1::bigint, 'there is one record');
select is(pg_temp.step('tight', 'tight'), false, 'the same again is no change');
select is((select count(*) from triage.outbox where key = 'budget/support'), 2::bigint, 'but confirms it');
select is(pg_temp.step('tight', 'over'), true, 'the next step');
select results_eq($$select payload ->> 'state', (payload ->> 'defer_minutes')::int between 60 and 10080, payload ->> 'owner', (payload ->> 'until')::timestamptz > clock_timestamp() + interval '59 minutes'
    from triage.outbox where key = 'budget/support' and payload ->> 'state' = 'over'$$, $$values ('over', true, 'Ines', true)$$, 'the record says state, how long, whose, until when');
select results_eq($$select name, what_to_do ~ 'support \(Ines\)' from triage.alarms where name in ('review_tight', 'review_over')$$, $$values ('review_over', true)$$, 'the alarm names the owner');
select is((select state::text from triage.review_states), 'over', 'the view shows it');
update triage.relief set until = clock_timestamp() - interval '1 second';
select is((select state::text from triage.relief_plan('support', 'first')), 'normal', 'what nobody confirms is normal');
select is((select count(*) from triage.alarms where name like 'review_over'), 0::bigint, 'and no alarm');
select results_eq($$select from_state::text, to_state::text, waiting from triage.relief_history order by history_id$$, $$values ('normal', 'tight', 60::bigint), ('tight', 'over', 60)$$, 'the history has each change');
select throws_ok('delete from triage.relief_history', null, null, 'and is never changed');
select * from finish();
rollback;
