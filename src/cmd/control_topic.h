/* triage.control for the commands: all of it as it stands now, and new records. */
#ifndef TRIAGED_CMD_CONTROL_TOPIC_H
#define TRIAGED_CMD_CONTROL_TOPIC_H

#include <stddef.h>
#include <stdint.h>

#include "policy/config.h"
#include "triage/controls.h"
#include "triage/decision.h"

struct control_entry {
    char *key, *value;
    bool conversation;
    bool expires;          /* a conversation's switch, or a budget that is not normal */
    int64_t until_wall_us; /* of what expires */
};
struct control_list {
    struct control_entry *entries;
    size_t n, room;
};

/* What is not lifted; and, unless ret_liftings is NULL, who lifted something, the oldest first. */
int control_list_read(const struct config_kafka *kafka, struct control_list *ret_list,
                      struct control_list *ret_liftings, struct err *reterr);
void control_list_done(struct control_list *self); /* for CLEANUP */
/* The value of a key, or NULL. */
const char *control_list_find(const struct control_list *self, const char *key);
/* The cap that stands under this key; MODE_AUTO: none. */
enum mode control_list_cap(const struct control_list *self, const char *key);

int control_publish(const struct config_kafka *kafka, const struct message *messages, size_t n, struct err *reterr);

#endif
