/* A simulation as one page: first what changes, then the plots, then the tickets. Bars are boxes of the page's own, so
 * that their words stay readable on a phone. */
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "evaluation/report_html.h"
#include "evaluation/report_style.h"
#include "evaluation/simulation_print.h"

enum { HOT_PERCENT = 55, LABEL_EVERY = 3 };

/* clang-format off */
static const char plot_style[] =
    ".bars{max-width:44rem;margin:1rem 0}\n"
    ".bars .bar-row{display:grid;grid-template-columns:6.5rem 1fr 6.2rem;gap:.6rem;align-items:center;margin:.3rem 0}\n"
    ".bars .track{position:relative;height:1.15rem;background:var(--card);border:1px solid var(--line);border-radius:.2rem}\n"
    ".bars .fill{position:absolute;inset:0 auto 0 0;border-radius:.15rem}\n"
    ".was{background:color-mix(in srgb,var(--soft) 55%,var(--paper))}\n"
    ".would{background:var(--one)}\n"
    ".bars .span{position:absolute;top:.2rem;bottom:.2rem;background:color-mix(in srgb,var(--one) 30%,transparent);"
    "border-left:2px solid var(--one);border-right:2px solid var(--one)}\n"
    ".bars .at{position:absolute;top:-.15rem;bottom:-.15rem;width:3px;margin-left:-1px;background:var(--ink)}\n"
    ".bars .limit{position:absolute;top:-.3rem;bottom:-.3rem;border-left:2px dashed var(--bad)}\n"
    ".bars .value{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;font-size:.92rem}\n"
    ".keys{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;font-size:.9rem;color:var(--soft);margin:.4rem 0}\n"
    ".keys i{display:inline-block;width:1rem;height:.8rem;margin-right:.4rem;vertical-align:-.05em;border-radius:.15rem}\n"
    ".hours{display:flex;align-items:stretch;height:13rem;max-width:44rem;border-bottom:1px solid var(--soft);margin:1rem 0 0}\n"
    ".hours div{flex:1 1 0;display:flex;align-items:flex-end;justify-content:center;gap:1px;padding:0 1px;min-width:0}\n"
    ".hours .desk,.keys .desk{background:color-mix(in srgb,var(--two) 16%,var(--paper))}\n"
    ".hours i{flex:1 1 0;max-width:.7rem;min-width:0}\n"
    ".ticks{display:flex;max-width:44rem;font-size:.8rem;color:var(--soft);margin-bottom:.6rem}\n"
    ".ticks span{flex:1 1 0;min-width:0;text-align:left}\n"
    ".flip{margin:.7rem 0;padding:.5rem .8rem;background:var(--card);border:1px solid var(--line);border-radius:.4rem;"
    "max-width:44rem;overflow-wrap:anywhere}\n"
    ".flip p{margin:.15rem 0}\n"
    ".heat tbody th{white-space:normal}\n"
    "@media(max-width:30rem){.bars .bar-row{grid-template-columns:4.9rem 1fr 5.9rem;gap:.4rem}"
    ".heat td{min-width:2.1rem;padding:.28rem .35rem}.heat th{padding:.28rem .35rem}}\n"
    "@media print{.flip{break-inside:avoid}.hours{height:9rem}}\n";
/* clang-format on */

static const char *const words[ENDINGS] = {[ENDING_ANSWERED] = "answered",
                                           [ENDING_IGNORED] = "ignored",
                                           [ENDING_SUGGESTED] = "suggested",
                                           [ENDING_IN_REVIEW] = "in review"};

/* ---- what changes ---- */

static void say_lead(struct buf *out, const struct simulation *self)
{
    size_t other = self->n_flipped + self->n_relabelled;

    buf_printf(out, "<p class=\"lead\">Of %zu past tickets, <strong>%zu</strong> would have ended otherwise. ", self->n,
               self->n_flipped);
    if (other == 0 && self->n_reasons == 0)
        buf_puts(out, "Nothing changes at all.");
    else
        buf_printf(out,
                   "No person would have seen <strong>%.1f %%</strong> of all (%.1f %% as it happened), and reviewers "
                   "would have had <strong>%.1f</strong> hours of work (%.1f).",
                   100 * simulation_share(self, &self->now), 100 * simulation_share(self, &self->then),
                   self->now.reviewer_s / 3600, self->then.reviewer_s / 3600);
    buf_puts(out, "</p>\n<ul class=\"means\">\n");
}

