/* The reviewers' page and its API over HTTP. It has no rights of its own: each request is carried out in the role of
 * the reviewer who sent it (queue/console.h). */
#ifndef TRIAGED_CONSOLE_CONSOLE_H
#define TRIAGED_CONSOLE_CONSOLE_H

#include "policy/config.h"
#include "triage/classifier.h"
#include "triage/err.h"
#include "triage/knowledge.h"
#include "triage/policy.h"

/* What is NULL is missing from the answers. */
struct console_profile {
    const char *name;                       /* as in review requests; of a single profile it is not asked for */
    const struct policy *policy;            /* labels and guidelines */
    const struct classifier *classifier;    /* why a label */
    const struct knowledge_base *knowledge; /* the articles that a draft cites */
};

/* All borrowed; they outlive the console. */
struct console_parts {
    const struct config *config;
    const struct console_profile *profiles;
    size_t n_profiles; /* 1 or more */
};

struct console;

/* Serves from threads of its own. Postgres may be away: until it comes, requests are answered with 503. */
int console_open(const struct console_parts *parts, struct console **ret_console, struct err *reterr);
/* Finishes what is being worked on, ends the streams. */
void console_close(struct console *self);

#endif
