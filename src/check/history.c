/* The judge. Everything is sorted once per question and then walked in groups. */
#include "check/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"

static const struct {
    const char *name, *meaning;
} fault_table[] = {
    [FAULT_LOST] = {"lost", "an input record without an outcome"},
    [FAULT_DOUBLED_OUTCOME] = {"doubled_outcome", "an input record with more than one outcome"},
    [FAULT_UNKNOWN_POSITION] = {"unknown_position", "an outcome of a position that holds no input"},
    [FAULT_DOUBLED_ID] = {"doubled_id", "the same result id twice"},
    [FAULT_DOUBLED_DECISION] = {"doubled_decision", "two decisions for one revision"},
    [FAULT_DOUBLED_ENDING] = {"doubled_ending", "two terminal results for one revision"},
    [FAULT_ENDING_UNASKED] = {"ending_unasked", "reviewed, superseded or released without in_review"},
    [FAULT_REQUEST_MISSING] = {"request_missing", "in_review without a review request"},
    [FAULT_REQUEST_UNASKED] = {"request_unasked", "a review request without in_review"},
    [FAULT_ITEM_MISSING] = {"item_missing", "a review request without an item in Postgres"},
    [FAULT_ITEM_DOUBLED] = {"item_doubled", "two items for one review request"},
    [FAULT_ITEM_UNASKED] = {"item_unasked", "an item in Postgres that no request asked for"},
    [FAULT_ANSWER_MISSING] = {"answer_missing", "an ending in Postgres that no result tells"},
    [FAULT_ORDER] = {"order", "results of one key out of order"},
};
_Static_assert(ARRAY_LEN(fault_table) == FAULT_COUNT, "a fault without a row");

const char *history_fault_name(enum history_fault fault)
{
    return fault_table[fault].name;
}

const char *history_fault_meaning(enum history_fault fault)
{
    return fault_table[fault].meaning;
}

/* ---- lists ---- */

static void *grown(void *list, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return list;
    *cap = *cap ? *cap * 2 : 1024;
    return mem_grow(list, *cap, size);
}

void history_add_input(struct history *self, const struct history_input *input)
{
    self->inputs = grown(self->inputs, self->n_inputs, &self->inputs_cap, sizeof *self->inputs);
    self->inputs[self->n_inputs++] = *input;
}

void history_add_output(struct history *self, const struct history_output *output)
{
    self->outputs = grown(self->outputs, self->n_outputs, &self->outputs_cap, sizeof *self->outputs);
    self->outputs[self->n_outputs++] = *output;
}

void history_add_item(struct history *self, const struct history_item *item)
{
    self->items = grown(self->items, self->n_items, &self->items_cap, sizeof *self->items);
    self->items[self->n_items++] = *item;
}

void history_free(struct history *self)
{
    mem_free(self->inputs);
    mem_free(self->outputs);
    mem_free(self->items);
    *self = (struct history){0};
}

/* ---- orders ---- */

#define COMPARE(a, b)                                                                                                  \
    do {                                                                                                               \
        if ((a) != (b))                                                                                                \
            return (a) < (b) ? -1 : 1;                                                                                 \
    } while (0)

static int by_input(const void *pa, const void *pb)
{
    const struct history_input *a = pa, *b = pb;

    COMPARE(a->partition, b->partition);
    COMPARE(a->offset, b->offset);
    return 0;
}

static int by_position(const void *pa, const void *pb)
{
    const struct history_output *a = pa, *b = pb;

    COMPARE(a->placed, b->placed);
    COMPARE(a->partition, b->partition);
    COMPARE(a->offset, b->offset);
    COMPARE(a->kind, b->kind);
    return 0;
}

static int by_id(const void *pa, const void *pb)
{
    const struct history_output *a = pa, *b = pb;

    COMPARE(a->kind, b->kind);
    COMPARE(a->id, b->id);
    return 0;
}

