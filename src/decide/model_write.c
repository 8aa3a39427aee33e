/* Lays the sections out one after the other in memory, hashes them and writes the file beside its final name. */
#include "decide/model_write.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"

#define PATH_LEN_MAX 4096

static void align(struct buf *out)
{
    static const char zeros[MODEL_ALIGN];
    size_t over = out->len % MODEL_ALIGN;

    if (over)
        buf_add(out, zeros, MODEL_ALIGN - over);
}

static void add_section(struct buf *out, struct model_params *params, enum model_section which, const void *bytes,
                        size_t len)
{
    align(out);
    params->section_at[which] = out->len;
    params->section_len[which] = len;
    if (len)
        buf_add(out, bytes, len);
}

static void add_labels(struct buf *out, struct model_params *params, const struct corpus *corpus)
{
    CLEANUP(buf_free) struct buf labels = {0};

    for (size_t i = 0; i < corpus->n_labels; i++)
        buf_add(&labels, corpus->labels[i], strlen(corpus->labels[i]) + 1);
    add_section(out, params, MODEL_LABELS, labels.data, labels.len);
}

/* What each row stands for: the first n-gram in the data that fell into its bucket. */
static void add_ngrams(struct buf *out, struct model_params *params, const struct model_parts *parts)
{
    CLEANUP(buf_free) struct buf text = {0};
    const struct vocabulary *vocabulary = fit_set_vocabulary(parts->set);
    uint32_t *at = mem_array(fit_set_rows(parts->set), sizeof *at);
    struct extractor *extractor = extractor_new();
    char ngram[FEATURE_NGRAM_MAX];

    buf_add(&text, "", 1);
    for (size_t i = 0; i < parts->corpus->n_rows; i++) {
        const struct feature *list;
        size_t n = extractor_run(extractor, &parts->rows[i].text, &list);
        for (size_t k = 0; k < n; k++) {
            uint32_t row = vocabulary->rows[list[k].bucket];
            if (row == VOCABULARY_NONE || at[row])
                continue;
            at[row] = (uint32_t)text.len;
            extractor_ngram(extractor, k, ngram);
            buf_add(&text, ngram, strlen(ngram) + 1);
        }
    }
    extractor_free(extractor);
    add_section(out, params, MODEL_NGRAM_AT, at, fit_set_rows(parts->set) * sizeof *at);
    add_section(out, params, MODEL_NGRAMS, text.data, text.len);
    mem_free(at);
}

static void lay_out(const struct model_parts *parts, struct buf *out)
{
    const struct vocabulary *vocabulary = fit_set_vocabulary(parts->set);
    struct model_prefix prefix = {.version = MODEL_VERSION, .features_version = FEATURES_VERSION};
    struct model_params params = parts->params;
    size_t rows = fit_set_rows(parts->set);

    params.n_labels = (uint32_t)parts->corpus->n_labels;
    params.n_rows = (uint32_t)rows;
    params.stride = (uint32_t)fit_stride(params.n_labels);
    buf_add(out, &prefix, sizeof prefix);
    buf_add(out, &params, sizeof params);
    add_labels(out, &params, parts->corpus);
    add_section(out, &params, MODEL_INDEX, vocabulary->rows, FEATURE_BUCKETS * sizeof(uint32_t));
    add_section(out, &params, MODEL_IDF, vocabulary->idf_root, rows * sizeof(float));
    add_ngrams(out, &params, parts);
    add_section(out, &params, MODEL_WEIGHTS, parts->weights, (rows + 1) * params.stride * sizeof(float));
    add_section(out, &params, MODEL_SEQUENCE, parts->sequence, sizeof *parts->sequence);
    add_section(out, &params, MODEL_REPORT, parts->report, strlen(parts->report) + 1);
    add_section(out, &params, MODEL_ENCODER, parts->second->data, parts->second->len);
    memcpy(out->data + sizeof prefix, &params, sizeof params);
    memcpy(prefix.magic, MODEL_MAGIC, sizeof prefix.magic);
    prefix.payload_len = out->len - sizeof prefix;
    crypto_hash_sha256(prefix.sha256, (unsigned char *)out->data + sizeof prefix, prefix.payload_len);
    memcpy(out->data, &prefix, sizeof prefix);
}

static int write_all(int fd, const struct buf *bytes)
{
    for (size_t done = 0; done < bytes->len;) {
        ssize_t n = write(fd, bytes->data + done, bytes->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        done += (size_t)n;
    }
    return fsync(fd);
}

int model_write(const struct model_parts *parts, const char *path, struct err *reterr)
{
    CLEANUP(buf_free) struct buf bytes = {0};
    char beside[PATH_LEN_MAX];
    int fd, written, saved;

    if (snprintf(beside, sizeof beside, "%s.%ld.tmp", path, (long)getpid()) >= (int)sizeof beside)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "the path of the model is too long");
    fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "cannot write the model %s: %s", path, strerror(errno));
    lay_out(parts, &bytes);
    written = write_all(fd, &bytes);
    saved = errno;
    if (close(fd) == 0 && written == 0 && rename(beside, path) == 0)
        return 0;
    saved = written < 0 ? saved : errno;
    unlink(beside);
    return err_set(reterr, ERR_PERMANENT, EX_IOERR, "cannot write the model %s: %s", path, strerror(saved));
}
