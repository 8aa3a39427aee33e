/* The offset window: a short sorted list of done runs beyond the base. Knows nothing of tickets or Kafka. */
#include "triage/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

#define WINDOW_PREFIX "w1."
enum {
    DIGIT_BITS = 5,              /* payload bits of one character */
    DIGIT_CONTINUES = 32,        /* flag: another character follows */
    VARINT_MAX = 13,             /* characters of a 63-bit number */
    CHECK_DIGITS = 8,
    HEAD_MAX = 3 + 4 + 1 + WINDOW_SUSPECTS_MAX * VARINT_MAX, /* prefix, takeovers, suspects, dot */
    TAIL_MAX = 1 + CHECK_DIGITS, /* dot, check */
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void window_init(struct window *self, int64_t base)
{
    *self = (struct window){.base = base};
}

void window_free(struct window *self)
{
    if (!self)
        return;
    mem_free(self->runs);
    *self = (struct window){.base = self->base};
}

void window_copy(const struct window *self, struct window *ret_copy)
{
    *ret_copy = *self;
    ret_copy->cap = self->n_runs;
    ret_copy->runs = self->n_runs ? mem_dup(self->runs, self->n_runs * sizeof *self->runs) : NULL;
}

void window_take(struct window *self, struct window *from)
{
    mem_free(self->runs);
    *self = *from;
    *from = (struct window){.base = from->base};
}

/* Index of the first run that ends at or after offset. */
static size_t first_run_reaching(const struct window *self, int64_t offset)
{
    size_t low = 0, high = self->n_runs;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (self->runs[middle].to < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert_run(struct window *self, size_t at, struct window_run run)
{
    if (self->n_runs == self->cap) {
        self->cap = self->cap ? self->cap * 2 : 16;
        self->runs = mem_grow(self->runs, self->cap, sizeof *self->runs);
    }
    memmove(self->runs + at + 1, self->runs + at, (self->n_runs - at) * sizeof *self->runs);
    self->runs[at] = run;
    self->n_runs++;
}

static void remove_runs(struct window *self, size_t at, size_t count)
{
    memmove(self->runs + at, self->runs + at + count, (self->n_runs - at - count) * sizeof *self->runs);
    self->n_runs -= count;
}

static void advance_base(struct window *self)
{
    size_t gone = 0;

    while (gone < self->n_runs && self->runs[gone].from <= self->base) {
        if (self->runs[gone].to > self->base)
            self->base = self->runs[gone].to;
        gone++;
    }
    if (gone)
        remove_runs(self, 0, gone);
}

void window_mark(struct window *self, int64_t from, int64_t to)
{
    size_t first, last;

    if (from < self->base)
        from = self->base;
    if (from >= to)
        return;
    first = first_run_reaching(self, from);
    for (last = first; last < self->n_runs && self->runs[last].from <= to; last++) {
        if (self->runs[last].from < from)
            from = self->runs[last].from;
        if (self->runs[last].to > to)
            to = self->runs[last].to;
    }
    if (last == first) {
        insert_run(self, first, (struct window_run){from, to});
    } else {
        self->runs[first] = (struct window_run){from, to};
        remove_runs(self, first + 1, last - first - 1);
    }
    advance_base(self);
}

bool window_is_done(const struct window *self, int64_t offset)
{
    size_t at;

    if (offset < self->base)
        return true;
    at = first_run_reaching(self, offset + 1);
    return at < self->n_runs && self->runs[at].from <= offset;
}

int64_t window_end(const struct window *self)
{
    return self->n_runs ? self->runs[self->n_runs - 1].to : self->base;
}

bool window_equal(const struct window *self, const struct window *other)
{
    if (self->base != other->base || self->n_runs != other->n_runs)
        return false;
    return self->n_runs == 0 || memcmp(self->runs, other->runs, self->n_runs * sizeof *self->runs) == 0;
}

void window_suspect(struct window *self, int64_t offset)
{
    if (window_is_suspect(self, offset))
        return;
    if (self->n_suspects == WINDOW_SUSPECTS_MAX)
        memmove(self->suspects, self->suspects + 1, --self->n_suspects * sizeof *self->suspects);
    self->suspects[self->n_suspects++] = offset;
}

bool window_is_suspect(const struct window *self, int64_t offset)
{
    for (size_t i = 0; i < self->n_suspects; i++) {
        if (self->suspects[i] == offset)
            return true;
    }
    return false;
}

void window_forget_suspects(struct window *self, int64_t offset)
{
    size_t kept = 0;

    for (size_t i = 0; i < self->n_suspects; i++) {
        if (self->suspects[i] >= offset)
            self->suspects[kept++] = self->suspects[i];
    }
    self->n_suspects = kept;
}

static size_t digits_of(uint64_t value)
{
    size_t n = 1;

    while (value >>= DIGIT_BITS)
        n++;
    return n;
}

size_t window_text_bound(size_t open, int64_t span)
{
    size_t digits = digits_of(span > 0 ? (uint64_t)span : 0);

    return HEAD_MAX + TAIL_MAX + 2 * (open + 1) * digits;
}

static size_t put_number(uint64_t value, char *out)
{
    size_t n = 0;

    while (value >= DIGIT_CONTINUES) {
        out[n++] = alphabet[(value & (DIGIT_CONTINUES - 1)) | DIGIT_CONTINUES];
        value >>= DIGIT_BITS;
    }
    out[n++] = alphabet[value];
    return n;
}

/* Only those below the base: a suspect is alone in work, so that the base passes it with its own commit. */
static size_t put_suspects(const struct window *self, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < self->n_suspects; i++) {
        if (self->suspects[i] >= self->base)
            continue;
        if (len == 0)
            out[len++] = ',';
        len += put_number((uint64_t)(self->base - self->suspects[i]), out + len);
    }
    return len;
}

static void put_check(int64_t base, const char *text, size_t len, char out[CHECK_DIGITS + 1])
{
    char head[32];
    uint64_t mixed;

    snprintf(head, sizeof head, "%lld", (long long)base);
    mixed = hash64(head, strlen(head)) ^ hash64(text, len);
    snprintf(out, CHECK_DIGITS + 1, "%08x", (unsigned)(mixed & 0xffffffffu));
}

int window_encode(const struct window *self, int takeovers, char *out, struct err *reterr)
{
    char text[WINDOW_TEXT_MAX + HEAD_MAX + 2 * VARINT_MAX + TAIL_MAX + 1];
    int64_t at = self->base;
    size_t len;

    if (takeovers > WINDOW_TAKEOVERS_MAX)
        takeovers = WINDOW_TAKEOVERS_MAX;
    len = (size_t)snprintf(text, sizeof text, WINDOW_PREFIX "%d", takeovers);
    len += put_suspects(self, text + len);
    text[len++] = '.';
    for (size_t i = 0; i < self->n_runs; i++) {
        len += put_number((uint64_t)(self->runs[i].from - at), text + len);
        len += put_number((uint64_t)(self->runs[i].to - self->runs[i].from), text + len);
        at = self->runs[i].to;
        if (len + TAIL_MAX > WINDOW_TEXT_MAX)
            return err_set(reterr, ERR_PERMANENT, 0, "the window of %zu runs does not fit %d bytes of metadata",
                           self->n_runs, WINDOW_TEXT_MAX);
    }
    text[len] = '.';
    put_check(self->base, text, len, text + len + 1);
    memcpy(out, text, len + TAIL_MAX + 1);
    return 0;
}

static int get_number(const char **text, const char *end, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (unsigned shift = 0; *text < end && shift < VARINT_MAX * DIGIT_BITS; shift += DIGIT_BITS) {
        const char *found = strchr(alphabet, **text);
        uint64_t digit;
        if (!found || !*found)
            return -1;
        digit = (uint64_t)(found - alphabet);
        (*text)++;
        value |= (digit & (DIGIT_CONTINUES - 1)) << shift;
        if (digit < DIGIT_CONTINUES) {
            *ret_value = value;
            return value <= INT64_MAX ? 0 : -1;
        }
    }
    return -1;
}

static int read_runs(const char *text, const char *end, struct window *window)
{
    int64_t at = window->base;

    while (text < end) {
        uint64_t gap, done;
        if (get_number(&text, end, &gap) < 0 || get_number(&text, end, &done) < 0)
            return -1;
        if (gap == 0 || done == 0 || gap > (uint64_t)(INT64_MAX - at) || done > (uint64_t)(INT64_MAX - at) - gap)
            return -1;
        window_mark(window, at + (int64_t)gap, at + (int64_t)(gap + done));
        at += (int64_t)(gap + done);
    }
    return 0;
}

/* From the comma to the dot before the runs; moves *text there. */
static int read_suspects(const char **text, const char *end, struct window *window)
{
    const char *dot = memchr(*text, '.', (size_t)(end - *text));

    if (**text != ',')
        return 0;
    if (!dot)
        return -1;
    for ((*text)++; *text < dot;) {
        uint64_t back;
        if (get_number(text, dot, &back) < 0 || back == 0 || back > (uint64_t)window->base)
            return -1;
        if (window->n_suspects == WINDOW_SUSPECTS_MAX)
            return -1;
        window_suspect(window, window->base - (int64_t)back);
    }
    return window->n_suspects ? 0 : -1;
}

static int read_text(const char *text, struct window *window, int *takeovers)
{
    char check[CHECK_DIGITS + 1];
    const char *dot = strrchr(text, '.');
    const char *rest;
    char *after;
    long count;

    if (strncmp(text, WINDOW_PREFIX, strlen(WINDOW_PREFIX)) != 0 || strlen(dot) != TAIL_MAX)
        return -1;
    put_check(window->base, text, (size_t)(dot - text), check);
    if (strcmp(dot + 1, check) != 0)
        return -1;
    count = strtol(text + strlen(WINDOW_PREFIX), &after, 10);
    rest = after;
    if (after == text + strlen(WINDOW_PREFIX) || count < 0 || count > WINDOW_TAKEOVERS_MAX ||
        read_suspects(&rest, dot, window) < 0 || *rest != '.' || rest >= dot)
        return -1;
    *takeovers = (int)count;
    return read_runs(rest + 1, dot, window);
}

int window_decode(const char *text, int64_t base, struct window *ret_window, int *ret_takeovers, struct err *reterr)
{
    struct window window;
    int takeovers = 0;

    window_init(&window, base);
    if (text && *text && read_text(text, &window, &takeovers) < 0) {
        window_free(&window);
        return err_set(reterr, ERR_PERMANENT, 0,
                       "the metadata of the committed offset %lld is not this version's window or is damaged: %.40s",
                       (long long)base, text);
    }
    *ret_window = window;
    *ret_takeovers = takeovers;
    return 0;
}
