/* PCRE2's codes, one match block and one context for all of them. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pii/pattern_set.h"

#include <pcre2.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"

enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 2000 };

struct pattern_set {
    pcre2_code **codes;
    size_t n;
    const char *definitions;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

struct pattern_set *pattern_set_new(size_t n, const char *definitions)
{
    struct pattern_set *self = mem_alloc(sizeof *self);

    self->codes = mem_array(n, sizeof *self->codes);
    self->n = n;
    self->definitions = definitions;
    self->context = pcre2_match_context_create(NULL);
    self->data = pcre2_match_data_create(1, NULL);
    pcre2_set_match_limit(self->context, MATCH_LIMIT);
    pcre2_set_depth_limit(self->context, DEPTH_LIMIT);
    return self;
}

int pattern_set_compile(struct pattern_set *self, size_t place, const char *name, const char *pattern, bool ignore_case,
                        struct err *reterr)
{
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | (ignore_case ? PCRE2_CASELESS : 0);
    CLEANUP(buf_free) struct buf all = {0};
    PCRE2_SIZE at;
    int code;

    buf_puts(&all, self->definitions);
    buf_puts(&all, pattern);
    self->codes[place] = pcre2_compile((PCRE2_SPTR)buf_str(&all), all.len, options, &code, &at, NULL);
    if (!self->codes[place])
        return err_set(reterr, ERR_FATAL, EX_SOFTWARE, "the pattern for %s is wrong at %zu (%d)", name, at, code);
    pcre2_jit_compile(self->codes[place], PCRE2_JIT_COMPLETE); /* without it matching is slower, nothing else */
    return 0;
}

void pattern_set_free(struct pattern_set *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++)
        pcre2_code_free(self->codes[i]);
    pcre2_match_data_free(self->data);
    pcre2_match_context_free(self->context);
    mem_free(self->codes);
    mem_free(self);
}

int pattern_set_find(struct pattern_set *self, size_t place, const char *text, struct range in, bool anchored,
                     struct range *ret_found)
{
    const PCRE2_SIZE *pair = pcre2_get_ovector_pointer(self->data);
    int rc = pcre2_match(self->codes[place], (PCRE2_SPTR)text, in.end, in.start, anchored ? PCRE2_ANCHORED : 0,
                         self->data, self->context);

    if (rc == PCRE2_ERROR_NOMATCH)
        return 0;
    if (rc < 0)
        return rc;
    *ret_found = (struct range){pair[0], pair[1]};
    return 1;
}
