#define _GNU_SOURCE /* strcasestr */
/* A text as words, each folded in two ways (umlauts to one letter, umlauts to two), and the fields' values against
 * them. A name's parts count alone; an address's lines count as wholes. */
#include "pii/words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "base/attrs.h"
#include "base/mem.h"

enum {
    FOLDED_MAX = 64,
    VALUE_WORDS_MAX = 24,
    PHONE_TAIL_DIGITS = 7,
    PHONE_GAP_BYTES = 4,
    STREET_LETTERS_LEAST = 5,
    SHORT_FORM_LEAST = 3,
    SHORT_FORM_SHARES = 2,
    PREFIX_LETTERS_MAX = 3,
    JOINED_LETTERS_LEAST = 5
};

struct word {
    size_t start, end;                          /* bytes; an apostrophe and what follows it belong to the word */
    char plain[FOLDED_MAX], german[FOLDED_MAX]; /* mueller: muller, mueller */
    bool capital;
};

struct words {
    struct word *items;
    size_t n, cap;
};

/* ---- folding ---- */

static void fold_add(char out[FOLDED_MAX], const char *more)
{
    size_t len = strlen(out), n = strlen(more);

    if (len + n < FOLDED_MAX)
        memcpy(out + len, more, n + 1);
}

static const struct {
    utf8proc_int32_t point;
    const char *plain, *german;
} specials[] = {
    {0xe4, "a", "ae"}, {0xf6, "o", "oe"}, {0xfc, "u", "ue"}, {0xdf, "ss", "ss"}, {0xf8, "o", "oe"}, {0xe6, "ae", "ae"},
    {0xe5, "a", "aa"}, {0x142, "l", "l"}, {0x111, "d", "d"}, {0xf0, "d", "d"},   {0x131, "i", "i"}, {0xfe, "th", "th"},
};

static void fold_point(struct word *word, utf8proc_int32_t point)
{
    utf8proc_int32_t parts[8];
    utf8proc_int32_t lower = utf8proc_tolower(point);
    char bytes[5] = {0};
    int bound = 0;

    for (size_t i = 0; i < ARRAY_LEN(specials); i++) {
        if (specials[i].point == lower) {
            fold_add(word->plain, specials[i].plain);
            fold_add(word->german, specials[i].german);
            return;
        }
    }
    if (utf8proc_decompose_char(lower, parts, 8, UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | UTF8PROC_COMPAT, &bound) > 0)
        lower = parts[0];
    if (utf8proc_category(lower) == UTF8PROC_CATEGORY_MN) {
        /* a mark of its own: the two dots of a decomposed umlaut are an e in the German way */
        if (lower == 0x308)
            fold_add(word->german, "e");
        return;
    }
    utf8proc_encode_char(lower, (utf8proc_uint8_t *)bytes);
    fold_add(word->plain, bytes);
    fold_add(word->german, bytes);
}

static bool is_word_point(utf8proc_int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);

    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME) || category == UTF8PROC_CATEGORY_ND;
}

static bool is_apostrophe(utf8proc_int32_t point)
{
    return point == '\'' || point == 0x2019 || point == 0x2bc || point == '`' || point == 0xb4;
}

static utf8proc_int32_t point_at(const char *text, size_t at, size_t *ret_len)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text + at, -1, &point);

    *ret_len = n > 0 ? (size_t)n : 1;
    return n > 0 ? point : ' ';
}

static struct word *new_word(struct words *self, size_t start)
{
    if (self->n == self->cap) {
        self->cap = self->cap ? self->cap * 2 : 64;
        self->items = mem_grow(self->items, self->cap, sizeof *self->items);
    }
    self->items[self->n] = (struct word){.start = start};
    return &self->items[self->n++];
}