static void say_error(struct buf *out, const struct survey_estimate *error, const struct sim_origin *origin)
{
    buf_puts(out, "<li>Wrong labels among what no person would see: ");
    if (error->n == 0) {
        buf_puts(out, "<strong>unknown</strong>. Nobody gave any of these tickets a label.</li>\n");
        return;
    }
    buf_printf(out, "about <strong>%.1f %%</strong>, and between %.1f %% and %.1f %% with 95 %% confidence. That is ",
               100 * error->rate, 100 * error->low, 100 * error->high);
    html_text(out, simulation_verdict(error, origin));
    buf_printf(out, " (%.1f %%).</li>\n", 100 * origin->max_error);
    if (error->covered < 1)
        buf_printf(out, "<li>This says nothing about %.1f %% of them: tickets of a kind that nobody was shown.</li>\n",
                   100 * (1 - error->covered));
}

static void meaning(struct buf *out, const struct simulation *self, const struct sim_origin *origin)
{
    say_lead(out, self);
    say_error(out, &self->now.error, origin);
    if (self->n_relabelled || self->n_reasons)
        buf_printf(out, "<li>%zu tickets get another label; %zu end the same way for other reasons.</li>\n",
                   self->n_relabelled, self->n_reasons);
    if (self->n_undrafted)
        buf_printf(
            out,
            "<li>%zu drafts are unknown until the model writes them. %zu of these tickets are suggested, and a draft "
            "that claims too much would send them to a person.</li>\n",
            self->n_undrafted, self->n_open);
    if (self->n_missing)
        buf_printf(out, "<li>%zu results have no ticket here and are left out.</li>\n", self->n_missing);
    buf_puts(out, "</ul>\n");
}

static void tile(struct buf *out, const char *name, const char *big, const char *small)
{
    buf_printf(out, "<div><dt>%s</dt><dd class=\"big\">%s</dd><dd class=\"small\">%s</dd></div>\n", name, big, small);
}

static void tiles(struct buf *out, const struct simulation *self)
{
    char big[64], small[96];

    buf_puts(out, "<dl class=\"tiles\">\n");
    snprintf(big, sizeof big, "%.1f %%", 100 * simulation_share(self, &self->now));
    snprintf(small, sizeof small, "%.1f %% as it happened", 100 * simulation_share(self, &self->then));
    tile(out, "no person sees it", big, small);
    snprintf(big, sizeof big, "%zu", self->now.endings[ENDING_IN_REVIEW]);
    snprintf(small, sizeof small, "%zu as it happened", self->then.endings[ENDING_IN_REVIEW]);
    tile(out, "tickets for reviewers", big, small);
    snprintf(big, sizeof big, "%.1f h", self->now.backlog_most_s / 3600);
    snprintf(small, sizeof small, "%.1f h as it happened, %g at work", self->then.backlog_most_s / 3600,
             self->settings.reviewers);
    tile(out, "most work waiting", big, small);
    snprintf(big, sizeof big, "%.3f", simulation_cost_per_ticket(self, &self->now));
    snprintf(small, sizeof small, "%.3f as it happened", simulation_cost_per_ticket(self, &self->then));
    tile(out, "cost a ticket", big, small);
    buf_puts(out, "</dl>\n");
}

/* ---- bars ---- */

static void keys(struct buf *out, bool desk)
{
    buf_puts(out,
             "<div class=\"keys\"><span><i class=\"was\"></i>as it happened</span><span><i class=\"would\"></i>as it "
             "would be</span>");
    if (desk)
        buf_puts(out, "<span><i class=\"desk\"></i>the desk is staffed</span>");
    buf_puts(out, "</div>\n");
}

static void bar(struct buf *out, const char *name, const char *class, size_t part, size_t whole)
{
    double share = whole ? 100.0 * (double)part / (double)whole : 0;

    buf_printf(out,
               "<div class=\"bar-row\"><span>%s</span><span class=\"track\"><span class=\"fill %s\" "
               "style=\"width:%.2f%%\"></span></span><span class=\"value\">%zu (%.1f %%)</span></div>\n",
               name, class, share, part, share);
}