static int by_revision(const void *pa, const void *pb)
{
    const struct history_output *a = pa, *b = pb;

    COMPARE(a->key, b->key);
    COMPARE(a->revision, b->revision);
    COMPARE(a->kind, b->kind);
    COMPARE(a->at_offset, b->at_offset);
    return 0;
}

static int by_topic_order(const void *pa, const void *pb)
{
    const struct history_output *a = pa, *b = pb;

    COMPARE(a->key, b->key);
    COMPARE(a->at_partition, b->at_partition);
    COMPARE(a->at_offset, b->at_offset);
    return 0;
}

static int by_review_id(const void *pa, const void *pb)
{
    const struct history_item *a = pa, *b = pb;

    COMPARE(a->review_id, b->review_id);
    return 0;
}

static void sort(void *list, size_t n, size_t size, int (*order)(const void *, const void *))
{
    if (n) /* qsort takes no null */
        qsort(list, n, size, order);
}

/* ---- faults ---- */

static void blame(struct verdict *verdict, enum history_fault fault, const struct history_output *example)
{
    if (verdict->faults[fault]++ == 0 && example)
        verdict->example[fault] = *example;
}

/* Endings of reviews come from Postgres and repeat the position of the decision they end. */
static bool ends_review(const struct history_output *output)
{
    return output->kind == OUTPUT_RESULT && (output->status == STATUS_REVIEWED || output->status == STATUS_SUPERSEDED ||
                                             (output->status == STATUS_ANSWERED && output->released));
}

static bool from_lane(const struct history_output *output)
{
    return output->kind == OUTPUT_DEADLETTER || (output->kind == OUTPUT_RESULT && !ends_review(output));
}

static bool is_decision(const struct history_output *output)
{
    return output->kind == OUTPUT_RESULT && from_lane(output) && !result_status_notice(output->status);
}

/* Outcomes of one position: a dead letter and its failed result are one. */
static void judge_position(struct verdict *verdict, const struct history_output *outputs, size_t n,
                           const struct history_output *where)
{
    size_t results = 0, failed = 0, letters = 0;

    for (size_t i = 0; i < n; i++) {
        if (!from_lane(&outputs[i]))
            continue;
        letters += outputs[i].kind == OUTPUT_DEADLETTER;
        failed += outputs[i].kind == OUTPUT_RESULT && outputs[i].status == STATUS_FAILED;
        results += outputs[i].kind == OUTPUT_RESULT && outputs[i].status != STATUS_FAILED;
    }
    if (results + failed + letters == 0)
        blame(verdict, FAULT_LOST, where);
    else if (results + letters > 1 || failed > 1 || (failed && results))
        blame(verdict, FAULT_DOUBLED_OUTCOME, where);
    else
        verdict->outcomes++;
}

static void judge_positions(struct history *self, struct verdict *verdict)
{
    size_t at = 0;

    sort(self->inputs, self->n_inputs, sizeof *self->inputs, by_input);
    sort(self->outputs, self->n_outputs, sizeof *self->outputs, by_position);
    while (at < self->n_outputs && !self->outputs[at].placed)
        at++;
    for (size_t i = 0; i < self->n_inputs; i++) {
        const struct history_output where = {
            .placed = true, .partition = self->inputs[i].partition, .offset = self->inputs[i].offset};
        size_t from;
        for (; at < self->n_outputs &&
               (self->outputs[at].partition < where.partition ||
                (self->outputs[at].partition == where.partition && self->outputs[at].offset < where.offset));
             at++) {
            if (self->positions_known && from_lane(&self->outputs[at]))
                blame(verdict, FAULT_UNKNOWN_POSITION, &self->outputs[at]);
        }
        for (from = at; at < self->n_outputs && self->outputs[at].partition == where.partition &&
                        self->outputs[at].offset == where.offset;)
            at++;
        judge_position(verdict, self->outputs + from, at - from, &where);
    }
    for (; self->positions_known && at < self->n_outputs; at++) {
        if (from_lane(&self->outputs[at]))
            blame(verdict, FAULT_UNKNOWN_POSITION, &self->outputs[at]);
    }
}

