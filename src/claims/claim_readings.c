/* A number of the draft that can be read in another way: with the unit of its neighbour ("over an hour but under two"),
 * or as two numbers, where a name ends in the first ("der PowerPack 500 549 Euro"). */
#include <stdlib.h>

#include "claims/claim_support.h"

/* Whether the figures before the blank stand in the texts: the end of a name. */
static bool head_stands(const struct folded *draft, const struct fact *fact, const struct ground *grounds, size_t n)
{
    const double head = strtod(draft->text + fact->start, NULL);

    for (size_t g = 0; g < n; g++) {
        for (size_t i = 0; i < grounds[g].facts.n; i++) {
            const struct fact *other = &grounds[g].facts.items[i];
            if (other->kind == CLAIM_NUMBER && other->value == head)
                return true;
        }
    }
    return false;
}

void claim_reading_support(struct claim *claim, const struct folded *draft, const struct fact_list *facts, size_t i,
                           const struct ground *grounds, size_t n)
{
    const struct fact *fact = &facts->items[i];

    for (size_t k = i + 1; k < facts->n && facts->items[k].start < fact->end && !claim->supported; k++) {
        const struct fact *reading = &facts->items[k];
        struct claim other = *claim;
        if (reading->start > fact->start && !head_stands(draft, fact, grounds, n))
            continue;
        claim_fact_support(&other, draft, reading, grounds, n);
        if (other.supported && !claim_fact_is_moved(draft, facts, k, grounds, n))
            *claim = other;
    }
}
