/* What a person works out of two values of the texts, in any unit: a sum, a difference, what is left of a count. Each
 * needs the words that tell of it, so that no other number is excused by chance. */
#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/claim_conclusions.h"
#include "claims/claim_support.h"

enum {
    SUM_BYTES = 240,  /* what is added up stands together */
    REST_BYTES = 160, /* "two of the twelve", "14 statt 16" */
    WORDS_BEHIND = 3  /* "40 Euro im Monat mehr" */
};

#define ROUNDING 1e-6

static const char *const totals[] = {"total",    "altogether",  "in all",  "overall",        "combined",
                                     "together", "plus",        "adds up", "add up",         "insgesamt",
                                     "zusammen", "in summe",    "gesamt",  "summe",          "comes to",
                                     "come to",  "makes",       "macht",   "all told",       "gesamtzeit",
                                     "sum",      "gesamtdauer", "all in",  "alles in allem", "unterm strich"};

/* Behind the difference: "15 degrees more", "zwei Tage länger". */
static const char *const comparatives[] = {
    "more",       "less",     "fewer",     "cheaper",  "dearer",   "longer",     "shorter",     "higher",
    "lower",      "hotter",   "warmer",    "cooler",   "colder",   "heavier",    "lighter",     "wider",
    "narrower",   "taller",   "deeper",    "bigger",   "larger",   "smaller",    "faster",      "slower",
    "earlier",    "later",    "older",     "younger",  "thicker",  "thinner",    "further",     "extra",
    "difference", "mehr",     "weniger",   "teurer",   "billiger", "guenstiger", "preiswerter", "laenger",
    "kuerzer",    "hoeher",   "niedriger", "tiefer",   "waermer",  "kaelter",    "heisser",     "kuehler",
    "schwerer",   "leichter", "breiter",   "schmaler", "groesser", "kleiner",    "schneller",   "langsamer",
    "frueher",    "spaeter",  "aelter",    "juenger",  "dicker",   "duenner",    "weiter",      "unterschied",
    "aufpreis",   "differenz"};

/* Before it: "steigt um drei Cent", "you save £36". */
static const char *const changes[] = {
    "um",           "up by",       "down by",    "rises by",      "rise by",     "rose by",         "increases by",
    "increase by",  "drops by",    "falls by",   "difference of", "save",        "saves",           "saving",
    "you'll save",  "a saving of", "spart",      "sparen",        "sparst",      "unterschied von", "differenz von",
    "aufpreis von", "goes up by",  "went up by", "reduced by",    "extended by", "sparen sie",      "sparst du"};

/* "the other ten", "die übrigen drei", "six remaining tins". */
static const char *const others[] = {"other",         "remaining", "uebrigen",     "anderen", "restlichen",
                                     "verbleibenden", "uebrige",   "verbliebenen", "left",    "rest"};

/* Where the words behind a fact end, up to a mark. */
static size_t words_behind(const struct folded *text, size_t at)
{
    for (size_t words = 0; words < WORDS_BEHIND && at < text->len;) {
        size_t len = fold_letters(text, at);
        if (strchr(".,;:!?()\n", text->text[at]))
            break;
        words += len > 0;
        at += len ? len : 1;
    }
    return at;
}

static bool same(double one, double other)
{
    return fabs(one - other) <= ROUNDING * fmax(1, fabs(other));
}

/* Days and hours are counted together. */
static double in_seconds(const struct fact *fact)
{
    return strcmp(fact->unit, "day") == 0 ? fact->value * SECONDS_PER_DAY : fact->value;
}

static bool is_clocked(const struct fact *fact)
{
    return fact->kind == CLAIM_DURATION && (strcmp(fact->unit, "day") == 0 || strcmp(fact->unit, "s") == 0);
}

/* A value that may be counted with: in the claim's unit, or, where a customer left it out, in none: "bed 60". */
static bool is_operand(const struct fact *fact, const struct fact *claim, const struct ground *ground, bool *ret_bare)
{
    *ret_bare = ground->ticket && fact->kind == CLAIM_NUMBER && fact->bare && !*fact->unit &&
                claim->kind == CLAIM_MEASURE && fold_is_digit(ground->text.text[fact->start]);
    if (*ret_bare || (is_clocked(fact) && is_clocked(claim)))
        return true;
    return fact->kind == claim->kind && strcmp(fact->unit, claim->unit) == 0 && fact->value > 0 &&
           (fact->kind == CLAIM_NUMBER || fact->kind == CLAIM_DURATION || !fact->ground_only);
}

static double value_of(const struct fact *fact, const struct fact *claim, bool bare)
{
    if (bare && claim->written > 0)
        return fact->written * claim->value / claim->written;
    return is_clocked(claim) ? in_seconds(fact) : fact->value;
}

/* ---- sums ---- */

