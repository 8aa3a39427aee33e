/* PCRE2's codes, and a match block with its context. Who asks states the limits; none goes without. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/pattern.h"

#include <pcre2.h>

#include "base/attrs.h"
#include "base/mem.h"

struct pattern {
    pcre2_code *code;
};

struct pattern_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static const struct {
    enum pattern_how how;
    uint32_t options;
} options_of[] = {
    {PATTERN_ANY_CASE, PCRE2_CASELESS},
    {PATTERN_UTF, PCRE2_UTF | PCRE2_UCP},
    {PATTERN_ANY_BYTES, PCRE2_MATCH_INVALID_UTF},
    {PATTERN_WHOLE_ONLY, PCRE2_NEVER_BACKSLASH_C},
};

struct pattern *pattern_new(const char *text, size_t len, unsigned how, struct pattern_fault *ret_fault)
{
    struct pattern *self;
    pcre2_code *code;
    uint32_t options = 0;
    PCRE2_SIZE at = 0;
    int error = 0;

    for (size_t i = 0; i < ARRAY_LEN(options_of); i++)
        options |= how & options_of[i].how ? options_of[i].options : 0;
    code = pcre2_compile((PCRE2_SPTR)text, len, options, &error, &at, NULL);
    if (!code) {
        *ret_fault = (struct pattern_fault){.code = error, .at = at};
        pcre2_get_error_message(error, (PCRE2_UCHAR *)ret_fault->text, sizeof ret_fault->text);
        return NULL;
    }
    if (how & PATTERN_FAST)
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it matching is slower, nothing else */
    self = mem_alloc(sizeof *self);
    self->code = code;
    return self;
}

void pattern_free(struct pattern *self)
{
    if (!self)
        return;
    pcre2_code_free(self->code);
    mem_free(self);
}

struct pattern_scratch *pattern_scratch_new(const struct pattern_limits *limits)
{
    struct pattern_scratch *self = mem_alloc(sizeof *self);

    self->data = pcre2_match_data_create(1, NULL);
    self->context = pcre2_match_context_create(NULL);
    if (!self->data || !self->context) {
        pattern_scratch_free(self);
        return NULL;
    }
    if (limits->match)
        pcre2_set_match_limit(self->context, limits->match);
    if (limits->depth)
        pcre2_set_depth_limit(self->context, limits->depth);
    if (limits->heap_kib)
        pcre2_set_heap_limit(self->context, limits->heap_kib);
    return self;
}

void pattern_scratch_free(struct pattern_scratch *self)
{
    if (!self)
        return;
    pcre2_match_data_free(self->data);
    pcre2_match_context_free(self->context);
    mem_free(self);
}

int pattern_find(const struct pattern *self, struct pattern_scratch *scratch, const char *text, size_t start,
                 size_t end, bool anchored, size_t ret_span[2])
{
    const PCRE2_SIZE *pair = pcre2_get_ovector_pointer(scratch->data);
    int rc = pcre2_match(self->code, (PCRE2_SPTR)text, end, start, anchored ? PCRE2_ANCHORED : 0, scratch->data,
                         scratch->context);

    if (rc == PCRE2_ERROR_NOMATCH)
        return 0;
    if (rc < 0)
        return rc;
    if (ret_span) {
        ret_span[0] = pair[0];
        ret_span[1] = pair[1];
    }
    return 1;
}

int pattern_matches(const struct pattern *self, struct pattern_scratch *scratch, const char *text, size_t len)
{
    return pattern_find(self, scratch, text, 0, len, false, NULL);
}