static void split(struct words *self, const char *text, size_t len)
{
    struct word *word = NULL;
    size_t n, next;

    for (size_t at = 0; at < len; at += n) {
        utf8proc_int32_t point = point_at(text, at, &n);
        if (word && is_apostrophe(point) && at + n < len && is_word_point(point_at(text, at + n, &next)))
            continue;
        if (!is_word_point(point)) {
            word = NULL;
            continue;
        }
        if (!word) {
            word = new_word(self, at);
            word->capital = utf8proc_category(point) == UTF8PROC_CATEGORY_LU;
        }
        fold_point(word, point);
        word->end = at + n;
    }
}

/* ---- one word against another ---- */

static bool is_ending(const char *rest)
{
    static const char *const endings[] = {"", "s", "es", "ens", "n", "ns"};

    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        if (strcmp(rest, endings[i]) == 0)
            return true;
    }
    return false;
}

static bool begins(const char *text, const char *part, bool inflected)
{
    size_t len = strlen(part);

    return len && strncmp(text, part, len) == 0 && (inflected ? is_ending(text + len) : text[len] == '\0');
}

static bool same(const struct word *text, const struct word *value, bool inflected)
{
    return begins(text->plain, value->plain, inflected) || begins(text->german, value->german, inflected) ||
           begins(text->plain, value->german, inflected) || begins(text->german, value->plain, inflected);
}

/* ---- names ---- */

static const char *const titles[] = {
    "mr",  "mrs", "ms", "miss", "dr",  "prof", "herr", "frau",     "sir",   "and",    "und",     "von",     "van",
    "der", "den", "de", "del",  "di",  "da",   "du",   "la",       "le",    "el",     "al",      "zu",      "zur",
    "vom", "jr",  "sr", "the",  "ltd", "gmbh", "inc",  "customer", "kunde", "kundin", "unknown", "support", "team"};
/* Names that are words, too: these count where they are written as names are, and not at a sentence's begin. */
static const char *const ordinary[] = {
    "will",   "mark",    "may",   "bill",   "rose",  "grace",  "hope",   "joy",    "faith",  "long",  "young",
    "white",  "black",   "brown", "green",  "short", "best",   "price",  "street", "wood",   "woods", "hill",
    "lane",   "park",    "day",   "king",   "cook",  "baker",  "bishop", "field",  "stone",  "rich",  "drew",
    "pat",    "sue",     "art",   "june",   "april", "august", "summer", "dawn",   "ray",    "gold",  "hall",
    "page",   "case",    "cross", "reason", "klein", "lang",   "gross",  "kurz",   "alt",    "neu",   "jung",
    "weiss",  "schwarz", "braun", "ernst",  "frank", "stark",  "sommer", "winter", "herbst", "koch",  "richter",
    "kaiser", "engel",   "vogel", "stein",  "berg",  "see",    "link",   "so",     "do",     "an",    "in",
    "to",     "no",      "my",    "he",     "on",    "so",     "ho",     "you",    "her",    "law",   "low",
    "sage",   "love",    "post",  "booker",
};

static bool is_in(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(word, list[i]) == 0)
            return true;
    }
    return false;
}

static bool begins_sentence(const char *text, size_t at)
{
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        at--;
    return at == 0 || strchr(".!?\n", text[at - 1]);
}

/* A line with nothing else is a signature. */
static bool stands_alone(const char *text, const struct word *word)
{
    size_t start = word->start, end = word->end;

    while (start > 0 && strchr(" \t", text[start - 1]))
        start--;
    while (text[end] && strchr(" \t.,!", text[end]))
        end++;
    return (start == 0 || text[start - 1] == '\n') && (!text[end] || text[end] == '\n');
}

/* Whether only blanks, hyphens and dots lie between two words. */
static bool adjoin(const char *text, const struct word *left, const struct word *right)
{
    for (size_t i = left->end; i < right->start; i++) {
        if (!strchr(" \t-.,", text[i]))
            return false;
    }
    return right->start - left->end <= 3;
}

