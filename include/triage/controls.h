/* What each class of each profile may do at most, as triage.control says: switches of an operator, and of the watch
 * over the promise. Caps lower a mode and never raise it. One writer; any number of lanes read without a lock. */
#ifndef TRIAGE_CONTROLS_H
#define TRIAGE_CONTROLS_H

#include <stdbool.h>
#include <stddef.h>

#include "triage/err.h"
#include "triage/policy.h"
#include "triage/result.h"
#include "triage/ticket.h"

#define CONTROL_KEY_MAX  256 /* cap/PROFILE/LABEL */
#define CONTROL_TEXT_MAX 500 /* bytes of a reason in words */
#define CONTROL_ALL      "*" /* label that stands for every class of the profile */

struct controls;

/* For the profiles of one worker, at most PROFILES_MAX; their names are copied. Until controls_set_ready everything is
 * capped at review. */
struct controls *controls_new(const char *const *profiles, size_t n);
void controls_free(struct controls *self);
bool controls_know(const struct controls *self, const char *profile);

/* Takes a record of the control topic in its order. Records of other profiles or kinds change nothing and are
 * no error; one that says it is a cap of ours and can't be read is a permanent error, and caps at review. A tombstone
 * lifts. */
int controls_take(struct controls *self, const struct record *record, struct err *reterr);
void controls_set_ready(struct controls *self); /* the topic was read to its end */
bool controls_ready(const struct controls *self);
/* The mode of a class of the profile, lowered to what is allowed now; of an unknown profile: off. */
enum mode controls_mode(const struct controls *self, const char *profile, const struct policy_class *class);

/* A cap as a record of the topic: control.v1. label CONTROL_ALL: every class. promise "" none. */
struct control_cap {
    const char *profile, *label, *reason, *text, *by, *promise;
    enum mode mode;
    int64_t now_wall_us;
};
void control_encode(const struct control_cap *cap, struct message *ret_message);
/* The record that lifts it. */
void control_lift_encode(const char *profile, const char *label, struct message *ret_message);

#endif
