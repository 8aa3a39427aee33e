/* Vectors of titles and passages, compared one by one: a knowledge base has thousands of them, not millions. */
#include "knowledge/meaning.h"

#include <stdbool.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

/* What the makers of bge-small want before a question, and not before what answers it. */
#define QUESTION_PREFIX "Represent this sentence for searching relevant passages: "

enum {
    QUESTION_BYTES_MAX = 600, /* that are embedded: people say first what they want, and each token costs time */
    PASSAGE_BYTES_MAX = 800,
    HEADING_BYTES_MAX = 120
};

/* Chosen with those of the words' index on one half of a public set of questions; tests/bench/retrieval.py measures.
 * The words' score is about 5 to 30 for a good article, so a unit of nearness weighs much more than one of it. */
static const double title_weight = 200, passage_weight = 120;
static const double not_near = 0.5; /* inner product of texts that have nothing in common but their language */

struct row {
    char *text;          /* until meaning_finish */
    const float *vector; /* from then on */
    size_t article;
    bool title;
};

struct meaning {
    struct row *rows;
    size_t n, cap;
    struct vectors *vectors;
};

struct meaning *meaning_new(void)
{
    return mem_alloc(sizeof(struct meaning));
}

void meaning_free(struct meaning *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++)
        mem_free(self->rows[i].text);
    mem_free(self->rows);
    vectors_free(self->vectors);
    mem_free(self);
}

/* ---- adding ---- */

static void add_row(struct meaning *self, size_t article, bool title, const char *text)
{
    if (!text[strspn(text, " \t\r\n")])
        return;
    if (self->n == self->cap) {
        self->cap = self->cap ? self->cap * 2 : 64;
        self->rows = mem_grow(self->rows, self->cap, sizeof *self->rows);
    }
    self->rows[self->n++] = (struct row){.text = mem_strdup(text), .article = article, .title = title};
}

/* Bytes of the passage that begins here: up to the next heading, else at a line's or a word's end. */
static size_t passage_length(const char *text)
{
    const char *heading = strstr(text + 1, "\n#");
    size_t len = heading ? (size_t)(heading + 1 - text) : strlen(text);
    size_t end = PASSAGE_BYTES_MAX, half = PASSAGE_BYTES_MAX / 2;

    if (len <= PASSAGE_BYTES_MAX)
        return len;
    for (size_t i = end; i > half; i--) {
        if (text[i - 1] == '\n')
            return i;
    }
    for (size_t i = end; i > half; i--) {
        if (text[i - 1] == ' ')
            return i;
    }
    return utf8_cut(text, len, PASSAGE_BYTES_MAX);
}

/* Each passage begins with the heading that it stands under. */
static void add_passages(struct meaning *self, size_t article, const char *body)
{
    CLEANUP(buf_free) struct buf passage = {0};
    const char *heading = "";
    size_t heading_len = 0, n = 0;

    while (*body && n++ < PASSAGES_MAX) {
        size_t len = passage_length(body);
        buf_reset(&passage);
        if (*body == '#') {
            heading = body;
            heading_len = strcspn(body, "\n");
        } else if (heading_len && heading_len <= HEADING_BYTES_MAX) {
            buf_add(&passage, heading, heading_len);
            buf_putc(&passage, '\n');
        }
        buf_add(&passage, body, len);
        add_row(self, article, false, passage.data);
        body += len;
    }
}

void meaning_add(struct meaning *self, size_t article, const char *title, const char *body)
{
    add_row(self, article, true, title);
    add_passages(self, article, body);
}

/* ---- vectors ---- */

static int embed(struct meaning *self, struct encoder *encoder, const struct vectors *known, size_t *made,
                 struct err *reterr)
{
    float vector[ENCODER_DIM];

    for (size_t i = 0; i < self->n; i++) {
        const float *found = vectors_find(known, self->rows[i].text);
        if (!found && encoder_embed(encoder, self->rows[i].text, vector, reterr) < 0)
            return -1;
        *made += !found;
        vectors_add(self->vectors, self->rows[i].text, found ? found : vector);
    }
    return 0;
}

int meaning_finish(struct meaning *self, struct encoder *encoder, const struct vectors *known, size_t *ret_made,
                   struct err *reterr)
{
    size_t made = 0;

    self->vectors = vectors_new(encoder_hash(encoder));
    if (embed(self, encoder, known, &made, reterr) < 0)
        return -1;
    vectors_sort(self->vectors);
    for (size_t i = 0; i < self->n; i++) {
        self->rows[i].vector = vectors_find(self->vectors, self->rows[i].text);
        mem_free(self->rows[i].text);
        self->rows[i].text = NULL;
    }
    *ret_made = made;
    return 0;
}

const struct vectors *meaning_vectors(const struct meaning *self)
{
    return self->vectors;
}

/* ---- searching ---- */

static double nearness(const float *one, const float *other)
{
    float sum = 0;

    for (int i = 0; i < ENCODER_DIM; i++)
        sum += one[i] * other[i];
    return (double)sum - not_near;
}

int meaning_search(const struct meaning *self, struct encoder *encoder, const char *question, double *scores,
                   size_t n_scores, struct err *reterr)
{
    CLEANUP(mem_freep) double *titles = mem_array(n_scores + 1, sizeof *titles);
    CLEANUP(mem_freep) double *passages = mem_array(n_scores + 1, sizeof *passages);
    CLEANUP(buf_free) struct buf text = {0};
    float vector[ENCODER_DIM];

    buf_puts(&text, QUESTION_PREFIX);
    buf_add(&text, question, utf8_cut(question, strlen(question), QUESTION_BYTES_MAX));
    if (encoder_embed(encoder, text.data, vector, reterr) < 0)
        return -1;
    for (size_t i = 0; i < self->n; i++) {
        const struct row *row = &self->rows[i];
        double *best = row->title ? titles : passages;
        double near = nearness(vector, row->vector);
        if (row->article < n_scores && near > best[row->article])
            best[row->article] = near;
    }
    for (size_t a = 0; a < n_scores; a++)
        scores[a] += title_weight * titles[a] + passage_weight * passages[a];
    return 0;
}
