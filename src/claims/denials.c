/* Words are compared by their beginnings; what belongs together ends at a comma or a full stop. */
#include "claims/denials.h"

#include <string.h>

#include "base/attrs.h"

enum { PLAIN_MAX = 32, COMPOUND_LEAST = 6, LETTERS_LEAST = 4, WORDS_MAX = 200, SUFFIX_MOST = 3, REACH = 3 };

struct word {
    size_t start, len;
};

struct clause {
    struct word words[WORDS_MAX];
    size_t n;
};

static const char denying[] =
    " no not never without free except excluded exclude excludes unless only cannot neither nor none unavailable "
    "kein keine keinen keiner keinem nicht ohne frei ausgenommen ausgeschlossen nur erst entfaellt entfallen "
    "waives waived unfortunately leider ";
/* What forbids outright; "only after", "without" and the like say how. */
static const char forbidding[] = " not never cannot kein keine keinen nicht nie niemals ";
static const char conditional[] = " if when unless whether once wenn falls sofern ob sobald should sollte sollten ";
static const char allowing[] = " can may could kann koennen darf duerfen ";
static const char idle[] =
    " longer more need needs problem doubt way ways laenger mehr sorge sorgen bedarf weg matter later "
    "cost costs charge fee kosten worry worries rush hurry panic fear harm reason idea surprise "
    "angst bange panik eile hektik gedanken umstaende grund problem zweifel ahnung wunder "
    "further additional extra other weiteren weitere zusaetzliche zusaetzlichen anderen andere ";
static const char little[] =
    " you your that this with from have been will they them then than there here what which also just only into "
    "sie ihr ihre ihren ihrem ihrer wird werden haben sind eine einen einem einer dass auch noch aber oder "
    "dann beim dies diese diesen dieser bitte please denn weil because since also thus alle allen alles davon daran "
    "darauf bisher unter ueber durch zwischen nach seit wegen under over about monat sich kurz hoechstens mindestens "
    "selbst most least ";

static bool listed(const char *list, const struct folded *text, const struct word *word)
{
    return fold_listed(list, text->text + word->start, word->len);
}

/* Whether "and" at this place begins a clause with a subject and a verb of its own: "it damages the seals and the
 * machine cannot detect it". */
static bool begins_clause(const struct folded *text, size_t at)
{
    static const char *const links[] = {"and", "und", "but", "aber"};
    static const char subjects[] = " the a an it they you we he she this that these those your our their there der die "
                                   "das es sie wir ich er ein eine ihr ihre unser unsere dies diese dieser man ";
    static const char verbs[] =
        " cannot can will would is are was were has have does do must may might should kann "
        "koennen wird werden ist sind war waren hat haben muss muessen darf duerfen soll sollen ";
    size_t len = fold_word_of(text, at, links, ARRAY_LEN(links)), next = at + len, word;

    next += fold_blanks(text, next);
    word = fold_letters(text, next);
    if (!len || !word || !fold_listed(subjects, text->text + next, word))
        return false;
    for (int words = 0; words < REACH; words++) {
        next += word + fold_blanks(text, next + word);
        word = fold_letters(text, next);
        if (!word)
            return false;
        if (fold_listed(verbs, text->text + next, word))
            return true;
    }
    return false;
}

/* The words up to the next mark, or to where another clause begins; false at the end. */
static bool read_clause(const struct folded *text, size_t *at, size_t end, bool splits, struct clause *out)
{
    out->n = 0;
    while (*at < end && !(out->n && strchr(",.;:!?\n", text->text[*at]))) {
        size_t len = fold_letters(text, *at);
        if (splits && out->n && fold_word_starts(text, *at) && begins_clause(text, *at))
            break;
        if (len && out->n < WORDS_MAX)
            out->words[out->n++] = (struct word){*at, len};
        *at += len ? len : 1;
    }
    return out->n > 0;
}

static bool clause_next(const struct folded *text, size_t *at, size_t end, struct clause *out)
{
    return read_clause(text, at, end, true, out);
}

static bool says(const struct folded *text, const struct clause *clause, const char *words)
{
    for (size_t i = 0; i < clause->n; i++) {
        const struct word *word = &clause->words[i];
        bool short_not =
            word->start >= 2 && word->len == 1 && text->text[word->start] == 't' && text->text[word->start - 1] == '\'';
        if (short_not || listed(words, text, word))
            return true;
    }
    return false;
}

/* "if you have not made a claim": the condition of something that is allowed. */
static bool is_condition(const struct folded *text, const struct clause *clause)
{
    static const char ifs[] = " if wenn falls sofern provided soweit solange long ";
    bool condition = false;

    for (size_t i = 0; i < clause->n; i++) {
        const struct word *word = &clause->words[i];
        condition |= listed(ifs, text, word);
        if (!condition &&
            (listed(denying, text, word) || (word->start && strncmp(text->text + word->start - 1, "'t", 2) == 0)))
            return false;
    }
    return condition;
}

