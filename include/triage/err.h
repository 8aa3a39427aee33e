/* An error: what class it is, how a program that ends by it should exit, and one sentence that says what to do and what
 * happened. The class is set once, at the edge that knows (SQLSTATE, HTTP status, rd_kafka error); each layer above puts
 * context in front with err_context. The caller owns the struct; it holds no resources. */
#ifndef TRIAGE_ERR_H
#define TRIAGE_ERR_H

#define ERR_TEXT_MAX 1024 /* bytes with the terminator; longer text is cut */
#define ERR_REASON_MAX 48 /* bytes with the terminator of a machine-readable reason code */

enum err_class {
    ERR_NONE = 0,
    ERR_TRANSIENT, /* the same call may succeed later */
    ERR_PERMANENT, /* the same call with the same input fails again */
    ERR_FATAL,     /* this process can't go on */
};

struct err {
    enum err_class class;
    int sysexit;                 /* a code of <sysexits.h>; 0 means EX_SOFTWARE for a fatal error */
    char reason[ERR_REASON_MAX]; /* snake_case code for dead letters and metrics; "" when there is none */
    char text[ERR_TEXT_MAX];
};

/* Sets class, sysexit and text; always returns -1, so that a function can end with `return err_set(...)`. */
int err_set(struct err *reterr, enum err_class class, int sysexit, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with a reason code (a string constant of the caller's table). */
int err_reason(struct err *reterr, enum err_class class, const char *reason, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "context: " in front of the text; always returns -1. */
int err_context(struct err *reterr, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
