/* Guarding, then masking: a placeholder is never taken for a blob. */
#include "draft/seen.h"

#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "decide/addressed.h"
#include "decide/text.h"
#include "draft/guard.h"
#include "triage/decide.h"
#include "triage/pii.h"

/* The text with placeholders for what is personal. Without a finder it is only copied. */
static int mask(struct pii *pii, struct pii_vault *vault, const struct ticket *ticket, const char *text,
                char **ret_masked, struct err *reterr)
{
    const struct pii_field fields[] = {{PII_FIELD_NAME, ticket->requester.name},
                                       {PII_FIELD_EMAIL, ticket->requester.email}};

    if (!pii) {
        *ret_masked = mem_strdup(text);
        return 0;
    }
    return pii_mask(pii, vault, text, fields, ARRAY_LEN(fields), ret_masked, reterr);
}

static int mask_both(struct pii *pii, struct pii_vault *vault, const struct ticket *ticket, const struct buf guarded[2],
                     struct seen_text *seen, struct err *reterr)
{
    struct pii_vault *own = pii && !vault ? pii_vault_new() : NULL;
    int rc = mask(pii, own ? own : vault, ticket, buf_str(&guarded[0]), &seen->subject, reterr);

    if (rc == 0)
        rc = mask(pii, own ? own : vault, ticket, buf_str(&guarded[1]), &seen->text, reterr);
    pii_vault_free(own);
    return rc;
}

int seen_make(struct pii *pii, struct pii_vault *vault, const struct ticket *ticket, struct seen_text *ret_seen,
              struct err *reterr)
{
    CLEANUP(mem_freep) char *plain = ticket_plain_text(ticket);
    CLEANUP(buf_free) struct buf visible = {0};
    CLEANUP(buf_free) struct buf subject = {0};
    CLEANUP(buf_free) struct buf text = {0};
    struct buf guarded[2] = {{0}};
    int rc;

    text_add_visible(&visible, ticket->subject, strlen(ticket->subject));
    ret_seen->subject_doubted = addressed_leave_out(&subject, buf_str(&visible), visible.len);
    ret_seen->text_doubted = addressed_leave_out(&text, plain, strlen(plain));
    guard_add(&guarded[0], buf_str(&subject), subject.len);
    guard_add(&guarded[1], buf_str(&text), text.len);
    ret_seen->subject_hidden = strcmp(buf_str(&guarded[0]), buf_str(&subject)) != 0;
    ret_seen->text_hidden = strcmp(buf_str(&guarded[1]), buf_str(&text)) != 0;
    rc = mask_both(pii, vault, ticket, guarded, ret_seen, reterr);
    buf_free(&guarded[0]);
    buf_free(&guarded[1]);
    return rc;
}

void seen_free(struct seen_text *self)
{
    mem_free(self->subject);
    mem_free(self->text);
    *self = (struct seen_text){0};
}
