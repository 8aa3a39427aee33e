-- What the watch writes and what the exporter reads: drift's state and alarms, calibration, classes, bypass.
begin;
select plan(43);

create function pg_temp.save(p_version bigint, p_events jsonb default '[]', p_classifier text default 'c1') returns boolean
language sql as $$
    select triage.drift_save('support', p_classifier, p_version,
        '{"gauges": [{"signal": "length", "scope": "", "n": 5}, {"signal": "label_mix", "scope": "order", "n": 7}]}',
        '[{"partition": 0, "next": 9}]', '[{"signal": "length", "scope": "", "learning": false, "n": 5, "evidence": 0.5}]', p_events)
$$;
create function pg_temp.event(p_scope text, p_over boolean default false) returns jsonb language sql as $$
    select jsonb_build_array(jsonb_build_object('over', p_over, 'signal', 'label_mix', 'scope', p_scope, 'upwards', true,
        'owner', 'Ines', 'done', 'order may do no more than suggest', 'text', 'more tickets', 'reading', '{}'::jsonb,
        'caps', jsonb_build_array(jsonb_build_object('key', 'cap/support/' || p_scope, 'value', '{"cap": "suggest"}'::jsonb))))
$$;

-- ---- drift ----
select is_empty($$select * from triage.drift_load('support')$$, 'nothing is saved at first');
select ok(pg_temp.save(0), 'the first state is written by who read none');
select ok(not pg_temp.save(0), 'and not once more');
select ok(pg_temp.save(1), 'who read version 1 replaces it');
select ok(not pg_temp.save(1, pg_temp.event('order')), 'who read an older one writes nothing');
select is((select count(*) from triage.drift_alarm), 0::bigint, 'no alarm either');
select ok(pg_temp.save(2, pg_temp.event('order')), 'an alarm comes with the state');
select results_eq($$select owner, done, over_at is null from triage.drift_alarms$$,
    $$values ('Ines', 'order may do no more than suggest', true)$$, 'it names the owner and what was done');
select is((select payload from triage.outbox where kind = 'control' and key = 'cap/support/order'), '{"cap": "suggest"}'::jsonb,
    'its cap waits for the relay');
select ok(pg_temp.save(3, pg_temp.event('order')), 'the same again');
select is((select count(*) from triage.drift_alarm), 1::bigint, 'is no second alarm');
select is((select count(*) from triage.outbox where kind = 'control'), 1::bigint, 'and no second cap');
select ok(pg_temp.save(4, pg_temp.event('order', true)), 'the end of an alarm');
select is((select over_by from triage.drift_alarm), 'watch', 'is written down');
select ok(pg_temp.save(5, pg_temp.event('order')), 'it may come again');
select is((select count(*) from triage.outbox where kind = 'control'), 2::bigint, 'with a cap again');
select ok(triage.drift_accept('support', 'label_mix', 'order'), 'a person accepts it');
select is((select state -> 'gauges' -> 1 from triage.drift), '{"scope": "order", "signal": "label_mix"}'::jsonb,
    'what was known of the signal is gone');