static void endings_section(struct buf *out, const struct simulation *self)
{
    buf_puts(out, "<h2>How do tickets end?</h2>\n");
    keys(out, false);
    buf_puts(out, "<div class=\"bars\">\n");
    for (int e = 0; e < ENDINGS; e++) {
        bar(out, words[e], "was", self->then.endings[e], self->n);
        bar(out, "", "would", self->now.endings[e], self->n);
    }
    buf_puts(out, "</div>\n");
}

static void interval(struct buf *out, const char *name, const struct survey_estimate *error, double most, double limit)
{
    double scale = 100 / most;

    buf_printf(out, "<div class=\"bar-row\"><span>%s</span><span class=\"track\">", name);
    if (error->n)
        buf_printf(out,
                   "<span class=\"span\" style=\"left:%.2f%%;width:%.2f%%\"></span><span class=\"at\" "
                   "style=\"left:%.2f%%\"></span>",
                   scale * error->low, scale * (error->high - error->low), scale * error->rate);
    buf_printf(out, "<span class=\"limit\" style=\"left:%.2f%%\"></span></span><span class=\"value\">", scale * limit);
    if (error->n)
        buf_printf(out, "%.1f %%", 100 * error->rate);
    else
        buf_puts(out, "unknown");
    buf_puts(out, "</span></div>\n");
}

static void error_row(struct buf *out, const char *name, const struct sim_side *side)
{
    const struct survey_estimate *error = &side->error;

    buf_printf(out, "<tr><th scope=\"row\">%s</th><td>%zu</td><td>%zu</td><td>%zu</td>", name, side->unseen, error->n,
               error->errors);
    if (error->n)
        buf_printf(out, "<td>%.2f %%</td><td>%.2f to %.2f %%</td><td>%.0f</td></tr>\n", 100 * error->rate,
                   100 * error->low, 100 * error->high, error->n_effective);
    else
        buf_puts(out, "<td>–</td><td>–</td><td>–</td></tr>\n");
}

static void error_section(struct buf *out, const struct simulation *self, const struct sim_origin *origin)
{
    double most = origin->max_error * 2;

    most = self->then.error.n && self->then.error.high > most ? self->then.error.high : most;
    most = self->now.error.n && self->now.error.high > most ? self->now.error.high : most;
    most = most > 1 || most <= 0 ? 1 : most;
    buf_printf(out,
               "<h2>How often is it wrong where no person looks?</h2>\n<p>The mark is the estimate, the band its 95 %% "
               "interval, the dashed line what the policy promises (%.1f %%). The scale ends at %.0f %%.</p>\n<div "
               "class=\"bars\">\n",
               100 * origin->max_error, 100 * most);
    interval(out, "happened", &self->then.error, most, origin->max_error);
    interval(out, "would", &self->now.error, most, origin->max_error);
    buf_puts(out,
             "</div>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\"></th><th scope=\"col\">unseen</th><th "
             "scope=\"col\">labelled</th><th scope=\"col\">wrong</th><th scope=\"col\">rate</th><th scope=\"col\">95 % "
             "interval</th><th scope=\"col\">worth so many equal draws</th></tr></thead><tbody>\n");
    error_row(out, "as it happened", &self->then);
    error_row(out, "as it would be", &self->now);
    buf_puts(
        out,
        "</tbody></table></div>\n<p class=\"soft\">What reviewers saw counts once, an audit for all that it stands "
        "for (Hájek's ratio of Horvitz–Thompson sums; Clopper–Pearson at the effective size, after Korn and "
        "Graubard). Reviewers see the machine's label, so the rate is a lower bound.</p>\n");
}

/* ---- hours ---- */

static double most_of(const struct simulation *self)
{
    double most = 0;

    for (int h = 0; h < SIMULATION_DAY_HOURS; h++) {
        most = self->hours[h].then > most ? self->hours[h].then : most;
        most = self->hours[h].now > most ? self->hours[h].now : most;
    }
    return most > 0 ? most : 1;
}

