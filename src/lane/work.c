/* A record becomes a work, a finished work becomes messages. */
#include "lane/work.h"

#include <sodium.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/version.h"
#include "decide/audit.h"

_Static_assert(crypto_shorthash_KEYBYTES == 16, "the key secret's size");

/* A keyed hash, so that senders, who choose the ids, can't make two keys meet. */
static uint64_t key_id(const void *key, size_t len, const unsigned char secret[16])
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t id;

    crypto_shorthash(out, key, len, secret);
    memcpy(&id, out, sizeof id);
    return id ? id : 1;
}

static void keep_raw(struct work *self, const struct record *record)
{
    if (record->key)
        self->raw_key = mem_dup(record->key, record->key_len);
    if (record->value)
        self->raw = mem_dup(record->value, record->value_len);
    self->raw_key_len = record->key_len;
    self->raw_len = record->value_len;
}

/* The headers go into the dead letter; all other works never need them again. */
static void keep_headers(struct work *self, const struct record *record)
{
    self->raw_headers = mem_array(record->n_headers, sizeof *self->raw_headers);
    self->n_raw_headers = record->n_headers;
    for (size_t i = 0; i < record->n_headers; i++) {
        const struct record_header *header = &record->headers[i];
        self->raw_headers[i] = (struct record_header){.name = mem_strdup(header->name), .len = header->len};
        if (header->value)
            self->raw_headers[i].value = mem_dup(header->value, header->len);
    }
}

static void decode_tombstone(struct work *self, const struct record *record, struct flow_record *ret_record)
{
    if (!record->key || record->key_len >= TICKET_KEY_MAX || ticket_key_check(record->key, record->key_len) < 0) {
        self->failed = true;
        err_reason(&self->why, ERR_PERMANENT, "key_mismatch", "a record without a value needs a ticket's key");
        ret_record->kind = FLOW_BAD;
        return;
    }
    memcpy(self->identity.key, record->key, record->key_len);
    ret_record->kind = FLOW_TOMBSTONE;
}

static void decode_ticket(struct work *self, const struct record *record, struct flow_record *ret_record)
{
    if (ticket_decode(record, &self->ticket, &self->identity, &self->why) < 0) {
        self->failed = true;
        ret_record->kind = FLOW_BAD;
        ret_record->revision = self->identity.revision;
        return;
    }
    ret_record->kind = self->ticket->event == TICKET_WITHDRAWN ? FLOW_WITHDRAWAL : FLOW_TICKET;
    ret_record->revision = self->ticket->revision;
    ret_record->content_hash = self->ticket->content_hash;
    memcpy(self->traceparent, self->ticket->traceparent, sizeof self->traceparent);
}

static bool header_is(const struct record *record, const char *name, const char *value)
{
    for (size_t i = 0; i < record->n_headers; i++) {
        const struct record_header *header = &record->headers[i];
        if (strcmp(header->name, name) == 0 && header->value && header->len == strlen(value) &&
            memcmp(header->value, value, header->len) == 0)
            return true;
    }
    return false;
}

/* Who wrote it, within the tenant: an address without one is told apart by the id. */
static uint64_t sender_id(const struct ticket *ticket, const unsigned char secret[16])
{
    const struct ticket_requester *requester = &ticket->requester;
    const char *who = *requester->email ? requester->email : requester->id;
    CLEANUP(buf_free) struct buf text = {0};

    if (!*who)
        return 0;
    buf_printf(&text, "%s\n%s", ticket->tenant, who);
    return key_id(buf_str(&text), strlen(buf_str(&text)), secret);
}

/* A tombstone is told by its key alone. */
static const struct snapshot_profile *profile_of_key(const struct snapshot *snapshot, const char *key)
{
    const struct snapshot_profile *found;
    char *parts[4] = {0};
    struct err ignored = {0};

    (void)ticket_key_split(key, parts, &ignored); /* an unknown key leaves the parts empty */
    const struct ticket ticket = {
        .tenant = parts[0], .source_system = parts[1], .source_instance = parts[2], .channel = ""};
    found = snapshot_profile_of(snapshot, &ticket);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        mem_free(parts[i]);
    return found;
}

