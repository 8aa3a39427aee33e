/* Where a source tells of a deed: any form of its verbs, its nouns, or what it amounts to. */
#include "claims/deeds.h"

#include <string.h>

#include "base/attrs.h"
#include "claims/deed_condition.h"
#include "claims/deed_forms.h"
#include "claims/deed_patterns.h"
#include "claims/deed_verbs.h"
#include "claims/deed_words.h"
#include "claims/sentences.h"

enum { VOWELS_LEAST = 5, HEADING_WORDS = 6, COMPOUND_LEAST = 6, NOUN_REACH = 3, FREE_COMPOUND = 8 };

_Static_assert(FAMILY_GETS < FAMILY_GUARANTEE, "a family of the table");

/* What one gets back when one gets something back. */
#define RETURNED                                                                                                       \
    "money geld betrag pfand kaution anzahlung kaufpreis preis gebuehr kosten deposit price fee amount payment eur "   \
    "abbuchung abbuchungen zahlung zahlungen betraege belastung payments amounts charges "                             \
    "gbp usd"

/* "your money back", "Geld zurück". */
static bool money_back(const struct sentence *s, size_t i)
{
    return word_in(&s->words[i], "back zurueck") && words_have(s, clause_start(s, i), i, RETURNED);
}

/* "freischalten", "freitags": nothing that is given for nothing. */
static bool begins_as_another(const struct word *word)
{
    static const char *const others[] = {"freitag",   "freischal", "freigeb",  "freigab",   "freigeg",
                                         "freiwill",  "freizeit",  "freiheit", "freistell", "freihalt",
                                         "freibleib", "freilich",  "freiberuf"};

    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (strncmp(word->at, others[i], strlen(others[i])) == 0)
            return true;
    }
    return false;
}

/* "kostet 3,95, mit Konto nichts", "versandkostenfrei". */
static bool nothing_asked(const struct sentence *s, size_t i)
{
    static const char *const ends[] = {"kostenfrei", "gebuehrenfrei", "portofrei"};
    const struct word *word = &s->words[i];

    if (fold_ends_in(word->at, word->len, ends, ARRAY_LEN(ends)) || deed_costs_none(s, i) || deed_we_pay(s, i))
        return true;
    if (word_in(word, "pay zahlen bezahlen") && words_have(s, clause_start(s, i), i, "not 't nicht nichts nothing"))
        return true;
    if (word_is(word, "frei", 4) &&
        words_have(s, 0, s->n, "euro eur kostet kosten gebuehr porto lieferung versand anlieferung zustellung"))
        return true; /* "Die Lieferung ist ab 30 Euro frei" */
    if (word_in(word, "berechnet verlangt erhoben") && words_have(s, clause_start(s, i), i, "nichts nicht keine kein"))
        return words_have(s, clause_start(s, i), i, "wird werden ist sind");
    if (word_in(word, "apply due payable") && clause_negated(s, clause_start(s, i), i)) /* "the fee does not apply" */
        return words_have(s, clause_start(s, i), i, "fee fees charge charges cost costs");
    if (word->len > FREE_COMPOUND && strncmp(word->at, "frei", 4) == 0 && !begins_as_another(word))
        return true; /* "10 Freiminuten" */
    return word_in(word, "nothing nichts included inbegriffen enthalten ohne without") &&
           words_have(s, 0, s->n,
                      "cost costs kostet kosten price preis pay paid zahlen bezahlen bezahlt berechnen berechnet "
                      "charge charged "
                      "billed bill faellig due rent miete beitrag subscription membership abo tarif");
}

/* What a source tells of the families that have no row. */
static const struct {
    int family;
    const char *words;
} without_row[] = {
    {FAMILY_FREE,
     "free kostenlos kostenlose kostenlosen kostenloses kostenloser kostenfrei kostenfreie "
     "gratis gebuehrenfrei complimentary unentgeltlich unentgeltliche umsonst inklusive waive waives waived "
     "erlassen entfaellt entfallen prepaid vorfrankiert frankiert vorfrankierte vorfrankierten vorfrankiertes "
     "freigemacht"},
    {FAMILY_GUARANTEE, "guarantee guaranteed promise garantieren garantiert versprechen"},
    {FAMILY_IN_TOUCH,
     "touch hear decision bescheid antwort rueckmeldung nachricht bestaetigung confirmation reply answer response "
     "ergebnis entscheidung know"},
    {FAMILY_ON_THE_WAY, "unterwegs way transit progress underway"},
    {FAMILY_ABSOLUTE,
     "always anytime any jederzeit stets immer ever never nie niemals all alle every jede jeder jedes each"},
    {FAMILY_CARE, "care sorgen kuemmern assured"},
    {FAMILY_PROVIDE, "verfuegung leihgeraet ersatzgeraet provide provided"},
    {FAMILY_ANY, ""}, /* the word alone would not say who did it */
    {FAMILY_ON_US, ""},
};

