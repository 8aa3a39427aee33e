/* Luhn's sum (ISO/IEC 7812-1) with the issuers' ranges; the IBAN's remainder (ISO 13616) with the countries' lengths.
 */
#include "pii/checksums.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"

enum { CARD_DIGITS_LEAST = 13, CARD_DIGITS_MAX = 19, IBAN_LEAST = 15, IBAN_MAX = 34, BLANKS_BETWEEN_MAX = 2 };

/* ---- cards ---- */

/* By the first four digits. */
static const struct {
    int low, high, least, most;
} issuers[] = {
    {4000, 4999, 13, 19}, {5100, 5599, 16, 16}, {2221, 2720, 16, 16}, {3400, 3499, 15, 15},
    {3700, 3799, 15, 15}, {3000, 3059, 14, 19}, {3600, 3699, 14, 19}, {3800, 3999, 14, 19},
    {3528, 3589, 16, 19}, {6011, 6011, 16, 19}, {6440, 6599, 16, 19}, {6200, 6299, 16, 19},
    {5000, 5099, 16, 19}, {5600, 5999, 16, 19}, {6300, 6399, 16, 19}, {6700, 6799, 16, 19},
};

static bool is_issued(const char *digits, int n)
{
    int head = (digits[0] - '0') * 1000 + (digits[1] - '0') * 100 + (digits[2] - '0') * 10 + (digits[3] - '0');

    for (size_t i = 0; i < ARRAY_LEN(issuers); i++) {
        if (head >= issuers[i].low && head <= issuers[i].high && n >= issuers[i].least && n <= issuers[i].most)
            return true;
    }
    return false;
}

static bool luhn(const char *digits, int n)
{
    int sum = 0;

    for (int i = 0; i < n; i++) {
        int d = digits[n - 1 - i] - '0';
        d = i % 2 ? d * 2 : d;
        sum += d > 9 ? d - 9 : d;
    }
    return sum % 10 == 0;
}

/* Bytes of the blank or hyphen at text; also the non-breaking ones and dashes. */
static size_t separator_at(const char *text, size_t len)
{
    static const char *const long_ones[] = {"\xc2\xa0",     "\xe2\x80\xaf", "\xe2\x80\x89",
                                            "\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x93"};

    if (len && strchr(" -.", *text))
        return *text != '\0';
    for (size_t i = 0; i < ARRAY_LEN(long_ones); i++) {
        size_t n = strlen(long_ones[i]);
        if (len >= n && memcmp(text, long_ones[i], n) == 0)
            return n;
    }
    return 0;
}

static size_t skip_separators(const char *text, size_t len)
{
    size_t at = 0, n;

    for (int i = 0; i < BLANKS_BETWEEN_MAX && (n = separator_at(text + at, len - at)) > 0; i++)
        at += n;
    return at;
}

/* A card is followed by its code of three digits or by a date, never by one digit: that is a longer number. */
static bool one_digit_follows(const char *text, size_t len)
{
    size_t at = skip_separators(text, len);

    return at > 0 && at < len && isdigit((unsigned char)text[at]) &&
           (at + 1 == len || !strchr("0123456789/.-", text[at + 1]));
}

size_t card_at(const char *text, size_t len)
{
    char digits[CARD_DIGITS_MAX];
    size_t at = 0, best = 0;
    int n = 0;

    while (at < len && n < CARD_DIGITS_MAX && isdigit((unsigned char)text[at])) {
        digits[n++] = text[at++];
        bool ends = at == len || !isdigit((unsigned char)text[at]);
        if (ends && n >= CARD_DIGITS_LEAST && is_issued(digits, n) && luhn(digits, n))
            best = at;
        if (ends)
            at += skip_separators(text + at, len - at);
    }
    return best && !one_digit_follows(text + best, len - best) ? best : 0;
}

/* ---- IBANs ---- */

static const struct {
    char country[3];
    int length;
} lengths[] = {
    {"AT", 20}, {"BE", 16}, {"BG", 22}, {"CH", 21}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DK", 18}, {"EE", 20},
    {"ES", 24}, {"FI", 18}, {"FR", 27}, {"GB", 22}, {"GR", 27}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IS", 26},
    {"IT", 27}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"MT", 31}, {"NL", 18}, {"NO", 15}, {"PL", 28},
    {"PT", 25}, {"RO", 24}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"TR", 26},
};

static int length_of(const char *country)
{
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        if (toupper((unsigned char)country[0]) == lengths[i].country[0] &&
            toupper((unsigned char)country[1]) == lengths[i].country[1])
            return lengths[i].length;
    }
    return 0;
}

static bool remainder_is_one(const char *chars, int n)
{
    int rest = 0;

    for (int i = 0; i < n; i++) {
        int c = toupper((unsigned char)chars[(i + 4) % n]);
        rest = isdigit(c) ? (rest * 10 + c - '0') % 97 : (rest * 100 + c - 'A' + 10) % 97;
    }
    return rest == 1;
}

size_t iban_at(const char *text, size_t len)
{
    char chars[IBAN_MAX];
    size_t at = 0;
    int n = 0, wanted = len < 2 ? 0 : length_of(text);

    if (!wanted)
        return 0;
    while (at < len && n < wanted) {
        if (!isalnum((unsigned char)text[at]))
            return 0;
        chars[n++] = text[at++];
        if (n < wanted)
            at += skip_separators(text + at, len - at);
    }
    if (n < IBAN_LEAST || n < wanted || (at < len && isalnum((unsigned char)text[at])))
        return 0;
    return remainder_is_one(chars, n) ? at : 0;
}
