/* Erlang's C: a queue with c servers, Poisson arrivals and exponential times of service (A. K. Erlang, 1917). Real
 * times are rarely exponential; with less spread the waits are shorter than said here. */
#ifndef TRIAGED_EVALUATION_ERLANG_H
#define TRIAGED_EVALUATION_ERLANG_H

#define ERLANG_SERVERS_MAX 100000

/* load: arrivals per second times seconds of service. 1 when servers can't keep up. */
double erlang_wait_chance(double load, int servers);
/* Chance to wait longer than wait_s. */
double erlang_late_chance(double load, int servers, double service_s, double wait_s);
/* Fewest servers for which at most share late wait longer than wait_s; -1 beyond ERLANG_SERVERS_MAX. */
int erlang_servers(double load, double service_s, double wait_s, double late);

#endif
