/* What triage.control says, as lanes ask it: small numbers that one thread writes and many read. Classes go by label
 * and not by their place in a policy, since a policy may be replaced while records stand; conversations go by a hash of
 * their key, and two keys of one hash would only share a switch. */
#include "triage/controls.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "contract/control_key.h"

struct class_control {
    char label[LABEL_MAX]; /* written before the count that shows it, never again */
    _Atomic unsigned char cap, level;
    _Atomic bool levelled, stopped;
};

struct profile_control {
    char name[CONTROL_PROFILE_MAX];
    struct class_control all; /* of every class; has no level */
    struct class_control classes[LABELS_MAX];
    _Atomic size_t n_classes;
    _Atomic uint64_t budget; /* budget_pack: one number, so that who reads it sees no half of a change */
};

/* 0: not switched. A place is used again when both have passed. */
struct conversation {
    _Atomic uint64_t hash;
    _Atomic int64_t stopped_until_us, taken_until_us;
};

struct controls {
    bool any; /* every profile that a record names, and not those of one worker */
    _Atomic bool ready, stopped;
    _Atomic bool full; /* a record named a profile for which there is no place: everything is stopped */
    _Atomic uint64_t version;
    struct profile_control *profiles[PROFILES_MAX]; /* written before the count that shows it, never again */
    _Atomic size_t n_profiles;
    struct conversation conversations[CONTROL_CONVERSATIONS_MAX];
    _Atomic size_t n_conversations; /* places ever used */
    _Atomic size_t n_without_place; /* switches that found none: everything is stopped meanwhile */
};

static void class_init(struct class_control *class)
{
    class->cap = class->level = MODE_AUTO;
    class->levelled = class->stopped = false;
}

static struct profile_control *profile_add(struct controls *self, const char *name)
{
    struct profile_control *profile = mem_alloc(sizeof *profile);
    size_t n = self->n_profiles;

    snprintf(profile->name, sizeof profile->name, "%s", name);
    class_init(&profile->all);
    self->profiles[n] = profile;
    self->n_profiles = n + 1;
    return profile;
}

struct controls *controls_new(const char *const *profiles, size_t n)
{
    struct controls *self = mem_alloc(sizeof *self);

    for (size_t i = 0; i < n && i < PROFILES_MAX; i++)
        profile_add(self, profiles[i]);
    return self;
}

struct controls *controls_new_any(void)
{
    struct controls *self = controls_new(NULL, 0);

    self->any = true;
    return self;
}

void controls_free(struct controls *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n_profiles; i++)
        mem_free(self->profiles[i]);
    mem_free(self);
}

void controls_set_ready(struct controls *self)
{
    if (self->ready)
        return;
    self->ready = true;
    self->version++;
}

bool controls_ready(const struct controls *self)
{
    return self->ready;
}

uint64_t controls_version(const struct controls *self)
{
    return self->version;
}

static struct profile_control *profile_find(const struct controls *self, const char *name)
{
    size_t n = self->n_profiles;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(self->profiles[i]->name, name) == 0)
            return self->profiles[i];
    }
    return NULL;
}

bool controls_know(const struct controls *self, const char *profile)
{
    return self->any || profile_find(self, profile) != NULL;
}

/* ---- asking ---- */

static const struct class_control *class_find(const struct profile_control *profile, const char *label)
{
    size_t n = profile->n_classes;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(profile->classes[i].label, label) == 0)
            return &profile->classes[i];
    }
    return NULL;
}

static void ask_class(const struct class_control *class, struct control_answer *answer)
{
    enum mode cap = (enum mode) class->cap;

    answer->stopped |= class->stopped;
    if (cap < answer->cap)
        answer->cap = cap;
    if (class->levelled) {
        answer->levelled = true;
        answer->level = (enum mode) class->level;
    }
}

static void ask_conversation(const struct controls *self, const struct control_question *question,
                             struct control_answer *answer)
{
    size_t n = self->n_conversations;
    uint64_t hash;

