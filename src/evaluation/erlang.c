/* Erlang's C by the recursion of Erlang's B, which does not overflow. */
#include "evaluation/erlang.h"

#include <math.h>

double erlang_wait_chance(double load, int servers)
{
    double blocked = 1;

    if (load <= 0)
        return 0;
    if (load >= servers)
        return 1;
    for (int c = 1; c <= servers; c++)
        blocked = load * blocked / (c + load * blocked);
    return blocked / (1 - load / servers * (1 - blocked));
}

double erlang_late_chance(double load, int servers, double service_s, double wait_s)
{
    if (load >= servers)
        return 1;
    return erlang_wait_chance(load, servers) * exp(-(servers - load) * wait_s / service_s);
}

int erlang_servers(double load, double service_s, double wait_s, double late)
{
    double blocked = 1;

    if (load <= 0)
        return 0;
    for (int c = 1; c <= ERLANG_SERVERS_MAX; c++) {
        blocked = load * blocked / (c + load * blocked);
        if (load < c && blocked / (1 - load / c * (1 - blocked)) * exp(-(c - load) * wait_s / service_s) <= late)
            return c;
    }
    return -1;
}
