/* The draw of audits. */
#include "decide/audit.h"

#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define REVISION_TEXT_MAX 24

void audit_key_make(const char *secret, unsigned char ret_key[AUDIT_KEY_BYTES])
{
    crypto_generichash(ret_key, AUDIT_KEY_BYTES, (const unsigned char *)secret, strlen(secret), NULL, 0);
}

bool audit_drawn(const unsigned char key[AUDIT_KEY_BYTES], const char *ticket_key, int64_t revision, double share)
{
    crypto_generichash_state state;
    char text[REVISION_TEXT_MAX];
    unsigned char out[16];
    uint64_t number;

    snprintf(text, sizeof text, "@%" PRId64, revision);
    crypto_generichash_init(&state, key, AUDIT_KEY_BYTES, sizeof out);
    crypto_generichash_update(&state, (const unsigned char *)ticket_key, strlen(ticket_key));
    crypto_generichash_update(&state, (const unsigned char *)text, strlen(text));
    crypto_generichash_final(&state, out, sizeof out);
    memcpy(&number, out, sizeof number);
    return ldexp((double)(number >> 11), -53) < share;
}
