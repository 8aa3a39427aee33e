/* Record keys: tenant/source.system/source.instance/ticket_id, each part percent-encoded (RFC 3986: everything but
 * letters, digits and -._~ as %XX in capitals). One text for one ticket: another spelling would meet another partition.
 */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "triage/ticket.h"

enum { PARTS = 4 };

static const char part_names[PARTS][16] = {"tenant", "source.system", "source.instance", "ticket_id"};

static int refuse(struct err *reterr, const char *what)
{
    return err_reason(reterr, ERR_PERMANENT, "key_mismatch", "%s", what);
}

static bool is_unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

/* -1 when the text does not fit. */
static int put_encoded(const char *part, char *out, size_t *len)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *part; part++) {
        unsigned char c = (unsigned char)*part;
        if (*len + (is_unreserved(c) ? 1 : 3) >= TICKET_KEY_MAX)
            return -1;
        if (is_unreserved(c)) {
            out[(*len)++] = (char)c;
        } else {
            out[(*len)++] = '%';
            out[(*len)++] = hex[c >> 4];
            out[(*len)++] = hex[c & 15];
        }
    }
    return 0;
}

int ticket_key(const char *const parts[4], char out[TICKET_KEY_MAX], struct err *reterr)
{
    char key[TICKET_KEY_MAX];
    size_t len = 0;

    for (size_t i = 0; i < PARTS; i++) {
        if (!parts[i] || !*parts[i])
            return err_reason(reterr, ERR_PERMANENT, "schema_violation", "%s: must not be empty", part_names[i]);
        if (i)
            key[len++] = '/';
        if (put_encoded(parts[i], key, &len) < 0)
            return err_reason(reterr, ERR_PERMANENT, "schema_violation",
                              "the key made of %s to %s is longer than %d bytes", part_names[0], part_names[PARTS - 1],
                              TICKET_KEY_MAX - 1);
    }
    key[len] = '\0';
    memcpy(out, key, len + 1);
    return 0;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes up to the next slash or the end; gives what is behind it, NULL when the text is none of ours. */
static const char *take_part(const char *p, struct buf *out)
{
    for (; *p && *p != '/'; p++) {
        int high = *p == '%' ? hex_value(p[1]) : 0;
        int low = *p == '%' && high >= 0 ? hex_value(p[2]) : 0;
        if (high < 0 || low < 0)
            return NULL;
        if (*p != '%') {
            buf_putc(out, *p);
            continue;
        }
        if (high * 16 + low == 0)
            return NULL;
        buf_putc(out, (char)(high * 16 + low));
        p += 2;
    }
    return out->len ? p : NULL;
}

static void free_parts(char *parts[PARTS])
{
    for (size_t i = 0; i < PARTS; i++)
        mem_free(parts[i]);
}

static int split(const char *key, char *parts[PARTS], struct err *reterr)
{
    const char *p = key;

    for (size_t i = 0; i < PARTS; i++) {
        struct buf part = {0};
        p = take_part(p, &part);
        parts[i] = buf_take(&part);
        if (!p || *p != (i + 1 < PARTS ? '/' : '\0'))
            return refuse(reterr, "the record key is not tenant/source.system/source.instance/ticket_id");
        p++;
    }
    return 0;
}

int ticket_key_split(const char *key, char *ret_parts[4], struct err *reterr)
{
    char *parts[PARTS] = {0};
    char again[TICKET_KEY_MAX];
    int rc = split(key, parts, reterr);

    if (rc == 0 && (ticket_key((const char *const *)parts, again, reterr) < 0 || strcmp(again, key) != 0))
        rc = refuse(reterr, "the record key is not percent-encoded as it should be");
    if (rc < 0) {
        free_parts(parts);
        return -1;
    }
    memcpy(ret_parts, parts, sizeof parts);
    return 0;
}

int ticket_key_check(const void *key, size_t len)
{
    char text[TICKET_KEY_MAX];
    char *parts[PARTS];
    struct err ignored;

    if (len >= sizeof text || memchr(key, 0, len))
        return -1;
    memcpy(text, key, len);
    text[len] = '\0';
    if (ticket_key_split(text, parts, &ignored) < 0)
        return -1;
    free_parts(parts);
    return 0;
}
