-- Answers as rows: which, with what label and weight, and never in both sets.
begin;
select plan(19);
create function pg_temp.fed(p_key text, p_origin text default 'ticket') returns void language sql as $$
    select t.feed(t.request(p_key, 1, jsonb_build_object('review_id', p_key || p_origin, 'origin', p_origin, 'ticket', jsonb_build_object(
        'subject', 'Where is ' || p_key, 'body_text', 'It should be here.', 'channel', 'email', 'language', 'en',
        'requester', jsonb_build_object('id', 'c1', 'email', 'lind@example.com')))))
$$;
create function pg_temp.answer(p_who text, p_key text, p_origin text, p_outcome text, p_label text default null) returns void
language plpgsql as $$
declare
    v record;
begin
    update triage.item i set state = 'claimed', claim_no = i.claim_no + 1, claimed_by = p_who,
        claimed_until = clock_timestamp() + interval '1 hour'
    where i.key = p_key and i.origin = p_origin::triage.item_origin returning i.item_id, i.claim_no into v;
    perform triage.resolve(v.item_id, v.claim_no, 'k' || p_who, p_outcome::triage.outcome, p_label);
    perform t.hold_ends(v.item_id);
    perform triage.publish_due();
end $$;
create function pg_temp.rows(p_share double precision default 0) returns table (key text, label text, weight double precision)
language sql as $$
    select split_part(row_json ->> 'id', '@', 1), row_json ->> 'label', weight
    from triage.export_rows(case p_share when 0 then 'train' else 'calibrate' end, p_share, 0.05) order by 1
$$;
select pg_temp.fed(k) from unnest('{kept,changed,sent_on,doubted,held}'::text[]) k;
select pg_temp.fed(k, 'audit') from unnest('{right,wrong,saved,unclear}'::text[]) k;
select pg_temp.answer('ann', 'kept', 'ticket', 'accepted');
select pg_temp.answer('ann', 'changed', 'ticket', 'relabelled', 'refund');
select pg_temp.answer('ann', 'sent_on', 'ticket', 'escalated');
update triage.setting set second_share = 1;
select pg_temp.answer('ann', 'doubted', 'ticket', 'accepted');
update triage.setting set second_share = 0;
select is((select count(*) from pg_temp.rows() where key = 'doubted'), 1::bigint, 'one answer is sure until a second contradicts');
select pg_temp.answer('bob', 'doubted', 'second', 'relabelled', 'refund');
select pg_temp.answer('ann', 'right', 'audit', 'accepted');
select pg_temp.answer('ann', 'wrong', 'audit', 'relabelled', 'refund');
select is((select count(*) from pg_temp.rows() where key = 'wrong'), 0::bigint, 'another label than the machine''s waits for the second reviewer');
select pg_temp.answer('bob', 'wrong', 'second', 'relabelled', 'refund');
select pg_temp.answer('ann', 'saved', 'audit', 'relabelled', 'refund');
select pg_temp.answer('bob', 'saved', 'second', 'accepted');
select pg_temp.answer('ann', 'unclear', 'audit', 'relabelled', 'refund');
select pg_temp.answer('bob', 'unclear', 'second', 'relabelled', 'complaint');
select results_eq($$select * from pg_temp.rows()$$, $$values ('changed', 'refund', 1::double precision), ('kept', 'order_status', 1),
    ('right', 'order_status', 20), ('wrong', 'refund', 20)$$, 'what is sure, weighted by how it was drawn');
select is((select row_json - array['answered_at', 'weight'] from triage.export_rows('train', 0) where row_json ->> 'id' = 'changed@1'),
    '{"id": "changed@1", "subject": "Where is changed", "body": "It should be here.", "sender": "lind@example.com", "channel": "email",
      "lang": "en", "label": "refund", "suggested": "order_status", "confidence": 0.61, "outcome": "relabelled", "origin": "ticket",
      "profile": "support"}', 'a row is whole');
select is((select count(*) from pg_temp.rows(1)), 4::bigint, 'all of it for calibration');
select is_empty($$select row_json ->> 'id' from triage.export_rows('train', 0.5) intersect select row_json ->> 'id' from triage.export_rows('calibrate', 0.5)$$,
    'no key is in both sets');
select is((select count(*) from triage.export_rows('train', 0.5)) + (select count(*) from triage.export_rows('calibrate', 0.5)), 4::bigint, 'and none in neither');
select ok((select abs(avg(triage.for_calibration('k' || i, 0.3)::integer) - 0.3) < 0.02 from generate_series(1, 10000) i), 'the share is kept');
select is((select count(*) from triage.export_rows('train', 0, 1, clock_timestamp())), 0::bigint, 'since now: nothing');
select is((select count(*) from triage.export_rows('train', 0, 1, clock_timestamp() - interval '1 hour')), 4::bigint, 'since an hour ago: everything');
create temp table step as select * from triage.export_rows('train', 0, 1, null, 0, 3);
select is((select count(*) from step), 3::bigint, 'in steps');
select is((select count(*) from triage.export_rows('train', 0, 1, null, (select max(number) from step), 3)), 1::bigint, 'that follow each other');
select throws_ok($$select triage.export_rows('fun')$$, 'TR006', null, 'for nothing else');
select throws_ok($$select triage.export_rows('train', 2)$$, 'TR006', null, 'with true shares');
select throws_ok($$select triage.export_rows('train', 0, 0)$$, 'TR006', null, 'an audit has a probability');
select results_eq($$select key, blind from triage.answers where reviewer = 'ann' and key in ('kept', 'right') order by key$$,
    $$values ('kept', false), ('right', true)$$, 'an answer says whether it was blind');
select is((select count(*) from triage.answers where reviewer = 'bob' and blind), 4::bigint, 'second looks are');
update triage.resolution set blind = null;
select is((select count(*) from triage.answers where blind), 8::bigint, 'also those from before the column');
select is((select bool_or(edit_distance = 0) from triage.answers where outcome = 'accepted'), true, 'an accepted draft has no edits');
select * from finish();
rollback;
