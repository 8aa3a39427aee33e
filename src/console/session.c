/* The id is random and only the browser has it; everything else is derived from it. */
#include "console/session.h"

#include <sodium.h>
#include <string.h>
#include <sysexits.h>

enum { ID_BYTES = 32, BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

void session_new_id(char out[SESSION_ID_MAX])
{
    unsigned char bytes[ID_BYTES];

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(out, SESSION_ID_MAX, bytes, sizeof bytes, BASE64);
    sodium_memzero(bytes, sizeof bytes);
}

void session_hash(const char *id, char out[SHA256_HEX_MAX])
{
    sha256_hex(id, strlen(id), out);
}

/* A keyed hash: who sees the token learns nothing of the id. */
static void token_of(const char *key_text, const char *purpose, const char *name, char out[SESSION_ID_MAX])
{
    unsigned char key[crypto_generichash_KEYBYTES], token[ID_BYTES];
    crypto_generichash_state state;

    crypto_generichash(key, sizeof key, (const unsigned char *)key_text, strlen(key_text), NULL, 0);
    crypto_generichash_init(&state, key, sizeof key, sizeof token);
    crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&state, (const unsigned char *)name, strlen(name));
    crypto_generichash_final(&state, token, sizeof token);
    sodium_bin2base64(out, SESSION_ID_MAX, token, sizeof token, BASE64);
    sodium_memzero(key, sizeof key);
}

void session_csrf(const char *id, char out[SESSION_ID_MAX])
{
    token_of(id, "csrf", "", out);
}

void session_csrf_proxied(const char *name, const char *proxy_secret, char out[SESSION_ID_MAX])
{
    token_of(proxy_secret, "csrf of proxied", name, out);
}

int password_hash(const char *password, char out[PASSWORD_HASH_MAX], struct err *reterr)
{
    size_t len = strlen(password);

    _Static_assert(PASSWORD_HASH_MAX >= crypto_pwhash_STRBYTES, "a hash does not fit");
    if (len < PASSWORD_LEAST || len > PASSWORD_MOST)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "give a password of %d to %d bytes", PASSWORD_LEAST,
                       PASSWORD_MOST);
    if (crypto_pwhash_str(out, password, len, crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE) !=
        0)
        return err_set(reterr, ERR_TRANSIENT, EX_OSERR, "not enough memory to hash a password");
    return 0;
}

/* Hashing for nobody costs what hashing for somebody costs: the time tells no names. */
static void hash_in_vain(const char *password, size_t len)
{
    unsigned char out[ID_BYTES], salt[crypto_pwhash_SALTBYTES] = {0};

    if (crypto_pwhash(out, sizeof out, password, len, salt, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                      crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return; /* no memory: then nobody is let in anyway */
}

bool password_fits(const char *password, const char *hash)
{
    size_t len = strnlen(password, PASSWORD_MOST + 1);

    if (len > PASSWORD_MOST)
        return false;
    if (!hash) {
        hash_in_vain(password, len);
        return false;
    }
    return crypto_pwhash_str_verify(hash, password, len) == 0;
}
