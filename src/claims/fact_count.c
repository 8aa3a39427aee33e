/* Counts in words: how often, the how-manieth, which share of a whole. */
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/facts.h"

enum { WORD_BEFORE_MAX = 12 };

/* ---- how often ---- */

/* What only the other text may say: "a double charge" supports "charged twice", but nobody claims a number with it. */
static const struct {
    const char *word;
    double times;
    bool ground_only;
} often[] = {
    {"once", 1, true},        {"one time", 1, true},     {"einmal", 1, true},    {"einmalig", 1, true},
    {"einmalige", 1, true},   {"twice", 2, false},       {"double", 2, true},    {"doubles", 2, true},
    {"verdoppelt", 2, true},  {"verdreifacht", 3, true}, {"triples", 3, true},   {"doubled", 2, true},
    {"doppelt", 2, true},     {"doppelte", 2, true},     {"doppelten", 2, true}, {"duplicate", 2, true},
    {"both", 2, true},        {"beide", 2, true},        {"beiden", 2, true},    {"beider", 2, true},
    {"couple", 2, true},      {"pair", 2, true},         {"paar", 2, true},      {"zu zweit", 2, true},
    {"zu dritt", 3, true},    {"zu viert", 4, true},     {"zu fuenft", 5, true}, {"zu sechst", 6, true},
    {"zu siebt", 7, true},    {"zu neunt", 9, true},     {"zu zehnt", 10, true}, {"zu elft", 11, true},
    {"zu zwoelft", 12, true}, {"triple", 3, true},       {"thrice", 3, false},   {"dreifach", 3, true},
    {"single", 1, true},      {"einzige", 1, true},
};

static size_t read_head(const char *word, const char *const *heads, size_t n, size_t *ret_index)
{
    size_t best = 0;

    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(heads[i]);
        if (len > best && strncmp(word, heads[i], len) == 0) {
            best = len;
            *ret_index = i;
        }
    }
    return best;
}

/* "dreimal", "zwölfstellig", "viertägigen": a number's word and what it counts. */
static size_t read_compound(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const counts[] = {"zwei",   "drei",      "vier",     "fuenf",   "sechs",
                                         "sieben", "acht",      "neun",     "zehn",    "elf",
                                         "zwoelf", "fuenfzehn", "sechzehn", "zwanzig", "dreissig"};
    static const double values[] = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 20, 30};
    static const char *const counted[] = {"mal",  "stellig", "seitig",  "teilig",  "koepfig", "stufig",   "sprachig",
                                          "fach", "taegig",  "woechig", "monatig", "jaehrig", "stuendig", "minuetig"};
    static const struct {
        const char *unit;
        double times;
    } units[] = {{FACT_OFTEN, 1}, {"", 1},    {"", 1},    {"", 1},      {"", 1},       {"", 1},     {"", 1},
                 {"", 1},         {"day", 1}, {"day", 7}, {"month", 1}, {"month", 12}, {"s", 3600}, {"s", 60}};
    const char *word = text->text + at;
    size_t letters = fold_letters(text, at), count = 0, unit = 0;
    size_t head = read_head(word, counts, ARRAY_LEN(counts), &count);
    size_t tail = head ? read_head(word + head, counted, ARRAY_LEN(counted), &unit) : 0;

    if (!tail || letters - head - tail > 2)
        return 0;
    fact->written = values[count];
    fact->value = values[count] * units[unit].times;
    fact->kind = *units[unit].unit && unit ? CLAIM_DURATION : CLAIM_NUMBER;
    snprintf(fact->unit, sizeof fact->unit, "%s", units[unit].unit);
    return letters;
}

static size_t read_often(const struct folded *text, size_t at, struct fact *fact)
{
    for (size_t i = 0; i < ARRAY_LEN(often); i++) {
        size_t len = fold_word(text, at, often[i].word);
        if (!len)
            continue;
        fact->value = often[i].times;
        if (strstr(" once twice thrice einmal einmalig einmalige one time ", often[i].word))
            strcpy(fact->unit, FACT_OFTEN);
        fact->ground_only = often[i].ground_only;
        return len;
    }
    return read_compound(text, at, fact);
}

