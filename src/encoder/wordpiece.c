/* Clean, fold, split into words, cut each into the longest pieces that the vocabulary has. */
#include "encoder/wordpiece.h"

#include <stdbool.h>
#include <string.h>
#include <sysexits.h>
#include <utf8proc.h>

#include "base/attrs.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "encoder/reference_classes.h"

#define VOCABULARY_MAX 1000000
#define JSON_BYTES_MAX (64U << 20)
#define PIECE_BYTES_MAX 256
#define WORD_CHARS_MAX 100       /* a longer word is unknown: max_input_chars_per_word */
#define WORD_BYTES_MAX (4 * WORD_CHARS_MAX)
#define FOLDED_MAX 18            /* code points of one decomposed character */
#define CONTINUES "##"

struct entry {
    const char *piece; /* NULL: free */
    uint32_t id, len;
};

struct wordpiece {
    char *pool; /* all pieces, each terminated */
    struct entry *table;
    size_t mask;
    int64_t cls, sep, unknown;
};

/* ---- the vocabulary ---- */

static void put(struct wordpiece *self, const char *piece, size_t len, uint32_t id)
{
    size_t at = hash64(piece, len) & self->mask;

    while (self->table[at].piece)
        at = (at + 1) & self->mask;
    self->table[at] = (struct entry){piece, id, (uint32_t)len};
}

static int64_t find(const struct wordpiece *self, const char *piece, size_t len)
{
    size_t at = hash64(piece, len) & self->mask;

    for (; self->table[at].piece; at = (at + 1) & self->mask) {
        if (self->table[at].len == len && memcmp(self->table[at].piece, piece, len) == 0)
            return self->table[at].id;
    }
    return -1;
}

static int take_vocabulary(struct wordpiece *self, const cJSON *vocabulary, struct err *reterr)
{
    size_t n = (size_t)cJSON_GetArraySize(vocabulary), bytes = 0, places = 2;
    const cJSON *item;
    char *at;

    cJSON_ArrayForEach(item, vocabulary)
        bytes += strlen(item->string) + 1;
    while (places < 2 * n)
        places *= 2;
    self->pool = at = mem_alloc(bytes + 1);
    self->table = mem_array(places, sizeof *self->table);
    self->mask = places - 1;
    cJSON_ArrayForEach(item, vocabulary)
    {
        size_t len = strlen(item->string);
        if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > VOCABULARY_MAX)
            return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the id of %s is no number", item->string);
        memcpy(at, item->string, len + 1);
        put(self, at, len, (uint32_t)item->valuedouble);
        at += len + 1;
    }
    self->cls = find(self, "[CLS]", 5);
    self->sep = find(self, "[SEP]", 5);
    self->unknown = find(self, "[UNK]", 5);
    if (self->cls < 0 || self->sep < 0 || self->unknown < 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the vocabulary lacks [CLS], [SEP] or [UNK]");
    return 0;
}

int wordpiece_new(const char *json, size_t len, struct wordpiece **ret_wordpiece, struct err *reterr)
{
    const struct json_limits limits = {.bytes = JSON_BYTES_MAX, .depth = 16, .tokens = 4 * VOCABULARY_MAX};
    CLEANUP(json_done) cJSON *doc = NULL;
    const cJSON *model, *normalizer;
    struct wordpiece *self;

    if (json_parse(json, len, &limits, &doc, reterr) < 0)
        return -1;
    model = json_get(doc, "model");
    normalizer = json_get(doc, "normalizer");
    if (strcmp(json_str(model, "type", ""), "WordPiece") != 0 ||
        strcmp(json_str(normalizer, "type", ""), "BertNormalizer") != 0 || !json_bool(normalizer, "lowercase", false) ||
        json_num(model, "max_input_chars_per_word", 0) != WORD_CHARS_MAX)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "it is no tokenizer of the kind that is known here: WordPiece, uncased");
    self = mem_alloc(sizeof *self);
    if (take_vocabulary(self, json_get(model, "vocab"), reterr) < 0) {
        wordpiece_free(self);
        return -1;
    }
    *ret_wordpiece = self;
    return 0;
}

void wordpiece_free(struct wordpiece *self)
{
    if (!self)
        return;
    mem_free(self->pool);
    mem_free(self->table);
    mem_free(self);
}

/* ---- characters ---- */

