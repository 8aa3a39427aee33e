#include "base/utf8.h"

#include <stdbool.h>

static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

size_t utf8_cut(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return len;
    while (max > 0 && continues(text[max]))
        max--;
    return max;
}

size_t utf8_count(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += !continues(text[i]);
    return n;
}

char *utf8_line(const char *text, size_t len, char *out, size_t size)
{
    len = utf8_cut(text, len, size - 1);
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
    out[len] = '\0';
    return out;
}
