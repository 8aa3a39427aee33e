/* Signing in with a password, and out. */
#ifndef TRIAGED_CONSOLE_SIGN_IN_H
#define TRIAGED_CONSOLE_SIGN_IN_H

#include <cjson/cJSON.h>

struct exchange;
struct queue;

void sign_in(struct exchange *exchange, struct queue *queue, const cJSON *body);
void sign_out(struct exchange *exchange, struct queue *queue);

#endif