static void hours_plot(struct buf *out, const struct simulation *self, double most)
{
    buf_printf(out,
               "<div class=\"hours\" role=\"img\" aria-label=\"Items for people by hour of the day; at most %.1f in an "
               "hour\">\n",
               most);
    for (int h = 0; h < SIMULATION_DAY_HOURS; h++) {
        const struct sim_hour *hour = &self->hours[h];
        buf_printf(out,
                   "<div%s title=\"%02d:00 happened %.2f, would %.2f\"><i class=\"was\" style=\"height:%.1f%%\"></i><i "
                   "class=\"would\" style=\"height:%.1f%%\"></i></div>\n",
                   self->policy_hours && hour->staffed > 0 ? " class=\"desk\"" : "", h, hour->then, hour->now,
                   100 * hour->then / most, 100 * hour->now / most);
    }
    buf_puts(out, "</div>\n<div class=\"ticks\" aria-hidden=\"true\">");
    for (int h = 0; h < SIMULATION_DAY_HOURS; h++) {
        if (h % LABEL_EVERY == 0)
            buf_printf(out, "<span>%02d</span>", h);
    }
    buf_puts(out, "</div>\n");
}

static void hours_table(struct buf *out, const struct simulation *self)
{
    buf_puts(out, "<details><summary>The same as a table</summary><div class=\"scroll\"><table><thead><tr><th "
                  "scope=\"col\">hour</th><th scope=\"col\">happened, a day</th><th scope=\"col\">would</th><th "
                  "scope=\"col\">days staffed</th></tr></thead><tbody>\n");
    for (int h = 0; h < SIMULATION_DAY_HOURS; h++)
        buf_printf(out, "<tr><th scope=\"row\">%02d:00</th><td>%.2f</td><td>%.2f</td><td>%.0f %%</td></tr>\n", h,
                   self->hours[h].then, self->hours[h].now, 100 * self->hours[h].staffed);
    buf_puts(out, "</tbody></table></div></details>\n");
}

static void hours_section(struct buf *out, const struct simulation *self)
{
    double most = most_of(self);

    buf_printf(
        out,
        "<h2>When does work come to reviewers?</h2>\n<p>Items a day by the hour they came in, %s, audits included; "
        "the highest bar is %.1f. An item takes %.0f s; %g at work handle %.0f in a staffed hour.</p>\n",
        self->policy_hours ? "in the zone of the policy's business hours" : "UTC", most, self->mean_review_s,
        self->settings.reviewers, self->settings.reviewers * 3600 / self->mean_review_s);
    keys(out, self->policy_hours);
    hours_plot(out, self, most);
    hours_table(out, self);
    buf_printf(
        out,
        "<p>Off hours came %.1f items and would come %.1f. The most work that waited was %.1f hours and would be %.1f; "
        "at the end %.1f and %.1f were left.</p>\n",
        self->then.off_hours, self->now.off_hours, self->then.backlog_most_s / 3600, self->now.backlog_most_s / 3600,
        self->then.backlog_end_s / 3600, self->now.backlog_end_s / 3600);
}

/* ---- flips ---- */

static void heat_cell(struct buf *out, const struct simulation *self, int from, int to)
{
    size_t n = self->flips[from][to];
    double heat = 15 + 75 * (double)n / (double)self->n;

    if (from == to)
        buf_printf(out, "<td class=\"same\">%zu</td>", n);
    else if (n == 0)
        buf_puts(out, "<td></td>");
    else
        buf_printf(out, "<td%s style=\"background:color-mix(in srgb,var(%s) %.0f%%,var(--paper))\">%zu</td>",
                   heat > HOT_PERCENT ? " class=\"hot\"" : "", to > from ? "--one" : "--two", heat, n);
}

static void matrix_section(struct buf *out, const struct simulation *self)
{
    buf_puts(
        out,
        "<h2>Which way do tickets flip?</h2>\n<p>Rows: how it ended. Columns: how it would end. Grey: the same. Blue: "
        "towards a person; orange: away from one.</p>\n<div class=\"scroll\"><table class=\"heat\"><thead><tr><th "
        "scope=\"col\"></th>");
    for (int to = 0; to < ENDINGS; to++)
        buf_printf(out, "<th scope=\"col\"><span>%s</span></th>", words[to]);
    buf_puts(out, "</tr></thead><tbody>\n");
    for (int from = 0; from < ENDINGS; from++) {
        buf_printf(out, "<tr><th scope=\"row\">%s</th>", words[from]);
        for (int to = 0; to < ENDINGS; to++)
            heat_cell(out, self, from, to);
        buf_puts(out, "</tr>\n");
    }
    buf_puts(out, "</tbody></table></div>\n");
}