static bool is_verb(const struct sentence *s, size_t i, const struct deed_family *row)
{
    return verb_form_in(&s->words[i], row->english) || verb_form_in(&s->words[i], row->german) ||
           verb_parted_in(s, i, row->german);
}

static bool is_of_family(const struct sentence *s, size_t i, int family)
{
    const struct word *word = &s->words[i];
    const struct deed_family *row;

    for (size_t r = 0; r < ARRAY_LEN(without_row); r++) {
        if (without_row[r].family == family)
            return word_in(word, without_row[r].words);
    }
    row = &deed_families[family];
    return is_verb(s, i, row) || word_in(word, row->english_done) || word_in(word, row->german_done) ||
           word_is_thing(word, row->things);
}

static bool is_vowel(char c)
{
    return c && strchr("aeiou", c);
}

/* "geoeffnet" holds "oeffn", "anerkannt" holds "erken": a verb may change its vowel. */
static bool strstr_within(const char *word, size_t len, const char *part)
{
    size_t n = strlen(part);

    for (size_t at = 0; at + n <= len; at++) {
        size_t same = 0;
        while (same < n && (word[at + same] == part[same] ||
                            (n >= VOWELS_LEAST && same > 0 && is_vowel(word[at + same]) && is_vowel(part[same]))))
            same++;
        if (same == n)
            return true;
    }
    return false;
}

/* Whether word i is what the reader does or what is denied: "fill in the form", "is not paid out". */
static bool not_ours(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (i < last && word_in(&s->words[i + 1], "sie du") && !words_have(s, from, i, "wir ich"))
        return true;
    if (i > from && word_in(&s->words[i - 1], "please"))
        return true;
    if (words_have(s, from, last + 1, "nicht not") && words_have(s, from, last + 1, "moeglich possible"))
        return true;
    return i == from && i < last && word_in(&s->words[i + 1], "in out the your a an it us this");
}

static bool done_stands(const struct folded *text, const char *verb, size_t *ret_start, size_t *ret_end)
{
    for (size_t at = 0; at < text->len; at++) {
        size_t len = fold_letters(text, at);
        if (!fold_word_starts(text, at) || !strstr_within(text->text + at, len, verb) ||
            (!deed_form_english(text->text + at, len) && !deed_form_german(text->text + at, len)))
            continue;
        *ret_start = at;
        *ret_end = at + len;
        return true;
    }
    return false;
}

bool deed_verb_stands(const struct folded *text, const char *verb, bool done, size_t *ret_start, size_t *ret_end)
{
    static _Thread_local struct sentence s;
    size_t at = 0, start, stop;

    if (done)
        return done_stands(text, verb, ret_start, ret_end);
    while (sentence_next(text, &at, &start, &stop)) {
        sentence_split(text, start, stop, &s);
        for (size_t i = 0; i < s.n; i++) {
            if (!strstr_within(s.words[i].at, s.words[i].len, verb) || not_ours(&s, i))
                continue;
            *ret_start = s.words[i].start;
            *ret_end = s.words[i].start + s.words[i].len;
            return true;
        }
    }
    return false;
}

bool deed_parted_stands(const struct folded *text, const struct deed *deed, size_t *ret_start, size_t *ret_end)
{
    static _Thread_local struct sentence s;
    size_t at = 0, start, stop;

    while (sentence_next(text, &at, &start, &stop)) {
        sentence_split(text, start, stop, &s);
        for (size_t i = 0; i < s.n; i++) {
            const struct word *last = &s.words[clause_last(&s, i)];
            if (!word_in(last, deed->particle) || strncmp(s.words[i].at, deed->part, strlen(deed->part)) != 0 ||
                (i < clause_last(&s, i) && word_in(&s.words[i + 1], "sie du")))
                continue;
            *ret_start = s.words[i].start;
            *ret_end = s.words[i].start + s.words[i].len;
            return true;
        }
    }
    return false;
}

