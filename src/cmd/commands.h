/* The entry points that the table names: one file each in this folder. */
#ifndef TRIAGED_CMD_COMMANDS_H
#define TRIAGED_CMD_COMMANDS_H

int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_topics_create(int argc, char **argv);
int cmd_topics_check(int argc, char **argv);
int cmd_policy_check(int argc, char **argv);
int cmd_policy_diff(int argc, char **argv);
int cmd_policy_explain(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_simulate(int argc, char **argv);
int cmd_canary_show(int argc, char **argv);
int cmd_backfill(int argc, char **argv);
int cmd_costs(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_model_measure(int argc, char **argv);
int cmd_control_show(int argc, char **argv);
int cmd_control_cap(int argc, char **argv);
int cmd_control_lift(int argc, char **argv);
int cmd_autonomy(int argc, char **argv);
int cmd_autonomy_promote(int argc, char **argv);
int cmd_autonomy_demote(int argc, char **argv);
int cmd_autonomy_reviewed(int argc, char **argv);
int cmd_control_stop(int argc, char **argv);
int cmd_control_resume(int argc, char **argv);
int cmd_control_takeover(int argc, char **argv);
int cmd_drift_show(int argc, char **argv);
int cmd_drift_accept(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_incident(int argc, char **argv);
int cmd_positions_show(int argc, char **argv);
int cmd_positions_set(int argc, char **argv);
int cmd_positions_relay(int argc, char **argv);
int cmd_db_migrate(int argc, char **argv);
int cmd_db_maintain(int argc, char **argv);
int cmd_db_erase(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_queue(int argc, char **argv);
int cmd_send(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_console(int argc, char **argv);
int cmd_console_account(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_train(int argc, char **argv);
int cmd_evaluate(int argc, char **argv);
int cmd_classify(int argc, char **argv);
int cmd_calibrate(int argc, char **argv);
int cmd_embed(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_labels(int argc, char **argv);
int cmd_check_draft(int argc, char **argv);
int cmd_draft(int argc, char **argv);
int cmd_knowledge_search(int argc, char **argv);
int cmd_knowledge_publish(int argc, char **argv);
int cmd_knowledge_recall(int argc, char **argv);
int cmd_knowledge_check(int argc, char **argv);
int cmd_mask(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_completion(int argc, char **argv);
int cmd_version(int argc, char **argv);

#endif
