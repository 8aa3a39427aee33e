/* The words near a fact, up to the next mark, are what it is said of. Two facts of one kind are compared by how many of
 * these words they share with the draft's; the word right behind a number, which is what is counted, weighs more. */
#include "claims/moved.h"

#include <string.h>

#include "base/attrs.h"
#include "claims/overlap.h"

enum {
    WORDS_EACH_SIDE = 6,
    LETTERS_LEAST = 3,
    COUNTED_WEIGHT = 2, /* the thing counted tells more than another word */
    COUNTED_WORDS = 2,
    STREET_WORDS = 4,     /* "9 Old Brewery Yard" */
    LABEL_MOST = 999,     /* of a house or a room */
    COORDINATED_MOST = 3, /* words between two numbers of one thing */
    LIST_BYTES = 120,     /* two facts as near as that are entries of one list */
    SHARED_LEAST = 3,     /* weight that an article's other value needs, */
    AHEAD_LEAST = 2,      /* and how much more than what supports the draft's */
    LISTED_LEAST = 2      /* the same within one list */
};

struct near_words {
    struct {
        const char *at;
        size_t len;
    } items[2 * WORDS_EACH_SIDE];
    size_t n;
    bool counted; /* the first stands right behind the fact */
};

static void keep(struct near_words *self, const struct folded *text, size_t at, size_t len)
{
    if (len < LETTERS_LEAST || word_is_little(text->text + at, len) || self->n == ARRAY_LEN(self->items))
        return;
    self->items[self->n].at = text->text + at;
    self->items[self->n++].len = len;
}

/* A mark ends what belongs together, and so does another number. */
static bool is_mark(const struct folded *text, size_t at)
{
    return fold_is_digit(text->text[at]) || (strchr(".!?;,()\n", text->text[at]) && !fold_is_word(text->text[at + 1]));
}

/* "123 days before and up to 90 days after the end": what ends it belongs to both. */
static bool goes_on(const struct folded *text, size_t start, size_t at, size_t words)
{
    static const char *const links[] = {"and", "und", "or", "oder"};

    for (size_t k = start; k < at && words > 0 && words <= COORDINATED_MOST; k++) {
        for (size_t i = 0; fold_word_starts(text, k) && i < ARRAY_LEN(links); i++) {
            if (fold_word(text, k, links[i]))
                return true;
        }
    }
    return false;
}

/* "wait twenty seconds after holding it for ten": the next number has words of its own. */
static bool is_spelled(const struct folded *text, size_t at)
{
    double value;

    return fold_word_starts(text, at) && !fold_is_digit(text->text[at]) && fact_read_number_word(text, at, &value) &&
           value > 1;
}

/* "unplug it for twenty seconds and then hold the key for ten": where the next number's words begin, or the end. */
static size_t next_begins(const struct folded *text, size_t start)
{
    static const char *const links[] = {"and", "und", "then", "dann", "after", "nachdem", "before", "bevor"};
    size_t link = text->len, words = 0;

    for (size_t at = start; at < text->len && words < 2 * WORDS_EACH_SIDE;) {
        size_t len = fold_letters(text, at);
        if (fold_is_digit(text->text[at]) || (words && is_spelled(text, at)))
            return words > COORDINATED_MOST ? link : text->len;
        if (is_mark(text, at))
            return text->len;
        for (size_t i = 0; len && link == text->len && i < ARRAY_LEN(links); i++) {
            if (fold_word(text, at, links[i]))
                link = at;
        }
        words += len > 0;
        at += len ? len : 1;
    }
    return text->len;
}

/* "two of the twelve bottles", "auf dreien der fünf Bahnen": what both numbers count stands behind the second. */
static size_t behind_partitive(const struct folded *text, size_t end)
{
    static const char *const links[] = {"of the", "of your", "of", "out of", "der", "von den", "von", "ihrer"};
    size_t at = end + fold_blanks(text, end), link = fold_word_of(text, at, links, ARRAY_LEN(links)), number;
    double value;

    at += link + fold_blanks(text, at + link);
    number = link ? fact_read_number_word(text, at, &value) : 0;
    if (link && !number)
        number = fact_read_digits(text, at, &value);
    return number && text->text[at + number] == ' ' ? at + number : end;
}

static struct near_words words_near(const struct folded *text, const struct fact *fact)
{
    struct near_words self = {.n = 0};
    bool passed = false;
    size_t at = fact->kind == CLAIM_NUMBER ? behind_partitive(text, fact->end) : fact->end;
    size_t seen = 0, stop = next_begins(text, at);