static bool add_up(const struct ground *ground, size_t i, size_t k, const struct fact *claim)
{
    const struct fact *one = &ground->facts.items[i], *other = &ground->facts.items[k];
    size_t apart = one->start > other->start ? one->start - other->start : other->start - one->start;
    bool bare;

    return i != k && one->start != other->start && apart < SUM_BYTES && is_operand(one, claim, ground, &bare) &&
           !bare && is_operand(other, claim, ground, &bare) && !bare &&
           same(value_of(one, claim, false) + value_of(other, claim, false), value_of(claim, claim, false));
}

/* "three weeks altogether"; a plain number needs the word beside it, and "together with" is none. */
static bool tells_sum(const struct folded *draft, const struct fact *fact)
{
    static const char *const withs[] = {"together with", "zusammen mit"};
    size_t start, end;

    fold_sentence(draft, fact->start, &start, &end);
    if (fact->kind == CLAIM_NUMBER)
        return fold_behind(draft, fact->start, totals, ARRAY_LEN(totals)) ||
               (fold_has(draft, fact->end, words_behind(draft, fact->end), totals, ARRAY_LEN(totals)) &&
                !fold_has(draft, fact->end, end, withs, ARRAY_LEN(withs)));
    return fold_has(draft, start, end, totals, ARRAY_LEN(totals)) &&
           !fold_has(draft, start, end, withs, ARRAY_LEN(withs));
}

static void support_sum(struct claim *claim, const struct conclusion *self)
{
    if (!tells_sum(self->draft, self->fact))
        return;
    for (size_t g = 0; g < self->n; g++) {
        const struct ground *ground = &self->grounds[g];
        for (size_t i = 0; !claim->supported && i < ground->facts.n; i++) {
            for (size_t k = 0; k < i; k++) {
                if (add_up(ground, i, k, self->fact))
                    ground_bears(ground, g, ground->facts.items[i].start, ground->facts.items[i].end, claim);
            }
        }
    }
}

/* ---- differences ---- */

static bool tells_difference(const struct folded *draft, const struct fact *fact)
{
    static const char *const at_least[] = {"oder mehr", "or more",  "oder weniger", "or less",
                                           "or fewer",  "und mehr", "and more"};
    size_t end = words_behind(draft, fact->end);

    if (fold_has(draft, fact->end, end, at_least, ARRAY_LEN(at_least)))
        return false;
    return fold_has(draft, fact->start, end, comparatives, ARRAY_LEN(comparatives)) ||
           ((fact->kind == CLAIM_AMOUNT || fact->kind == CLAIM_MEASURE) &&
            fold_behind(draft, fact->start, changes, ARRAY_LEN(changes)));
}

/* A value and the text that has it. */
struct operand {
    const struct ground *ground;
    const struct fact *fact;
};

/* "bed 60": whether the sentence of the measured value has the word before the bare number, too. */
static bool names_same(struct operand bare, struct operand measured)
{
    const struct folded *text = &bare.ground->text, *other = &measured.ground->text;
    size_t end = bare.fact->start, at, start, stop;

    while (end > 0 && text->text[end - 1] == ' ')
        end--;
    for (at = end; at > 0 && fold_is_letter(text->text[at - 1]);)
        at--;
    fold_sentence(other, measured.fact->start, &start, &stop);
    for (size_t k = start; at < end && k < stop;) {
        size_t len = fold_letters(other, k);
        if (len == end - at && strncmp(other->text + k, text->text + at, len) == 0)
            return true;
        k += len ? len : 1;
    }
    return false;
}

/* "20 more" has its unit at its neighbour: what it is compared with has it. */
static bool are_left_out(struct operand one, struct operand other, const struct fact *claim)
{
    bool unit = strcmp(one.fact->unit, other.fact->unit) == 0;
    bool ticket = other.ground->ticket && other.fact->bare && names_same(other, one);

    return claim->kind == CLAIM_NUMBER && claim->bare && one.fact->kind == CLAIM_MEASURE &&
           (unit || (ticket && other.fact->kind == CLAIM_NUMBER && !*other.fact->unit)) &&
           same(fabs(one.fact->written - other.fact->written), claim->written);
}

/* Whether one sentence counts both: "Basic includes 2 classes a week, Plus 6". */
static bool share_sentence(struct operand one, struct operand other)
{
    size_t start, end;

    fold_sentence(&one.ground->text, one.fact->start, &start, &end);
    return one.ground == other.ground && other.fact->start >= start && other.fact->start < end;
}

/* Whether two values are as far apart as the claim says. */
static bool are_apart(struct operand one, struct operand other, const struct fact *claim)
{
    bool one_bare, other_bare;

    if (one.fact->kind == CLAIM_TIME && other.fact->kind == CLAIM_TIME && claim->kind == CLAIM_DURATION)
        return strcmp(claim->unit, "s") == 0 &&
               same(fabs(one.fact->value - other.fact->value) * SECONDS_PER_MINUTE, claim->value);
    if (are_left_out(one, other, claim))
        return true;
    if (claim->kind == CLAIM_NUMBER && !share_sentence(one, other))
        return false;
    return is_operand(one.fact, claim, one.ground, &one_bare) &&
           is_operand(other.fact, claim, other.ground, &other_bare) && !(one_bare && other_bare) &&
           (!one_bare || names_same(one, other)) && (!other_bare || names_same(other, one)) &&
           same(fabs(value_of(one.fact, claim, one_bare) - value_of(other.fact, claim, other_bare)),
                value_of(claim, claim, false));
}

