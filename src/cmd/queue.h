/* triaged queue, inside: the verbs as a table, what each has to work with, and how its answer is shown. */
#ifndef TRIAGED_CMD_QUEUE_H
#define TRIAGED_CMD_QUEUE_H

#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/terminal.h"
#include "queue/reviewing.h"

#define QUEUE_NUMBER_TEXT 24

struct options {
    struct cmd_common common;
    struct option_words words;
    const char *reviewer, *group, *label, *state, *text, *text_file, *reason, *key, *outcome, *until, *lasting, *to,
        *others, *by;
    int64_t count;
    double seconds, least, every;
    bool json, overdue, edit;
};

/* One run of a verb. Item and claim are numbers as text, NULL where they were not named. */
struct queue_call {
    struct queue *queue;
    const struct config *config;
    struct options options;
    const char *item, *claim;
    char item_text[QUEUE_NUMBER_TEXT], claim_text[QUEUE_NUMBER_TEXT]; /* where they were looked up */
};

struct queue_verb {
    struct option_table options; /* options.command is "queue NAME" */
    int (*run)(struct queue_call *call, char **ret_json, struct err *reterr);
    void (*print)(const cJSON *answer, const struct terminal *terminal, FILE *out); /* for people; NULL: "done" */
};
extern const struct queue_verb queue_verbs[];
extern const size_t queue_verbs_len;
const char *queue_verb_name(const struct queue_verb *verb);

/* ---- queue_act.c: one call of the queue each ---- */

int queue_run_list(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_mine(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_claim(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_show(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_renew(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_resolve(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_resolve_alike(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_undo(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_release(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_skip(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_snooze(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_escalate(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_reassign(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_alike(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_reasons(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_stats(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_budget(struct queue_call *call, char **ret_json, struct err *reterr);
int queue_run_watch(struct queue_call *call, char **ret_json, struct err *reterr); /* queue_watch.c */

/* ---- queue_print.c ---- */

void queue_print_list(const cJSON *rows, const struct terminal *terminal, FILE *out);
void queue_print_mine(const cJSON *mine, const struct terminal *terminal, FILE *out);
void queue_print_claimed(const cJSON *rows, const struct terminal *terminal, FILE *out);
void queue_print_shown(const cJSON *shown, const struct terminal *terminal, FILE *out);
void queue_print_resolved(const cJSON *answer, const struct terminal *terminal, FILE *out);
void queue_print_undone(const cJSON *rows, const struct terminal *terminal, FILE *out);
void queue_print_alike(const cJSON *rows, const struct terminal *terminal, FILE *out);
void queue_print_reasons(const cJSON *rows, const struct terminal *terminal, FILE *out);
void queue_print_budget(const cJSON *budget, const struct terminal *terminal, FILE *out);
void queue_print_stats(const cJSON *stats, const struct terminal *terminal, FILE *out);

#endif
