/* Lengths of text that is known to be valid UTF-8 (the gate in base/json.h), in bytes unless said otherwise. */
#ifndef TRIAGED_BASE_UTF8_H
#define TRIAGED_BASE_UTF8_H

#include <stddef.h>

/* The longest prefix of at most max of these len bytes that ends between characters. */
size_t utf8_cut(const char *text, size_t len, size_t max);
/* Code points. */
size_t utf8_count(const char *text, size_t len);
/* What fits of it as one line of less than size bytes, terminated: control characters become spaces. Returns out. */
char *utf8_line(const char *text, size_t len, char *out, size_t size);

#endif
