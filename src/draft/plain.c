/* Markup is taken away by its marks: what a reader would see stays. */
#include "draft/plain.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/attrs.h"
#include "base/hash.h"
#include "claims/fold.h"
#include "decide/text.h"

#define ECHO_SHARE_MOST 0.6 /* of its runs of words */

enum { ECHO_WORDS = 5, ECHO_RUNS_LEAST = 8 };
enum { TAG_MAX = 120, REPEATS_MAX = 2, SENTENCES_MAX = 64, SENTENCE_LEAST = 12 };

/* ---- markup ---- */

/* Length of an HTML tag or comment at this place. */
static size_t tag_length(const char *at)
{
    size_t len;

    if (*at != '<' || !(isalpha((unsigned char)at[1]) || at[1] == '/' || at[1] == '!'))
        return 0;
    len = strcspn(at, ">\n");
    return at[len] == '>' && len < TAG_MAX ? len + 1 : 0;
}

/* [text](address): writes "text (address)", or the address alone when they are the same. An image mark before it goes.
 */
static size_t add_link(const char *at, struct buf *out)
{
    size_t image = *at == '!', text, address;

    if (at[image] != '[')
        return 0;
    text = strcspn(at + image + 1, "]\n");
    if (at[image + 1 + text] != ']' || at[image + 2 + text] != '(')
        return 0;
    address = strcspn(at + image + 3 + text, ") \n");
    if (at[image + 3 + text + address] != ')')
        return 0;
    buf_add(out, at + image + 1, text);
    if (text != address || strncmp(at + image + 1, at + image + 3 + text, text) != 0) {
        buf_puts(out, " (");
        buf_add(out, at + image + 3 + text, address);
        buf_putc(out, ')');
    }
    return image + text + address + 4;
}

/* Marks of a heading or a quotation at the start of a line. */
static size_t line_mark(const char *at)
{
    size_t len = strspn(at, "#>");

    return len && at[len] == ' ' ? len + 1 : 0;
}

static size_t emphasis(const char *at)
{
    if (strncmp(at, "```", 3) == 0)
        return 3;
    if (strncmp(at, "**", 2) == 0 || strncmp(at, "__", 2) == 0)
        return 2;
    return *at == '`';
}

static void strip_markup(const char *at, struct buf *out)
{
    while (*at) {
        bool line_start = out->len == 0 || out->data[out->len - 1] == '\n';
        size_t len = line_start ? line_mark(at) : 0;
        if (!len)
            len = tag_length(at);
        if (!len)
            len = emphasis(at);
        if (!len)
            len = add_link(at, out);
        if (!len)
            buf_putc(out, *at++);
        at += len;
    }
}

/* ---- blanks ---- */

static void tidy_blanks(const char *at, struct buf *out)
{
    size_t lines = 0;

    for (; *at; at++) {
        char last = out->len ? out->data[out->len - 1] : '\n';
        if (*at == '\n') {
            while (out->len && out->data[out->len - 1] == ' ')
                out->data[--out->len] = '\0';
            if (lines++ < 2 && out->len)
                buf_putc(out, '\n');
        } else if (*at != ' ' && *at != '\t') {
            lines = 0;
            buf_putc(out, *at);
        } else if (last != ' ' && last != '\n') {
            buf_putc(out, ' ');
        }
    }
    while (out->len && strchr(" \n", out->data[out->len - 1]))
        out->data[--out->len] = '\0';
}

void plain_text(const char *text, struct buf *out)
{
    CLEANUP(buf_free) struct buf visible = {0}, bare = {0};

    text_add_visible(&visible, text, strlen(text));
    strip_markup(buf_str(&visible), &bare);
    tidy_blanks(buf_str(&bare), out);
}

/* ---- sentences ---- */

static bool ends_sentence(const char *text, size_t at, size_t len)
{
    if (!strchr(".!?", text[at]))
        return false;
    return at + 1 == len || text[at + 1] == ' ' || text[at + 1] == '\n';
}

size_t plain_last_sentence(const char *text, size_t len)
{
    while (len > 0 && !ends_sentence(text, len - 1, len))
        len--;
    return len;
}

bool plain_repeats(const char *text)
{
    uint64_t seen[SENTENCES_MAX];
    int times[SENTENCES_MAX] = {0};
    size_t n = 0;

    for (const char *at = text; *at;) {
        size_t len = strcspn(at, ".!?\n"), i = 0;
        uint64_t hash = hash64(at, len);
        while (i < n && seen[i] != hash)
            i++;
        if (len >= SENTENCE_LEAST && i < SENTENCES_MAX) {
            seen[i] = hash;
            n += i == n;
            if (++times[i] > REPEATS_MAX)
                return true;
        }
        at += len;
        at += strspn(at, ".!?\n ");
    }
    return false;
}

/* ---- echoes ---- */

/* Lower case words with one blank between, one before and one behind. */
static void words_of(const char *text, struct buf *out)
{
    CLEANUP(folded_done) struct folded folded = fold(text);

    buf_putc(out, ' ');
    for (size_t i = 0; i < folded.len; i++) {
        if (fold_is_word(folded.text[i]))
            buf_putc(out, folded.text[i]);
        else if (out->data[out->len - 1] != ' ')
            buf_putc(out, ' ');
    }
    if (out->data[out->len - 1] != ' ')
        buf_putc(out, ' ');
}

/* End of the run of n words that begins behind `at`; NULL when there are fewer. */
static char *run_end(char *at, int n)
{
    for (; n > 0 && at; n--)
        at = strchr(at + 1, ' ');
    return at;
}

bool plain_echoes(const char *text, const char *other)
{
    CLEANUP(buf_free) struct buf words = {0}, others = {0};
    size_t runs = 0, echoed = 0;

    words_of(text, &words);
    words_of(other, &others);
    for (char *at = words.data; at; at = strchr(at + 1, ' ')) {
        char *end = run_end(at, ECHO_WORDS), after;
        if (!end)
            break;
        after = end[1];
        end[1] = '\0';
        echoed += strstr(buf_str(&others), at) != NULL;
        end[1] = after;
        runs++;
    }
    return runs >= ECHO_RUNS_LEAST && (double)echoed > ECHO_SHARE_MOST * (double)runs;
}
