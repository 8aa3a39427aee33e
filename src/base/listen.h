/* "ADDRESS:PORT" of the configuration as a socket address. */
#ifndef TRIAGED_BASE_LISTEN_H
#define TRIAGED_BASE_LISTEN_H

#include <netinet/in.h>

#include "triage/err.h"

/* key: the option it comes from, for the error. A numeric IPv4 address and a port of 1 to 65535. */
int listen_parse(const char *key, const char *listen, struct sockaddr_in *ret_address, struct err *reterr);

#endif
