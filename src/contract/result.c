/* Results and review requests as JSON (schemas/result.v1.json, schemas/review.v1.json) with CloudEvents headers.
 * Members come in a fixed order and numbers in a fixed form: the same inputs give the same bytes. */
#include "triage/result.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "contract/heard.h"
#include "contract/ticket_doc.h"

enum {
    REVISION_TEXT_MAX = 24,
    SOURCE_TEXT_MAX = 256,
    PRIORITY_DEFAULT = 50, /* of a review request, 0 to 100 */
    SLA_MINUTES_MAX = 525600,
};
#define PRIORITY_GUESS_LEAST 0.5 /* a guess less sure than this changes no order */
static const double CONFIDENCE_STEPS = 10000.0; /* four digits say all that calibration can */
static const double SCORE_STEPS = 1000000.0;

static const char *const risk_names[] = {[RISK_LOW] = "low", [RISK_MEDIUM] = "medium", [RISK_HIGH] = "high"};

char *result_id(const struct result_context *ctx, enum result_status status, char out[RESULT_ID_MAX])
{
    char revision[REVISION_TEXT_MAX] = "null";

    if (ctx->revision)
        snprintf(revision, sizeof revision, "%" PRId64, ctx->revision);
    if (ctx->revision && !result_status_notice(status))
        snprintf(out, RESULT_ID_MAX, "%s@%s:%s", ctx->key, revision, result_status_name(status));
    else
        snprintf(out, RESULT_ID_MAX, "%s@%s:%s:%.*s/%d/%" PRId64, ctx->key, revision, result_status_name(status),
                 INPUT_TOPIC_MAX, ctx->input.topic, ctx->input.partition, ctx->input.offset);
    return out;
}

/* ---- parts of documents ---- */

static void add_text(cJSON *object, const char *name, const char *text)
{
    cJSON_AddStringToObject(object, name, text ? text : "");
}

static void add_text_or_null(cJSON *object, const char *name, const char *text)
{
    if (text && *text)
        cJSON_AddStringToObject(object, name, text);
    else
        cJSON_AddNullToObject(object, name);
}

static void add_integer(cJSON *object, const char *name, int64_t value)
{
    cJSON_AddNumberToObject(object, name, (double)value);
}

static void add_rounded(cJSON *object, const char *name, double value, double steps)
{
    cJSON_AddNumberToObject(object, name, isfinite(value) ? round(value * steps) / steps : 0.0);
}

static void add_revision(cJSON *object, int64_t revision)
{
    if (revision)
        add_integer(object, "revision", revision);
    else
        cJSON_AddNullToObject(object, "revision");
}

static void add_input(cJSON *object, const struct input_position *input)
{
    cJSON *at = cJSON_AddObjectToObject(object, "input");

    add_text(at, "topic", input->topic);
    add_integer(at, "partition", input->partition);
    add_integer(at, "offset", input->offset);
}

/* Who the ticket belongs to: from the ticket, else from the key. */
static void add_owner(cJSON *object, const struct result_context *ctx)
{
    char *parts[4] = {0};
    struct err ignored;
    const struct ticket *ticket = ctx->ticket;
    cJSON *source;

    if (!ticket)
        (void)ticket_key_split(ctx->key, parts, &ignored); /* an unknown key leaves the parts empty */
    add_text(object, "tenant", ticket ? ticket->tenant : parts[0]);
    source = cJSON_AddObjectToObject(object, "source");
    add_text(source, "system", ticket ? ticket->source_system : parts[1]);
    add_text(source, "instance", ticket ? ticket->source_instance : parts[2]);
    add_text(object, "ticket_id", ticket ? ticket->ticket_id : parts[3]);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        mem_free(parts[i]);
}

static void add_alternatives(cJSON *object, const struct decision *decision)
{
    cJSON *array = cJSON_AddArrayToObject(object, "alternatives");

    for (size_t i = 0; i < decision->n_alternatives; i++) {
        cJSON *item = cJSON_CreateObject();
        add_text(item, "label", decision->alternatives[i].label);
        add_rounded(item, "confidence", decision->alternatives[i].confidence, CONFIDENCE_STEPS);
        cJSON_AddItemToArray(array, item);
    }
}

