-- The figures of the views, counted by hand.
begin;
select plan(20);
create function pg_temp.answer(p_who text, p_key text, p_outcome text, p_label text default null, p_text text default null,
                               p_seconds integer default 10) returns void language plpgsql as $$
declare
    v record;
begin
    select i.item_id, i.claim_no + 1 as claim_no into v from triage.item i where i.key = p_key and i.state = 'open';
    update triage.item i set state = 'claimed', claim_no = v.claim_no, claimed_by = p_who,
        claimed_until = clock_timestamp() + interval '1 hour' where i.item_id = v.item_id;
    perform triage.resolve(v.item_id, v.claim_no, 'k' || p_who, p_outcome::triage.outcome, p_label, p_text, p_seconds);
    perform t.hold_ends(v.item_id);
    perform triage.publish_due();
end $$;
select is_empty($$select * from triage.alarms$$, 'no alarm when all is well');
update triage.setting set second_share = 1, manual_seconds = 40;
select t.feed(t.request('a',1), t.request('b',1), t.request('c',1), t.request('d',1), t.request('late',1,'{"due_at":"2020-01-01T00:00:00Z"}'));
select pg_temp.answer('ann', 'a', 'accepted');
select pg_temp.answer('ann', 'b', 'relabelled', 'refund', null, 30);
select pg_temp.answer('ann', 'c', 'edited', null, 'Your parcel left yesterday.', 20);
select pg_temp.answer('bob', 'a', 'accepted');
select pg_temp.answer('bob', 'b', 'accepted');
select pg_temp.answer('bob', 'c', 'relabelled', 'refund');
select results_eq($$select answered, agreed, share_agreed from triage.agreement$$, $$values (3::bigint, 1::bigint, 0.3333)$$, 'agreement is counted');
-- of three pairs one agrees; by chance (2/3 * 2/3) + (1/3 * 1/3) = 5/9 would
select results_eq($$select pairs, kappa from triage.agreement_beyond_chance$$, $$values (3::bigint, -0.5)$$, 'and held against chance');
select results_eq($$select answers, accepted, edited, relabelled, second_looks, agreed from triage.reviewers order by reviewer$$,
    $$values (3::bigint, 1::bigint, 1::bigint, 1::bigint, 3::bigint, 1::bigint), (3, 2, 0, 1, 3, 1)$$, 'each reviewer');
select is((select median_seconds from triage.reviewers where reviewer = 'ann'), 20.0, 'the median time');
select results_eq($$select answers, share_accepted, share_relabelled, mostly_relabelled_to, median_seconds, share_of_manual from triage.classes$$,
    $$values (3::bigint, 0.3333, 0.3333, 'refund', 20.0, 0.5)$$, 'each class, beside the time by hand');
select results_eq($$select answered, in_time, overdue_now from triage.sla$$, $$values (6::bigint, 6::bigint, 1::bigint)$$, 'in time and overdue');
select pg_temp.answer('eve', 'late', 'accepted');
select results_eq($$select answered, in_time, overdue_now from triage.sla$$, $$values (7::bigint, 6::bigint, 0::bigint)$$, 'an answer that came late');
select is((select items from triage.ageing), 2::bigint, 'what waits: a ticket and a second look');

-- alarms
select is((select string_agg(name, ' ') from triage.alarms), null, 'still none');
update triage.outbox set created_at = clock_timestamp() - interval '2 minutes';
select results_eq($$select name, round(value), bound from triage.alarms$$, $$values ('outbox_waits', 120::numeric, 60::numeric)$$, 'a relay that is missing is one');
update triage.outbox set created_at = clock_timestamp();
update triage.setting set alarm_backlog = '1 hour';
update triage.item set state = 'held', held_until = clock_timestamp() - interval '2 hours' where key = 'd';
select is((select string_agg(name, ' ') from triage.alarms), 'answers_wait', 'so are answers that nobody publishes');
update triage.item set state = 'open', held_until = null where key = 'd';
select t.feed('{"type": "nonsense"}');
select is((select string_agg(name, ' ') from triage.alarms), 'refused_records', 'a record that cannot be used');
delete from triage.feed_refused;
select triage.raise_alarm('support', 'p1', '', 3, '[]');
select is((select string_agg(name, ' ') from triage.alarms), 'promise_broken', 'a promise that the audits contradict');
select triage.promise_in_force('support', 'p1');
select triage.promise_in_force('other', 'p2');
select is((select string_agg(name, ' ') from triage.alarms), 'promise_broken', 'stays wrong while it is in force');
select triage.promise_in_force('support', 'p2');
select is((select string_agg(name, ' ') from triage.alarms), null, 'and is over once another promise is');
select isnt((select triage.governance('2020-01-01', '2999-01-01') #>> '{incidents,0,over_at}'), null, 'as the report says');
select triage.promise_in_force('support', 'p1');
select is((select string_agg(name, ' ') from triage.alarms), 'promise_broken', 'until it is put back');
delete from triage.alarm;
update triage.setting set alarm_transaction = '1 second';
select pg_sleep_until(clock_timestamp() + (interval '1.1 seconds' - (clock_timestamp() - now())));
select is((select string_agg(name, ' ') from triage.alarms), 'old_transaction', 'a transaction that is open for too long: this one');
select ok((select what_to_do like 'end the session%' from triage.alarms), 'each says what to do');
select * from finish();
rollback;
