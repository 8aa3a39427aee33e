/* Normalise (compatibility forms, case folded, marks stripped, invisible characters dropped), cut into words, hash. */
#include "decide/features.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/text.h"

#define CODE_POINTS_MAX (FEATURE_BODY_MAX + FEATURE_SUBJECT_MAX + FEATURE_QUOTED_MAX + 4 * FEATURE_META_MAX + 64)
#define SLOTS_MAX 65536      /* power of two above 8 slots a code point of the longest block */
#define SLOTS_PER_CODE_POINT 8
#define DECOMPOSED_MAX 32    /* U+FDFA becomes 18 code points; what does not fit is dropped */
#define WORD_GRAM_LETTERS 40 /* letters of a word that count: addresses and encoded blobs are cut */
#define CHAR_GRAM_MIN 2
#define CHAR_GRAM_MAX 5
#define LATIN_END 0x250      /* folded forms below this are looked up in a table */

enum kind { KIND_MARK, KIND_BLANK, KIND_LETTER };

struct extractor {
    uint32_t cps[CODE_POINTS_MAX]; /* words, each with one blank in front, a blank at the end of each part */
    size_t n_cps;
    struct feature list[FEATURE_LIST_MAX];
    uint32_t starts[FEATURE_LIST_MAX]; /* first code point of each */
    size_t n;
    uint32_t slots[SLOTS_MAX]; /* index + 1 into list; only the current block's */
    size_t slot_mask;
    uint32_t latin[LATIN_END]; /* folded code point, 0 where the slow way is needed */
    size_t letters;
    uint64_t identity;
};

static const struct {
    const char *name, *prefix;
    uint64_t seed;
    unsigned space;
} blocks[] = {
    [BLOCK_WORD] = {"words", "", 0x9ae16a3b2f90404fULL, 0},
    [BLOCK_CHAR] = {"characters", "", 0xc949d7c7509e6557ULL, 1},
    [BLOCK_SUBJECT_WORD] = {"subject words", "subject:", 0xff51afd7ed558ccdULL, 0},
    [BLOCK_SUBJECT_CHAR] = {"subject characters", "subject:", 0xc4ceb9fe1a85ec53ULL, 1},
    [BLOCK_QUOTED] = {"quoted words", "quoted:", 0x87c37b91114253d5ULL, 0},
    [BLOCK_SENDER] = {"sender", "sender:", 0x4cf5ad432745937fULL, 0},
    [BLOCK_CHANNEL] = {"channel", "channel:", 0x52dce729a5d10dbbULL, 0},
};
_Static_assert(ARRAY_LEN(blocks) == BLOCK_COUNT, "a block without a row");

/* ---- normalising ---- */

static const unsigned char kinds[] = { /* by general category; what is not named is a mark */
    [UTF8PROC_CATEGORY_CN] = KIND_MARK,   [UTF8PROC_CATEGORY_ZS] = KIND_BLANK,  [UTF8PROC_CATEGORY_ZL] = KIND_BLANK,
    [UTF8PROC_CATEGORY_ZP] = KIND_BLANK,  [UTF8PROC_CATEGORY_CC] = KIND_BLANK,  [UTF8PROC_CATEGORY_LU] = KIND_LETTER,
    [UTF8PROC_CATEGORY_LL] = KIND_LETTER, [UTF8PROC_CATEGORY_LT] = KIND_LETTER, [UTF8PROC_CATEGORY_LM] = KIND_LETTER,
    [UTF8PROC_CATEGORY_LO] = KIND_LETTER, [UTF8PROC_CATEGORY_MN] = KIND_LETTER, [UTF8PROC_CATEGORY_MC] = KIND_LETTER,
    [UTF8PROC_CATEGORY_ND] = KIND_LETTER, [UTF8PROC_CATEGORY_NL] = KIND_LETTER, [UTF8PROC_CATEGORY_NO] = KIND_LETTER,
    [UTF8PROC_CATEGORY_CO] = KIND_MARK,
};

