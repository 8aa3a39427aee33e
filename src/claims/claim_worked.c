/* What a person works out for the customer's own case, with the numbers of that case in the same sentence: a rate so
 * many times, a deduction, heads per adult, how far two values are apart, so many times another value. */
#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/claim_conclusions.h"

#define CENT      0.005
#define BINARY    0.03 /* 2 GB are eight times 250 MB, and 8.2 times */
#define PRECISION 1e-6

enum { WORDS_BEHIND = 3, FACTORS_MOST = 8 };

/* The numbers of the draft's sentence that may count something, the claim left out. */
struct factors {
    double items[FACTORS_MOST];
    size_t n;
};

static bool in_sentence(const struct conclusion *self, const struct fact *fact)
{
    size_t start, end;

    fold_sentence(self->draft, self->fact->start, &start, &end);
    return fact != self->fact && fact->start >= start && fact->start < end;
}

static struct factors factors_of(const struct conclusion *self)
{
    struct factors factors = {.n = 0};

    for (size_t i = 0; i < self->facts->n && factors.n < FACTORS_MOST; i++) {
        const struct fact *fact = &self->facts->items[i];
        if (in_sentence(self, fact) && (fact->kind == CLAIM_NUMBER || fact->kind == CLAIM_DURATION) &&
            fact->written > 1 && fact->written == floor(fact->written))
            factors.items[factors.n++] = fact->written;
    }
    return factors;
}

static bool same(double one, double other)
{
    return fabs(one - other) < CENT;
}

/* Whether the texts have the amount. */
static bool stands(const struct conclusion *self, double amount)
{
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; i < self->grounds[g].facts.n; i++) {
            const struct fact *fact = &self->grounds[g].facts.items[i];
            if (fact->kind == CLAIM_AMOUNT && fact->value > 0 && same(fact->value, amount))
                return true;
        }
    }
    return false;
}

/* ---- amounts ---- */

/* Whether the draft's sentence names the amount; borne: as one that the texts bear. */
static bool is_named(const struct conclusion *self, double amount, bool borne)
{
    for (size_t i = 0; i < self->facts->n; i++) {
        const struct fact *fact = &self->facts->items[i];
        if (in_sentence(self, fact) && fact->kind == CLAIM_AMOUNT && same(fact->value, amount) &&
            (!borne || stands(self, amount) || (fact < self->fact && self->borne[i])))
            return true;
    }
    return false;
}

/* "One euro plus ten times 25 cents", with both named; "two books and five days" of a rate for each. */
static bool is_product(const struct conclusion *self, const struct factors *by, double rate)
{
    for (size_t i = 0; i < by->n; i++) {
        double once = rate * by->items[i], fixed = self->fact->value - once;
        if (fixed > 0 && !same(fixed, rate) && is_named(self, rate, false) && is_named(self, fixed, true))
            return true;
        for (size_t k = 0; k < i; k++) {
            if (same(once * by->items[k], self->fact->value))
                return true;
        }
    }
    return false;
}

/* "only 8 euros go, and you get 76": the sentence names what is taken off. */
static bool is_deduction(const struct conclusion *self, double whole)
{
    for (size_t i = 0; i < self->facts->n; i++) {
        const struct fact *off = &self->facts->items[i];
        if (!in_sentence(self, off) || off->start > self->fact->start)
            continue;
        if ((off->kind == CLAIM_AMOUNT && off->value > 0 && stands(self, off->value) &&
             same(whole - off->value, self->fact->value)) ||
            (off->kind == CLAIM_MEASURE && strcmp(off->unit, "%") == 0 && off->value < PERCENT &&
             same(whole * (1 - off->value / PERCENT), self->fact->value)))
            return true;
    }
    return false;
}

static void support_amount(struct claim *claim, const struct conclusion *self)
{
    const struct factors by = factors_of(self);

    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *one = &self->grounds[g].facts.items[i];
            if (one->kind != CLAIM_AMOUNT || one->value <= 0 || strcmp(one->unit, self->fact->unit) != 0)
                continue;
            if ((!self->grounds[g].ticket && is_product(self, &by, one->value)) || is_deduction(self, one->value))
                ground_bears(&self->grounds[g], g, one->start, one->end, claim);
        }
    }
}