static void add_reasons(cJSON *object, const struct decision *decision)
{
    cJSON *array = cJSON_AddArrayToObject(object, "reasons");

    for (size_t i = 0; i < decision->n_reasons; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(reason_name(decision->reasons[i])));
}

static void add_draft(cJSON *object, const struct draft *draft)
{
    cJSON *at, *citations, *unsupported;

    if (!draft->text) {
        cJSON_AddNullToObject(object, "draft");
        return;
    }
    at = cJSON_AddObjectToObject(object, "draft");
    add_text(at, "text", draft->text);
    citations = cJSON_AddArrayToObject(at, "citations");
    for (size_t i = 0; i < draft->n_citations; i++)
        cJSON_AddItemToArray(citations, cJSON_CreateString(draft->citations[i]));
    add_text_or_null(at, "macro_id", draft->macro_id);
    if (*draft->opinion)
        add_text(at, "label_opinion", draft->opinion);
    unsupported =
        draft->unsupported ? cJSON_Parse(draft->unsupported) : NULL; /* our own text, made by the claim check */
    cJSON_AddItemToObject(at, "unsupported", unsupported ? unsupported : cJSON_CreateArray());
}

/* Our own text, made with the prompt; what the server counted is known only now. */
static void add_context(cJSON *object, const struct decision *decision)
{
    cJSON *context = decision->context ? cJSON_Parse(decision->context) : NULL;
    cJSON *recorded = decision->recorded ? cJSON_Parse(decision->recorded) : NULL;

    if (context) {
        add_integer(context, "tokens", decision->draft.tokens_in);
        add_integer(context, "tokens_cached", decision->draft.tokens_cached);
        cJSON_AddItemToObject(object, "context", context);
    }
    if (recorded)
        cJSON_AddItemToObject(object, "recorded", recorded);
}

static void add_shadow(cJSON *object, const struct decision *decision)
{
    cJSON *shadow = decision->shadow ? cJSON_Parse(decision->shadow) : NULL;

    if (shadow)
        cJSON_AddItemToObject(object, "shadow", shadow);
}

static const char *profile_of(const struct result_context *ctx)
{
    return ctx->policy ? policy_profile(ctx->policy) : "";
}

static void add_provenance(cJSON *object, const struct result_context *ctx)
{
    const struct provenance *from = &ctx->provenance;
    cJSON *at = cJSON_AddObjectToObject(object, "provenance");

    add_text(at, "profile", profile_of(ctx));
    add_text(at, "policy", from->policy);
    add_text(at, "classifier", from->classifier);
    add_text(at, "prompt", from->prompt);
    add_text(at, "knowledge", from->knowledge);
    add_text(at, "model", from->model);
    add_text(at, "build", from->build);
    add_text(at, "promise", from->promise);
    if (from->arm)
        add_text(at, "arm", from->arm);
}

static void add_timings(cJSON *object, const struct decision *decision)
{
    cJSON *at = cJSON_AddObjectToObject(object, "timings");

    add_integer(at, "screen_us", decision->screen_us);
    add_integer(at, "classify_us", decision->classify_us);
    add_integer(at, "draft_us", decision->draft_us);
    add_integer(at, "total_us", decision->total_us);
    add_integer(at, "model_tokens_in", decision->model_tokens_in);
    add_integer(at, "model_tokens_out", decision->model_tokens_out);
}

/* What drift is told by; left out where nothing was classified. */
static void add_signals(cJSON *object, const struct decision *decision)
{
    cJSON *at;

    if (!decision->words)
        return;
    at = cJSON_AddObjectToObject(object, "signals");
    add_integer(at, "words", decision->words);
    add_rounded(at, "unknown_words", decision->unknown_words, CONFIDENCE_STEPS);
    if (decision->retrieval >= 0)
        add_rounded(at, "retrieval", decision->retrieval, CONFIDENCE_STEPS);
}

