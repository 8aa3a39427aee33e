/* First what the figures mean, then the plots, then the tables. */
#include "evaluation/report_html.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "evaluation/report_plot.h"
#include "evaluation/report_style.h"

#define SAME_AS_TABLE      "The same as a table"
#define HEAT_CLASSES_MAX   12
#define CLASSES_ROWS_LEAST 5    /* a class with fewer rows is not called the hardest */
#define SUSPICIOUS_ROWS    50   /* so many rows without a mistake are more likely the training data */
#define GAP_SMALL          0.02 /* calibration error that nobody needs to mind */
#define GAP_OF_CHANCE      1.5  /* nor one below so many times what chance alone shows */

void html_text(struct buf *out, const char *text)
{
    static const struct {
        char plain;
        const char *escaped;
    } table[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

    for (; *text; text++) {
        size_t k = 0;
        while (k < ARRAY_LEN(table) && table[k].plain != *text)
            k++;
        if (k < ARRAY_LEN(table))
            buf_puts(out, table[k].escaped);
        else
            buf_putc(out, *text);
    }
}

/* 12,345 */
static void number(struct buf *out, size_t n)
{
    if (n >= 1000)
        number(out, n / 1000);
    buf_printf(out, n >= 1000 ? ",%03zu" : "%zu", n % 1000);
}

/* Up to so many columns; a summary makes it a part that opens and closes. */
#define COLUMNS_MAX 7
struct table {
    const char *summary; /* NULL: always in sight */
    bool open;
    const char *columns[COLUMNS_MAX]; /* the rest NULL */
};

static void table_begin(struct buf *out, const struct table *self)
{
    if (self->summary)
        buf_printf(out, "<details%s><summary>%s</summary>", self->open ? " open" : "", self->summary);
    buf_puts(out, "<div class=\"scroll\"><table><thead><tr>");
    for (size_t i = 0; i < COLUMNS_MAX && self->columns[i]; i++)
        buf_printf(out, "<th scope=\"col\">%s</th>", self->columns[i]);
    buf_puts(out, "</tr></thead><tbody>\n");
}

static void table_end(struct buf *out, const struct table *self)
{
    buf_printf(out, "</tbody></table></div>%s\n", self->summary ? "</details>" : "");
}

static double accuracy_of(const struct evaluation *self)
{
    return evaluation_share(self->right, self->n);
}

/* ---- what the figures mean ---- */

static void say_accuracy(struct buf *out, const struct evaluation *self)
{
    buf_puts(out, "<p class=\"lead\">Of ");
    number(out, self->n);
    buf_puts(out, " labelled tickets the model put <strong>");
    number(out, self->right);
    buf_printf(
        out,
        "</strong> into the right class: <strong>%.1f in 100</strong>, and between %.1f and %.1f in 100 tickets of "
        "the same kind, with %.0f %% confidence.</p>\n",
        100 * accuracy_of(self), 100 * self->accuracy_low, 100 * self->accuracy_high, 100 * EVALUATION_INTERVAL);
}

static void say_trust(struct buf *out, const struct evaluation *self)
{
    double stated = 0, gap;

    for (size_t i = 0; i < self->n; i++)
        stated += self->outcomes[i].confidence / (double)self->n;
    gap = stated - accuracy_of(self);
    buf_puts(out, "<li>");
    if (self->ece <= GAP_SMALL || self->ece <= GAP_OF_CHANCE * self->ece_if_perfect)
        buf_puts(out, "Its confidence can be taken at its word: ");
    else if (fabs(gap) < self->ece / 2)
        buf_puts(out, "Its confidence is off, too high in places and too low in others: ");
    else if (gap > 0)
        buf_puts(out, "It is <strong>surer than it should be</strong>: ");
    else
        buf_puts(out, "It is better than it says: ");
    buf_printf(out,
               "what it states and what comes true differ by %.1f points on average, and chance alone would show "
               "%.1f.</li>\n",
               100 * self->ece, 100 * self->ece_if_perfect);
}

static void say_coverage(struct buf *out, const struct evaluation *self)
{
    const struct risk_point *point = &self->coverages[3];

    buf_printf(
        out,
        "<li>If people looked at the %.0f %% of which it is least sure, %.1f %% of the rest would be wrong.</li>\n",
        100 * (1 - evaluation_share(point->n, self->n)), 100 * evaluation_share(point->errors, point->n));
}

static void say_scope(struct buf *out, const struct evaluation *self)
{
    if (!self->has_scope)
        return;
    buf_printf(
        out,
        "<li>Of tickets that belong to no class at all, its gate lets %.0f in 100 pass, and it holds back %.0f in 100 "
        "of those that do belong.</li>\n",
        100 * evaluation_share(self->scope.passed, self->scope.n),
        100 * (1 - evaluation_share(self->scope.in_scope_passed, self->n)));
}

/* The class with the least F1 among those with enough rows; n_classes when there is none. */
static size_t hardest_class(const struct evaluation *self)
{
    size_t worst = self->n_classes;

    for (size_t i = 0; i < self->n_classes; i++) {
        const struct class_count *class = &self->classes[i];
        if (class->n >= CLASSES_ROWS_LEAST &&
            (worst == self->n_classes || evaluation_f1(class) < evaluation_f1(&self->classes[worst])))
            worst = i;
    }
    return worst;
}

static void say_weakness(struct buf *out, const struct evaluation *self)
{
    size_t worst = hardest_class(self);

    if (worst < self->n_classes) {
        buf_puts(out, "<li>The hardest class is <strong>");
        html_text(out, self->classes[worst].label);
        buf_printf(out, "</strong> (%zu of %zu found).</li>\n", self->classes[worst].right, self->classes[worst].n);
    }
    if (self->n_pairs > 0) {
        buf_puts(out, "<li>The mix-up seen most is <strong>");
        html_text(out, self->classes[self->pairs[0].truth].label);
        buf_puts(out, "</strong> taken for <strong>");
        html_text(out, self->classes[self->pairs[0].guess].label);
        buf_printf(out, "</strong>: %zu of %zu.</li>\n", self->pairs[0].n, self->classes[self->pairs[0].truth].n);
    }
    if (self->n_pairs == 0 && self->n >= SUSPICIOUS_ROWS)
        buf_puts(out,
                 "<li>Not one mistake: if the model was trained on these tickets, the figures mean nothing.</li>\n");
    if (self->n_unknown)
        buf_printf(
            out,
            "<li><strong>%zu of the tickets carry a label that the model does not know</strong> (%zu labels). It "
            "can't get them right; train with those classes, or leave the tickets out.</li>\n",
            self->n_unknown, self->n_unknown_labels);
}

static void meaning(struct buf *out, const struct evaluation *self)
{
    say_accuracy(out, self);
    buf_puts(out, "<ul class=\"means\">\n");
    say_trust(out, self);
    say_coverage(out, self);
    say_scope(out, self);
    say_weakness(out, self);
    buf_puts(out, "</ul>\n");
}

/* ---- tiles ---- */

static void tile(struct buf *out, const char *name, const char *figure, const char *note)
{
    buf_printf(out, "<div><dt>%s</dt><dd class=\"big\">%s</dd><dd class=\"small\">%s</dd></div>\n", name, figure, note);
}

static void tiles(struct buf *out, const struct evaluation *self)
{
    char figure[32], note[160];

    buf_puts(out, "<dl class=\"tiles\">\n");
    snprintf(figure, sizeof figure, "%.1f&#8201;%%", 100 * accuracy_of(self));
    snprintf(note, sizeof note, "%.1f to %.1f with %.0f %% confidence", 100 * self->accuracy_low,
             100 * self->accuracy_high, 100 * EVALUATION_INTERVAL);
    tile(out, "Accuracy", figure, note);
    snprintf(figure, sizeof figure, "%.3f", self->macro_f1);
    snprintf(note, sizeof note, "mean over %zu classes, small ones count as much as large ones", self->n_macro);
    tile(out, "Macro F1", figure, note);
    snprintf(figure, sizeof figure, "%.3f", self->ece);
    snprintf(note, sizeof note, "0 is best; chance alone would show %.3f", self->ece_if_perfect);
    tile(out, "Calibration error", figure, note);
    snprintf(figure, sizeof figure, "%.4f", self->risk_area);
    snprintf(note, sizeof note, "lower is better; no order could do better than %.4f", self->risk_area_best);
    tile(out, "Risk-coverage area", figure, note);
    if (self->has_scope) {
        snprintf(figure, sizeof figure, "%.3f", self->scope.auroc);
        tile(out, "Out-of-scope AUROC", figure, "1 tells every foreign ticket apart, 0.5 guesses");
    }
    snprintf(figure, sizeof figure, "%.0f&#8201;&micro;s", self->cpu_us);
    snprintf(note, sizeof note, "CPU time; half below %.0f, 99 %% below %.0f", self->cpu_us_p50, self->cpu_us_p99);
    tile(out, "Cost of a ticket", figure, note);
    buf_puts(out, "</dl>\n");
}

/* ---- the promise ---- */

static void say_accepted(struct buf *out, const struct evaluation *self)
{
    const struct promise_figures *figures = &self->promised;

    buf_puts(out, "Of these tickets it would accept <strong>");
    number(out, figures->accepted);
    buf_printf(out, " (%.1f %%)</strong>, of which <strong>%zu (%.2f %%)</strong> are wrong.</p>\n",
               100 * evaluation_share(figures->accepted, self->n), figures->errors,
               100 * evaluation_share(figures->errors, figures->accepted));
    if (self->has_scope)
        buf_printf(out,
                   "<p>Of %zu tickets that belong to no class it would accept %zu, each of them wrong. With such "
                   "tickets making up %.1f %% of the traffic, as the promise assumes, %.2f %% of the accepted are "
                   "wrong.</p>\n",
                   self->scope.n, figures->oos_accepted, 100 * self->promise.oos_share, 100 * figures->mixed);
}

static void say_kept(struct buf *out, const struct evaluation *self)
{
    const struct promise_figures *figures = &self->promised;

    if (figures->accepted + figures->oos_accepted == 0)
        buf_puts(out, "<p>Nothing is accepted, so there is nothing to judge it by.</p>\n");
    else if (figures->mixed > self->promise.max_error)
        buf_puts(out, "<p><strong>That is more than promised.</strong> If these tickets are like the real traffic, "
                      "make the promise again with newer labels.</p>\n");
    else
        buf_printf(out,
                   "<p>That keeps it. From the labelled tickets alone one can be %.0f %% sure of at most %.2f %% "
                   "wrong.</p>\n",
                   100 * self->promise.confidence, 100 * figures->upper);
}

static void promise_section(struct buf *out, const struct evaluation *self)
{
    const struct promise *promise = &self->promise;

    if (!self->has_promise)
        return;
    buf_puts(out, "<h2>What the promise would do</h2>\n");
    buf_printf(out, "<p>The promise is: at most %.1f %% wrong among what no person sees, with %.0f %% confidence. ",
               100 * promise->max_error, 100 * promise->confidence);
    if (!promise->certified) {
        buf_puts(out, "It could not be certified, so it accepts nothing and every ticket goes to a person.</p>\n");
        return;
    }
    say_accepted(out, self);
    say_kept(out, self);
}

/* ---- calibration ---- */

static void reliability_section(struct buf *out, const struct evaluation *self)
{
    const struct table table = {.summary = SAME_AS_TABLE,
                                .columns = {"confidence", "tickets", "mean stated", "right", "difference"}};

    buf_puts(out, "<h2>Does its confidence mean anything?</h2>\n<p>Each dot gathers tickets with about the same stated "
                  "confidence. On the dashed line, what it states comes true. The upright lines show what chance "
                  "leaves open: a dot whose line reaches the dashed one is no evidence of anything.</p>\n<figure>\n");
    plot_reliability(out, self);
    table_begin(out, &table);
    for (int b = 0; b < STATS_ECE_BINS; b++) {
        const struct reliability_bin *bin = &self->bins[b];
        buf_printf(out, "<tr><th scope=\"row\">%.1f to %.1f %%</th><td>%zu</td>", 100.0 * b / STATS_ECE_BINS,
                   100.0 * (b + 1) / STATS_ECE_BINS, bin->n);
        if (bin->n)
            buf_printf(out, "<td>%.1f %%</td><td>%.1f %%</td><td>%+.1f</td></tr>\n", 100 * bin->confidence,
                       100 * bin->accuracy, 100 * (bin->accuracy - bin->confidence));
        else
            buf_puts(out, "<td></td><td></td><td></td></tr>\n");
    }
    table_end(out, &table);
    buf_puts(out, "</figure>\n");
}

/* ---- risk and coverage ---- */

static void risk_row(struct buf *out, const struct evaluation *self, const struct risk_point *point, const char *what)
{
    buf_printf(out, "<tr><th scope=\"row\">%s %.0f %%</th>", what, 100 * point->wanted);
    if (point->found)
        buf_printf(out, "<td>%.1f %%</td><td>%.3f</td><td>%zu</td><td>%zu</td><td>%.2f %%</td></tr>\n",
                   100 * evaluation_share(point->n, self->n), point->threshold, point->n, point->errors,
                   100 * evaluation_share(point->errors, point->n));
    else
        buf_puts(out, "<td colspan=\"5\">at no threshold</td></tr>\n");
}

static void risk_section(struct buf *out, const struct evaluation *self)
{
    const struct table table = {.summary = SAME_AS_TABLE,
                                .open = true,
                                .columns = {"asked for", "coverage", "threshold", "tickets", "wrong", "error rate"}};

    buf_puts(out,
             "<h2>How many errors remain when people take the doubtful ones?</h2>\n<p>Read it from the right: at 100 "
             "% the machine decides every ticket. The further left, the more of the tickets it is unsure of go to "
             "people. The dashed line is the best that any order of these tickets could reach.</p>\n<figure>\n");
    plot_risk(out, self);
    table_begin(out, &table);
    for (size_t k = 0; k < EVALUATION_COVERAGES; k++)
        risk_row(out, self, &self->coverages[k], "coverage");
    for (size_t k = 0; k < EVALUATION_TARGETS; k++)
        risk_row(out, self, &self->targets[k], "errors at most");
    table_end(out, &table);
    buf_puts(out, "<figcaption>These thresholds were chosen on these very tickets and "
                  "flatter themselves. Only <code>triaged calibrate</code> gives one that can be promised."
                  "</figcaption></figure>\n");
}

/* ---- confusion ---- */

static bool listed(const size_t *list, size_t n, size_t class)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i] == class)
            return true;
    }
    return false;
}

