/* A text that a draft may rest on, made ready: its facts and, of an article, its deeds. */
#ifndef TRIAGED_CLAIMS_GROUND_H
#define TRIAGED_CLAIMS_GROUND_H

#include "claims/deeds.h"
#include "claims/facts.h"
#include "claims/fold.h"
#include "triage/claims.h"

struct ground {
    struct folded text;
    struct fact_list facts;
    struct deed_list *deeds; /* none of a ticket */
    bool ticket;
};

/* Ends with ground_done. */
struct ground ground_of(const struct claim_text *in);
void ground_done(struct ground *self);

/* The claim rests on these bytes of the text, which has this number. */
void ground_bears(const struct ground *self, size_t number, size_t start, size_t end, struct claim *claim);

/* The deeds of all sentences of a text. */
void ground_find_deeds(const struct folded *text, struct deed_list *deeds);

#endif