static bool denies(const struct folded *text, const struct clause *clause)
{
    return says(text, clause, denying) && !is_condition(text, clause);
}

/* "Nicht mehr benutzte Geraete melden Sie ab": what is denied is the thing's kind, not the verb. */
static bool denies_kind(const struct folded *text, const struct clause *clause)
{
    static const char *const ends[] = {"te", "ten", "ter", "tes", "ene", "enen", "ener", "enes"};

    if (clause->n < 4 || !listed(" nicht ", text, &clause->words[0]))
        return false;
    for (size_t i = 1; i < 3; i++) {
        const struct word *word = &clause->words[i];
        for (size_t k = 0; k < ARRAY_LEN(ends); k++) {
            size_t n = strlen(ends[k]);
            if (word->len > n + LETTERS_LEAST && strncmp(text->text + word->start + word->len - n, ends[k], n) == 0)
                return true;
        }
    }
    return false;
}

/* "nachgeholt" and "nachzuholen" as "nachholt" and "nachholen": how many letters the word has then. */
static size_t without_infix(const char *word, size_t len, char plain[PLAIN_MAX])
{
    static const char *const prefixes[] = {"nach", "zurueck", "um",  "ab",     "an",   "auf", "aus",
                                           "ein",  "vor",     "mit", "weiter", "frei", "zu"};

    if (len >= PLAIN_MAX)
        return 0;
    memcpy(plain, word, len);
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        size_t n = strlen(prefixes[i]);
        if (len < n + 6 || strncmp(word, prefixes[i], n) != 0 ||
            (strncmp(word + n, "ge", 2) != 0 && strncmp(word + n, "zu", 2) != 0))
            continue;
        memmove(plain + n, plain + n + 2, len - n - 2);
        return len - 2;
    }
    return len;
}

/* nut, nuts; erstatten, Erstattung; not car, card. */
static bool same_stem(const char *one, size_t n, const char *other, size_t m)
{
    size_t same = 0, shorter = n < m ? n : m;

    while (same < shorter && one[same] == other[same])
        same++;
    return same >= LETTERS_LEAST && n - same <= SUFFIX_MOST && m - same <= SUFFIX_MOST;
}

/* Anfahrt, Anfahrtskosten. */
static bool begins_compound(const char *one, size_t n, const char *other, size_t m)
{
    return n >= COMPOUND_LEAST && m > n && strncmp(one, other, n) == 0;
}

static bool alike(const char *one, size_t n, const char *other, size_t m)
{
    char a[PLAIN_MAX], b[PLAIN_MAX];
    size_t plain_n = without_infix(one, n, a), plain_m = without_infix(other, m, b);

    return same_stem(one, n, other, m) || (plain_n && plain_m && same_stem(a, plain_n, b, plain_m));
}

/* ---- what the texts say of a word ---- */

struct said {
    bool told, denied; /* by articles; by the ticket only the latter counts */
};

static struct said said_of(const char *word, size_t len, const struct ground *grounds, size_t n)
{
    static _Thread_local struct clause clause;
    struct said said = {false, false};

    for (size_t g = 0; g < n; g++) {
        for (size_t at = 0; clause_next(&grounds[g].text, &at, grounds[g].text.len, &clause);) {
            bool no = denies(&grounds[g].text, &clause);
            for (size_t i = 0; i < clause.n; i++) {
                const char *other = grounds[g].text.text + clause.words[i].start;
                bool same = alike(word, len, other, clause.words[i].len);
                if (!same && !(no && begins_compound(word, len, other, clause.words[i].len)))
                    continue;
                said.told |= same && !no && !grounds[g].ticket;
                said.denied |= no;
            }
        }
    }
    return said;
}

/* Whether an article denies the verb in a clause that shares another word with the draft's. */
static bool only_denied(const struct folded *text, const struct clause *mine, size_t verb, const struct ground *grounds,
                        size_t n)
{
    static _Thread_local struct clause clause;
    const struct word *what = &mine->words[verb];
    struct said said = said_of(text->text + what->start, what->len, grounds, n);

    if (said.told || !said.denied)
        return false;
    for (size_t g = 0; g < n; g++) {
        for (size_t at = 0; !grounds[g].ticket && clause_next(&grounds[g].text, &at, grounds[g].text.len, &clause);) {
            bool has_verb = false, has_other = false;
            for (size_t i = 0; i < clause.n; i++) {
                const char *word = grounds[g].text.text + clause.words[i].start;
                has_verb |= alike(text->text + what->start, what->len, word, clause.words[i].len);
                for (size_t k = 0; k < mine->n; k++)
                    has_other |=
                        k != verb && !listed(little, text, &mine->words[k]) &&
                        alike(text->text + mine->words[k].start, mine->words[k].len, word, clause.words[i].len);
            }
            if (has_verb && has_other && says(&grounds[g].text, &clause, forbidding) &&
                !is_condition(&grounds[g].text, &clause) && !denies_kind(&grounds[g].text, &clause))
                return true;
        }
    }
    return false;
}

