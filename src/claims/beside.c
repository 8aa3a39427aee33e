/* Sentences are compared by the words that they share. */
#include "claims/beside.h"

#include <string.h>

#include "base/attrs.h"
#include "claims/overlap.h"

enum { SHARED_LEAST = 2, LEFT_OUT_BYTES = 40 };

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
    return overlap_stands(text, span.start, fact->start, word, n) || overlap_stands(text, fact->end, span.end, word, n);
}

/* Whether the figures stand in the span. */
static bool figures_stand(const struct folded *text, struct span span, const char *figures, size_t n)
{
    for (size_t at = span.start; at < span.end; at++) {
        if (fold_word_starts(text, at) && strncmp(text->text + at, figures, n) == 0 &&
            !fold_is_digit(text->text[at + n]))
            return true;
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
        if (!len && !own && fold_word_starts(draft, at) && fold_is_digit(draft->text[at])) {
            len = strspn(draft->text + at, "0123456789:.");
            n += figures_stand(text, theirs, draft->text + at, len);
        }
        at += len ? len : 1;
    }
    return n;
}

/* Whether the draft's sentence has that day of the week, too. */
static bool names_day(const struct folded *draft, const struct fact_list *facts, const struct fact *claim, int day)
{
    const struct span span = sentence_of(draft, claim);

    for (size_t i = 0; i < facts->n; i++) {
        const struct fact *fact = &facts->items[i];
        if (fact->start >= span.start && fact->end <= span.end && fact_week_day(fact) == day)
            return true;
    }
    return false;
}

/* "weekdays except Saturdays", "closed on Sundays and Mondays": days on which nothing is, are not claimed. */
bool beside_left_out(const struct folded *text, const struct fact *fact)
{
    static const char *const words[] = {"except",
                                        "excluding",
                                        "apart from",
                                        "but not",
                                        "not on",
                                        "never on",
                                        "closed",
                                        "ausser",
                                        "nicht an",
                                        "nicht am",
                                        "other than",
                                        "ausgenommen",
                                        "geschlossen",
                                        "ruhetag",
                                        "not open",
                                        "day but",
                                        "days but",
                                        "bis auf",
                                        "with the exception of",
                                        "mit ausnahme",
                                        "barring"};
    static const char *const behind[] = {"closed", "geschlossen", "ruhetag", "zu"};
    size_t from = fact->start;

    if (fact->kind != CLAIM_DATE || !*fact->form)
        return false;
    for (size_t at = fact->end; at < fact->end + LEFT_OUT_BYTES && at < text->len && !strchr(".!?\n;,", text->text[at]);
         at++) {
        for (size_t i = 0; fold_word_starts(text, at) && i < ARRAY_LEN(behind); i++) {
            size_t len = fold_word(text, at, behind[i]);
            if (len && (i < 3 || strchr(".,;", text->text[at + len])))
                return true;
        }
    }
    while (from > 0 && !strchr(".!?\n;:", text->text[from - 1]) && fact->start - from < LEFT_OUT_BYTES)
        from--;
    return fold_has(text, from, fact->start, words, ARRAY_LEN(words));
}

bool beside_other_day(const struct folded *draft, const struct fact_list *facts, const struct fact *claim,
                      const struct ground *grounds, size_t n)
{
    const int day = fact_week_day(claim);
    const bool left_out = beside_left_out(draft, claim);
    int here = 0, other = 0;

    for (size_t g = 0; day >= 0 && g < n; g++) {
        for (size_t i = 0; i < grounds[g].facts.n; i++) {
            const struct fact *fact = &grounds[g].facts.items[i];
            bool holds = fact_week_holds(&grounds[g].text, &grounds[g].facts, i, day);
            int theirs = fact_week_day(fact), weight;
            if (!holds && (grounds[g].ticket || theirs < 0 || names_day(draft, facts, claim, theirs)))
                continue;
            if (!holds && left_out && !beside_left_out(&grounds[g].text, fact))
                continue; /* open on Fridays, closed on Sundays */
            weight = shared(draft, claim, &grounds[g].text, fact);
            if (holds && weight >= here)
                here = weight;
            if (!holds && weight > other)
                other = weight;
        }
    }
    return other >= SHARED_LEAST && other > here;
}

bool beside_other_often(const struct folded *draft, const struct fact *claim, const struct ground *grounds, size_t n)
{
    int here = 0, other = 0;

    if (strcmp(claim->unit, FACT_OFTEN) != 0)
        return false;
    for (size_t g = 0; g < n; g++) {
        for (size_t i = 0; i < grounds[g].facts.n; i++) {
            const struct fact *fact = &grounds[g].facts.items[i];
            bool often = strcmp(fact->unit, FACT_OFTEN) == 0;
            if (fact->kind != CLAIM_NUMBER || (!often && fact->value != claim->value))
                continue;
            if (often && fact->value == claim->value)
                return false;
            int weight = shared(draft, claim, &grounds[g].text, fact), *best = often ? &other : &here;
            if (weight > *best)
                *best = weight;
        }
    }
    return other >= SHARED_LEAST && other > here;
}
