/* A value between the two that a text gives, said with "about"; and a limit that is said from its other side: "five or
 * more" of "no more than four". */
#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/claim_conclusions.h"

enum { LINK_BYTES = 20 /* " Euro bis zu " */ };

/* ---- within a range ---- */

static bool says_about(const struct conclusion *self)
{
    static const char *const words[] = {"about", "around", "roughly",   "approximately", "some",  "um die",
                                        "so um", "etwa",   "ungefaehr", "circa",         "ca",    "ca.",
                                        "zirka", "rund",   "so rund",   "so etwa",       "gegen", "somewhere around"};

    return fold_behind(self->draft, self->fact->start, words, ARRAY_LEN(words));
}

/* Whether fact i begins a range: "15-25", "between 2 and 4". */
static bool is_range(const struct ground *ground, size_t i)
{
    static const char *const links[] = {"to", "bis", "and", "und", "bis zu", "up to"};
    const struct fact *one = &ground->facts.items[i], *other = one + 1;

    if (i + 1 >= ground->facts.n || other->start < one->end || other->start - one->end > LINK_BYTES ||
        other->kind != one->kind || strcmp(one->unit, other->unit) != 0 || other->value <= one->value)
        return false;
    return memchr(ground->text.text + one->end, '-', other->start - one->end) ||
           (fold_has(&ground->text, one->end, other->start, links, ARRAY_LEN(links)) &&
            !memchr(ground->text.text + one->end, ',', other->start - one->end));
}

static void support_within(struct claim *claim, const struct conclusion *self)
{
    const struct fact *fact = self->fact;

    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && !self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *one = &self->grounds[g].facts.items[i];
            if (is_range(&self->grounds[g], i) && one->kind == fact->kind && strcmp(one->unit, fact->unit) == 0 &&
                one->value < fact->value && fact->value < one[1].value)
                ground_bears(&self->grounds[g], g, one->start, one[1].end, claim);
        }
    }
}

/* ---- a limit from its other side ---- */

/* How a whole number bounds what may be. */
enum bound { NO_BOUND, LEAST, ABOVE, MOST, BELOW };

static const struct {
    const char *words;
    enum bound bound;
} befores[] = {{"at least", LEAST},
               {"a minimum of", LEAST},
               {"minimum of", LEAST},
               {"no fewer than", LEAST},
               {"no less than", LEAST},
               {"not less than", LEAST},
               {"mindestens", LEAST},
               {"wenigstens", LEAST},
               {"from", LEAST},
               {"ab", LEAST},
               {"no more than", MOST},
               {"not more than", MOST},
               {"at most", MOST},
               {"up to", MOST},
               {"maximum of", MOST},
               {"maximum", MOST},
               {"hoechstens", MOST},
               {"maximal", MOST},
               {"bis zu", MOST},
               {"nicht mehr als", MOST},
               {"not exceed", MOST},
               {"limited to", MOST},
               {"more than", ABOVE},
               {"mehr als", ABOVE},
               {"over", ABOVE},
               {"ueber", ABOVE},
               {"above", ABOVE},
               {"exceed", ABOVE},
               {"exceeds", ABOVE},
               {"exceeding", ABOVE},
               {"longer than", ABOVE},
               {"laenger als", ABOVE},
               {"fewer than", BELOW},
               {"less than", BELOW},
               {"weniger als", BELOW},
               {"under", BELOW},
               {"unter", BELOW},
               {"below", BELOW},
               {"unterhalb von", BELOW},
               {"shorter than", BELOW},
               {"no longer than", MOST},
               {"kuerzer als", BELOW},
               {"nicht laenger als", MOST}};
static const struct {
    const char *words;
    enum bound bound;
} behinds[] = {{"or more", LEAST},    {"and more", LEAST},  {"or above", LEAST},    {"and above", LEAST},
               {"oder mehr", LEAST},  {"und mehr", LEAST},  {"or over", LEAST},     {"and over", LEAST},
               {"upwards", LEAST},    {"aufwaerts", LEAST}, {"or longer", LEAST},   {"oder laenger", LEAST},
               {"or fewer", MOST},    {"or less", MOST},    {"oder weniger", MOST}, {"at most", MOST},
               {"at the most", MOST}, {"hoechstens", MOST}, {"or under", MOST},     {"und weniger", MOST},
               {"plus", LEAST},       {"at least", LEAST},  {"mindestens", LEAST}};

/* The longest phrase counts: "no more than" is no "more than". */
static enum bound bound_of(const struct folded *text, const struct fact *fact)
{
    enum bound bound = NO_BOUND;
    size_t best = 0, next = fact->end + fold_blanks(text, fact->end);

    for (size_t i = 0; i < ARRAY_LEN(behinds); i++) {
        if (fold_word(text, next, behinds[i].words))
            return behinds[i].bound;
    }
    for (size_t i = 0; i < ARRAY_LEN(befores); i++) {
        const char *const phrase[] = {befores[i].words};
        if (strlen(befores[i].words) > best && fold_behind(text, fact->start, phrase, 1)) {
            best = strlen(befores[i].words);
            bound = befores[i].bound;
        }
    }
    return bound;
}

/* The same line: four are the most, or five too many. "At least five" and "no more than four" part at it, too. */
static double line_of(enum bound bound, double value)
{
    return bound == LEAST || bound == BELOW ? value - .5 : value + .5;
}

static void support_limit(struct claim *claim, const struct conclusion *self)
{
    const struct fact *fact = self->fact;
    enum bound mine = bound_of(self->draft, fact);

    if (mine == NO_BOUND || fact->written != floor(fact->written))
        return;
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && !self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *other = &self->grounds[g].facts.items[i];
            enum bound theirs = bound_of(&self->grounds[g].text, other);
            if (other->kind != fact->kind || strcmp(other->unit, fact->unit) != 0 || theirs == NO_BOUND ||
                fabs(other->written - fact->written) != 1 ||
                line_of(theirs, other->written) != line_of(mine, fact->written))
                continue;
            ground_bears(&self->grounds[g], g, other->start, other->end, claim);
        }
    }
}

void claim_range_support(struct claim *claim, const struct conclusion *self)
{
    if (self->fact->kind != CLAIM_MEASURE && self->fact->kind != CLAIM_DURATION && self->fact->kind != CLAIM_AMOUNT &&
        self->fact->kind != CLAIM_NUMBER)
        return;
    if (self->fact->kind != CLAIM_NUMBER && says_about(self))
        support_within(claim, self);
    if (!claim->supported && (self->fact->kind == CLAIM_NUMBER || self->fact->kind == CLAIM_DURATION))
        support_limit(claim, self);
}
