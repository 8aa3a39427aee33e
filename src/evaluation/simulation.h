/* What would have become of past tickets under other files: counted once here, shown as a table, as JSON and as a page.
 * It must not know how they are shown. */
#ifndef TRIAGED_EVALUATION_SIMULATION_H
#define TRIAGED_EVALUATION_SIMULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decide/survey.h"
#include "evaluation/past.h"
#include "evaluation/redo.h"
#include "evaluation/truth.h"

#define SIMULATION_INTERVAL   0.95 /* of error rates, two-sided */
#define SIMULATION_DAY_HOURS  24
#define SIMULATION_HOURS_MAX  (24 * 366) /* of the run that backlogs are followed over: its last ones */
#define SIMULATION_TEXT_BYTES 300        /* of a ticket that is shown */

/* How a decision can end; the order is from least to most of a person's time. */
enum ending { ENDING_ANSWERED, ENDING_IGNORED, ENDING_SUGGESTED, ENDING_IN_REVIEW, ENDINGS };
const char *ending_name(enum ending ending);

/* Of what happened, or of what would. */
struct sim_decision {
    enum ending ending;
    char label[LABEL_MAX];
    char *reasons; /* codes with blanks between; owned */
    bool unseen;   /* ended on the classifier's word, and no person saw it */
};

struct sim_ticket {
    const char *id; /* KEY@REVISION, borrowed from the past */
    char *text;     /* the beginning of subject and text; NULL unless asked for */
    struct sim_decision then, now;
    bool undrafted;    /* a draft is due that nobody has written: a suggestion may yet go to a person */
    int64_t arrived_s; /* seconds since 1970 */
    double model_s;
    struct truth truth;
};

/* One hour of the day, over all days that the run touched; times of the policy's zone. */
struct sim_hour {
    double then, now; /* tickets for people a day */
    double staffed;   /* share of the days on which the desk is staffed */
};

struct sim_side {
    size_t endings[ENDINGS], unseen, drafts;
    struct survey_estimate error; /* among the unseen */
    double audits;                /* of the unseen, that come to people too */
    double model_s, reviewer_s, cost;
    double backlog_most_s, backlog_end_s; /* work that waited, at most and at the end */
    double off_hours;                     /* tickets for people that came when no desk was staffed */
};

struct sim_class {
    char label[LABEL_MAX];
    size_t then, now;               /* tickets with this label */
    size_t unseen_then, unseen_now; /* of them */
};

struct sim_settings {
    double audit_percent;                       /* of the unseen */
    double reviewers;                           /* at work at once, in staffed hours */
    double review_seconds;                      /* of an item; 0: as the results say */
    double reviewer_rate, model_rate, cpu_rate; /* an hour */
    bool show_text, capped;
};

struct simulation {
    struct sim_settings settings;
    struct sim_ticket *tickets;
    size_t n, n_missing, n_undrafted, n_open;  /* n_open: of the undrafted, those whose ending it may change */
    size_t n_flipped, n_relabelled, n_reasons; /* ending differs; label differs; only reasons do */
    size_t n_labelled;
    size_t flips[ENDINGS][ENDINGS]; /* from, to */
    struct sim_side then, now;
    struct sim_class *classes; /* most tickets first */
    size_t n_classes;
    struct sim_hour hours[SIMULATION_DAY_HOURS];
    double days, cpu_s, mean_review_s, reviewed; /* reviewed: results that say how long it took */
    bool policy_hours;                           /* the policy names business hours */
};

/* A label that somebody gave, from a file: of KEY@REVISION or of a ticket's own id. */
struct sim_label {
    char *id, *label;
    double weight;
};
struct sim_labels {
    struct sim_label *rows; /* sorted by id */
    size_t n;
};
/* Rows {id, label, weight} as triaged export writes them; ticket_id is taken for id. */
int sim_labels_read(const char *path, struct sim_labels *ret_labels, struct err *reterr);
void sim_labels_done(struct sim_labels *self); /* for CLEANUP */

/* The past is sorted, and outlives the simulation. */
int simulation_make(const struct past *past, struct redo *redo, const struct sim_labels *labels,
                    const struct sim_settings *settings, struct simulation **ret_simulation, struct err *reterr);
/* Of the results that carry a shadow: what the candidate would have decided stands in them. */
int simulation_of_shadows(const struct past *past, const struct policy *policy, const struct sim_settings *settings,
                          struct simulation **ret_simulation, struct err *reterr);
/* Of a result, whatever decided it. The caller frees reasons with mem_free. */
struct sim_decision simulation_decision(const struct past_result *result, const cJSON *doc);
void simulation_free(struct simulation *self);

double simulation_share(const struct simulation *self,
                        const struct sim_side *side); /* answered or ignored, of all, 0..1 */
double simulation_cost_per_ticket(const struct simulation *self, const struct sim_side *side);
bool simulation_differs(const struct sim_ticket *ticket); /* in ending, label or reasons */

#endif
