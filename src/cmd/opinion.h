/* Which of a model's opinions a command asks for: --encoder DIR, --encoder-everywhere, --no-encoder. */
#ifndef TRIAGED_CMD_OPINION_H
#define TRIAGED_CMD_OPINION_H

#include "triage/classifier.h"

#define OPINION_HELP                                                                                                   \
    "  --encoder             the encoder's folder (default: $TRIAGED_ENCODER, else where deploy/lib/encoder.sh puts it)\n" \
    "  --encoder-everywhere  ask it for every text, not only where the linear tier is unsure\n"                        \
    "  --no-encoder          the linear tier alone"

/* Takes one of these options at argv[*i], moving *i past its value: 1 taken, 0 another option, -1 misuse (said). What was
 * taken holds for the process: a command has one command line. */
int opinion_take(const char *command, int argc, char **argv, int *i);
/* A scratch with what was asked for. Without an encoder at hand and none asked for, the linear tier answers alone, and
 * stderr says so. NULL: it was asked for and can't be had; said on stderr. */
struct classifier_scratch *opinion_scratch(const char *command, const struct classifier *model);

#endif
