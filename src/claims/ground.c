#include "claims/ground.h"

#include "base/mem.h"
#include "claims/sentences.h"

void ground_find_deeds(const struct folded *text, struct deed_list *deeds)
{
    size_t at = 0, start, end;

    deeds->n = 0;
    while (sentence_next(text, &at, &start, &end))
        deeds_find(text, start, end, deeds);
}

struct ground ground_of(const struct claim_text *in)
{
    struct ground self = {.text = fold(in->text ? in->text : ""), .ticket = in->ticket};

    facts_find(&self.text, &self.facts);
    facts_derive(&self.text, &self.facts);
    self.deeds = mem_alloc(sizeof *self.deeds);
    if (!in->ticket)
        ground_find_deeds(&self.text, self.deeds);
    return self;
}

void ground_done(struct ground *self)
{
    folded_done(&self->text);
    facts_done(&self->facts);
    mem_free(self->deeds);
}

void ground_bears(const struct ground *self, size_t number, size_t start, size_t end, struct claim *claim)
{
    claim->supported = true;
    claim->source = number;
    claim->source_start = self->text.at[start];
    claim->source_end = self->text.at[end];
}
