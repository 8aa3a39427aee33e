/* The ladder of autonomy: off, shadow, suggest, hold, auto. What a step up lacks, and what takes a step down, by the evidence
 * at hand. Pure. docs/AUTONOMY.md has the same as a table. */
#ifndef TRIAGED_DECIDE_LADDER_H
#define TRIAGED_DECIDE_LADDER_H

#include <stdbool.h>

#include "triage/policy.h"

/* What is known of one class. */
struct ladder_evidence {
    enum mode level;         /* what it has */
    enum mode ceiling;       /* what its policy and floor allow */
    bool owner_named;
    bool promise_certified;  /* a certified promise is in force and covers the class */
    bool promise_was_broken; /* it is the one that broke the last time */
    bool unwatched;          /* nothing is audited */
    bool stopped, capped;    /* by triage.control */
    const char *stale_macro; /* an approved answer of it that is none any more; NULL: none. Borrowed from the policy */
    const char *stale_why;   /* "was superseded" */
    long labels;             /* of people, since the last step down */
    long looked, overrides;  /* of the last of them that the machine was sure of */
    double share_of_manual;  /* median time of an answer, by the time that doing the task took; below 0 unknown */
    double reviewed_days;    /* since the last quality review; below 0: there was none */
};

enum ladder_lack {
    LACK_CEILING,
    LACK_CONTROLS,
    LACK_OWNER,
    LACK_LABELS,
    LACK_SAMPLE,
    LACK_OVERRIDES,
    LACK_SPEED_UNKNOWN,
    LACK_SPEED,
    LACK_REVIEW,
    LACK_KNOWLEDGE,
    LACK_PROMISE,
    LACK_PROMISE_BROKEN,
    LACK_AUDITS,
    LACK_COUNT
};

/* The next level up, or the same at the top. */
enum mode ladder_next(enum mode level);
/* What the step to this level lacks: a bit for each lack; 0 nothing. */
unsigned ladder_lacks(const struct ladder_evidence *evidence, const struct policy_autonomy *bounds, enum mode to);
const char *ladder_lack_name(enum ladder_lack lack);
/* Whether an exception owner may do without it: never beyond the ceiling. */
bool ladder_lack_excusable(enum ladder_lack lack);
/* The same in words, with the figures. */
#define LADDER_WORDS_MAX 300
char *ladder_lack_words(enum ladder_lack lack, const struct ladder_evidence *evidence, const struct policy_autonomy *bounds,
                        char out[LADDER_WORDS_MAX]);

/* Why a class loses its level now; NULL: it keeps it. One of the reasons of triage.fall. */
const char *ladder_falls(const struct ladder_evidence *evidence, const struct policy_autonomy *bounds);

#endif
