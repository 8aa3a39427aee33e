/* Figures of the governance report, and the report as Markdown and CSV. */
#include "evaluation/governance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "decide/stats.h"

static const char *const way_names[] = {[WAY_ANSWERED] = "answered",
                                        [WAY_SUGGESTED] = "suggested",
                                        [WAY_REVIEW] = "to people",
                                        [WAY_IGNORED] = "ignored",
                                        [WAY_OVERTAKEN] = "overtaken on hold"};

const char *way_name(enum way way)
{
    return way_names[way];
}

/* NULL: there are more classes than a policy can have. */
struct governance_class *governance_class(struct governance *self, const char *label)
{
    for (size_t i = 0; i < self->n_classes; i++) {
        if (strcmp(self->classes[i].label, label) == 0)
            return &self->classes[i];
    }
    if (self->n_classes == LABELS_MAX)
        return NULL;
    self->classes[self->n_classes] = (struct governance_class){.median_seconds = -1};
    snprintf(self->classes[self->n_classes].label, LABEL_MAX, "%s", label);
    return &self->classes[self->n_classes++];
}

bool governance_errors(size_t wrong, size_t audits, struct interval *ret_interval)
{
    double delta = (1 - GOVERNANCE_CONFIDENCE) / 2;

    if (audits == 0)
        return false;
    *ret_interval = (struct interval){.rate = (double)wrong / (double)audits,
                                      .low = wrong ? 1 - stats_binomial_upper(audits - wrong, audits, delta) : 0,
                                      .high = stats_binomial_upper(wrong, audits, delta)};
    return true;
}

/* Of what was audited: the mean of the classes' rates, weighted by what went out of each; its interval by the normal
 * approximation, with a half added to each count so that none is sure. */
struct interval governance_weighted(const struct governance *self, size_t *ret_unseen)
{
    double sum = 0, weights = 0, variance = 0, half;

    *ret_unseen = 0;
    for (size_t i = 0; i < self->n_classes; i++) {
        const struct governance_class *class = &self->classes[i];
        double unseen = (double)(class->ways[WAY_ANSWERED] + class->ways[WAY_IGNORED]), n = (double)class->audits;
        double safe = ((double)class->wrong + 0.5) / (n + 1);
        *ret_unseen += (size_t)unseen;
        if (class->audits == 0)
            continue;
        sum += unseen * (double)class->wrong / n;
        variance += unseen * unseen * safe * (1 - safe) / n;
        weights += unseen;
    }
    if (!(weights > 0))
        return (struct interval){.high = 1};
    half = 1.645 * sqrt(variance) / weights;
    return (struct interval){
        .rate = sum / weights, .low = fmax(0, sum / weights - half), .high = fmin(1, sum / weights + half)};
}

static double seconds_of(const char *text)
{
    int64_t wall_us;

    return clock_parse(text, &wall_us) == 0 ? (double)wall_us / 1e6 : 0;
}

/* True when it is; the text says when the last one was, by whom. Tickets without a class are due for none. */
bool governance_overdue(const struct governance *self, const char *label, char ret_text[GOVERNANCE_TIME_MAX])
{
    const cJSON *one;
    double last = 0;

    snprintf(ret_text, GOVERNANCE_TIME_MAX, "never");
    if (strcmp(label, GOVERNANCE_NO_CLASS) == 0) {
        *ret_text = '\0';
        return false;
    }
    cJSON_ArrayForEach(one, self->reviews)
    {
        const char *of = json_str(one, "label", ""), *at = json_str(one, "reviewed_at", "");
        if ((strcmp(of, label) != 0 && strcmp(of, "*") != 0) || seconds_of(at) < last)
            continue;
        last = seconds_of(at);
        snprintf(ret_text, GOVERNANCE_TIME_MAX, "%.10s %.24s", at, json_str(one, "reviewed_by", ""));
    }
    return self->now_s - last > self->review_days * 86400.0;
}

/* ---- Markdown ---- */

static void write_rate(size_t wrong, size_t audits, struct buf *out)
{
    struct interval interval;

    if (governance_errors(wrong, audits, &interval))
        buf_printf(out, "%zu of %zu, %.1f %% (%.1f to %.1f)", wrong, audits, 100 * interval.rate, 100 * interval.low,
                   100 * interval.high);
    else
        buf_puts(out, "none");
}

static void totals(const struct governance *self, size_t ret_ways[WAY_COUNT], size_t *ret_answers,
                   size_t *ret_overridden)
{
    *ret_answers = *ret_overridden = 0;
    memset(ret_ways, 0, WAY_COUNT * sizeof *ret_ways);
    for (size_t i = 0; i < self->n_classes; i++) {
        for (enum way w = 0; w < WAY_COUNT; w++)
            ret_ways[w] += self->classes[i].ways[w];
        *ret_answers += self->classes[i].answers;
        *ret_overridden += self->classes[i].overridden;
    }
}

static void markdown_summary(const struct governance *self, struct buf *out)
{
    size_t ways[WAY_COUNT], answers, overridden, unseen;
    struct interval errors = governance_weighted(self, &unseen);

    totals(self, ways, &answers, &overridden);
    buf_printf(out, "# %s, %.10s to %.10s\n\nOwner: %s. Quality reviews: %s. Decisions from %s%s.\n\n", self->profile,
               self->since, self->until, self->owner, self->cadence, self->source,
               self->incidents ? "; people, audits and incidents from Postgres" : "; Postgres was left out");
    buf_puts(out, "## In short\n\n");
    for (enum way w = 0; w < WAY_COUNT; w++)
        buf_printf(out, "- %s: %zu\n", way_names[w], ways[w]);
    buf_printf(out, "- without a person: %zu", unseen);
    if (errors.high < 1)
        buf_printf(out, "; wrong label in %.1f %% of those (%.1f to %.1f, %.0f %% sure), weighted by class",
                   100 * errors.rate, 100 * errors.low, 100 * errors.high, 100 * GOVERNANCE_CONFIDENCE);
    buf_printf(out, "\n- people gave another label in %zu of %zu answers\n- cost: %.2f\n", overridden, answers,
               self->cost);
    if (self->incidents)
        buf_printf(out, "- answered outside the queue: %.0f\n- waiting now: %.0f, of them overdue %.0f\n",
                   self->bypassed, self->waiting, self->overdue);
}

