/* Two values stand in one place when the words around them, within their sentences, are the same. */
#include "claims/replaced.h"

#include "claims/overlap.h"

enum { WORDS_EACH_SIDE = 8, LETTERS_LEAST = 3, SHARED_LEAST = 2 };

/* The words of one sentence around a fact: [start, end). */
struct span {
    size_t start, end;
};

static struct span around(const struct folded *text, const struct fact *fact)
{
    struct span self = {fact->start, fact->end};
    size_t start, end;

    fold_sentence(text, fact->start, &start, &end);
    for (size_t words = 0; self.start > start && words < WORDS_EACH_SIDE; self.start--)
        words += fold_letters(text, self.start) && fold_word_starts(text, self.start);
    for (size_t words = 0; self.end < end && words <= WORDS_EACH_SIDE; self.end++)
        words += fold_letters(text, self.end) && fold_word_starts(text, self.end);
    return self;
}

/* How many words of the first span stand in the other one, too. */
static int shared(const struct folded *text, struct span span, const struct folded *other, struct span theirs)
{
    int n = 0;

    for (size_t at = span.start; at < span.end;) {
        size_t len = fold_letters(text, at);
        n += len >= LETTERS_LEAST && !word_is_little(text->text + at, len) &&
             overlap_stands(other, theirs.start, theirs.end, text->text + at, len);
        at += len ? len : 1;
    }
    return n;
}

static bool is_named(const struct fact_list *facts, const struct fact *fact)
{
    for (size_t i = 0; i < facts->n; i++) {
        if (fact_is_alike(fact, &facts->items[i]) && facts->items[i].value == fact->value)
            return true;
    }
    return false;
}

bool fact_replaces(const struct conclusion *self, const struct fact *apart)
{
    const struct span mine = around(self->draft, self->fact);

    for (size_t g = 0; g < self->n; g++) {
        const struct ground *ground = &self->grounds[g];
        for (size_t i = 0; !ground->ticket && i < ground->facts.n; i++) {
            const struct fact *fact = &ground->facts.items[i];
            if (fact != apart && fact_is_alike(fact, self->fact) && !fact->ground_only &&
                !is_named(self->facts, fact) &&
                shared(self->draft, mine, &ground->text, around(&ground->text, fact)) >= SHARED_LEAST)
                return true;
        }
    }
    return false;
}
