/* Numbers, in digits and in words. */
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/fact_parts.h"

enum { DIGITS_MAX = 15, GROUP = 3, HUNDRED = 100, THOUSAND = 1000 };

static const struct {
    const char *word;
    int value;
} number_words[] = {
    {"one", 1},       {"two", 2},        {"three", 3},      {"four", 4},      {"five", 5},
    {"six", 6},       {"seven", 7},      {"eight", 8},      {"nine", 9},      {"ten", 10},
    {"eleven", 11},   {"twelve", 12},    {"thirteen", 13},  {"fourteen", 14}, {"fifteen", 15},
    {"sixteen", 16},  {"seventeen", 17}, {"eighteen", 18},  {"nineteen", 19}, {"twenty", 20},
    {"thirty", 30},   {"forty", 40},     {"fifty", 50},     {"sixty", 60},    {"seventy", 70},
    {"eighty", 80},   {"ninety", 90},    {"hundred", 100},  {"eins", 1},      {"zwei", 2},
    {"drei", 3},      {"vier", 4},       {"fuenf", 5},      {"sechs", 6},     {"sieben", 7},
    {"acht", 8},      {"neun", 9},       {"zehn", 10},      {"elf", 11},      {"zwoelf", 12},
    {"dreizehn", 13}, {"vierzehn", 14},  {"fuenfzehn", 15}, {"sechzehn", 16}, {"siebzehn", 17},
    {"achtzehn", 18}, {"neunzehn", 19},  {"zwanzig", 20},   {"dreissig", 30}, {"vierzig", 40},
    {"fuenfzig", 50}, {"sechzig", 60},   {"siebzig", 70},   {"achtzig", 80},  {"neunzig", 90},
    {"hundert", 100}, {"dozen", 12},     {"dutzend", 12},   {"zweien", 2},    {"dreien", 3},
    {"vieren", 4},    {"fuenfen", 5},    {"sechsen", 6},    {"zwoelfen", 12}, {"zweier", 2},
    {"dreier", 3}, /* "auf dreien der Bahnen", "binnen zweier Wochen" */
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

/* ---- English words ---- */

/* "twelve", "twenty-four", "twenty four". */
static size_t below_hundred(const struct folded *text, size_t at, double *ret_value)
{
    const char *run = text->text + at;
    size_t len = fold_letters(text, at), more;
    int value, small;

    if (!simple_word(run, len, &value) || fold_is_digit(run[len]))
        return 0;
    *ret_value = value;
    more = value >= 20 && value < HUNDRED && run[len] && strchr("- ", run[len]) ? fold_letters(text, at + len + 1) : 0;
    if (!more || !simple_word(run + len + 1, more, &small) || small >= 10 || fold_is_digit(run[len + 1 + more]))
        return len;
    *ret_value = value + small;
    return len + 1 + more;
}

static const struct {
    const char *word;
    double times;
} powers[] = {{"hundred", 100},     {"hundert", 100}, {"thousand", THOUSAND}, {"tausend", THOUSAND},
              {"million", 1000000}, {"dozen", 12},    {"dutzend", 12}};

/* The word of a power behind a number below a hundred: its bytes, blanks included. */
static size_t read_power(const struct folded *text, size_t at, double *ret_times)
{
    size_t blanks = fold_blanks(text, at);

    for (size_t i = 0; i < ARRAY_LEN(powers); i++) {
        size_t len = fold_word(text, at + blanks, powers[i].word);
        if (!len)
            continue;
        *ret_times = powers[i].times;
        return blanks + len;
    }
    return 0;
}

/* "and fifty" of "two hundred and fifty", "two hundred" of "one thousand two hundred": what is added; 0 bytes for
 * none. */
static size_t read_rest(const struct folded *text, size_t at, double times, double *ret_rest)
{
    size_t len = fold_blanks(text, at), link = fold_word(text, at + len, "and"), part, power;
    double more = 1;

    if (times != HUNDRED && times != THOUSAND)
        return 0;
    len += link + (link ? fold_blanks(text, at + len + link) : 0);
    part = below_hundred(text, at + len, ret_rest);
    power = part ? read_power(text, at + len + part, &more) : 0;
    if (!part || (power && (more >= times || more != HUNDRED)))
        return 0;
    len += part + power;
    *ret_rest *= more;
    if (power) {
        double last = 0;
        len += read_rest(text, at + len, HUNDRED, &last);
        *ret_rest += last;
    }
    return len;
}

/* ---- German words ---- */

/* "vierundzwanzig" and below. */
static bool german_below_hundred(const char *word, size_t len, int *ret_value)
{
    const char *und;
    int small, tens;

    if (simple_word(word, len, ret_value))
        return *ret_value < HUNDRED;
    if (len == 3 && strncmp(word, "ein", len) == 0) {
        *ret_value = 1;
        return true;
    }
    und = strstr(word, "und");
    if (!und || und == word || und + 3 >= word + len || !simple_word(und + 3, (size_t)(word + len - und - 3), &tens) ||
        tens < 20 || tens >= HUNDRED)
        return false;
    if (und == word + 3 && strncmp(word, "ein", 3) == 0)
        small = 1;
    else if (!simple_word(word, (size_t)(und - word), &small) || small >= 10)
        return false;
    *ret_value = tens + small;
    return true;
}

/* "zwoelfhundertfuenfzig", "tausendzweihundert". */
static bool german_word(const char *word, size_t len, double *ret_value)
{
    static const struct {
        const char *word;
        int times;
    } steps[] = {{"tausend", THOUSAND}, {"hundert", HUNDRED}};
    int value = 0;

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        size_t n = strlen(steps[i].word), head, tail;
        const char *at = strstr(word, steps[i].word);
        double front = 1, back = 0;
        if (!at || at + n > word + len)
            continue;
        head = (size_t)(at - word);
        tail = len - head - n;
        if (tail > 3 && strncmp(at + n, "und", 3) == 0)
            at += 3, tail -= 3;
        if ((head && !german_word(word, head, &front)) || (tail && !german_word(at + n, tail, &back)) ||
            back >= steps[i].times)
            return false;
        *ret_value = front * steps[i].times + back;
        return true;
    }
    if (!german_below_hundred(word, len, &value))
        return false;
    *ret_value = value;
    return true;
}

/* twenty-four, twelve hundred and fifty; vierundzwanzig, zweihundertfuenfzig */
size_t fact_read_number_word(const struct folded *text, size_t at, double *ret_value)
{
    size_t len = below_hundred(text, at, ret_value), letters = fold_letters(text, at), power;
    double times, rest = 0;

    if (fold_is_digit(text->text[at + letters]))
        return 0;
    if (!len) {
        if (letters <= 3 || !german_word(text->text + at, letters, ret_value))
            return 0;
        return letters;
    }
    power = *ret_value < HUNDRED ? read_power(text, at + len, &times) : 0;
    if (power)
        *ret_value *= times;
    else if (*ret_value == HUNDRED)
        times = HUNDRED;
    else
        return len;
    len += power;
    len += read_rest(text, at + len, times, &rest);
    *ret_value += rest;
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
