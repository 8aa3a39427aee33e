/* Blobs and template marks are replaced, not judged: whether a ticket is an attack is decide's question. */
#include "draft/guard.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/attrs.h"
#include "decide/text.h"

enum { BLOB_LINE_LEAST = 16 }; /* letters of a blob's line: shorter lines do not join into one */

static bool is_blob_letter(char c)
{
    return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=' || c == '_' || c == '-';
}

static size_t blob_letters(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && is_blob_letter(text[n]))
        n++;
    return n;
}

/* Bytes of the blob that begins at text, also over several lines; 0 when there is none. Words joined by hyphens and
 * paths are not blobs: those have digits and both cases mixed, or are hex. */
static size_t blob_at(const char *text, size_t len)
{
    size_t at = 0, letters = 0, line;
    bool digit = false, upper = false, lower = false;

    while ((line = blob_letters(text + at, len - at)) >= BLOB_LINE_LEAST ||
           (letters && line && line < BLOB_LINE_LEAST)) {
        for (size_t i = at; i < at + line; i++) {
            digit |= isdigit((unsigned char)text[i]) != 0;
            upper |= isupper((unsigned char)text[i]) != 0;
            lower |= islower((unsigned char)text[i]) != 0;
        }
        at += line;
        letters += line;
        if (line < BLOB_LINE_LEAST || at >= len || text[at] != '\n')
            break;
        at++;
    }
    while (at > 0 && text[at - 1] == '\n')
        at--;
    return letters >= GUARD_BLOB_LETTERS && (digit || (upper && lower)) ? at : 0;
}

/* What chat templates use to tell the parts of a conversation from each other. */
static size_t mark_at(const char *text, size_t len)
{
    static const char *const marks[] = {"<|", "|>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<<<", ">>>"};

    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        size_t n = strlen(marks[i]);
        if (len >= n && memcmp(text, marks[i], n) == 0)
            return n;
    }
    return 0;
}

static bool begins_word(const char *text, size_t at)
{
    return at == 0 || !is_blob_letter(text[at - 1]);
}

void guard_add(struct buf *out, const char *text, size_t len)
{
    CLEANUP(buf_free) struct buf seen = {0};

    text_add_visible(&seen, text, len);
    for (size_t at = 0, n; at < seen.len; at += n) {
        if (begins_word(seen.data, at) && (n = blob_at(seen.data + at, seen.len - at)) > 0) {
            buf_puts(out, "[data]");
        } else if ((n = mark_at(seen.data + at, seen.len - at)) > 0) {
            buf_putc(out, ' ');
        } else {
            n = 1;
            buf_putc(out, seen.data[at]);
        }
    }
}
