/* A text in the user's editor, and what came back. */
#ifndef TRIAGED_CMD_EDITOR_H
#define TRIAGED_CMD_EDITOR_H

#include <stddef.h>

#include "triage/err.h"

#define EDITOR_PATH_MAX 4096

/* Opens a file of the user's alone with text in it and, below a line that says so, a context to look at. *ret_text is
 * what stands above that line afterwards, without blank lines around it; the caller frees it with mem_free. The file
 * stays until editor_forget, so that no text is lost; path tells where. $VISUAL, $EDITOR, vi: whichever is set first.
 */
int editor_edit(const char *text, const char *context, char **ret_text, char path[EDITOR_PATH_MAX], struct err *reterr);
void editor_forget(const char *path);

/* A whole file of at most `most` bytes; "-" is standard input. The caller frees it with mem_free. */
int editor_read(const char *path, size_t most, char **ret_text, struct err *reterr);

#endif