/* The classes of the most frequent errors, until the table is full. */
static size_t worst_classes(const struct evaluation *self, size_t ret_list[HEAT_CLASSES_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < self->n_pairs; i++) {
        const struct confusion_pair *pair = &self->pairs[i];
        size_t fresh = !listed(ret_list, n, pair->truth) + !listed(ret_list, n, pair->guess);
        if (n + fresh > HEAT_CLASSES_MAX)
            break;
        if (!listed(ret_list, n, pair->truth))
            ret_list[n++] = pair->truth;
        if (!listed(ret_list, n, pair->guess))
            ret_list[n++] = pair->guess;
    }
    return n;
}

static size_t times_confused(const struct evaluation *self, size_t truth, size_t guess)
{
    for (size_t i = 0; i < self->n_pairs; i++) {
        if (self->pairs[i].truth == truth && self->pairs[i].guess == guess)
            return self->pairs[i].n;
    }
    return 0;
}

static void heat_cell(struct buf *out, const struct evaluation *self, size_t truth, size_t guess)
{
    const struct class_count *class = &self->classes[truth];
    size_t n = truth == guess ? class->right : times_confused(self, truth, guess);
    double share = evaluation_share(n, class->n), most = evaluation_share(self->pairs[0].n, 1);
    double heat = n ? 15 + 75 * (double)n / most : 0;

    if (truth == guess)
        buf_printf(out, "<td class=\"same\" title=\"%zu of %zu right\">%zu</td>", n, class->n, n);
    else if (n == 0)
        buf_puts(out, "<td></td>");
    else
        buf_printf(
            out,
            "<td%s style=\"background:color-mix(in srgb,var(--bad) %.0f%%,var(--paper))\" title=\"%.0f %% of the "
            "class\">%zu</td>",
            heat > 80 ? " class=\"hot\"" : "", heat, 100 * share, n);
}

