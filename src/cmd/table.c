/* The table of subcommands: dispatch, --help and the completion all read it. */
#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"

const struct command cmd_table[] = {
    {"run", "run the worker: decide tickets, fill the review queue, publish reviews", cmd_run},
    {"check", "prove configuration, policy, models, topics and schema good", cmd_check},
    {"topics create", "create the Kafka topics that are missing", cmd_topics_create},
    {"topics check", "check the Kafka topics and the keys of the tickets", cmd_topics_check},
    {"control show", "list what is capped", cmd_control_show},
    {"control cap", "lower what a class may do, in every worker", cmd_control_cap},
    {"control lift", "lift a cap", cmd_control_lift},
    {"positions show", "show where the group, the feeder and the relay stand", cmd_positions_show},
    {"positions set", "set the group's offset of a partition, on record", cmd_positions_set},
    {"positions relay", "say where the relay goes on after a loss or a restored backup", cmd_positions_relay},
    {"db migrate", "bring the Postgres schema up to this version", cmd_db_migrate},
    {"queue", "work on the review queue from a terminal", cmd_queue},
    {"send", "put tickets from a file on the ticket topic", cmd_send},
    {"verify", "check that every ticket has exactly one outcome, and sum up", cmd_verify},
    {"config", "print the configuration in force, or its reference", cmd_config},
    {"train", "make a model from labelled tickets", cmd_train},
    {"evaluate", "measure a model on labelled tickets", cmd_evaluate},
    {"calibrate", "certify a promise on labelled tickets", cmd_calibrate},
    {"explain", "show why a text gets its label", cmd_explain},
    {"labels", "find classes that overlap, lack or starve, and labels that are wrong", cmd_labels},
    {"check-draft", "hold drafts against their sources, sentence by sentence", cmd_check_draft},
    {"draft", "run one ticket through the whole chain and show each step", cmd_draft},
    {"classify", "classify JSON Lines from standard input", cmd_classify},
    {"embed", "turn texts into the encoder's vectors", cmd_embed},
    {"knowledge search", "rank articles for a question, or for a file of them", cmd_knowledge_search},
    {"knowledge check", "find stale, superseded, duplicate and unapproved articles", cmd_knowledge_check},
    {"mask", "replace personal data in texts by placeholders", cmd_mask},
    {"version", "print the build", cmd_version},
};
const unsigned cmd_table_len = ARRAY_LEN(cmd_table);
