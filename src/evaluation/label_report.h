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

/* What it points to is borrowed until label_report_done. */
struct label_judge {
    const struct classifier *model;     /* NULL: each row is judged by one that was trained on the others */
    struct classifier_scratch *scratch; /* of the model, while it judges; NULL without */
    const struct policy *policy;        /* compared with the classes; NULL: not */
};

/* Begins as zeros. */
struct label_report {
    struct label_judge judge;
    struct rows rows;
    struct corpus *corpus;
    struct held_guess *guesses;
    struct taxonomy taxonomy;
    size_t right; /* rows that are guessed as they are labelled */
};

/* data: a file or folder of labelled rows. Fails with EX_DATAERR where there are none. */
int label_report_read(struct label_report *self, const char *data, struct err *reterr);
/* Finds what is wrong. Says on stderr what takes long. */
int label_report_judge(struct label_report *self, const struct label_judge *judge, struct err *reterr);
void label_report_done(struct label_report *self); /* for CLEANUP; also after a failure */

/* On stdout. */
void label_report_print(const struct label_report *self); /* with what to do about each finding */
void label_report_print_json(const struct label_report *self);

/* Guesses beyond the labels of the data are labels of the model. Borrowed. */
const char *label_report_name(const struct label_report *self, uint32_t label);
/* 0 for a label that no row has. */
size_t label_report_rows_of(const struct label_report *self, const char *label);
/* Subject and beginning of the body on one line; returns out. */
char *label_report_line(const struct classifier_text *text, char out[LABEL_REPORT_LINE_MAX]);

#endif
