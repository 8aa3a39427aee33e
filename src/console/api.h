/* What each route of the API asks of the queue, and how its answer looks. */
#ifndef TRIAGED_CONSOLE_API_H
#define TRIAGED_CONSOLE_API_H

struct exchange;
struct queue;

/* Makes exchange->answer; called by a worker with a live connection. */
void api_answer(struct exchange *exchange, struct queue *queue);

#endif
