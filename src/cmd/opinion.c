/* The command line's word on the encoder. */
#include "cmd/opinion.h"

#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "triage/encoder.h"

static struct {
    const char *dir;
    bool everywhere, linear_only;
} asked;

int opinion_take(const char *command, int argc, char **argv, int *i)
{
    if (strcmp(argv[*i], "--no-encoder") == 0) {
        asked.linear_only = true;
        return 1;
    }
    if (strcmp(argv[*i], "--encoder-everywhere") == 0) {
        asked.everywhere = true;
        return 1;
    }
    if (strcmp(argv[*i], "--encoder") != 0)
        return 0;
    if (*i + 1 >= argc) {
        cmd_needs_value(command, argv[*i]);
        return -1;
    }
    asked.dir = argv[++*i];
    return 1;
}

struct classifier_scratch *opinion_scratch(const char *command, const struct classifier *model)
{
    struct classifier_scratch *scratch = classifier_scratch_new(model);
    struct err err = {0};

    if (asked.linear_only || classifier_scratch_attach(model, scratch, asked.dir, asked.everywhere, &err) == 0)
        return scratch;
    fprintf(stderr, "triaged %s: %s%s\n", command, err.text,
            asked.dir || asked.everywhere ? "" : "; the linear tier answers alone");
    if (!asked.dir && !asked.everywhere)
        return scratch;
    classifier_scratch_free(scratch);
    return NULL;
}