static void markdown_classes(const struct governance *self, struct buf *out)
{
    buf_puts(out, "\n## Classes\n\n| class | answered | suggested | to people | ignored | overtaken on hold | wrong "
                  "among audits | other label by "
                  "people | as it was | seconds an item | cost | last quality review "
                  "|\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < self->n_classes; i++) {
        const struct governance_class *class = &self->classes[i];
        char reviewed[GOVERNANCE_TIME_MAX];
        bool overdue = governance_overdue(self, class->label, reviewed);
        buf_printf(out, "| %s ", class->label);
        for (enum way w = 0; w < WAY_COUNT; w++)
            buf_printf(out, "| %zu ", class->ways[w]);
        buf_puts(out, "| ");
        write_rate(class->wrong, class->audits, out);
        buf_printf(out, " | %zu of %zu | %zu | ", class->overridden, class->answers, class->unedited);
        if (class->median_seconds >= 0)
            buf_printf(out, "%.0f", class->median_seconds);
        buf_printf(out, " | %.2f | %s%s |\n", class->cost, self->incidents ? reviewed : "",
                   self->incidents && overdue ? ", overdue" : "");
    }
}

static void markdown_events(const struct governance *self, struct buf *out)
{
    const cJSON *one;

    buf_puts(out, "\n## Promotions and demotions\n\n");
    cJSON_ArrayForEach(one, self->steps) buf_printf(
        out, "- %.16s: %s %s, %s → %s (%s), by %s. %s\n", json_str(one, "at", ""), json_str(one, "label", ""),
        cJSON_IsTrue(json_get(one, "up")) ? "up" : "down", json_str(one, "from", ""), json_str(one, "to", ""),
        json_str(one, "reason", ""), json_str(one, "by", ""), json_str(one, "text", ""));
    if (cJSON_GetArraySize(self->steps) == 0)
        buf_puts(out, "None.\n");
    buf_puts(out, "\n## Incidents\n\n");
    cJSON_ArrayForEach(one, self->incidents)
    {
        const char *scope = json_str(one, "scope", ""), *over = json_str(one, "over_at", NULL);
        buf_printf(out, "- %.16s: %s%s%s. %s Done: %s. Owner: %s. ", json_str(one, "at", ""), json_str(one, "kind", ""),
                   *scope ? ", " : "", scope, json_str(one, "text", ""), json_str(one, "done", ""),
                   *json_str(one, "owner", "") ? json_str(one, "owner", "") : self->owner);
        if (over)
            buf_printf(out, "Over %.16s.\n", over);
        else
            buf_puts(out, "Not over.\n");
    }
    if (cJSON_GetArraySize(self->incidents) == 0)
        buf_puts(out, "None.\n");
}

void governance_markdown(const struct governance *self, struct buf *out)
{
    markdown_summary(self, out);
    markdown_classes(self, out);
    markdown_events(self, out);
    buf_printf(out,
               "\nIntervals hold with %.0f %% confidence. Errors of audits are a lower bound: reviewers see the "
               "machine's label.\n",
               100 * GOVERNANCE_CONFIDENCE);
}

/* ---- CSV ---- */

static void csv_text(struct buf *out, const char *text)
{
    buf_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_putc(out, '"');
        buf_putc(out, *text);
    }
    buf_putc(out, '"');
}

void governance_csv_begin(struct buf *out)
{
    buf_puts(out, "profile,owner,since,until,class,answered,suggested,to_people,ignored,overtaken,audits,wrong,wrong_"
                  "rate,wrong_low,"
                  "wrong_high,answers,overridden,unedited,late,median_seconds,cost,quality_review_overdue\n");
}

void governance_csv(const struct governance *self, struct buf *out)
{
    for (size_t i = 0; i < self->n_classes; i++) {
        const struct governance_class *class = &self->classes[i];
        char reviewed[GOVERNANCE_TIME_MAX];
        struct interval errors;
        csv_text(out, self->profile);
        buf_putc(out, ',');
        csv_text(out, self->owner);
        buf_printf(out, ",%.10s,%.10s,", self->since, self->until);
        csv_text(out, class->label);
        for (enum way w = 0; w < WAY_COUNT; w++)
            buf_printf(out, ",%zu", class->ways[w]);
        buf_printf(out, ",%zu,%zu,", class->audits, class->wrong);
        if (governance_errors(class->wrong, class->audits, &errors))
            buf_printf(out, "%.4f,%.4f,%.4f", errors.rate, errors.low, errors.high);
        else
            buf_puts(out, ",,");
        buf_printf(out, ",%zu,%zu,%zu,%zu,", class->answers, class->overridden, class->unedited, class->late);
        if (class->median_seconds >= 0)
            buf_printf(out, "%.1f", class->median_seconds);
        buf_printf(out, ",%.4f,%s\n", class->cost,
                   !self->incidents                                   ? ""
                   : governance_overdue(self, class->label, reviewed) ? "yes"
                                                                      : "no");
    }
}
