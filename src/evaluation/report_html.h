/* An evaluation as one HTML page: no script, nothing fetched, plots as inline SVG with a table behind each. */
#ifndef TRIAGED_EVALUATION_REPORT_HTML_H
#define TRIAGED_EVALUATION_REPORT_HTML_H

#include "base/buf.h"
#include "evaluation/evaluation.h"

/* Where the figures come from; all borrowed, oos may be NULL. */
struct report_origin {
    const char *model, *model_hash, *data, *data_hash, *oos, *date;
};

/* The same evaluation and origin give the same bytes. The caller frees with mem_free. */
char *report_html(const struct evaluation *evaluation, const struct report_origin *origin);
/* Adds text with the characters that mean something in HTML escaped. */
void html_text(struct buf *out, const char *text);

#endif