/* ---- the how-manieth ---- */

static const struct {
    const char *english, *german;
} ordinals[] = {{"second", "zweite"}, {"third", "dritte"},   {"fourth", "vierte"},   {"fifth", "fuenfte"},
                {"sixth", "sechste"}, {"seventh", "siebte"}, {"eighth", "achte"},    {"ninth", "neunte"},
                {"tenth", "zehnte"},  {"eleventh", "elfte"}, {"twelfth", "zwoelfte"}};

/* Whether the word before this place is one of the list. */
static bool behind(const struct folded *text, size_t at, const char *const *list, size_t n)
{
    size_t end = at, start;

    while (end > 0 && text->text[end - 1] == ' ')
        end--;
    for (start = end; start > 0 && fold_is_letter(text->text[start - 1]) && end - start < WORD_BEFORE_MAX;)
        start--;
    for (size_t i = 0; i < n; i++) {
        if (start < end && fold_word(text, start, list[i]) == end - start)
            return true;
    }
    return false;
}

/* "If the second reading is higher than the first": the two of a pair. */
static bool tells_first(const struct folded *text, size_t at)
{
    static const char *const firsts[] = {"the first", "die erste",  "der erste",
                                         "das erste", "dem ersten", "der ersten"};

    for (size_t next = at; next < text->len && !strchr(".!?\n", text->text[next]); next++) {
        for (size_t i = 0; fold_word_starts(text, next) && i < ARRAY_LEN(firsts); i++) {
            if (fold_word(text, next, firsts[i]))
                return true;
        }
    }
    return false;
}

/* "the second reminder" counts what exists; "a second parcel" and "the second option" do not. */
static bool counts_one(const struct folded *text, size_t at, size_t len)
{
    static const char *const the[] = {"the", "der",  "die",  "das",   "den",  "dem",
                                      "des", "your", "ihre", "ihren", "ihrer"};
    static const char *const talk[] = {
        "option", "step",    "way",   "point",        "possibility", "half",  "one",  "part", "thing",   "option",
        "weg",    "schritt", "punkt", "moeglichkeit", "haelfte",     "teil",  "fall", "case", "attempt", "versuch",
        "is",     "was",     "has",   "shows",        "reads",       "comes", "will", "can",  "ist",     "war",
        "hat",    "zeigt",   "wird",  "kann",         "liegt",       "davon", "of"};
    size_t next = at + len + fold_blanks(text, at + len);

    if (!behind(text, at, the, ARRAY_LEN(the)) || tells_first(text, at))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(talk); i++) {
        if (fold_word(text, next, talk[i]))
            return false;
    }
    return fold_is_letter(text->text[next]);
}

static size_t read_ordinal(const struct folded *text, size_t at, struct fact *fact)
{
    size_t letters = fold_letters(text, at);

    for (size_t i = 0; i < ARRAY_LEN(ordinals); i++) {
        size_t german = strlen(ordinals[i].german);
        bool fits =
            fold_word(text, at, ordinals[i].english) == letters ||
            (letters >= german && letters <= german + 1 && strncmp(text->text + at, ordinals[i].german, german) == 0 &&
             (letters == german || strchr("nrsm", text->text[at + german])));
        if (!letters || !fits)
            continue;
        fact->value = (double)(i + 2);
        fact->ground_only = !counts_one(text, at, letters);
        return letters;
    }
    return 0;
}

/* ---- shares ---- */