static bool is_space(int32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* What the reference takes the character for, where it stands in the table; else by its category. */
static enum class class_by_category(int32_t c)
{
    switch ((int)utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_MN:
        return DROPPED;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
        return PUNCTUATION;
    default:
        return LETTER;
    }
}

static enum class class_of(int32_t c)
{
    size_t low = 0, high = ARRAY_LEN(reference_classes);

    if (c < 128) /* all signs of ASCII are punctuation */
        return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126) ? PUNCTUATION
               : (c < 32 || c == 127)                                                                          ? DROPPED
                                                                                                               : LETTER;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c > reference_classes[middle].last)
            low = middle + 1;
        else if (c < reference_classes[middle].first)
            high = middle;
        else
            return reference_classes[middle].class;
    }
    return class_by_category(c);
}

/* Ideographs stand alone; these blocks and no others, as BERT has it. */
static bool is_ideograph(int32_t c)
{
    static const int32_t blocks[][2] = {{0x4e00, 0x9fff},   {0x3400, 0x4dbf},   {0x20000, 0x2a6df}, {0x2a700, 0x2b73f},
                                        {0x2b740, 0x2b81f}, {0x2b920, 0x2ceaf}, {0xf900, 0xfaff},   {0x2f800, 0x2fa1f}};

    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        if (c >= blocks[i][0] && c <= blocks[i][1])
            return true;
    }
    return false;
}

/* ---- words ---- */

struct output {
    const struct wordpiece *vocabulary;
    int64_t *ids;
    size_t n, max; /* max: [SEP] has its place behind */
    char word[WORD_BYTES_MAX];
    size_t bytes, chars; /* of the word; more than WORD_CHARS_MAX chars: only counted */
};

static size_t longest_piece(const struct output *out, size_t from, int64_t *ret_id)
{
    char piece[PIECE_BYTES_MAX] = CONTINUES;
    size_t head = from ? strlen(CONTINUES) : 0, end = out->bytes;

    if (end - from > PIECE_BYTES_MAX - head)
        end = from + PIECE_BYTES_MAX - head;
    memcpy(piece + head, out->word + from, end - from);
    for (; end > from; end--) {
        if (end < out->bytes && ((unsigned char)out->word[end] & 0xc0) == 0x80)
            continue; /* inside a character */
        *ret_id = find(out->vocabulary, piece, head + end - from);
        if (*ret_id >= 0)
            return end;
    }
    return from;
}

static void end_word(struct output *out)
{
    size_t first = out->n, from = 0;
    bool known = out->chars <= WORD_CHARS_MAX;

    if (!out->chars)
        return;
    while (known && from < out->bytes) {
        int64_t id;
        size_t end = longest_piece(out, from, &id);
        known = end > from;
        if (known && out->n < out->max)
            out->ids[out->n++] = id;
        from = end;
    }
    if (!known) {
        out->n = first;
        if (out->n < out->max)
            out->ids[out->n++] = out->vocabulary->unknown;
    }
    out->bytes = out->chars = 0;
}

static void add_char(struct output *out, int32_t c)
{
    enum class class = class_of(c);

    if (is_space(c)) {
        end_word(out);
        return;
    }
    if (class == PUNCTUATION)
        end_word(out);
    if (++out->chars <= WORD_CHARS_MAX)
        out->bytes += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)out->word + out->bytes);
    if (class == PUNCTUATION)
        end_word(out);
}

/* Decomposed, without its accents, in lower case. */
static void fold(struct output *out, int32_t c)
{
    int32_t parts[FOLDED_MAX];
    int last = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char(c, parts, FOLDED_MAX, UTF8PROC_DECOMPOSE, &last);

    for (utf8proc_ssize_t i = 0; i < n && i < FOLDED_MAX; i++) {
        if (class_of(parts[i]) != DROPPED)
            add_char(out, utf8proc_tolower(parts[i]));
    }
}

static void take_char(struct output *out, int32_t c)
{
    if (c == 0 || c == 0xfffd)
        return;
    if (c == '\t' || c == '\n' || c == '\r')
        c = ' ';
    if (is_ideograph(c))
        end_word(out);
    fold(out, c);
    if (is_ideograph(c))
        end_word(out);
}

size_t wordpiece_ids(const struct wordpiece *self, const char *text, int64_t *ret_ids, size_t max)
{
    struct output out = {.vocabulary = self, .ids = ret_ids, .n = 1, .max = max - 1};
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    size_t left = strnlen(text, WORDPIECE_TEXT_MAX);

    ret_ids[0] = self->cls;
    while (left > 0 && out.n < out.max) {
        int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate(at, (utf8proc_ssize_t)left, &c);
        if (n <= 0) {
            n = 1;
            c = 0xfffd;
        }
        take_char(&out, c);
        at += n;
        left -= (size_t)n;
    }
    if (out.n < out.max)
        end_word(&out);
    ret_ids[out.n++] = self->sep;
    return out.n;
}
