/* The watch over a promise: all verdicts of the audits, in their order, from the first. Pure, and without a state that could
 * be lost: the same verdicts give the same finding. */
#ifndef TRIAGED_DECIDE_WATCH_H
#define TRIAGED_DECIDE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "triage/decision.h"

struct watch_verdict {
    int64_t number;
    char label[LABEL_MAX];
    bool wrong;
};

#define WATCH_CULPRITS_MAX 24

struct watch_finding {
    size_t n, errors;
    double evidence;      /* of the detector, 1/alpha is an alarm */
    bool alarm;
    int64_t at;           /* number of the verdict that raised it */
    size_t stretch;       /* verdicts since about where the change began */
    char culprits[WATCH_CULPRITS_MAX][LABEL_MAX]; /* classes that carry the errors of the stretch, worst first */
    size_t n_culprits;
};

/* label NULL: all classes together; else those of one class alone. Stops at the first alarm. */
void watch_judge(const struct watch_verdict *verdicts, size_t n, const char *label, double max_error, double alpha,
                 struct watch_finding *ret_finding);

#endif
