/* Which of a model's opinions a command asks for: --encoder DIR, --encoder-everywhere, --no-encoder. */
#ifndef TRIAGED_CMD_OPINION_H
#define TRIAGED_CMD_OPINION_H

#include "cmd/options.h"
#include "triage/classifier.h"

struct opinion {
    const char *dir; /* NULL: where one is found */
    bool everywhere, linear_only;
};

/* NOLINTBEGIN(bugprone-macro-parentheses): members take none */
#define ROWS_OPINION(opinion)                                                                                          \
    ROW_TEXT("--encoder", "DIR", opinion.dir,                                                                          \
             "the encoder's folder (default: $TRIAGED_ENCODER, else where deploy/lib/encoder.sh puts it)"),            \
        ROW_EITHER("--no-encoder", NULL, OPTION_FLAG, opinion.linear_only, "the linear tier alone"),                   \
        ROW_FLAG("--encoder-everywhere", opinion.everywhere,                                                           \
                 "ask it for every text, not only where the linear tier is unsure")
/* NOLINTEND(bugprone-macro-parentheses) */

/* A scratch with what was asked for. Without an encoder at hand and none asked for, the linear tier answers alone, and
 * stderr says so. NULL: it was asked for and can't be had; said on stderr. */
struct classifier_scratch *opinion_scratch(const struct opinion *self, const char *command,
                                           const struct classifier *model);

#endif
