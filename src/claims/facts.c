/* All facts of a text, from left to right: at each place the first reader that takes something. */
#include "claims/fact_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"

enum { NOON = 12, COMPOUND_LEAST = 3 };

/* "1. " at the start of a line numbers a list and claims nothing. */
static size_t list_mark(const struct folded *text, size_t at)
{
    size_t digits, begin = at;

    while (begin > 0 && text->text[begin - 1] == ' ')
        begin--;
    if (begin > 0 && text->text[begin - 1] != '\n')
        return 0;
    digits = strspn(text->text + at, "0123456789");
    if (!digits || digits > 2 || !strchr(".)", text->text[at + digits]) || text->text[at + digits + 1] != ' ')
        return 0;
    return digits + 1;
}

/* "v6.1": the number of a version. */
static size_t read_version(const struct folded *text, size_t at, struct fact *fact)
{
    size_t len = text->text[at] == 'v' ? fact_read_digits(text, at + 1, &fact->value) : 0;

    if (!len || fact->value == floor(fact->value))
        return 0;
    fact->kind = CLAIM_NUMBER;
    fact->written = fact->value;
    return len + 1;
}

/* A quantity without a unit may be a code: 204817. */
static size_t read_figures(const struct folded *text, size_t at, struct fact *fact)
{
    struct fact code;
    size_t len = fact_read_quantity(text, at, fact), code_len;

    if (len && *fact->unit)
        return len;
    if (!len)
        len = fact_read_count(text, at, fact);
    code_len = fact_read_code(text, at, &code);
    if (code_len && code_len >= len) {
        *fact = code;
        return code_len;
    }
    return len;
}

static size_t read_fact(const struct folded *text, size_t at, struct fact *fact)
{
    static size_t (*const readers[])(const struct folded *, size_t, struct fact *) = {
        fact_read_address, fact_read_date, fact_read_time, fact_read_phone, read_version, read_figures,
    };

    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        struct fact found = {0};
        size_t len = readers[i](text, at, &found);
        if (len) {
            *fact = found;
            return len;
        }
    }
    return 0;
}

/* Whether what follows a number is no thing that it counts. */
static bool counts_nothing(const struct folded *text, size_t at)
{
    static const char *const links[] = {
        "to",       "bis",   "and",    "und",     "or",     "oder",    "until",   "till",    "for",     "per",
        "pro",      "je",    "fuer",   "in",      "on",     "at",      "am",      "this",    "from",    "today",
        "morgens",  "heute", "abends", "mittags", "can",    "may",     "could",   "will",    "would",   "was",
        "were",     "have",  "has",    "must",    "should", "kann",    "koennen", "darf",    "duerfen", "werden",
        "war",      "waren", "hat",    "haben",   "go",     "gehen",   "davon",   "of them", "ein",     "an",
        "auf",      "is",    "are",    "ist",     "sind",   "instead", "statt",   "wird",    "noch",    "with",
        "mit",      "by",    "bei",    "when",    "if",     "wenn",    "falls",   "plus",    "minus",   "less",
        "times",    "more",  "beyond", "each",    "apiece", "weniger", "mehr",    "als",     "than",    "zusammen",
        "together", "zu",    "over",   "above",   "left",   "extra",   "uebrig",  "spare"};
    size_t next = at + fold_blanks(text, at);

    if (text->text[at] == '-' && fold_is_letter(text->text[at + 1]))
        return false; /* "eight-digit" */
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        if (fold_word(text, next, links[i]))
            return true;
    }
    return !fold_is_word(text->text[next]);
}

/* "vor zwölf", "ab acht", "until 7": a number of the clock. */
static bool tells_hour(const struct folded *text, size_t at)
{
    static const char *const before[] = {"vor ",   "ab ",   "um ",     "gegen ", "zwischen ", "between ",   "around ",
                                         "until ", "till ", "before ", "at ",    "bis ",      "und ",       "after ",
                                         "auf ",   "by ",   "punkt ",  "seit ",  "since ",    "kurz nach ", "past "};

    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t n = strlen(before[i]);
        if (at >= n && strncmp(text->text + at - n, before[i], n) == 0 &&
            (at == n || !fold_is_word(text->text[at - n - 1])))
            return true;
    }
    return false;
}

/* "Am Freitag haben wir bis vier offen": an hour, as the sentence tells of when something is open. */
static bool is_open_hour(const struct folded *text, const struct fact *fact)
{
    static const char *const before[] = {"um ",   "ab ",  "at ", "until ", "till ", "bis ",
                                         "from ", "von ", "to ", "and ",   "und "};
    static const char *const opens[] = {"open",      "opens",      "close",       "closes",    "closed",
                                        "shut",      "shuts",      "offen",       "geoeffnet", "oeffnet",
                                        "schliesst", "schliessen", "geschlossen", "erreichbar"};
    bool told = false;
    size_t at = fact->start;

    for (size_t i = 0; i < ARRAY_LEN(before) && !told; i++) {
        size_t n = strlen(before[i]);
        told = at >= n && strncmp(text->text + at - n, before[i], n) == 0;
    }
    if (!told || !fact->bare || *fact->unit || fact->value > NOON)
        return false;
    while (at > 0 && !strchr(".!?\n;,", text->text[at - 1]))
        at--;
    for (; at < text->len && (at < fact->end || !strchr(".!?\n;,", text->text[at])); at++) {
        if (fold_word_starts(text, at) && fold_word_of(text, at, opens, ARRAY_LEN(opens)))
            return true;
    }
    return false;
}

