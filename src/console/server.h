/* libmicrohttpd and what stands between it and the API: headers are checked, the body is collected under its cap, then
 * the exchange goes to a worker while its connection is suspended. No thread ever waits for a client. */
#ifndef TRIAGED_CONSOLE_SERVER_H
#define TRIAGED_CONSOLE_SERVER_H

#include "triage/err.h"

struct console;

int server_open(struct console *console, struct err *reterr);
void server_quiesce(struct console *console); /* takes no more connections */
void server_close(struct console *console);

#endif
