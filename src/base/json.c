/* The strict gate: one pass over the bytes, hand-written, before cJSON sees them. Knows JSON (RFC 8259) and UTF-8
 * (RFC 3629) and nothing of what the documents mean. Error texts name byte offsets, never content. */
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum {
    SEEN_FIRST = 256,      /* slots for keys before the table grows; a power of two */
    NUMBER_MAX = 60,       /* bytes of a number: cJSON reads 63 */
    KEY_ESCAPED_MAX = 1024 /* bytes of a key with escapes that we decode to compare; longer is an error */
};
static const double INT_EXACT_MAX = 9007199254740992.0; /* 2^53 */

/* Which keys were seen in which object: a hash set over both. Unkeyed hashes are enough: whoever makes two keys collide
 * only gets a dead letter for a document of their own. */
struct seen {
    uint64_t first[SEEN_FIRST];
    uint64_t *slots;
    size_t cap, n;
};

struct gate {
    const unsigned char *begin, *p, *end;
    const struct json_limits *limits;
    struct err *reterr;
    size_t tokens;
    uint64_t objects; /* opened so far: names the innermost one in the set of keys */
    struct seen seen;
};

static int value(struct gate *g, int depth);

static int refuse(struct gate *g, const char *reason, const char *what)
{
    return err_reason(g->reterr, ERR_PERMANENT, reason, "%s at byte %zu", what, (size_t)(g->p - g->begin));
}

static int count_token(struct gate *g)
{
    if (++g->tokens > g->limits->tokens)
        return refuse(g, "too_many_tokens", "more values and keys than allowed");
    return 0;
}

static void skip_blanks(struct gate *g)
{
    while (g->p < g->end && (*g->p == ' ' || *g->p == '\t' || *g->p == '\n' || *g->p == '\r'))
        g->p++;
}

/* What to say about a byte that does not belong here. */
static int unexpected(struct gate *g)
{
    if (g->p >= g->end)
        return refuse(g, "json_syntax", "the document ends too early");
    if (*g->p == 0)
        return refuse(g, "nul_character", "a NUL byte");
    return refuse(g, "json_syntax", "an unexpected character");
}

/* ---- keys seen ---- */

static bool seen_put(uint64_t *slots, size_t cap, uint64_t hash)
{
    size_t i = (size_t)hash & (cap - 1);

    while (slots[i]) {
        if (slots[i] == hash)
            return false;
        i = (i + 1) & (cap - 1);
    }
    slots[i] = hash;
    return true;
}

static void seen_grow(struct seen *self)
{
    size_t cap = self->cap * 4;
    uint64_t *slots = mem_array(cap, sizeof *slots);

    for (size_t i = 0; i < self->cap; i++) {
        if (self->slots[i])
            seen_put(slots, cap, self->slots[i]);
    }
    if (self->slots != self->first)
        mem_free(self->slots);
    self->slots = slots;
    self->cap = cap;
}

/* False when this object had the key already. */
static bool seen_add(struct seen *self, uint64_t object, uint64_t key_hash)
{
    uint64_t both[2] = {object, key_hash};
    uint64_t hash = hash64(both, sizeof both) | 1;

    if (self->n * 2 >= self->cap)
        seen_grow(self);
    self->n++;
    return seen_put(self->slots, self->cap, hash);
}

static void seen_done(struct seen *self)
{
    if (self->slots != self->first)
        mem_free(self->slots);
}

/* ---- strings ---- */

