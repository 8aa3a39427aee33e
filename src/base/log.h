/* One structured line (logfmt) per outcome on standard error. Only the shells log; libraries return errors.
 * Never pass ticket text here: ids, positions, reasons and counts only. */
#ifndef TRIAGED_BASE_LOG_H
#define TRIAGED_BASE_LOG_H

#include "base/attrs.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Safe to call from several threads; the level is set once at start. */
void log_set_level(enum log_level level);
int log_level_parse(const char *name, enum log_level *ret_level); /* 0, or -1 when unknown */

/* log_line(LOG_INFO, "ticket.decided", "key=%s status=%s", ...): the event name, then logfmt pairs. Values that may hold
 * blanks go through log_quote. */
void log_line(enum log_level level, const char *event, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Writes s as a quoted logfmt value into out (cut to fit, control characters replaced); returns out. */
char *log_quote(const char *s, char *out, unsigned long cap);

#endif
