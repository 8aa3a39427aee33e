/* What a person reckons: one value added to another, taken from it, multiplied by it, divided by it, or a share of it.
 * One of the two is named beside the claim, and is borne itself; so a value that somebody made up is not excused by any
 * two that happen to fit. What stands in the place of an article's own value is never reckoned. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/claim_conclusions.h"
#include "claims/claim_support.h"
#include "claims/overlap.h"
#include "claims/replaced.h"

enum {
    TERMS_MAX = 128,
    MADE_MAX = 16,
    BEFORE_BYTES = 200,  /* how far before the claim's sentence a value may be named, */
    BEHIND_BYTES = 240,  /* and behind the claim */
    SENTENCE_BYTES = 480 /* on either side: of a sentence without end no more is looked at */
};

#define CENT      0.0051
#define PRECISION 1e-6

/* Where a term stands: in the claim's sentence, before it in the draft, in an article, in the ticket. */
enum place { HERE, BEFORE, ARTICLE, TICKET };

struct term {
    const struct fact *fact;
    enum place place;
    size_t ground; /* of an article or the ticket */
};

struct terms {
    struct term items[TERMS_MAX];
    size_t n;
    struct fact made[MADE_MAX]; /* how many times a value of the sentence holds another one */
    size_t n_made;
    bool reckoning; /* the claim's sentence tells of one */
};

/* How two terms make a value. */
enum { SUM = 1, DIFFERENCE = 2, PRODUCT = 4, QUOTIENT = 8, SHARE = 16 };

static bool is_quantity(const struct fact *fact)
{
    return (fact->kind == CLAIM_NUMBER || fact->kind == CLAIM_MEASURE || fact->kind == CLAIM_AMOUNT ||
            fact->kind == CLAIM_DURATION) &&
           fact->value > 0 && fact->written > 0;
}

static bool is_plain(const struct fact *fact)
{
    return fact->kind == CLAIM_NUMBER && !*fact->unit;
}

static bool is_percent(const struct fact *fact)
{
    return fact->kind == CLAIM_MEASURE && strcmp(fact->unit, "%") == 0;
}

/* ---- the terms ---- */

/* What the draft names before the claim has been judged already; what it names behind it must stand in a text. */
static bool is_borne(const struct conclusion *self, const struct fact *fact)
{
    struct claim claim = {.kind = fact->kind};

    if (fact->ground_only)
        return true;
    if (fact < self->fact)
        return self->borne[fact - self->facts->items];
    claim_fact_support(&claim, self->draft, fact, self->grounds, self->n);
    return claim.supported;
}

static void add_term(struct terms *terms, const struct fact *fact, enum place place, size_t ground)
{
    if (terms->n < TERMS_MAX && is_quantity(fact))
        terms->items[terms->n++] = (struct term){fact, place, ground};
}

/* "80 litres, at 10 ml for every 40 litres": twice. */
static void add_made(struct terms *terms)
{
    const size_t n = terms->n;

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n && terms->items[i].place == HERE && terms->n_made < MADE_MAX; k++) {
            const struct fact *one = terms->items[i].fact, *by = terms->items[k].fact;
            double times = one->value / by->value;
            if (!fact_is_alike(one, by) || is_plain(one) || is_percent(one) || one->kind == CLAIM_AMOUNT ||
                times <= 1 || times != floor(times) ||
                (terms->items[k].place != HERE && terms->items[k].place != ARTICLE))
                continue;
            terms->made[terms->n_made] =
                (struct fact){.kind = CLAIM_NUMBER, .value = times, .written = times, .start = one->start};
            add_term(terms, &terms->made[terms->n_made++], HERE, 0);
        }
    }
}

/* "£72 a year" of £6 a month: twelve. */
static void add_months(const struct conclusion *self, struct terms *terms, size_t start, size_t end)
{
    static const char *const words[] = {"jahr",   "im jahr",  "pro jahr", "jaehrlich", "jahres",
                                        "a year", "per year", "the year", "each year", "annually"};
    struct fact *made = &terms->made[terms->n_made];

    if (self->fact->kind != CLAIM_AMOUNT || !fold_has(self->draft, start, end, words, ARRAY_LEN(words)))
        return;
    *made = (struct fact){.kind = CLAIM_NUMBER, .value = MONTHS_OF_YEAR, .written = MONTHS_OF_YEAR};
    terms->n_made++;
    add_term(terms, made, HERE, 0);
}

