-- Audits: drawn, looked at twice where they disagree, counted once, and what an alarm says.
begin;
select plan(29);

create function pg_temp.audit(p_key text, p_revision bigint default 1) returns jsonb language sql as $$
    select t.request(p_key, p_revision, jsonb_build_object('review_id', p_key || '@' || p_revision || ':audit', 'origin', 'audit',
        'decision', jsonb_build_object('label', 'order_status', 'confidence', 0.97, 'reasons', array['confident', 'macro'],
            'promise', jsonb_build_object('id', 'p1', 'max_error', 0.05))))
$$;
create function pg_temp.answer(p_who text, p_key text, p_origin text, p_label text) returns void language plpgsql as $$
declare
    v record;
begin
    select i.item_id into v from triage.item i where i.key = p_key and i.origin = p_origin::triage.item_origin;
    update triage.item i set state = 'claimed', claim_no = i.claim_no + 1, claimed_by = p_who,
        claimed_until = clock_timestamp() + interval '1 hour' where i.item_id = v.item_id;
    perform triage.resolve(v.item_id, (select claim_no from triage.item where item_id = v.item_id), 'k' || p_who,
        case when p_label = 'order_status' then 'accepted' else 'relabelled' end::triage.outcome,
        case when p_label = 'order_status' then null else p_label end);
    perform t.hold_ends(v.item_id);
    perform triage.publish_due();
end $$;
create function pg_temp.verdict(p_key text) returns text language sql as $$
    select coalesce(verdict::text, 'open') from triage.audit where key = p_key
$$;

select t.feed(pg_temp.audit('right'), pg_temp.audit('wrong'), pg_temp.audit('saved'), pg_temp.audit('late'), t.request('plain', 1));
select is((select count(*) from triage.audit), 4::bigint, 'an audit is on record when it is asked, a ticket is not');
select is((select distinct promise from triage.audit), 'p1', 'under the promise of its decision');

create temp table seen as select * from triage.claim('ann', 5);
select is((select count(*) from seen where request ? 'audit' or request ? 'origin' or request ? 'known_label'), 0::bigint,
    'nothing in a request tells an audit');
select is((select request #> '{decision,reasons}' from seen where key = 'right'), '["confident", "mode_shadow"]'::jsonb,
    'its reasons are those of a class in shadow');
select is((select request #> '{decision,reasons}' from seen where key = 'plain'), '["low_confidence"]'::jsonb,
    'those of a ticket are its own');
select is(triage.show(t.item('right')) #> '{request,decision,reasons}', '["confident", "mode_shadow"]'::jsonb, 'show tells no more');
select is((select reasons from triage.queue where key = 'right'), '["confident", "mode_shadow"]'::jsonb, 'nor does the list');

select pg_temp.answer('ann', 'right', 'audit', 'order_status');
select is(pg_temp.verdict('right'), 'right', 'a kept label is right');
select pg_temp.answer('ann', 'wrong', 'audit', 'refund');
select is(pg_temp.verdict('wrong'), 'open', 'another label alone decides nothing');
select is((select count(*) from triage.item where key = 'wrong' and origin = 'second'), 1::bigint, 'a second reviewer is asked');
select is((select count(*) from triage.claim('ann', 5) where key = 'wrong'), 0::bigint, 'but not the first one again');
select is((select count(*) from triage.claim('bob', 5) where key = 'wrong'), 1::bigint, 'somebody else is offered it');
select pg_temp.answer('bob', 'wrong', 'second', 'complaint');
select is(pg_temp.verdict('wrong'), 'wrong', 'two other labels are an error, though they differ from each other');
select pg_temp.answer('ann', 'saved', 'audit', 'refund');
select pg_temp.answer('bob', 'saved', 'second', 'order_status');
select is(pg_temp.verdict('saved'), 'right', 'a second reviewer who keeps the label clears it');
select t.feed(t.close('late', 2));
select is(pg_temp.verdict('late'), 'skipped', 'one that is overtaken is skipped');

select results_eq($$select label, wrong from triage.audit_verdicts('support', 'p1')$$,
    $$values ('order_status', false), ('order_status', true), ('order_status', false)$$, 'the watch reads verdicts in their order');
select is((select count(*) from triage.audit_verdicts('support', 'p2')), 0::bigint, 'each promise by itself');
select results_eq($$select drawn, "right", wrong, skipped, with_second, open from triage.audits$$,
    $$values (4::bigint, 2::bigint, 1::bigint, 1::bigint, 0::bigint, 0::bigint)$$, 'and people see the sums');
select is((select count(*) from triage.outbox where kind = 'result' and key in ('right', 'wrong', 'saved', 'late')), 0::bigint,
    'no audit becomes a result');
select is((select count(*) from triage.outbox where kind = 'audit'), 6::bigint, 'each look has its outcome on the audits topic');

-- the alarm
select ok(triage.raise_alarm('support', 'p1', '', 3, '[{"key":"cap/support/order_status","value":{"label":"order_status","cap":"suggest"}}]'), 'an alarm is raised');
select ok(not triage.raise_alarm('support', 'p1', '', 4, '[{"key":"cap/support/refund","value":{"label":"order_status","cap":"suggest"}}]'), 'once for a promise and scope');
select results_eq($$select key, payload ->> 'level' from triage.outbox where kind = 'control'$$,
    $$values ('level/support/order_status', 'suggest')$$, 'its class falls');

-- known answers
select t.feed(t.request('known', 1));
select pg_temp.answer('ann', 'known', 'ticket', 'order_status');
select throws_ok($$select triage.ask_known(t.item('known'), 'order_status')$$, 'TR006', null, 'the true label is no trap');
select throws_ok($$select triage.ask_known(t.item('plain'), 'refund')$$, 'TR002', null, 'nor is an open item');
select isnt(triage.ask_known(t.item('known'), 'refund'), null, 'a known answer is asked again');
select ok(not exists (select from triage.claim('eve', 5) where request ? 'known_label'), 'without telling it');
update triage.item set claimed_until = clock_timestamp() - interval '1 second' where origin = 'known_answer';
create function pg_temp.accept_known() returns void language plpgsql as $$
declare
    v record;
begin
    select c.item_id, c.claim_no into v from triage.claim('eve', 5) c where c.key = 'known';
    perform triage.resolve(v.item_id, v.claim_no, 'k', 'accepted');
    perform t.hold_ends(v.item_id);
    perform triage.publish_due();
end $$;
select pg_temp.accept_known();
select results_eq($$select reviewer, known_answers, accepted_wrong from triage.trust$$, $$values ('eve', 1::bigint, 1::bigint)$$,
    'who accepts it is counted');
select is((select count(*) from triage.outbox where kind = 'audit' and payload ->> 'origin' = 'known_answer'), 1::bigint,
    'on the audits topic');

select * from finish();
rollback;
