/* Facts of the draft, held against those of the texts: whether one is there, and said of the same thing. */
#include "claims/claim_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/beside.h"
#include "claims/calendar.h"
#include "claims/moved.h"
#include "claims/pairs.h"
#include "claims/sentences.h"

enum { RANGE_BYTES = 24, WORKED_OUT_LEAST = 2, DIGITS_LEAST = 4, DIGITS_ALL = 24, ENUMERATED_MOST = 6 };

/* "By 14 October", where the texts have the 30.9. and 14 days. */
static bool is_worked_out(const struct fact *from, const struct fact *claim, const struct ground *grounds, size_t n)
{
    int days;

    if (claim->kind != CLAIM_DATE || from->kind != CLAIM_DATE || !claim->day || !claim->month || !from->day ||
        !from->month || *claim->form || *from->form || claim->month > MONTHS_OF_YEAR || from->month > MONTHS_OF_YEAR)
        return false;
    days = calendar_days_between(from, claim);
    for (size_t g = 0; days && g < n; g++) {
        for (size_t i = 0; !grounds[g].ticket && i < grounds[g].facts.n; i++) {
            const struct fact *span = &grounds[g].facts.items[i];
            if (span->kind == CLAIM_DATE && ((days == 1 && strcmp(span->form, "next day") == 0) ||
                                             (days == DAYS_OF_YEAR - 1 && strcmp(span->form, "day before") == 0)))
                return true;
            if (span->kind == CLAIM_DURATION && strcmp(span->unit, "day") == 0 && span->value >= WORKED_OUT_LEAST &&
                (span->value == days || span->value == DAYS_OF_YEAR - days))
                return true;
        }
    }
    return false;
}

/* The digits of a long number without a unit. */
static bool digits_of(const struct fact *fact, char digits[DIGITS_ALL])
{
    if (fact->kind != CLAIM_NUMBER || fact->value != floor(fact->value) || fact->value >= 1e15)
        return false;
    return snprintf(digits, DIGITS_ALL, "%.0f", fact->value) >= DIGITS_LEAST;
}

/* "Postfach 20 14" has the 2014. */
static bool digits_stand(const struct folded *text, const char *digits, size_t *ret_start, size_t *ret_end)
{
    for (size_t at = 0; at < text->len; at++) {
        size_t end = at, i = 0;
        if (!fold_is_digit(text->text[at]) ||
            (at > 0 && (fold_is_digit(text->text[at - 1]) || strchr(".,-/", text->text[at - 1]))))
            continue;
        for (; digits[i]; end++) {
            if (text->text[end] == digits[i])
                i++;
            else if (text->text[end] != ' ')
                break;
        }
        if (digits[i] || fold_is_digit(text->text[end]))
            continue;
        *ret_start = at;
        *ret_end = end;
        return true;
    }
    return false;
}

/* "vom 30. April bis", "from 3 May until": what ends here is no limit that follows from something. */
static bool is_range(const struct folded *draft, size_t end)
{
    static const char *const words[] = {"vom", "von", "from", "between", "zwischen"};

    for (size_t at = end > RANGE_BYTES ? end - RANGE_BYTES : 0; at < end; at++) {
        if (memchr(draft->text + at, ',', end - at))
            continue; /* "to freeze from 1 July, tell us by 24 June" */
        for (size_t i = 0; fold_word_starts(draft, at) && i < ARRAY_LEN(words); i++) {
            size_t len = fold_word(draft, at, words[i]);
            if (len && strcspn(draft->text + at, "0123456789") < RANGE_BYTES / 2 &&
                fold_is_digit(draft->text[at + strcspn(draft->text + at, "0123456789")]))
                return true;
        }
    }
    return false;
}

/* "by 14 October", "bis zum 14.10.": only a limit is worked out. */
static bool tells_limit(const struct folded *draft, const struct fact *fact)
{
    static const char *const words[] = {" by ",        " until ",   " till ",     " by the ",         " before ",
                                        " bis ",       " bis zum ", " bis am ",   " spaetestens am ", " spaetestens ",
                                        " latest by ", " than ",    " latest on "};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]) - 1; /* a sentence may begin with it */
        if (fact->start >= n && strncmp(draft->text + fact->start - n, words[i] + 1, n) == 0 &&
            fold_word_starts(draft, fact->start - n))
            return !is_range(draft, fact->start - n);
    }
    return false;
}