/* "Wenn Sie den Schaden melden": the verb ends a clause of theirs. */
static bool ends_your_clause(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    return i == clause_last(s, i) && words_have(s, from, i, "sie du man") &&
           !words_have(s, from, i, "wir ich wird werden werde unser unsere kollege kollegin team");
}

/* "Tell us or write to us": joined to what the reader does. "We check and answer" is not. */
static bool joined_to_yours(const struct sentence *s, size_t i)
{
    return word_in(&s->words[i - 1], "and or") && !words_have(s, clause_start(s, i), i, "we our team");
}

/* "Send us", "please send", "senden Sie", a heading: the reader does it, and not we. */
static bool asks_reader(const struct sentence *s, size_t i, int family)
{
    const struct deed_family *row = &deed_families[family];
    const struct word *word = &s->words[i];

    if (row->gets || !is_verb(s, i, row))
        return false;
    if (i < clause_last(s, i) && word_in(&s->words[i + 1], "sie du"))
        return true;
    if (s->n <= HEADING_WORDS && i + 1 == s->n && word_in(word, row->german) && !words_have(s, 0, i, "wir werden"))
        return true; /* "Auszug melden" */
    if (words_have(s, clause_start(s, i), clause_last(s, i) + 1, "selbst yourself themselves") ||
        ends_your_clause(s, i))
        return true;
    return word_in(word, row->english) &&
           (i == clause_start(s, i) || joined_to_yours(s, i) || word_in(&s->words[i - 1], "please to you") ||
            (word_in(&s->words[i - 1], "must should can may") && words_have(s, clause_start(s, i), i, "you")));
}

/* A noun of the list, also as the head of another: "Versandtag". */
static bool is_compound(const struct word *word, const char *list)
{
    if (word_is_thing(word, list))
        return true;
    while (*list) {
        size_t len = strcspn(list, " ");
        if (len >= COMPOUND_LEAST && word->len > len && strncmp(word->at, list, len) == 0)
            return true;
        list += len + strspn(list + len, " ");
    }
    return false;
}

/* A thing as the head or the tail of a compound: "Ersatzpackung", "Begruessungsgeschenk". */
static bool has_thing(const struct word *word, const char *things)
{
    while (*things) {
        size_t len = strcspn(things, " ");
        if (len >= COMPOUND_LEAST && word->len > len &&
            (strncmp(word->at, things, len) == 0 || strncmp(word->at + word->len - len, things, len) == 0))
            return true;
        things += len + strspn(things + len, " ");
    }
    return false;
}

/* "we email you", "wir benachrichtigen Sie": something is got. */
static bool writes_to_you(const struct sentence *s, size_t i)
{
    if (word_in(&s->words[i], "meldet melden") && clause_beside(s, i, "sich"))
        return true;
    return word_in(&s->words[i], "email mail text notify inform send benachrichtigen benachrichtigt informieren") &&
           i < clause_last(s, i) && word_in(&s->words[i + 1], "you sie wir");
}

/* "Later than that we charge 25": until then it is free. */
static bool costs_otherwise(const struct sentence *s, size_t i)
{
    return word_in(&s->words[i],
                   "charge charged charges fee fees cost costs berechnen berechnet gebuehr kosten kostet") &&
           words_have(s, 0, s->n,
                      "later late missed after otherwise afterwards spaeter spaetere danach sonst versaeumte versaeumt "
                      "kurzfristig nach zu");
}

/* "No" and "without" deny what stands right behind them, "not" its whole clause. */
static bool denied(const struct sentence *s, size_t from, size_t i, size_t to)
{
    for (size_t k = from; k < to; k++) {
        if (word_in(&s->words[k], "no without kein keine keinen ohne") ? k < i && i - k <= NOUN_REACH
                                                                       : clause_negated(s, k, k + 1))
            return true;
    }
    return false;
}

