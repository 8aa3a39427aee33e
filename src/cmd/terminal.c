/* Widths after Unicode's East Asian Width, in blocks: a table cell needs no more. */
#include "cmd/terminal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/attrs.h"

enum { WIDTH_LEAST = 40, WIDTH_MOST = 1000, REPLACEMENT = 0xFFFD };

struct range {
    uint32_t from, to;
};
static const struct range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},  {0x3041, 0xA4CF}, {0xAC00, 0xD7A3},
                                    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},  {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6},
                                    {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};
static const struct range narrow[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},
                                      {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}};
/* Controls, soft hyphen, zero width and bidi, line separators, fillers, variation selectors, interlinear, tags. */
static const struct range unseen[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},      {0x061C, 0x061C},
                                      {0x115F, 0x1160}, {0x180B, 0x180F}, {0x200B, 0x200F},  {0x2028, 0x202E},
                                      {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFE00, 0xFE0F},  {0xFEFF, 0xFEFF},
                                      {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}};

static bool is_in(const struct range *ranges, size_t n, uint32_t point)
{
    for (size_t i = 0; i < n; i++) {
        if (point >= ranges[i].from && point <= ranges[i].to)
            return true;
    }
    return false;
}

/* The next code point and its bytes; a byte that begins none is one by itself. */
static uint32_t next_point(const char *text, size_t *ret_bytes)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t n = at[0] < 0x80 ? 1 : at[0] >= 0xF0 && at[0] < 0xF5 ? 4 : at[0] >= 0xE0 ? 3 : at[0] >= 0xC2 ? 2 : 1;
    uint32_t point = n == 1 ? at[0] : at[0] & (0x7Fu >> n);

    *ret_bytes = 1;
    if (n == 1)
        return at[0] < 0x80 ? at[0] : REPLACEMENT;
    for (size_t i = 1; i < n; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return REPLACEMENT;
        point = point << 6 | (at[i] & 0x3F);
    }
    *ret_bytes = n;
    return point;
}

static int columns_of(uint32_t point)
{
    if (is_in(narrow, ARRAY_LEN(narrow), point) || is_in(unseen, ARRAY_LEN(unseen), point))
        return 0;
    return is_in(wide, ARRAY_LEN(wide), point) ? 2 : 1;
}

size_t terminal_fit(const char *text, int columns)
{
    size_t at = 0;

    for (size_t bytes; text[at]; at += bytes) {
        columns -= columns_of(next_point(text + at, &bytes));
        if (columns < 0)
            break;
    }
    return at;
}

int terminal_width(const char *text)
{
    int columns = 0;

    for (size_t bytes; *text; text += bytes)
        columns += columns_of(next_point(text, &bytes));
    return columns;
}

void terminal_clean(const char *text, bool lines, struct buf *out)
{
    for (size_t bytes; *text; text += bytes) {
        uint32_t point = next_point(text, &bytes);
        if (point == '\n' && lines)
            buf_putc(out, '\n');
        else if (point == '\t' || point == '\n')
            buf_putc(out, ' ');
        else if (point == REPLACEMENT)
            buf_putc(out, '?');
        else if (!is_in(unseen, ARRAY_LEN(unseen), point))
            buf_add(out, text, bytes);
    }
}

/* ---- the terminal ---- */

static int bounded(long columns)
{
    return columns < WIDTH_LEAST ? WIDTH_LEAST : columns > WIDTH_MOST ? WIDTH_MOST : (int)columns;
}

struct terminal terminal_of(FILE *out)
{
    const char *no_colour = getenv("NO_COLOR"), *kind = getenv("TERM"), *columns = getenv("COLUMNS");
    struct terminal self = {.is_one = isatty(fileno(out)) == 1};
    struct winsize size = {0};
    long asked = columns ? strtol(columns, NULL, 10) : 0;

    if (!self.is_one)
        return self;
    self.colour = !(no_colour && *no_colour) && kind && *kind && strcmp(kind, "dumb") != 0;
    (void)ioctl(fileno(out), TIOCGWINSZ, &size);
    self.width = bounded(asked > 0 ? asked : size.ws_col ? size.ws_col : 80);
    self.height = size.ws_row ? size.ws_row : 24;
    return self;
}

const char *terminal_tint(const struct terminal *self, enum tint tint)
{
    static const char *const sequences[TINT_COUNT] = {
        [TINT_PLAIN] = "\033[0m", [TINT_BOLD] = "\033[1m",    [TINT_DIM] = "\033[2m",
        [TINT_RED] = "\033[31m",  [TINT_YELLOW] = "\033[33m", [TINT_GREEN] = "\033[32m"};

    return self->colour ? sequences[tint] : "";
}

/* ---- times in words ---- */

char *terminal_span(double seconds, char out[TERMINAL_SPAN_MAX])
{
    static const struct {
        double of;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t i = 0;

    seconds = seconds < 0 ? -seconds : seconds;
    while (i + 1 < ARRAY_LEN(units) && seconds < 2 * units[i].of)
        i++;
    snprintf(out, TERMINAL_SPAN_MAX, "%.0f %s", (double)(int64_t)(seconds / units[i].of), units[i].name);
    return out;
}

char *terminal_due(double seconds, char out[TERMINAL_SPAN_MAX])
{
    char span[TERMINAL_SPAN_MAX];

    terminal_span(seconds, span);
    snprintf(out, TERMINAL_SPAN_MAX, seconds < 0 ? "%.16s late" : "in %.16s", span);
    return out;
}
