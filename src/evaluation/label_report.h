/* What is wrong with the classes and the labels of a data set (decide/taxonomy.h), with the rows it was found in. */
#ifndef TRIAGED_EVALUATION_LABEL_REPORT_H
#define TRIAGED_EVALUATION_LABEL_REPORT_H

#include "decide/corpus.h"
#include "decide/held_out.h"
#include "decide/taxonomy.h"
#include "evaluation/rows.h"
#include "triage/classifier.h"
#include "triage/err.h"
#include "triage/policy.h"

#define LABEL_REPORT_LINE_MAX 80 /* bytes of a row's text as shown, with the terminator */

struct label_judge {
    const struct classifier *model; /* NULL: each row is judged by one that was trained on the others */
    struct classifier_scratch *scratch;
    const struct policy *policy; /* compared with the classes; NULL: not */
};

struct label_report {
    struct label_judge judge;
    struct rows rows;
    struct corpus *corpus;
    struct held_guess *guesses;
    struct taxonomy taxonomy;
    size_t right; /* rows that are guessed as they are labelled */
};

/* data: a file or folder of labelled rows. Fails with EX_DATAERR where there are none. What it fills needs
 * label_report_done, after a failure, too. */
int label_report_make(const char *data, const struct label_judge *judge, struct label_report *ret_report,
                      struct err *reterr);
void label_report_done(struct label_report *self); /* for CLEANUP */

void label_report_print(const struct label_report *self); /* with what to do about each finding */
void label_report_print_json(const struct label_report *self);

/* Guesses beyond the labels of the data are labels of the model. */
const char *label_report_name(const struct label_report *self, uint32_t label);
/* 0 for a label that no row has. */
size_t label_report_rows_of(const struct label_report *self, const char *label);
/* Subject and beginning of the body on one line; returns out. */
char *label_report_line(const struct classifier_text *text, char out[LABEL_REPORT_LINE_MAX]);

#endif