static void heat_table(struct buf *out, const struct evaluation *self)
{
    size_t list[HEAT_CLASSES_MAX], n = worst_classes(self, list);

    buf_puts(out,
             "<div class=\"scroll\"><table class=\"heat\"><caption>Rows: the true class. Columns: what the model said. "
             "Grey: right.</caption><thead><tr><th scope=\"col\"></th>");
    for (size_t i = 0; i < n; i++) {
        buf_puts(out, "<th scope=\"col\"><span>");
        html_text(out, self->classes[list[i]].label);
        buf_puts(out, "</span></th>");
    }
    buf_puts(out, "</tr></thead><tbody>\n");
    for (size_t t = 0; t < n; t++) {
        buf_puts(out, "<tr><th scope=\"row\">");
        html_text(out, self->classes[list[t]].label);
        buf_puts(out, "</th>");
        for (size_t g = 0; g < n; g++)
            heat_cell(out, self, list[t], list[g]);
        buf_puts(out, "</tr>\n");
    }
    buf_puts(out, "</tbody></table></div>\n");
}

static void pairs_table(struct buf *out, const struct evaluation *self)
{
    const struct table table = {.summary = "The most frequent mix-ups as a list",
                                .columns = {"true class", "taken for", "tickets", "of the class"}};

    table_begin(out, &table);
    for (size_t i = 0; i < self->n_pairs && i < EVALUATION_PAIRS_SHOWN; i++) {
        const struct confusion_pair *pair = &self->pairs[i];
        buf_puts(out, "<tr><th scope=\"row\">");
        html_text(out, self->classes[pair->truth].label);
        buf_puts(out, "</th><td class=\"name\">");
        html_text(out, self->classes[pair->guess].label);
        buf_printf(out, "</td><td>%zu</td><td>%.0f %%</td></tr>\n", pair->n,
                   100 * evaluation_share(pair->n, self->classes[pair->truth].n));
    }
    table_end(out, &table);
}

