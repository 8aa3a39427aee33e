/* Sessions and passwords: ids, what is stored of them, tokens bound to them, argon2id. Knows neither HTTP nor SQL. */
#ifndef TRIAGED_CONSOLE_SESSION_H
#define TRIAGED_CONSOLE_SESSION_H

#include <stdbool.h>

#include "base/hash.h"
#include "console/gate.h"
#include "triage/err.h"

#define SESSION_ID_MAX    (GATE_TOKEN_LEN + 1)
#define PASSWORD_LEAST    10
#define PASSWORD_MOST     1024
#define PASSWORD_HASH_MAX 128

/* 32 random bytes as base64url: what the browser keeps. */
void session_new_id(char out[SESSION_ID_MAX]);
/* SHA-256 of the id: what the database keeps. */
void session_hash(const char *id, char out[SHA256_HEX_MAX]);
/* The token that a changing request must carry: made from the id, so it needs no place of its own and ends with it. */
void session_csrf(const char *id, char out[SESSION_ID_MAX]);
/* The same for a reviewer whom the proxy signs in, from the secret that the two share. */
void session_csrf_proxied(const char *name, const char *proxy_secret, char out[SESSION_ID_MAX]);

int password_hash(const char *password, char out[PASSWORD_HASH_MAX], struct err *reterr);
/* hash NULL takes as long, and is never right. */
bool password_fits(const char *password, const char *hash);

#endif