/* Whether the claim's sentence tells of a reckoning. */
static bool tells_reckoning(const struct conclusion *self, size_t start, size_t end)
{
    static const char *const words[] = {
        "left",       "remaining",   "remain",     "more",      "less",       "fewer",  "another",    "further",
        "difference", "over",        "short",      "spare",     "late",       "later",  "overdue",    "longer",
        "cheaper",    "total",       "altogether", "together",  "all in",     "in all", "makes",      "make",
        "comes to",   "come to",     "leaves",     "leaving",   "save",       "saves",  "so",         "that's",
        "noch",       "uebrig",      "bleiben",    "bleibt",    "verbleiben", "rest",   "restlichen", "mehr",
        "weniger",    "zusaetzlich", "weitere",    "weiteren",  "guenstiger", "teurer", "laenger",    "kuerzer",
        "insgesamt",  "zusammen",    "macht",      "ergibt",    "ergeben",    "waeren", "also",       "damit",
        "gespart",    "sparen",      "spart",      "of which",  "davon",      "means",  "heisst",     "bedeutet",
        "entspricht", "entsprechen", "equals",     "over that", "on top",     "dazu",   "until then", "again",
        "apiece",     "works out",   "stattdessen"};

    return fold_has(self->draft, start, end, words, ARRAY_LEN(words));
}

static void terms_of(const struct conclusion *self, struct terms *ret_terms)
{
    size_t start, end;

    ret_terms->n = ret_terms->n_made = 0;
    fold_sentence(self->draft, self->fact->start, &start, &end);
    if (start + SENTENCE_BYTES < self->fact->start)
        start = self->fact->start - SENTENCE_BYTES;
    if (end > self->fact->end + SENTENCE_BYTES)
        end = self->fact->end + SENTENCE_BYTES;
    ret_terms->reckoning = tells_reckoning(self, start, end);
    for (size_t i = 0; i < self->facts->n && self->facts->items[i].start < end && ret_terms->n < TERMS_MAX; i++) {
        const struct fact *fact = &self->facts->items[i];
        if (fact != self->fact && fact->end != self->fact->end && fact->start + BEFORE_BYTES > start &&
            fact->start + SENTENCE_BYTES > self->fact->start && fact->start < self->fact->end + BEHIND_BYTES &&
            is_borne(self, fact))
            add_term(ret_terms, fact, fact->start < start ? BEFORE : HERE, 0);
    }
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; i < self->grounds[g].facts.n; i++)
            add_term(ret_terms, &self->grounds[g].facts.items[i], self->grounds[g].ticket ? TICKET : ARTICLE, g);
    }
    add_months(self, ret_terms, start, end);
    add_made(ret_terms);
}

/* ---- what two terms make ---- */

/* Whether the reckoned value is the claim's: exact, or a round one with its word. */
static bool hits(const struct conclusion *self, double exact)
{
    double apart = fabs(exact - self->fact->value);

    return apart <= PRECISION * fmax(1, self->fact->value) || (self->fact->kind == CLAIM_AMOUNT && apart < CENT) ||
           claim_rounds(self->draft, self->fact, exact);
}

/* The same of a value in the unit in which the claim is written. */
static bool hits_written(const struct conclusion *self, double exact)
{
    return hits(self, exact * self->fact->value / self->fact->written);
}

/* What the draft names may leave out its unit. */
static bool is_alike_or_left_out(struct term one, const struct fact *with)
{
    return fact_is_alike(one.fact, with) || (is_plain(one.fact) && (one.place == HERE || one.place == BEFORE));
}

/* "20 more", "the rest is 38": the unit that one leaves out is the others'. */
static unsigned added(const struct conclusion *self, struct term first, struct term second)
{
    const struct fact *one = first.fact, *other = second.fact, *claim = self->fact, *with = is_plain(one) ? other : one;
    bool whole = fact_is_alike(one, other) && fact_is_alike(one, claim);
    bool left_out = is_alike_or_left_out(first, with) && is_alike_or_left_out(second, with) &&
                    (is_plain(claim) || fact_is_alike(claim, with));

    if (whole)
        return (hits(self, one->value + other->value) ? SUM : 0U) |
               (hits(self, fabs(one->value - other->value)) ? DIFFERENCE : 0U);
    return !left_out ? 0
                     : (hits_written(self, one->written + other->written) ? SUM : 0U) |
                           (hits_written(self, fabs(one->written - other->written)) ? DIFFERENCE : 0U);
}