/* ---- the draft ---- */

/* How many words a denial takes before its noun: "no" 1, "free of" 2; 0 when none begins here. */
static size_t denial_at(const struct folded *text, const struct clause *clause, size_t i)
{
    static const char *const nos[] = {"no", "kein", "keine", "keinen", "keinerlei"};
    const struct word *word = &clause->words[i];

    if ((i > 0 && fold_word(text, clause->words[i - 1].start, "noch")) || says(text, clause, " yet bisher bislang "))
        return 0; /* "liegt noch kein Antrag vor", "no adviser has looked yet": how it is by now */
    if (i + 1 < clause->n && clause->words[i + 1].start != word->start + word->len + 1)
        return 0; /* "no - we swap it" */
    for (size_t k = 0; k < ARRAY_LEN(nos); k++) {
        if (fold_word(text, word->start, nos[k]))
            return 1;
    }
    return fold_word(text, word->start, "free of") || fold_word(text, word->start, "frei von") ? 2 : 0;
}

/* "no thicker than", "keine groesseren als". */
static bool compares(const struct folded *text, const struct clause *clause, size_t i)
{
    for (size_t k = i + 1; k < clause->n && k <= i + REACH; k++) {
        if (fold_word(text, clause->words[k].start, "than") || fold_word(text, clause->words[k].start, "als"))
            return true;
    }
    return false;
}

/* The sentence that holds this place. */
static struct word sentence_around(const struct folded *text, size_t at)
{
    struct word self = {at, 0};

    while (self.start > 0 && !strchr(".!?\n", text->text[self.start - 1]))
        self.start--;
    self.len = at - self.start + strcspn(text->text + at, ".!?\n");
    return self;
}

/* Whether the sentence has one of the clause's words, besides number k. */
static bool shares_other(const struct folded *text, const struct clause *clause, size_t k, const struct folded *other,
                         const struct word *sentence)
{
    for (size_t at = sentence->start; at < sentence->start + sentence->len;) {
        size_t len = fold_letters(other, at);
        for (size_t i = 0; len >= LETTERS_LEAST && i < clause->n; i++) {
            const struct word *word = &clause->words[i];
            if (i != k && word->len >= LETTERS_LEAST && !listed(little, text, word) &&
                alike(text->text + word->start, word->len, other->text + at, len))
                return true;
        }
        at += len ? len : 1;
    }
    return false;
}

/* Whether an article tells of word k where it speaks of what the clause speaks of. */
static bool told_of_the_same(const struct folded *text, const struct clause *clause, size_t k,
                             const struct ground *grounds, size_t n)
{
    const struct word *word = &clause->words[k];

    for (size_t g = 0; g < n; g++) {
        const struct folded *other = &grounds[g].text;
        for (size_t at = 0; !grounds[g].ticket && at < other->len;) {
            size_t len = fold_letters(other, at);
            if (len && alike(text->text + word->start, word->len, other->text + at, len)) {
                const struct word sentence = sentence_around(other, at);
                if (shares_other(text, clause, k, other, &sentence))
                    return true;
            }
            at += len ? len : 1;
        }
    }
    return false;
}

/* The noun that is denied and told of in an article: the next word, or the one behind it. */
static bool denies_told(const struct folded *text, const struct clause *clause, size_t i, const struct ground *grounds,
                        size_t n, struct denial *denial)
{
    size_t skip = denial_at(text, clause, i);

    for (size_t k = i + skip; skip && k < clause->n && k < i + skip + 2; k++) {
        const struct word *word = &clause->words[k];
        struct said said = said_of(text->text + word->start, word->len, grounds, n);
        if (listed(idle, text, word) || fold_is_digit(text->text[word->start - 2]) || compares(text, clause, k))
            return false; /* "no longer", "keine 6 Wochen", "no thicker than" */
        if (word->len < LETTERS_LEAST || listed(little, text, word) || (!said.told && !said.denied))
            continue;
        *denial = (struct denial){clause->words[i].start, word->start + word->len};
        return said.told && !said.denied && told_of_the_same(text, clause, k, grounds, n);
    }
    return false;
}

