/* Deeds: what a text says we did, or will do. Found by word lists of verbs and a few patterns of English and German
 * grammar, clause by clause; what stands behind "once", "if", "sobald" and the like is a condition and no deed. Pure.
 */
#ifndef TRIAGED_DRAFT_DEEDS_H
#define TRIAGED_DRAFT_DEEDS_H

#include "draft/fold.h"
#include "triage/claims.h"

#define DEEDS_MAX 512 /* of one text */

struct deed {
    enum claim_kind kind; /* CLAIM_PROMISE or CLAIM_ACTION */
    int family;           /* which verb or noun; equal in both languages */
    bool passive;         /* nobody is named: "the parcel was delivered" */
    bool thing;           /* a noun: a voucher, a discount */
    size_t start, end;    /* bytes of the folded text */
};

struct deed_list {
    struct deed items[DEEDS_MAX];
    size_t n;
};

/* Adds the deeds of the sentence [start, end). */
void deeds_find(const struct folded *text, size_t start, size_t end, struct deed_list *list);

/* Where a sentence of a source tells of this family, in whatever form: true with the word's place. */
bool deed_mentioned(const struct folded *text, int family, size_t *ret_start, size_t *ret_end);

#endif