/* "knapp zehn" behind "knapp fuenf Euro": the amount that leaves out its currency. */
static void support_left_out(struct claim *claim, const struct conclusion *self)
{
    const struct fact *before = NULL;

    for (size_t i = 0; i < self->facts->n && self->facts->items[i].start < self->fact->start; i++) {
        const struct fact *one = &self->facts->items[i];
        if (in_sentence(self, one) && one->kind == CLAIM_AMOUNT)
            before = one;
    }
    for (size_t g = 0; before && g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *one = &self->grounds[g].facts.items[i];
            if (one->kind == CLAIM_AMOUNT && claim_rounds(self->draft, self->fact, one->value))
                ground_bears(&self->grounds[g], g, one->start, one->end, claim);
        }
    }
}

/* ---- a share of a measure ---- */

static bool is_percent(const struct fact *fact)
{
    return fact->kind == CLAIM_MEASURE && strcmp(fact->unit, "%") == 0 && fact->value < PERCENT && fact->value > 0;
}

/* The share that a text gives of a value: "400 Mbit" of 500, where it has 80 percent. */
static bool is_share_of(const struct conclusion *self, const struct ground *ground, const struct fact *whole)
{
    bool bare = ground->ticket && whole->kind == CLAIM_NUMBER && whole->bare;
    bool unit = whole->kind == CLAIM_MEASURE && strcmp(whole->unit, self->fact->unit) == 0;
    double all = bare ? whole->written : whole->value, part = bare ? self->fact->written : self->fact->value;

    for (size_t g = 0; (bare || unit) && g < self->n; g++) {
        for (size_t i = 0; !self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *share = &self->grounds[g].facts.items[i];
            if (is_percent(share) && fabs(all * share->value / PERCENT - part) <= PRECISION * fmax(part, 1))
                return true;
        }
    }
    return false;
}

static void support_share(struct claim *claim, const struct conclusion *self)
{
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *whole = &self->grounds[g].facts.items[i];
            if (!is_percent(self->fact) && is_share_of(self, &self->grounds[g], whole))
                ground_bears(&self->grounds[g], g, whole->start, whole->end, claim);
        }
    }
}

/* ---- how far apart ---- */

/* "four centimetres to spare", "zwischen beiden liegen 1.657 kWh". */
static bool tells_gap(const struct conclusion *self)
{
    static const char *const behind[] = {
        "reserve",  "spielraum", "luft",      "puffer",     "abweichung",  "headroom",   "margin",   "leeway",
        "to spare", "spare",     "clearance", "slack",      "wiggle",      "buffer",     "toleranz", "dazwischen",
        "gap",      "short",     "zu wenig",  "zu viel",    "too much",    "too little", "too many", "too few",
        "too high", "too low",   "zu hoch",   "zu niedrig", "auseinander", "platz",      "room"};
    static const char *const between[] = {"zwischen",   "between", "difference", "differenz", "unterschied",
                                          "abweichung", "differ",  "gap",        "abstand",   "discrepancy"};
    size_t start, end, stop = self->fact->end;

    fold_sentence(self->draft, self->fact->start, &start, &end);
    for (size_t words = 0; stop < end && words < WORDS_BEHIND && !strchr(".,;:!?", self->draft->text[stop]); stop++)
        words += fold_word_starts(self->draft, stop);
    while (stop < end && fold_is_letter(self->draft->text[stop]))
        stop++;
    return fold_has(self->draft, self->fact->end, stop, behind, ARRAY_LEN(behind)) ||
           fold_has(self->draft, start, self->fact->start, between, ARRAY_LEN(between));
}

static bool are_apart(const struct conclusion *self, const struct fact *one)
{
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; i < self->grounds[g].facts.n; i++) {
            const struct fact *other = &self->grounds[g].facts.items[i];
            double apart = fabs(one->value - other->value);
            if (other->kind != one->kind || strcmp(other->unit, one->unit) != 0 || apart <= 0)
                continue;
            if (fabs(apart - self->fact->value) <= PRECISION * fmax(apart, 1) ||
                claim_rounds(self->draft, self->fact, apart))
                return true;
        }
    }
    return false;
}

static void support_gap(struct claim *claim, const struct conclusion *self)
{
    bool told = !is_percent(self->fact) && tells_gap(self);

    for (size_t g = 0; told && g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *one = &self->grounds[g].facts.items[i];
            if (one->kind == self->fact->kind && strcmp(one->unit, self->fact->unit) == 0 && are_apart(self, one))
                ground_bears(&self->grounds[g], g, one->start, one->end, claim);
        }
    }
}

/* ---- so many times ---- */

