/* What each route of the API asks of the queue, and how its answer looks. */
#ifndef TRIAGED_CONSOLE_API_H
#define TRIAGED_CONSOLE_API_H

struct exchange;
struct queue;

/* Makes exchange->answer; called by a worker with a live connection. */
void api_answer(struct exchange *exchange, struct queue *queue);
/* The session document from what the queue says of the session; NULL when that can't be read. The caller frees. */
char *api_session(const struct exchange *exchange, const char *json);

#endif
