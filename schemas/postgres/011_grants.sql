-- Who may call what. Nobody but the owner touches a table; people and programs have functions and views.

set local role triage_owner;

revoke all on schema triage from public;
revoke all on all tables in schema triage from public;
revoke all on all functions in schema triage from public;

grant usage on schema triage to triage_migrator, triage_worker, triage_relay, triage_reviewer, triage_auditor, triage_metrics;

grant execute on function triage.feed, triage.feeder_next, triage.forget_keys, triage.set_hold_window to triage_worker;

grant execute on function triage.publish_due, triage.relay_lock_key, triage.relay_lock, triage.relay_is_mine,
    triage.sequence_outbox, triage.outbox_last, triage.outbox_published, triage.outbox_after, triage.outbox_note,
    triage.outbox_trim to triage_relay;

grant execute on function triage.claim, triage.renew, triage.release, triage.skip, triage.snooze, triage.resolve,
    triage.undo, triage.show, triage.acting to triage_reviewer;
grant select on triage.queue, triage.mine, triage.ageing to triage_reviewer;

grant execute on function triage.acting to triage_auditor;
grant select on triage.queue, triage.ageing, triage.statistics, triage.answers, triage.metrics, triage.history,
    triage.feed_refused, triage.setting to triage_auditor;

grant select on triage.metrics to triage_metrics;

reset role;
