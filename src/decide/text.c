/* Line by line: quoted, signature or the newest part. The markers are tables; one that is missing costs some noise in
 * the features and nothing else. */
#include "decide/text.h"

#include <ctype.h>
#include <string.h>
#include <utf8proc.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "triage/decide.h"

#define ATTRIBUTION_MAX 240      /* bytes of an "On ... wrote:" line, wrapped lines included */
#define ATTRIBUTION_LINES 3      /* mail programs wrap it over up to this many lines */
#define DEVICE_SIGNATURE_MAX 120 /* bytes of a "Sent from my ..." line */
#define HEADER_BLOCK_LINES 4     /* a quoted header block names a second field within this many lines */

struct span {
    const char *text;
    size_t len;
};

struct marker {
    const char *start, *end; /* either may be "" */
};

/* Lines that announce a quoted mail below them. */
static const struct marker attributions[] = {
    {"On ", " wrote:"},          {"Am ", " schrieb:"},        {"Am ", " geschrieben:"}, {"Am ", " schrieb folgendes:"},
    {"Le ", " a \xc3\xa9""crit :"}, {"El ", " escribi\xc3\xb3:"}, {"Il ", " ha scritto:"}, {"Op ", " schreef:"},
};

static const struct marker separators[] = {
    {"-----Original Message", ""},     {"-----Urspr\xc3\xbcngliche Nachricht", ""},
    {"----- Original Message", ""},    {"----- Urspr\xc3\xbcngliche Nachricht", ""},
    {"-------- Original Message", ""}, {"-------- Urspr\xc3\xbcngliche Nachricht", ""},
    {"---------- Forwarded message", ""}, {"---------- Weitergeleitete Nachricht", ""},
    {"Begin forwarded message:", ""},  {"Anfang der weitergeleiteten Nachricht:", ""},
};

static const char *const header_starts[] = {"From:", "Von:", "*From:*", "*Von:*"};
static const char *const header_seconds[] = {"Sent:",   "Gesendet:", "Date:",    "Datum:",      "To:",
                                             "An:",     "Subject:",  "Betreff:", "*Sent:*",     "*Gesendet:*",
                                             "*Date:*", "*Datum:*",  "*To:*",    "*An:*"};

static const struct marker device_signatures[] = {
    {"Sent from my ", ""},      {"Sent from Outlook", ""},   {"Sent from Mail for ", ""}, {"Sent from Yahoo", ""},
    {"Get Outlook for ", ""},   {"Von meinem ", " gesendet"}, {"Von meinem ", " gesendet."}, {"Gesendet von ", ""},
    {"Gesendet mit der ", ""},  {"Gesendet aus ", ""},       {"Diese Nachricht wurde von meinem ", ""},
};

/* Case does not matter, and a blank of the marker stands for any blank: wrapped lines hold line feeds. */
static bool same(const char *text, const char *marker, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool blank = text[i] == ' ' || text[i] == '\n' || text[i] == '\r';
        if (marker[i] == ' ' ? !blank : tolower((unsigned char)text[i]) != tolower((unsigned char)marker[i]))
            return false;
    }
    return true;
}

static bool span_starts(struct span line, const char *prefix)
{
    size_t len = strlen(prefix);

    return line.len >= len && same(line.text, prefix, len);
}

static bool span_ends(struct span line, const char *suffix)
{
    size_t len = strlen(suffix);

    return line.len >= len && same(line.text + line.len - len, suffix, len);
}

static bool span_has(struct span line, const char *words)
{
    size_t len = strlen(words);

    for (size_t i = 0; i + len <= line.len; i++) {
        if (same(line.text + i, words, len))
            return true;
    }
    return false;
}

static struct span trimmed(const char *text, size_t len)
{
    while (len > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        len--;
    }
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t' || text[len - 1] == '\r'))
        len--;
    return (struct span){text, len};
}

