-- The outbox: numbered by the relay alone, without gaps, never back.
begin;
select plan(29);
select t.feed(t.request('a',1), t.close('a',2), t.request('b',1), t.close('b',2), t.request('c',1), t.close('c',2));
select is((select count(*) from triage.outbox), 3::bigint, 'three messages wait');
select throws_ok($$select triage.sequence_outbox()$$, 'TR020', null, 'only the relay numbers the outbox');
select throws_ok($$select triage.outbox_trim(0)$$, 'TR020', null, 'only the relay trims it');
select throws_ok($$select triage.outbox_note(0)$$, 'TR020', null, 'only the relay reports');
select lives_ok($$select pg_advisory_lock(42)$$, 'another lock');
select throws_ok($$select triage.sequence_outbox()$$, 'TR020', null, 'does not make a relay');
select lives_ok($$select pg_advisory_lock_shared(triage.relay_lock_key())$$, 'a shared lock');
select throws_ok($$select triage.sequence_outbox()$$, 'TR020', null, 'does not either');
select pg_advisory_unlock_shared(triage.relay_lock_key());
select ok(triage.relay_lock(), 'this session becomes the relay');
select ok(triage.relay_lock(), 'asking twice is fine');
select is(triage.outbox_last(), 0::bigint, 'nothing is numbered yet');
select is(triage.outbox_published(), null, 'nothing was ever published');
select is_empty($$select * from triage.outbox_after(0)$$, 'what has no number is not read');
select is(triage.sequence_outbox(2), 2::bigint, 'two are numbered');
select is(triage.sequence_outbox(2), 3::bigint, 'then the third');
select is(triage.sequence_outbox(2), 3::bigint, 'then none');
select results_eq($$select sequence_no, message_id from triage.outbox_after(0)$$,
    $$values (1::bigint, 'a@1:superseded'), (2, 'b@1:superseded'), (3, 'c@1:superseded')$$, 'in the order they were written');
select results_eq($$select sequence_no from triage.outbox_after(1, 1)$$, array[2::bigint], 'read from a position on');
select throws_ok($$select * from triage.outbox_after(4)$$, 'TR021', null, 'a position beyond the outbox is an older copy');
select throws_ok($$select triage.outbox_note(4)$$, 'TR021', null, 'nor can it be reported');
select lives_ok($$select triage.outbox_note(2)$$, 'two are published');
select lives_ok($$select triage.outbox_note(1)$$, 'an old report');
select is(triage.outbox_published(), 2::bigint, 'published never goes back');
-- a row that becomes visible late, with a number drawn early
insert into triage.outbox (outbox_id, message_id, kind, key, headers, payload) overriding system value
    values (-5, 'late', 'result', 'k', '{}', '{}');
select is(triage.sequence_outbox(), 4::bigint, 'a transaction that commits late is not skipped');
select is(triage.outbox_trim(3, '1 day'), 0, 'young messages are kept');
select is(triage.outbox_trim(4, '0'), 4, 'old ones go');
select lives_ok($$select t.feed(t.request('d',1), t.close('d',2))$$, 'the next message');
select is(triage.sequence_outbox(), 5::bigint, 'numbers go on after trimming');
select is(triage.relay_recover(900), 900::bigint, 'after a restored backup numbering jumps ahead');
select * from finish();
rollback;
