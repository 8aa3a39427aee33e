/* Numeric addresses only: a name would have to be looked up, and could mean several. */
#include "base/listen.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { HOST_MAX = 64, PORT_MOST = 65535 };

int listen_parse(const char *key, const char *listen, struct sockaddr_in *ret_address, struct err *reterr)
{
    const char *colon = strrchr(listen, ':');
    char host[HOST_MAX];
    char *end;
    long port;

    *ret_address = (struct sockaddr_in){.sin_family = AF_INET};
    if (!colon || (size_t)(colon - listen) >= sizeof host)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s must be ADDRESS:PORT, such as 127.0.0.1:9464", key);
    memcpy(host, listen, (size_t)(colon - listen));
    host[colon - listen] = '\0';
    port = strtol(colon + 1, &end, 10);
    if (*end || port < 1 || port > PORT_MOST || inet_pton(AF_INET, host, &ret_address->sin_addr) != 1)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "%s is \"%s\": give a numeric address and a port of 1 to 65535", key, listen);
    ret_address->sin_port = htons((uint16_t)port);
    return 0;
}
