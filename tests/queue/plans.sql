-- One call of each kind with the plan of every statement inside it, on standard error. For load.sh.
load 'auto_explain';
set auto_explain.log_min_duration = 0;
set auto_explain.log_nested_statements = on;
set client_min_messages = log;
set jit = off;
begin;
update triage.setting set hold_window = '0'; -- on a slow machine too the answer is due when it is published
select item_id as item, claim_no as claim from triage.claim('planner') \gset
select from triage.claim('planner', 3, array['g3', 'g7']);
select from triage.renew(:item, :claim, 5);
select from triage.skip(:item, :claim, 'because');
select item_id as item, claim_no as claim from triage.claim('planner') \gset
select from triage.snooze(:item, :claim, clock_timestamp() + interval '1 hour');
select item_id as item, claim_no as claim from triage.claim('planner') \gset
select from triage.alike(:item);
select from triage.resolve(:item, :claim, 'plan', 'accepted');
select from triage.undo(:item, 'plan');
select from triage.resolve(:item, :claim + 1, 'plan2', 'accepted');
select from triage.show(:item);
select from triage.held;
select from triage.mine;
select from triage.notices;
select from triage.outcome_of(:item, 'Your parcel left yesterday.');
select item_id as item, claim_no as claim from triage.claim_once('plan') \gset
select from triage.claim_once('plan');
select from triage.escalate(:item, :claim, 'because', 'g5');
select item_id as item, claim_no as claim from triage.claim('planner') \gset
select from triage.reassign(:item, :claim, 'another', 'because');
select from triage.publish_due(1);
select from triage.expire_claims();
select from triage.feed('plan', 'reviews', 0, null, 2, jsonb_build_array(t.request('plan/a', 1), t.request('plan/a', 2)));
select from (select from triage.queue limit 20) q;
select from triage.alarms;
rollback;