/* "O'Neill" and "O Neill": the field has two words where the text has one, or the other way round. */
static bool is_joined_part(const struct word *word, const struct words *name)
{
    for (size_t i = 0; i < name->n; i++) {
        const char *part = name->items[i].plain;
        size_t len = strlen(part);
        if (i + 1 < name->n && len <= PREFIX_LETTERS_MAX && strncmp(word->plain, part, len) == 0 &&
            begins(word->plain + len, name->items[i + 1].plain, true))
            return word->capital;
        if (part[0] == 'o' && len > JOINED_LETTERS_LEAST && strcmp(word->plain, part + 1) == 0)
            return word->capital;
    }
    return false;
}

static bool is_part(const struct word *word, const struct words *name)
{
    for (size_t i = 0; i < name->n; i++) {
        const struct word *part = &name->items[i];
        size_t letters = strlen(part->plain);
        if (letters < 2 || is_in(part->plain, titles, ARRAY_LEN(titles)))
            continue;
        if (same(word, part, letters > 2) && (word->capital || letters > 2))
            return true;
    }
    return is_joined_part(word, name);
}

/* What may stand between two parts of a name: an initial, or a particle that the name has. */
static bool is_between(const struct word *word, const struct words *name)
{
    if (word->end - word->start == 1 && word->capital)
        return true;
    for (size_t i = 0; i < name->n; i++) {
        if (same(word, &name->items[i], false))
            return true;
    }
    return false;
}

static bool counts_alone(const char *text, const struct word *word)
{
    if (!is_in(word->plain, ordinary, ARRAY_LEN(ordinary)))
        return true;
    return word->capital && (!begins_sentence(text, word->start) || stands_alone(text, word));
}

/* The "v." of "F. v. Rathenow". */
static bool is_particle(const char *text, const struct words *words, size_t at, const struct words *name)
{
    const struct word *word = &words->items[at], *before;
    bool of_name = strcmp(word->plain, "v") == 0 || strcmp(word->plain, "z") == 0;

    for (size_t i = 0; i < name->n; i++)
        of_name |= !word->capital && same(word, &name->items[i], false);
    if (!of_name || at == 0)
        return false;
    before = &words->items[at - 1];
    return before->capital && before->end - before->start == 1 && adjoin(text, before, word) &&
           adjoin(text, word, &words->items[at + 1]);
}

/* "J. Smith", "J.R. Smith", "Ms Smith": initials of the name, and a title that the field has, belong to its part; so
 * does a degree. */
static size_t begin_of_name(const char *text, const struct words *words, size_t first, const struct words *name)
{
    while (first > 0) {
        const struct word *word = &words->items[first - 1];
        bool is_initial = false, is_title = false;
        for (size_t i = 0; i < name->n; i++) {
            is_initial |= word->end - word->start == 1 && name->items[i].plain[0] == word->plain[0];
            is_title |= same(word, &name->items[i], false);
            is_title |= strcmp(word->plain, "dr") == 0 || strcmp(word->plain, "prof") == 0;
        }
        if (is_particle(text, words, first - 1, name)) {
            first -= 2;
            continue;
        }
        if (!word->capital || !(is_initial || is_title) || !adjoin(text, word, &words->items[first]))
            break;
        first--;
    }
    return first;
}

/* "Des" for Desmond, "Susi" for Susanne: a short form before the part of the name that stands behind it in the field.
 */
static bool is_short_form(const struct word *word, const struct word *behind, const struct words *name)
{
    size_t letters = strlen(word->plain);

    if (!word->capital || letters < SHORT_FORM_LEAST)
        return false;
    for (size_t i = 0; i < name->n && !same(behind, &name->items[i], true); i++) {
        if (strncmp(word->plain, name->items[i].plain, SHORT_FORM_SHARES) == 0 &&
            letters <= strlen(name->items[i].plain) + 1)
            return true;
    }
    return false;
}

/* The last word of the name that begins at `first`: parts, what stands between them, and an initial behind. */
static size_t end_of_name(const char *text, const struct words *words, size_t first, const struct words *name)
{
    size_t last = first, i = first + 1;

    for (; i < words->n && adjoin(text, &words->items[i - 1], &words->items[i]); i++) {
        if (is_part(&words->items[i], name))
            last = i;
        else if (!is_between(&words->items[i], name))
            break;
    }
    i = last + 1;
    if (i < words->n && words->items[i].capital && words->items[i].end - words->items[i].start == 1 &&
        words->items[i].start == words->items[last].end + 1) {
        for (size_t k = 0; k < name->n; k++) {
            if (name->items[k].plain[0] == words->items[i].plain[0])
                return i;
        }
    }
    return last;
}

