/* Caps in force: for each profile one small number for each class that was ever named, and one for all of them. They go
 * by label and not by the place of a class in a policy, since a policy may be replaced while caps stand. */
#include "triage/controls.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

#define CAP_PREFIX "cap/"

static const char *const mode_names[] = {
    [MODE_OFF] = "off", [MODE_SHADOW] = "shadow", [MODE_SUGGEST] = "suggest", [MODE_AUTO] = "auto"};

struct cap {
    char label[LABEL_MAX]; /* written before the count that shows it, never again */
    _Atomic unsigned char mode;
};

/* What is known of one profile. */
struct profile_caps {
    char *profile;
    _Atomic unsigned char all;
    struct cap caps[LABELS_MAX];
    _Atomic size_t n_caps;
};

struct controls {
    _Atomic bool ready;
    struct profile_caps *profiles;
    size_t n_profiles;
};

struct controls *controls_new(const char *const *profiles, size_t n)
{
    struct controls *self = mem_alloc(sizeof *self);

    self->n_profiles = n < PROFILES_MAX ? n : PROFILES_MAX;
    self->profiles = mem_array(self->n_profiles, sizeof *self->profiles);
    for (size_t i = 0; i < self->n_profiles; i++) {
        self->profiles[i].profile = mem_strdup(profiles[i]);
        self->profiles[i].all = MODE_AUTO;
    }
    return self;
}

void controls_free(struct controls *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n_profiles; i++)
        mem_free(self->profiles[i].profile);
    mem_free(self->profiles);
    mem_free(self);
}

void controls_set_ready(struct controls *self)
{
    self->ready = true;
}

bool controls_ready(const struct controls *self)
{
    return self->ready;
}

static const struct profile_caps *profile_find(const struct controls *self, const char *profile)
{
    for (size_t i = 0; i < self->n_profiles; i++) {
        if (strcmp(self->profiles[i].profile, profile) == 0)
            return &self->profiles[i];
    }
    return NULL;
}

bool controls_know(const struct controls *self, const char *profile)
{
    return profile_find(self, profile) != NULL;
}

static const struct cap *cap_find(const struct profile_caps *self, const char *label)
{
    size_t n = self->n_caps;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(self->caps[i].label, label) == 0)
            return &self->caps[i];
    }
    return NULL;
}

enum mode controls_mode(const struct controls *self, const char *profile, const struct policy_class *class)
{
    const struct profile_caps *caps = profile_find(self, profile);
    const struct cap *own;
    unsigned char cap;

    if (!self->ready || !caps)
        return MODE_OFF;
    own = cap_find(caps, class->label);
    cap = caps->all;
    if (own && own->mode < cap)
        cap = own->mode;
    return cap < class->mode ? (enum mode)cap : class->mode;
}

/* ---- reading ---- */

/* The cap of a label, a new one where there is none. A topic that names more labels than a policy can have caps them
 * all. */
static _Atomic unsigned char *cap_take(struct profile_caps *self, const char *label)
{
    const struct cap *known = cap_find(self, label);
    struct cap *cap = known ? &self->caps[known - self->caps] : &self->caps[self->n_caps % LABELS_MAX];

    if (!known && self->n_caps == LABELS_MAX)
        return &self->all;
    if (!known) {
        snprintf(cap->label, sizeof cap->label, "%s", label);
        cap->mode = MODE_AUTO;
        self->n_caps++;
    }
    return &cap->mode;
}

/* Where the cap of a record's key stands; NULL when it is none of ours. */
static _Atomic unsigned char *place_of(struct controls *self, const struct record *record)
{
    char key[CONTROL_KEY_MAX], start[CONTROL_KEY_MAX];

    if (!record->key || record->key_len >= sizeof key)
        return NULL;
    memcpy(key, record->key, record->key_len);
    key[record->key_len] = '\0';
    for (size_t i = 0; i < self->n_profiles; i++) {
        struct profile_caps *caps = &self->profiles[i];
        size_t len = (size_t)snprintf(start, sizeof start, CAP_PREFIX "%.120s/", caps->profile);
        if (strncmp(key, start, len) != 0)
            continue;
        if (strcmp(key + len, CONTROL_ALL) == 0)
            return &caps->all;
        return strlen(key + len) < LABEL_MAX ? cap_take(caps, key + len) : NULL;
    }
    return NULL;
}

static int mode_of(const cJSON *doc, unsigned char *ret_mode)
{
    const char *word = json_str(doc, "cap", "");

    for (size_t i = 0; i < ARRAY_LEN(mode_names); i++) {
        if (strcmp(mode_names[i], word) == 0) {
            *ret_mode = (unsigned char)i;
            return 0;
        }
    }
    return -1;
}

int controls_take(struct controls *self, const struct record *record, struct err *reterr)
{
    static const struct json_limits limits = {.bytes = 65536, .depth = 8, .tokens = 200};
    CLEANUP(json_done) cJSON *doc = NULL;
    _Atomic unsigned char *place = place_of(self, record);
    unsigned char mode = MODE_AUTO;

    if (!place)
        return 0;
    if (!record->value) {
        *place = MODE_AUTO;
        return 0;
    }
    *place = MODE_OFF; /* somebody wanted less autonomy: none, until it can be read */
    if (json_parse(record->value, record->value_len, &limits, &doc, reterr) < 0)
        return err_context(reterr, "control record %.*s", (int)record->key_len, (const char *)record->key);
    if (mode_of(doc, &mode) < 0)
        return err_set(reterr, ERR_PERMANENT, 0, "control record %.*s has no cap of off, shadow, suggest or auto",
                       (int)record->key_len, (const char *)record->key);
    *place = mode;
    return 0;
}

/* ---- writing ---- */

static void set_key(const char *profile, const char *label, struct message *message)
{
    char key[CONTROL_KEY_MAX];

    snprintf(key, sizeof key, CAP_PREFIX "%.120s/%.*s", profile, LABEL_MAX - 1, label);
    message->key = mem_strdup(key);
    message->key_len = strlen(key);
}

void control_encode(const struct control_cap *cap, struct message *ret_message)
{
    struct message message = {0};
    char stamp[CLOCK_RFC3339_MAX];
    cJSON *doc = cJSON_CreateObject();

    set_key(cap->profile, cap->label, &message);
    cJSON_AddNumberToObject(doc, "schema_version", 1);
    cJSON_AddStringToObject(doc, "type", "cap");
    cJSON_AddStringToObject(doc, "profile", cap->profile);
    cJSON_AddStringToObject(doc, "label", cap->label);
    cJSON_AddStringToObject(doc, "cap", mode_names[cap->mode]);
    cJSON_AddStringToObject(doc, "reason", cap->reason);
    cJSON_AddStringToObject(doc, "text", cap->text);
    cJSON_AddStringToObject(doc, "by", cap->by);
    cJSON_AddStringToObject(doc, "promise", cap->promise);
    cJSON_AddStringToObject(doc, "at", clock_rfc3339(cap->now_wall_us, stamp));
    message.value = json_text(doc);
    message.value_len = strlen(message.value);
    cJSON_Delete(doc);
    *ret_message = message;
}

void control_lift_encode(const char *profile, const char *label, struct message *ret_message)
{
    *ret_message = (struct message){0};
    set_key(profile, label, ret_message);
}