select is((select state #>> '{gauges,0,n}' from triage.drift), '5', 'the others stay');
select is((select count(*) from triage.drift_alarm where over_at is null), 0::bigint, 'its alarm is over');
select ok(not pg_temp.save(6), 'and the reader notices that somebody wrote');
select ok(not triage.drift_accept('support', 'label_mix', 'none such'), 'an unknown signal is told');
select ok(pg_temp.save(7, pg_temp.event('refund')), 'another alarm');
select ok(pg_temp.save(8, '[]', 'c2'), 'a new classifier');
select is((select over_by from triage.drift_alarm where scope = 'refund'), 'new classifier', 'ends the alarms of the old one');
select results_eq($$select signal, n, evidence from triage.drift_signals$$, $$values ('length', 5::bigint, 0.5::double precision)$$,
    'people see readings');

-- ---- calibration ----
select t.feed(
    t.request('x', 1, '{"review_id": "x:audit", "origin": "audit", "decision": {"label": "order_status", "confidence": 0.97}}'),
    t.request('y', 1, '{"review_id": "y:audit", "origin": "audit", "decision": {"label": "order_status", "confidence": 1}}'),
    t.request('z', 1, '{"review_id": "z:audit", "origin": "audit", "decision": {"label": "order_status", "confidence": 0.52}}'));
update triage.audit set verdict = case key when 'y' then 'wrong' else 'right' end::triage.audit_verdict, verdict_no = item_id,
    decided_at = clock_timestamp();
select results_eq($$select bin, audits, round(stated::numeric, 3), round("right"::numeric, 2) from triage.calibration order by bin$$,
    $$values (5, 1::bigint, 0.520, 1.00), (9, 2::bigint, 0.985, 0.50)$$, 'audits are held against what was stated');

-- ---- classes and bypass ----
create function pg_temp.answer(p_key text, p_outcome text, p_label text default null) returns void language plpgsql as $$
declare
    v bigint := t.item(p_key);
begin
    update triage.item i set state = 'claimed', claim_no = claim_no + 1, claimed_by = 'ann',
        claimed_until = clock_timestamp() + interval '1 hour' where i.item_id = v;
    perform triage.resolve(v, (select claim_no from triage.item where item_id = v), 'k', p_outcome::triage.outcome, p_label, null, 10);
end $$;
select t.feed(t.request('a', 1), t.request('b', 1), t.request('c', 1), t.request('d', 1));
select pg_temp.answer('a', 'accepted');
select pg_temp.answer('b', 'relabelled', 'refund');
select t.feed(
    t.request('c', 2, '{"ticket": {"messages": [{"author": "customer"}, {"author": "agent"}]}}'),
    t.request('d', 2, '{"ticket": {"messages": [{"author": "agent"}, {"author": "customer"}]}}'));
select results_eq($$select key, revision from triage.bypassed$$, $$values ('c', 1::bigint)$$,
    'an item was bypassed where an agent''s message overtook it, not where a customer''s did');
select results_eq($$select answers, overridden, unedited, bypassed from triage.class_figures where label = 'order_status'$$,
    $$values (2::bigint, 0.5::double precision, 0.5::double precision, 1::bigint)$$, 'the figures of a class');

-- ---- what is counted, and the overview ----
create function pg_temp.count_one(p_version bigint, p_profile text default 'support') returns boolean language sql as $$
    select triage.drift_save(p_profile, 'c2', p_version, '{"gauges": []}', '[]', '[]', '[]', jsonb_build_array(jsonb_build_object(
        'day', (clock_timestamp() at time zone 'UTC')::date, 'label', 'order_status', 'status', 'answered', 'tickets', 3,
        'cpu_us', 1000000, 'model_us', 0, 'reviewer_s', 0)))
$$;
select ok(pg_temp.count_one(9), 'counts come with the state');
select ok(not pg_temp.count_one(9), 'and not twice');
select ok(pg_temp.count_one(10), 'they add up');
select is((select tickets from triage.decided where status = 'answered'), 6::bigint, 'by day, class and status');
select triage.worker_seen('w1', 'abc', true, 'lanes: ok');
select triage.worker_seen('w1', 'abd', false, 'relay: the relay can''t publish');
select results_eq($$select build, ready from triage.worker$$, $$values ('abd', false)$$, 'a worker has one row');
select is(triage.overview() #>> '{workers,0,state}', 'not ready', 'the overview shows it');
select is(triage.overview() #>> '{decided,0,answered}', '6', 'and what was decided');
select is(triage.overview() #>> '{classes,0,bypassed}', '1', 'and what people did');
select ok(pg_temp.save(11, pg_temp.event('broken'), 'c2'), 'an alarm of drift');
select is((select count(*) from triage.alarms where name = 'drift'), 1::bigint, 'is one of all alarms until it is over');

-- ---- roles ----
select function_privs_are('triage', 'drift_save', array['text', 'text', 'bigint', 'jsonb', 'jsonb', 'jsonb', 'jsonb'],
    'triage_relay', array['EXECUTE'], 'the relay''s role writes drift');
select function_privs_are('triage', 'drift_save', array['text', 'text', 'bigint', 'jsonb', 'jsonb', 'jsonb', 'jsonb'],
    'triage_reviewer', array[]::text[], 'reviewers do not');
select function_privs_are('triage', 'drift_accept', array['text', 'text', 'text'], 'triage_relay', array[]::text[],
    'nor does the worker accept anything');
select table_privs_are('triage', 'drift_alarms', 'triage_metrics', array['SELECT'], 'alarms are for the exporter too');
select * from finish();
rollback;
