/* What the language model's opinion on labels is worth: asks it for labelled rows exactly as the worker would, and
 * counts how often classifier and model agree, and who is right where they differ. */
#ifndef TRIAGED_EVALUATION_LANGUAGE_OPINION_H
#define TRIAGED_EVALUATION_LANGUAGE_OPINION_H

#include "base/json.h"
#include "evaluation/rows.h"
#include "triage/classifier.h"

#define LANGUAGE_OPINION_ROWS 100 /* asked, when nothing is said */

struct language_opinion {
    size_t rows;     /* looked at */
    size_t asked;    /* of them: the others find no source, or are ignored or empty */
    size_t unusable; /* no answer, or none that could be read */
    size_t agree, agree_right;
    size_t differ, differ_classifier_right, differ_model_right;
    double seconds; /* of a call, mean */
};

/* config_path: the worker's configuration, for policy, knowledge and model server. rows_most are taken, evenly spaced.
 */
int language_opinion_measure(const char *config_path, const struct classifier *model, const struct rows *rows,
                             size_t rows_most, struct language_opinion *ret_opinion, struct err *reterr);
void language_opinion_print(const struct language_opinion *self);
cJSON *language_opinion_json(const struct language_opinion *self);

#endif