static bool tells_ratio(const struct conclusion *self)
{
    static const char *const words[] = {"that",    "as much",    "as many", "as large", "as big",   "as long",
                                        "as high", "as far",     "as fast", "the size", "larger",   "bigger",
                                        "longer",  "the amount", "so viel", "so viele", "so gross", "so lange",
                                        "so hoch", "mehr",       "soviel"};
    size_t at = self->fact->end + fold_blanks(self->draft, self->fact->end);

    return fold_word_of(self->draft, at, words, ARRAY_LEN(words)) > 0;
}

static bool is_times(const struct ground *ground, const struct fact *one, double times)
{
    for (size_t i = 0; i < ground->facts.n; i++) {
        const struct fact *other = &ground->facts.items[i];
        if (other->kind == one->kind && strcmp(other->unit, one->unit) == 0 && one->value > 0 &&
            fabs(other->value / one->value - times) <= BINARY * times)
            return true;
    }
    return false;
}

/* "ten times 25 cents" in a sentence whose amount is worked out of it. */
static bool is_factor(const struct conclusion *self)
{
    const struct fact *rate = self->fact + 1, *all;
    struct conclusion other = *self;

    if (rate >= self->facts->items + self->facts->n || rate->kind != CLAIM_AMOUNT ||
        rate->start > self->fact->end + 2 || !stands(self, rate->value))
        return false;
    for (all = self->facts->items; all < self->fact; all++) {
        struct claim claim = {.kind = CLAIM_AMOUNT};
        other.fact = all;
        if (in_sentence(self, all) && all->kind == CLAIM_AMOUNT)
            support_amount(&claim, &other);
        if (claim.supported)
            return true;
    }
    return false;
}

static void support_times(struct claim *claim, const struct conclusion *self)
{
    bool factor = is_factor(self), ratio = tells_ratio(self);

    for (size_t g = 0; (factor || ratio) && g < self->n; g++) {
        for (size_t i = 0; !claim->supported && !self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *one = &self->grounds[g].facts.items[i];
            if ((factor && one->kind == CLAIM_AMOUNT && same(one->value, self->fact[1].value)) ||
                (ratio && *one->unit && one->kind != CLAIM_DATE && is_times(&self->grounds[g], one, self->fact->value)))
                ground_bears(&self->grounds[g], g, one->start, one->end, claim);
        }
    }
}

/* ---- heads ---- */

/* "for every 6 pupils", "je 6 Kinder". */
static bool is_per(const struct folded *text, const struct fact *fact)
{
    static const char *const words[] = {
        "every", "each", "per",      "je",      "pro",       "for every", "for each",    "auf je", "jeweils", "fuer je",
        "je zu", "auf",  "to every", "to each", "groups of", "of up to",  "gruppen von", "bis zu", "jede",    "alle"};

    return fold_behind(text, fact->start, words, ARRAY_LEN(words));
}

/* "five adults for 26 children" of one for every six. */
static void support_heads(struct claim *claim, const struct conclusion *self)
{
    const struct factors heads = factors_of(self);

    for (size_t g = 0; heads.n && g < self->n; g++) {
        for (size_t i = 0; !claim->supported && !self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *per = &self->grounds[g].facts.items[i];
            if ((per->kind != CLAIM_NUMBER && per->kind != CLAIM_DURATION) || per->written <= 1 ||
                !is_per(&self->grounds[g].text, per))
                continue;
            for (size_t k = 0; k < heads.n; k++) {
                if (ceil(heads.items[k] / per->written) == self->fact->value)
                    ground_bears(&self->grounds[g], g, per->start, per->end, claim);
            }
        }
    }
}

void claim_worked_support(struct claim *claim, const struct conclusion *self)
{
    const struct fact *fact = self->fact;

    if (fact->kind == CLAIM_AMOUNT)
        support_amount(claim, self);
    if (!claim->supported && fact->kind == CLAIM_MEASURE)
        support_share(claim, self);
    if (!claim->supported &&
        (fact->kind == CLAIM_AMOUNT || fact->kind == CLAIM_MEASURE || fact->kind == CLAIM_DURATION))
        support_gap(claim, self);
    if (!claim->supported && fact->kind == CLAIM_NUMBER && strcmp(fact->unit, FACT_OFTEN) == 0)
        support_times(claim, self);
    if (!claim->supported && fact->kind == CLAIM_NUMBER && !*fact->unit) {
        if (fact->bare)
            support_left_out(claim, self);
        else if (fact->value > 1)
            support_heads(claim, self);
    }
}
