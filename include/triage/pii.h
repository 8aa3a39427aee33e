/* Personal data in text: found, replaced by typed placeholders, restored. What is found: payment cards and IBANs by
 * their checksums, mail addresses, phone numbers of GB, IE and DE and international ones, postal addresses of those
 * countries, and the names and addresses that a ticket's own fields give. Order numbers, versions and dates stay. */
#ifndef TRIAGE_PII_H
#define TRIAGE_PII_H

#include <stddef.h>

#include "triage/err.h"

#define PII_TEXT_BYTES_MAX (1 << 20) /* of one text; a longer one is an error, never passed on unmasked */
#define PII_FIELDS_MAX     64        /* of one row of triaged mask */

enum pii_kind { PII_CARD, PII_IBAN, PII_EMAIL, PII_PHONE, PII_ADDRESS, PII_NAME, PII_KINDS };

const char *pii_kind_name(enum pii_kind kind); /* "card", "iban", ... */

/* What a field of the ticket says about its value. */
enum pii_field_kind {
    PII_FIELD_NAME,
    PII_FIELD_ADDRESS,
    PII_FIELD_EMAIL,
    PII_FIELD_PHONE,
    PII_FIELD_KEEP,
    PII_FIELD_OTHER
};

struct pii_field {
    enum pii_field_kind kind;
    const char *value;
};

/* By the field's name: requester_name, billing_address, email, phone, order_id, ... */
enum pii_field_kind pii_field_kind_of(const char *name);

struct pii_span {
    enum pii_kind kind;
    size_t start, end; /* bytes, half-open */
};

struct pii; /* the patterns, compiled; one thread at a time */

int pii_new(struct pii **ret_pii, struct err *reterr);
void pii_free(struct pii *self);

/* In order and apart from each other; borrowed until the next call. Fails permanently when a pattern met its match
 * limit or the text is too long: then nothing is known about the text. */
int pii_find(struct pii *self, const char *text, const struct pii_field *fields, size_t n_fields,
             const struct pii_span **ret_spans, size_t *ret_n, struct err *reterr);

/* Which placeholder stands for what: one for each ticket. Equal values have equal placeholders. */
struct pii_vault;
struct pii_vault *pii_vault_new(void);
void pii_vault_free(struct pii_vault *self);

/* The text with placeholders such as [EMAIL_1]; the caller frees it with free. What looks like a placeholder already is
 * replaced, too, so that pii_restore gives back every byte. */
int pii_mask(struct pii *self, struct pii_vault *vault, const char *text, const struct pii_field *fields,
             size_t n_fields, char **ret_masked, struct err *reterr);
/* Every placeholder of the vault becomes what it stands for; unknown ones stay. The caller frees it with free. */
char *pii_restore(const struct pii_vault *vault, const char *masked);

#endif
