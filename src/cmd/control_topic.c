/* Reads triage.control to its end, and writes to it. */
#include "cmd/control_topic.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"
#include "contract/control_key.h"
#include "kafka/reader.h"
#include "kafka/sender.h"

enum { SEND_TIMEOUT_MS = 15000, ENTRIES_MAX = 65536 };

/* The place of the key; n: it is not there. */
static size_t find(const struct control_list *self, const char *key, size_t len)
{
    for (size_t i = self->n; i > 0; i--) {
        const struct control_entry *one = &self->entries[i - 1];
        if (strlen(one->key) == len && memcmp(one->key, key, len) == 0)
            return i - 1;
    }
    return self->n;
}

static void drop(struct control_list *self, size_t place)
{
    mem_free(self->entries[place].key);
    mem_free(self->entries[place].value);
    self->entries[place] = self->entries[--self->n];
}

/* Neither a key of ours nor the trace of a lifting: passed over. */
static void take(struct control_list *self, const struct record *record)
{
    size_t place = find(self, record->key, record->key_len);
    struct control_said said = {0};
    struct err ignored = {0};

    if (place < self->n)
        drop(self, place);
    if (!record->value || self->n == ENTRIES_MAX ||
        (!control_is_lifting(record) && control_key_read(record, &said) == 0))
        return;
    if (self->n == self->room) {
        self->room = self->room ? 2 * self->room : 64;
        self->entries = mem_grow(self->entries, self->room, sizeof *self->entries);
    }
    if (!control_is_lifting(record))
        (void)control_value_read(record, &said, &ignored); /* shown as it is */
    self->entries[self->n++] = (struct control_entry){.key = mem_strndup(record->key, record->key_len),
                                                      .value = mem_strndup(record->value, record->value_len),
                                                      .conversation = *said.key,
                                                      .expires = *said.key || said.until_wall_us > 0,
                                                      .until_wall_us = said.until_wall_us};
}

struct reading {
    struct control_list *list, *liftings; /* liftings NULL: not wanted */
};

static int take_record(void *opaque, const struct reader_record *in, UNUSED struct err *reterr)
{
    const struct reading *self = opaque;
    struct control_list *of = in->record.key && control_is_lifting(&in->record) ? self->liftings : self->list;

    if (in->record.key && of)
        take(of, &in->record);
    return 0;
}

/* Keys of liftings begin with their time. */
static int by_key(const void *a, const void *b)
{
    const struct control_entry *x = a, *y = b;

    return strcmp(x->key, y->key);
}

int control_list_read(const struct config_kafka *kafka, struct control_list *ret_list,
                      struct control_list *ret_liftings, struct err *reterr)
{
    struct control_list list = {0}, liftings = {0};
    struct reading reading = {&list, ret_liftings ? &liftings : NULL};

    if (reader_each(kafka, kafka->topic_control, true, take_record, &reading, reterr) < 0) {
        control_list_done(&list);
        control_list_done(&liftings);
        return -1;
    }
    *ret_list = list;
    if (!ret_liftings)
        return 0;
    if (liftings.n)
        qsort(liftings.entries, liftings.n, sizeof *liftings.entries, by_key);
    *ret_liftings = liftings;
    return 0;
}

void control_list_done(struct control_list *self)
{
    while (self->n)
        drop(self, self->n - 1);
    mem_free(self->entries);
    *self = (struct control_list){0};
}

const char *control_list_find(const struct control_list *self, const char *key)
{
    size_t place = find(self, key, strlen(key));

    return place < self->n ? self->entries[place].value : NULL;
}

enum mode control_list_cap(const struct control_list *self, const char *key)
{
    CLEANUP(json_done) cJSON *stands = cJSON_Parse(control_list_find(self, key));
    enum mode mode;

    return control_mode_of(json_str(stands, "cap", ""), &mode) < 0 ? MODE_AUTO : mode;
}

int control_publish(const struct config_kafka *kafka, const struct message *messages, size_t n, struct err *reterr)
{
    struct sender *sender = NULL;
    long failed = 0;
    int rc = sender_open(kafka, &sender, reterr);

    for (size_t i = 0; i < n && rc == 0; i++)
        rc = sender_send(sender, kafka->topic_control, &messages[i], reterr);
    if (rc == 0)
        rc = sender_finish(sender, SEND_TIMEOUT_MS, &failed, reterr);
    if (rc == 0 && failed)
        rc = err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "it could not be published: try again");
    sender_close(sender);
    return rc;
}
