/* Hashes: XXH3 for tables and equality hints, SHA-256 for provenance. */
#ifndef TRIAGED_BASE_HASH_H
#define TRIAGED_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX_MAX 65 /* 64 hex digits and the terminator */

uint64_t hash64(const void *bytes, size_t len);
char *sha256_hex(const void *bytes, size_t len, char out[SHA256_HEX_MAX]);

#endif