/* "a quarter of 12": the share and the whole; "15 per cent less". */
static bool is_share(const struct conclusion *self, const struct fact *whole, const struct fact *share)
{
    return fact_is_alike(whole, self->fact) && !is_percent(whole) &&
           (hits(self, whole->value * share->value / PERCENT) ||
            (share->value < PERCENT && hits(self, whole->value * (1 - share->value / PERCENT))));
}

/* So many times: "25 kilometres at 60 cents", "£6 a month" for a year. */
static bool is_product(const struct conclusion *self, const struct fact *one, const struct fact *times)
{
    double rate = *times->unit == RATE_MARK ? times->value : times->written;

    if (rate == 1 || one->written == 1 || times->kind == CLAIM_AMOUNT)
        return false;
    if (one->kind == CLAIM_AMOUNT)
        return (self->fact->kind == CLAIM_AMOUNT || is_plain(self->fact)) && hits(self, one->value * rate);
    return (fact_is_alike(one, self->fact) && hits(self, one->value * rate)) ||
           (self->fact->kind != CLAIM_AMOUNT && hits_written(self, one->written * rate));
}

/* "three rates of £20 each", "36 euros at 12 cents are 300 MB", "38 of 150 are a quarter". */
static bool is_quotient(const struct conclusion *self, const struct fact *one, const struct fact *by)
{
    bool alike = fact_is_alike(one, by);

    if (alike && is_percent(self->fact))
        return hits(self, PERCENT * one->value / by->value);
    if (by->written == 1 || one->written == by->written)
        return false;
    if (one->kind == CLAIM_AMOUNT && by->kind != CLAIM_AMOUNT)
        return (self->fact->kind == CLAIM_AMOUNT || is_plain(self->fact)) && hits(self, one->value / by->written);
    if (self->fact->kind == CLAIM_AMOUNT || (by->kind == CLAIM_AMOUNT && one->kind != CLAIM_AMOUNT))
        return false;
    return hits_written(self, alike ? one->value / by->value : one->written / by->written) ||
           (alike && hits_written(self, one->written / by->written));
}

static unsigned ways_of(const struct conclusion *self, struct term first, struct term second)
{
    const struct fact *one = first.fact, *other = second.fact;
    unsigned ways = added(self, first, second);

    if (is_percent(one) != is_percent(other))
        return ways | (is_share(self, is_percent(one) ? other : one, is_percent(one) ? one : other) ? SHARE : 0U);
    if (is_percent(one))
        return ways;
    return ways | (is_product(self, one, other) || is_product(self, other, one) ? PRODUCT : 0U) |
           (is_quotient(self, one, other) || is_quotient(self, other, one) ? QUOTIENT : 0U);
}

/* ---- which of them are believed ---- */

/* "up to 30 days", "no more than four": what somebody may is an article's to say. */
static bool is_limit(const struct conclusion *self)
{
    static const char *const words[] = {
        "up to",      "no more than",  "not more than", "at most",  "more than",  "at least",
        "maximum of", "within",        "bis zu",        "mehr als", "hoechstens", "maximal",
        "mindestens", "innerhalb von", "binnen",        "gueltig",  "valid for",  "als"};

    return fold_behind(self->draft, self->fact->start, words, ARRAY_LEN(words));
}

static bool is_believed(const struct conclusion *self, bool reckoning, struct term one, struct term other,
                        unsigned ways)
{
    const bool here = one.place == HERE || other.place == HERE, before = one.place == BEFORE || other.place == BEFORE;
    const bool article = one.place == ARTICLE || other.place == ARTICLE;
    const bool loose = self->fact->kind == CLAIM_NUMBER || self->fact->kind == CLAIM_DURATION;

    if (strcmp(self->fact->unit, FACT_OFTEN) == 0 || (!here && !before))
        return false;
    if (self->fact->kind == CLAIM_MEASURE || reckoning)
        return true;
    if (self->fact->kind == CLAIM_AMOUNT && !(ways & ~QUOTIENT))
        return false;
    return here && (!article || (ways & ~(SUM | DIFFERENCE | (loose ? PRODUCT : 0U))));
}