static void confusion_section(struct buf *out, const struct evaluation *self)
{
    if (self->n_pairs == 0)
        return;
    buf_puts(out,
             "<h2>Which classes does it mix up?</h2>\n<p>Two classes that swap tickets often either need a guideline "
             "that tells them apart, or should be one class. <code>triaged labels</code> shows examples.</p>\n");
    heat_table(out, self);
    pairs_table(out, self);
}

/* ---- scope ---- */

static void scope_section(struct buf *out, const struct evaluation *self)
{
    const struct table table = {.summary = SAME_AS_TABLE, .columns = {"scope score", "known classes", "none"}};
    const struct scope_figures *scope = &self->scope;
    double width = (scope->high - scope->low) / EVALUATION_SCOPE_BINS;

    if (!self->has_scope)
        return;
    buf_puts(out,
             "<h2>Does it notice tickets that belong to no class?</h2>\n<p>The less the two hills overlap, the better. "
             "Shown one ticket of each kind, it ranks them rightly ");
    buf_printf(out,
               "%.1f times in 100.</p>\n<figure>\n<p><span class=\"key\"></span>%zu tickets of known classes "
               "&emsp;<span class=\"key two\"></span>%zu tickets of none</p>\n",
               100 * scope->auroc, self->n, scope->n);
    plot_scope(out, self);
    table_begin(out, &table);
    for (int b = 0; b < EVALUATION_SCOPE_BINS; b++)
        buf_printf(out, "<tr><th scope=\"row\">%.3f to %.3f</th><td>%zu</td><td>%zu</td></tr>\n",
                   scope->low + width * b, scope->low + width * (b + 1), scope->in[b], scope->out[b]);
    table_end(out, &table);
    buf_puts(out, "</figure>\n");
}

