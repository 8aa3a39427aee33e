/* Vectors of titles and passages, compared one by one: a knowledge base has thousands of them, not millions. */
#include "draft/meaning.h"

#include <stdbool.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"

/* What the makers of bge-small want before a question, and not before what answers it. */
#define QUESTION_PREFIX "Represent this sentence for searching relevant passages: "

enum { PASSAGE_BYTES_MAX = 800, HEADING_BYTES_MAX = 120, CONTINUATION_BITS = 0xc0, CONTINUATION = 0x80 };

/* Chosen with those of the words' index on one half of a public set of questions; tests/bench/retrieval.py measures.
 * The words' score is about 5 to 30 for a good article, so a unit of nearness weighs much more than one of it. */
static const double title_weight = 200, passage_weight = 120;
static const double not_near = 0.5; /* inner product of texts that have nothing in common but their language */

struct row {
    float vector[ENCODER_DIM];
    size_t article;
    bool title;
};

struct meaning {
    struct encoder *encoder;
    struct row *rows;
    size_t n, cap;
};

struct meaning *meaning_new(struct encoder *encoder)
{
    struct meaning *self = mem_alloc(sizeof *self);

    self->encoder = encoder;
    return self;
}

void meaning_free(struct meaning *self)
{
    if (!self)
        return;
    mem_free(self->rows);
    mem_free(self);
}

/* ---- adding ---- */

static int add_row(struct meaning *self, size_t article, bool title, const char *text, struct err *reterr)
{
    struct row *row;

    if (!text[strspn(text, " \t\r\n")])
        return 0;
    if (self->n == self->cap) {
        self->cap = self->cap ? self->cap * 2 : 64;
        self->rows = mem_grow(self->rows, self->cap, sizeof *self->rows);
    }
    row = &self->rows[self->n];
    row->article = article;
    row->title = title;
    if (encoder_embed(self->encoder, text, row->vector, reterr) < 0)
        return -1;
    self->n++;
    return 0;
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
    while (end > 1 && (text[end] & CONTINUATION_BITS) == CONTINUATION)
        end--;
    return end;
}

/* Each passage begins with the heading that it stands under. */
static int add_passages(struct meaning *self, size_t article, const char *body, struct err *reterr)
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
        if (add_row(self, article, false, passage.data, reterr) < 0)
            return -1;
        body += len;
    }
    return 0;
}

int meaning_add(struct meaning *self, size_t article, const char *title, const char *body, struct err *reterr)
{
    if (add_row(self, article, true, title, reterr) < 0)
        return -1;
    return add_passages(self, article, body, reterr);
}

/* ---- searching ---- */

static double nearness(const float one[ENCODER_DIM], const float other[ENCODER_DIM])
{
    float sum = 0;

    for (int i = 0; i < ENCODER_DIM; i++)
        sum += one[i] * other[i];
    return (double)sum - not_near;
}

int meaning_search(struct meaning *self, const char *question, double *scores, size_t n_scores, struct err *reterr)
{
    CLEANUP(mem_freep) double *titles = mem_array(n_scores + 1, sizeof *titles);
    CLEANUP(mem_freep) double *passages = mem_array(n_scores + 1, sizeof *passages);
    CLEANUP(buf_free) struct buf text = {0};
    float vector[ENCODER_DIM];

    buf_printf(&text, QUESTION_PREFIX "%s", question);
    if (encoder_embed(self->encoder, text.data, vector, reterr) < 0)
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
