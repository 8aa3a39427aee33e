/* The report for people: each kind of finding with examples and what to do about it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "evaluation/label_report.h"

#define FINDINGS_SHOWN 10  /* of a kind; the JSON has all */
#define EXAMPLES_SHOWN 3   /* of a cluster or a group of equal texts */
#define GOOD_WITNESS   0.8 /* accuracy below which a confident contradiction is often the model's fault */

/* How many rows of a list carry each label, most first. */
struct tally {
    uint32_t label;
    size_t n;
};

static int by_tally(const void *a, const void *b)
{
    const struct tally *one = a, *other = b;

    if (one->n != other->n)
        return one->n > other->n ? -1 : 1;
    return (one->label > other->label) - (one->label < other->label);
}

static struct tally *tally_of(const struct label_report *self, const size_t *rows, size_t n, size_t *ret_n)
{
    struct tally *tally = mem_array(n + 1, sizeof *tally);
    size_t n_tally = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < n_tally && tally[k].label != self->corpus->rows[rows[i]].label)
            k++;
        if (k == n_tally)
            tally[n_tally++] = (struct tally){self->corpus->rows[rows[i]].label, 0};
        tally[k].n++;
    }
    qsort(tally, n_tally, sizeof *tally, by_tally);
    *ret_n = n_tally;
    return tally;
}

/* ---- kinds of findings ---- */

static void heading(size_t n, const char *what, const char *advice)
{
    printf("\n%s: %zu\n", what, n);
    if (n > 0)
        printf("  What to do: %s\n", advice);
}