void facts_add(struct fact_list *list, const struct fact *fact)
{
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 64;
        list->items = mem_grow(list->items, list->cap, sizeof *list->items);
    }
    list->items[list->n++] = *fact;
}

/* "within three working days, the door within ten": the unit that a number leaves out is the one before it in its
 * sentence. What it may be supports, and nobody claims it. */
static void add_left_out(const struct folded *text, struct fact_list *list)
{
    const struct fact *number = &list->items[list->n - 1], *before = NULL;
    struct fact fact = *number;

    if (!number->bare || *number->unit || list->n < 2 || list->n == FACTS_MAX || tells_hour(text, number->start))
        return;
    for (size_t i = list->n - 1; i > 0 && !before; i--) {
        const struct fact *one = &list->items[i - 1];
        if ((one->kind == CLAIM_DURATION || one->kind == CLAIM_AMOUNT) && one->written > 0 && one->value > 0)
            before = one;
    }
    if (!before)
        return;
    for (size_t at = before->end; at < number->start; at++) {
        if (strchr("!?\n", text->text[at]) || (text->text[at] == '.' && !fold_is_word(text->text[at + 1])))
            return;
    }
    fact.kind = before->kind;
    fact.value = number->written * before->value / before->written;
    fact.ground_only = true;
    fact.bare = false;
    snprintf(fact.unit, sizeof fact.unit, "%s", before->unit);
    facts_add(list, &fact);
}

/* "10 Freiminuten", "14 Urlaubstage": what is counted ends in its unit. */
static void add_compound_unit(const struct folded *text, struct fact_list *list)
{
    static const char *const units[] = {"sekunden", "minuten", "stunden", "tage",   "tagen",   "wochen",
                                        "monate",   "monaten", "jahre",   "jahren", "naechte", "naechten"};
    const struct fact *number = &list->items[list->n - 1];
    size_t at = number->end + fold_blanks(text, number->end), len = fold_letters(text, at);
    struct fact fact = *number;

    if (number->kind != CLAIM_NUMBER || *number->unit || list->n == FACTS_MAX)
        return;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t n = strlen(units[i]);
        if (len < n + COMPOUND_LEAST || strncmp(text->text + at + len - n, units[i], n) != 0 ||
            !fact_read_unit(text, at + len - n, &fact))
            continue;
        fact.ground_only = true;
        facts_add(list, &fact);
        return;
    }
}

/* "beim Nordpad 11 149 Euro": the blank may be none of a thousand's. */
static void add_ungrouped(const struct folded *text, struct fact_list *list)
{
    const struct fact whole = list->items[list->n - 1];
    size_t digits = strspn(text->text + whole.start, "0123456789"), at = whole.start + digits + 1;
    struct fact fact = {0};

    if (!digits || text->text[at - 1] != ' ' || !fold_is_digit(text->text[at]) || list->n == FACTS_MAX ||
        (whole.kind != CLAIM_AMOUNT && whole.kind != CLAIM_NUMBER) || !fact_read_quantity(text, at, &fact))
        return;
    fact.start = at;
    fact.end = whole.end;
    fact.ground_only = true;
    facts_add(list, &fact);
}

/* "two photos, one of the item and one of the label": the draft counts what it names itself. */
static bool counts_named(const struct folded *text, const struct fact *fact)
{
    static const char *const ones[] = {"one", "eins", "eines", "einer", "einmal", "the other", "das andere"};
    int n = 0;

    if (fact->kind != CLAIM_NUMBER || *fact->unit)
        return false;
    for (size_t at = fact->end; at < text->len && !strchr(".!?\n;", text->text[at]); at++) {
        for (size_t i = 0; fold_word_starts(text, at) && i < ARRAY_LEN(ones); i++)
            n += fold_word(text, at, ones[i]) > 0;
    }
    return n > 1 && n == fact->value;
}

void facts_find(const struct folded *text, struct fact_list *ret_list)
{
    struct fact_list list = {0};

    for (size_t at = 0; at < text->len && list.n < FACTS_MAX;) {
        struct fact fact;
        bool begins = fold_word_starts(text, at) || strchr("+(", text->text[at]);
        size_t mark = begins ? list_mark(text, at) : 0;
        size_t len = begins && !mark ? read_fact(text, at, &fact) : 0;
        if (len) {
            fact.start = at;
            fact.end = at + len;
            fact.bare = fact.kind == CLAIM_NUMBER && (counts_nothing(text, fact.end) || tells_hour(text, at));
            fact.hour = is_open_hour(text, &fact);
            fact.ground_only |= counts_named(text, &fact);
            facts_add(&list, &fact);
            add_left_out(text, &list);
            add_ungrouped(text, &list);
            add_compound_unit(text, &list);
        }
        if (!len && !mark && fold_is_letter(text->text[at]))
            len = fold_letters(text, at);
        at += len ? len : mark ? mark : 1;
    }
    *ret_list = list;
}

bool fact_is_alike(const struct fact *one, const struct fact *other)
{
    return one->kind == other->kind && strcmp(one->unit, other->unit) == 0;
}

void facts_done(struct fact_list *self)
{
    mem_free(self->items);
    *self = (struct fact_list){0};
}
