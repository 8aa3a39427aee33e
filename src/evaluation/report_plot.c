/* A frame maps values to pixels; the plots draw into it. */
#include "evaluation/report_plot.h"

#include <math.h>

#include "base/mem.h"

#define WIDTH            640.0
#define LEFT             62.0
#define RIGHT            28.0
#define TOP              14.0
#define BOTTOM           46.0
#define CURVE_POINTS_MAX 300.0
#define SETTLED_ROWS     20 /* an error rate over fewer rows jumps about; the curve begins here */
#define TICKS            5
#define PIXELS_A_TICK    40.0 /* upwards; a low panel gets fewer */

/* One panel: values x_low..x_high by 0..y_high, drawn between these pixels. */
struct frame {
    double top, height, x_low, x_high, y_high;
};

static double x_of(const struct frame *self, double x)
{
    return LEFT + (x - self->x_low) / (self->x_high - self->x_low) * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct frame *self, double y)
{
    return self->top + self->height * (1 - fmin(y, self->y_high) / self->y_high);
}

static void begin(struct buf *out, double height, const char *title, const char *description)
{
    buf_printf(out, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\"><desc>%s</desc>\n", WIDTH, height,
               title, description);
}

static void text_at(struct buf *out, double x, double y, const char *class, const char *text)
{
    buf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, text);
}

/* 1, 2 or 5 times a power of ten, so that as many as fit into the height reach the value. */
static double nice_step(double most, double height)
{
    double raw = most / fmin(TICKS, floor(height / PIXELS_A_TICK)), power = pow(10, floor(log10(raw))),
           rest = raw / power;

    return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

static struct frame frame_for(double height, double most)
{
    double step = nice_step(most > 0 ? most : 1, height);

    return (struct frame){.top = TOP, .height = height, .x_high = 1, .y_high = step * ceil(most / step - 1e-9)};
}

/* Horizontal lines with their values, as percentages. */
static void draw_y(struct buf *out, const struct frame *frame, const char *title)
{
    double step = nice_step(frame->y_high, frame->height);

    for (double y = 0; y <= frame->y_high + step / 2; y += step) {
        double at = y_of(frame, y);
        buf_printf(out, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>", LEFT, WIDTH - RIGHT,
                   at, at);
        buf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"tick end\">%g&#8201;%%</text>\n", LEFT - 8, at + 4,
                   round(1e4 * y) / 100);
    }
    buf_printf(out, "<text transform=\"translate(14 %.1f) rotate(-90)\" class=\"axis mid\">%s</text>\n",
               frame->top + frame->height / 2, title);
}

static void draw_x_percent(struct buf *out, const struct frame *frame, const char *title)
{
    double bottom = frame->top + frame->height;

    for (int t = 0; t <= TICKS; t++) {
        double x = frame->x_low + (frame->x_high - frame->x_low) * t / TICKS;
        buf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"tick mid\">%.0f&#8201;%%</text>\n", x_of(frame, x),
                   bottom + 18, 100 * x);
    }
    text_at(out, LEFT + (WIDTH - LEFT - RIGHT) / 2, bottom + 38, "axis mid", title);
}

/* ---- reliability ---- */

/* What share is right in each bin, with the interval that chance leaves. */
static void draw_bins(struct buf *out, const struct frame *frame, const struct evaluation *evaluation)
{
    double delta = (1 - EVALUATION_INTERVAL) / 2;

    for (int b = 0; b < STATS_ECE_BINS; b++) {
        const struct reliability_bin *bin = &evaluation->bins[b];
        size_t right = (size_t)lround(bin->accuracy * (double)bin->n);
        double x = x_of(frame, bin->confidence);
        if (bin->n == 0)
            continue;
        buf_printf(out, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"whisker\"/>", x, x,
                   y_of(frame, stats_binomial_upper(right, bin->n, delta)),
                   y_of(frame, 1 - stats_binomial_upper(bin->n - right, bin->n, delta)));
        buf_printf(out,
                   "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" class=\"dot\"><title>stated %.1f %%, right %.1f %%, %zu "
                   "rows</title></circle>\n",
                   x, y_of(frame, bin->accuracy), 100 * bin->confidence, 100 * bin->accuracy, bin->n);
    }
}