    while (at < stop && seen < WORDS_EACH_SIDE) {
        size_t len = fold_letters(text, at);
        if (seen && is_spelled(text, at))
            break;
        if (is_mark(text, at) && !passed && !(fold_is_digit(text->text[at]) && goes_on(text, fact->end, at, seen)))
            break;
        if (fold_is_digit(text->text[at])) {
            passed = true;
            seen = 0;
        } else if (passed && is_mark(text, at)) {
            break;
        }
        if (len) {
            keep(&self, text, at, len);
            self.counted |= seen == 0 && self.n == 1;
            seen++;
        }
        at += len ? len : 1;
    }
    seen = 0;
    at = fact->start;
    while (at > 0 && !is_mark(text, at - 1) && seen < WORDS_EACH_SIDE) {
        size_t end = at;
        while (at > 0 && fold_is_letter(text->text[at - 1]))
            at--;
        if (end > at) {
            keep(&self, text, at, end - at);
            seen++;
        } else {
            at--;
        }
    }
    return self;
}

/* The words on both sides of a value, up to a mark. */
static void keep_around(struct near_words *self, const struct folded *text, const struct fact *fact, size_t stop)
{
    size_t start = fact->start, seen = 0;

    for (size_t words = 0; start > 0 && !is_mark(text, start - 1) && words <= WORDS_EACH_SIDE; start--)
        words += fold_word_starts(text, start);
    for (size_t at = start; at < fact->start;) {
        size_t len = fold_letters(text, at);
        if (len)
            keep(self, text, at, len);
        at += len ? len : 1;
    }
    for (size_t at = fact->end; at < stop && seen < WORDS_EACH_SIDE && !is_mark(text, at);) {
        size_t len = fold_letters(text, at);
        if (len)
            keep(self, text, at, len);
        seen += len > 0;
        at += len ? len : 1;
    }
}

/* "delays of 15-29 minutes are credited with 25% of the fare; 30-59 minutes, 50%": a row whose value stands
 * alone leaves out what stood around the value of a row before. */
static void keep_left_out(struct near_words *self, const struct ground *ground, const struct fact *fact)
{
    const struct folded *text = &ground->text;
    const struct fact *head = NULL;
    size_t start, end, before = fact->start;

    while (before > 0 && text->text[before - 1] == ' ')
        before--;
    if (!strchr(".;,\n", text->text[fact->end]) || !before || !strchr(",:;(", text->text[before - 1]))
        return; /* "im Gesicht nach 7 Tagen" has words of its own */
    fold_sentence(text, fact->start, &start, &end);
    for (size_t i = 0; i < ground->facts.n && ground->facts.items[i].start < fact->start; i++) {
        const struct fact *one = &ground->facts.items[i];
        if (one->start >= start && one->kind == fact->kind && strcmp(one->unit, fact->unit) == 0 &&
            text->text[one->end] == ' ')
            head = one;
    }
    if (head)
        keep_around(self, text, head, fact->start);
}

/* What two facts have in common: which words of the first, and their weight. */
struct common {
    unsigned words;
    int weight;
    bool counted;
    size_t ground, start;
};

static struct common common_of(const struct near_words *mine, const struct near_words *theirs)
{
    struct common self = {0};

    for (size_t i = 0; i < mine->n; i++) {
        for (size_t k = 0; k < theirs->n; k++) {
            if (!words_alike(mine->items[i].at, mine->items[i].len, theirs->items[k].at, theirs->items[k].len))
                continue;
            self.words |= 1U << i;
            self.counted |= i == 0 && k == 0 && mine->counted && theirs->counted;
            self.weight++;
            break;
        }
    }
    return self;
}

static bool comparable(const struct fact *one, const struct fact *other)
{
    return fact_is_alike(one, other) && !one->ground_only;
}

/* Whether the article's other value is meant, rather than the one that supports the draft's. */
static bool is_nearer(const struct common *other, const struct common *here)
{
    int more = other->counted && !here->counted ? COUNTED_WEIGHT : 1;
    size_t apart = here->start > other->start ? here->start - other->start : other->start - here->start;

    if (here->words & ~other->words)
        return false;
    if (here->ground == other->ground && apart < LIST_BYTES)
        return other->weight >= LISTED_LEAST && other->weight > here->weight && here->weight > 0;
    return other->weight + more > SHARED_LEAST && other->weight + more > here->weight + AHEAD_LEAST;
}