/* A ticket that no profile takes fails; a withdrawal ends what is open whoever it belongs to. */
static void find_profile(struct work *self, struct flow_record *ret_record)
{
    const struct snapshot *snapshot = self->view->snapshot;
    const struct snapshot_profile *profile =
        self->ticket ? snapshot_profile_of(snapshot, self->ticket) : profile_of_key(snapshot, self->identity.key);

    self->profile = profile ? (int)(profile - snapshot->profiles) : -1;
    self->candidate = self->ticket && snapshot_canary_live(snapshot) &&
                      snapshot_canary_has(snapshot, self->profile, self->identity.key);
    ret_record->share = profile ? (unsigned)self->profile : 0;
    if (profile || !self->ticket || self->ticket->event == TICKET_WITHDRAWN)
        return;
    self->failed = true;
    err_reason(&self->why, ERR_PERMANENT, "no_profile",
               "no row of the table of profiles takes it: add one without conditions as the last, for what is left");
    ret_record->kind = FLOW_BAD;
}

const struct snapshot_profile *work_profile(const struct work *self)
{
    if (self->candidate)
        return &self->view->snapshot->candidate;
    return self->profile < 0 ? NULL : &self->view->snapshot->profiles[self->profile];
}

struct work *work_new(const struct consumer_record *in, int partition, bool opaque, const unsigned char key_secret[16],
                      struct view *view, struct flow_record *ret_record)
{
    struct work *self = mem_alloc(sizeof *self);
    const struct record *record = &in->record;

    self->view = view_ref(view);
    self->partition = partition;
    self->offset = in->offset;
    self->read_us = clock_mono_us();
    self->record_ms = in->timestamp_ms;
    self->bytes = (int64_t)(record->value_len + record->key_len) + (int64_t)sizeof *self;
    keep_raw(self, record);
    *ret_record = (struct flow_record){.partition = partition, .offset = in->offset, .bytes = self->bytes};
    if (opaque) {
        self->failed = true;
        err_reason(&self->why, ERR_PERMANENT, "crash_suspect",
                   "the process ended %d times while this record was the first in work", FLOW_SUSPECT_TAKEOVERS);
        ret_record->kind = FLOW_OPAQUE;
    } else if (!record->value) {
        decode_tombstone(self, record, ret_record);
    } else {
        decode_ticket(self, record, ret_record);
    }
    find_profile(self, ret_record);
    if (self->failed)
        keep_headers(self, record);
    if (self->ticket)
        ret_record->sender = sender_id(self->ticket, key_secret);
    ret_record->background = header_is(record, TICKET_CLASS_HEADER, TICKET_CLASS_BACKFILL);
    if (self->identity.key[0])
        ret_record->key_id = key_id(self->identity.key, strlen(self->identity.key), key_secret);
    ret_record->tag = (uint64_t)(uintptr_t)self;
    return self;
}

static void drop_outputs(struct work *self)
{
    for (size_t i = 0; i < self->n_outputs; i++)
        message_free(&self->outputs[i]);
    self->n_outputs = 0;
}

void work_free(struct work *self)
{
    if (!self)
        return;
    drop_outputs(self);
    draft_request_free(&self->request);
    decision_clear(&self->decision);
    ticket_free(self->ticket);
    for (size_t i = 0; i < self->n_raw_headers; i++) {
        mem_free((void *)(uintptr_t)self->raw_headers[i].name);
        mem_free((void *)(uintptr_t)self->raw_headers[i].value);
    }
    mem_free(self->raw_headers);
    mem_free(self->raw_key);
    mem_free(self->raw);
    view_unref(self->view);
    mem_free(self);
}

/* ---- messages ---- */

static struct message *add_output(struct work *self, enum work_topic topic)
{
    self->output_topics[self->n_outputs] = topic;
    return &self->outputs[self->n_outputs++];
}

static const char *arm_of(const struct work *self)
{
    const struct snapshot *snapshot = self->view->snapshot;

    if (!snapshot_canary_live(snapshot) || snapshot->canary != self->profile)
        return NULL;
    return self->candidate ? "candidate" : "current";
}

/* What a ticket without a profile was decided by: nothing. */
static struct provenance provenance_of(const struct work *self, const struct snapshot_profile *profile)
{
    const bool drafted = self->decision.draft.text && !self->decision.draft.macro_id[0];

