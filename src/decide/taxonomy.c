/* Counting guesses, comparing identities. */
#include "decide/taxonomy.h"

#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"

/* ---- classes ---- */

static void count_classes(const struct taxonomy_input *input, struct taxonomy *self)
{
    const struct corpus *corpus = input->corpus;

    self->class_rows = mem_array(corpus->n_labels, sizeof *self->class_rows);
    self->class_confidence = mem_array(corpus->n_labels, sizeof *self->class_confidence);
    for (size_t i = 0; i < corpus->n_rows; i++) {
        self->class_rows[corpus->rows[i].label]++;
        self->class_confidence[corpus->rows[i].label] += input->guesses[i].own;
    }
    for (size_t k = 0; k < corpus->n_labels; k++)
        self->class_confidence[k] /= self->class_rows[k] ? (double)self->class_rows[k] : 1;
}

/* ---- overlaps ---- */

/* A row taken for another class, its two classes in order. */
struct swap {
    uint32_t low, high;
    size_t row;
    double confidence;
    bool from_low;
};

static int by_classes(const void *a, const void *b)
{
    const struct swap *one = a, *other = b;

    if (one->low != other->low)
        return one->low < other->low ? -1 : 1;
    if (one->high != other->high)
        return one->high < other->high ? -1 : 1;
    if (one->from_low != other->from_low)
        return one->from_low ? -1 : 1;
    if (one->confidence != other->confidence)
        return one->confidence > other->confidence ? -1 : 1;
    return (one->row > other->row) - (one->row < other->row);
}

static int by_share(const void *a, const void *b)
{
    const struct overlap *one = a, *other = b;

    if (one->share != other->share)
        return one->share > other->share ? -1 : 1;
    if (one->one != other->one)
        return one->one < other->one ? -1 : 1;
    return (one->other > other->other) - (one->other < other->other);
}

static size_t collect_swaps(const struct taxonomy_input *input, struct swap *swaps)
{
    size_t n = 0;

    for (size_t i = 0; i < input->corpus->n_rows; i++) {
        uint32_t own = input->corpus->rows[i].label, guess = input->guesses[i].guess;
        if (guess == own || guess >= input->corpus->n_labels)
            continue;
        swaps[n++] = (struct swap){.low = own < guess ? own : guess,
                                   .high = own < guess ? guess : own,
                                   .row = i,
                                   .confidence = input->guesses[i].confidence,
                                   .from_low = own < guess};
    }
    qsort(swaps, n, sizeof *swaps, by_classes);
    return n;
}

/* n swaps of one pair of classes. */
static struct overlap overlap_of(const struct taxonomy *self, const struct swap *swaps, size_t n)
{
    struct overlap overlap = {.one = swaps[0].low, .other = swaps[0].high};

    for (size_t i = 0; i < n; i++) {
        size_t *side = swaps[i].from_low ? &overlap.one_as_other : &overlap.other_as_one;
        if ((*side)++ < TAXONOMY_EXAMPLES)
            overlap.examples[overlap.n_examples++] = swaps[i].row;
    }
    overlap.share = (double)n / (double)(self->class_rows[overlap.one] + self->class_rows[overlap.other]);
    return overlap;
}

static void find_overlaps(const struct taxonomy_input *input, struct taxonomy *self)
{
    struct swap *swaps = mem_array(input->corpus->n_rows, sizeof *swaps);
    size_t n = collect_swaps(input, swaps);

    self->overlaps = mem_array(n + 1, sizeof *self->overlaps);
    for (size_t i = 0, end; i < n; i = end) {
        struct overlap overlap;
        for (end = i; end < n && swaps[end].low == swaps[i].low && swaps[end].high == swaps[i].high;)
            end++;
        overlap = overlap_of(self, swaps + i, end - i);
        if (overlap.share >= TAXONOMY_OVERLAP_SHARE && end - i >= TAXONOMY_OVERLAP_ROWS)
            self->overlaps[self->n_overlaps++] = overlap;
    }
    qsort(self->overlaps, self->n_overlaps, sizeof *self->overlaps, by_share);
    mem_free(swaps);
}

/* ---- likely wrong labels ---- */

