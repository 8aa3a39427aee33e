/* Links, e-mail addresses, phone numbers and codes. */
#include <string.h>

#include "base/attrs.h"
#include "claims/facts.h"

enum {
    PHONE_DIGITS_LEAST = 7,
    PHONE_DIGITS_MOST = 15,
    PHONE_DIGITS_KEPT = 9,
    CODE_PREFIX_MAX = 5,
    CODE_DIGITS_LEAST = 5
};

/* A bare host counts as a link when it ends like one; "e.g." and a missing blank between sentences don't. */
static const char *const host_ends[] = {
    "com",     "net",      "org",    "de",  "at",       "ie",   "uk",     "eu",    "io",      "ly",
    "me",      "info",     "shop",   "app", "biz",      "site", "online", "link",  "example", "ru",
    "cn",      "xyz",      "ch",     "fr",  "nl",       "to",   "store",  "test",  "invalid", "local",
    "intern",  "internal", "corp",   "lan", "intranet", "edu",  "gov",    "cloud", "dev",     "help",
    "support", "berlin",   "london", "us",  "es",       "it",   "nl",     "be",    "tv"};

/* ---- links and mail ---- */

static size_t run_without_blanks(const struct folded *text, size_t at)
{
    size_t len = strcspn(text->text + at, " \n<>\"()[]{}|'*");

    while (len > 0 && strchr(".,;:!?'-", text->text[at + len - 1]))
        len--;
    return len;
}

static size_t host_length(const char *at, size_t len)
{
    size_t host = 0;

    while (host < len && (fold_is_word(at[host]) || at[host] == '-' || at[host] == '.'))
        host++;
    return host;
}

static bool ends_like_host(const char *at, size_t host)
{
    size_t label = host;

    while (label > 0 && at[label - 1] != '.')
        label--;
    if (label < 3 || label == host)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(host_ends); i++) {
        if (strlen(host_ends[i]) == host - label && strncmp(at + label, host_ends[i], host - label) == 0)
            return true;
    }
    return false;
}

/* "help.firma/start": with a path behind it, a host may end in any letters. */
static bool has_path(const char *at, size_t len)
{
    size_t host = host_length(at, len), label = host;

    while (label > 0 && fold_is_letter(at[label - 1]))
        label--;
    return host + 1 < len && at[host] == '/' && host - label >= 2 && label > 3 && at[label - 1] == '.' &&
           fold_is_letter(at[label - 2]);
}

static void keep_form(struct fact *fact, const char *at, size_t len)
{
    if (len >= FACT_FORM_MAX)
        len = FACT_FORM_MAX - 1;
    memcpy(fact->form, at, len);
    fact->form[len] = '\0';
}

size_t fact_read_address(const struct folded *text, size_t at, struct fact *ret_fact)
{
    size_t len = run_without_blanks(text, at), skip = 0;
    const char *run = text->text + at;
    const char *mail = memchr(run, '@', len);
    bool named;

    if (mail && mail > run && memchr(mail, '.', len - (size_t)(mail - run))) {
        skip = strncmp(run, "mailto:", 7) == 0 ? 7 : 0;
        *ret_fact = (struct fact){.kind = CLAIM_EMAIL};
        keep_form(ret_fact, run + skip, len - skip);
        return len;
    }
    if (strncmp(run, "https://", 8) == 0 || strncmp(run, "http://", 7) == 0)
        skip = run[4] == 's' ? 8 : 7;
    named = skip > 0;
    if (strncmp(run + skip, "www.", 4) == 0)
        skip += 4, named = true;
    if (skip >= len || (!named && !ends_like_host(run, host_length(run, len)) && !has_path(run, len)))
        return 0;
    *ret_fact = (struct fact){.kind = CLAIM_LINK};
    keep_form(ret_fact, run + skip, len - skip - (run[len - 1] == '/'));
    return len;
}

/* ---- phone numbers ---- */