static inline enum kind kind_of(uint32_t cp)
{
    if (cp < 0x80) {
        if ((cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9'))
            return KIND_LETTER;
        return cp <= ' ' ? KIND_BLANK : KIND_MARK;
    }
    return (enum kind)kinds[utf8proc_category((utf8proc_int32_t)cp)];
}

static size_t fold(uint32_t cp, utf8proc_int32_t out[DECOMPOSED_MAX])
{
    int boundary = 0;
    utf8proc_ssize_t n;

    if (text_invisible((int32_t)cp))
        return 0;
    n = utf8proc_decompose_char((utf8proc_int32_t)cp, out, DECOMPOSED_MAX,
                                UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE |
                                    UTF8PROC_STRIPMARK,
                                &boundary);
    return n < 0 || n > DECOMPOSED_MAX ? 0 : (size_t)n;
}

static void latin_init(struct extractor *self)
{
    utf8proc_int32_t out[DECOMPOSED_MAX];

    for (uint32_t cp = 1; cp < LATIN_END; cp++) {
        if (cp == '\t' || cp == '\n' || cp == '\r')
            self->latin[cp] = ' ';
        else if (fold(cp, out) == 1)
            self->latin[cp] = (uint32_t)out[0];
    }
}

/* Where one part is written to: never more than `left` code points. */
struct writer {
    struct extractor *to;
    size_t left;
    bool in_word;
    enum kind previous;
    bool whole; /* marks do not part words; else letters and marks are words of their own */
};

static void write_folded(struct writer *self, uint32_t cp)
{
    struct extractor *to = self->to;
    enum kind kind = kind_of(cp);

    if (cp == '\'' || cp == 0x2019) /* "haven't" is one word, however it is typed */
        return;
    if (kind == KIND_BLANK) {
        self->in_word = false;
        return;
    }
    if (self->left < 2 || to->n_cps + 3 > CODE_POINTS_MAX)
        return;
    if (!self->in_word || (kind != self->previous && !self->whole)) {
        to->cps[to->n_cps++] = ' ';
        self->left--;
        self->in_word = true;
    }
    self->previous = kind;
    to->cps[to->n_cps++] = cp >= '0' && cp <= '9' ? '0' : cp; /* numbers count by their length only */
    self->left--;
}

static void write_text(struct writer *self, const char *text, size_t len)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text, *end = at + len;
    utf8proc_int32_t out[DECOMPOSED_MAX];

    while (at < end && self->left >= 2) {
        utf8proc_int32_t cp = *at;
        utf8proc_ssize_t n = 1;
        size_t folded;
        if (cp >= 0x80) {
            n = utf8proc_iterate(at, end - at, &cp);
            if (n <= 0) {
                at++;
                continue;
            }
        }
        at += n;
        if (cp < LATIN_END && self->to->latin[cp]) {
            write_folded(self, self->to->latin[cp]);
            continue;
        }
        folded = fold((uint32_t)cp, out);
        for (size_t i = 0; i < folded; i++)
            write_folded(self, (uint32_t)out[i]);
    }
    self->in_word = false;
}

static struct writer part_open(struct extractor *self, size_t max)
{
    return (struct writer){.to = self, .left = max};
}

/* Every part ends in a blank, so that its last word is padded like the others. */
static void part_close(struct extractor *self, size_t start)
{
    if (self->n_cps > start)
        self->cps[self->n_cps++] = ' ';
}

/* ---- hashing ---- */

static inline uint64_t step(uint64_t h, uint32_t cp)
{
    h = (h ^ cp) * 0x9E3779B97F4A7C15ULL;
    return h ^ (h >> 29);
}

static void block_open(struct extractor *self, size_t n_cps)
{
    size_t slots = 64;

    while (slots < n_cps * SLOTS_PER_CODE_POINT && slots < SLOTS_MAX)
        slots *= 2;
    memset(self->slots, 0, slots * sizeof self->slots[0]);
    self->slot_mask = slots - 1;
}

static inline void emit(struct extractor *self, enum feature_block block, uint64_t h, size_t start, size_t n)
{
    uint32_t in_space = (uint32_t)((h * 0xD6E8FEB86659FD93ULL) >> (64 - FEATURE_SPACE_BITS));
    uint32_t bucket = (uint32_t)(blocks[block].space << FEATURE_SPACE_BITS) | in_space;
    size_t slot = in_space & self->slot_mask;
    struct feature *known;

    while (self->slots[slot]) {
        known = &self->list[self->slots[slot] - 1];
        if (known->bucket == bucket) {
            if (known->count < UINT16_MAX)
                known->count++;
            return;
        }
        slot = (slot + 1) & self->slot_mask;
    }
    if (self->n == FEATURE_LIST_MAX)
        return;
    self->list[self->n] = (struct feature){
        .bucket = bucket, .count = 1, .block = (uint8_t)block, .n = n > UINT8_MAX ? UINT8_MAX : (uint8_t)n};
    self->starts[self->n] = (uint32_t)start;
    self->slots[slot] = (uint32_t)++self->n;
}

/* Words are runs of letters and digits; a pair is two neighbours, whatever stands between them. */
static void emit_words(struct extractor *self, enum feature_block block, size_t start, size_t end)
{
    uint64_t seed = blocks[block].seed, last = 0;
    size_t last_start = 0, i = start;
    bool has_last = false;

    block_open(self, end - start);
    while (i < end) {
        uint64_t h = seed;
        size_t from;
        while (i < end && kind_of(self->cps[i]) != KIND_LETTER)
            i++;
        from = i;
        for (; i < end && kind_of(self->cps[i]) == KIND_LETTER; i++)
            h = step(h, self->cps[i]);
        if (i == from)
            break;
        emit(self, block, h, from, i - from);
        if (has_last)
            emit(self, block, step(step(last, ' '), (uint32_t)(h >> 32)), last_start, i - last_start);
        last = h;
        last_start = from;
        has_last = true;
    }
}

/* n-grams of one word with its blanks: [start, end). */
static void emit_word_chars(struct extractor *self, enum feature_block block, size_t start, size_t end)
{
    const uint32_t *cps = self->cps;

    for (size_t i = start; i + 1 < end; i++) {
        uint64_t h = step(blocks[block].seed, cps[i]);
        size_t stop = i + CHAR_GRAM_MAX < end ? i + CHAR_GRAM_MAX : end;
        for (size_t k = i + 1; k < stop; k++) {
            h = step(h, cps[k]);
            emit(self, block, h, i, k + 1 - i);
        }
    }
}

static void emit_chars(struct extractor *self, enum feature_block block, size_t start, size_t end)
{
    size_t from = start;

    block_open(self, end - start);
    while (from + 1 < end) {
        size_t to = from + 1;
        while (to < end && self->cps[to] != ' ')
            to++;
        emit_word_chars(self, block, from, to + 1 < from + WORD_GRAM_LETTERS ? to + 1 : from + WORD_GRAM_LETTERS);
        from = to;
    }
}

/* ---- parts ---- */

/* Sender and channel are taken whole, and what stands behind an at sign once more: the domain. */
static void run_meta(struct extractor *self, enum feature_block block, const char *text)
{
    const char *at = strrchr(text, '@');
    const char *values[2] = {text, at ? at + 1 : NULL};

    block_open(self, FEATURE_META_MAX);
    for (size_t v = 0; v < ARRAY_LEN(values) && values[v] && text[0]; v++) {
        size_t start = self->n_cps;
        struct writer writer = {.to = self, .left = FEATURE_META_MAX, .whole = true};
        uint64_t h = blocks[block].seed;
        write_text(&writer, values[v], strlen(values[v]));
        for (size_t i = start; i < self->n_cps; i++)
            h = step(h, self->cps[i]);
        if (self->n_cps > start)
            emit(self, block, h, start + 1, self->n_cps - start - 1);
    }
}

static void run_body(struct extractor *self, const char *body, size_t len, bool cut)
{
    struct writer writer = part_open(self, FEATURE_BODY_MAX);
    struct text_lines lines;
    struct text_line line;

    text_lines_start(&lines, body, len);
    while (writer.left >= 2 && text_lines_next(&lines, &line)) {
        if (!cut || line.part == TEXT_NEWEST)
            write_text(&writer, line.text, line.len);
    }
}

static void run_quoted(struct extractor *self, const char *body, size_t len)
{
    size_t start = self->n_cps;
    struct writer writer = part_open(self, FEATURE_QUOTED_MAX);
    struct text_lines lines;
    struct text_line line;

    text_lines_start(&lines, body, len);
    while (writer.left >= 2 && text_lines_next(&lines, &line)) {
        if (line.part == TEXT_QUOTED)
            write_text(&writer, line.text, line.len);
    }
    part_close(self, start);
    emit_words(self, BLOCK_QUOTED, start, self->n_cps);
}

static void count_letters(struct extractor *self, size_t end)
{
    uint64_t h = blocks[BLOCK_WORD].seed;

    self->letters = 0;
    for (size_t i = 0; i < end; i++) {
        if (kind_of(self->cps[i]) != KIND_LETTER)
            continue;
        self->letters++;
        h = step(h, self->cps[i]);
    }
    self->identity = h;
}

struct extractor *extractor_new(void)
{
    struct extractor *self = mem_alloc(sizeof *self);

    latin_init(self);
    return self;
}

void extractor_free(struct extractor *self)
{
    mem_free(self);
}

/* The subject counts twice: with the body, where few tickets have taught its words, and as a field of its own. */
size_t extractor_run(struct extractor *self, const struct classifier_text *text, const struct feature **ret_list)
{
    size_t body_len = strlen(text->body), subject_end, text_end;
    bool cut = text_has_newest(text->body, body_len);
    struct writer writer = part_open(self, FEATURE_SUBJECT_MAX);

    self->n = 0;
    self->n_cps = 0;
    write_text(&writer, text->subject, strlen(text->subject));
    subject_end = self->n_cps;
    run_body(self, text->body, body_len, cut);
    part_close(self, 0);
    text_end = self->n_cps;
    count_letters(self, text_end);
    emit_words(self, BLOCK_WORD, 0, text_end);
    emit_chars(self, BLOCK_CHAR, 0, text_end);
    if (subject_end > 0) {
        emit_words(self, BLOCK_SUBJECT_WORD, 0, subject_end);
        emit_chars(self, BLOCK_SUBJECT_CHAR, 0, subject_end + 1);
    }
    if (cut)
        run_quoted(self, text->body, body_len);
    run_meta(self, BLOCK_SENDER, text->sender);
    run_meta(self, BLOCK_CHANNEL, text->channel);
    *ret_list = self->list;
    return self->n;
}

size_t extractor_letters(const struct extractor *self)
{
    return self->letters;
}

uint64_t extractor_identity(const struct extractor *self)
{
    return self->identity;
}

char *extractor_ngram(const struct extractor *self, size_t i, char out[FEATURE_NGRAM_MAX])
{
    const struct feature *feature = &self->list[i];
    const uint32_t *cps = self->cps + self->starts[i];
    size_t len = strlen(blocks[feature->block].prefix);

    memcpy(out, blocks[feature->block].prefix, len);
    for (size_t k = 0; k < feature->n && len + 4 < FEATURE_NGRAM_MAX; k++)
        len += (size_t)utf8proc_encode_char((utf8proc_int32_t)cps[k], (utf8proc_uint8_t *)out + len);
    out[len] = '\0';
    return out;
}

const char *feature_block_name(enum feature_block block)
{
    return blocks[block].name;
}