static void draw_histogram(struct buf *out, const struct frame *frame, const struct evaluation *evaluation)
{
    double width = (x_of(frame, 1) - x_of(frame, 0)) / STATS_ECE_BINS, bottom = frame->top + frame->height;

    for (int b = 0; b < STATS_ECE_BINS; b++) {
        size_t n = evaluation->bins[b].n;
        double y = y_of(frame, evaluation_share(n, evaluation->n));
        if (n > 0)
            buf_printf(out,
                       "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"bar\"><title>%zu "
                       "rows</title></rect>\n",
                       x_of(frame, (double)b / STATS_ECE_BINS) + 1, y, width - 2, fmax(bottom - y, 1), n);
    }
}

void plot_reliability(struct buf *out, const struct evaluation *evaluation)
{
    struct frame frame = {.top = TOP, .height = 300, .x_high = 1, .y_high = 1}, below;
    double most = 0;

    for (int b = 0; b < STATS_ECE_BINS; b++)
        most = fmax(most, evaluation_share(evaluation->bins[b].n, evaluation->n));
    below = frame_for(90, most);
    below.top = TOP + frame.height + 26;
    begin(out, below.top + below.height + BOTTOM, "Reliability diagram",
          "Stated confidence against the share that was right, and below it how often each confidence was stated. The "
          "table below holds the same figures.");
    draw_y(out, &frame, "share right");
    buf_printf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"ideal\"/>\n", x_of(&frame, 0),
               y_of(&frame, 0), x_of(&frame, 1), y_of(&frame, 1));
    text_at(out, x_of(&frame, 0.02), y_of(&frame, 0.93), "note", "above the dashed line: better than it says");
    text_at(out, x_of(&frame, 0.98), y_of(&frame, 0.04), "note end", "below: too sure of itself");
    draw_bins(out, &frame, evaluation);
    draw_y(out, &below, "tickets");
    draw_histogram(out, &below, evaluation);
    draw_x_percent(out, &below, "stated confidence");
    buf_puts(out, "</svg>\n");
}

/* ---- risk and coverage ---- */

/* Largest error rate at any coverage, once it has settled. */
static double highest_risk(const struct evaluation *evaluation)
{
    double most = 0;
    size_t errors = 0;

    for (size_t i = 0; i < evaluation->n; i++) {
        errors += !evaluation->outcomes[i].correct;
        if (i + 1 >= SETTLED_ROWS || i + 1 == evaluation->n)
            most = fmax(most, evaluation_share(errors, i + 1));
    }
    return most;
}

static void draw_curve(struct buf *out, const struct frame *frame, const struct evaluation *evaluation)
{
    size_t errors = 0, n = evaluation->n, step = (size_t)ceil((double)n / CURVE_POINTS_MAX);
    const char *verb = "M";

    buf_puts(out, "<path class=\"curve\" d=\"");
    for (size_t i = 0; i < n; i++) {
        errors += !evaluation->outcomes[i].correct;
        if (i + 1 != n && (i + 1 < SETTLED_ROWS || (i + 1) % step != 0))
            continue;
        buf_printf(out, "%s%.1f %.1f", verb, x_of(frame, evaluation_share(i + 1, n)),
                   y_of(frame, evaluation_share(errors, i + 1)));
        verb = "L";
    }
    buf_puts(out, "\"/>\n");
}

/* As if every error were known beforehand: none until the right rows are used up. */
static void draw_best(struct buf *out, const struct frame *frame, const struct evaluation *evaluation)
{
    double accuracy = evaluation_share(evaluation->right, evaluation->n);

    buf_printf(out, "<path class=\"ideal\" d=\"M%.1f %.1fL%.1f %.1f", x_of(frame, 0), y_of(frame, 0),
               x_of(frame, accuracy), y_of(frame, 0));
    for (int k = 1; k <= TICKS * 4; k++) {
        double coverage = accuracy + (1 - accuracy) * k / (TICKS * 4);
        buf_printf(out, "L%.1f %.1f", x_of(frame, coverage), y_of(frame, 1 - accuracy / coverage));
    }
    buf_puts(out, "\"/>\n");
}

