/* Scoring with the second opinion. */
#include "decide/second.h"

#include <math.h>
#include <string.h>

#include "decide/linear.h"
#include "decide/text.h"

#define TEXT_BYTES_MAX 16384 /* more than the encoder's token cap ever reads */

bool second_open(const void *section, size_t len, size_t n_labels, struct second *ret_second)
{
    const struct second_params *params = section;
    size_t head;

    if (len < sizeof *params || params->version != SECOND_VERSION || params->n_labels != n_labels ||
        params->stride < n_labels || params->stride % LINEAR_STRIDE_UNIT != 0 ||
        params->n_vectors < SECOND_NEIGHBOURS || params->n_vectors > SECOND_NEIGHBOURS_OF ||
        !memchr(params->encoder, '\0', sizeof params->encoder) || !(params->linear_unit > 0) || !(params->encoder_unit > 0))
        return false;
    head = (size_t)(ENCODER_DIM + 1) * params->stride * sizeof(float);
    if (len != sizeof *params + head + (size_t)params->n_vectors * ENCODER_DIM * sizeof(int16_t))
        return false;
    *ret_second = (struct second){.params = params,
                                  .head = (const float *)(params + 1),
                                  .vectors = (const int16_t *)((const char *)(params + 1) + head)};
    return true;
}

static bool add_newest(struct buf *out, const char *body)
{
    struct text_lines lines;
    struct text_line line;
    size_t len = strlen(body);

    if (!text_has_newest(body, len))
        return false;
    text_lines_start(&lines, body, len);
    while (out->len < TEXT_BYTES_MAX && text_lines_next(&lines, &line)) {
        if (line.part != TEXT_NEWEST)
            continue;
        buf_add(out, line.text, line.len);
        buf_puts(out, "\n");
    }
    return true;
}

void second_text(const struct classifier_text *text, struct buf *out)
{
    buf_reset(out);
    buf_puts(out, text->subject ? text->subject : "");
    if (out->len)
        buf_puts(out, "\n");
    if (text->body && !add_newest(out, text->body))
        buf_puts(out, text->body);
}

/* ---- the head ---- */

static void head_scores(const struct second *self, const float vector[ENCODER_DIM], float *scores)
{
    size_t stride = self->params->stride;

    memcpy(scores, self->head + (size_t)ENCODER_DIM * stride, stride * sizeof *scores);
    for (size_t i = 0; i < ENCODER_DIM; i++) {
        const float *row = self->head + i * stride;
        for (size_t k = 0; k < stride; k++)
            scores[k] += vector[i] * row[k];
    }
}

/* ---- nearness ---- */

static int32_t product(const int16_t *restrict one, const int16_t *restrict other)
{
    int32_t sum = 0;

    for (size_t i = 0; i < ENCODER_DIM; i++)
        sum += one[i] * other[i];
    return sum;
}

void second_quantize(const float vector[ENCODER_DIM], int16_t *ret_vector)
{
    for (size_t i = 0; i < ENCODER_DIM; i++)
        ret_vector[i] = (int16_t)lrintf(vector[i] * SECOND_UNIT);
}

double second_near(const int16_t *vectors, size_t n, const int16_t *vector, const unsigned char *marks, unsigned char skipped)
{
    int32_t nearest[SECOND_NEIGHBOURS] = {0};
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        int32_t likeness;
        size_t at = SECOND_NEIGHBOURS - 1;
        if (marks && marks[i] == skipped)
            continue;
        likeness = product(vectors + i * ENCODER_DIM, vector);
        if (likeness <= nearest[at])
            continue;
        for (; at > 0 && likeness > nearest[at - 1]; at--)
            nearest[at] = nearest[at - 1];
        nearest[at] = likeness;
    }
    for (size_t i = 0; i < SECOND_NEIGHBOURS; i++)
        sum += nearest[i];
    return sum / SECOND_NEIGHBOURS / ((double)SECOND_UNIT * SECOND_UNIT);
}

/* ---- both ---- */

static float largest(const float *scores, size_t n)
{
    float max = scores[0];

    for (size_t i = 1; i < n; i++)
        max = scores[i] > max ? scores[i] : max;
    return max;
}

void second_parts(const struct second_params *params, const float *head, const float *linear, double near,
                  double ret_parts[SECOND_PARTS])
{
    ret_parts[SECOND_NEAR] = near;
    ret_parts[SECOND_ENERGY] = linear_energy(head, params->n_labels, params->encoder_unit);
    ret_parts[SECOND_LARGEST] = (double)largest(linear, params->n_labels);
}

double second_scope(const struct second_params *params, const double parts[SECOND_PARTS])
{
    double sum = 0;

    for (size_t i = 0; i < SECOND_PARTS; i++)
        sum += (parts[i] - params->mean[i]) / params->deviation[i];
    return sum;
}

void second_mix(const struct second_params *params, const float *linear, const float *head, float *ret_mixed)
{
    float a = (float)((1 - params->share) / params->linear_unit), b = (float)(params->share / params->encoder_unit);

    for (size_t k = 0; k < params->stride; k++)
        ret_mixed[k] = a * linear[k] + b * head[k];
}

void second_scores(const struct second *self, const float vector[ENCODER_DIM], const float *linear, float *head,
                   float *ret_mixed, double *ret_scope)
{
    int16_t quantized[ENCODER_DIM];
    double parts[SECOND_PARTS];

    head_scores(self, vector, head);
    second_mix(self->params, linear, head, ret_mixed);
    second_quantize(vector, quantized);
    second_parts(self->params, head, linear,
                 second_near(self->vectors, self->params->n_vectors, quantized, NULL, 0), parts);
    *ret_scope = second_scope(self->params, parts);
}

double second_scope_unseen(const struct second *self, double linear_scope)
{
    const double *from = self->params->linear_at, *to = self->params->scope_at;
    size_t i = 1;

    while (i < SECOND_MAP - 1 && linear_scope > from[i])
        i++;
    if (from[i] <= from[i - 1])
        return to[i];
    /* beyond both ends the last piece goes on */
    return to[i - 1] + (linear_scope - from[i - 1]) * (to[i] - to[i - 1]) / (from[i] - from[i - 1]);
}
