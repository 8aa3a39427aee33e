/* Records of triage.control, apart from who keeps them: their keys and values. */
#ifndef TRIAGED_CONTRACT_CONTROL_KEY_H
#define TRIAGED_CONTRACT_CONTROL_KEY_H

#include "triage/controls.h"

/* What one record says. */
struct control_said {
    enum control_type type;
    bool lifts;                        /* a tombstone */
    char profile[CONTROL_PROFILE_MAX]; /* "" every profile, or a conversation */
    char label[LABEL_MAX];             /* CONTROL_ALL: every class */
    char key[TICKET_KEY_MAX];          /* of a conversation, else "" */
    enum mode mode;
    enum review_state state; /* of a budget */
    int defer_minutes;
    int64_t until_wall_us;
};

/* 1: a key of ours, taken apart; 0: none of ours. */
int control_key_read(const struct record *record, struct control_said *ret_said);
/* Adds what the value says. -1: it can't be read, and said then takes all autonomy from what the key names. */
int control_value_read(const struct record *record, struct control_said *said, struct err *reterr);

#endif
