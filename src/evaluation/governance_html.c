/* The governance report as one page: what to know, two plots, and everything as tables. No script, nothing fetched. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "evaluation/governance.h"
#include "evaluation/report_html.h"
#include "evaluation/report_style.h"

#define WIDTH        700.0
#define LEFT         150.0
#define RIGHT        20.0
#define ROW          24.0
#define DAYS_HEIGHT  180.0
#define BARS_LEFT    50.0
#define ERRORS_SHOWN 24

static const char *const way_fills[] = {[WAY_ANSWERED] = "var(--one)",
                                        [WAY_SUGGESTED] = "color-mix(in srgb, var(--one) 45%, var(--paper))",
                                        [WAY_REVIEW] = "var(--two)",
                                        [WAY_IGNORED] = "var(--soft)",
                                        [WAY_OVERTAKEN] = "color-mix(in srgb, var(--two) 45%, var(--paper))"};

/* ---- plots ---- */

static size_t of_day(const struct governance_day *day)
{
    size_t sum = 0;

    for (enum way w = 0; w < WAY_COUNT; w++)
        sum += day->ways[w];
    return sum;
}

static void draw_day(const struct governance *self, size_t i, double most, struct buf *out)
{
    const struct governance_day *day = &self->days[i];
    double width = (WIDTH - BARS_LEFT - RIGHT) / (double)self->n_days, y = 10 + DAYS_HEIGHT;

    for (enum way w = 0; w < WAY_COUNT; w++) {
        double height = DAYS_HEIGHT * (double)day->ways[w] / most;
        y -= height;
        if (day->ways[w])
            buf_printf(out,
                       "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" style=\"fill:%s\"><title>%s: %zu "
                       "%s</title></rect>\n",
                       BARS_LEFT + width * (double)i, y, fmax(width - 1, 0.5), height, way_fills[w], day->date,
                       day->ways[w], way_name(w));
    }
    if (i % ((self->n_days + 7) / 8) == 0)
        buf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"tick\">%s</text>\n", BARS_LEFT + width * (double)i,
                   DAYS_HEIGHT + 28, day->date + 5);
}

static void plot_days(const struct governance *self, struct buf *out)
{
    size_t most = 1;

    for (size_t i = 0; i < self->n_days; i++)
        most = of_day(&self->days[i]) > most ? of_day(&self->days[i]) : most;
    buf_printf(
        out,
        "<figure><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"Tickets a day by what became of them\">\n",
        WIDTH, DAYS_HEIGHT + 40);
    buf_printf(out,
               "<text x=\"%.0f\" y=\"20\" class=\"tick end\">%zu</text><text x=\"%.0f\" y=\"%.0f\" class=\"tick "
               "end\">0</text>\n",
               BARS_LEFT - 6, most, BARS_LEFT - 6, DAYS_HEIGHT + 10);
    for (size_t i = 0; i < self->n_days; i++)
        draw_day(self, i, (double)most, out);
    buf_puts(out, "</svg><figcaption>Tickets a day: ");
    for (enum way w = 0; w < WAY_COUNT; w++)
        buf_printf(out, "<span class=\"key\" style=\"border-top:10px solid %s\"></span>%s ", way_fills[w], way_name(w));
    buf_puts(out, "</figcaption></figure>\n");
}

static void draw_error(const struct governance_class *class, const struct interval *errors, double most, double y,
                       struct buf *out)
{
    double scale = (WIDTH - LEFT - RIGHT) / most;

    buf_printf(out, "<text x=\"%.0f\" y=\"%.1f\" class=\"axis end\">", LEFT - 8, y + 4);
    html_text(out, class->label);
    buf_printf(out, "</text><line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"whisker\"/>",
               LEFT + scale * errors->low, LEFT + scale * errors->high, y, y);
    buf_printf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" class=\"dot\"><title>%zu of %zu wrong</title></circle>\n",
               LEFT + scale * errors->rate, y, class->wrong, class->audits);
}

