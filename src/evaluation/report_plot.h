/* The plots of a report as inline SVG; colours and fonts come from the page's style sheet. */
#ifndef TRIAGED_EVALUATION_REPORT_PLOT_H
#define TRIAGED_EVALUATION_REPORT_PLOT_H

#include "base/buf.h"
#include "evaluation/evaluation.h"

/* Each writes one <svg>. */
void plot_reliability(struct buf *out, const struct evaluation *evaluation);
void plot_risk(struct buf *out, const struct evaluation *evaluation);
void plot_scope(struct buf *out, const struct evaluation *evaluation);

#endif
