/* What the page needs to know once somebody is signed in: who, their groups and views, every class with its guideline,
 * the token that changing requests carry. */
#ifndef TRIAGED_CONSOLE_SESSION_DOCUMENT_H
#define TRIAGED_CONSOLE_SESSION_DOCUMENT_H

struct exchange;

/* json: what the queue says of the session. NULL when it can't be read. The caller frees. */
char *session_document(const struct exchange *exchange, const char *json);

#endif