/* "you can raise the limit", "can be raised", "Sie koennen ... umtauschen". */
static bool allows_denied(const struct folded *text, const struct clause *clause, size_t i,
                          const struct ground *grounds, size_t n, struct denial *denial)
{
    if (!listed(allowing, text, &clause->words[i]) || denies(text, clause) ||
        says(text, clause, " hoechstens maximal most ")) /* a limit */
        return false;
    for (size_t k = i + 1; k < clause->n; k++) {
        const struct word *word = &clause->words[k];
        bool near = k <= i + REACH || k + 2 >= clause->n;
        if (!near || word->len < LETTERS_LEAST || listed(little, text, word) ||
            !only_denied(text, clause, k, grounds, n))
            continue;
        *denial = (struct denial){clause->words[i].start, word->start + word->len};
        return true;
    }
    return false;
}

/* "Scale damage is covered", where an article only leaves it out. */
static bool affirms_excluded(const struct folded *text, const struct clause *clause, size_t i,
                             const struct ground *grounds, size_t n, struct denial *denial)
{
    static const char affirming[] =
        " covered included permitted allowed accepted refundable welcome versichert gedeckt "
        "abgedeckt inbegriffen erlaubt gestattet eingeschlossen ";
    static const char excluding[] =
        " excluded exclude excludes except not never cannot kein keine keinen nicht ausgenommen "
        "ausgeschlossen ";
    static _Thread_local struct clause other;

    if (!listed(affirming, text, &clause->words[i]) || denies(text, clause))
        return false;
    for (size_t k = 0; k < clause->n; k++) {
        const struct word *word = &clause->words[k];
        bool out = false, in = false;
        if (k == i || word->len < LETTERS_LEAST || listed(little, text, word))
            continue;
        for (size_t g = 0; g < n; g++) {
            for (size_t at = 0; clause_next(&grounds[g].text, &at, grounds[g].text.len, &other);) {
                bool no = says(&grounds[g].text, &other, excluding), has = false;
                for (size_t w = 0; w < other.n && !has; w++)
                    has = alike(text->text + word->start, word->len, grounds[g].text.text + other.words[w].start,
                                other.words[w].len);
                out |= has && no && !grounds[g].ticket;
                in |= has && !no && !grounds[g].ticket;
            }
        }
        if (!out || in)
            continue;
        *denial = (struct denial){word->start < clause->words[i].start ? word->start : clause->words[i].start,
                                  clause->words[i].start + clause->words[i].len};
        return true;
    }
    return false;
}

/* "Haengt kein gelber Zettel daran, rufen Sie an": a condition without its word. at: where the clause ends. */
static bool is_verb_first(const struct folded *text, const struct clause *clause, size_t at)
{
    static const char verbs[] =
        " sind war waren hatten haben finden kommen stehen liegen fehlen gehen haengen kleben wollen moechten brauchen "
        "koennen sollen duerfen werden wuerden lag stand fand kam ging blieb gab lief ";
    static const char adverbs[] = " nicht jetzt dort fort erst fast meist sonst insgesamt zuletzt damit somit mit seit "
                                  "statt jederzeit derzeit selbst samt leicht ";
    static const char subjects[] = " sie wir ich er es bitte ihr man das die der dann so du auch ein eine einen nur ";
    const struct word *first = &clause->words[0];
    struct word second = {0};
    size_t next = at + (text->text[at] == ',');
    bool denied = false;

    if (text->text[at] != ',' || clause->n < 3 ||
        (text->text[first->start + first->len - 1] != 't' && !listed(verbs, text, first)) ||
        listed(adverbs, text, first))
        return false;
    for (size_t i = 1; i < clause->n && i <= REACH && !denied; i++)
        denied = denial_at(text, clause, i) > 0;
    if (!denied)
        return false;
    for (size_t i = 0; i < 2; i++) {
        next += fold_blanks(text, next);
        second = (struct word){next, fold_letters(text, next)};
        if (second.len && listed(subjects, text, &second))
            return true;
        next += second.len;
    }
    return false;
}

size_t denials_find(const struct folded *text, size_t start, size_t end, const struct ground *grounds, size_t n,
                    struct denial *denials, size_t cap)
{
    static _Thread_local struct clause clause;
    size_t found = 0;

    if (end > start && text->text[end - 1] == '?')
        return 0;
    for (size_t at = start; read_clause(text, &at, end, false, &clause);) { /* a condition holds for both halves */
        bool condition = is_verb_first(text, &clause, at);
        for (size_t i = 0; i < clause.n; i++)
            condition |= listed(conditional, text, &clause.words[i]);
        for (size_t i = 0; i < clause.n && !condition && found < cap; i++) {
            if (denies_told(text, &clause, i, grounds, n, &denials[found]) ||
                allows_denied(text, &clause, i, grounds, n, &denials[found]) ||
                affirms_excluded(text, &clause, i, grounds, n, &denials[found]))
                found++;
        }
    }
    return found;
}
