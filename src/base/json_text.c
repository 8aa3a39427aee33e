/* Documents to compact text. cJSON's own printer takes two doubles for equal when they are close, so that it writes
 * 9007199254740991 as ...990: a revision must come out as it went in. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"

enum { NUMBER_BYTES = 32, DIGITS_LEAST = 15, DIGITS_MOST = 17 };
static const double INT_EXACT_MAX = 9007199254740992.0; /* 2^53 */

static void put_value(struct buf *out, const cJSON *item);

static void put_string(struct buf *out, const char *text)
{
    static const char names[] = "btn\0fr"; /* of \b to \r, which stand in a row; \v has none */

    buf_putc(out, '"');
    for (const char *from = text;; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(out, from, (size_t)(text - from));
        from = text + 1;
        if (c == '\0')
            break;
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c >= '\b' && c <= '\r' && names[c - '\b'])
            buf_printf(out, "\\%c", names[c - '\b']);
        else
            buf_printf(out, "\\u%04x", c);
    }
    buf_putc(out, '"');
}

/* The shortest of the usual forms that reads as the same double. */
static void put_number(struct buf *out, double value)
{
    char text[NUMBER_BYTES];
    int digits = DIGITS_LEAST;

    if (!isfinite(value)) {
        buf_puts(out, "null");
        return;
    }
    if (value == floor(value) && fabs(value) <= INT_EXACT_MAX) {
        buf_printf(out, "%.0f", value == 0 ? 0.0 : value);
        return;
    }
    do
        snprintf(text, sizeof text, "%.*g", digits, value);
    while (strtod(text, NULL) != value && ++digits <= DIGITS_MOST);
    buf_puts(out, text);
}

/* As deep as the document; the gate bounds what comes from outside. */
static void put_children(struct buf *out, const cJSON *item, char open, char close)
{
    const cJSON *child;

    buf_putc(out, open);
    cJSON_ArrayForEach(child, item)
    {
        if (child != item->child)
            buf_putc(out, ',');
        if (open == '{') {
            put_string(out, child->string);
            buf_putc(out, ':');
        }
        put_value(out, child);
    }
    buf_putc(out, close);
}

static void put_value(struct buf *out, const cJSON *item)
{
    if (cJSON_IsString(item))
        put_string(out, item->valuestring);
    else if (cJSON_IsNumber(item))
        put_number(out, item->valuedouble);
    else if (cJSON_IsObject(item))
        put_children(out, item, '{', '}');
    else if (cJSON_IsArray(item))
        put_children(out, item, '[', ']');
    else if (cJSON_IsRaw(item))
        buf_puts(out, item->valuestring);
    else
        buf_puts(out, cJSON_IsTrue(item) ? "true" : cJSON_IsFalse(item) ? "false" : "null");
}

char *json_text(const cJSON *doc)
{
    struct buf out = {0};

    put_value(&out, doc);
    return buf_take(&out);
}