/* Length of the UTF-8 sequence at p, 0 when it is none: no overlong forms, no surrogates, nothing above U+10FFFF. */
static size_t utf8_length(const unsigned char *p, const unsigned char *end)
{
    size_t len = *p < 0x80 ? 1 : *p < 0xC2 ? 0 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : *p < 0xF5 ? 4 : 0;

    if (len == 0 || (size_t)(end - p) < len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF0 && p[1] < 0x90) ||
        (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return len;
}

static int hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits behind \u at p, -1 when they are none. */
static int hex4(const unsigned char *p, const unsigned char *end)
{
    int code = 0;

    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

/* Stands on the 'u'. */
static int unicode_escape(struct gate *g)
{
    int code = hex4(g->p + 1, g->end);

    if (code < 0)
        return refuse(g, "json_syntax", "a \\u escape without four hexadecimal digits");
    if (code == 0)
        return refuse(g, "nul_character", "an escaped NUL character");
    if (code >= 0xDC00 && code <= 0xDFFF)
        return refuse(g, "utf8_invalid", "a lone low surrogate");
    g->p += 5;
    if (code < 0xD800 || code > 0xDBFF)
        return 0;
    code = g->end - g->p >= 6 && g->p[0] == '\\' && g->p[1] == 'u' ? hex4(g->p + 2, g->end) : -1;
    if (code < 0xDC00 || code > 0xDFFF)
        return refuse(g, "utf8_invalid", "a lone high surrogate");
    g->p += 6;
    return 0;
}

/* Stands behind the backslash. */
static int escape(struct gate *g)
{
    if (g->p >= g->end)
        return unexpected(g);
    if (*g->p == 'u')
        return unicode_escape(g);
    if (*g->p == 0 || !strchr("\"\\/bfnrt", *g->p))
        return *g->p == 0 ? unexpected(g) : refuse(g, "json_syntax", "an unknown escape");
    g->p++;
    return 0;
}

static int control_character(struct gate *g)
{
    return *g->p == 0 ? unexpected(g) : refuse(g, "json_syntax", "a raw control character in a string");
}

/* Stands on the opening quote, ends behind the closing one. */
static int string(struct gate *g, bool *ret_escaped)
{
    bool escaped = false;

    for (g->p++; g->p < g->end && *g->p != '"';) {
        if (*g->p >= 0x20 && *g->p < 0x80 && *g->p != '\\') {
            g->p++;
        } else if (*g->p == '\\') {
            escaped = true;
            g->p++;
            if (escape(g) < 0)
                return -1;
        } else if (*g->p < 0x20) {
            return control_character(g);
        } else {
            size_t len = utf8_length(g->p, g->end);
            if (len == 0)
                return refuse(g, "utf8_invalid", "ill-formed UTF-8");
            g->p += len;
        }
    }
    if (g->p >= g->end)
        return unexpected(g);
    g->p++;
    *ret_escaped = escaped;
    return 0;
}

static size_t utf8_put(char *out, unsigned code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | (code >> 12));
        out[1] = (char)(0x80 | ((code >> 6) & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (code >> 18));
    out[1] = (char)(0x80 | ((code >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((code >> 6) & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* One escape of a checked string, p behind its backslash; ends behind it. */
static const unsigned char *unescape(const unsigned char *p, const unsigned char *end, char *out, size_t *len)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

    if (*p != 'u') {
        out[(*len)++] = to[strchr(from, *p) - from];
        return p + 1;
    }
    unsigned code = (unsigned)hex4(p + 1, end);
    p += 5;
    if (code >= 0xD800 && code <= 0xDBFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + ((unsigned)hex4(p + 2, end) - 0xDC00);
        p += 6;
    }
    *len += utf8_put(out + *len, code);
    return p;
}

/* Hash of a checked key, the same however its characters were escaped. -1 when it is too long to compare. */
static int key_hash(const unsigned char *p, const unsigned char *end, bool escaped, uint64_t *ret_hash)
{
    char text[KEY_ESCAPED_MAX];
    size_t len = 0;

    if (!escaped) {
        *ret_hash = hash64(p, (size_t)(end - p));
        return 0;
    }
    if (end - p > KEY_ESCAPED_MAX)
        return -1;
    while (p < end) {
        if (*p == '\\')
            p = unescape(p + 1, end, text, &len);
        else
            text[len++] = (char)*p++;
    }
    *ret_hash = hash64(text, len);
    return 0;
}

/* ---- values ---- */

static int key(struct gate *g, uint64_t object)
{
    const unsigned char *begin = g->p + 1;
    uint64_t hash;
    bool escaped;

    if (g->p >= g->end || *g->p != '"')
        return unexpected(g);
    if (count_token(g) < 0 || string(g, &escaped) < 0)
        return -1;
    if (key_hash(begin, g->p - 1, escaped, &hash) < 0)
        return refuse(g, "json_syntax", "a key that is too long");
    if (!seen_add(&g->seen, object, hash))
        return refuse(g, "duplicate_key", "a key that its object already has");
    skip_blanks(g);
    if (g->p >= g->end || *g->p != ':')
        return unexpected(g);
    g->p++;
    return 0;
}

/* Behind a member or element: 1 another follows, 0 the closing bracket was eaten. */
static int more(struct gate *g, unsigned char close)
{
    skip_blanks(g);
    if (g->p < g->end && *g->p == ',') {
        g->p++;
        skip_blanks(g);
        return 1;
    }
    if (g->p < g->end && *g->p == close) {
        g->p++;
        return 0;
    }
    return unexpected(g);
}

static int container(struct gate *g, int depth, unsigned char close)
{
    uint64_t object = ++g->objects;
    int again = 1;

    if (depth > g->limits->depth)
        return refuse(g, "too_deep", "nested deeper than allowed");
    g->p++;
    skip_blanks(g);
    if (g->p < g->end && *g->p == close) {
        g->p++;
        return 0;
    }
    while (again == 1) {
        if (close == '}' && key(g, object) < 0)
            return -1;
        if (value(g, depth + 1) < 0)
            return -1;
        again = more(g, close);
    }
    return again;
}

static size_t digits(struct gate *g)
{
    const unsigned char *begin = g->p;

    while (g->p < g->end && *g->p >= '0' && *g->p <= '9')
        g->p++;
    return (size_t)(g->p - begin);
}

static int finite_number(struct gate *g, const unsigned char *begin)
{
    char text[NUMBER_MAX + 1] = {0};

    if (g->p - begin > NUMBER_MAX)
        return refuse(g, "json_syntax", "a number with too many digits");
    memcpy(text, begin, (size_t)(g->p - begin));
    return isfinite(strtod(text, NULL)) ? 0 : refuse(g, "json_syntax", "a number beyond what a double holds");
}

static int number(struct gate *g)
{
    const unsigned char *begin = g->p;
    bool plain = true;

    if (*g->p == '-')
        g->p++;
    if (g->p < g->end && *g->p == '0')
        g->p++;
    else if (digits(g) == 0)
        return unexpected(g);
    if (g->p < g->end && *g->p == '.') {
        g->p++;
        if (digits(g) == 0)
            return unexpected(g);
    }
    if (g->p < g->end && (*g->p == 'e' || *g->p == 'E')) {
        plain = false;
        g->p++;
        if (g->p < g->end && (*g->p == '+' || *g->p == '-'))
            g->p++;
        if (digits(g) == 0)
            return unexpected(g);
    }
    return plain && g->p - begin <= NUMBER_MAX ? 0 : finite_number(g, begin);
}

static int literal(struct gate *g)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t len = strlen(words[i]);
        if ((size_t)(g->end - g->p) >= len && memcmp(g->p, words[i], len) == 0) {
            g->p += len;
            return 0;
        }
    }
    return unexpected(g);
}

/* Recursion is bounded by limits->depth. */
static int value(struct gate *g, int depth)
{
    bool escaped;

    skip_blanks(g);
    if (g->p >= g->end)
        return unexpected(g);
    if (count_token(g) < 0)
        return -1;
    if (*g->p == '{')
        return container(g, depth, '}');
    if (*g->p == '[')
        return container(g, depth, ']');
    if (*g->p == '"')
        return string(g, &escaped);
    if (*g->p == '-' || (*g->p >= '0' && *g->p <= '9'))
        return number(g);
    return literal(g);
}

static int first_byte(struct gate *g)
{
    skip_blanks(g);
    if (g->p >= g->end)
        return refuse(g, "payload_not_json", "nothing but blanks: no JSON value");
    if (g->end - g->p >= 3 && memcmp(g->p, "\xEF\xBB\xBF", 3) == 0)
        return refuse(g, "payload_not_json", "a byte order mark in front of the JSON value");
    if (*g->p == 0 || !strchr("{[\"-0123456789tfn", *g->p))
        return refuse(g, "payload_not_json", "a byte that begins no JSON value");
    return 0;
}

static int whole_document(struct gate *g)
{
    if (first_byte(g) < 0 || value(g, 1) < 0)
        return -1;
    skip_blanks(g);
    return g->p == g->end ? 0 : unexpected(g);
}

int json_gate(const void *bytes, size_t len, const struct json_limits *limits, struct err *reterr)
{
    struct gate g = {
        .begin = bytes, .p = bytes, .end = (const unsigned char *)bytes + len, .limits = limits, .reterr = reterr};
    int rc;

    if (len > limits->bytes)
        return err_reason(reterr, ERR_PERMANENT, "too_large", "%zu bytes, %zu are allowed", len, limits->bytes);
    if (len == 0)
        return err_reason(reterr, ERR_PERMANENT, "payload_not_json", "no bytes: no JSON value");
    g.seen.slots = g.seen.first;
    g.seen.cap = SEEN_FIRST;
    rc = whole_document(&g);
    seen_done(&g.seen);
    return rc;
}

int json_parse(const void *bytes, size_t len, const struct json_limits *limits, cJSON **ret_doc, struct err *reterr)
{
    cJSON *doc;

    if (json_gate(bytes, len, limits, reterr) < 0)
        return -1;
    doc = cJSON_ParseWithLengthOpts(bytes, len, NULL, 0);
    if (!doc)
        return err_reason(reterr, ERR_PERMANENT, "json_syntax", "the parser refused the document");
    *ret_doc = doc;
    return 0;
}

void json_done(cJSON **doc)
{
    cJSON_Delete(*doc);
    *doc = NULL;
}

const cJSON *json_get(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *json_str(const cJSON *object, const char *name, const char *fallback)
{
    const cJSON *item = json_get(object, name);

    return cJSON_IsString(item) ? item->valuestring : fallback;
}

double json_num(const cJSON *object, const char *name, double fallback)
{
    const cJSON *item = json_get(object, name);

    return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}

bool json_bool(const cJSON *object, const char *name, bool fallback)
{
    const cJSON *item = json_get(object, name);

    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
}

bool json_lists(const cJSON *object, const char *name, const char *text)
{
    const cJSON *one;

    cJSON_ArrayForEach(one, json_get(object, name))
    {
        if (cJSON_IsString(one) && strcmp(one->valuestring, text) == 0)
            return true;
    }
    return false;
}

int json_int64(const cJSON *object, const char *name, int64_t *ret_value)
{
    const cJSON *item = json_get(object, name);

    if (!cJSON_IsNumber(item) || item->valuedouble != floor(item->valuedouble) ||
        fabs(item->valuedouble) > INT_EXACT_MAX)
        return -1;
    *ret_value = (int64_t)item->valuedouble;
    return 0;
}