static void decision_line(struct buf *out, const char *when, const struct sim_decision *decision)
{
    buf_printf(out, "<p><span class=\"soft\">%s</span> %s", when, words[decision->ending]);
    if (*decision->label) {
        buf_puts(out, " as <strong>");
        html_text(out, decision->label);
        buf_puts(out, "</strong>");
    }
    buf_puts(out, " <code>");
    html_text(out, decision->reasons);
    buf_puts(out, "</code></p>\n");
}

static void flips_section(struct buf *out, const struct simulation *self, size_t most)
{
    size_t shown[ENDINGS][ENDINGS] = {{0}}, n = 0;

    for (size_t i = 0; i < self->n; i++) {
        const struct sim_ticket *ticket = &self->tickets[i];
        if (!simulation_differs(ticket) || shown[ticket->then.ending][ticket->now.ending]++ >= most)
            continue;
        if (n++ == 0)
            buf_puts(out, "<h2>Some of them</h2>\n");
        buf_puts(out, "<div class=\"flip\"><p><code>");
        html_text(out, ticket->id);
        buf_puts(out, "</code></p>\n");
        decision_line(out, "was", &ticket->then);
        decision_line(out, "would be", &ticket->now);
        if (ticket->text) {
            buf_puts(out, "<p>");
            html_text(out, ticket->text);
            buf_puts(out, "</p>\n");
        }
        buf_puts(out, "</div>\n");
    }
}

static void classes_section(struct buf *out, const struct simulation *self)
{
    buf_puts(out, "<h2>Each class</h2>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">class</th><th "
                  "scope=\"col\">tickets</th><th scope=\"col\">would be</th><th scope=\"col\">unseen</th><th "
                  "scope=\"col\">would be</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < self->n_classes; i++) {
        const struct sim_class *class = &self->classes[i];
        buf_puts(out, "<tr><th scope=\"row\">");
        html_text(out, class->label);
        buf_printf(out, "</th><td>%zu</td><td>%zu</td><td>%zu</td><td>%zu</td></tr>\n", class->then, class->now,
                   class->unseen_then, class->unseen_now);
    }
    buf_puts(out, "</tbody></table></div>\n");
}

/* ---- the page ---- */

static void origin_row(struct buf *out, const char *what, const char *text)
{
    buf_printf(out, "<tr><th scope=\"row\">%s</th><td class=\"name\"><code>", what);
    html_text(out, *text ? text : "none");
    buf_puts(out, "</code></td></tr>\n");
}

static void origin_section(struct buf *out, const struct simulation *self, const struct sim_origin *origin)
{
    char rates[128];

    snprintf(rates, sizeof rates, "reviewer %g, model slot %g, core %g", self->settings.reviewer_rate,
             self->settings.model_rate, self->settings.cpu_rate);
    buf_puts(out, "<h2>Where this comes from</h2>\n<div class=\"scroll\"><table><tbody>\n");
    origin_row(out, "results", origin->history);
    origin_row(out, "tried", origin->changes);
    origin_row(out, "policy of then", origin->policy_then);
    origin_row(out, "policy", origin->now.policy);
    origin_row(out, "classifier", origin->now.classifier);
    origin_row(out, "promise", origin->now.promise);
    origin_row(out, "knowledge", origin->now.knowledge);
    origin_row(out, "rates an hour", rates);
    origin_row(out, "made", origin->date);
    buf_puts(out, "</tbody></table></div>\n");
}

char *simulation_html(const struct simulation *self, const struct sim_origin *origin)
{
    struct buf out = {0};

    buf_puts(&out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                   "content=\"width=device-width,initial-scale=1\">\n<title>What would change</title>\n<style>");
    buf_puts(&out, report_style);
    buf_puts(&out, plot_style);
    buf_puts(&out, "</style></head>\n<body><main>\n<h1>What would change</h1>\n<p class=\"soft\">Decided again ");
    html_text(&out, origin->changes);
    buf_printf(&out, ", %.10s</p>\n", origin->date);
    meaning(&out, self, origin);
    tiles(&out, self);
    endings_section(&out, self);
    error_section(&out, self, origin);
    hours_section(&out, self);
    matrix_section(&out, self);
    flips_section(&out, self, origin->examples);
    classes_section(&out, self);
    origin_section(&out, self, origin);
    buf_puts(&out, "</main></body></html>\n");
    return buf_take(&out);
}