/* What a customer knows of their own. */
static bool is_own(const struct ground *ground, const struct fact *claim)
{
    return ground->ticket && claim->kind != CLAIM_NUMBER;
}

/* ---- what is counted ---- */

/* The thing behind a plain number, "photos" of "three clear photos": its bytes; 0 when there is none. */
static size_t counted_word(const struct folded *text, const struct fact *fact, size_t *ret_at)
{
    size_t at = fact->end + fold_blanks(text, fact->end), len = fold_letters(text, at);

    if (fact->kind != CLAIM_NUMBER || *fact->unit || fact->bare || fact->value != (int)fact->value ||
        len < OVERLAP_LETTERS || word_is_little(text->text + at, len))
        return 0;
    *ret_at = at;
    return len;
}

/* Behind "two clear photos": where what is counted has been named. */
static size_t counted_end(const struct folded *text, size_t at)
{
    for (size_t words = 0; words < COUNTED_WORDS && at < text->len && !is_mark(text, at);) {
        size_t len = fold_letters(text, at);
        words += len > 0;
        at += len ? len : 1;
    }
    return at;
}

/* "three photos", where an article has one photo, and three of something else. */
static bool counts_other(const struct folded *draft, const struct fact *claim, const struct ground *grounds, size_t n)
{
    size_t at = 0, len = counted_word(draft, claim, &at);
    const char *word = draft->text + at;
    bool known = false;

    for (size_t g = 0; len && g < n; g++) {
        const struct folded *text = &grounds[g].text;
        for (size_t i = 0; i < grounds[g].facts.n; i++) {
            const struct fact *fact = &grounds[g].facts.items[i];
            size_t start, end;
            fold_sentence(text, fact->start, &start, &end);
            if (fact_supports(fact, claim) && (fact->bare || overlap_stands(text, start, end, word, len)))
                return false;
            known |= !grounds[g].ticket && fact->kind == CLAIM_NUMBER && fact->value != claim->value &&
                     overlap_stands(text, fact->end, counted_end(text, fact->end), word, len);
        }
    }
    return known;
}

/* "strasse" and "str." are one ending: how many letters stand before it; all where there is none. */
static size_t without_street(const char *word, size_t len)
{
    static const char *const ends[] = {"strasse", "str"};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t n = strlen(ends[i]);
        if (len > n && strncmp(word + len - n, ends[i], n) == 0)
            return len - n;
    }
    return len;
}

