/* The words near a fact, up to the next mark, are what it is said of. Two facts of one kind are compared by how many of
 * these words they share with the draft's; the word right behind a number, which is what is counted, weighs more. */
#include "draft/moved.h"

#include <string.h>

#include "base/attrs.h"

enum {
    WORDS_EACH_SIDE = 6,
    LETTERS_LEAST = 3,
    LETTERS_ALIKE = 4,
    SUFFIX_MOST = 3,
    COUNTED_WEIGHT = 2, /* the thing counted tells more than another word */
    LIST_BYTES = 120,   /* two facts as near as that are entries of one list */
    SHARED_LEAST = 3,   /* weight that an article's other value needs, */
    AHEAD_LEAST = 2,    /* and how much more than what supports the draft's */
    LISTED_LEAST = 2    /* the same within one list */
};

static const char little[] =
    " the eur gbp usd euro pounds percent prozent you your our for and are can this that with from have has had been "
    "will would they them then than there here "
    "what which also just only into its not but per each every any all most least more less about around within after "
    "before until once when month year week day today please may must need needs get gets costs cost takes take "
    "der die das den dem des ein eine einen einem einer eines und oder aber sie ihr ihre ihren ihrem ihrer wir uns ist "
    "sind war wird werden wurde haben hat kann koennen muss muessen darf duerfen nur noch auch nicht bis von vom zum "
    "zur mit bei nach vor aus auf fuer pro monat jahr woche tag dann dass bitte etwa rund maximal hoechstens "
    "mindestens spaetestens innerhalb binnen dauert kostet betraegt ";

struct near_words {
    struct {
        const char *at;
        size_t len;
    } items[2 * WORDS_EACH_SIDE];
    size_t n;
    bool counted; /* the first stands right behind the fact */
};

static bool is_little(const char *word, size_t len)
{
    for (const char *at = little; (at = strchr(at, ' ')) && at[1]; at++) {
        if (strncmp(at + 1, word, len) == 0 && at[1 + len] == ' ')
            return true;
    }
    return false;
}

static void keep(struct near_words *self, const struct folded *text, size_t at, size_t len)
{
    if (len < LETTERS_LEAST || is_little(text->text + at, len) || self->n == ARRAY_LEN(self->items))
        return;
    self->items[self->n].at = text->text + at;
    self->items[self->n++].len = len;
}

/* A mark ends what belongs together, and so does another number. */
static bool is_mark(const struct folded *text, size_t at)
{
    return fold_is_digit(text->text[at]) || (strchr(".!?;,()\n", text->text[at]) && !fold_is_word(text->text[at + 1]));
}

static struct near_words words_near(const struct folded *text, const struct fact *fact)
{
    struct near_words self = {.n = 0};
    size_t at = fact->end, seen = 0;

    while (at < text->len && !is_mark(text, at) && seen < WORDS_EACH_SIDE) {
        size_t len = fold_letters(text, at);
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

static bool alike(const char *one, size_t n, const char *other, size_t m)
{
    size_t same = 0, shorter = n < m ? n : m;

    while (same < shorter && one[same] == other[same])
        same++;
    return (same == n && same == m) || (same >= LETTERS_ALIKE && n - same <= SUFFIX_MOST && m - same <= SUFFIX_MOST);
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
            if (!alike(mine->items[i].at, mine->items[i].len, theirs->items[k].at, theirs->items[k].len))
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
    return one->kind == other->kind && strcmp(one->unit, other->unit) == 0 && !one->ground_only;
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
static bool is_own(const struct moved_ground *ground, const struct fact *claim)
{
    return ground->ticket && claim->kind != CLAIM_NUMBER;
}

bool fact_moved(const struct folded *draft, const struct fact *claim, const struct moved_ground *grounds, size_t n)
{
    const struct near_words mine = words_near(draft, claim);
    struct common here = {.ground = n}, other = {.ground = n};

    if (claim->kind != CLAIM_NUMBER && claim->kind != CLAIM_AMOUNT && claim->kind != CLAIM_DURATION &&
        claim->kind != CLAIM_MEASURE)
        return false;
    for (size_t g = 0; g < n; g++) {
        for (size_t i = 0; i < grounds[g].facts->n; i++) {
            const struct fact *fact = &grounds[g].facts->items[i];
            bool supports = fact_supports(fact, claim);
            if (supports && is_own(&grounds[g], claim) && fact->kind == claim->kind)
                return false;
            if (!supports && (grounds[g].ticket || !comparable(fact, claim)))
                continue;
            const struct near_words theirs = words_near(grounds[g].text, fact);
            struct common found = common_of(&mine, &theirs), *best = supports ? &here : &other;
            found.ground = g;
            found.start = fact->start;
            if (found.weight > best->weight)
                *best = found;
        }
    }
    return is_nearer(&other, &here);
}
