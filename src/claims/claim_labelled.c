/* A count of things that the texts give by their labels: "four bags" of "bags A to D", "three pages" of "pages 14, 15
 * and 32". */
#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/claim_conclusions.h"
#include "claims/overlap.h"

enum { COUNT_MOST = 12, LINK_BYTES = 6 };

/* ---- letters ---- */

static bool is_single(const struct folded *text, size_t at)
{
    return text->text[at] >= 'a' && text->text[at] <= 'z' && !fold_is_word(text->text[at + 1]) &&
           fold_word_starts(text, at);
}

/* How many labels "A to D" are; ret_end: where they end. */
static int letters_at(const struct folded *text, size_t at, size_t *ret_end)
{
    static const char *const links[] = {"to", "bis", "through", "thru"};
    size_t next, link;

    if (!is_single(text, at))
        return 0;
    next = at + 1 + fold_blanks(text, at + 1);
    link = text->text[next] == '-' ? 1 : fold_word_of(text, next, links, ARRAY_LEN(links));
    next += link + fold_blanks(text, next + link);
    if (!link || !is_single(text, next) || text->text[next] <= text->text[at])
        return 0;
    *ret_end = next + 1;
    return text->text[next] - text->text[at] + 1;
}

static void support_letters(struct claim *claim, const struct conclusion *self)
{
    for (size_t g = 0; g < self->n; g++) {
        const struct folded *text = &self->grounds[g].text;
        for (size_t at = 0, end = 0; !claim->supported && at < text->len; at++) {
            if (letters_at(text, at, &end) == self->fact->value)
                ground_bears(&self->grounds[g], g, at, end, claim);
        }
    }
}

/* ---- numbers ---- */

static bool are_joined(const struct folded *text, const struct fact *one, const struct fact *other)
{
    static const char *const links[] = {"and", "und", "u", "or", "oder", "sowie", "as well as"};
    size_t at = one->end + fold_blanks(text, one->end);

    return other->start >= one->end && other->start - one->end <= LINK_BYTES &&
           (strchr(",/&+", text->text[at]) || fold_word_of(text, at, links, ARRAY_LEN(links)));
}

/* How many numbers without a unit stand joined from fact i on. */
static size_t numbers_at(const struct ground *ground, size_t i)
{
    const struct fact_list *facts = &ground->facts;
    size_t n = 0;

    while (i + n < facts->n &&
           (facts->items[i + n].kind == CLAIM_NUMBER || facts->items[i + n].kind == CLAIM_REFERENCE) &&
           !*facts->items[i + n].unit && fold_is_digit(ground->text.text[facts->items[i + n].start]) &&
           (!n || are_joined(&ground->text, &facts->items[i + n - 1], &facts->items[i + n])))
        n++;
    return n;
}

/* Whether the thing that the claim counts stands before the first label: "Seiten 14". */
static bool labels_thing(const struct conclusion *self, const struct folded *text, const struct fact *first)
{
    size_t at = self->fact->end + fold_blanks(self->draft, self->fact->end), len = fold_letters(self->draft, at);
    size_t end = first->start, start;

    while (end > 0 && text->text[end - 1] == ' ')
        end--;
    for (start = end; start > 0 && fold_is_letter(text->text[start - 1]);)
        start--;
    return len && start < end && words_alike(self->draft->text + at, len, text->text + start, end - start);
}

void claim_labelled_support(struct claim *claim, const struct conclusion *self)
{
    const struct fact *fact = self->fact;

    if (fact->kind != CLAIM_NUMBER || *fact->unit || fact->value < 2 || fact->value > COUNT_MOST ||
        fact->value != floor(fact->value))
        return;
    support_letters(claim, self);
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *first = &self->grounds[g].facts.items[i];
            size_t n = numbers_at(&self->grounds[g], i);
            if (n == (size_t)fact->value && labels_thing(self, &self->grounds[g].text, first))
                ground_bears(&self->grounds[g], g, first->start, first[n - 1].end, claim);
        }
    }
}