static void add_promise(cJSON *object, const struct result_context *ctx)
{
    cJSON *at;

    if (!ctx->provenance.promise || !*ctx->provenance.promise) {
        cJSON_AddNullToObject(object, "promise");
        return;
    }
    at = cJSON_AddObjectToObject(object, "promise");
    add_text(at, "id", ctx->provenance.promise);
    cJSON_AddNumberToObject(at, "max_error", ctx->promise.max_error);
    cJSON_AddNumberToObject(at, "confidence", ctx->promise.confidence);
}

static void add_priority(cJSON *object, const struct result_context *ctx, const struct decision *decision)
{
    cJSON *at;

    if (!*decision->priority)
        return;
    at = cJSON_AddObjectToObject(object, "priority");
    add_text(at, "value", decision->priority);
    add_rounded(at, "confidence", decision->priority_confidence, CONFIDENCE_STEPS);
    add_text(at, "classifier", ctx->provenance.priority);
}

/* Rules that changed how it goes on; left out where there are none. */
static void add_rule_ids(cJSON *object, const struct decision *decision)
{
    cJSON *array = decision->n_rule_ids ? cJSON_AddArrayToObject(object, "rule_ids") : NULL;

    for (size_t i = 0; i < decision->n_rule_ids; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(decision->rule_ids[i]));
}

/* Left out while people keep up. The time counts from when the ticket came. */
static void add_budget(cJSON *object, const struct result_context *ctx, const struct decision *decision)
{
    cJSON *at;

    if (decision->review_state != REVIEW_NORMAL)
        add_text(object, "review_state", review_state_name(decision->review_state));
    if (!decision->deferred_minutes || decision->status != STATUS_IN_REVIEW)
        return;
    at = cJSON_AddObjectToObject(object, "deferred");
    add_integer(at, "minutes", decision->deferred_minutes);
    add_integer(at, "sla_minutes", result_sla_minutes(ctx->policy, decision));
}

/* What a result says of the decision; a review request carries the same, so that its ending can repeat it. */
static void add_decision(cJSON *object, const struct result_context *ctx, const struct decision *decision)
{
    add_text(object, "profile", profile_of(ctx));
    add_text_or_null(object, "label", decision->label);
    add_rounded(object, "confidence", decision->confidence, CONFIDENCE_STEPS);
    add_rounded(object, "scope_score", decision->scope_score, SCORE_STEPS);
    add_alternatives(object, decision);
    add_reasons(object, decision);
    add_text_or_null(object, "rule_id", decision->rule_id);
    add_rule_ids(object, decision);
    if (*decision->capped_to)
        add_text(object, "capped_to", decision->capped_to);
    add_budget(object, ctx, decision);
    if (controls_were_heard(&decision->controls))
        cJSON_AddItemToObject(object, "controls", heard_json(&decision->controls));
    add_text(object, "language", decision->language);
    add_text(object, "action", decision->action);
    add_draft(object, &decision->draft);
    add_context(object, decision);
    add_shadow(object, decision);
    add_priority(object, ctx, decision);
    add_promise(object, ctx);
    add_provenance(object, ctx);
    add_timings(object, decision);
    add_signals(object, decision);
    add_input(object, &ctx->input);
}

/* ---- messages ---- */

/* Takes the document; sets key, value and the headers of the CloudEvents binary form. */
static void finish(const struct result_context *ctx, cJSON *doc, const char *id, const char *type,
                   struct message *ret_message)
{
    struct message message = {.key = mem_strdup(ctx->key), .key_len = strlen(ctx->key), .value = json_text(doc)};
    char stamp[CLOCK_RFC3339_MAX];
    char source[SOURCE_TEXT_MAX];

