/* What the machine may do now, as triage.control says: caps and kill switches of an operator, the level that each class
 * has earned, and conversations that a person took over. All of it lowers what the policy allows and never raises it.
 * One writer; any number of lanes read without a lock. docs/AUTONOMY.md. */
#ifndef TRIAGE_CONTROLS_H
#define TRIAGE_CONTROLS_H

#include <stdbool.h>
#include <stddef.h>

#include "triage/err.h"
#include "triage/policy.h"
#include "triage/result.h"
#include "triage/ticket.h"

#define CONTROL_PROFILE_MAX        129                   /* bytes of a profile's name with the terminator */
#define CONTROL_KEY_MAX            (TICKET_KEY_MAX + 16) /* of a record of the topic: takeover/KEY is the longest */
#define CONTROL_TEXT_MAX           500                   /* bytes of a reason in words */
#define CONTROL_ALL                "*"                   /* label that stands for every class of the profile */
#define CONTROL_CONVERSATIONS_MAX  4096         /* stopped or taken over at once; beyond that everything is stopped */
#define CONTROL_LIFTED_MAX         10000        /* liftings that stay on record; the oldest go first */
#define CONTROL_LASTS_MAX_S        (90 * 86400) /* a switch of one conversation expires by then */
#define CONTROL_BUDGET_LASTS_MAX_S 3600         /* a budget that nobody confirms is normal again by then */
#define CONTROL_DEFER_MINUTES_MAX  10080        /* a week: the plan sees no further */

struct controls;

/* For the profiles of one worker, at most PROFILES_MAX; their names are copied. Until controls_set_ready everything is
 * capped at review. */
struct controls *controls_new(const char *const *profiles, size_t n);
/* For a relay without lanes, which has no policy: of every profile that a record names. What no record names is as the
 * one who put the answer on hold was allowed. */
struct controls *controls_new_any(void);
void controls_free(struct controls *self);
bool controls_know(const struct controls *self, const char *profile);

/* Takes a record of the control topic in its order. Records of other profiles or kinds change nothing and are
 * no error; one of ours that can't be read is a permanent error and takes all autonomy from what it names. A tombstone
 * lifts. now_wall_us: what has expired by then makes room. */
int controls_take(struct controls *self, const struct record *record, int64_t now_wall_us, struct err *reterr);
void controls_set_ready(struct controls *self); /* the topic was read to its end */
bool controls_ready(const struct controls *self);
/* Rises with each change: to see without a lock whether anything has to be looked at again. */
uint64_t controls_version(const struct controls *self);

/* What is said about one ticket. Of a profile that is not the worker's: capped at review. */
struct control_question {
    const char *profile, *label; /* label "": none was given */
    const char *key;             /* of the ticket; "" unknown */
    int64_t now_wall_us;
};
void controls_ask(const struct controls *self, const struct control_question *question,
                  struct control_answer *ret_answer);
/* The mode of the class, lowered to what is allowed now. begins: what a class without a level on record has. */
enum mode controls_mode(const struct controls *self, const char *profile, const struct policy_class *class,
                        enum mode begins);

/* The review budget of a profile as it stands at now_wall_us: normal without a record in force. */
struct control_budget {
    enum review_state state;
    int defer_minutes; /* of what is not urgent; 0 unless over */
};
void controls_budget(const struct controls *self, const char *profile, int64_t now_wall_us,
                     struct control_budget *ret_budget);

/* ---- records of the topic: control.v1 ---- */

enum control_type { CONTROL_CAP, CONTROL_LEVEL, CONTROL_STOP, CONTROL_TAKEOVER, CONTROL_BUDGET };

struct control_record {
    enum control_type type;
    const char *profile; /* of a stop: NULL all profiles; of a takeover and a stop of one conversation: NULL */
    const char *label;   /* CONTROL_ALL: every class of the profile; of a stop: NULL the whole profile */
    const char *key;     /* of the conversation, or NULL */
    const char *reason, *text, *by, *promise; /* promise "" none */
    const char *owner;                        /* whom a step down with it is told to, or NULL */
    enum mode mode;                           /* of a cap or level */
    int64_t until_wall_us;                    /* of a conversation: when it expires */
    int64_t now_wall_us;
};
void control_encode(const struct control_record *record, struct message *ret_message);
/* The tombstone that lifts what a record of this type and these names says. */
void control_lift_encode(const struct control_record *record, struct message *ret_message);
/* The trace of a lifting, a record of its own: who (by), when (now_wall_us) and why (text); the key that was lifted,
 * and the value that stood there. It says nothing of what the machine may do. */
void control_lifted_encode(const struct control_record *record, const char *key, const char *value,
                           struct message *ret_message);
bool control_is_lifting(const struct record *record);
/* A mode by its word; -1: none. */
int control_mode_of(const char *word, enum mode *ret_mode);
const char *control_mode_word(enum mode mode);

#endif