    if (!n || !question->key || !*question->key)
        return;
    hash = hash64(question->key, strlen(question->key));
    for (size_t i = 0; i < n; i++) {
        const struct conversation *one = &self->conversations[i];
        if (atomic_load_explicit(&one->hash, memory_order_acquire) != hash)
            continue;
        answer->stopped |= one->stopped_until_us > question->now_wall_us;
        answer->taken_over |= one->taken_until_us > question->now_wall_us;
    }
}

void controls_ask(const struct controls *self, const struct control_question *question,
                  struct control_answer *ret_answer)
{
    struct control_answer answer = {.cap = MODE_AUTO, .level = MODE_AUTO};
    const struct profile_control *profile = profile_find(self, question->profile);
    const struct class_control *class = NULL;

    if (!self->ready || (!profile && !self->any))
        answer.cap = MODE_OFF;
    answer.stopped = self->stopped || self->full || self->n_without_place;
    if (profile)
        ask_class(&profile->all, &answer);
    if (profile && question->label && *question->label)
        class = class_find(profile, question->label);
    if (class)
        ask_class(class, &answer);
    ask_conversation(self, question, &answer);
    *ret_answer = answer;
}

enum mode controls_mode(const struct controls *self, const char *profile, const struct policy_class *class,
                        enum mode begins)
{
    struct control_answer answer;
    enum mode mode = class->mode;

    controls_ask(self, &(struct control_question){.profile = profile, .label = class->label}, &answer);
    if (!answer.levelled)
        answer.level = begins;
    if (answer.level < mode)
        mode = answer.level;
    return answer.cap < mode ? answer.cap : mode;
}

/* Bits 0-1 the state, 2-17 the minutes, from 18 the second until which it holds. */
static uint64_t budget_pack(const struct control_said *said, int64_t now_wall_us)
{
    int64_t latest = now_wall_us + CONTROL_BUDGET_LASTS_MAX_S * 1000000LL;
    int64_t until = said->until_wall_us < latest ? said->until_wall_us : latest;

    if (said->lifts || said->state == REVIEW_NORMAL || until <= now_wall_us)
        return REVIEW_NORMAL;
    return (uint64_t)(until / 1000000) << 18 | (uint64_t)said->defer_minutes << 2 | said->state;
}

void controls_budget(const struct controls *self, const char *profile, int64_t now_wall_us,
                     struct control_budget *ret_budget)
{
    const struct profile_control *found = profile_find(self, profile);
    uint64_t packed = found ? found->budget : 0;

    *ret_budget = (struct control_budget){.state = REVIEW_NORMAL};
    if ((int64_t)(packed >> 18) * 1000000 > now_wall_us)
        *ret_budget = (struct control_budget){(enum review_state)(packed & 3), (int)(packed >> 2 & 0xffff)};
}

/* ---- taking ---- */

/* The class of a label, a new one where there is none. A topic that names more labels than a policy can have speaks of
 * all of them. */
static struct class_control *class_take(struct profile_control *profile, const char *label)
{
    const struct class_control *known = class_find(profile, label);
    size_t n = profile->n_classes;
    struct class_control *class;

    if (strcmp(label, CONTROL_ALL) == 0)
        return &profile->all;
    if (known)
        return &profile->classes[known - profile->classes];
    if (n == LABELS_MAX)
        return &profile->all;
    class = &profile->classes[n];
    class_init(class);
    snprintf(class->label, sizeof class->label, "%s", label);
    profile->n_classes = n + 1;
    return class;
}

static struct conversation *conversation_find(struct controls *self, uint64_t hash)
{
    for (size_t i = 0; i < self->n_conversations; i++) {
        if (self->conversations[i].hash == hash)
            return &self->conversations[i];
    }
    return NULL;
}

/* A place for the hash: its own, one whose switches have passed, or a new one. NULL: all are in use. */
static struct conversation *conversation_take(struct controls *self, uint64_t hash, int64_t now_wall_us)
{
    struct conversation *one = conversation_find(self, hash);
    size_t n = self->n_conversations;

