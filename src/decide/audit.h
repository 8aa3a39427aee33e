/* Which decisions that no person sees are drawn for a blind review: by a keyed hash of key and revision, so that no sender
 * can choose what is drawn, and a replay draws the same. */
#ifndef TRIAGED_DECIDE_AUDIT_H
#define TRIAGED_DECIDE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#define AUDIT_KEY_BYTES 32

/* The key of a secret text of any length. */
void audit_key_make(const char *secret, unsigned char ret_key[AUDIT_KEY_BYTES]);
/* True for the share (0..1) of all tickets. Source: BLAKE2b, RFC 7693, keyed. */
bool audit_drawn(const unsigned char key[AUDIT_KEY_BYTES], const char *ticket_key, int64_t revision, double share);

#endif
