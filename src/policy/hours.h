/* Business hours: days of the week and a span of the day in a time zone. Reads the zone from the system's tzdata once, and
 * no clock ever; the C library's own zone is left alone, since it belongs to the process. */
#ifndef TRIAGED_POLICY_HOURS_H
#define TRIAGED_POLICY_HOURS_H

#include <stdint.h>

#include "policy/yaml.h"

struct hours; /* const after loading */

/* node: the mapping business_hours {zone, days, from, to}. */
int hours_load(const struct yml *yaml, const struct yml_node *node, struct hours **ret_hours, struct err *reterr);
void hours_free(struct hours *self);
/* 1 inside, 0 outside. unix_s: seconds since 1970, UTC. */
int hours_inside(const struct hours *self, int64_t unix_s);
/* Day of the week (Monday 0) and hour of the local day; self NULL: UTC. */
void hours_local(const struct hours *self, int64_t unix_s, int *ret_weekday, int *ret_hour);
/* What else is written in hours: 0 Monday to 6 by words such as mon, -1 none of them; minutes of the day from "08:30"; a
 * zone that tzdata has. where: the key for an error. */
int hours_weekday(const char *word);
int hours_read_minutes(const struct yml *yaml, const struct yml_node *node, const char *where, const char *key,
                       const char *text, int *ret_minutes, struct err *reterr);
int hours_check_zone(const struct yml *yaml, const struct yml_node *node, const char *where, const char *name,
                     struct err *reterr);

#endif
