/* A number of the draft that can be read in another way: with the unit of its neighbour ("over an hour but under two"),
 * or as two numbers, where a name ends in the first ("der PowerPack 500 549 Euro"). */
#include <stdlib.h>

#include "claims/claim_conclusions.h"
#include "claims/claim_support.h"

/* Whether the figures before the blank stand in the texts: the end of a name. */
static bool head_stands(const struct conclusion *self)
{
    const double head = strtod(self->draft->text + self->fact->start, NULL);

    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; i < self->grounds[g].facts.n; i++) {
            const struct fact *other = &self->grounds[g].facts.items[i];
            if (other->kind == CLAIM_NUMBER && other->value == head)
                return true;
        }
    }
    return false;
}

void claim_reading_support(struct claim *claim, const struct conclusion *self)
{
    const struct fact_list *facts = self->facts;
    size_t own = (size_t)(self->fact - facts->items);

    for (size_t k = own + 1; k < facts->n && facts->items[k].start < self->fact->end && !claim->supported; k++) {
        const struct fact *reading = &facts->items[k];
        struct claim other = *claim;
        if (reading->start > self->fact->start && !head_stands(self))
            continue;
        claim_fact_support(&other, self->draft, reading, self->grounds, self->n);
        if (other.supported && !claim_fact_is_moved(self->draft, facts, k, self->grounds, self->n))
            *claim = other;
    }
}
