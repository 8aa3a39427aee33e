/* The records of triage.control: keys taken apart and put together, values read and written. One table of types. */
#include "contract/control_key.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

static const char *const mode_words[] = {[MODE_OFF] = "off",
                                         [MODE_SHADOW] = "shadow",
                                         [MODE_SUGGEST] = "suggest",
                                         [MODE_HOLD] = "hold",
                                         [MODE_AUTO] = "auto"};

/* How a key begins, in the order in which they are tried, and what follows. */
enum names { NAMES_NONE, NAMES_PROFILE, NAMES_CLASS, NAMES_CONVERSATION };

static const struct {
    const char *prefix;
    enum control_type type;
    enum names names;
} key_table[] = {
    {"cap/", CONTROL_CAP, NAMES_CLASS},
    {"level/", CONTROL_LEVEL, NAMES_CLASS},
    {"stop/all", CONTROL_STOP, NAMES_NONE},
    {"stop/profile/", CONTROL_STOP, NAMES_PROFILE},
    {"stop/class/", CONTROL_STOP, NAMES_CLASS},
    {"stop/key/", CONTROL_STOP, NAMES_CONVERSATION},
    {"takeover/", CONTROL_TAKEOVER, NAMES_CONVERSATION},
    {"budget/", CONTROL_BUDGET, NAMES_PROFILE},
};

static const struct json_limits value_limits = {.bytes = 65536, .depth = 8, .tokens = 2000};

#define LIFTED_PREFIX "lifted/" /* the time and the key that was lifted follow */

static const char *const type_words[] = {[CONTROL_CAP] = "cap",
                                         [CONTROL_LEVEL] = "level",
                                         [CONTROL_STOP] = "stop",
                                         [CONTROL_TAKEOVER] = "takeover",
                                         [CONTROL_BUDGET] = "budget"};

int control_mode_of(const char *word, enum mode *ret_mode)
{
    for (size_t i = 0; i < ARRAY_LEN(mode_words); i++) {
        if (strcmp(mode_words[i], word) == 0) {
            *ret_mode = (enum mode)i;
            return 0;
        }
    }
    return -1;
}

const char *control_mode_word(enum mode mode)
{
    return mode_words[mode];
}

/* ---- reading ---- */

static bool copy(char *to, size_t size, const char *from, size_t len)
{
    if (len == 0 || len >= size)
        return false;
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

static bool read_names(enum names names, const char *rest, struct control_said *said)
{
    const char *slash = strchr(rest, '/');

    switch (names) {
    case NAMES_NONE:
        return *rest == '\0';
    case NAMES_PROFILE:
        strcpy(said->label, CONTROL_ALL);
        return copy(said->profile, sizeof said->profile, rest, strlen(rest));
    case NAMES_CLASS:
        return slash && copy(said->profile, sizeof said->profile, rest, (size_t)(slash - rest)) &&
               copy(said->label, sizeof said->label, slash + 1, strlen(slash + 1));
    case NAMES_CONVERSATION:
        return copy(said->key, sizeof said->key, rest, strlen(rest));
    }
    return false;
}

int control_key_read(const struct record *record, struct control_said *ret_said)
{
    char key[CONTROL_KEY_MAX];

    if (!record->key || !copy(key, sizeof key, record->key, record->key_len) || strlen(key) != record->key_len)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(key_table); i++) {
        size_t len = strlen(key_table[i].prefix);
        if (strncmp(key, key_table[i].prefix, len) != 0)
            continue;
        *ret_said = (struct control_said){.type = key_table[i].type, .lifts = record->value == NULL};
        return read_names(key_table[i].names, key + len, ret_said);
    }
    return 0;
}

static const char *read_budget(const cJSON *doc, struct control_said *said)
{
    double minutes = json_num(doc, "defer_minutes", 0);
    enum review_state state;

    if (review_state_of(json_str(doc, "state", ""), &state) < 0)
        return "has no state of normal, tight or over";
    if (state != REVIEW_NORMAL && clock_parse(json_str(doc, "until", ""), &said->until_wall_us) < 0)
        return "does not say until when, such as 2026-11-28T09:00:00Z";
    if (state == REVIEW_OVER && (minutes < 1 || minutes > CONTROL_DEFER_MINUTES_MAX))
        return "has no defer_minutes between 1 and a week";
    said->state = state;
    said->defer_minutes = state == REVIEW_OVER ? (int)minutes : 0;
    return NULL;
}

static const char *read_value(const cJSON *doc, struct control_said *said)
{
    if (said->type == CONTROL_BUDGET)
        return read_budget(doc, said);
    if (said->type == CONTROL_CAP && control_mode_of(json_str(doc, "cap", ""), &said->mode) < 0)
        return "has no cap of off, shadow, suggest, hold or auto";
    if (said->type == CONTROL_LEVEL && control_mode_of(json_str(doc, "level", ""), &said->mode) < 0)
        return "has no level of off, shadow, suggest, hold or auto";
    if (*said->key && clock_parse(json_str(doc, "until", ""), &said->until_wall_us) < 0)
        return "does not say until when, such as 2026-11-28T09:00:00Z";
    return NULL;
}

