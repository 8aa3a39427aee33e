-- What is deleted, when, and how one person is forgotten.
begin;
select plan(27);
create function pg_temp.of(p_key text, p_who text, p_tenant text default 'kestrel') returns jsonb language sql as $$
    select t.request(p_key, 1, jsonb_build_object('tenant', p_tenant,
        'ticket', jsonb_build_object('subject', 'S', 'body_text', 'secret of ' || p_who, 'requester', jsonb_build_object('id', p_who))))
$$;
create function pg_temp.answered(p_key text) returns void language plpgsql as $$
begin
    update triage.item set state = 'claimed', claim_no = 1, claimed_by = 'ann', claimed_until = clock_timestamp() + interval '1 hour'
    where item_id = t.item(p_key);
    perform triage.resolve(t.item(p_key), 1, 'k', 'edited', null, 'Dear ' || p_key);
end $$;
select t.feed(pg_temp.of('closed', 'c1'), pg_temp.of('held', 'c1'), pg_temp.of('open', 'c1'), pg_temp.of('other', 'c2'),
    pg_temp.of('elsewhere', 'c1', 'merlin'));
select pg_temp.answered('closed');
select t.hold_ends(t.item('closed'));
select triage.publish_due();
select pg_temp.answered('held');
select t.feed('{"type": "nonsense", "ticket": {"requester": {"id": "c1"}}, "tenant": "kestrel"}', '{"type": "nonsense"}');

-- purge
select is(triage.purge(), 0, 'nothing is deleted while nothing is said');
update triage.setting set keep_items = '90 days';
select is(triage.purge(), 0, 'nor before its time');
update triage.item set closed_at = clock_timestamp() - interval '91 days' where item_id = t.item('closed');
savepoint before;
select is(triage.purge(), 1, 'what was closed long enough ago goes');
select is((select count(*) from triage.resolution), 1::bigint, 'with its answer');
select is(t.state('open'), 'open', 'nothing unfinished does');
select ok((select count(*) from triage.history) >= 6, 'the history stays');
rollback to before;

-- erase
select throws_ok($$select triage.erase_requester('')$$, 'TR006', null, 'somebody must be named');
select is(triage.erase_requester('nobody'), '{"items": 0, "withdrawn": 0, "messages": 0, "refused_records": 0}', 'an unknown person is no error');
select triage.relay_lock();
select is(triage.sequence_outbox(), 1::bigint, 'one message is numbered');
select triage.outbox_note(1);
select is(triage.erase_requester('c1', 'kestrel'), '{"items": 3, "withdrawn": 2, "messages": 1, "refused_records": 1}',
    'everything of one person goes, the published message too');
select is((select count(*) from triage.item_body b where b.ticket::text like '%secret of c1%' and b.request ->> 'tenant' = 'kestrel'), 0::bigint, 'no text is left');
select is((select count(*) from triage.resolution), 0::bigint, 'no answer');
select is((select array_agg(key order by key) from triage.item), '{elsewhere,other}', 'another tenant''s person of the same number stays');
select is((select array_agg(payload ->> 'id' order by 1) from triage.outbox), '{held@1:superseded,open@1:superseded}', 'the unfinished have their ending');
select ok((select bool_and(payload::text not like '%Dear%') from triage.outbox), 'without a text');
select is((select count(*) from triage.history where event = 'erased'), 3::bigint, 'that it happened is on record');
select is((select count(*) from triage.feed_refused), 1::bigint, 'refused records of the person go too');
select is((select count(*) from triage.key_seen), 5::bigint, 'the keys are remembered: nothing old comes back');
select t.feed(pg_temp.of('closed', 'c1'));
select is(triage.erase_requester('c1') ->> 'items', '2', 'without a tenant: of every one');

-- an answer that is released and not yet published
select t.feed(pg_temp.of('going', 'c9'));
select pg_temp.answered('going');
select t.hold_ends(t.item('going'));
select triage.publish_due();
select triage.erase_requester('c9');
select results_eq($$select payload ->> 'status', payload #> '{review,final_text}' from triage.outbox where key = 'going'$$,
    $$values ('reviewed', 'null'::jsonb)$$, 'what was not sent yet goes out without its text');

-- maintain
select is(triage.maintain() ->> 'items_marked', '0', 'items of today are marked when they come');
delete from triage.item_mark;
select is(triage.maintain() ->> 'items_marked', '1', 'older ones by and by');
update triage.key_seen set seen_at = clock_timestamp() - interval '91 days';
select is(triage.maintain() ->> 'keys_forgotten', '5', 'keys that were not heard of for long are forgotten');
select is((select array_agg(key) from triage.key_seen), '{other}', 'but not of what is unfinished');
select t.feed(t.request('m', 1));
update triage.item set state = 'claimed', claim_no = 1, claimed_by = 'ann', claimed_until = clock_timestamp() - interval '2 hours'
where item_id = t.item('m');
select is(triage.maintain() ->> 'claims_ended', '1', 'abandoned claims are ended');
update triage.setting set keep_items = '1 day';
update triage.item set state = 'withdrawn', closed_at = clock_timestamp() - interval '2 days' where item_id = t.item('m');
select is(triage.maintain() ->> 'items_deleted', '1', 'old items deleted');
select is(triage.maintain(), '{"items_marked": 0, "claims_ended": 0, "items_deleted": 0, "keys_forgotten": 0, "notices_forgotten": 0, "hours_tallied": 0, "groups_planned": 0}', 'and then there is nothing to do');
select * from finish();
rollback;
