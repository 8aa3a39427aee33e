/* Which language a text is in: stop words of seven languages first, then letter statistics (libexttextcat with the
 * fingerprints that Debian ships). Short texts give a hint only. */
#ifndef TRIAGED_DECIDE_LANGUAGE_H
#define TRIAGED_DECIDE_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#define LANGUAGE_MAX 8 /* bytes of a code with the terminator */

struct language_guess {
    char code[LANGUAGE_MAX]; /* ISO 639-1, "" unknown */
    bool sure;               /* enough text and a clear lead; else a hint only */
};

struct language_detector; /* not for use by two threads at once */
/* Works without the fingerprints too, by stop words alone. */
struct language_detector *language_detector_new(void);
void language_detector_free(struct language_detector *self);
void language_detect(struct language_detector *self, const char *text, size_t len, struct language_guess *ret_guess);

/* The primary part of a tag: "de-AT" gives "de"; "" for what has no two or three letters in front. */
void language_primary(const char *tag, char out[LANGUAGE_MAX]);

#endif
