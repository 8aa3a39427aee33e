/* Patterns in their places, and one scratch for all of them. */
#include "pii/pattern_set.h"

#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/pattern.h"

static const struct pattern_limits limits = {.match = 100000, .depth = 2000};

struct pattern_set {
    struct pattern **patterns;
    size_t n;
    const char *definitions;
    struct pattern_scratch *scratch;
};

struct pattern_set *pattern_set_new(size_t n, const char *definitions)
{
    struct pattern_set *self = mem_alloc(sizeof *self);

    self->patterns = mem_array(n, sizeof(struct pattern *));
    self->n = n;
    self->definitions = definitions;
    self->scratch = pattern_scratch_new(&limits);
    return self;
}

int pattern_set_compile(struct pattern_set *self, size_t place, const char *name, const char *pattern, bool ignore_case,
                        struct err *reterr)
{
    unsigned how = PATTERN_UTF | PATTERN_ANY_BYTES | PATTERN_FAST | (ignore_case ? PATTERN_ANY_CASE : 0);
    CLEANUP(buf_free) struct buf all = {0};
    struct pattern_fault fault;

    buf_puts(&all, self->definitions);
    buf_puts(&all, pattern);
    self->patterns[place] = pattern_new(buf_str(&all), all.len, how, &fault);
    if (!self->patterns[place])
        return err_set(reterr, ERR_FATAL, EX_SOFTWARE, "the pattern for %s is wrong at %zu (%d)", name, fault.at,
                       fault.code);
    return 0;
}

void pattern_set_free(struct pattern_set *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++)
        pattern_free(self->patterns[i]);
    pattern_scratch_free(self->scratch);
    mem_free(self->patterns);
    mem_free(self);
}

int pattern_set_find(struct pattern_set *self, size_t place, const char *text, struct range in, bool anchored,
                     struct range *ret_found)
{
    size_t span[2];
    int rc = pattern_find(self->patterns[place], self->scratch, text, in.start, in.end, anchored, span);

    if (rc == 1)
        *ret_found = (struct range){span[0], span[1]};
    return rc;
}