/* ---- classes ---- */

static int by_f1(const void *a, const void *b)
{
    const struct class_count *one = a, *other = b;
    double f1 = evaluation_f1(one), f2 = evaluation_f1(other);

    if (f1 != f2)
        return f1 < f2 ? -1 : 1;
    return strcmp(one->label, other->label);
}

static void class_row(struct buf *out, const struct class_count *class)
{
    buf_puts(out, "<tr><th scope=\"row\">");
    html_text(out, class->label);
    buf_printf(out,
               "</th><td>%zu</td><td>%.1f %%</td><td>%.1f %%</td><td>%.3f</td><td><span class=\"meter\" "
               "aria-hidden=\"true\"><i style=\"width:%.0f%%\"></i></span></td></tr>\n",
               class->n, 100 * evaluation_share(class->right, class->predicted),
               100 * evaluation_share(class->right, class->n), evaluation_f1(class), 100 * evaluation_f1(class));
}

static void classes_section(struct buf *out, const struct evaluation *self)
{
    const struct table table = {.columns = {"class", "tickets", "precision", "recall", "F1", ""}};
    struct class_count *sorted = mem_dup(self->classes, self->n_classes * sizeof *sorted);

    qsort(sorted, self->n_classes, sizeof *sorted, by_f1);
    buf_puts(
        out,
        "<h2>Each class, the hardest first</h2>\n<p>Precision: of what it called so, how much was. Recall: of what "
        "was, how much it found. F1 is the mean that punishes the weaker of the two. Classes with few tickets "
        "say little.</p>\n");
    table_begin(out, &table);
    for (size_t i = 0; i < self->n_classes; i++) {
        if (sorted[i].n + sorted[i].predicted > 0)
            class_row(out, &sorted[i]);
    }
    table_end(out, &table);
    mem_free(sorted);
}

