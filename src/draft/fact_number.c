/* Numbers, in digits and in words. */
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "draft/fact_parts.h"

enum { DIGITS_MAX = 15, GROUP = 3 };

static const struct {
    const char *word;
    int value;
} number_words[] = {
    {"one", 1},        {"two", 2},       {"three", 3},     {"four", 4},      {"five", 5},       {"six", 6},
    {"seven", 7},      {"eight", 8},     {"nine", 9},      {"ten", 10},      {"eleven", 11},    {"twelve", 12},
    {"thirteen", 13},  {"fourteen", 14}, {"fifteen", 15},  {"sixteen", 16},  {"seventeen", 17}, {"eighteen", 18},
    {"nineteen", 19},  {"twenty", 20},   {"thirty", 30},   {"forty", 40},    {"fifty", 50},     {"sixty", 60},
    {"seventy", 70},   {"eighty", 80},   {"ninety", 90},   {"hundred", 100}, {"eins", 1},       {"zwei", 2},
    {"drei", 3},       {"vier", 4},      {"fuenf", 5},     {"sechs", 6},     {"sieben", 7},     {"acht", 8},
    {"neun", 9},       {"zehn", 10},     {"elf", 11},      {"zwoelf", 12},   {"dreizehn", 13},  {"vierzehn", 14},
    {"fuenfzehn", 15}, {"sechzehn", 16}, {"siebzehn", 17}, {"achtzehn", 18}, {"neunzehn", 19},  {"zwanzig", 20},
    {"dreissig", 30},  {"vierzig", 40},  {"fuenfzig", 50}, {"sechzig", 60},  {"siebzig", 70},   {"achtzig", 80},
    {"neunzig", 90},   {"hundert", 100}, {"dozen", 12},    {"dutzend", 12},
};

/* Whether a mark at this place separates a group of exactly three digits. */
static bool is_group(const char *at)
{
    return at[0] && strchr(",.' ", at[0]) && strspn(at + 1, "0123456789") == GROUP;
}

size_t fact_read_digits(const struct folded *text, size_t at, double *ret_value)
{
    const char *run = text->text + at;
    size_t len = strspn(run, "0123456789"), fraction;
    char digits[DIGITS_MAX * 2 + 2];
    size_t n = len;

    if (len == 0 || len > DIGITS_MAX)
        return 0;
    memcpy(digits, run, len);
    while (len <= GROUP * 4 && *run != '0' && n % GROUP <= len && strspn(run, "0123456789") <= GROUP &&
           n + GROUP <= DIGITS_MAX && is_group(run + len)) {
        memcpy(digits + n, run + len + 1, GROUP);
        n += GROUP;
        len += 1 + GROUP;
    }
    digits[n] = '\0';
    fraction = (run[len] == '.' || run[len] == ',') ? strspn(run + len + 1, "0123456789") : 0;
    if (fraction && fraction <= DIGITS_MAX) {
        digits[n++] = '.';
        memcpy(digits + n, run + len + 1, fraction);
        digits[n + fraction] = '\0';
        len += 1 + fraction;
    }
    *ret_value = strtod(digits, NULL);
    return len;
}

static size_t simple_word(const char *at, size_t len, int *ret_value)
{
    for (size_t i = 0; i < ARRAY_LEN(number_words); i++) {
        if (strlen(number_words[i].word) == len && strncmp(at, number_words[i].word, len) == 0) {
            *ret_value = number_words[i].value;
            return len;
        }
    }
    return 0;
}

/* "six hundred", "two thousand": the word behind a number below ten; 0 bytes when none stands there. */
static size_t read_hundreds(const struct folded *text, size_t at, double *value)
{
    static const struct {
        const char *word;
        double times;
    } powers[] = {{"hundred", 100}, {"thousand", 1000}, {"tausend", 1000},
                  {"million", 1e6}, {"dozen", 12},      {"dutzend", 12}};
    size_t blanks = fold_blanks(text, at);

    for (size_t i = 0; i < ARRAY_LEN(powers) && *value < 100; i++) {
        size_t len = fold_word(text, at + blanks, powers[i].word);
        if (!len)
            continue;
        *value *= powers[i].times;
        return blanks + len;
    }
    return 0;
}

/* twenty-four; vierundzwanzig */
size_t fact_read_number_word(const struct folded *text, size_t at, double *ret_value)
{
    const char *run = text->text + at, *und;
    size_t len = fold_letters(text, at), more;
    int value, small;

    if (fold_is_digit(run[len]))
        return 0;
    if (simple_word(run, len, &value)) {
        more = value >= 20 && value < 100 && run[len] == '-' ? fold_letters(text, at + len + 1) : 0;
        if (more && simple_word(run + len + 1, more, &small) && small < 10) {
            *ret_value = value + small;
            return len + 1 + more;
        }
        *ret_value = value;
        return len + read_hundreds(text, at + len, ret_value);
    }
    und = strstr(run, "und");
    if (!und || und == run || und + 3 >= run + len || !simple_word(und + 3, (size_t)(run + len - und - 3), &value) ||
        value < 20 || value >= 100)
        return 0;
    if (strncmp(run, "ein", 3) == 0 && und == run + 3)
        small = 1;
    else if (!simple_word(run, (size_t)(und - run), &small) || small >= 10)
        return 0;
    *ret_value = value + small;
    return len;
}

/* "zweieinhalb": a number's word and a half. */
static size_t read_half_word(const struct folded *text, size_t at, double *ret_value)
{
    static const char tail[] = "einhalb";
    size_t len = fold_letters(text, at), head = len > sizeof tail - 1 ? len - (sizeof tail - 1) : 0;
    int whole;

    if (!head || strncmp(text->text + at + head, tail, sizeof tail - 1) != 0 ||
        !simple_word(text->text + at, head, &whole))
        return 0;
    *ret_value = whole + .5;
    return len;
}

size_t fact_read_number(const struct folded *text, size_t at, struct fact *fact, bool *ret_spelled)
{
    size_t len = fact_read_digits(text, at, &fact->value), half;

    *ret_spelled = len == 0;
    if (!len)
        len = read_half_word(text, at, &fact->value);
    if (!len)
        len = fact_read_number_word(text, at, &fact->value);
    half = len ? fold_word(text, at + len + fold_blanks(text, at + len), "and a half") : 0;
    if (half) {
        half += fold_blanks(text, at + len);
        fact->value += .5;
    }
    return len + half;
}