/* The line at `at`; *ret_next is behind its line feed. */
static struct span line_at(const char *at, const char *end, const char **ret_next)
{
    const char *feed = memchr(at, '\n', (size_t)(end - at));
    const char *stop = feed ? feed : end;

    *ret_next = feed ? feed + 1 : end;
    return (struct span){at, (size_t)(stop - at)};
}

/* "On <date>, <somebody> wrote:"; German verbs may stand in front of the name: "Am 3. Mai schrieb Eva Kern:". */
static bool attribution(struct span line)
{
    if (line.len > ATTRIBUTION_MAX || line.len == 0 || line.text[line.len - 1] != ':')
        return false;
    for (size_t i = 0; i < ARRAY_LEN(attributions); i++) {
        if (span_starts(line, attributions[i].start) && span_ends(line, attributions[i].end))
            return true;
    }
    return span_starts(line, "Am ") && span_has(line, " schrieb ");
}

/* An attribution that a mail program wrapped: its lines taken together. *ret_behind is where it ends. */
static bool attribution_wrapped(struct span first, const char *next, const char *end, const char **ret_behind)
{
    const char *behind = next;

    if (!span_starts(first, "On ") && !span_starts(first, "Am "))
        return false;
    for (int i = 1; i < ATTRIBUTION_LINES && behind < end; i++) {
        struct span raw = line_at(behind, end, &behind);
        struct span last = trimmed(raw.text, raw.len);
        if (last.len == 0)
            return false;
        if (attribution((struct span){first.text, (size_t)(last.text + last.len - first.text)})) {
            *ret_behind = behind;
            return true;
        }
    }
    return false;
}

/* "Von: ... Gesendet: ... An: ..." as Outlook puts it above the quoted mail. */
static bool header_block(struct span line, const char *next, const char *end)
{
    bool starts = false;

    for (size_t i = 0; i < ARRAY_LEN(header_starts); i++)
        starts = starts || span_starts(line, header_starts[i]);
    for (int n = 1; starts && n < HEADER_BLOCK_LINES && next < end; n++) {
        struct span raw = line_at(next, end, &next);
        struct span other = trimmed(raw.text, raw.len);
        for (size_t i = 0; i < ARRAY_LEN(header_seconds); i++) {
            if (span_starts(other, header_seconds[i]))
                return true;
        }
    }
    return false;
}

static bool separator(struct span line)
{
    for (size_t i = 0; i < ARRAY_LEN(separators); i++) {
        if (span_starts(line, separators[i].start))
            return true;
    }
    return false;
}

static bool device_signature(struct span line)
{
    if (line.len > DEVICE_SIGNATURE_MAX)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(device_signatures); i++) {
        if (span_starts(line, device_signatures[i].start) && span_ends(line, device_signatures[i].end))
            return true;
    }
    return false;
}

/* Quotes below an attribution are marked by '>' or run to the end. */
static bool quotes_are_marked(const char *at, const char *end)
{
    while (at < end) {
        struct span raw = line_at(at, end, &at);
        struct span line = trimmed(raw.text, raw.len);
        if (line.len > 0)
            return line.text[0] == '>';
    }
    return true;
}

static enum text_part after_attribution(const char *behind, const char *end)
{
    return quotes_are_marked(behind, end) ? TEXT_NEWEST : TEXT_QUOTED;
}

void text_lines_start(struct text_lines *self, const char *text, size_t len)
{
    *self = (struct text_lines){.at = text, .end = text + len, .mode = TEXT_NEWEST};
}