    message.value_len = strlen(message.value);
    snprintf(source, sizeof source, "/triaged/%.200s", profile_of(ctx));
    message_add_header(&message, "ce_specversion", "1.0");
    message_add_header(&message, "ce_id", id);
    message_add_header(&message, "ce_type", type);
    message_add_header(&message, "ce_source", source);
    message_add_header(&message, "ce_time", clock_rfc3339(ctx->now_wall_us, stamp));
    message_add_header(&message, "content-type", "application/json");
    if (ctx->traceparent && *ctx->traceparent)
        message_add_header(&message, "traceparent", ctx->traceparent);
    cJSON_Delete(doc);
    *ret_message = message;
}

static void encode(const struct result_context *ctx, const struct decision *decision, const struct err *why,
                   struct message *ret_message)
{
    cJSON *doc = cJSON_CreateObject();
    char id[RESULT_ID_MAX];
    char stamp[CLOCK_RFC3339_MAX];
    cJSON *error;

    result_id(ctx, decision->status, id);
    add_integer(doc, "schema_version", RESULT_SCHEMA_VERSION);
    add_text(doc, "id", id);
    add_text(doc, "key", ctx->key);
    add_owner(doc, ctx);
    add_revision(doc, ctx->revision);
    add_text(doc, "status", result_status_name(decision->status));
    add_decision(doc, ctx, decision);
    cJSON_AddNullToObject(doc, "review"); /* a person's results are made by the queue */
    add_text(doc, "decided_at", clock_rfc3339(ctx->now_wall_us, stamp));
    if (why) {
        error = cJSON_AddObjectToObject(doc, "error");
        add_text(error, "reason", why->reason);
        add_text(error, "text", why->text);
    } else {
        cJSON_AddNullToObject(doc, "error");
    }
    finish(ctx, doc, id, "triaged.result.v1", ret_message);
}

void result_encode(const struct result_context *ctx, const struct decision *decision, struct message *ret_message)
{
    encode(ctx, decision, NULL, ret_message);
}

void failed_encode(const struct result_context *ctx, const struct err *why, struct message *ret_message)
{
    struct decision decision = {.status = STATUS_FAILED};

    encode(ctx, &decision, why, ret_message);
}

/* A rule of the policy comes before what the helpdesk says, and that before what is guessed. */
static int priority_of(const struct ticket *ticket, const struct decision *decision)
{
    int priority = ticket ? result_priority_of(ticket->priority) : -1;

    if (*decision->rule_priority)
        return result_priority_of(decision->rule_priority);
    if (priority < 0 && decision->priority_confidence >= PRIORITY_GUESS_LEAST)
        priority = result_priority_of(decision->priority);
    return priority < 0 ? PRIORITY_DEFAULT : priority;
}

/* A rule can only shorten it, and what a rule touched is not deferred. */
int result_sla_minutes(const struct policy *policy, const struct decision *decision)
{
    const struct policy_class *class = *decision->label ? policy_class_find(policy, decision->label) : NULL;
    int minutes = class && class->sla_minutes ? class->sla_minutes : policy_default_sla_minutes(policy);

    if (decision->rule_sla_minutes && decision->rule_sla_minutes < minutes)
        minutes = decision->rule_sla_minutes;
    minutes += decision->deferred_minutes;
    return minutes < SLA_MINUTES_MAX ? minutes : SLA_MINUTES_MAX;
}

/* What the queue sorts by and shows first. A ticket without a class is handled as medium risk. */
static void add_routing(cJSON *doc, const struct result_context *ctx, const struct decision *decision,
                        const char *origin)
{
    const struct policy_class *class = *decision->label ? policy_class_find(ctx->policy, decision->label) : NULL;

    add_text(doc, "profile", policy_profile(ctx->policy));
    add_text(doc, "review_group", *decision->rule_group ? decision->rule_group : policy_review_group(ctx->policy));
    add_text(doc, "label", decision->label);
    add_text(doc, "risk", risk_names[class ? class->risk : RISK_MEDIUM]);
    add_integer(doc, "priority", priority_of(ctx->ticket, decision));
    add_integer(doc, "sla_minutes", result_sla_minutes(ctx->policy, decision));
    add_text(doc, "guideline", class && class->guideline ? class->guideline : "");
    add_text(doc, "origin", origin);
}

