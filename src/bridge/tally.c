/* A list that is searched: between two saves there are few days and classes. */
#include "bridge/tally.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "triage/decision.h"

#define DAY_MAX    11
#define STATUS_MAX 16

struct count {
    char day[DAY_MAX], label[LABEL_MAX], status[STATUS_MAX];
    double tickets, cpu_us, model_us, reviewer_s;
};

struct tally {
    struct count *list;
    size_t n, cap;
};

struct tally *tally_new(void)
{
    return mem_alloc(sizeof(struct tally));
}

void tally_free(struct tally *self)
{
    if (self)
        mem_free(self->list);
    mem_free(self);
}

void tally_clear(struct tally *self)
{
    self->n = 0;
}

static struct count *count_of(struct tally *self, const char *day, const char *label, const char *status)
{
    for (size_t i = 0; i < self->n; i++) {
        struct count *one = &self->list[i];
        if (strncmp(one->day, day, DAY_MAX - 1) == 0 && strcmp(one->label, label) == 0 &&
            strcmp(one->status, status) == 0)
            return one;
    }
    if (self->n == self->cap) {
        self->cap = self->cap ? 2 * self->cap : 64;
        self->list = mem_grow(self->list, self->cap, sizeof *self->list);
    }
    self->list[self->n] = (struct count){0};
    snprintf(self->list[self->n].day, DAY_MAX, "%.10s", day);
    snprintf(self->list[self->n].label, LABEL_MAX, "%s", label);
    snprintf(self->list[self->n].status, STATUS_MAX, "%s", status);
    return &self->list[self->n++];
}

void tally_take(struct tally *self, const cJSON *result)
{
    static const char *const counted[] = {"answered", "suggested", "in_review", "ignored",
                                          "failed",   "withdrawn", "reviewed"};
    const char *day = json_str(result, "decided_at", ""), *status = json_str(result, "status", "");
    const cJSON *timings = json_get(result, "timings");
    bool on_hold = json_lists(result, "reasons", reason_name(REASON_MODE_HOLD));
    bool reviewed = strcmp(status, "reviewed") == 0, asks = strcmp(status, "in_review") == 0;
    struct count *one;
    size_t i = 0;

    while (i < ARRAY_LEN(counted) && strcmp(counted[i], status) != 0)
        i++;
    if (i == ARRAY_LEN(counted) || strlen(day) < DAY_MAX - 1)
        return;
    one = count_of(self, day, json_str(result, "label", ""), status);
    one->tickets += !(on_hold && asks);
    if (reviewed)
        one->reviewer_s += json_num(json_get(result, "review"), "seconds", 0);
    if (reviewed && on_hold)
        count_of(self, day, json_str(result, "label", ""), "in_review")->tickets++;
    if (reviewed || (on_hold && !asks)) /* the machine's part was counted when it asked */
        return;
    one->cpu_us += json_num(timings, "screen_us", 0) + json_num(timings, "classify_us", 0);
    one->model_us += json_num(timings, "draft_us", 0);
}

char *tally_text(const struct tally *self)
{
    CLEANUP(json_done) cJSON *list = cJSON_CreateArray();

    for (size_t i = 0; i < self->n; i++) {
        const struct count *one = &self->list[i];
        cJSON *doc = cJSON_CreateObject();
        cJSON_AddStringToObject(doc, "day", one->day);
        cJSON_AddStringToObject(doc, "label", one->label);
        cJSON_AddStringToObject(doc, "status", one->status);
        cJSON_AddNumberToObject(doc, "tickets", one->tickets);
        cJSON_AddNumberToObject(doc, "cpu_us", one->cpu_us);
        cJSON_AddNumberToObject(doc, "model_us", one->model_us);
        cJSON_AddNumberToObject(doc, "reviewer_s", one->reviewer_s);
        cJSON_AddItemToArray(list, doc);
    }
    return json_text(list);
}