static void plot_errors(const struct governance *self, struct buf *out)
{
    double most = 0.05, y = 16;
    struct interval errors;
    size_t n = 0;

    for (size_t i = 0; i < self->n_classes; i++) {
        if (!governance_errors(self->classes[i].wrong, self->classes[i].audits, &errors) || n == ERRORS_SHOWN)
            continue;
        most = fmax(most, errors.high);
        n++;
    }
    if (n == 0) {
        buf_puts(out, "<p class=\"soft\">Nothing was audited in this time.</p>\n");
        return;
    }
    buf_printf(
        out, "<figure><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"Share wrong among audits by class\">\n",
        WIDTH, ROW * (double)n + 40);
    for (size_t i = 0, drawn = 0; i < self->n_classes && drawn < n; i++) {
        if (!governance_errors(self->classes[i].wrong, self->classes[i].audits, &errors))
            continue;
        draw_error(&self->classes[i], &errors, most, y, out);
        y += ROW;
        drawn++;
    }
    for (int t = 0; t <= 4; t++)
        buf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"tick mid\">%.0f&#8201;%%</text>",
                   LEFT + (WIDTH - LEFT - RIGHT) * t / 4, y + 10, 100 * most * t / 4);
    buf_printf(
        out,
        "</svg><figcaption>Wrong labels among audited decisions that no person had seen, with what chance leaves "
        "(%.0f&#8201;%%). A lower bound: reviewers see the machine's label.</figcaption></figure>\n",
        100 * GOVERNANCE_CONFIDENCE);
}

/* ---- tables ---- */

static void tile(struct buf *out, const char *name, const char *figure, const char *note)
{
    buf_printf(out, "<div><dt>%s</dt><dd class=\"big\">%s</dd><dd class=\"small\">%s</dd></div>\n", name, figure, note);
}

static void tiles(const struct governance *self, struct buf *out)
{
    size_t ways[WAY_COUNT] = {0}, all = 0, unseen, answers = 0, overridden = 0;
    struct interval errors = governance_weighted(self, &unseen);
    char figure[64], note[128];

    for (size_t i = 0; i < self->n_classes; i++) {
        for (enum way w = 0; w < WAY_COUNT; w++)
            ways[w] += self->classes[i].ways[w];
        answers += self->classes[i].answers;
        overridden += self->classes[i].overridden;
    }
    for (enum way w = 0; w < WAY_COUNT; w++)
        all += ways[w];
    buf_puts(out, "<dl class=\"tiles\">\n");
    snprintf(figure, sizeof figure, "%zu", all);
    snprintf(note, sizeof note, "%zu answered, %zu suggested, %zu to people, %zu ignored, %zu overtaken",
             ways[WAY_ANSWERED], ways[WAY_SUGGESTED], ways[WAY_REVIEW], ways[WAY_IGNORED], ways[WAY_OVERTAKEN]);
    tile(out, "Tickets decided", figure, note);
    snprintf(figure, sizeof figure, errors.high < 1 ? "%.1f&#8201;%%" : "not known", 100 * errors.rate);
    snprintf(note, sizeof note, errors.high < 1 ? "%.1f to %.1f&#8201;%% of %zu" : "nothing was audited of %.0f%.0f%zu",
             errors.high < 1 ? 100 * errors.low : 0, errors.high < 1 ? 100 * errors.high : 0, unseen);
    if (errors.high >= 1)
        snprintf(note, sizeof note, "none of %zu was audited", unseen);
    tile(out, "Wrong without a person", figure, note);
    snprintf(figure, sizeof figure, "%zu of %zu", overridden, answers);
    tile(out, "Another label by people", figure, "of their answers");
    snprintf(figure, sizeof figure, "%.2f", self->cost);
    snprintf(note, sizeof note, "%.4f a ticket", all ? self->cost / (double)all : 0);
    tile(out, "Cost", figure, note);
    snprintf(figure, sizeof figure, "%d", cJSON_GetArraySize(self->incidents));
    tile(out, "Incidents", figure, "promises broken and drift");
    snprintf(figure, sizeof figure, "%.0f", self->overdue);
    snprintf(note, sizeof note, "of %.0f that wait for people now", self->waiting);
    tile(out, "Overdue items", figure, note);
    buf_puts(out, "</dl>\n");
}

static void class_row(const struct governance *self, const struct governance_class *class, struct buf *out)
{
    char reviewed[GOVERNANCE_TIME_MAX];
    bool overdue = governance_overdue(self, class->label, reviewed);
    struct interval errors;

    buf_puts(out, "<tr><th scope=\"row\">");
    html_text(out, class->label);
    buf_puts(out, "</th>");
    for (enum way w = 0; w < WAY_COUNT; w++)
        buf_printf(out, "<td>%zu</td>", class->ways[w]);
    if (governance_errors(class->wrong, class->audits, &errors))
        buf_printf(out, "<td>%zu of %zu: %.1f&#8201;%% (%.1f to %.1f)</td>", class->wrong, class->audits,
                   100 * errors.rate, 100 * errors.low, 100 * errors.high);
    else
        buf_puts(out, "<td></td>");
    buf_printf(out, "<td>%zu of %zu</td><td>%zu</td><td>", class->overridden, class->answers, class->unedited);
    if (class->median_seconds >= 0)
        buf_printf(out, "%.0f", class->median_seconds);
    buf_printf(out, "</td><td>%.2f</td><td class=\"name\">", class->cost);
    if (self->incidents)
        html_text(out, reviewed);
    buf_printf(out, "%s</td></tr>\n", self->incidents && overdue ? " <strong>overdue</strong>" : "");
}

