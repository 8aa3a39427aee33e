/* What people said a past ticket is about: a reviewer, or the two who looked at an audit. */
#ifndef TRIAGED_EVALUATION_TRUTH_H
#define TRIAGED_EVALUATION_TRUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "evaluation/past.h"

#define TRUTH_LABELS 2

struct truth {
    char labels[TRUTH_LABELS][LABEL_MAX];
    size_t n;      /* 0: nobody said anything, or it is not settled */
    double weight; /* one through the probability that somebody was asked */
};

void truth_add(struct truth *self, const char *label, double weight);
/* Of a ticket revision that the machine gave this label. audit_percent: of what no person saw that was audited. */
void truth_find(const struct past *past, const char *id, const char *label, double audit_percent,
                struct truth *ret_truth);
/* True when nobody who looked gave this label. */
bool truth_is_other(const struct truth *self, const char *label);

#endif