/* "You can", "usually": supports no "we will". */
static bool only_allowed(const struct sentence *s, size_t i)
{
    return words_have(s, clause_start(s, i), i,
                      "can could may you most usually normally typically often generally meist meistens normalerweise "
                      "oft");
}

/* "We write to you", and not "write to us". */
static bool contacts(const struct sentence *s, size_t i, int family)
{
    return is_of_family(s, i, family) && !asks_reader(s, i, family);
}

/* "We pay it out only if", "Geld zahlen wir nur aus, wenn": on that condition, and else not. */
static bool only_if(const struct sentence *s, size_t i)
{
    size_t last = clause_last(s, i);

    return words_have(s, clause_start(s, i), last + 1, "nur only") &&
           words_have(s, i, last + 2 < s->n ? last + 3 : s->n, "wenn falls sofern if when unless");
}

static bool is_told(const struct sentence *s, size_t i, const struct deed *deed)
{
    const struct word *word = &s->words[i];
    int family = deed->family;

    return is_of_family(s, i, family) || (family == FAMILY_REFUND && money_back(s, i)) ||
           (deed->passive && family < FAMILY_GUARANTEE && is_compound(word, deed_families[family].nouns)) ||
           (family == FAMILY_IN_TOUCH && (contacts(s, i, FAMILY_CONTACT) || contacts(s, i, FAMILY_CALL))) ||
           (family == FAMILY_CALL && word_is(word, "telefonisch", 11) &&
            words_have(s, clause_start(s, i), i, "wir sich meldet")) ||
           (family == FAMILY_GETS && (is_of_family(s, i, FAMILY_ARRIVE) || writes_to_you(s, i))) ||
           (deed->limited && costs_otherwise(s, i)) ||
           (deed->thing && family < FAMILY_GUARANTEE && has_thing(word, deed_families[family].things)) ||
           (deed->thing && family == FAMILY_REPLACE && word_in(word, deed_words_anew));
}

/* All else is denied by its clause, "free" only by the two words before it, and not across an "and": "without X and
 * free". */
static bool told_and_denied(const struct sentence *s, size_t i, int family)
{
    if (family != FAMILY_FREE)
        return denied(s, clause_start(s, i), i, clause_last(s, i) + 1);
    if (i > 0 && word_in(&s->words[i - 1], "and und"))
        return false;
    return denied(s, i > 2 ? i - 2 : clause_start(s, i), i, i);
}

/* What was done is told by a participle: who wants it done has not seen it done. A noun with its number, "Buchung
 * 88-3041", is there, too. */
static bool tells_done(const struct word *word, int family)
{
    if (word->at[word->len] == ' ' && fold_is_digit(word->at[word->len + 1]))
        return true;
    return family >= FAMILY_GUARANTEE || word_in(word, deed_families[family].english_done) ||
           word_in(word, deed_families[family].german_done);
}

/* Whether word i tells of the deed. */
static bool mentions(const struct sentence *s, size_t i, const struct deed *deed)
{
    int family = deed->family;

    if (family == FAMILY_FREE && nothing_asked(s, i))
        return true;
    if (deed->kind == CLAIM_ACTION && !tells_done(&s->words[i], family))
        return false;
    return is_told(s, i, deed) && !(deed->sure && only_allowed(s, i)) && !only_if(s, i) &&
           !told_and_denied(s, i, family) && !(family < FAMILY_GUARANTEE && asks_reader(s, i, family));
}

bool deed_mentioned_in(const struct sentence *s, const struct deed *deed)
{
    for (size_t i = 0; i < s->n; i++) {
        if (mentions(s, i, deed))
            return true;
    }
    return false;
}

bool deed_costs_nothing(const struct sentence *s)
{
    static const struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_FREE};

    return deed_mentioned_in(s, &deed);
}

bool deed_mentioned(const struct folded *text, const struct deed *deed, size_t *ret_start, size_t *ret_end)
{
    static _Thread_local struct sentence s;
    size_t at = 0, start, stop;

    while (sentence_next(text, &at, &start, &stop)) {
        sentence_split(text, start, stop, &s);
        for (size_t i = 0; i < s.n; i++) {
            if (!mentions(&s, i, deed))
                continue;
            *ret_start = s.words[i].start;
            *ret_end = s.words[i].start + s.words[i].len;
            return true;
        }
    }
    return false;
}