static void classes(const struct governance *self, struct buf *out)
{
    buf_puts(out, "<h2>Classes</h2><div class=\"scroll\"><table><thead><tr><th scope=\"col\">class</th>");
    for (enum way w = 0; w < WAY_COUNT; w++)
        buf_printf(out, "<th scope=\"col\">%s</th>", way_name(w));
    buf_puts(
        out,
        "<th scope=\"col\">wrong among audits</th><th scope=\"col\">other label</th><th scope=\"col\">as it was</th>"
        "<th scope=\"col\">seconds an item</th><th scope=\"col\">cost</th><th scope=\"col\">last quality "
        "review</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < self->n_classes; i++)
        class_row(self, &self->classes[i], out);
    buf_puts(out, "</tbody></table></div>\n");
}

/* One row an event: members of the object in this order; NULL ends. */
static void events(struct buf *out, const char *title, const cJSON *list, const char *const columns[][2])
{
    const cJSON *one;

    buf_printf(out, "<h2>%s</h2>\n", title);
    if (cJSON_GetArraySize(list) == 0) {
        buf_puts(out, "<p class=\"soft\">None.</p>\n");
        return;
    }
    buf_puts(out, "<div class=\"scroll\"><table><thead><tr>");
    for (size_t c = 0; columns[c][0]; c++)
        buf_printf(out, "<th scope=\"col\">%s</th>", columns[c][1]);
    buf_puts(out, "</tr></thead><tbody>\n");
    cJSON_ArrayForEach(one, list)
    {
        buf_puts(out, "<tr>");
        for (size_t c = 0; columns[c][0]; c++) {
            char cut[512];
            bool time = strstr(columns[c][0], "at") && strlen(columns[c][0]) <= 7;
            snprintf(cut, sizeof cut, time ? "%.16s" : "%.500s", json_str(one, columns[c][0], ""));
            buf_puts(out, "<td class=\"name\">");
            html_text(out, cut);
            buf_puts(out, "</td>");
        }
        buf_puts(out, "</tr>\n");
    }
    buf_puts(out, "</tbody></table></div>\n");
}

void governance_html_begin(struct buf *out)
{
    buf_puts(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                  "content=\"width=device-width,initial-scale=1\"><title>Governance report</title><style>\n");
    buf_puts(out, report_style);
    buf_puts(out, "</style></head><body><main>");
}

void governance_html_end(struct buf *out)
{
    buf_puts(out, "</main></body></html>\n");
}

void governance_html(const struct governance *self, struct buf *out)
{
    static const char *const steps[][2] = {{"at", "when"}, {"label", "class"}, {"from", "from"},
                                           {"to", "to"},   {"reason", "why"},  {"text", "in words"},
                                           {"by", "by"},   {"owner", "owner"}, {NULL, NULL}};
    static const char *const incidents[][2] = {{"at", "when"},       {"kind", "what"}, {"scope", "class"},
                                               {"text", "in words"}, {"done", "done"}, {"owner", "owner"},
                                               {"over_at", "over"},  {NULL, NULL}};

    buf_puts(out, "<h1>");
    html_text(out, self->profile);
    buf_printf(out, ", %.10s to %.10s</h1><p>Owner: ", self->since, self->until);
    html_text(out, self->owner);
    buf_puts(out, ". Quality reviews: ");
    html_text(out, self->cadence);
    buf_puts(out, ".</p><p class=\"soft\">Decisions from ");
    html_text(out, self->source);
    buf_puts(out, self->incidents ? "; people, audits and incidents from Postgres.</p>\n"
                                  : "; Postgres was left out.</p>\n");
    tiles(self, out);
    plot_days(self, out);
    plot_errors(self, out);
    classes(self, out);
    events(out, "Promotions and demotions", self->steps, steps);
    events(out, "Incidents", self->incidents, incidents);
}
