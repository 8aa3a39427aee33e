/* Sentences are compared by the words that they share. */
#include "draft/beside.h"

#include <string.h>

#include "base/attrs.h"
#include "draft/overlap.h"

enum { WORDS_MAX = 48, SHARED_LEAST = 2 };

struct span {
    size_t start, end;
};

static struct span sentence_of(const struct folded *text, const struct fact *fact)
{
    struct span self = {fact->start, fact->end};

    while (self.start > 0 && !(strchr(".!?\n;", text->text[self.start - 1]) && !fold_is_word(text->text[self.start])))
        self.start--;
    while (self.end < text->len && !(strchr(".!?\n;", text->text[self.end]) && !fold_is_word(text->text[self.end + 1])))
        self.end++;
    return self;
}

/* Whether the word stands in the span, outside of the fact itself. */
static bool stands(const struct folded *text, struct span span, const struct fact *fact, const char *word, size_t n)
{
    for (size_t at = span.start; at < span.end;) {
        size_t len = fold_letters(text, at);
        bool own = at >= fact->start && at < fact->end;
        if (len && !own && words_alike(text->text + at, len, word, n))
            return true;
        at += len ? len : 1;
    }
    return false;
}

/* How many words of weight the sentences of two facts share. */
static int shared(const struct folded *draft, const struct fact *claim, const struct folded *text,
                  const struct fact *fact)
{
    const struct span mine = sentence_of(draft, claim), theirs = sentence_of(text, fact);
    int n = 0;

    for (size_t at = mine.start; at < mine.end;) {
        size_t len = fold_letters(draft, at);
        bool own = at >= claim->start && at < claim->end;
        n += len >= OVERLAP_LETTERS && !own && !word_is_little(draft->text + at, len) &&
             stands(text, theirs, fact, draft->text + at, len);
        at += len ? len : 1;
    }
    return n;
}

bool beside_other_often(const struct folded *draft, const struct fact *claim, const struct beside_ground *grounds,
                        size_t n)
{
    int here = 0, other = 0;

    if (strcmp(claim->unit, FACT_OFTEN) != 0)
        return false;
    for (size_t g = 0; g < n; g++) {
        for (size_t i = 0; i < grounds[g].facts->n; i++) {
            const struct fact *fact = &grounds[g].facts->items[i];
            bool often = strcmp(fact->unit, FACT_OFTEN) == 0;
            if (fact->kind != CLAIM_NUMBER || (!often && fact->value != claim->value))
                continue;
            if (often && fact->value == claim->value)
                return false;
            int weight = shared(draft, claim, grounds[g].text, fact), *best = often ? &other : &here;
            if (weight > *best)
                *best = weight;
        }
    }
    return other >= SHARED_LEAST && other > here;
}
