/* The claim check: every number, date, time, amount, duration, order number, link, address and phone number of a draft,
 * and every promise or action done, must stand in a cited source or in the ticket. Pure. English and German. */
#ifndef TRIAGE_CLAIMS_H
#define TRIAGE_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

#define CLAIMS_MAX          128 /* of one draft; a draft with more is not believed */
#define CLAIM_SENTENCES_MAX 64  /* likewise */
#define CLAIM_TEXTS_MAX     16  /* sources and parts of the ticket */

enum claim_kind {
    CLAIM_NUMBER,
    CLAIM_MEASURE, /* a number with a unit: 2.4 GHz, 20 % */
    CLAIM_AMOUNT,
    CLAIM_DURATION,
    CLAIM_DATE, /* weekdays and words such as tomorrow included */
    CLAIM_TIME,
    CLAIM_REFERENCE, /* order numbers and other codes, models */
    CLAIM_LINK,
    CLAIM_EMAIL,
    CLAIM_PHONE,
    CLAIM_NAME,    /* of a product, a place, a person; in German behind another noun */
    CLAIM_PROMISE, /* what we, or things in our hands, will do */
    CLAIM_ACTION,  /* what we are said to have done */
    CLAIM_DENIAL,  /* an article turned round: "no celery" where it says that there is some */
    CLAIM_KINDS
};
const char *claim_kind_name(enum claim_kind kind);

/* What a draft may rest on. The ticket supports what a customer can know; it never supports that we promise or did
 * something. */
struct claim_text {
    const char *text;
    bool ticket;
};

/* Bytes [start, end) of the draft; where supported, bytes [source_start, source_end) of texts[source]. */
struct claim {
    enum claim_kind kind;
    size_t start, end;
    bool supported;
    size_t source, source_start, source_end;
};

/* Bytes [start, end) of the draft, and its claims. */
struct claim_sentence {
    size_t start, end;
    size_t first_claim, n_claims;
    bool supported; /* also without claims */
};

struct claim_report {
    struct claim claims[CLAIMS_MAX]; /* in the order of the draft */
    size_t n_claims;
    struct claim_sentence sentences[CLAIM_SENTENCES_MAX];
    size_t n_sentences;
    bool overflow;  /* more than the bounds: nothing beyond them was looked at */
    bool supported; /* every claim is, and there was no overflow */
};

/* texts: at most CLAIM_TEXTS_MAX. All are UTF-8. */
void claims_check(const char *draft, const struct claim_text *texts, size_t n, struct claim_report *ret_report);

#endif
