-- Steps of a class: row, history and control record together, once for an incident; evidence counts from the last step down.
begin;
select plan(33);

create function pg_temp.level(p_label text) returns text language sql as $$
    select triage.level_of('support', p_label, 'shadow')::text
$$;
create function pg_temp.answered(p_key text, p_how triage.outcome, p_reason text default 'confident') returns void language plpgsql as $$
begin
    perform t.feed(t.request(p_key, 1) || jsonb_build_object('decision',
        jsonb_build_object('label', 'order_status', 'confidence', 0.9, 'reasons', array[p_reason],
                           'draft', jsonb_build_object('text', 'x'))));
    update triage.item i set state = 'claimed', claim_no = 1, claimed_by = 'ann', claimed_until = clock_timestamp() + interval '1 hour'
    where i.key = p_key;
    perform triage.resolve(t.item(p_key), 1, 'k', p_how, case when p_how = 'relabelled' then 'refund' end, null, 30);
end $$;
create function pg_temp.evidence() returns record language sql as $$
    select e from triage.autonomy_evidence('support', 'order_status', 3, 'shadow') e
$$;

select is(pg_temp.level('order_status'), 'shadow', 'a class without a record is where its policy begins');
select lives_ok($$select triage.promote('support', 'order_status', 'shadow', 'suggest', 'shadow', 'evidence', 'all there', 'ines', 'Ines', 'p1', '{"labels": 3}')$$,
                'a step up');
select is(pg_temp.level('order_status'), 'suggest', 'is on record');
select results_eq($$select key, payload ->> 'level', payload ->> 'reason', payload ->> 'by' from triage.outbox where kind = 'control'$$,
                  $$values ('level/support/order_status', 'suggest', 'evidence', 'ines')$$, 'and on its way to the workers');
select throws_ok($$select triage.promote('support', 'order_status', 'shadow', 'suggest', 'shadow', 'evidence', '', 'ines', '', '', '{}')$$,
                 'TR003', null, 'a step from where the class is not any more is refused');
select throws_ok($$select triage.promote('support', 'order_status', 'suggest', 'shadow', 'shadow', 'evidence', '', 'ines', '', '', '{}')$$,
                 'TR003', null, 'and a step that is none');
select throws_ok($$select triage.promote('support', 'order_status', 'suggest', 'hold', 'shadow', 'luck', '', 'ines', '', '', '{}')$$,
                 'TR006', null, 'and one without evidence or exception');
select triage.promote('support', 'order_status', 'suggest', 'hold', 'shadow', 'exception', '', 'ines', '', '', '{}');

select ok(triage.demote('support', 'order_status', 'drift', 'words are new', '{"signal": "words"}', 'drift-1', 'Ines'), 'a step down');
select is(pg_temp.level('order_status'), 'suggest', 'as far as its cause says');
select ok(not triage.demote('support', 'order_status', 'drift', 'words are new', '{}', 'drift-1', 'Ines'), 'once for an incident');
select ok(not triage.demote('support', 'order_status', 'drift', 'words are new', '{}', 'drift-2', 'Ines'), 'and nothing where it is low enough');
select ok(triage.demote('support', 'order_status', 'override_rate', 'too many', '{}', 'o-1'), 'another cause goes further');
select is(pg_temp.level('order_status'), 'shadow', 'down to where people look at all of it');
select ok(not triage.demote('support', 'refund', 'drift', '', '{}', null, '', 'watch', null, 'shadow'), 'a class that begins low stays');
select ok(triage.demote('support', 'howto', 'drift', ''), 'one that the policy lets go falls');
select is((select level::text from triage.autonomy where label = 'howto'), 'suggest', 'and has a level from then on');
select throws_ok($$select triage.demote('support', 'howto', 'mood', '')$$, 'TR006', null, 'an unknown cause is refused');
select throws_ok($$select triage.demote('support', '*', 'drift', '')$$, 'TR006', null, 'and a step of all classes');
select throws_ok($$update triage.autonomy_history set text = 'x'$$, 'TR040', null, 'the history is append-only');
select ok((select count(*) = 2 from triage.alarms where name = 'demoted'), 'each class that fell is an alarm');
select ok((select what_to_do like '%order_status%override_rate%' from triage.alarms where name = 'demoted' and what_to_do like '%order_status%'),
          'that names it and what happened');

select pg_temp.answered('k1', 'accepted'), pg_temp.answered('k2', 'relabelled'), pg_temp.answered('k3', 'accepted'),
       pg_temp.answered('k4', 'accepted', 'low_confidence'), pg_temp.answered('k5', 'accepted');
update triage.setting set manual_seconds = 60;
select results_eq($$select labels, looked, overrides, share_of_manual from triage.autonomy_evidence('support', 'order_status', 3, 'shadow')$$,
                  $$values (5::bigint, 3::bigint, 1::bigint, 0.5::double precision)$$,
                  'labels count, overrides among the last that the machine was sure of, time beside the manual one');
select results_eq($$select looked, overrides from triage.autonomy_evidence('support', 'order_status', 10, 'shadow')$$,
                  $$values (4::bigint, 1::bigint)$$, 'as far back as was asked');
select is((select demoted_for from triage.autonomy_evidence('support', 'order_status', 3, 'shadow')), 'override_rate', 'it names the last step down');
select is((select reviewed_days from triage.autonomy_evidence('support', 'order_status', 3, 'shadow')), null, 'nobody has reviewed it');
select triage.quality_reviewed('support', 'order_status', 'ines', 'ten read, all fine');
select ok((select reviewed_days < 1 and reviewed_by = 'ines' from triage.autonomy_evidence('support', 'order_status', 3, 'shadow')), 'somebody has');
select triage.promote('support', 'order_status', 'shadow', 'auto', 'shadow', 'exception', '', 'ines', '', '', '{}');
select ok(triage.demote('support', 'order_status', 'review_overdue', ''), 'a later step down');
select is((select labels from triage.autonomy_evidence('support', 'order_status', 3, 'shadow')), 0::bigint, 'begins the count anew');
select triage.promote('support', 'order_status', 'suggest', 'auto', 'shadow', 'exception', '', 'ines', '', '', '{}');
select triage.drift_save('support', 'c1', 0, '{}', '[]', '[]', '[{"over": false, "signal": "unknown_words", "scope": "order_status", "upwards": true,
    "owner": "Ines", "done": "order_status may do no more than suggest", "text": "words are new", "reading": {},
    "caps": [{"key": "cap/support/order_status", "value": {"type": "cap", "profile": "support", "label": "order_status", "cap": "suggest",
                                                           "reason": "drift", "text": "words are new", "owner": "Ines"}}]}]');
select is(pg_temp.level('order_status'), 'suggest', 'a cap of the watch over drift takes the level too');
select is((select reason || ' ' || owner from triage.autonomy_history where label = 'order_status' order by history_id desc limit 1), 'drift Ines',
          'its owner is on record');
select is((select count(*) from triage.alarms where name = 'demoted' and what_to_do like '%order_status of support fell%(drift)%Owner: Ines'), 1::bigint,
          'and named in the alarm');
select ok(triage.raise_alarm('support', 'p9', '', 3, '[{"key": "cap/support/pay", "owner": "Ines", "value": {"label": "pay", "cap": "suggest", "text": "wrong"}}]'),
          'a broken promise');
select is((select reason || ' ' || promise || ' ' || owner from triage.autonomy_history where label = 'pay'), 'promise_broken p9 Ines', 'is a step down');

select * from finish();
rollback;
