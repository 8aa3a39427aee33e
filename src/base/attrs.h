/* The one place for compiler extensions: attributes and the cleanup of resources where they are born. */
#ifndef TRIAGED_BASE_ATTRS_H
#define TRIAGED_BASE_ATTRS_H

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define UNUSED __attribute__((unused))
#define PREFETCH(p) __builtin_prefetch(p)
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