    if (!profile)
        return (struct provenance){"", "", "", "", "", version_build(), "", "", NULL};
    return (struct provenance){.policy = policy_hash(profile->policy),
                               .classifier = classifier_hash(profile->classifier),
                               .prompt = draft_prompt_hash(),
                               .knowledge = profile->knowledge_hash,
                               .model = drafted ? self->view->snapshot->config->model.name : "",
                               .build = version_build(),
                               .promise = profile->promise_id,
                               .priority = profile->priority ? classifier_hash(profile->priority) : "",
                               .arm = arm_of(self)};
}

static struct result_context context_of(const struct work *self, const char *topic)
{
    const struct snapshot_profile *profile = work_profile(self);
    struct result_context context = {
        .key = self->identity.key,
        .revision = self->identity.revision,
        .ticket = self->ticket,
        .policy = profile ? profile->policy : NULL,
        .input = {topic, self->partition, self->offset},
        .provenance = provenance_of(self, profile),
        .now_wall_us = self->decided_wall_us,
        .traceparent = self->traceparent,
    };

    if (profile)
        context.promise = (struct promise_words){profile->promise.max_error, profile->promise.confidence};
    return context;
}

struct gate work_gate(const struct work *self)
{
    const struct snapshot_profile *profile = work_profile(self);

    return (struct gate){.controls = profile ? self->view->snapshot->controls : NULL,
                         .policy = profile ? profile->policy : NULL,
                         .key = self->identity.key,
                         .now_wall_us = clock_wall_us()};
}

static const char *word_reason(const struct work *self)
{
    return self->decision.status == STATUS_WITHDRAWN ? "withdrawn" : "superseded";
}

/* A failure is an outcome of its revision too: what is open of an older one is closed. */
static void build_failure(struct work *self, const struct result_context *result, size_t value_max)
{
    const struct record original = {.key = self->raw_key,
                                    .key_len = self->raw_key_len,
                                    .value = self->raw,
                                    .value_len = self->raw_len,
                                    .headers = self->raw_headers,
                                    .n_headers = self->n_raw_headers};

    deadletter_encode(&original, &result->input, &self->why, "decode", value_max, add_output(self, WORK_DEADLETTER));
    if (self->failed_result)
        failed_encode(result, &self->why, add_output(self, WORK_RESULTS));
    if (self->word)
        review_close_encode(result, word_reason(self), add_output(self, WORK_REVIEWS));
}

/* Drawn by the ticket, not by the moment: a replay draws the same. */
static bool drawn_for_audit(const struct work *self)
{
    const struct snapshot_profile *profile = work_profile(self);

    return self->decision.unseen && profile && *profile->row->audit_key &&
           audit_drawn(profile->audit_key, self->identity.key, self->identity.revision,
                       profile->row->audit_percent / 100.0);
}

/* A decision that was emitted and aborted is looked at again: nobody has seen it. */
static void pass_gate(struct work *self)
{
    const struct gate gate = work_gate(self);

    if (!self->failed && self->ticket && gate_apply(&gate, &self->decision))
        drop_outputs(self);
}

void work_build_outputs(struct work *self, const char *topic)
{
    struct result_context result;

    pass_gate(self);
    if (self->n_outputs)
        return;
    if (!self->decided_wall_us)
        self->decided_wall_us = clock_wall_us();
    result = context_of(self, topic);
    result.audit = drawn_for_audit(self);
    if (self->failed) {
        build_failure(self, &result, DEADLETTER_VALUE_MAX);
        return;
    }
    result_encode(&result, &self->decision, add_output(self, WORK_RESULTS));
    if (self->decision.status == STATUS_IN_REVIEW)
        review_encode(&result, &self->decision, add_output(self, WORK_REVIEWS));
    else if (result.audit)
        audit_encode(&result, &self->decision,
                     add_output(self, WORK_REVIEWS)); /* closes what is older, as a word does */
    else if (self->word)
        review_close_encode(&result, word_reason(self), add_output(self, WORK_REVIEWS));
}

void work_replace_outputs(struct work *self, const char *topic)
{
    struct result_context result;

    drop_outputs(self);
    self->failed_result = self->identity.revision != 0 && !result_status_notice(self->decision.status) && !self->failed;
    if (!self->failed) {
        self->failed = true;
        err_reason(&self->why, ERR_PERMANENT, "too_large", "the result does not fit its topic");
    }
    result = context_of(self, topic);
    build_failure(self, &result, 0);
}