    if (one)
        return one;
    for (size_t i = 0; i < n && !one; i++) {
        if (self->conversations[i].stopped_until_us <= now_wall_us &&
            self->conversations[i].taken_until_us <= now_wall_us)
            one = &self->conversations[i];
    }
    if (!one && n == CONTROL_CONVERSATIONS_MAX)
        return NULL;
    if (!one)
        one = &self->conversations[n];
    one->stopped_until_us = one->taken_until_us = 0;
    atomic_store_explicit(&one->hash, hash, memory_order_release);
    if (one == &self->conversations[n])
        self->n_conversations = n + 1;
    return one;
}

static void lift_conversation(struct controls *self, enum control_type type, uint64_t hash)
{
    struct conversation *one = conversation_find(self, hash);

    if (one && type == CONTROL_STOP)
        one->stopped_until_us = 0;
    else if (one)
        one->taken_until_us = 0;
    else if (self->n_without_place)
        self->n_without_place--;
}

static int take_conversation(struct controls *self, const struct control_said *said, int64_t now_wall_us,
                             struct err *reterr)
{
    uint64_t hash = hash64(said->key, strlen(said->key));
    struct conversation *one;

    if (said->lifts || said->until_wall_us <= now_wall_us) {
        lift_conversation(self, said->type, hash);
        return 0;
    }
    one = conversation_take(self, hash, now_wall_us);
    if (!one) {
        self->n_without_place++;
        return err_set(
            reterr, ERR_PERMANENT, 0,
            "lift some with 'triaged control resume': more than %d conversations are switched, and until then "
            "everything is stopped",
            CONTROL_CONVERSATIONS_MAX);
    }
    if (said->type == CONTROL_STOP)
        one->stopped_until_us = said->until_wall_us;
    else
        one->taken_until_us = said->until_wall_us;
    return 0;
}

static void take_class(struct class_control *class, const struct control_said *said)
{
    switch (said->type) {
    case CONTROL_CAP:
        class->cap = said->lifts ? MODE_AUTO : (unsigned char)said->mode;
        break;
    case CONTROL_LEVEL:
        class->level = said->lifts ? MODE_AUTO : (unsigned char)said->mode;
        class->levelled = !said->lifts;
        break;
    case CONTROL_STOP:
        class->stopped = !said->lifts;
        break;
    case CONTROL_TAKEOVER:
    case CONTROL_BUDGET:
        break;
    }
}

/* Who reads every profile's records stops at the first that it can't keep: it could be a switch. */
static int no_place(struct controls *self, struct err *reterr)
{
    self->full = true;
    return err_set(reterr, ERR_PERMANENT, 0,
                   "let the relay run in the workers of the profiles: triage.control names more than %d profiles, and "
                   "until then everything is stopped",
                   PROFILES_MAX);
}

static int take(struct controls *self, const struct control_said *said, int64_t now_wall_us, struct err *reterr)
{
    struct profile_control *profile;

    if (*said->key)
        return take_conversation(self, said, now_wall_us, reterr);
    if (said->type == CONTROL_STOP && !*said->profile) {
        self->stopped = !said->lifts;
        return 0;
    }
    profile = profile_find(self, said->profile);
    if (!profile && self->n_profiles == PROFILES_MAX)
        return no_place(self, reterr);
    if (!profile)
        profile = profile_add(self, said->profile);
    if (said->type == CONTROL_BUDGET)
        profile->budget = budget_pack(said, now_wall_us);
    else
        take_class(class_take(profile, said->label), said);
    return 0;
}

int controls_take(struct controls *self, const struct record *record, int64_t now_wall_us, struct err *reterr)
{
    struct control_said said;
    struct err unread = {0};
    int64_t latest = now_wall_us + CONTROL_LASTS_MAX_S * 1000000LL;
    int known = control_key_read(record, &said), rc;

    if (!known || (*said.profile && !controls_know(self, said.profile)))
        return 0;
    rc = control_value_read(record, &said, &unread); /* what it can't read comes out as none of the autonomy */
    if (said.until_wall_us > latest)
        said.until_wall_us = latest;
    if (take(self, &said, now_wall_us, reterr) < 0)
        rc = -1;
    else if (rc < 0)
        *reterr = unread;
    self->version++;
    return rc;
}
