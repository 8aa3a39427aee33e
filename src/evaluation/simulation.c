/* Decides every past ticket again, finds its label, and counts. */
#include "evaluation/simulation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/utf8.h"

#define NAME "simulate"

enum {
    STRATUM_REVIEWED,
    STRATUM_UNSEEN,
    STRATUM_SUGGESTED,
    STRATUM_BY_RULE,
    HOUR_S = 3600,
    REVIEW_SECONDS_DEFAULT = 120
};
_Static_assert(STRATUM_BY_RULE < SURVEY_STRATA_MAX, "a stratum too many");

static const struct {
    enum result_status status;
    const char *name;
} ending_table[] = {[ENDING_ANSWERED] = {STATUS_ANSWERED, "answered"},
                    [ENDING_IGNORED] = {STATUS_IGNORED, "ignored"},
                    [ENDING_SUGGESTED] = {STATUS_SUGGESTED, "suggested"},
                    [ENDING_IN_REVIEW] = {STATUS_IN_REVIEW, "in_review"}};
_Static_assert(ARRAY_LEN(ending_table) == ENDINGS, "an ending without a row");

const char *ending_name(enum ending ending)
{
    return ending_table[ending].name;
}

static enum ending ending_of(enum result_status status)
{
    int ending = 0;

    while (ending < ENDING_IN_REVIEW && ending_table[ending].status != status)
        ending++;
    return (enum ending)ending;
}

/* ---- what happened ---- */

static void add_code(struct buf *out, const char *code)
{
    if (out->len)
        buf_putc(out, ' ');
    buf_puts(out, code);
}

