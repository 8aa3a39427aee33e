/* Deeds: what a text says we did, or will do. Found by word lists of verbs and a few patterns of English and German
 * grammar, clause by clause; what stands behind "once", "if", "sobald" and the like is a condition and no deed. Pure.
 */
#ifndef TRIAGED_CLAIMS_DEEDS_H
#define TRIAGED_CLAIMS_DEEDS_H

#include "claims/fold.h"
#include "triage/claims.h"

#define DEEDS_MAX     512 /* of one text */
#define DEED_VERB_MAX 12

struct deed {
    enum claim_kind kind;     /* CLAIM_PROMISE or CLAIM_ACTION */
    int family;               /* which verb or noun; equal in both languages */
    bool passive;             /* nobody is named: "the parcel was delivered" */
    bool limited;             /* free, but on a condition */
    bool sure;                /* "we will", not "we can": what a source only allows does not support it */
    bool state;               /* "is cancelled": supports what became so, not that we did it */
    bool ground_only;         /* a state of things in general: supports, but nobody claims it */
    bool another;             /* somebody who is neither we nor the customer */
    bool gets;                /* what the customer gets, by whatever verb */
    bool thing;               /* a noun: a voucher, a discount */
    bool toward;              /* its clause speaks to the customer: "for you", "Ihnen" */
    bool anew;                /* its clause speaks of something new, or of once more */
    char part[DEED_VERB_MAX]; /* of a German verb with a particle, what it begins with without it, else "" */
    char particle[DEED_VERB_MAX];
    char verb[DEED_VERB_MAX]; /* how its verb begins, where no family of the lists has it; else "" */
    size_t start, end;        /* bytes of the folded text */
    size_t clause_start, clause_end, verb_start;
};

struct deed_list {
    struct deed items[DEEDS_MAX];
    size_t n;
};

/* Adds the deeds of the sentence [start, end). */
void deeds_find(const struct folded *text, size_t start, size_t end, struct deed_list *list);

/* Where a word begins like this verb: what happened without naming us may be told with any form of it. done: only where
 * that word is a participle, as a customer tells what happened. */
bool deed_verb_stands(const struct folded *text, const char *verb, bool done, size_t *ret_start, size_t *ret_end);

/* Where its particle stands apart: "kuendigt ... an" of "ankuendigen". */
bool deed_parted_stands(const struct folded *text, const struct deed *deed, size_t *ret_start, size_t *ret_end);

/* Whether the sentence tells that something costs nothing. */
struct sentence;
bool deed_costs_nothing(const struct sentence *s);

/* Whether a sentence of a source tells of this deed's family, in whatever form. */
bool deed_mentioned_in(const struct sentence *s, const struct deed *deed);

/* Where a sentence of a source tells of this deed's family, in whatever form: true with the word's place. */
bool deed_mentioned(const struct folded *text, const struct deed *deed, size_t *ret_start, size_t *ret_end);

#endif
