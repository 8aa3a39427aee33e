/* The governance report of a period, of one profile: what is gathered, and how it is written. Gathered by report.c,
 * written by governance_text.c and governance_html.c, which know neither Kafka nor Postgres. */
#ifndef TRIAGED_EVALUATION_GOVERNANCE_H
#define TRIAGED_EVALUATION_GOVERNANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "triage/decision.h"

#define GOVERNANCE_DAYS_MAX   400
#define GOVERNANCE_CONFIDENCE 0.90     /* of the intervals */
#define GOVERNANCE_NO_CLASS   "(none)" /* of tickets without a label: nobody owns it, and nobody reviews it */
#define GOVERNANCE_TIME_MAX   40

/* How a ticket went, as its machine decided. */
enum way {
    WAY_ANSWERED,
    WAY_SUGGESTED,
    WAY_REVIEW,
    WAY_IGNORED,
    WAY_OVERTAKEN, /* an answer on hold that a newer revision or a withdrawal overtook: nobody got it */
    WAY_COUNT
};
const char *way_name(enum way way);

struct governance_class {
    char label[LABEL_MAX];
    size_t ways[WAY_COUNT];
    double cost;                                /* of what ended in the period */
    size_t answers, overridden, unedited, late; /* of people */
    double median_seconds;                      /* below 0: no answer */
    size_t audits, wrong, skipped;
};

struct governance_day {
    char date[11];
    size_t ways[WAY_COUNT];
};

struct governance {
    const char *since, *until, *source; /* source: where decisions were read */
    const char *owner, *profile, *cadence;
    struct governance_class classes[LABELS_MAX];
    size_t n_classes;
    struct governance_day days[GOVERNANCE_DAYS_MAX];
    size_t n_days;
    cJSON *incidents, *steps, *reviews; /* arrays of this profile's, owned; NULL: Postgres was left out */
    double bypassed, waiting, overdue, manual_seconds;
    double cost;
    int review_days; /* a class whose last quality review is older is overdue */
    double now_s;    /* unix time at the end of the period, or now */
};

struct governance_class *governance_class(struct governance *self, const char *label);
/* Share of wrong ones and its interval; false: nothing was audited. */
struct interval {
    double rate, low, high;
};
bool governance_errors(size_t wrong, size_t audits, struct interval *ret_interval);
/* Of everything that no person saw: each class's rate weighted by how much of it went out. */
struct interval governance_weighted(const struct governance *self, size_t *ret_unseen);
bool governance_overdue(const struct governance *self, const char *label, char ret_text[GOVERNANCE_TIME_MAX]);

/* Each writes one profile; what stands before the first and after the last, where there is something. */
void governance_markdown(const struct governance *self, struct buf *out);
void governance_csv_begin(struct buf *out);
void governance_csv(const struct governance *self, struct buf *out);
void governance_html_begin(struct buf *out);
void governance_html(const struct governance *self, struct buf *out);
void governance_html_end(struct buf *out);

#endif