static void judge_ids(struct history *self, struct verdict *verdict)
{
    sort(self->outputs, self->n_outputs, sizeof *self->outputs, by_id);
    for (size_t i = 1; i < self->n_outputs; i++) {
        const struct history_output *a = &self->outputs[i - 1], *b = &self->outputs[i];
        if (a->kind == b->kind && a->id == b->id && a->kind != OUTPUT_DEADLETTER && a->id)
            blame(verdict, FAULT_DOUBLED_ID, b);
    }
}

/* For one revision the person's result is last. */
static bool ends_before_it_was_asked(const struct history_output *outputs, size_t n)
{
    int64_t asked = INT64_MIN, ended = INT64_MAX;

    for (size_t i = 0; i < n; i++) {
        const struct history_output *one = &outputs[i];
        if (one->kind != OUTPUT_RESULT || one->at_partition != outputs[0].at_partition)
            continue;
        if (one->status == STATUS_IN_REVIEW && one->at_offset > asked)
            asked = one->at_offset;
        if (ends_review(one) && one->at_offset < ended)
            ended = one->at_offset;
    }
    return ended < asked;
}

/* One revision of one key: one decision, at most one ending, and the review request that belongs to in_review. */
static void judge_revision(struct verdict *verdict, const struct history_output *outputs, size_t n)
{
    size_t decisions = 0, endings = 0, asked = 0, requests = 0, persons = 0;

    for (size_t i = 0; i < n; i++) {
        const struct history_output *one = &outputs[i];
        decisions += is_decision(one);
        endings += one->kind == OUTPUT_RESULT && result_status_terminal(one->status);
        persons += ends_review(one);
        asked += one->kind == OUTPUT_RESULT && one->status == STATUS_IN_REVIEW;
        requests += one->kind == OUTPUT_REQUEST;
    }
    if (outputs[0].revision == 0)
        return; /* a tombstone: each has an outcome of its own */
    if (decisions > 1)
        blame(verdict, FAULT_DOUBLED_DECISION, outputs);
    if (endings > 1)
        blame(verdict, FAULT_DOUBLED_ENDING, outputs);
    if (persons && !asked)
        blame(verdict, FAULT_ENDING_UNASKED, outputs);
    if (persons && asked && ends_before_it_was_asked(outputs, n))
        blame(verdict, FAULT_ORDER, outputs);
    if (asked && !requests)
        blame(verdict, FAULT_REQUEST_MISSING, outputs);
    if (requests && !asked)
        blame(verdict, FAULT_REQUEST_UNASKED, outputs);
    verdict->waiting += asked && !persons;
}

static void judge_revisions(struct history *self, struct verdict *verdict)
{
    sort(self->outputs, self->n_outputs, sizeof *self->outputs, by_revision);
    for (size_t i = 0, next; i < self->n_outputs; i = next) {
        for (next = i + 1; next < self->n_outputs && self->outputs[next].key == self->outputs[i].key &&
                           self->outputs[next].revision == self->outputs[i].revision;)
            next++;
        if (self->outputs[i].key)
            judge_revision(verdict, self->outputs + i, next - i);
    }
}

static void judge_order(struct history *self, struct verdict *verdict)
{
    uint64_t key = 0;
    int64_t highest = 0;

    sort(self->outputs, self->n_outputs, sizeof *self->outputs, by_topic_order);
    for (size_t i = 0; i < self->n_outputs; i++) {
        const struct history_output *one = &self->outputs[i];
        if (!is_decision(one) || !one->key || one->status == STATUS_FAILED)
            continue;
        if (one->key != key) {
            key = one->key;
            highest = 0;
        }
        if (one->revision && one->revision < highest)
            blame(verdict, FAULT_ORDER, one);
        if (one->revision > highest)
            highest = one->revision;
    }
}

/* ---- the queue ---- */

static const struct history_item *item_of(const struct history *self, uint64_t review_id)
{
    const struct history_item wanted = {.review_id = review_id};

    return bsearch(&wanted, self->items, self->n_items, sizeof *self->items, by_review_id);
}

