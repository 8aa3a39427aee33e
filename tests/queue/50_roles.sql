-- Who may do what, and who may not.
begin;
create role test_ann login in role triage_reviewer;
create role test_bob login in role triage_reviewer;
create role test_worker login in role triage_worker;
create role test_relay login in role triage_relay;
create role test_auditor login in role triage_auditor;
create role test_metrics login in role triage_metrics;
create role test_lead login in role triage_migrator;
create role test_nobody login;
grant usage on schema t to public;
grant execute on all functions in schema t to public;

select plan(60);
do $$ -- pgTAP counts in temporary tables of whoever calls first
declare v_schema text := (select nspname from pg_namespace where oid = pg_my_temp_schema());
begin
    execute format('grant usage on schema %I to public', v_schema);
    execute format('grant all on all tables in schema %I to public', v_schema);
    execute format('grant all on all sequences in schema %I to public', v_schema);
end $$;
select t.feed(t.request('a',1), t.request('b',1));

set local role test_ann;
select is(triage.acting(), 'test_ann', 'a reviewer is who the role says');
select results_eq($$select claim_no from triage.claim(null, 1)$$, array[1::bigint], 'a reviewer can claim');
select results_eq($$select claim_no from triage.claim('test_ann', 1)$$, array[1::bigint], 'under the own name');
select throws_ok($$select triage.claim('test_bob', 1)$$, 'TR030', null, 'not under another''s');
select throws_ok($$select * from triage.item$$, '42501', null, 'a reviewer cannot read tables');
select throws_ok($$update triage.item set state = 'open'$$, '42501', null, 'nor write them');
select throws_ok($$select triage.feed('c','t',0,null,1,'[]')$$, '42501', null, 'nor feed');
select throws_ok($$select triage.publish_due()$$, '42501', null, 'nor publish');
select throws_ok($$select triage.sequence_outbox()$$, '42501', null, 'nor number the outbox');
select throws_ok($$select triage.note(1,'claimed','x')$$, '42501', null, 'nor write history');
select is((select count(*) from triage.mine), 2::bigint, 'a reviewer sees the own items');
select is((select count(*) from triage.queue), 2::bigint, 'and the queue');
create temp table held as select item_id from triage.mine;
grant select on held to public;
select lives_ok($$select triage.resolve((select min(item_id) from held), 1, 'k', 'accepted')$$, 'a reviewer can resolve');

select lives_ok($$select * from triage.sla, triage.ageing, triage.skip_reasons$$, 'see the ages and the own reasons');
select lives_ok($$select * from triage.held, triage.notices, triage.outcome_of((select max(item_id) from held), 'x')$$, 'what can be undone and what is new');
select throws_ok($$select triage.forget_notices()$$, '42501', null, 'not forget the news');
select throws_ok($$select triage.ask_sample(i, 'second', 'x', 'x', 'x', '{}') from triage.item i$$, '42501', null, 'nor ask again');
select lives_ok($$select * from triage.alike((select max(item_id) from held))$$, 'look for what is alike');
select throws_ok($$select * from triage.reviewers$$, '42501', null, 'but not at the figures of colleagues');
select throws_ok($$select * from triage.second_look$$, '42501', null, 'nor who looks twice');
select throws_ok($$select triage.expire(1, 'x')$$, '42501', null, 'nor end a claim');
select throws_ok($$select triage.erase_requester('c')$$, '42501', null, 'nor erase');
select throws_ok($$select triage.maintain()$$, '42501', null, 'nor keep house');
select throws_ok($$select * from triage.export_rows('train')$$, '42501', null, 'nor take rows away');

set local role test_bob;
select throws_ok($$select triage.resolve((select max(item_id) from held), 1, 'k', 'accepted')$$, 'TR030', null,
    'not what another has claimed');
select throws_ok($$select triage.release((select max(item_id) from held), 1)$$, 'TR030', null, 'nor release it');
select throws_ok($$select triage.undo((select min(item_id) from held), 'k')$$, 'TR030', null, 'nor undo another''s answer');
select throws_ok($$select triage.resolve((select min(item_id) from held), 1, 'k', 'accepted')$$, 'TR030', null,
    'nor repeat another''s call');
select throws_ok($$select triage.undo_alike((select min(item_id) from held), 'k')$$, 'TR030', null, 'nor undo it with others');
select throws_ok($$select triage.escalate((select max(item_id) from held), 1, 'x')$$, 'TR030', null, 'nor escalate it');
select throws_ok($$select triage.reassign((select max(item_id) from held), 1, 'test_bob', 'x')$$, 'TR030', null, 'nor take it over');
select is((select count(*) from triage.mine), 0::bigint, 'another sees none of them as own');

set local role test_worker;
select lives_ok($$select triage.feed('c','w',0,null,1,'[]')$$, 'a worker can feed');
select throws_ok($$select triage.claim('x',1)$$, '42501', null, 'and not claim');
select throws_ok($$select triage.claim_once('x')$$, '42501', null, 'however often');
select throws_ok($$select * from triage.outbox_after(0)$$, '42501', null, 'and not read the outbox');
select throws_ok($$select * from triage.item_body$$, '42501', null, 'and not read tickets');
select lives_ok($$select triage.maintain()$$, 'it keeps house');
select throws_ok($$select triage.erase_requester('c')$$, '42501', null, 'and erases nobody');

set local role test_relay;
select lives_ok($$select triage.maintain()$$, 'a relay keeps house too');
select lives_ok($$select triage.publish_due()$$, 'a relay can publish');
select ok(triage.relay_lock(), 'take its lock');
select lives_ok($$select triage.sequence_outbox()$$, 'number the outbox');
select lives_ok($$select * from triage.outbox_after(0)$$, 'read it');
select throws_ok($$select triage.feed('c','w',0,1,2,'[]')$$, '42501', null, 'and not feed');
select throws_ok($$select triage.relay_recover(5)$$, '42501', null, 'nor jump ahead');

set local role test_auditor;
select lives_ok($$select * from triage.answers, triage.history, triage.statistics, triage.ageing$$, 'an auditor can look');
select lives_ok($$select * from triage.sla, triage.agreement, triage.agreement_beyond_chance, triage.reviewers, triage.classes, triage.alarms$$,
    'at every figure');
select throws_ok($$select * from triage.export_rows('train')$$, '42501', null, 'not take rows away');
select throws_ok($$select * from triage.item_body$$, '42501', null, 'not at tickets as a whole');
select throws_ok($$select triage.claim(null,1)$$, '42501', null, 'and not claim');
select throws_ok($$delete from triage.history$$, '42501', null, 'and not forge');

set local role test_metrics;
select is((select count(*) from triage.metrics), 1::bigint, 'metrics are readable');
select lives_ok($$select * from triage.alarms$$, 'alarms too');
select throws_ok($$select * from triage.queue$$, '42501', null, 'nothing else is');

set local role test_lead;
select lives_ok($$select triage.purge()$$, 'who runs the queue can purge');
select lives_ok($$select triage.erase_requester('nobody')$$, 'erase');
select lives_ok($$select * from triage.export_rows('train')$$, 'and export');

set local role test_nobody;
select throws_ok($$select * from triage.queue$$, '42501', null, 'others see nothing');
select throws_ok($$select triage.claim(null, 1)$$, '42501', null, 'and do nothing');

reset role;
select * from finish();
rollback;