static bool has_code(const char *codes, enum reason reason)
{
    const char *name = reason_name(reason);
    size_t len = strlen(name);

    for (const char *at = strstr(codes, name); at; at = strstr(at + 1, name)) {
        if ((at == codes || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
            return true;
    }
    return false;
}

/* What the classifier let end is confident; what a rule or a machine's own mail ended is not. */
static bool ended_unseen(const struct sim_decision *decision)
{
    return decision->ending == ENDING_ANSWERED ||
           (decision->ending == ENDING_IGNORED && has_code(decision->reasons, REASON_CONFIDENT));
}

struct sim_decision simulation_decision(const struct past_result *result, const cJSON *doc)
{
    struct sim_decision then = {.ending = ending_of(result->status)};
    struct buf reasons = {0};
    const cJSON *one;

    strncpy(then.label, json_str(doc, "label", ""), LABEL_MAX - 1);
    cJSON_ArrayForEach(one, json_get(doc, "reasons")) add_code(&reasons, cJSON_IsString(one) ? one->valuestring : "");
    then.reasons = buf_take(&reasons);
    then.unseen = ended_unseen(&then);
    return then;
}

static struct sim_decision now_of(const struct decision *decision)
{
    struct sim_decision now = {.ending = ending_of(decision->status)};
    struct buf reasons = {0};

    memcpy(now.label, decision->label, LABEL_MAX);
    for (size_t i = 0; i < decision->n_reasons; i++)
        add_code(&reasons, reason_name(decision->reasons[i]));
    now.reasons = buf_take(&reasons);
    now.unseen = decision->unseen && (now.ending == ENDING_ANSWERED || now.ending == ENDING_IGNORED);
    return now;
}

/* ---- labels ---- */

static bool truth_from_file(struct sim_ticket *ticket, const struct sim_labels *labels, const char *id)
{
    size_t low = 0, high = labels->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(labels->rows[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == labels->n || strcmp(labels->rows[low].id, id) != 0 || !*labels->rows[low].label)
        return false;
    truth_add(&ticket->truth, labels->rows[low].label, labels->rows[low].weight);
    return true;
}

static void find_truth(struct sim_ticket *ticket, const struct past *past, const struct sim_labels *labels,
                       const struct sim_settings *settings, const char *ticket_id)
{
    if (truth_from_file(ticket, labels, ticket->id) || truth_from_file(ticket, labels, ticket_id))
        return;
    truth_find(past, ticket->id, ticket->then.label, settings->audit_percent, &ticket->truth);
}

/* ---- one ticket ---- */

static int64_t arrival_of(const struct ticket *ticket, const cJSON *doc)
{
    int64_t at_us = 0;

    if (clock_parse(ticket->updated_at, &at_us) < 0 && clock_parse(ticket->created_at, &at_us) < 0)
        (void)clock_parse(json_str(doc, "decided_at", ""), &at_us);
    return at_us / 1000000;
}

static char *text_of(const struct ticket *ticket)
{
    CLEANUP(mem_freep) char *plain = ticket_plain_text(ticket);
    CLEANUP(buf_free) struct buf text = {0};

    buf_printf(&text, "%s — %s", ticket->subject, plain);
    return utf8_line(text.data, text.len, mem_alloc(SIMULATION_TEXT_BYTES + 1), SIMULATION_TEXT_BYTES + 1);
}

static void measure(struct simulation *self, struct sim_ticket *ticket, const struct past *past, const cJSON *doc)
{
    const cJSON *timings = json_get(doc, "timings");
    const struct past_result *rows;
    size_t n = past_find(&past->ended, ticket->id, &rows);

    self->cpu_s += (json_num(timings, "screen_us", 0) + json_num(timings, "classify_us", 0)) / 1e6;
    ticket->model_s = json_num(timings, "draft_us", 0) / 1e6;
    if (n) {
        CLEANUP(json_done) cJSON *ended = past_document(&rows[n - 1]);
        double seconds = json_num(json_get(ended, "review"), "seconds", -1);
        self->mean_review_s += seconds >= 0 ? seconds : 0;
        self->reviewed += seconds >= 0;
    }
}

struct making {
    struct simulation *self;
    const struct past *past;
    struct redo *redo;
    const struct sim_labels *labels;
};

static int decide_again(struct making *making, const struct past_result *result, const struct past_ticket *past,
                        struct err *reterr)
{
    struct simulation *self = making->self;
    struct sim_ticket *out = &self->tickets[self->n];
    CLEANUP(json_done) cJSON *doc = past_document(result);
    CLEANUP(decision_clear) struct decision decision = {0};
    struct ticket_identity identity;
    struct ticket *ticket = NULL;
    enum redo_end end;
    int rc;

    if (ticket_decode(&past->record, &ticket, &identity, reterr) < 0)
        return -1;
    const struct redo_ask ask = {
        .ticket = ticket, .past = doc, .answers = REDO_SAME_PROMPT, .capped = self->settings.capped};
    rc = redo_decide(making->redo, &ask, &decision, &end, reterr);
    if (rc == 0) {
        *out = (struct sim_ticket){
            .id = result->id, .undrafted = end == REDO_UNDRAFTED, .arrived_s = arrival_of(ticket, doc)};
        out->then = simulation_decision(result, doc);
        out->now = now_of(&decision);
        out->text = self->settings.show_text ? text_of(ticket) : NULL;
        find_truth(out, making->past, making->labels, &self->settings, ticket->ticket_id);
        measure(self, out, making->past, doc);
        self->now.drafts += decision.recorded != NULL || out->undrafted;
        self->then.drafts += json_get(doc, "recorded") != NULL;
        self->n++;
    }
    ticket_free(ticket);
    return rc < 0 ? err_context(reterr, "%s", result->id) : 0;
}

static int decide_all(struct making *making, struct err *reterr)
{
    const struct past_results *decided = &making->past->decided;
    struct progress progress = progress_begin(NAME, "tickets", decided->n);

    making->self->tickets = mem_array(decided->n + 1, sizeof *making->self->tickets);
    for (size_t i = 0; i < decided->n; i++) {
        const struct past_ticket *ticket = past_ticket_of(making->past, &decided->rows[i]);
        if (!ticket)
            making->self->n_missing++;
        else if (decide_again(making, &decided->rows[i], ticket, reterr) < 0)
            return -1;
        progress_at(&progress, i + 1);
    }
    return 0;
}

/* ---- what a candidate would have decided ---- */

/* What the shadow does not say is the same. */
static struct sim_decision shadow_of(const struct sim_decision *then, const cJSON *shadow)
{
    struct sim_decision now = *then;
    const char *status = json_str(shadow, "status", "");
    const cJSON *reasons = json_get(shadow, "reasons"), *one;
    struct buf codes = {0};

    for (int e = 0; e < ENDINGS; e++)
        now.ending = strcmp(ending_table[e].name, status) == 0 ? (enum ending)e : now.ending;
    snprintf(now.label, sizeof now.label, "%s", json_str(shadow, "label", then->label));
    cJSON_ArrayForEach(one, reasons) add_code(&codes, cJSON_IsString(one) ? one->valuestring : "");
    now.reasons = reasons ? buf_take(&codes) : mem_strdup(then->reasons);
    now.unseen = ended_unseen(&now);
    return now;
}

static void take_shadow(struct simulation *self, const struct past *past, const struct past_result *result)
{
    struct sim_ticket *out = &self->tickets[self->n];
    CLEANUP(json_done) cJSON *doc = past_document(result);
    const cJSON *shadow = json_get(doc, "shadow");
    int64_t arrived_us;

    if (!shadow)
        return;
    *out = (struct sim_ticket){.id = result->id};
    if (clock_parse(json_str(doc, "decided_at", ""), &arrived_us) == 0)
        out->arrived_s = arrived_us / 1000000;
    out->then = simulation_decision(result, doc);
    out->now = shadow_of(&out->then, shadow);
    truth_find(past, out->id, out->then.label, self->settings.audit_percent, &out->truth);
    measure(self, out, past, doc);
    self->then.drafts += json_get(doc, "recorded") != NULL;
    self->now.drafts = self->then.drafts;
    self->n++;
}

/* ---- counting ---- */

bool simulation_differs(const struct sim_ticket *ticket)
{
    return ticket->then.ending != ticket->now.ending || strcmp(ticket->then.label, ticket->now.label) != 0 ||
           strcmp(ticket->then.reasons, ticket->now.reasons) != 0;
}

static struct sim_class *class_of(struct simulation *self, const char *label)
{
    const char *name = *label ? label : "(none)";

    for (size_t i = 0; i < self->n_classes; i++) {
        if (strcmp(self->classes[i].label, name) == 0)
            return &self->classes[i];
    }
    self->classes = mem_grow(self->classes, self->n_classes + 1, sizeof *self->classes);
    self->classes[self->n_classes] = (struct sim_class){0};
    strncpy(self->classes[self->n_classes].label, name, LABEL_MAX - 1);
    return &self->classes[self->n_classes++];
}

static void count(struct simulation *self, const struct sim_ticket *ticket)
{
    const struct sim_decision *then = &ticket->then, *now = &ticket->now;
    struct sim_class *class;
    bool moved = then->ending != now->ending, relabelled = strcmp(then->label, now->label) != 0;

    self->then.endings[then->ending]++;
    self->now.endings[now->ending]++;
    self->then.unseen += then->unseen;
    self->now.unseen += now->unseen;
    self->flips[then->ending][now->ending]++;
    self->n_flipped += moved;
    self->n_relabelled += relabelled;
    self->n_reasons += !moved && !relabelled && strcmp(then->reasons, now->reasons) != 0;
    self->n_undrafted += ticket->undrafted;
    self->n_open += ticket->undrafted && now->ending == ENDING_SUGGESTED;
    self->n_labelled += ticket->truth.n > 0;
    class = class_of(self, then->label);
    class->then++;
    class->unseen_then += then->unseen;
    class = class_of(self, now->label);
    class->now++;
    class->unseen_now += now->unseen;
}

static int by_tickets(const void *a, const void *b)
{
    const struct sim_class *one = a, *other = b;

    if (one->then != other->then)
        return one->then < other->then ? 1 : -1;
    return strcmp(one->label, other->label);
}

/* ---- the error among the unseen ---- */

static unsigned stratum_of(const struct sim_ticket *ticket)
{
    if (ticket->then.ending == ENDING_IN_REVIEW)
        return STRATUM_REVIEWED;
    if (ticket->then.unseen)
        return STRATUM_UNSEEN;
    return ticket->then.ending == ENDING_SUGGESTED ? STRATUM_SUGGESTED : STRATUM_BY_RULE;
}

static void estimate(const struct simulation *self, bool now, struct survey_estimate *ret)
{
    struct survey_unit *units = mem_array(self->n + 1, sizeof *units);
    double population[SURVEY_STRATA_MAX] = {0};
    size_t n = 0;

    for (size_t i = 0; i < self->n; i++) {
        const struct sim_ticket *ticket = &self->tickets[i];
        const struct sim_decision *decision = now ? &ticket->now : &ticket->then;
        if (!decision->unseen)
            continue;
        population[stratum_of(ticket)]++;
        if (ticket->truth.n)
            units[n++] = (struct survey_unit){.weight = ticket->truth.weight,
                                              .stratum = stratum_of(ticket),
                                              .wrong = truth_is_other(&ticket->truth, decision->label)};
    }
    survey_estimate(units, n, population, SIMULATION_INTERVAL, ret);
    mem_free(units);
}

/* ---- work and cost ---- */

static double mean_model_s(const struct simulation *self)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < self->n; i++) {
        sum += self->tickets[i].model_s;
        n += self->tickets[i].model_s > 0;
    }
    return n ? sum / (double)n : 0;
}

static void price(struct simulation *self, struct sim_side *side)
{
    const struct sim_settings *settings = &self->settings;

    side->audits = (double)side->unseen * settings->audit_percent / 100;
    side->model_s = (double)side->drafts * mean_model_s(self);
    side->reviewer_s = ((double)side->endings[ENDING_IN_REVIEW] + side->audits) * self->mean_review_s;
    side->cost = (side->reviewer_s * settings->reviewer_rate + side->model_s * settings->model_rate +
                  self->cpu_s * settings->cpu_rate) /
                 HOUR_S;
}

double simulation_share(const struct simulation *self, const struct sim_side *side)
{
    size_t alone = side->endings[ENDING_ANSWERED] + side->endings[ENDING_IGNORED];

    return self->n ? (double)alone / (double)self->n : 0;
}

double simulation_cost_per_ticket(const struct simulation *self, const struct sim_side *side)
{
    return self->n ? side->cost / (double)self->n : 0;
}

/* ---- the queue by hour ---- */

struct timeline {
    int64_t first; /* hours since 1970 */
    size_t n;
    double *then, *now; /* work that comes, seconds */
};

static struct timeline timeline_new(const struct simulation *self)
{
    int64_t low = INT64_MAX, high = INT64_MIN;
    struct timeline line = {0};

    for (size_t i = 0; i < self->n; i++) {
        int64_t hour = self->tickets[i].arrived_s / HOUR_S;
        low = hour < low ? hour : low;
        high = hour > high ? hour : high;
    }
    if (self->n == 0)
        return line;
    if (high - low >= SIMULATION_HOURS_MAX)
        low = high - SIMULATION_HOURS_MAX + 1;
    line.first = low;
    line.n = (size_t)(high - low) + 1;
    line.then = mem_array(line.n, sizeof *line.then);
    line.now = mem_array(line.n, sizeof *line.now);
    return line;
}

/* Of a ticket: an item, or an audit's share of one. */
static double items_of(const struct simulation *self, const struct sim_decision *decision)
{
    if (decision->ending == ENDING_IN_REVIEW)
        return 1;
    return decision->unseen ? self->settings.audit_percent / 100 : 0;
}

static void fill_timeline(struct simulation *self, const struct policy *policy, struct timeline *line)
{
    for (size_t i = 0; i < self->n; i++) {
        const struct sim_ticket *ticket = &self->tickets[i];
        struct policy_hour hour = policy_hour_at(policy, ticket->arrived_s);
        double then = items_of(self, &ticket->then), now = items_of(self, &ticket->now);
        int64_t at = ticket->arrived_s / HOUR_S - line->first;
        if (at < 0)
            continue;
        self->hours[hour.hour].then += then;
        self->hours[hour.hour].now += now;
        self->then.off_hours += hour.staffed ? 0 : then;
        self->now.off_hours += hour.staffed ? 0 : now;
        line->then[at] += then * self->mean_review_s;
        line->now[at] += now * self->mean_review_s;
    }
}

static void serve(double *backlog, double comes, double capacity, struct sim_side *side)
{
    *backlog += comes;
    *backlog = *backlog > capacity ? *backlog - capacity : 0;
    side->backlog_most_s = *backlog > side->backlog_most_s ? *backlog : side->backlog_most_s;
    side->backlog_end_s = *backlog;
}

/* Work flows in by the hour and out at the rate of the desk; whether it is staffed is asked at half past. */
static void follow(struct simulation *self, const struct policy *policy)
{
    struct timeline line = timeline_new(self);
    double then = 0, now = 0, touched[SIMULATION_DAY_HOURS] = {0};

    self->policy_hours = policy_hour_at(policy, 0).zoned;
    fill_timeline(self, policy, &line);
    for (size_t i = 0; i < line.n; i++) {
        struct policy_hour hour = policy_hour_at(policy, (line.first + (int64_t)i) * HOUR_S + HOUR_S / 2);
        double capacity = hour.staffed ? self->settings.reviewers * HOUR_S : 0;
        serve(&then, line.then[i], capacity, &self->then);
        serve(&now, line.now[i], capacity, &self->now);
        touched[hour.hour]++;
        self->hours[hour.hour].staffed += hour.staffed;
    }
    self->days = (double)line.n / SIMULATION_DAY_HOURS;
    for (int h = 0; h < SIMULATION_DAY_HOURS; h++) {
        self->hours[h].staffed /= touched[h] > 0 ? touched[h] : 1;
        self->hours[h].then /= touched[h] > 0 ? touched[h] : 1;
        self->hours[h].now /= touched[h] > 0 ? touched[h] : 1;
    }
    mem_free(line.then);
    mem_free(line.now);
}

/* ---- all of it ---- */

static void sum_up(struct simulation *self, const struct policy *policy)
{
    for (size_t i = 0; i < self->n; i++)
        count(self, &self->tickets[i]);
    if (self->n_classes)
        qsort(self->classes, self->n_classes, sizeof *self->classes, by_tickets);
    estimate(self, false, &self->then.error);
    estimate(self, true, &self->now.error);
    self->mean_review_s = self->settings.review_seconds > 0 ? self->settings.review_seconds
                          : self->reviewed > 0              ? self->mean_review_s / self->reviewed
                                                            : REVIEW_SECONDS_DEFAULT;
    price(self, &self->then);
    price(self, &self->now);
    follow(self, policy);
}

int simulation_make(const struct past *past, struct redo *redo, const struct sim_labels *labels,
                    const struct sim_settings *settings, struct simulation **ret_simulation, struct err *reterr)
{
    struct simulation *self = mem_alloc(sizeof *self);
    struct making making = {self, past, redo, labels};

    self->settings = *settings;
    if (decide_all(&making, reterr) < 0) {
        simulation_free(self);
        return -1;
    }
    if (self->n == 0) {
        simulation_free(self);
        return err_set(
            reterr, ERR_PERMANENT, EX_DATAERR,
            "give results together with the tickets that they decided: none of %zu results has its ticket here",
            past->decided.n);
    }
    sum_up(self, redo_policy(redo));
    *ret_simulation = self;
    return 0;
}

int simulation_of_shadows(const struct past *past, const struct policy *policy, const struct sim_settings *settings,
                          struct simulation **ret_simulation, struct err *reterr)
{
    struct simulation *self = mem_alloc(sizeof *self);

    self->settings = *settings;
    self->tickets = mem_array(past->decided.n + 1, sizeof *self->tickets);
    for (size_t i = 0; i < past->decided.n; i++)
        take_shadow(self, past, &past->decided.rows[i]);
    if (self->n == 0) {
        simulation_free(self);
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "no result carries a shadow: set triage.canary_percent");
    }
    sum_up(self, policy);
    *ret_simulation = self;
    return 0;
}

void simulation_free(struct simulation *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++) {
        mem_free(self->tickets[i].text);
        mem_free(self->tickets[i].then.reasons);
        mem_free(self->tickets[i].now.reasons);
    }
    mem_free(self->tickets);
    mem_free(self->classes);
    mem_free(self);
}
