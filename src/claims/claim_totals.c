/* Amounts that a person works out of others: totals, differences, so many times, a share. */
#include "claims/claim_conclusions.h"

#include <math.h>
#include <string.h>

#include "base/attrs.h"

#define CENT 0.005

/* What an amount may be put together of. */
struct sum {
    const struct fact_list *facts; /* of the draft */
    const struct ground *grounds;
    size_t n;
    bool told; /* the draft says that it is a sum */
};

enum { TIMES_MOST = 12, SENTENCE_LOOK_BYTES = 120 };

/* Whether the draft says near the claim that something is left: then an amount may be a difference. */
static bool tells_rest(const struct folded *draft, size_t start, size_t end)
{
    static const char *const words[] = {"remaining", "remainder",  "rest",      "left",       "difference",
                                        "less",      "minus",      "restliche", "restlichen", "differenz",
                                        "uebrig",    "verbleiben", "abzueglich"};
    size_t from = start > SENTENCE_LOOK_BYTES ? start - SENTENCE_LOOK_BYTES : 0;

    return fold_has(draft, from, end + SENTENCE_LOOK_BYTES, words, ARRAY_LEN(words));
}

/* Whether the amount stands in the draft as well. */
static bool stands_in(const struct fact_list *draft, double value)
{
    for (size_t i = 0; i < draft->n; i++) {
        if (draft->items[i].kind == CLAIM_AMOUNT && fabs(draft->items[i].value - value) < CENT)
            return true;
    }
    return false;
}

/* Whether the draft says near the claim that something was put together. */
static bool tells_sum(const struct folded *draft, size_t start, size_t end)
{
    static const char *const words[] = {
        "total",        "altogether", "together", "in all",    "overall",  "sum",        "plus",    "makes",
        "comes to",     "come to",    "both",     "insgesamt", "zusammen", "summe",      "macht",   "waeren",
        "gesamt",       "beide",      "would be", "kaeme",     "kaemen",   "kommen sie", "gesamte", "gesamtpreis",
        "gesamtbetrag", "instead of", "statt",    "up to",     "so",       "also"};
    size_t from = start > SENTENCE_LOOK_BYTES ? start - SENTENCE_LOOK_BYTES : 0;

    return fold_has(draft, from, end + SENTENCE_LOOK_BYTES / 2, words, ARRAY_LEN(words));
}

/* Whether a count that stands in the texts, as "two of us" or "for 3 nights", makes this amount of that one. */
static bool is_multiple(double one, double all, const struct ground *grounds, size_t n)
{
    for (int times = 2; times <= TIMES_MOST; times++) {
        const struct fact count = {.kind = CLAIM_NUMBER, .value = times, .written = times};
        if (fabs(one * times - all) >= CENT)
            continue;
        for (size_t g = 0; g < n; g++) {
            for (size_t i = 0; i < grounds[g].facts.n; i++) {
                const struct fact *fact = &grounds[g].facts.items[i];
                if (fact_supports(fact, &count) ||
                    (grounds[g].ticket && fact->kind == CLAIM_DURATION && fact->written == times))
                    return true;
            }
        }
    }
    return false;
}

/* "half of that, so £18.40": a share that stands in the articles. */
static bool is_share(double one, double part, const struct ground *grounds, size_t n)
{
    for (size_t g = 0; g < n; g++) {
        for (size_t i = 0; !grounds[g].ticket && i < grounds[g].facts.n; i++) {
            const struct fact *share = &grounds[g].facts.items[i];
            if (share->kind == CLAIM_MEASURE && strcmp(share->unit, "%") == 0 && share->value < PERCENT &&
                fabs(one * share->value / PERCENT - part) < CENT)
                return true;
        }
    }
    return false;
}

/* A total of two amounts that stand in the texts. */
static bool adds_up(const struct fact *claim, const struct fact *one, bool rest, const struct sum *sum)
{
    for (size_t g = 0; g < sum->n; g++) {
        for (size_t i = 0; i < sum->grounds[g].facts.n; i++) {
            const struct fact *other = &sum->grounds[g].facts.items[i];
            double all = one->value + other->value, left = one->value - other->value;
            bool told = sum->told || (stands_in(sum->facts, one->value) && stands_in(sum->facts, other->value));
            if (other != one && other->kind == CLAIM_AMOUNT &&
                ((told && fabs(all - claim->value) < CENT) || (rest && fabs(left - claim->value) < CENT)))
                return true;
        }
    }
    return false;
}

/* "69.70 each", "69,70 Euro je Rate": a part of an amount. */
static bool tells_share(const struct folded *draft, size_t end)
{
    static const char *const words[] = {"je", "pro", "per", "each", "apiece"};
    size_t at = end + fold_blanks(draft, end);

    return fold_word_of(draft, at, words, ARRAY_LEN(words)) > 0;
}

void claim_total_support(struct claim *claim, const struct conclusion *self)
{
    const struct fact *fact = self->fact;
    struct sum sum = {.facts = self->facts, .grounds = self->grounds, .n = self->n};
    bool rest;

    if (fact->kind != CLAIM_AMOUNT)
        return;
    sum.told = tells_sum(self->draft, fact->start, fact->end);
    rest = tells_rest(self->draft, fact->start, fact->end);
    for (size_t g = 0; g < sum.n && !claim->supported; g++) {
        for (size_t i = 0; i < sum.grounds[g].facts.n && !claim->supported; i++) {
            const struct fact *one = &sum.grounds[g].facts.items[i];
            if (one->kind != CLAIM_AMOUNT || one->value <= 0 || strcmp(one->unit, fact->unit) != 0)
                continue;
            if (adds_up(fact, one, rest, &sum) ||
                (tells_share(self->draft, fact->end) && is_multiple(fact->value, one->value, sum.grounds, sum.n)) ||
                ((sum.told || stands_in(sum.facts, one->value)) &&
                 (is_multiple(one->value, fact->value, sum.grounds, sum.n) ||
                  is_share(one->value, fact->value, sum.grounds, sum.n))))
                ground_bears(&sum.grounds[g], g, one->start, one->end, claim);
        }
    }
}
