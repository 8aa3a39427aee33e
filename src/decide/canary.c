/* The draw of a canary. */
#include "decide/canary.h"

#include <stdio.h>

#include "triage/ticket.h"

#define DOMAIN "canary/" /* keeps this draw apart from that of audits under the same key */

bool canary_drawn(const unsigned char key[AUDIT_KEY_BYTES], const char *ticket_key, double share)
{
    char text[TICKET_KEY_MAX + sizeof DOMAIN];

    snprintf(text, sizeof text, DOMAIN "%s", ticket_key);
    return audit_drawn(key, text, 0, share);
}
