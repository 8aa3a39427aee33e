/* What is English is told by its small words; what is a name, by its first letter. */
#include "draft/names.h"

#include <string.h>

#include "base/attrs.h"

enum { LETTERS_LEAST = 3, ENDING_MOST = 2 };

/* Folded words between blanks. */
static const char english_words[] = " the is are a to you your our and for it please can with be not if of we ";
static const char german_words[] = " der die das und ist sie wir bitte nicht ein eine ihr ihre ihren auf mit ";

/* Written with a capital whatever they name, and said by everybody. */
static const char no_names[] =
    " monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december christmas easter mr mrs ms dr sir madam dear kind regards thanks hello english "
    "german french irish british european eu uk usa us internet bluetooth wifi email pdf sms id vat iban pin url csv json "
    "usb ok yes no gmt utc atm ios android windows google apple i'm i've i'll ";

static bool listed(const char *list, const char *word, size_t len)
{
    for (const char *at = list; (at = strchr(at, ' ')) && at[1]; at++) {
        if (strncmp(at + 1, word, len) == 0 && at[1 + len] == ' ')
            return true;
    }
    return false;
}

static size_t word_len(const struct folded *text, size_t at)
{
    size_t len = 0;

    while (fold_is_word(text->text[at + len]))
        len++;
    return len;
}

static bool is_english(const struct folded *text, size_t start, size_t end)
{
    size_t english = 0, german = 0;

    for (size_t at = start; at < end;) {
        size_t len = word_len(text, at);
        english += len && listed(english_words, text->text + at, len);
        german += len && listed(german_words, text->text + at, len);
        at += len ? len : 1;
    }
    return english > german;
}

static bool capital(const char *original, const struct folded *text, size_t at)
{
    char c = original[text->at[at]];

    return c >= 'A' && c <= 'Z';
}

/* VitalisPlus, GlobalGate: a name in every language. */
static bool inner_capital(const char *original, const struct folded *text, size_t at, size_t len)
{
    bool small = false;

    for (size_t i = at + 1; i < at + len; i++) {
        char c = original[text->at[i]];
        if (c >= 'A' && c <= 'Z' && small)
            return true;
        small |= c >= 'a' && c <= 'z';
    }
    return false;
}

/* A word behind one of these begins something of its own. */
static bool begins(const struct folded *text, size_t start, size_t at)
{
    while (at > start && strchr(" '(", text->text[at - 1]))
        at--;
    return at == start || strchr(":\"\n*-.!?", text->text[at - 1]);
}

size_t names_find(const char *original, const struct folded *text, size_t start, size_t end, struct name *names,
                  size_t cap)
{
    size_t n = 0;

    bool english = is_english(text, start, end);

    for (size_t at = start; at < end && n < cap;) {
        size_t len = word_len(text, at);
        if (len >= LETTERS_LEAST && fold_is_letter(text->text[at]) && capital(original, text, at) &&
            !listed(no_names, text->text + at, len) &&
            ((english && !begins(text, start, at)) || inner_capital(original, text, at, len)))
            names[n++] = (struct name){at, at + len};
        at += len ? len : 1;
    }
    return n;
}

bool name_stands(const struct folded *text, const char *word, size_t len, size_t *ret_start, size_t *ret_end)
{
    for (size_t at = 0; at < text->len; at++) {
        size_t all;
        if (!fold_word_starts(text, at))
            continue;
        all = word_len(text, at);
        size_t least = all < len ? all : len, most = all < len ? len : all;
        if (most - least > ENDING_MOST || strncmp(text->text + at, word, least) != 0)
            continue;
        *ret_start = at;
        *ret_end = at + all;
        return true;
    }
    return false;
}
