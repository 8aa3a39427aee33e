/* Errors as values. Knows nothing of who reports them. */
#include "triage/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* One line without double quotes, whatever a vendor's library wrote: it goes into log fields and dead letters. */
static void make_one_line(char *text)
{
    size_t n = 0;

    for (const char *at = text; *at; at++) {
        bool blank = (unsigned char)*at <= ' ';
        if (blank && (n == 0 || text[n - 1] == ' '))
            continue;
        text[n++] = blank ? ' ' : *at == '"' ? '\'' : *at;
    }
    while (n > 0 && text[n - 1] == ' ')
        n--;
    text[n] = '\0';
}

static void set_text(struct err *reterr, const char *fmt, va_list args)
{
    if (vsnprintf(reterr->text, sizeof reterr->text, fmt, args) < 0)
        reterr->text[0] = '\0';
    make_one_line(reterr->text);
}

int err_set(struct err *reterr, enum err_class class, int sysexit, const char *fmt, ...)
{
    va_list args;

    if (!reterr)
        return -1;
    reterr->class = class;
    reterr->sysexit = sysexit;
    reterr->reason[0] = '\0';
    va_start(args, fmt);
    set_text(reterr, fmt, args);
    va_end(args);
    return -1;
}

int err_reason(struct err *reterr, enum err_class class, const char *reason, const char *fmt, ...)
{
    va_list args;

    if (!reterr)
        return -1;
    reterr->class = class;
    reterr->sysexit = 0;
    snprintf(reterr->reason, sizeof reterr->reason, "%s", reason);
    va_start(args, fmt);
    set_text(reterr, fmt, args);
    va_end(args);
    return -1;
}

int err_context(struct err *reterr, const char *fmt, ...)
{
    char context[ERR_TEXT_MAX];
    char text[ERR_TEXT_MAX];
    va_list args;

    if (!reterr)
        return -1;
    va_start(args, fmt);
    if (vsnprintf(context, sizeof context, fmt, args) < 0)
        context[0] = '\0';
    va_end(args);
    memcpy(text, reterr->text, sizeof text);
    snprintf(reterr->text, sizeof reterr->text, "%.400s: %.600s", context, text);
    return -1;
}
