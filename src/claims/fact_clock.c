/* Times of the day in words, as they are read off a clock's face. */
#include <string.h>

#include "base/attrs.h"
#include "claims/facts.h"

enum { NOON = 12, WORD_BEFORE_MAX = 12 };

/* An hour in words: its letters; 0 for none. */
size_t fact_read_hour(const struct folded *text, size_t at, int *ret_hour)
{
    double value;
    size_t len = fact_read_number_word(text, at, &value);

    if (!len) {
        static const char *const ones[] = {"eins", "one", "ein"};
        for (size_t i = 0; i < ARRAY_LEN(ones) && !len; i++)
            len = fold_word(text, at, ones[i]);
        value = 1;
    }
    if (!len)
        len = fact_read_digits(text, at, &value);
    if (!len && fold_word(text, at, "midnight"))
        len = sizeof "midnight" - 1, value = 0;
    if (!len || value > 2 * NOON || value != (int)value)
        return 0;
    *ret_hour = (int)value;
    return len;
}

/* "zehn vor acht Wochen". */
static bool is_measured(const struct folded *text, size_t at)
{
    struct fact fact = {0};

    return fact_read_quantity(text, at, &fact) && *fact.unit;
}

/* "half past five", "quarter to eleven", "halb acht", "viertel nach zwei": it may be either half of the day. */
static size_t read_half_face(const struct folded *text, size_t at, struct fact *ret_fact)
{
    static const struct {
        const char *word;
        int minutes; /* added to the hour */
    } heads[] = {{"half past", 30},       {"half-past", 30},       {"half", 30},
                 {"quarter past", 15},    {"a quarter past", 15},  {"quarter to", -15},
                 {"a quarter to", -15},   {"quarter after", 15},   {"a quarter after", 15},
                 {"quarter till", -15},   {"a quarter till", -15}, {"a quarter before", -15},
                 {"quarter before", -15}, {"halb", -30},           {"viertel nach", 15},
                 {"viertel vor", -15},    {"dreiviertel", -15},    {"drei viertel", -15},
                 {"viertel", -45}};
    int hour;

    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        size_t len = fold_word(text, at, heads[i].word), more;
        if (!len)
            continue;
        len += fold_blanks(text, at + len);
        more = fact_read_hour(text, at + len, &hour);
        if (!more || hour > NOON || is_measured(text, at + len) || fold_word(text, at + len, "dozen"))
            continue; /* "half dozen", "drei viertel zwei Stunden" */
        *ret_fact =
            (struct fact){.kind = CLAIM_TIME, .value = hour * MINUTES_PER_HOUR + heads[i].minutes, .unit = "12h"};
        return len + more;
    }
    return 0;
}

/* Whether the word before this place, or what stands behind, tells of a time: "at ten to eight", "zehn nach zwei Uhr".
 */
static bool is_clock(const struct folded *text, size_t at, size_t end)
{
    static const char *const before[] = {"at",   "since", "until", "by",    "before", "around",
                                         "from", "um",    "seit",  "gegen", "ab",     "bis",
                                         "kurz", "vor",   "till",  "about", "after",  "nach"};
    static const char *const behind[] = {"in the", "on",      "tomorrow", "this morning", "this evening",  "am",
                                         "pm",     "a.m",     "p.m",      "o'clock",      "uhr",           "yesterday",
                                         "today",  "morgens", "abends",   "mittags",      "nachmittags",   "frueh",
                                         "heute",  "gestern", "tonight",  "last night",   "this afternoon"};
    size_t next = end + fold_blanks(text, end), stop = at, start;

    for (size_t i = 0; i < ARRAY_LEN(behind); i++) {
        if (fold_word(text, next, behind[i]))
            return true;
    }
    if (fold_is_word(text->text[next]))
        return false;
    while (stop > 0 && text->text[stop - 1] == ' ')
        stop--;
    for (start = stop; start > 0 && fold_is_letter(text->text[start - 1]) && stop - start < WORD_BEFORE_MAX;)
        start--;
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        if (start < stop && fold_word(text, start, before[i]) == stop - start)
            return true;
    }
    return false;
}

/* "from ten to four", "Sundays ten to four": two hours. */
static bool begins_range(const struct folded *text, size_t at)
{
    static const char *const words[] = {"from ", "between ", "days ", "day ", "daily ", "open ", "hours ", "weekends "};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if (at >= n && strncmp(text->text + at - n, words[i], n) == 0)
            return true;
    }
    return false;
}

/* "twenty to eight", "zehn nach zwei": minutes of five, and an hour; "five to ten days" is none, but no range goes
 * down: "ten to nine". */
static size_t read_minutes_face(const struct folded *text, size_t at, struct fact *ret_fact)
{
    static const struct {
        const char *word;
        int sign;
        enum { BY_CONTEXT, OF_FIVES, SURE } when;
    } links[] = {{"past", 1, SURE},         {"minutes past", 1, SURE}, {"minutes to", -1, SURE}, {"to", -1, BY_CONTEXT},
                 {"minuten nach", 1, SURE}, {"minuten vor", -1, SURE}, {"nach", 1, OF_FIVES},    {"vor", -1, OF_FIVES}};
    double minutes;
    size_t len = fact_read_number_word(text, at, &minutes);

    if (!len)
        len = fact_read_digits(text, at, &minutes);
    if (!len || minutes < 1 || minutes > 29 || minutes != (int)minutes)
        return 0;
    len += fold_blanks(text, at + len);
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t link = fold_word(text, at + len, links[i].word), next = at + len + link, more;
        bool half, down;
        int hour;
        if (!link || (strcmp(links[i].word, "to") == 0 && begins_range(text, at)))
            continue;
        next += fold_blanks(text, next);
        half = fold_word(text, next, "halb") > 0;
        next += half ? sizeof "halb " - 1 : 0;
        more = fact_read_hour(text, next, &hour);
        if (!more || hour > NOON || is_measured(text, next))
            continue;
        down = links[i].when == OF_FIVES || (minutes > hour && !fold_is_digit(text->text[at]));
        if (!half && links[i].when != SURE && ((int)minutes % 5 || (!down && !is_clock(text, at, next + more))))
            continue;
        *ret_fact = (struct fact){.kind = CLAIM_TIME,
                                  .value = hour * MINUTES_PER_HOUR + links[i].sign * minutes - (half ? 30 : 0),
                                  .unit = "12h"};
        return next + more - at;
    }
    return 0;
}

size_t fact_read_clock(const struct folded *text, size_t at, struct fact *ret_fact)
{
    size_t len = read_half_face(text, at, ret_fact);

    return len ? len : read_minutes_face(text, at, ret_fact);
}
