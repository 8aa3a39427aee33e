/* The claim check. A claim is looked for by its normal form: digits without separators for numbers, so that "1,000" and
 * "1.000" meet; lower case for links and addresses; promises are phrases of a table. */
#include "triage/claims.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/attrs.h"

enum { FORM_MAX = 64 };

static const char *const kind_names[CLAIM_KINDS] = {"number", "link", "email", "promise"};

/* Promises and claims of action done. A draft may not say them at all unless a source says the same words. */
static const char *const promise_phrases[] = {
    "we have refunded",    "i have refunded",    "we've refunded",
    "i've refunded",       "have issued",        "we have sent",
    "i have sent",         "we've sent",         "i've sent",
    "have opened",         "i opened",           "we opened",
    "have cancelled",      "have canceled",      "we cancelled",
    "have escalated",      "have forwarded",     "have updated your",
    "have changed",        "have replaced",      "have booked",
    "have arranged",       "have scheduled",     "will refund",
    "will send you",       "will replace",       "will call you",
    "will contact you",    "will get back",      "will be in touch",
    "we guarantee",        "i guarantee",        "i promise",
    "we promise",          "will compensate",    "free of charge",
    "full refund",         "will be refunded",   "has been refunded",
    "has been cancelled",  "has been processed", "wir haben erstattet",
    "haben wir erstattet", "wurde erstattet",    "habe ich erstattet",
    "wir erstatten",       "werden erstatten",   "haben storniert",
    "wurde storniert",     "wir garantieren",    "wir versprechen",
    "werden ihnen",        "melden uns",         "haben weitergeleitet",
    "haben veranlasst",    "kostenlos",          "haben ihnen",
    "habe ihnen",          "rufen sie an",
};

/* Numbers spelled out. "one" and "ein" are left out: they are articles more often than claims. */
static const char *const number_words[][2] = {
    {"two", "2"},   {"three", "3"}, {"four", "4"},  {"five", "5"},    {"six", "6"},       {"seven", "7"},
    {"eight", "8"}, {"nine", "9"},  {"ten", "10"},  {"twelve", "12"}, {"fourteen", "14"}, {"thirty", "30"},
    {"zwei", "2"},  {"drei", "3"},  {"vier", "4"},  {"fünf", "5"},    {"sechs", "6"},     {"sieben", "7"},
    {"acht", "8"},  {"neun", "9"},  {"zehn", "10"}, {"zwölf", "12"},  {"vierzehn", "14"}, {"dreißig", "30"},
};

const char *claim_kind_name(enum claim_kind kind)
{
    return kind_names[kind];
}

/* ---- finding a form in a text ---- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool starts_with(const char *text, const char *lower)
{
    for (; *lower; text++, lower++) {
        if (tolower((unsigned char)*text) != (unsigned char)*lower)
            return false;
    }
    return true;
}

static bool contains(const char *text, const char *lower)
{
    for (; *text; text++) {
        if (starts_with(text, lower))
            return true;
    }
    return false;
}

/* Length of the number at text, separators of thousands and decimals included; 0 when none starts there. */
static size_t number_length(const char *text)
{
    size_t len = 0;

    while (isdigit((unsigned char)text[len]) ||
           (len > 0 && strchr(".,'", text[len]) && text[len] && isdigit((unsigned char)text[len + 1])))
        len++;
    return len;
}

static void number_form(const char *text, size_t len, char form[FORM_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < len && n + 1 < FORM_MAX; i++) {
        if (isdigit((unsigned char)text[i]))
            form[n++] = text[i];
    }
    form[n] = '\0';
}

static const char *word_number(const char *text, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(number_words); i++) {
        if (strlen(number_words[i][0]) == len && starts_with(text, number_words[i][0]))
            return number_words[i][1];
    }
    return NULL;
}

static size_t word_length(const char *text)
{
    size_t len = 0;

    while (is_word(text[len]))
        len++;
    return len;
}