/* "at least two of your roses": of what the customer has. */
static bool is_of_theirs(const struct folded *text, const struct fact *fact)
{
    static const char *const words[] = {"of your", "of yours", "of those", "of them",   "of these",   "of the",
                                        "ihrer",   "deiner",   "davon",    "von ihren", "von deinen", "of my"};

    return fold_word_of(text, fact->end + fold_blanks(text, fact->end), words, ARRAY_LEN(words)) > 0;
}

/* "no more than five", "hoechstens drei": a limit is ours, and no number of a mail makes it. */
static bool limits_number(const struct folded *text, const struct fact *fact)
{
    static const char *const words[] = {"no more than ", "not more than ", "at most ",   "up to ",    "maximum of ",
                                        "hoechstens ",   "maximal ",       "bis zu ",    "mehr als ", "more than ",
                                        "as many as ",   "at least ",      "mindestens "};

    for (size_t i = 0; fact->kind == CLAIM_NUMBER && i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if (fact->start >= n && strncmp(text->text + fact->start - n, words[i], n) == 0)
            return true;
    }
    return false;
}

void claim_fact_support(struct claim *claim, const struct folded *draft, const struct fact *fact,
                        const struct ground *grounds, size_t n)
{
    const bool is_limit = tells_limit(draft, fact), limited = limits_number(draft, fact) && !is_of_theirs(draft, fact);
    char digits[DIGITS_ALL];

    for (size_t g = 0; g < n && !claim->supported; g++) {
        for (size_t i = 0; i < grounds[g].facts.n && !claim->supported; i++) {
            const struct fact *other = &grounds[g].facts.items[i];
            if (limited &&
                (other->kind == CLAIM_TIME || (grounds[g].ticket && !limits_number(&grounds[g].text, other))))
                continue;
            if (fact_supports(other, fact))
                ground_bears(&grounds[g], g, other->start, other->end, claim);
        }
    }
    for (size_t g = 0, at, end; g < n && !claim->supported && digits_of(fact, digits); g++) {
        if (digits_stand(&grounds[g].text, digits, &at, &end))
            ground_bears(&grounds[g], g, at, end, claim);
    }
    for (size_t g = 0; g < n && !claim->supported; g++) {
        for (size_t i = 0; i < grounds[g].facts.n && !claim->supported; i++) {
            const struct fact *from = &grounds[g].facts.items[i];
            if (is_limit && is_worked_out(from, fact, grounds, n))
                ground_bears(&grounds[g], g, from->start, from->end, claim);
        }
    }
    for (size_t g = 0, i; g < n && !claim->supported; g++) {
        if (grounds[g].facts.items && fact_week_supports(&grounds[g].text, &grounds[g].facts, fact, &i))
            ground_bears(&grounds[g], g, grounds[g].facts.items[i].start, grounds[g].facts.items[i].end, claim);
    }
}

/* "Would Tuesday suit you?" */
static bool is_asked(const struct folded *draft, const struct fact *fact)
{
    return draft->text[fact->end + strcspn(draft->text + fact->end, ".!?\n")] == '?';
}

/* A value that a source has, but of something else, is none. */
static bool is_moved(const struct folded *draft, const struct fact *fact, const struct ground *grounds, size_t n)
{
    return !is_asked(draft, fact) && fact_moved(draft, fact, grounds, n);
}

/* "30 to 59 minutes late: 50 %": what an article gives for the draft's own condition is not moved. */
static bool is_paired(const struct folded *draft, const struct fact_list *facts, size_t i, const struct ground *grounds,
                      size_t n)
{
    size_t at = 0, start = 0, end = 0;

    while (sentence_next(draft, &at, &start, &end) && end <= facts->items[i].start)
        ;
    for (size_t g = 0; g < n; g++) {
        if (!grounds[g].ticket && fact_is_paired(facts, i, start, end, &grounds[g].text, &grounds[g].facts))
            return true;
    }
    return false;
}

/* "up to three times", where that sentence has once. */
bool claim_fact_is_beside_other(const struct folded *draft, const struct fact_list *facts, const struct fact *fact,
                                const struct ground *grounds, size_t n)
{
    return beside_other_often(draft, fact, grounds, n) || beside_other_day(draft, facts, fact, grounds, n);
}

/* "Friday 16 May", where the source has Thursday. */
static bool is_other_weekday(const struct folded *draft, const struct fact_list *facts, size_t i,
                             const struct ground *grounds, size_t n)
{
    for (size_t g = 0; g < n; g++) {
        if (fact_week_contradicts(facts, i, &grounds[g].facts) ||
            (!grounds[g].ticket && fact_week_pairs_other(draft, facts, i, &grounds[g].text, &grounds[g].facts)))
            return true;
    }
    return false;
}

