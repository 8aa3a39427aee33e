/* Feeds the detector, and finds whose errors made it speak. */
#include "decide/watch.h"

#include <string.h>

#include "base/mem.h"
#include "decide/detector.h"

struct tally {
    const char *label;
    size_t n, errors;
};

static struct tally *tally_of(struct tally *tallies, size_t *n, const char *label)
{
    for (size_t i = 0; i < *n; i++) {
        if (strcmp(tallies[i].label, label) == 0)
            return &tallies[i];
    }
    tallies[*n] = (struct tally){.label = label};
    return &tallies[(*n)++];
}

/* The class with the most errors beyond what was promised. */
static struct tally *worst(struct tally *tallies, size_t n, double max_error)
{
    struct tally *found = NULL;
    double most = 0;

    for (size_t i = 0; i < n; i++) {
        double excess = (double)tallies[i].errors - max_error * (double)tallies[i].n;
        if (tallies[i].errors && (!found || excess > most)) {
            found = &tallies[i];
            most = excess;
        }
    }
    return found;
}

/* Worst classes first, until what is left errs no more often than promised. */
static void find_culprits(const struct watch_verdict *verdicts, size_t n, const char *label, double max_error,
                          struct watch_finding *finding)
{
    struct tally *tallies = mem_array(n ? n : 1, sizeof *tallies), *one;
    size_t n_tallies = 0, left = 0, errors = 0;

    for (size_t i = 0; i < n; i++) {
        if (label && strcmp(verdicts[i].label, label) != 0)
            continue;
        one = tally_of(tallies, &n_tallies, verdicts[i].label);
        one->n++;
        one->errors += verdicts[i].wrong;
        left++;
        errors += verdicts[i].wrong;
    }
    while (finding->n_culprits < WATCH_CULPRITS_MAX && (double)errors > max_error * (double)left &&
           (one = worst(tallies, n_tallies, max_error))) {
        memcpy(finding->culprits[finding->n_culprits++], one->label, LABEL_MAX);
        left -= one->n;
        errors -= one->errors;
        one->n = one->errors = 0;
    }
    mem_free(tallies);
}

void watch_judge(const struct watch_verdict *verdicts, size_t n, const char *label, double max_error, double alpha,
                 struct watch_finding *ret_finding)
{
    struct watch_finding finding = {0};
    struct detector detector;
    size_t last = 0, first, back;

    detector_init(&detector, max_error, alpha);
    for (size_t i = 0; i < n && !finding.alarm; i++) {
        if (label && strcmp(verdicts[i].label, label) != 0)
            continue;
        finding.alarm = detector_feed(&detector, verdicts[i].wrong);
        finding.n++;
        finding.errors += verdicts[i].wrong;
        finding.at = verdicts[i].number;
        last = i;
    }
    finding.evidence = detector_evidence(&detector);
    finding.stretch = detector.since;
    for (first = last + 1, back = 0; first > 0 && back < detector.since; first--) /* the stretch's verdicts, of this scope */
        back += !label || strcmp(verdicts[first - 1].label, label) == 0;
    if (finding.alarm)
        find_culprits(verdicts + first, last + 1 - first, label, max_error, &finding);
    *ret_finding = finding;
}