/* Sets *ret_part where the line itself tells, and the mode for what follows. */
static bool line_tells(struct text_lines *self, struct span raw, const char *next, enum text_part *ret_part)
{
    struct span line = trimmed(raw.text, raw.len);
    const char *behind = next;

    if (line.len == 0)
        return false;
    if (line.text[0] == '>') {
        *ret_part = TEXT_QUOTED;
        return true;
    }
    if (separator(line) || header_block(line, next, self->end)) {
        *ret_part = self->mode = TEXT_QUOTED;
        return true;
    }
    if (attribution(line) || attribution_wrapped(line, next, self->end, &behind)) {
        self->mode = after_attribution(behind, self->end);
        self->at = behind;
        *ret_part = TEXT_QUOTED;
        return true;
    }
    if (self->mode == TEXT_NEWEST && raw.len >= 2 && raw.len <= 4 && memcmp(raw.text, "--", 2) == 0 && line.len == 2) {
        *ret_part = self->mode = TEXT_SIGNATURE;
        return true;
    }
    if (device_signature(line)) {
        *ret_part = TEXT_SIGNATURE;
        return true;
    }
    return false;
}

bool text_lines_next(struct text_lines *self, struct text_line *ret_line)
{
    const char *next;
    struct span raw;

    if (self->at >= self->end)
        return false;
    raw = line_at(self->at, self->end, &next);
    *ret_line = (struct text_line){.text = raw.text, .len = raw.len};
    self->at = next;
    if (!line_tells(self, raw, next, &ret_line->part))
        ret_line->part = self->mode;
    if (ret_line->len > 0 && ret_line->text[ret_line->len - 1] == '\r')
        ret_line->len--;
    return true;
}

bool text_has_newest(const char *text, size_t len)
{
    struct text_lines lines;
    struct text_line line;

    text_lines_start(&lines, text, len);
    while (text_lines_next(&lines, &line)) {
        if (line.part == TEXT_NEWEST && trimmed(line.text, line.len).len > 0)
            return true;
    }
    return false;
}

bool text_invisible(int32_t cp)
{
    if (cp < 0x20 || cp == 0x7f)
        return cp != '\t' && cp != '\n';
    if (cp < 0x80)
        return false;
    return (cp >= 0x80 && cp <= 0x9f) || cp == 0xad || cp == 0x61c || cp == 0x180e || (cp >= 0x200b && cp <= 0x200f) ||
           (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
           (cp >= 0xfff9 && cp <= 0xfffb) || (cp >= 0xfe00 && cp <= 0xfe0f) || (cp >= 0xe0000 && cp <= 0xe0fff);
}

static size_t ascii_run(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && ((text[n] >= ' ' && text[n] < 0x7f) || text[n] == '\n' || text[n] == '\t'))
        n++;
    return n;
}

void text_add_visible(struct buf *out, const char *text, size_t len)
{
    while (len > 0) {
        utf8proc_int32_t cp;
        size_t run = ascii_run(text, len);
        utf8proc_ssize_t n = (utf8proc_ssize_t)run;
        if (run > 0) {
            buf_add(out, text, run);
        } else {
            n = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &cp);
            if (n <= 0)
                n = 1;
            else if (!text_invisible(cp))
                buf_add(out, text, (size_t)n);
        }
        text += n;
        len -= (size_t)n;
    }
}

/* ticket.v1: body_text is the newest message and messages[] are earlier ones. Some helpdesks leave the body empty. */
const char *ticket_newest_body(const struct ticket *ticket)
{
    if (ticket->body_text[0])
        return ticket->body_text;
    for (size_t i = ticket->n_messages; i > 0; i--) {
        const struct ticket_message *message = &ticket->messages[i - 1];
        if (strcmp(message->author, "customer") == 0 && message->body_text[0])
            return message->body_text;
    }
    return "";
}

char *ticket_plain_text(const struct ticket *ticket)
{
    const char *body = ticket_newest_body(ticket);
    size_t len = strlen(body);
    bool cut = text_has_newest(body, len);
    struct buf out = {0};
    struct text_lines lines;
    struct text_line line;

    text_lines_start(&lines, body, len);
    while (text_lines_next(&lines, &line)) {
        if (cut && line.part != TEXT_NEWEST)
            continue;
        text_add_visible(&out, line.text, line.len);
        buf_putc(&out, '\n');
    }
    while (out.len > 0 && strchr(" \t\n", out.data[out.len - 1]))
        out.data[--out.len] = '\0';
    return buf_take(&out);
}