/* "four cards of £1.50 each": the article's rate, which the draft multiplies; NULL for none. */
static const struct fact *rate_of(struct term one, struct term other, unsigned ways)
{
    const struct term rate = one.place == ARTICLE ? one : other, times = one.place == ARTICLE ? other : one;

    return (ways & PRODUCT) && rate.place == ARTICLE && !times.fact->ground_only ? rate.fact : NULL;
}

static bool makes(const struct conclusion *self, bool reckoning, struct term one, struct term other)
{
    unsigned ways;

    if (one.fact->start == other.fact->start && one.place == other.place && one.ground == other.ground)
        return false;
    ways = ways_of(self, one, other);
    if (self->fact->kind == CLAIM_AMOUNT && ((one.place == ARTICLE && one.fact->kind != CLAIM_AMOUNT) ||
                                             (other.place == ARTICLE && other.fact->kind != CLAIM_AMOUNT)))
        ways &= ~(unsigned)PRODUCT; /* an article has the rate, and how often is the customer's */
    return ways && is_believed(self, reckoning, one, other, ways) && !fact_replaces(self, rate_of(one, other, ways));
}

/* Whether the word stands before a number or a code in the text. */
static bool leads_number(const struct folded *text, const char *word, size_t len)
{
    for (size_t at = 0; at + len < text->len; at++) {
        if (fold_word_starts(text, at) && strncmp(text->text + at, word, len) == 0 && text->text[at + len] == ' ' &&
            fold_is_digit(text->text[at + len + 1]))
            return true;
    }
    return false;
}

/* "LiftLine 160" where the texts have another "LiftLine 120", "Ten quick fixes" in quotes: part of a name. */
static bool is_label(const struct conclusion *self)
{
    const struct folded *draft = self->draft;
    size_t end = self->fact->start, at;
    bool label = false;

    if (!is_plain(self->fact) || !end)
        return false;
    if (draft->text[end - 1] == '"')
        return true;
    while (end > 0 && draft->text[end - 1] == ' ')
        end--;
    for (at = end; at > 0 && fold_is_letter(draft->text[at - 1]);)
        at--;
    for (size_t g = 0; g < self->n && end > at && !word_is_little(draft->text + at, end - at); g++)
        label |= leads_number(&self->grounds[g].text, draft->text + at, end - at);
    return label && fold_is_digit(draft->text[self->fact->start]);
}

/* "201 euros: 59 for the journey, 74 for the part and 68 for the work": all that the sentence names. */
static bool adds_all(const struct conclusion *self, const struct terms *terms)
{
    double all = 0;
    size_t n = 0;

    for (size_t i = 0; i < terms->n; i++) {
        const struct fact *fact = terms->items[i].fact;
        bool left_out = is_plain(fact) && !fact->ground_only && fact->start > self->fact->start;
        if (terms->items[i].place == HERE && fact->end && (fact_is_alike(fact, self->fact) || left_out))
            all += fact->written * self->fact->value / self->fact->written, n++;
    }
    return n > 2 && hits(self, all);
}

void claim_reckoned_support(struct claim *claim, const struct conclusion *self)
{
    struct terms terms;

    if (!self->n || !is_quantity(self->fact) || is_limit(self) || is_label(self) || self->stands)
        return;
    terms_of(self, &terms);
    if (*self->fact->unit && adds_all(self, &terms))
        ground_bears(&self->grounds[0], 0, 0, 0, claim);
    for (size_t i = 0; !claim->supported && i < terms.n; i++) {
        for (size_t k = 0; !claim->supported && k < i; k++) {
            const struct term *one = &terms.items[i];
            if (!makes(self, terms.reckoning, terms.items[k], *one))
                continue;
            ground_bears(&self->grounds[one->ground], one->ground, 0, 0, claim);
            if (one->place == ARTICLE || one->place == TICKET)
                ground_bears(&self->grounds[one->ground], one->ground, one->fact->start, one->fact->end, claim);
        }
    }
}
