/* triaged embed: the encoder by itself, for tests, measurements and other tools. */
#include <stdio.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "evaluation/rows.h"
#include "triage/encoder.h"

enum { TOKENS_SHOWN_MAX = 512 };

struct options {
    const char *encoder;
    bool tokens, bench;
};

static const struct option_row option_rows[] = {
    ROW_TEXT("--encoder", "DIR", encoder,
             "where model.onnx, tokenizer.json and libonnxruntime.so lie (default: $TRIAGED_ENCODER, var/encoder)"),
    ROW_FLAG("--tokens", tokens, "the ids of the text's tokens instead, 512 at most"),
    ROW_EITHER("--bench", NULL, OPTION_FLAG, bench, "the CPU time of each text instead: {id, tokens, cpu_us}"),
};
static const struct option_table table_of_options = {
    .command = "embed",
    .streams = "< IN.jsonl > OUT.jsonl",
    .about = "Each row {id, subject, body} is answered by {id, vector}: 384 numbers of length one; texts with like "
             "meaning have a large inner product.",
    OPTION_ROWS(option_rows),
    .example = "triaged embed < tickets.jsonl > vectors.jsonl",
};

/* Subject and body as one text. */
static void text_of(const struct example *row, struct buf *text)
{
    buf_reset(text);
    buf_puts(text, row->text.subject);
    if (text->len && *row->text.body)
        buf_puts(text, "\n");
    buf_puts(text, row->text.body);
}

static cJSON *tokens_of(struct encoder *encoder, const char *text)
{
    int64_t ids[TOKENS_SHOWN_MAX];
    size_t n = encoder_tokens(encoder, text, ids, TOKENS_SHOWN_MAX);
    cJSON *array = cJSON_CreateArray();

    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(array, cJSON_CreateNumber((double)ids[i]));
    return array;
}

static int answer(struct encoder *encoder, const struct options *options, const char *text, cJSON *doc,
                  struct err *reterr)
{
    float vector[ENCODER_DIM];
    int64_t ids[TOKENS_SHOWN_MAX], began = clock_cpu_us();
    cJSON *array;

    if (options->tokens) {
        cJSON_AddItemToObject(doc, "tokens", tokens_of(encoder, text));
        return 0;
    }
    if (encoder_embed(encoder, text, vector, reterr) < 0)
        return -1;
    if (options->bench) {
        cJSON_AddNumberToObject(doc, "cpu_us", (double)(clock_cpu_us() - began));
        cJSON_AddNumberToObject(doc, "tokens", (double)encoder_tokens(encoder, text, ids, ENCODER_TOKENS_MAX));
        return 0;
    }
    array = cJSON_AddArrayToObject(doc, "vector");
    for (size_t i = 0; i < ENCODER_DIM; i++)
        cJSON_AddItemToArray(array, cJSON_CreateNumber(vector[i]));
    return 0;
}

static int filter(struct encoder *encoder, const struct options *options, struct err *reterr)
{
    struct row_reader *reader = row_reader_new(stdin, NULL);
    struct buf text = {0};
    struct example row;
    int got, bad = 0, rc = 0;

    while (rc == 0 && (got = row_reader_next(reader, &row, reterr)) != 0) {
        CLEANUP(json_done) cJSON *doc = NULL;
        if (got < 0) {
            bad = 1;
            jsonl_print_bad(row_reader_line(reader), reterr);
            continue;
        }
        doc = cJSON_CreateObject();
        text_of(&row, &text);
        cJSON_AddStringToObject(doc, "id", row.id);
        rc = answer(encoder, options, buf_str(&text), doc, reterr);
        jsonl_print(doc);
    }
    buf_free(&text);
    row_reader_free(reader);
    return rc < 0 ? -1 : bad;
}

int cmd_embed(int argc, char **argv)
{
    struct options options = {0};
    struct encoder *encoder = NULL;
    char dir[ENCODER_PATH_MAX];
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (!options.encoder && !encoder_find(dir)) {
        fputs("triaged embed: there is no encoder; fetch it with deploy/lib/encoder.sh, or give --encoder\n", stderr);
        return EX_NOINPUT;
    }
    if (encoder_open(options.encoder ? options.encoder : dir, ENCODER_TOKENS_MAX, 0, &encoder, &err) < 0)
        return cmd_fail("embed", &err);
    code = filter(encoder, &options, &err);
    encoder_close(encoder);
    if (code < 0)
        return cmd_fail("embed", &err);
    return code ? EX_DATAERR : 0;
}
