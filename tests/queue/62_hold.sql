-- Answers on hold: they go out once, by themselves, unless somebody takes or stops them or a newer message comes.
begin;
select plan(26);

create function pg_temp.held(p_key text, p_seconds numeric default 60, p_audit boolean default false, p_revision bigint default 1)
returns jsonb language sql as $$
    select t.request(p_key, p_revision, jsonb_build_object('review_id', p_key || '@' || p_revision,
        'hold', jsonb_build_object('seconds', p_seconds, 'audit', p_audit)))
$$;
create function pg_temp.ends(p_key text) returns void language sql as $$
    update triage.item set release_at = clock_timestamp() - interval '1 second', snoozed_until = clock_timestamp() - interval '1 second'
    where key = p_key and release_at is not null
$$;
create function pg_temp.sent(p_key text) returns text language sql as $$
    select string_agg(payload ->> 'status', ',' order by outbox_id) from triage.outbox where key = p_key
$$;

select t.feed(pg_temp.held('a'), pg_temp.held('b'), pg_temp.held('c'), pg_temp.held('d', 60, true), pg_temp.held('e'), t.request('plain', 1));
select is((select count(*) from triage.on_hold), 5::bigint, 'an answer on hold is on hold, a question is not');
select ok((select bool_and(release_at between clock_timestamp() + interval '50 seconds' and clock_timestamp() + interval '61 seconds')
           from triage.on_hold), 'for the time that the request names, from when it came');
select is((select count(*) from triage.claim('ann', 20)), 1::bigint, 'nobody is offered it meanwhile');
select ok(not triage.release_hold(t.item('a')), 'it does not go out before its time');
select is((select count(*) from triage.holds() where due), 0::bigint, 'none is due');

select pg_temp.ends('a');
select is((select h.key from triage.holds() h where h.due), 'a', 'the one whose time is over is due');
select ok(triage.release_hold(t.item('a')), 'then it goes out');
select ok(not triage.release_hold(t.item('a')), 'once');
select is(t.state('a'), 'released', 'its item is closed');
select is(pg_temp.sent('a'), 'answered', 'its ending is answered');
select is((select payload #>> '{draft,text}' from triage.outbox where key = 'a'), 'Your parcel left today.', 'with its text');
select is((select payload ->> 'id' from triage.outbox where key = 'a'), 'a@1:answered', 'and the id of a result');
select is((select count(*) from triage.audit), 0::bigint, 'what was not drawn is not audited');

select ok(triage.stop_hold(t.item('b'), 'a kill switch'), 'it can be stopped');
select ok(not triage.stop_hold(t.item('b'), 'a kill switch'), 'once');
select ok(not triage.release_hold(t.item('b')), 'what was stopped does not go out');
select is((select h.event from triage.history h where h.item_id = t.item('b') order by h.history_id desc limit 1), 'hold_stopped',
          'and its history says so');
select is((select count(*) from triage.claim('ann', 20)), 1::bigint, 'a person is offered it');

select pg_temp.ends('c');
select is((select count(*) from triage.claim('ann', 20)), 1::bigint, 'a person may take it when its time is over and nobody sent it');
select ok(not triage.release_hold(t.item('c')), 'then it is theirs');
select is((select release_at from triage.item where key = 'c'), null, 'for good');

select pg_temp.ends('d');
select triage.release_hold(t.item('d'));
select is((select count(*) from triage.item where key = 'd' and origin = 'audit' and state = 'open'), 1::bigint,
          'one that was drawn is audited when it is out');
select is((select count(*) from triage.audit where key = 'd'), 1::bigint, 'and its verdict is awaited');
select ok((select not b.request ? 'hold' from triage.item_body b join triage.item i using (item_id)
           where i.key = 'd' and i.origin = 'audit'), 'the audit does not hold');

select t.feed(t.close('e', 2));
select is(pg_temp.sent('e'), 'superseded', 'a newer message ends it');
select ok(not triage.release_hold(t.item('e')), 'and it does not go out');

select * from finish();
rollback;