/* "today's prices", "I can't say today": how somebody talks. */
static bool is_said_by_the_way(const struct folded *draft, const struct fact *fact)
{
    static const char *const knows[] = {"say",         "tell",       "know",      "promise",     "sagen",
                                        "zusagen",     "absehen",    "see",       "wissen",      "weiss",
                                        "versprechen", "beurteilen", "mitteilen", "einschaetzen"};
    static const char *const nots[] = {"can't", "cannot", "can not", "don't", "nicht", "couldn't", "unable"};
    size_t from = fact->start, end = fact->end;
    bool knowing = false, denied = false;

    if (strncmp(draft->text + fact->end, "'s ", 3) == 0)
        return true;
    end += strcspn(draft->text + end, ".!?\n");
    while (from > 0 && !strchr(".!?\n;", draft->text[from - 1]))
        from--;
    for (size_t at = from; at < end; at++) {
        for (size_t i = 0; fold_word_starts(draft, at) && i < ARRAY_LEN(knows); i++)
            knowing |= fold_word(draft, at, knows[i]) > 0;
        for (size_t i = 0; fold_word_starts(draft, at) && i < ARRAY_LEN(nots); i++)
            denied |= fold_word(draft, at, nots[i]) > 0;
    }
    return knowing && denied;
}

/* A day that is told by where we are now. */
static bool is_near_day(const struct fact *fact)
{
    static const char *const forms[] = {"today", "tomorrow", "overnight", "yesterday"};

    for (size_t i = 0; fact->kind == CLAIM_DATE && i < ARRAY_LEN(forms); i++) {
        if (strcmp(fact->form, forms[i]) == 0)
            return true;
    }
    return false;
}

/* "heute nicht", "heute noch nichts". */
static bool is_not_yet(const struct folded *draft, size_t at)
{
    static const char *const words[] = {"nicht", "nichts", "noch nicht", "noch nichts", "noch keine", "noch kein"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (fold_word(draft, at, words[i]))
            return true;
    }
    return false;
}

/* "Three papers, English, maths and reasoning": the draft itself counts what it names. */
static bool is_enumerated(const struct folded *draft, const struct fact *fact)
{
    size_t at, items = 0;

    if (fact->kind != CLAIM_NUMBER || *fact->unit || fact->value < 2 || fact->value > ENUMERATED_MOST)
        return false;
    at = fact->end + strcspn(draft->text + fact->end, ",:.;!?\n()");
    if (draft->text[at] != ',' && draft->text[at] != ':')
        return false;
    for (at++; !strchr(".;!?:\n()", draft->text[at]); at++) {
        items += draft->text[at] == ',';
        if (fold_word_starts(draft, at) && (fold_word(draft, at, "and") || fold_word(draft, at, "und")))
            return items + 2 == (size_t)fact->value;
    }
    return false;
}

/* "whether they have it today", "if you want it tomorrow", "heute nicht mehr": nothing is said of that day. */
bool claim_fact_is_open(const struct folded *draft, const struct fact *fact)
{
    static const char *const words[] = {"whether", "ob", "if", "wenn", "falls", "sollten", "unless"};
    size_t from = fact->start;
    bool comma = false;

    if (beside_left_out(draft, fact))
        return true;
    if ((fact->kind == CLAIM_DATE && !fact->day && is_asked(draft, fact)) || is_enumerated(draft, fact))
        return true;
    if (!is_near_day(fact))
        return false;
    if (is_said_by_the_way(draft, fact))
        return true;
    if (is_not_yet(draft, fact->end + fold_blanks(draft, fact->end)))
        return true;
    while (from > 0 && !strchr(".!?\n", draft->text[from - 1])) {
        from--;
        comma |= draft->text[from] == ',';
        for (size_t i = 0; fold_word_starts(draft, from) && i < ARRAY_LEN(words); i++) {
            if ((i < 2 || !comma) && fold_word(draft, from, words[i])) /* a condition ends at its comma */
                return true;
        }
    }
    return false;
}

bool claim_fact_is_moved(const struct folded *draft, const struct fact_list *facts, size_t i,
                         const struct ground *grounds, size_t n)
{
    return (is_moved(draft, &facts->items[i], grounds, n) && !is_paired(draft, facts, i, grounds, n)) ||
           is_other_weekday(draft, facts, i, grounds, n) ||
           claim_fact_is_beside_other(draft, facts, &facts->items[i], grounds, n);
}