static void find_name(const char *text, const char *value, const struct words *words, struct spans *spans)
{
    CLEANUP(mem_freep) void *memory = NULL;
    struct words name = {0};

    split(&name, value, strlen(value));
    /* NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores): freed on the way out */
    memory = name.items;
    for (size_t i = 0; i < words->n; i++) {
        if (!is_part(&words->items[i], &name))
            continue;
        size_t last = end_of_name(text, words, i, &name), first = begin_of_name(text, words, i, &name);
        if (first > 0 && is_short_form(&words->items[first - 1], &words->items[i], &name) &&
            adjoin(text, &words->items[first - 1], &words->items[first]))
            first--;
        if (last > i || first < i || counts_alone(text, &words->items[i]))
            spans_add(spans, text, PII_NAME, words->items[first].start, words->items[last].end);
        i = last;
    }
}

/* ---- addresses ---- */

/* Both spellings of a street's word become one. */
static void shorten(char folded[FOLDED_MAX])
{
    static const char *const pairs[][2] = {{"strasse", "str"},  {"street", "st"},    {"road", "rd"},
                                           {"avenue", "ave"},   {"lane", "ln"},      {"drive", "dr"},
                                           {"square", "sq"},    {"court", "ct"},     {"place", "pl"},
                                           {"gardens", "gdns"}, {"apartment", "apt"}};
    size_t len = strlen(folded);

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        size_t n = strlen(pairs[i][0]);
        bool fits = i == 0 ? len >= n && strcmp(folded + len - n, pairs[i][0]) == 0 : strcmp(folded, pairs[i][0]) == 0;
        if (fits)
            memcpy(folded + len - n, pairs[i][1], strlen(pairs[i][1]) + 1);
    }
}

static void shorten_all(struct words *words)
{
    for (size_t i = 0; i < words->n; i++) {
        shorten(words->items[i].plain);
        shorten(words->items[i].german);
    }
}

static void find_run(const char *text, const struct words *words, const struct word *run, size_t n, struct spans *spans)
{
    for (size_t i = 0; i + n <= words->n; i++) {
        size_t k = 0;
        while (k < n && same(&words->items[i + k], &run[k], false))
            k++;
        if (k == n)
            spans_add(spans, text, PII_ADDRESS, words->items[i].start, words->items[i + n - 1].end);
    }
}

static bool is_number(const struct word *word)
{
    return isdigit((unsigned char)word->plain[0]) != 0;
}

static bool is_country(const struct word *words, size_t n)
{
    static const char *const countries[] = {"uk",      "gb",          "ie",          "de",       "ireland",
                                            "germany", "deutschland", "england",     "scotland", "wales",
                                            "irland",  "austria",     "switzerland", "france"};

    return (n == 1 && is_in(words->plain, countries, ARRAY_LEN(countries))) ||
           (n == 2 && strcmp(words->plain, "united") == 0);
}

/* A line as it is, then without the numbers at its ends: a street without its house, a town without its code. */
static void find_line(const char *text, const struct words *words, const struct word *line, size_t n,
                      struct spans *spans)
{
    size_t letters = 0;

    if (!n || is_country(line, n))
        return;
    if (n > 1 || strlen(line->plain) >= STREET_LETTERS_LEAST || (!is_number(line) && strlen(line->plain) >= 4))
        find_run(text, words, line, n, spans);
    if (is_number(line) && strlen(line->plain) >= 5)
        find_run(text, words, line, 1, spans);
    while (n && is_number(line))
        line++, n--;
    while (n && is_number(&line[n - 1]))
        n--;
    for (size_t i = 0; i < n; i++)
        letters += strlen(line[i].plain);
    if (n && letters >= STREET_LETTERS_LEAST)
        find_run(text, words, line, n, spans);
}