static void more(size_t n, size_t shown)
{
    if (n > shown)
        printf("  ... and %zu more; --json lists all\n", n - shown);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void print_row(const struct label_report *self, size_t row)
{
    const struct held_guess *guess = &self->guesses[row];
    char text[LABEL_REPORT_LINE_MAX];

    printf("    %-20s labelled %s, looks like %s (%.2f): %s\n", self->rows.rows[row].id,
           label_report_name(self, self->corpus->rows[row].label), label_report_name(self, guess->guess),
           guess->confidence, label_report_line(&self->rows.rows[row].text, text));
}

static void print_tally(const struct label_report *self, const size_t *rows, size_t n)
{
    size_t n_tally;
    CLEANUP(mem_freep) struct tally *tally = tally_of(self, rows, n, &n_tally);

    for (size_t i = 0; i < n_tally && i < EXAMPLES_SHOWN; i++)
        printf("%s%s %zu", i ? ", " : "", label_report_name(self, tally[i].label), tally[i].n);
    printf("%s", n_tally > EXAMPLES_SHOWN ? ", ..." : "");
}

static void print_overlaps(const struct label_report *self)
{
    const struct taxonomy *taxonomy = &self->taxonomy;

    heading(taxonomy->n_overlaps, "Classes that overlap",
            "merge the two where nobody needs the difference; else write down what tells them apart and label the\n"
            "  examples again by it.");
    for (size_t i = 0; i < least(taxonomy->n_overlaps, FINDINGS_SHOWN); i++) {
        const struct overlap *overlap = &taxonomy->overlaps[i];
        printf("  %s and %s: %.0f %% of their tickets are taken for the other (%zu and %zu)\n",
               label_report_name(self, overlap->one), label_report_name(self, overlap->other), 100 * overlap->share,
               overlap->one_as_other, overlap->other_as_one);
        for (size_t k = 0; k < overlap->n_examples; k++)
            print_row(self, overlap->examples[k]);
    }
    more(taxonomy->n_overlaps, FINDINGS_SHOWN);
}

static size_t count_thin(const struct label_report *self)
{
    size_t n = 0;

    for (size_t k = 0; k < self->corpus->n_labels; k++)
        n += self->taxonomy.class_rows[k] < TAXONOMY_THIN_ROWS;
    return n;
}

static void print_thin(const struct label_report *self)
{
    heading(count_thin(self), "Classes with too few tickets to learn from",
            "label more of them, or fold them into a neighbour.");
    for (size_t k = 0; k < self->corpus->n_labels; k++) {
        if (self->taxonomy.class_rows[k] < TAXONOMY_THIN_ROWS)
            printf("  %s: %zu\n", self->corpus->labels[k], self->taxonomy.class_rows[k]);
    }
}

static void print_policy(const struct label_report *self)
{
    size_t dead = 0, unknown = 0;

    if (!self->judge.policy)
        return;
    for (size_t i = 0; i < policy_class_count(self->judge.policy); i++)
        dead += label_report_rows_of(self, policy_class_at(self->judge.policy, i)->label) == 0;
    for (size_t k = 0; k < self->corpus->n_labels; k++)
        unknown += policy_class_find(self->judge.policy, self->corpus->labels[k]) == NULL;
    heading(dead, "Classes of the policy without a single ticket", "label some, or take the class out of the policy.");
    for (size_t i = 0; i < policy_class_count(self->judge.policy); i++) {
        if (label_report_rows_of(self, policy_class_at(self->judge.policy, i)->label) == 0)
            printf("  %s\n", policy_class_at(self->judge.policy, i)->label);
    }
    heading(unknown, "Labels that the policy does not know",
            "correct the spelling, or add the class to the policy; the worker refuses a model with such a label.");
    for (size_t k = 0; k < self->corpus->n_labels; k++) {
        if (!policy_class_find(self->judge.policy, self->corpus->labels[k]))
            printf("  %s: %zu\n", self->corpus->labels[k], self->taxonomy.class_rows[k]);
    }
}

static void print_clusters(const struct label_report *self)
{
    const struct taxonomy *taxonomy = &self->taxonomy;

    heading(taxonomy->n_clusters, "Groups of like tickets that fit no class well",
            "where a group is a subject of its own, make it a class; where it is not, give its label more examples.");
    for (size_t i = 0; i < least(taxonomy->n_clusters, FINDINGS_SHOWN); i++) {
        const struct cluster *cluster = &taxonomy->clusters[i];
        const size_t *rows = taxonomy->cluster_rows + cluster->first;
        printf("  %zu tickets", cluster->n);
        for (size_t k = 0; k < cluster->n_ngrams; k++)
            printf("%s \"%s\"", k == 0 ? " with" : ",", cluster->ngrams[k]);
        printf(", labelled ");
        print_tally(self, rows, cluster->n);
        puts("");
        for (size_t k = 0; k < least(cluster->n, EXAMPLES_SHOWN); k++)
            print_row(self, rows[k]);
    }
    more(taxonomy->n_clusters, FINDINGS_SHOWN);
}

static void print_same(const struct label_report *self, bool conflict, size_t n)
{
    const struct taxonomy *taxonomy = &self->taxonomy;
    size_t shown = 0;
    char text[LABEL_REPORT_LINE_MAX];

    for (size_t i = 0; i < taxonomy->n_same && shown < FINDINGS_SHOWN; i++) {
        const struct same_text *same = &taxonomy->same[i];
        const size_t *rows = taxonomy->same_rows + same->first;
        if (same->conflict != conflict)
            continue;
        shown++;
        printf("  %zu times, labelled ", same->n);
        print_tally(self, rows, same->n);
        printf(": %s\n    ", label_report_line(&self->rows.rows[rows[0]].text, text));
        for (size_t k = 0; k < least(same->n, EXAMPLES_SHOWN); k++)
            printf("%s%s", k ? ", " : "", self->rows.rows[rows[k]].id);
        puts(same->n > EXAMPLES_SHOWN ? ", ..." : "");
    }
    more(n, shown);
}

static void print_suspects(const struct label_report *self)
{
    const struct taxonomy *taxonomy = &self->taxonomy;

    heading(taxonomy->n_suspects, "Labels that are likely wrong",
            "look at them, the first ones first; correct what is wrong and leave the rest.");
    if (taxonomy->n_suspects > 0 && (double)self->right < GOOD_WITNESS * (double)self->corpus->n_rows)
        puts(
            "  The model is no good witness here: it is often wrong itself, so most of these will be hard, not wrong.");
    for (size_t i = 0; i < least(taxonomy->n_suspects, FINDINGS_SHOWN); i++)
        print_row(self, taxonomy->suspects[i]);
    more(taxonomy->n_suspects, FINDINGS_SHOWN);
}

void label_report_print(const struct label_report *self)
{
    const struct taxonomy *taxonomy = &self->taxonomy;
    size_t only_repeats = taxonomy->n_same - taxonomy->n_conflicts;

    printf("%zu tickets in %zu classes; %s puts %.1f %% of them where their label says\n", self->corpus->n_rows,
           self->corpus->n_labels, self->judge.model ? "the model" : "a model that did not see them",
           100 * (double)self->right / (double)self->corpus->n_rows);
    heading(taxonomy->n_conflicts, "Equal texts with different labels",
            "decide which label is right; a model can't learn from both.");
    print_same(self, true, taxonomy->n_conflicts);
    print_suspects(self);
    print_overlaps(self);
    print_clusters(self);
    print_thin(self);
    print_policy(self);
    heading(only_repeats, "Equal texts with one label",
            "nothing for training, which keeps them together; but never split them between training and measuring.");
    print_same(self, false, only_repeats);
}
