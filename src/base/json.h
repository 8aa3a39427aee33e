/* Helpers over cJSON, and the strict gate in front of it. cJSON alone accepts invalid UTF-8, cuts strings at NUL,
 * allows trailing junk and duplicate keys: nothing reaches it that did not pass json_gate. */
#ifndef TRIAGED_BASE_JSON_H
#define TRIAGED_BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"
#include "triage/err.h"

struct json_limits {
    size_t bytes;  /* largest document */
    int depth;     /* deepest nesting */
    size_t tokens; /* most values and keys: bounds the memory that cJSON takes (about 64 bytes each) */
};

#define JSON_DEPTH_MAX  32
#define JSON_TOKENS_MAX 20000

/* Checks size, strict UTF-8 (no overlong forms, no surrogates), no NUL nor escaped \u0000, no lone surrogate escapes,
 * depth, token count, no duplicate keys within an object, nothing but blanks behind the value. Reason codes on failure:
 * too_large, utf8_invalid, nul_character, too_deep, too_many_tokens, duplicate_key, json_syntax, payload_not_json. */
int json_gate(const void *bytes, size_t len, const struct json_limits *limits, struct err *reterr);

/* Gate and parse. The caller owns *ret_doc (cJSON_Delete, or CLEANUP(json_done)). */
int json_parse(const void *bytes, size_t len, const struct json_limits *limits, cJSON **ret_doc, struct err *reterr);
void json_done(cJSON **doc); /* for CLEANUP */

/* Members, case-sensitive. A missing member or one of another type gives the fallback. Strings are borrowed. */
const cJSON *json_get(const cJSON *object, const char *name);
const char *json_str(const cJSON *object, const char *name, const char *fallback);
double json_num(const cJSON *object, const char *name, double fallback);
bool json_bool(const cJSON *object, const char *name, bool fallback);
/* Whether the member is an array with this string in it. */
bool json_lists(const cJSON *object, const char *name, const char *text);
/* An integer without fraction within ±2^53; -1 and no change when it is missing or something else. */
int json_int64(const cJSON *object, const char *name, int64_t *ret_value);

/* Compact text; the caller frees it with mem_free. */
char *json_text(const cJSON *doc);

#endif