static const struct {
    const char *word;
    double share;
    bool ground_only;
} shares[] = {
    {"half of", .5, false},
    {"half the", .5, false},
    {"half your", .5, false},
    {"half off", .5, false},
    {"half that", .5, false},
    {"half price", .5, false},
    {"half-price", .5, false},
    {"halber preis", .5, false},
    {"halben preis", .5, false},
    {"halbe preis", .5, false},
    {"halben fahrpreis", .5, false},
    {"halbe fahrpreis", .5, false},
    {"full fare", 1, true},
    {"full price", 1, true},
    {"full amount", 1, true},
    {"full refund", 1, true},
    {"full cost", 1, true},
    {"whole fare", 1, true},
    {"whole price", 1, true},
    {"whole amount", 1, true},
    {"in full", 1, true},
    {"fully refunded", 1, true},
    {"vollen preis", 1, true},
    {"volle preis", 1, true},
    {"vollen fahrpreis", 1, true},
    {"volle fahrpreis", 1, true},
    {"vollen betrag", 1, true},
    {"volle betrag", 1, true},
    {"gesamten preis", 1, true},
    {"gesamte fahrpreis", 1, true},
    {"gesamten fahrpreis", 1, true},
    {"voller hoehe", 1, true},
    {"vollstaendig erstattet", 1, true},
    {"vollstaendige erstattung", 1, true},
    {"die haelfte", .5, false},
    {"der haelfte", .5, false},
    {"zur haelfte", .5, false},
    {"half", .5, true},
    {"halves", .5, true},
    {"halve", .5, true},
    {"halved", .5, true},
    {"halbiert", .5, true},
    {"halbieren", .5, true},
    {"halb", .5, true},
    {"halbe", .5, true},
    {"halbes", .5, true},
    {"halbem", .5, true},
    {"halben", .5, true},
    {"halber", .5, true},
    {"haelfte", .5, true},
    {"a third of", 1.0 / 3, false},
    {"one third", 1.0 / 3, false},
    {"a quarter of the", .25, false},
    {"a quarter of your", .25, false},
};

/* "die volle Kursgebühr", "the entire cancellation fee", and, where the first of two is named, "die volle". */
static size_t read_whole(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const wholes[] = {"full",    "whole",    "entire",     "complete", "voll",   "volle",
                                         "vollen",  "voller",   "volles",     "ganze",    "ganzen", "ganzer",
                                         "gesamte", "gesamten", "kompletten", "komplette"};
    static const char *const paid[] = {"fare",    "price",   "amount",  "fee",     "cost",    "costs",   "charge",
                                       "sum",     "deposit", "refund",  "premium", "rent",    "payment", "preis",
                                       "preises", "betrag",  "betrags", "gebuehr", "kosten",  "summe",   "entgelt",
                                       "beitrag", "miete",   "kaution", "rate",    "praemie", "honorar", "erstattung"};
    size_t len = fold_word_of(text, at, wholes, ARRAY_LEN(wholes)), next = at + len;

    if (!len || (!fold_is_word(text->text[next + fold_blanks(text, next)]) && strcspn(text->text + next, ".;") > 1))
        return 0;
    *fact =
        (struct fact){.kind = CLAIM_MEASURE, .value = PERCENT, .written = PERCENT, .unit = "%", .ground_only = true};
    if (strchr(".;", text->text[next]))
        return len;
    for (int words = 0; words < 2; words++) {
        size_t letters;
        next += fold_blanks(text, next);
        letters = fold_letters(text, next);
        for (size_t i = 0; i < ARRAY_LEN(paid); i++) {
            size_t n = strlen(paid[i]);
            if (letters >= n && strncmp(text->text + next + letters - n, paid[i], n) == 0)
                return len;
        }
        next += letters;
    }
    return 0;
}

static size_t read_share(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const parted[] = {"first", "second", "other", "latter", "erste", "zweite"};

    for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
        size_t len = fold_word(text, at, shares[i].word);
        if (!len)
            continue;
        *fact = (struct fact){.kind = CLAIM_MEASURE, .value = PERCENT * shares[i].share, .unit = "%"};
        fact->written = fact->value;
        fact->ground_only = shares[i].ground_only || behind(text, at, parted, ARRAY_LEN(parted));
        return len;
    }
    return read_whole(text, at, fact);
}

size_t fact_read_count(const struct folded *text, size_t at, struct fact *ret_fact)
{
    static size_t (*const readers[])(const struct folded *, size_t, struct fact *) = {read_often, read_ordinal,
                                                                                      read_share};

    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        struct fact fact = {.kind = CLAIM_NUMBER};
        size_t len = readers[i](text, at, &fact);
        if (len) {
            if (fact.kind == CLAIM_NUMBER)
                fact.written = fact.value;
            *ret_fact = fact;
            return len;
        }
    }
    return 0;
}
