-- The feeder: position and batch are one, dedup, superseding.
begin;
select plan(44);

select lives_ok($$select triage.feed('c','reviews',0,null,10,jsonb_build_array(t.request('a',1), t.request('b',1)))$$,
    'first batch needs no row');
select is(triage.feeder_next('c','reviews',0), 10::bigint, 'position advances with the batch');
select is(triage.feeder_next('c','reviews',1), null, 'another partition has its own position');
select throws_ok($$select triage.feed('c','reviews',0,null,20,jsonb_build_array(t.request('x',1)))$$, 'TR010', null,
    'a feeder that knows of no row cannot write over one');
select throws_ok($$select triage.feed('c','reviews',0,9,20,jsonb_build_array(t.request('x',1)))$$, 'TR010', null,
    'stale feeder cannot write');
select throws_ok($$select triage.feed('c','reviews',0,11,20,jsonb_build_array(t.request('x',1)))$$, 'TR010', null,
    'feeder ahead of the row cannot write');
select throws_ok($$select triage.feed('c','reviews',5,3,20,jsonb_build_array(t.request('x',1)))$$, 'TR010', null,
    'feeder that expects a row where none is cannot write');
select throws_ok($$select triage.feed('c','reviews',0,10,9,'[]')$$, 'TR011', null, 'feeder position never goes back');
select throws_ok($$select triage.feed('c','reviews',0,10,11,'{}')$$, 'TR006', null, 'records must be an array');
select is((select count(*) from triage.item where key = 'x'), 0::bigint, 'a refused batch leaves nothing behind');
select is(triage.feeder_next('c','reviews',0), 10::bigint, 'a refused batch moves nothing');

select results_eq($$select enqueued, duplicates from triage.feed('c','reviews',0,10,12,jsonb_build_array(t.request('a',1)))$$,
    $$values (0, 1)$$, 'same request again is no second item');
select results_eq($$select enqueued, duplicates from triage.feed('c','reviews',0,12,13,
    jsonb_build_array(t.request('a',1,'{"review_id":"another id"}')))$$,
    $$values (0, 1)$$, 'same ticket revision under another id is no second item');
select is((select count(*) from triage.item where key = 'a'), 1::bigint, 'one item per ticket revision');
select is((select draft from triage.item_body where item_id = t.item('a')), 'Your parcel left today.', 'draft is kept apart');
select is((select request ? 'ticket' from triage.item_body where item_id = t.item('a')), false, 'ticket is stored once');

-- superseding
select lives_ok($$select t.feed(t.request('a',3))$$, 'newer revision arrives');
select is(t.state('a'), 'superseded', 'newer request closes the open item');
select is(t.state('a',3), 'open', 'newer request is open');
select is(t.ids(), array['a@1:superseded'], 'one terminal result for the closed item');
select results_eq($$select payload->>'status', payload->'revision', payload->'superseded_by'->'revision',
        payload->'review', payload->>'tenant', payload->'provenance'->>'policy', payload->>'ticket_id'
        from triage.outbox$$,
    $$values ('superseded', '1'::jsonb, '3'::jsonb, 'null'::jsonb, 'kestrel', 'abc', 'a')$$, 'its result is complete');
select results_eq($$select payload->'draft', payload->>'action', payload->'reasons', payload->'error', headers->>'ce_source',
        headers->>'ce_type' from triage.outbox$$,
    $$values ('null'::jsonb, '', '["low_confidence","newer_revision"]'::jsonb, 'null'::jsonb, '/triaged/support',
        'triaged.result.v1')$$, 'and has nothing to act upon');
select lives_ok($$select t.feed(t.request('a',2))$$, 'older revision arrives late');
select is(t.state('a',2), 'superseded', 'late request is closed at once');
select is(t.state('a',3), 'open', 'late request closes nothing newer');
select is(t.ids(), array['a@1:superseded', 'a@2:superseded'], 'late request has its terminal result');

select lives_ok($$select t.feed(t.close('n',5), t.request('n',4))$$, 'close comes before an older request');
select is(t.state('n',4), 'superseded', 'revision is remembered without an item');
select lives_ok($$select t.feed(t.close('b',1))$$, 'close of the same revision');
select is(t.state('b'), 'open', 'close does not touch its own revision');

create temp table c as select * from triage.claim('ann', 1, array['first']);
select lives_ok($$select t.feed(t.close((select key from c), (select revision + 1 from c), 'withdrawn'))$$,
    'withdrawal while claimed');
select is((select state::text from triage.item where item_id = (select item_id from c)), 'withdrawn',
    'withdrawal closes the claimed item');
select throws_ok(format('select triage.resolve(%s, 1, %L, %L)', (select item_id from c), 'k', 'accepted'), 'TR007', null,
    'its claimant is told so');
select is((select payload->>'status' from triage.outbox where key = (select key from c) order by outbox_id desc limit 1),
    'superseded', 'a withdrawn item ends as superseded');

select lives_ok($$select t.feed(t.request('z',1), t.request('z',1,'{"review_id":"z:audit","origin":"audit"}'),
    t.close('z',null,'withdrawn'))$$, 'tombstone');
select is((select count(*) from triage.item where key = 'z' and state = 'withdrawn'), 2::bigint,
    'tombstone closes every item of its key');
select is((select payload->'superseded_by' from triage.outbox where message_id = 'z@1:superseded'),
    '{"reason":"withdrawn","revision":null,"position":{"topic":"triage.tickets","partition":0,"offset":77}}'::jsonb,
    'the result names the tombstone');
select is((select payload->'reasons'->>-1 from triage.outbox where message_id = 'z@1:superseded'), 'tombstone',
    'as its reason too');
select lives_ok($$select t.feed(t.request('bare',1,'{"decision":{}}'), t.close('bare',2))$$, 'a request with an empty decision');
select is((select payload->'reasons' from triage.outbox where key = 'bare'), '["newer_revision"]'::jsonb, 'ends as well');
select results_eq($$select kind, message_id from triage.outbox where key = 'z' order by 2$$,
    $$values ('audit', 'z:audit:superseded'), ('result', 'z@1:superseded')$$, 'an audit item never becomes a result');

-- bad records
select results_eq($$select enqueued, refused from triage.feed('c','reviews',7,null,9,jsonb_build_array(
    '"text"'::jsonb, '{}'::jsonb, t.request('',1), t.request('r',0), t.request('r',1,'{"revision":1.5}'),
    t.request('r',1,'{"revision":"1"}'), t.request('r',1,'{"due_at":"infinity"}'), t.request('r',1,'{"risk":"huge"}'),
    t.close('r',null), t.close('r',1,'because'), t.request('r',1,'{"decision":[]}'),
    t.request('r',1,'{"priority":"high"}'), t.request('r',1,'{"sla_minutes":1e300}'),
    t.request('r',1,'{"review_id":null}'), t.request('good',1)))$$,
    $$values (1, 14)$$, 'records that cannot be used stop nothing');
select set_eq($$select distinct reason from triage.feed_refused$$,
    array['not_an_object','unknown_type','bad_key','bad_revision','bad_due_at','bad_risk','bad_reason','bad_decision',
          'bad_priority','bad_sla_minutes','bad_review_id'], 'each is kept with its reason');
select cmp_ok((select due_at - created_at from triage.item where key = 'good'), '>', interval '23 hours',
    'without a due time the default one counts');

select * from finish();
rollback;
