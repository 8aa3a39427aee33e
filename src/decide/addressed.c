/* The features are those of tests/injection/learn.py, to the bit: lower case for ASCII alone, digits as 0, every
 * distinct word and pair of neighbours once, FNV-1a folded to ADDRESSED_BITS. */
#include "decide/addressed.h"

#include <string.h>

#include "decide/addressed_weights.h"

enum {
    FNV_BASIS = 2166136261u,
    FNV_PRIME = 16777619u,
    WORDS_LEAST = 2,
    WORD_BITS = 64,
};

/* The distinct features of one sentence and what they weigh together. */
struct sum {
    uint64_t seen[(1 << ADDRESSED_BITS) / WORD_BITS];
    int score;
};

static unsigned char folded(char c)
{
    unsigned char byte = (unsigned char)c;

    if (byte >= 'A' && byte <= 'Z')
        return (unsigned char)(byte - 'A' + 'a');
    return byte >= '0' && byte <= '9' ? '0' : byte;
}

static bool in_word(char c)
{
    unsigned char byte = folded(c);

    return (byte >= 'a' && byte <= 'z') || byte == '0' || byte >= 0x80;
}

static uint32_t hash_on(uint32_t hash, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ folded(text[i])) * FNV_PRIME;
    return hash;
}

static void add(struct sum *sum, uint32_t hash)
{
    uint32_t bucket = (hash ^ (hash >> ADDRESSED_BITS) ^ (hash >> (2 * ADDRESSED_BITS))) & ((1u << ADDRESSED_BITS) - 1);
    uint64_t bit = (uint64_t)1 << (bucket % WORD_BITS);

    if (!(sum->seen[bucket / WORD_BITS] & bit))
        sum->score += addressed_weights[bucket];
    sum->seen[bucket / WORD_BITS] |= bit;
}

static int weigh(const char *text, size_t len, size_t *ret_words)
{
    struct sum sum = {.score = ADDRESSED_BIAS};
    const char *last = "^";
    size_t last_len = 1, n_words = 0, n;

    for (size_t at = 0; at < len && n_words < ADDRESSED_WORDS_MAX; at += n) {
        n = 0;
        while (at + n < len && in_word(text[at + n]))
            n++;
        if (n == 0) {
            n = 1;
            continue;
        }
        add(&sum, hash_on(FNV_BASIS, text + at, n));
        add(&sum, hash_on(hash_on(hash_on(FNV_BASIS, last, last_len), " ", 1), text + at, n));
        last = text + at;
        last_len = n;
        n_words++;
    }
    *ret_words = n_words;
    return sum.score;
}

static bool ends_here(const char *text, size_t at, size_t len)
{
    if (text[at] == '\n' || text[at] == '\r')
        return true;
    return strchr(".!?:;", text[at]) && text[at] && at + 1 < len && (text[at + 1] == ' ' || text[at + 1] == '\t');
}

/* The end of the sentence that begins here: its mark or line end is part of it. */
static size_t sentence_end(const char *text, size_t begin, size_t len)
{
    size_t at = begin;

    while (at + 1 < len && !ends_here(text, at, len))
        at++;
    return at + 1;
}

static bool reaches(const char *text, size_t len, int bound)
{
    size_t n_words;

    return weigh(text, len, &n_words) >= bound && n_words >= WORDS_LEAST;
}

bool addressed_to_machine(const char *text, size_t len)
{
    for (size_t begin = 0, end; begin < len; begin = end) {
        end = sentence_end(text, begin, len);
        if (reaches(text + begin, end - begin, ADDRESSED_LEAST))
            return true;
    }
    return false;
}

bool addressed_leave_out(struct buf *out, const char *text, size_t len)
{
    bool any = false;

    for (size_t begin = 0, end; begin < len; begin = end) {
        end = sentence_end(text, begin, len);
        bool doubtful = reaches(text + begin, end - begin, ADDRESSED_DOUBT);
        if (!doubtful)
            buf_add(out, text + begin, end - begin);
        else if (text[end - 1] == '\n')
            buf_putc(out, '\n');
        any |= doubtful;
    }
    return any;
}