/* ---- the page ---- */

static void origin_line(struct buf *out, const char *what, const char *name, const char *hash)
{
    buf_printf(out, "<tr><th scope=\"row\">%s</th><td class=\"name\">", what);
    html_text(out, name);
    if (hash)
        buf_printf(out, "<br><code>%s</code>", hash);
    buf_puts(out, "</td></tr>\n");
}

static void origin_section(struct buf *out, const struct report_origin *origin)
{
    buf_puts(out, "<h2>Where this comes from</h2>\n<p>The figures hold for tickets like these. They say nothing if the "
                  "model was trained on any of them.</p>\n<div class=\"scroll\"><table><tbody>\n");
    origin_line(out, "model", origin->model, origin->model_hash);
    origin_line(out, "tickets", origin->data, origin->data_hash);
    if (origin->oos)
        origin_line(out, "tickets of no class", origin->oos, NULL);
    origin_line(out, "made", origin->date, NULL);
    buf_puts(out, "</tbody></table></div>\n");
}

char *report_html(const struct evaluation *evaluation, const struct report_origin *origin)
{
    struct buf out = {0};

    buf_puts(&out,
             "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
             "content=\"width=device-width,initial-scale=1\">\n<title>How well tickets are sorted</title>\n<style>");
    buf_puts(&out, report_style);
    buf_puts(&out, "</style></head>\n<body><main>\n<h1>How well tickets are sorted</h1>\n<p class=\"soft\">");
    buf_printf(&out, "%.10s</p>\n", origin->date);
    meaning(&out, evaluation);
    tiles(&out, evaluation);
    promise_section(&out, evaluation);
    reliability_section(&out, evaluation);
    risk_section(&out, evaluation);
    confusion_section(&out, evaluation);
    scope_section(&out, evaluation);
    classes_section(&out, evaluation);
    origin_section(&out, origin);
    buf_puts(&out, "</main></body></html>\n");
    return buf_take(&out);
}