static void find_address(const char *text, const struct words *words, const char *value, struct spans *spans)
{
    while (*value) {
        CLEANUP(mem_freep) void *memory = NULL;
        struct words line = {0};
        size_t len = strcspn(value, ",;\n\r");
        split(&line, value, len);
        /* NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores): freed on the way out */
        memory = line.items;
        shorten_all(&line);
        find_line(text, words, line.items, line.n, spans);
        value += len + (value[len] != '\0');
    }
}

/* ---- phones, mail addresses, and what is to be kept ---- */

static size_t digits_of(const char *value, char out[FOLDED_MAX])
{
    size_t n = 0;

    for (; *value && n + 1 < FOLDED_MAX; value++) {
        if (isdigit((unsigned char)*value))
            out[n++] = *value;
    }
    out[n] = '\0';
    return n;
}

/* The end of the text's digits that equal these, blanks and the like between them; 0 when they differ. */
static size_t digits_end(const char *text, size_t at, const char *digits)
{
    size_t gap = 0;

    for (; *digits; at++) {
        if (text[at] == *digits) {
            digits++;
            gap = 0;
        } else if (!text[at] || isdigit((unsigned char)text[at]) || isalpha((unsigned char)text[at]) ||
                   text[at] == '\n' || ++gap > PHONE_GAP_BYTES) {
            return 0;
        }
    }
    return isdigit((unsigned char)text[at]) ? 0 : at;
}

static void find_phone(const char *text, const char *value, struct spans *spans)
{
    char digits[FOLDED_MAX];
    size_t n = digits_of(value, digits), end;

    if (n < PHONE_TAIL_DIGITS)
        return;
    for (size_t at = 0; text[at]; at++) {
        if (text[at] != digits[n - PHONE_TAIL_DIGITS] ||
            (end = digits_end(text, at, digits + n - PHONE_TAIL_DIGITS)) == 0)
            continue;
        size_t start = at;
        while (start > 0 && (isdigit((unsigned char)text[start - 1]) || strchr("+()", text[start - 1]) ||
                             (strchr(" -./", text[start - 1]) && start > 1 && strchr("0123456789)", text[start - 2]))))
            start--;
        spans_add(spans, text, PII_PHONE, start, end);
    }
}

static void find_exact(const char *text, int kind, const char *value, struct spans *spans)
{
    size_t len = strlen(value);

    for (const char *at = text; len > 2 && (at = strcasestr(at, value)) != NULL; at += len) {
        bool inside = at > text && isalnum((unsigned char)at[-1]);
        if (!inside && !isalnum((unsigned char)at[len]))
            spans_add(spans, text, kind, (size_t)(at - text), (size_t)(at - text) + len);
    }
}

/* ---- all fields ---- */

void words_find(const char *text, const struct pii_field *fields, size_t n_fields, struct spans *spans)
{
    struct words streets = {0};

    split(&streets, text, strlen(text));
    shorten_all(&streets);
    for (size_t i = 0; i < n_fields; i++) {
        if (fields[i].kind == PII_FIELD_KEEP)
            find_exact(text, SPAN_KEEP, fields[i].value, spans);
        else if (fields[i].kind == PII_FIELD_EMAIL)
            find_exact(text, PII_EMAIL, fields[i].value, spans);
        else if (fields[i].kind == PII_FIELD_PHONE)
            find_phone(text, fields[i].value, spans);
        else if (fields[i].kind == PII_FIELD_ADDRESS)
            find_address(text, &streets, fields[i].value, spans);
    }
    mem_free(streets.items);
}

void words_find_names(const char *text, const struct pii_field *fields, size_t n_fields, struct spans *spans)
{
    struct words words = {0};

    split(&words, text, strlen(text));
    for (size_t i = 0; i < n_fields; i++) {
        if (fields[i].kind == PII_FIELD_NAME)
            find_name(text, fields[i].value, &words, spans);
    }
    mem_free(words.items);
}
