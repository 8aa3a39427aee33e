/* The command line's word on the encoder. */
#include "cmd/opinion.h"

#include <stdio.h>

#include "triage/encoder.h"

struct classifier_scratch *opinion_scratch(const struct opinion *self, const char *command,
                                           const struct classifier *model)
{
    struct classifier_scratch *scratch = classifier_scratch_new(model);
    struct err err = {0};

    if (self->linear_only || classifier_scratch_attach(model, scratch, self->dir, self->everywhere, &err) == 0)
        return scratch;
    fprintf(stderr, "triaged %s: %s%s\n", command, err.text,
            self->dir || self->everywhere ? "" : "; the linear tier answers alone");
    if (!self->dir && !self->everywhere)
        return scratch;
    classifier_scratch_free(scratch);
    return NULL;
}