struct doubt {
    double excess; /* probability of the guess minus that of the label */
    size_t row;
};

static int by_excess(const void *a, const void *b)
{
    const struct doubt *one = a, *other = b;

    if (one->excess != other->excess)
        return one->excess > other->excess ? -1 : 1;
    return (one->row > other->row) - (one->row < other->row);
}

/* A row is suspect when it looks as much like another class as that class's own rows do on average.
 * Source: Northcutt et al., Confident learning (JAIR 70, 2021). */
static bool suspect(const struct taxonomy_input *input, const struct taxonomy *self, size_t row)
{
    const struct held_guess *guess = &input->guesses[row];

    return guess->guess != input->corpus->rows[row].label && guess->guess < input->corpus->n_labels &&
           guess->confidence >= self->class_confidence[guess->guess] && guess->confidence >= TAXONOMY_UNSURE;
}

static void find_suspects(const struct taxonomy_input *input, struct taxonomy *self)
{
    struct doubt *doubts = mem_array(input->corpus->n_rows, sizeof *doubts);

    for (size_t i = 0; i < input->corpus->n_rows; i++) {
        if (suspect(input, self, i))
            doubts[self->n_suspects++] = (struct doubt){input->guesses[i].confidence - input->guesses[i].own, i};
    }
    qsort(doubts, self->n_suspects, sizeof *doubts, by_excess);
    self->suspects = mem_array(self->n_suspects + 1, sizeof *self->suspects);
    for (size_t i = 0; i < self->n_suspects; i++)
        self->suspects[i] = doubts[i].row;
    mem_free(doubts);
}

/* ---- the same text more than once ---- */

static int by_trouble(const void *a, const void *b)
{
    const struct same_text *one = a, *other = b;

    if (one->conflict != other->conflict)
        return one->conflict ? -1 : 1;
    if (one->n != other->n)
        return one->n > other->n ? -1 : 1;
    return (one->first > other->first) - (one->first < other->first);
}

/* Rows of a group that carry the label of one before them. */
static size_t repeats_of(const struct corpus *corpus, const size_t *rows, size_t n)
{
    size_t repeats = 0;

    for (size_t i = 1; i < n; i++) {
        size_t k = 0;
        while (k < i && corpus->rows[rows[k]].label != corpus->rows[rows[i]].label)
            k++;
        repeats += k < i;
    }
    return repeats;
}

static void find_same(const struct taxonomy_input *input, struct taxonomy *self)
{
    const struct corpus *corpus = input->corpus;
    CLEANUP(mem_freep) struct corpus_place *places = corpus_by_identity(corpus);

    self->same_rows = mem_array(corpus->n_rows, sizeof *self->same_rows);
    self->same = mem_array(corpus->n_rows, sizeof *self->same);
    for (size_t i = 0, end; i < corpus->n_rows; i = end) {
        struct same_text same = {.first = i};
        size_t repeats;
        for (end = i; end < corpus->n_rows && places[end].identity == places[i].identity; end++)
            self->same_rows[end] = places[end].row;
        same.n = end - i;
        repeats = repeats_of(corpus, self->same_rows + i, same.n);
        same.conflict = repeats + 1 < same.n;
        if (same.n < 2)
            continue;
        self->n_repeats += repeats;
        self->n_conflicts += same.conflict;
        self->same[self->n_same++] = same;
    }
    qsort(self->same, self->n_same, sizeof *self->same, by_trouble);
}

/* ---- all of it ---- */

void taxonomy_make(const struct taxonomy_input *input, struct taxonomy *ret_taxonomy)
{
    struct taxonomy self = {0};

    count_classes(input, &self);
    find_overlaps(input, &self);
    find_suspects(input, &self);
    find_same(input, &self);
    taxonomy_find_clusters(input, &self);
    *ret_taxonomy = self;
}

void taxonomy_done(struct taxonomy *self)
{
    mem_free(self->class_rows);
    mem_free(self->class_confidence);
    mem_free(self->overlaps);
    mem_free(self->suspects);
    mem_free(self->same_rows);
    mem_free(self->same);
    mem_free(self->cluster_rows);
    mem_free(self->clusters);
    *self = (struct taxonomy){0};
}
