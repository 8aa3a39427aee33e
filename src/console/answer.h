/* How answers are made and sent: bodies, errors, and the headers that every answer carries. */
#ifndef TRIAGED_CONSOLE_ANSWER_H
#define TRIAGED_CONSOLE_ANSWER_H

#include "console/console_state.h"
#include "triage/err.h"

/* {"error": {code, text}}; sqlstate and detail NULL or "": left out. */
void answer_error(struct answer *self, unsigned status, const char *code, const char *text);
/* What a call of the queue said, by its SQLSTATE. */
void answer_queue_error(struct answer *self, const struct err *err, const char *detail);
void answer_unavailable(struct answer *self);
void answer_json_take(struct answer *self, unsigned status, char *json);
enum MHD_Result answer_send(struct exchange *exchange);
void answer_done(struct answer *self);

#endif