static int id_of_request(const void *pa, const void *pb)
{
    const uint64_t *a = pa;
    const struct history_output *b = pb;

    COMPARE(*a, b->id);
    return 0;
}

static bool has_ending(const struct history *self, const struct history_item *item)
{
    /* the outputs are in the order of key and revision */
    struct history_output wanted = {.key = item->key, .revision = item->revision, .at_offset = INT64_MIN};
    size_t low = 0, high = self->n_outputs;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (by_revision(&self->outputs[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (;
         low < self->n_outputs && self->outputs[low].key == item->key && self->outputs[low].revision == item->revision;
         low++) {
        const struct history_output *one = &self->outputs[low];
        if (ends_review(one) && (one->status == STATUS_SUPERSEDED) == !item->released)
            return true;
    }
    return false;
}

static void judge_endings(struct history *self, struct verdict *verdict)
{
    sort(self->outputs, self->n_outputs, sizeof *self->outputs, by_revision);
    for (size_t i = 0; i < self->n_items; i++) {
        const struct history_item *item = &self->items[i];
        const struct history_output where = {.key = item->key, .revision = item->revision, .id = item->review_id};
        if (item->ticket_origin && (item->released || item->superseded) && !has_ending(self, item))
            blame(verdict, FAULT_ANSWER_MISSING, &where);
    }
}

static void judge_items(struct history *self, struct verdict *verdict)
{
    const struct history_output *requests;
    size_t n = 0;

    sort(self->items, self->n_items, sizeof *self->items, by_review_id);
    sort(self->outputs, self->n_outputs, sizeof *self->outputs, by_id);
    requests = self->outputs;
    while (requests < self->outputs + self->n_outputs && requests->kind != OUTPUT_REQUEST)
        requests++;
    n = (size_t)(self->outputs + self->n_outputs - requests);
    for (size_t i = 0; i < n; i++) {
        if (self->settled && !item_of(self, requests[i].id))
            blame(verdict, FAULT_ITEM_MISSING, &requests[i]);
    }
    for (size_t i = 0; i < self->n_items; i++) {
        const struct history_output where = {.id = self->items[i].review_id, .key = self->items[i].key};
        if (i && self->items[i].review_id == self->items[i - 1].review_id)
            blame(verdict, FAULT_ITEM_DOUBLED, &where);
        if (self->items[i].ticket_origin &&
            !bsearch(&self->items[i].review_id, requests, n, sizeof *requests, id_of_request))
            blame(verdict, FAULT_ITEM_UNASKED, &where);
    }
    if (self->settled)
        judge_endings(self, verdict);
}

/* ---- public ---- */

bool history_judge(struct history *self, struct verdict *ret_verdict)
{
    uint64_t faults = 0;

    *ret_verdict = (struct verdict){.inputs = self->n_inputs};
    for (size_t i = 0; i < self->n_outputs; i++) {
        if (self->outputs[i].kind == OUTPUT_RESULT)
            ret_verdict->by_status[self->outputs[i].status]++;
        ret_verdict->deadletters += self->outputs[i].kind == OUTPUT_DEADLETTER;
    }
    judge_positions(self, ret_verdict);
    judge_ids(self, ret_verdict);
    judge_revisions(self, ret_verdict);
    judge_order(self, ret_verdict);
    if (self->has_items)
        judge_items(self, ret_verdict);
    for (size_t i = 0; i < FAULT_COUNT; i++)
        faults += ret_verdict->faults[i];
    return faults == 0 && self->n_inputs > 0;
}

size_t history_missing(struct history *self)
{
    struct verdict verdict = {0};

    judge_positions(self, &verdict);
    return verdict.faults[FAULT_LOST];
}

size_t history_under_way(struct history *self)
{
    struct verdict verdict = {0};
    bool settled = self->settled;

    self->settled = true;
    judge_items(self, &verdict);
    self->settled = settled;
    return verdict.faults[FAULT_ITEM_MISSING] + verdict.faults[FAULT_ANSWER_MISSING];
}
