-- Waiting drafts whose articles have changed.
begin;
select plan(21);
create function pg_temp.citing(p_key text, p_hash text, p_cited text default '["returns"]') returns jsonb language sql as $$
    select t.request(p_key, 1, jsonb_build_object('reasons', '[{"code": "low_confidence", "text": "x"}]'::jsonb, 'decision', jsonb_build_object(
        'label', 'order_status', 'reasons', array['low_confidence'],
        'recorded', jsonb_build_object('model_answer', 'raw'),
        'context', jsonb_build_object('articles', jsonb_build_array(jsonb_build_object('id', 'returns', 'hash', p_hash))),
        'draft', jsonb_build_object('text', 'Within 30 days.', 'citations', p_cited::jsonb, 'unsupported', '[]'::jsonb))))
$$;
create function pg_temp.outdated(p_hash text, p_knowledge text default 'k2') returns bigint[] language sql as $$
    select coalesce(array_agg(item_id order by item_id), '{}')
    from triage.drafts_outdated(jsonb_build_object('returns', p_hash), p_knowledge)
$$;
select t.feed(pg_temp.citing('old', 'v1'), pg_temp.citing('new', 'v2'), pg_temp.citing('other', 'v1', '[]'), t.request('plain', 1));

select is((select request #> '{decision,recorded}' from triage.item_body where item_id = t.item('old')), null,
    'the model''s raw answer stays in Kafka');
select is(pg_temp.outdated('v2'), array[t.item('old')], 'a draft that cites an older version is found, and no other');
select is(pg_temp.outdated('v1'), array[t.item('new')], 'whichever version is in force');
select is((select count(*) from triage.drafts_outdated('{}', 'k2')), 2::bigint, 'an article that is gone counts as changed');
select is((select count(*) from triage.drafts_outdated('{}', 'k2', t.item('old'))), 1::bigint, 'they come in pages');

select ok(triage.draft_rechecked(t.item('old'), 'k2', '{"articles": ["returns"], "unsupported": 1, "stands": false}',
    '[{"text": "30 days", "kind": "duration", "start": 7, "end": 14}]', '{"code": "article_changed", "text": "It changed."}'),
    'a waiting draft is marked');
select is((select request #>> '{decision,draft,unsupported,0,text}' from triage.item_body where item_id = t.item('old')), '30 days',
    'with the claims that lost their source');
select is((select request -> 'reasons' -> 1 ->> 'code' from triage.item_body where item_id = t.item('old')), 'article_changed',
    'with a reason for the reviewer');
select is((select request #>> '{decision,reasons,1}' from triage.item_body where item_id = t.item('old')), 'article_changed',
    'and for the result');
select is((select request #>> '{recall,knowledge}' from triage.item_body where item_id = t.item('old')), 'k2', 'and by what it was checked');
select is((select event from triage.history where item_id = t.item('old') order by history_id desc limit 1), 'rechecked',
    'the history says so');
select is(pg_temp.outdated('v2'), '{}', 'it is not checked by the same knowledge again');
select is(pg_temp.outdated('v3', 'k3'), array[t.item('old'), t.item('new')], 'but by the next');
select triage.draft_rechecked(t.item('old'), 'k3', '{}', null, '{"code": "article_changed", "text": "It changed."}');
select is((select jsonb_array_length(request -> 'reasons') from triage.item_body where item_id = t.item('old')), 2,
    'the reason stands once');
select is((select request #>> '{decision,draft,unsupported,0,text}' from triage.item_body where item_id = t.item('old')), '30 days',
    'null leaves the claims as they were');

update triage.item set state = 'claimed', claim_no = 1, claimed_by = 'ann', claimed_until = clock_timestamp() + interval '1 hour'
where item_id = t.item('new');
select triage.draft_rechecked(t.item('new'), 'k3', '{"stands": true}', '[]', null);
select is(t.state('new'), 'claimed', 'a draft that stands disturbs nobody');
select triage.draft_rechecked(t.item('new'), 'k4', '{"stands": false}', '[]', '{"code": "article_changed", "text": "It changed."}');
select is(t.state('new'), 'open', 'one that does not ends the claim');
select throws_ok($$select triage.resolve(t.item('new'), 1, 'k', 'accepted')$$, null, null, 'so that it can''t be accepted as it was');

select t.feed(pg_temp.citing('old', 'v1') || '{"revision": 2, "review_id": "old@2:review"}');
select ok(not triage.draft_rechecked(t.item('old'), 'k4', '{}', null, null), 'what was overtaken meanwhile is left alone');
select throws_ok($$insert into triage.history (item_id, event, actor) values (1, 'invented', 'x')$$, '23514', null,
    'the list of events is as closed as before');
select ok(has_function_privilege('triage_relay', 'triage.draft_rechecked(bigint, text, jsonb, jsonb, jsonb)', 'execute')
    and not has_function_privilege('triage_reviewer', 'triage.draft_rechecked(bigint, text, jsonb, jsonb, jsonb)', 'execute'),
    'a relay may, a reviewer may not');
select * from finish();
rollback;