/* Whether text holds the number of this form, in digits or spelled out. */
static bool has_number(const char *text, const char *form)
{
    char other[FORM_MAX];

    for (size_t i = 0; text[i]; i++) {
        bool inside = i > 0 && is_word(text[i - 1]);
        size_t digits = inside && isdigit((unsigned char)text[i - 1]) ? 0 : number_length(text + i);
        const char *spelled = inside || digits ? NULL : word_number(text + i, word_length(text + i));
        if (spelled && strcmp(spelled, form) == 0)
            return true;
        if (!digits)
            continue;
        number_form(text + i, digits, other);
        if (strcmp(other, form) == 0)
            return true;
        i += digits - 1;
    }
    return false;
}

static bool in_any(const char *const *texts, size_t n, const char *form, bool (*has)(const char *, const char *))
{
    for (size_t i = 0; i < n; i++) {
        if (texts[i] && has(texts[i], form))
            return true;
    }
    return false;
}

/* ---- what starts at a place of the draft ---- */

static bool lower_form(const char *text, size_t len, char form[FORM_MAX * 4])
{
    if (len >= FORM_MAX * 4)
        return false;
    for (size_t i = 0; i < len; i++)
        form[i] = (char)tolower((unsigned char)text[i]);
    form[len] = '\0';
    return true;
}

/* A link or a mail address: a run without blanks that holds "://", "www." or an at sign between words. */
static size_t address_length(const char *text, enum claim_kind *ret_kind)
{
    size_t len = strcspn(text, " \t\r\n<>\"()[]");
    const char *at;

    while (len > 0 && strchr(".,;:!?'", text[len - 1]))
        len--;
    if (len == 0)
        return 0;
    at = memchr(text, '@', len);
    *ret_kind = at && at > text && at + 1 < text + len ? CLAIM_EMAIL : CLAIM_LINK;
    if (*ret_kind == CLAIM_EMAIL || starts_with(text, "http://") || starts_with(text, "https://") ||
        starts_with(text, "www."))
        return len;
    return 0;
}

static size_t promise_length(const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(promise_phrases); i++) {
        if (starts_with(text, promise_phrases[i]))
            return strlen(promise_phrases[i]);
    }
    return 0;
}

struct found {
    enum claim_kind kind;
    size_t len;
    bool supported;
};

static bool find_address(const char *at, const char *const *texts, size_t n, struct found *found)
{
    char form[FORM_MAX * 4];

    found->len = address_length(at, &found->kind);
    found->supported = found->len && lower_form(at, found->len, form) && in_any(texts, n, form, contains);
    return found->len > 0;
}

static bool find_number(const char *at, const char *const *texts, size_t n, struct found *found)
{
    char form[FORM_MAX];
    size_t digits = number_length(at);
    size_t word = digits ? 0 : word_length(at);
    const char *spelled = word ? word_number(at, word) : NULL;

    if (!digits && !spelled)
        return false;
    number_form(at, digits, form);
    found->kind = CLAIM_NUMBER;
    found->len = digits ? digits : word;
    found->supported = in_any(texts, n, spelled ? spelled : form, has_number);
    return true;
}

static bool find_promise(const char *at, const char *const *texts, size_t n, struct found *found)
{
    char form[FORM_MAX * 4];

    found->kind = CLAIM_PROMISE;
    found->len = promise_length(at);
    found->supported = found->len && lower_form(at, found->len, form) && in_any(texts, n, form, contains);
    return found->len > 0;
}

size_t claims_check(const char *draft, const char *const *texts, size_t n, struct claim ret_claims[CLAIMS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; draft[i] && count < CLAIMS_MAX;) {
        struct found found = {0};
        bool at_word = i == 0 || !is_word(draft[i - 1]);
        if (!at_word && !isdigit((unsigned char)draft[i])) {
            i++;
            continue;
        }
        if (!(at_word && find_address(draft + i, texts, n, &found)) && !find_number(draft + i, texts, n, &found) &&
            !(at_word && find_promise(draft + i, texts, n, &found))) {
            i++;
            continue;
        }
        if (!found.supported)
            ret_claims[count++] = (struct claim){found.kind, i, i + found.len};
        i += found.len;
    }
    return count;
}