static bool has_partner(const struct conclusion *self, struct operand one)
{
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; i < self->grounds[g].facts.n; i++) {
            const struct operand other = {&self->grounds[g], &self->grounds[g].facts.items[i]};
            if (other.fact != one.fact && are_apart(one, other, self->fact))
                return true;
        }
    }
    return false;
}

static void support_difference(struct claim *claim, const struct conclusion *self)
{
    if (!tells_difference(self->draft, self->fact))
        return;
    for (size_t g = 0; g < self->n; g++) {
        const struct ground *ground = &self->grounds[g];
        for (size_t i = 0; !claim->supported && i < ground->facts.n; i++) {
            const struct operand one = {ground, &ground->facts.items[i]};
            if (has_partner(self, one))
                ground_bears(ground, g, one.fact->start, one.fact->end, claim);
        }
    }
}

/* ---- what is left of a count ---- */

/* "two of the twelve", "14 statt 16": two numbers of one thing. */
static bool leaves(const struct ground *ground, const struct fact *one, const struct fact *other, double rest)
{
    size_t start, end;

    if (one->kind != CLAIM_NUMBER || other->kind != CLAIM_NUMBER || !same(fabs(one->value - other->value), rest))
        return false;
    fold_sentence(&ground->text, one->start, &start, &end);
    return other->start >= start && other->start < end && other->start < one->start + REST_BYTES;
}

static bool tells_others(const struct folded *draft, const struct fact *fact)
{
    size_t next = fact->end + fold_blanks(draft, fact->end);

    return fold_behind(draft, fact->start, others, ARRAY_LEN(others)) ||
           fold_word_of(draft, next, others, ARRAY_LEN(others)) > 0;
}

static void support_rest(struct claim *claim, const struct conclusion *self)
{
    if (self->fact->kind != CLAIM_NUMBER || *self->fact->unit || !tells_others(self->draft, self->fact))
        return;
    for (size_t g = 0; g < self->n; g++) {
        const struct ground *ground = &self->grounds[g];
        for (size_t i = 0; !claim->supported && i < ground->facts.n; i++) {
            for (size_t k = i + 1; k < ground->facts.n; k++) {
                const struct fact *one = &ground->facts.items[i];
                if (leaves(ground, one, &ground->facts.items[k], self->fact->value))
                    ground_bears(ground, g, one->start, one->end, claim);
            }
        }
    }
}

/* ---- a share of one value that another one is ---- */

/* "18 Euro im Jahr, ermäßigt die Hälfte, nämlich 9 Euro": both stand in the texts and beside the share. */
static bool is_share_of(const struct conclusion *self, const struct fact *one, const struct fact *other)
{
    double times = self->fact->kind == CLAIM_MEASURE ? self->fact->value / PERCENT : self->fact->value;

    return one != other && one->kind == other->kind && (one->kind == CLAIM_AMOUNT || one->kind == CLAIM_DURATION) &&
           strcmp(one->unit, other->unit) == 0 && one->value > 0 && same(other->value * times, one->value);
}

static void support_share(struct claim *claim, const struct conclusion *self)
{
    bool share = (self->fact->kind == CLAIM_MEASURE && strcmp(self->fact->unit, "%") == 0) ||
                 (self->fact->kind == CLAIM_NUMBER && strcmp(self->fact->unit, FACT_OFTEN) == 0);
    const struct fact_list *facts = self->facts;
    size_t start, end;

    fold_sentence(self->draft, self->fact->start, &start, &end);
    for (size_t i = 0; share && i < facts->n; i++) {
        const struct fact *one = &facts->items[i];
        for (size_t k = 0; k < facts->n && one->start >= start && one->start < end; k++) {
            const struct fact *other = &facts->items[k];
            if (other->start < start || other->start >= end || !is_share_of(self, one, other))
                continue;
            claim_fact_support(claim, self->draft, one, self->grounds, self->n);
            if (claim->supported)
                return;
        }
    }
}

void claim_arithmetic_support(struct claim *claim, const struct conclusion *self)
{
    const struct fact *fact = self->fact;

    if (fact->kind != CLAIM_NUMBER && fact->kind != CLAIM_AMOUNT && fact->kind != CLAIM_DURATION &&
        fact->kind != CLAIM_MEASURE)
        return;
    if (fact->kind != CLAIM_AMOUNT) /* those have their own: claim_worked_support, claim_reckoned_support */
        support_sum(claim, self);
    if (!claim->supported)
        support_difference(claim, self);
    if (!claim->supported)
        support_rest(claim, self);
    if (!claim->supported)
        support_share(claim, self);
}