int control_value_read(const struct record *record, struct control_said *said, struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = NULL;
    struct control_said none = *said;
    const char *fault;

    if (said->lifts)
        return 0;
    none.mode = MODE_OFF; /* somebody wanted less autonomy: none, until it can be read; a budget is normal then */
    none.until_wall_us = *said->key ? INT64_MAX : 0;
    *said = none;
    if (json_parse(record->value, record->value_len, &value_limits, &doc, reterr) < 0)
        return err_context(reterr, "control record %.*s", (int)record->key_len, (const char *)record->key);
    fault = read_value(doc, said);
    if (!fault)
        return 0;
    *said = none;
    return err_set(reterr, ERR_PERMANENT, 0, "control record %.*s %s", (int)record->key_len, (const char *)record->key,
                   fault);
}

/* ---- writing ---- */

static enum names names_of(const struct control_record *record)
{
    if (record->key)
        return NAMES_CONVERSATION;
    if (!record->profile)
        return NAMES_NONE;
    return record->label ? NAMES_CLASS : NAMES_PROFILE;
}

static void set_key(const struct control_record *record, struct message *message)
{
    enum names names = names_of(record);
    const char *prefix = "";
    char key[CONTROL_KEY_MAX];

    for (size_t i = 0; i < ARRAY_LEN(key_table); i++) {
        if (key_table[i].type == record->type && key_table[i].names == names)
            prefix = key_table[i].prefix;
    }
    snprintf(key, sizeof key, "%s%.*s%s%.*s", prefix, CONTROL_PROFILE_MAX - 1,
             record->key       ? ""
             : record->profile ? record->profile
                               : "",
             names == NAMES_CLASS ? "/" : "", TICKET_KEY_MAX - 1,
             record->key            ? record->key
             : names == NAMES_CLASS ? record->label
                                    : "");
    message->key = mem_strdup(key);
    message->key_len = strlen(key);
}

static void add(cJSON *doc, const char *name, const char *text)
{
    cJSON_AddStringToObject(doc, name, text ? text : "");
}

void control_encode(const struct control_record *record, struct message *ret_message)
{
    struct message message = {0};
    char stamp[CLOCK_RFC3339_MAX];
    cJSON *doc = cJSON_CreateObject();

    set_key(record, &message);
    cJSON_AddNumberToObject(doc, "schema_version", 1);
    add(doc, "type", type_words[record->type]);
    if (record->key) {
        add(doc, "key", record->key);
        add(doc, "until", clock_rfc3339(record->until_wall_us, stamp));
    } else {
        add(doc, "profile", record->profile);
        add(doc, "label", record->label ? record->label : CONTROL_ALL);
    }
    if (record->type == CONTROL_CAP || record->type == CONTROL_LEVEL)
        add(doc, type_words[record->type], mode_words[record->mode]);
    add(doc, "reason", record->reason);
    add(doc, "text", record->text);
    add(doc, "by", record->by);
    if (record->type == CONTROL_CAP)
        add(doc, "promise", record->promise);
    if (record->owner)
        add(doc, "owner", record->owner);
    add(doc, "at", clock_rfc3339(record->now_wall_us, stamp));
    message.value = json_text(doc);
    message.value_len = strlen(message.value);
    cJSON_Delete(doc);
    *ret_message = message;
}

void control_lift_encode(const struct control_record *record, struct message *ret_message)
{
    *ret_message = (struct message){0};
    set_key(record, ret_message);
}

void control_lifted_encode(const struct control_record *record, const char *key, const char *value,
                           struct message *ret_message)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    CLEANUP(buf_free) struct buf name = {0};
    cJSON *was = NULL;
    struct err unreadable = {0};
    char stamp[CLOCK_RFC3339_MAX];

    clock_rfc3339(record->now_wall_us, stamp);
    buf_printf(&name, LIFTED_PREFIX "%s/%s", stamp, key);
    cJSON_AddNumberToObject(doc, "schema_version", 1);
    add(doc, "type", "lifted");
    add(doc, "lifts", key);
    if (json_parse(value, strlen(value), &value_limits, &was, &unreadable) == 0) /* else it is lifted all the same */
        cJSON_AddItemToObject(doc, "was", was);
    add(doc, "reason", record->reason);
    add(doc, "text", record->text);
    add(doc, "by", record->by);
    add(doc, "at", stamp);
    *ret_message = (struct message){.key_len = name.len, .value = json_text(doc)};
    ret_message->key = buf_take(&name);
    ret_message->value_len = strlen(ret_message->value);
}

bool control_is_lifting(const struct record *record)
{
    size_t len = strlen(LIFTED_PREFIX);

    return record->key && record->key_len > len && memcmp(record->key, LIFTED_PREFIX, len) == 0;
}
