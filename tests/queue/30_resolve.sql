-- Answers: idempotent, held, undone, superseded, published once.
begin;
select plan(55);
select t.feed(t.request('a',1), t.request('b',1), t.request('c',1), t.request('d',1), t.request('u',1,
    '{"review_id":"u:audit","origin":"audit"}'));
create temp table c as select * from triage.claim('ann', 5);
select is((select count(*) from c), 5::bigint, 'five items claimed');
select ok(not exists (select from c where request ? 'origin' or request ? 'review_id'), 'an audit looks like any other item');

create function pg_temp.resolve(p_key text, p_idem text, p_outcome text, p_label text default null, p_text text default null,
                                p_claim bigint default 1) returns text language sql as $$
    select state::text from triage.resolve(t.item(p_key), p_claim, p_idem, p_outcome::triage.outcome, p_label, p_text, 12.34)
$$;

select throws_ok($$select pg_temp.resolve('a','k','relabelled')$$, 'TR006', null, 'relabelled needs a label');
select throws_ok($$select pg_temp.resolve('a','k','relabelled','order_status')$$, 'TR006', null, 'another label');
select throws_ok($$select pg_temp.resolve('a','k','accepted','spam')$$, 'TR006', null, 'accepted cannot change the label');
select throws_ok($$select pg_temp.resolve('a','k','accepted',null,'Other text.')$$, 'TR006', null, 'accepted cannot change the text');
select throws_ok($$select pg_temp.resolve('a','k','edited')$$, 'TR006', null, 'edited needs a text');
select throws_ok($$select pg_temp.resolve('a','k','rewritten',null,' ')$$, 'TR006', null, 'rewritten needs a text');
select throws_ok($$select pg_temp.resolve('a','','accepted')$$, 'TR006', null, 'an empty idempotency key');
select throws_ok($$select pg_temp.resolve('a',null,'accepted')$$, 'TR006', null, 'no idempotency key');
select throws_ok($$select pg_temp.resolve('a','k',null)$$, 'TR006', null, 'no outcome');
select throws_ok($$select pg_temp.resolve('nobody','k','accepted')$$, 'TR002', null, 'unknown item');
select is(t.state('a'), 'claimed', 'a refused answer changes nothing');

select ok(triage.answer_seconds(i, null) between 0.000001 and 600, 'a client that never tells its time: since the claim')
    from triage.item i where key = 'a';
select is(triage.answer_seconds(i, 7), 7::double precision, 'a client that tells its time is believed') from triage.item i where key = 'a';
select is(pg_temp.resolve('a','k1','edited',null,'Your parcel left yesterday.'), 'held', 'answer is held');
select is(t.state('a'), 'held', 'so is its item');
select is(pg_temp.resolve('a','k1','edited',null,'Your parcel left yesterday.'), 'held', 'double click is one answer');
select is((select count(*) from triage.resolution where item_id = t.item('a')), 1::bigint, 'one row');
select throws_ok($$select pg_temp.resolve('a','k1','edited',null,'Something else.')$$, 'TR004', null,
    'same idempotency key with other content is refused');
select throws_ok($$select pg_temp.resolve('a','k2','accepted')$$, 'TR003', null, 'a second answer under the same claim is refused');
select results_eq($$select final_label, final_text, seconds, edit_distance::numeric(3,2), reviewer from triage.resolution$$,
    $$values ('order_status', 'Your parcel left yesterday.', 12.3, 0.25, 'ann')$$, 'the answer is whole');
select is(triage.publish_due(), 0, 'nothing is published inside the hold window');
select is_empty($$select * from triage.claim('bob', 1)$$, 'a held item is not offered');

-- undo
select results_eq($$select claim_no from triage.undo(t.item('a'), 'k1')$$, array[2::bigint], 'undo gives the item back, under a new claim');
select results_eq($$select claim_no from triage.undo(t.item('a'), 'k1')$$, array[2::bigint], 'undo twice is undo once');
select is(t.state('a'), 'claimed', 'the item is claimed again');
select is((select claimed_by from triage.item where item_id = t.item('a')), 'ann', 'by the same reviewer');
select is(pg_temp.resolve('a','k1','edited',null,'Your parcel left yesterday.'), 'undone', 'a repeat of the undone answer stays undone');
select throws_ok($$select pg_temp.resolve('a','k3','accepted')$$, 'TR001', null, 'the claim before the undo is over');
select is(pg_temp.resolve('a','k3','accepted',null,null,2), 'held', 'answered again');
select throws_ok($$select triage.undo(t.item('a'), 'no such key')$$, 'TR002', null, 'undo of nothing');
select t.hold_ends(t.item('a'));
select is(triage.publish_due(), 1, 'published after the hold window');
select is(triage.publish_due(), 0, 'once');
select is(t.state('a'), 'released', 'the item is released');
select is(t.ids(), array['a@1:reviewed'], 'one result with the id of key, revision and kind');
select results_eq($$select payload->>'status', payload->'review', payload->>'label', payload->'confidence',
        payload->'draft'->>'text', payload->'schema_version', headers->>'ce_id' from triage.outbox$$,
    $$values ('reviewed', '{"outcome":"accepted","final_label":"order_status","final_text":"Your parcel left today.",
        "reviewer_ref":"ann","seconds":12.3,"edit_distance":0}'::jsonb, 'order_status', '0.61'::jsonb,
        'Your parcel left today.', '1'::jsonb, 'a@1:reviewed')$$, 'the result is complete');
select throws_ok($$select triage.undo(t.item('a'), 'k3')$$, 'TR005', null, 'too late to undo');
select is(pg_temp.resolve('a','k3','accepted',null,null,2), 'released', 'a repeat after publication is told so');

-- superseded while held
select is(pg_temp.resolve('b','k','relabelled','refund_status'), 'held', 'b is answered');
select lives_ok($$select t.feed(t.close('b',2))$$, 'a newer revision comes inside the hold window');
select is(t.state('b'), 'superseded', 'superseded wins over a held answer');
select is((select state::text from triage.resolution where item_id = t.item('b')), 'superseded', 'the answer is dropped');
select is(triage.publish_due(), 0, 'and never published');
select throws_ok($$select triage.undo(t.item('b'), 'k')$$, 'TR007', null, 'undo says so');
select is(pg_temp.resolve('b','k','relabelled','refund_status'), 'superseded', 'a repeat of it says so');
select is((select array_agg(message_id order by outbox_id) from triage.outbox where key = 'b'), array['b@1:superseded'],
    'b has one ending');

-- a newer revision after publication
select lives_ok($$select t.feed(t.close('a',2))$$, 'a newer revision comes after publication');
select is(t.state('a'), 'released', 'a released answer stays');

-- audits
select is(pg_temp.resolve('u','k','relabelled','spam'), 'held', 'the audit is answered');
select t.hold_ends(t.item('u'));
select is(triage.publish_due(), 1, 'and published');
select results_eq($$select kind, message_id, payload->>'origin' from triage.outbox where key = 'u'$$,
    $$values ('audit', 'u:audit:reviewed', 'audit')$$, 'as an audit outcome, not as a result');

select is(pg_temp.resolve('c','k','escalated'), 'held', 'an escalation needs no text');
select is((select edit_distance from triage.resolution where item_id = t.item('c')), null, 'and has no edit distance');
select throws_ok($$update triage.history set actor = 'x'$$, 'TR040', null, 'history is append-only');

select * from finish();
rollback;