void plot_risk(struct buf *out, const struct evaluation *evaluation)
{
    struct frame frame = frame_for(280, fmax(highest_risk(evaluation), 0.01));

    begin(out, TOP + frame.height + BOTTOM, "Error rate against coverage",
          "What share of the labels is wrong when only the most confident tickets are taken. The table below holds the "
          "same figures.");
    draw_y(out, &frame, "wrong among these");
    draw_best(out, &frame, evaluation);
    draw_curve(out, &frame, evaluation);
    for (size_t k = 0; k < EVALUATION_COVERAGES; k++) {
        const struct risk_point *point = &evaluation->coverages[k];
        double coverage = evaluation_share(point->n, evaluation->n), risk = evaluation_share(point->errors, point->n);
        buf_printf(out,
                   "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" class=\"dot\"><title>%.0f %% of the tickets, confidence "
                   "%.3f and more: %.2f %% wrong</title></circle>\n",
                   x_of(&frame, coverage), y_of(&frame, risk), 100 * coverage, point->threshold, 100 * risk);
    }
    draw_x_percent(out, &frame, "share of the tickets taken, most confident first");
    buf_puts(out, "</svg>\n");
}

/* ---- scope ---- */

static double tallest(const size_t *bins, size_t n)
{
    size_t most = 0;

    for (int b = 0; b < EVALUATION_SCOPE_BINS; b++)
        most = bins[b] > most ? bins[b] : most;
    return evaluation_share(most, n);
}

static void draw_outline(struct buf *out, const struct frame *frame, const size_t *bins, size_t n, const char *class)
{
    double width = (frame->x_high - frame->x_low) / EVALUATION_SCOPE_BINS;

    buf_printf(out, "<path class=\"%s\" d=\"M%.1f %.1f", class, x_of(frame, frame->x_low), y_of(frame, 0));
    for (int b = 0; b < EVALUATION_SCOPE_BINS; b++) {
        double y = y_of(frame, evaluation_share(bins[b], n));
        buf_printf(out, "L%.1f %.1fL%.1f %.1f", x_of(frame, frame->x_low + width * b), y,
                   x_of(frame, frame->x_low + width * (b + 1)), y);
    }
    buf_printf(out, "L%.1f %.1fZ\"/>\n", x_of(frame, frame->x_high), y_of(frame, 0));
}

void plot_scope(struct buf *out, const struct evaluation *evaluation)
{
    const struct scope_figures *scope = &evaluation->scope;
    struct frame frame = frame_for(220, fmax(tallest(scope->in, evaluation->n), tallest(scope->out, scope->n)));
    double bottom = frame.top + frame.height;

    frame.x_low = scope->low;
    frame.x_high = scope->high > scope->low ? scope->high : scope->low + 1;
    begin(out, bottom + BOTTOM, "Scope scores of tickets in and out of scope",
          "How the scope scores of both kinds of tickets are spread. The table below holds the same figures.");
    draw_y(out, &frame, "share of its kind");
    draw_outline(out, &frame, scope->out, scope->n, "outside");
    draw_outline(out, &frame, scope->in, evaluation->n, "inside");
    for (int t = 0; t <= TICKS; t++) {
        double x = frame.x_low + (frame.x_high - frame.x_low) * t / TICKS;
        buf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"tick mid\">%.2f</text>\n", x_of(&frame, x), bottom + 18,
                   x);
    }
    text_at(out, LEFT + (WIDTH - LEFT - RIGHT) / 2, bottom + 38, "axis mid",
            "scope score: further right looks more like a known class");
    buf_puts(out, "</svg>\n");
}