/* Begins with + or 0, has enough digits in groups. The last digits count, so that +44 20 and 020 meet. */
size_t fact_read_phone(const struct folded *text, size_t at, struct fact *ret_fact)
{
    const char *run = text->text + at;
    char digits[PHONE_DIGITS_MOST + 1];
    size_t n = 0, len = 0, end = 0;

    if (*run != '+' && *run != '0' && !(*run == '(' && (run[1] == '0' || run[1] == '+')))
        return 0;
    for (; run[len] && n <= PHONE_DIGITS_MOST; len++) {
        if (fold_is_digit(run[len])) {
            if (n < PHONE_DIGITS_MOST)
                digits[n] = run[len];
            n++;
            end = len + 1;
        } else if (!strchr(" -/()+", run[len]) || (run[len] == ' ' && run[len + 1] == ' ') ||
                   (run[len] == '(' && n && strncmp(run + len, "(0)", 3) != 0)) {
            break; /* "0800 031 7729 (24 hours)" */
        }
    }
    if (n < PHONE_DIGITS_LEAST || n > PHONE_DIGITS_MOST || fold_is_letter(run[end]))
        return 0;
    *ret_fact = (struct fact){.kind = CLAIM_PHONE};
    if (n > PHONE_DIGITS_KEPT)
        keep_form(ret_fact, digits + n - PHONE_DIGITS_KEPT, PHONE_DIGITS_KEPT);
    else
        keep_form(ret_fact, digits, n);
    return end;
}

/* ---- codes ---- */

struct segment {
    size_t len;
    bool letters, digits;
};

static struct segment read_segment(const char *at)
{
    struct segment self = {0};

    for (; fold_is_word(at[self.len]); self.len++) {
        self.letters |= fold_is_letter(at[self.len]);
        self.digits |= fold_is_digit(at[self.len]);
    }
    return self;
}

static void add_segment(struct fact *fact, const char *at, size_t len)
{
    size_t have = strlen(fact->form);

    if (have + len < FACT_FORM_MAX) {
        memcpy(fact->form + have, at, len);
        fact->form[have + len] = '\0';
    }
}

/* 1st, 2nd, 24h, 5x: figures with a word's end, no codes. */
static bool is_figure(const char *at, size_t len)
{
    static const char *const ends[] = {"st", "nd", "rd", "th", "h", "x", "ter", "te", "er", "am", "pm", "s", "ish"};
    size_t digits = strspn(at, "0123456789");

    for (size_t i = 0; digits && i < ARRAY_LEN(ends); i++) {
        if (len == digits + strlen(ends[i]) && strncmp(at + digits, ends[i], len - digits) == 0)
            return true;
    }
    return false;
}

/* Letters and digits together (KH-204817, T2, WPA2), or a long run of digits. Segments are joined by single dashes; a
 * trailing one without digits is a word's: T2-Thermostat holds the code T2. */
size_t fact_read_code(const struct folded *text, size_t at, struct fact *ret_fact)
{
    const char *run = text->text + at;
    size_t len = 0, end = 0, digits = 0;
    bool letters = false;
    struct fact fact = {.kind = CLAIM_REFERENCE};

    for (;;) {
        struct segment segment = read_segment(run + len);
        if (segment.len == 0 || (!segment.digits && (end || segment.len > CODE_PREFIX_MAX)) ||
            is_figure(run + len, segment.len))
            break;
        add_segment(&fact, run + len, segment.len);
        letters |= segment.letters;
        len += segment.len;
        if (segment.digits)
            end = len, digits += segment.len;
        if ((run[len] != '-' && run[len] != '/') || !fold_is_word(run[len + 1]) ||
            strlen(fact.form) + 1 >= FACT_FORM_MAX)
            break;
        len++;
    }
    if (!end || (!letters && digits < CODE_DIGITS_LEAST) || (!letters && len > strlen(fact.form)))
        return 0;
    *ret_fact = fact;
    return end;
}