/* The name of a street: a house's number is one's own. */
static bool is_street(const char *word, size_t len)
{
    static const char *const ends[] = {"strasse", "str",  "weg",   "platz", "allee",    "gasse", "damm",
                                       "ufer",    "ring", "steig", "stieg", "chaussee", "pfad",  "twiete"};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t n = strlen(ends[i]);
        if (len > n + 2 && strncmp(word + len - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

/* The word right before a plain number, "Siel" of "Am Siel 22": its bytes; 0 when there is none. */
static size_t label_word(const struct folded *text, const struct fact *fact, bool bare, size_t *ret_at)
{
    size_t end = fact->start, at;

    if (fact->kind != CLAIM_NUMBER || (bare && !fact->bare) || *fact->unit || end == 0 || text->text[end - 1] != ' ' ||
        !fold_is_digit(text->text[fact->start]) || fact->value > LABEL_MOST)
        return 0;
    end--;
    end -= end > 0 && text->text[end - 1] == '.' ? 1 : 0; /* "Lindenstr. 14" */
    for (at = end; at > 0 && fold_is_letter(text->text[at - 1]);)
        at--;
    if (text->text[end] == '.' && !is_street(text->text + at, end - at))
        return 0;
    if (end - at < OVERLAP_LETTERS || word_is_little(text->text + at, end - at))
        return 0;
    *ret_at = at;
    return end - at;
}

/* "14 Church Road": the street's name behind a house's number, its kind with it; 0 bytes for none. */
static size_t street_behind(const struct folded *text, const struct fact *fact, size_t *ret_at)
{
    static const char *const kinds[] = {"road",  "street", "lane",     "avenue",  "close",    "drive",   "way",
                                        "place", "square", "court",    "terrace", "crescent", "gardens", "hill",
                                        "row",   "yard",   "mews",     "grove",   "walk",     "rd",      "st",
                                        "ave",   "ln",     "cottages", "quay",    "parade"};
    size_t at = fact->end, words = 0;

    if (fact->kind != CLAIM_NUMBER || *fact->unit || !fold_is_digit(text->text[fact->start]) || text->text[at] != ' ')
        return 0;
    *ret_at = ++at;
    while (words < STREET_WORDS) {
        size_t len = strspn(text->text + at, "abcdefghijklmnopqrstuvwxyz'");
        if (!len)
            return 0;
        if (words && fold_word_of(text, at, kinds, ARRAY_LEN(kinds)) == len)
            return at + len - *ret_at;
        at += len + (text->text[at + len] == ' ');
        words++;
    }
    return 0;
}

/* "14 Church Road", where the texts have the 41 there. */
static bool houses_other(const struct folded *draft, const struct fact *claim, const struct ground *grounds, size_t n)
{
    size_t at = 0, len = street_behind(draft, claim, &at), there = 0;
    bool other = false;

    for (size_t g = 0; len && g < n; g++) {
        for (size_t i = 0; i < grounds[g].facts.n; i++) {
            const struct fact *fact = &grounds[g].facts.items[i];
            if (street_behind(&grounds[g].text, fact, &there) != len ||
                strncmp(grounds[g].text.text + there, draft->text + at, len) != 0)
                continue;
            if (fact->value == claim->value)
                return false;
            other = true;
        }
    }
    return other;
}

/* "Am Anger", "Zum Hafen": a street without a street's ending. */
static bool lies_at(const struct folded *text, size_t at)
{
    static const char *const words[] = {"am", "zum", "zur", "an der", "auf dem", "auf der", "unter den", "hinter dem"};

    return fold_behind(text, at, words, ARRAY_LEN(words));
}

/* "Am Siel 2", where an article has the 22 there. */
static bool labels_other(const struct folded *draft, const struct fact *claim, const struct ground *grounds, size_t n)
{
    size_t at = 0, len = label_word(draft, claim, true, &at), there;
    bool other = false, street = is_street(draft->text + at, len);
    size_t plain = without_street(draft->text + at, len);

    if (claim->value != (int)claim->value)
        return false; /* "version 6.3", where "client 6.3" is meant */

    for (size_t g = 0; len && g < n; g++) {
        for (size_t i = 0; i < grounds[g].facts.n; i++) {
            const struct fact *fact = &grounds[g].facts.items[i];
            size_t label = label_word(&grounds[g].text, fact, false, &there);
            const char *word = grounds[g].text.text + there;
            if (!label || without_street(word, label) != plain || is_street(word, label) != street ||
                strncmp(word, draft->text + at, plain) != 0)
                continue;
            if (fact->value == claim->value)
                return false;
            other |= street || !grounds[g].ticket ||
                     (lies_at(draft, at) && lies_at(&grounds[g].text, there) &&
                      strchr(",.\n", grounds[g].text.text[fact->end]));
        }
    }
    return other;
}

bool fact_moved(const struct folded *draft, const struct fact *claim, const struct ground *grounds, size_t n)
{
    const struct near_words mine = words_near(draft, claim);
    struct common here = {.ground = n}, other = {.ground = n};

    if (claim->kind != CLAIM_NUMBER && claim->kind != CLAIM_AMOUNT && claim->kind != CLAIM_DURATION &&
        claim->kind != CLAIM_MEASURE)
        return false;
    if (counts_other(draft, claim, grounds, n) || labels_other(draft, claim, grounds, n) ||
        houses_other(draft, claim, grounds, n))
        return true;
    for (size_t g = 0; g < n; g++) {
        for (size_t i = 0; i < grounds[g].facts.n; i++) {
            const struct fact *fact = &grounds[g].facts.items[i];
            bool supports = fact_supports(fact, claim);
            if (supports && is_own(&grounds[g], claim) && fact->kind == claim->kind)
                return false;
            if (!supports && (grounds[g].ticket || !comparable(fact, claim)))
                continue;
            struct near_words theirs = words_near(&grounds[g].text, fact);
            if (supports)
                keep_left_out(&theirs, &grounds[g], fact);
            struct common found = common_of(&mine, &theirs), *best = supports ? &here : &other;
            found.ground = g;
            found.start = fact->start;
            if (found.weight > best->weight)
                *best = found;
        }
    }
    return is_nearer(&other, &here);
}
