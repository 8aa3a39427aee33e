/* XXH3 and SHA-256 by their libraries. */
#include "base/hash.h"

#include <sodium.h>
#include <xxhash.h>

uint64_t hash64(const void *bytes, size_t len)
{
    return XXH3_64bits(bytes, len);
}

char *sha256_hex(const void *bytes, size_t len, char out[SHA256_HEX_MAX])
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, bytes, len);
    sodium_bin2hex(out, SHA256_HEX_MAX, digest, sizeof digest);
    return out;
}