/* Left out where a person is asked. */
static void add_hold(cJSON *doc, const struct result_context *ctx, const struct decision *decision)
{
    cJSON *at;

    if (!decision->held || decision->status != STATUS_IN_REVIEW)
        return;
    at = cJSON_AddObjectToObject(doc, "hold");
    add_integer(at, "seconds", policy_autonomy(ctx->policy)->hold_seconds);
    cJSON_AddBoolToObject(at, "audit", ctx->audit);
}

static void add_reason_words(cJSON *doc, const struct decision *decision)
{
    cJSON *array = cJSON_AddArrayToObject(doc, "reasons");

    for (size_t i = 0; i < decision->n_reasons; i++) {
        cJSON *item = cJSON_CreateObject();
        add_text(item, "code", reason_name(decision->reasons[i]));
        add_text(item, "text", reason_description(decision->reasons[i]));
        cJSON_AddItemToArray(array, item);
    }
}

/* The original document as it came, by reference: it stays the ticket's. */
static void add_ticket(cJSON *doc, const struct ticket *ticket)
{
    if (ticket && ticket->doc)
        cJSON_AddItemReferenceToObject(doc, "ticket", (cJSON *)ticket->doc->ticket);
    else
        cJSON_AddNullToObject(doc, "ticket");
}

/* suffix: tells a second request about the same revision from the first. */
static void encode_request(const struct result_context *ctx, const struct decision *decision, const char *origin,
                           const char *suffix, struct message *ret_message)
{
    cJSON *doc = cJSON_CreateObject();
    cJSON *inner;
    char id[RESULT_ID_MAX];

    snprintf(id, sizeof id, "%s@%" PRId64 "%s", ctx->key, ctx->revision, suffix);
    add_integer(doc, "schema_version", RESULT_SCHEMA_VERSION);
    add_text(doc, "type", "request");
    add_text(doc, "review_id", id);
    add_text(doc, "key", ctx->key);
    add_owner(doc, ctx);
    add_revision(doc, ctx->revision);
    add_routing(doc, ctx, decision, origin);
    add_hold(doc, ctx, decision);
    add_reason_words(doc, decision);
    add_ticket(doc, ctx->ticket);
    inner = cJSON_AddObjectToObject(doc, "decision");
    add_owner(inner, ctx);
    add_decision(inner, ctx, decision);
    cJSON_AddNullToObject(inner, "error");
    add_input(doc, &ctx->input);
    add_text_or_null(doc, "traceparent", ctx->traceparent);
    finish(ctx, doc, id, "triaged.review.v1", ret_message);
}

void review_encode(const struct result_context *ctx, const struct decision *decision, struct message *ret_message)
{
    encode_request(ctx, decision, "ticket", "", ret_message);
}

void audit_encode(const struct result_context *ctx, const struct decision *decision, struct message *ret_message)
{
    encode_request(ctx, decision, "audit", ":audit", ret_message);
}

void review_close_encode(const struct result_context *ctx, const char *reason, struct message *ret_message)
{
    cJSON *doc = cJSON_CreateObject();
    char id[RESULT_ID_MAX];
    char revision[REVISION_TEXT_MAX] = "null";

    if (ctx->revision)
        snprintf(revision, sizeof revision, "%" PRId64, ctx->revision);
    snprintf(id, sizeof id, "%s@%s:close:%.*s/%d/%" PRId64, ctx->key, revision, INPUT_TOPIC_MAX, ctx->input.topic,
             ctx->input.partition, ctx->input.offset);
    add_integer(doc, "schema_version", RESULT_SCHEMA_VERSION);
    add_text(doc, "type", "close");
    add_text(doc, "key", ctx->key);
    add_revision(doc, ctx->revision);
    add_text(doc, "reason", reason);
    add_input(doc, &ctx->input);
    finish(ctx, doc, id, "triaged.review.v1", ret_message);
}
