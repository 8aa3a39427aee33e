/* triaged calibrate: certify a promise on labelled rows that nothing else has used. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/opinion.h"
#include "cmd/rows.h"
#include "decide/linear.h"
#include "decide/promise.h"

struct options {
    const char *model, *data, *oos, *oos_share, *max_error, *confidence, *out;
};

static const struct {
    const char *name;
    size_t offset;
} option_table[] = {
    {"--model", offsetof(struct options, model)},           {"--data", offsetof(struct options, data)},
    {"--oos", offsetof(struct options, oos)},               {"--oos-share", offsetof(struct options, oos_share)},
    {"--max-error", offsetof(struct options, max_error)},   {"--confidence", offsetof(struct options, confidence)},
    {"--out", offsetof(struct options, out)},
};

static int help(void)
{
    puts("usage: triaged calibrate --model MODEL --data FILE --max-error E --confidence C --out PROMISE\n"
         "                         [--oos FILE --oos-share S]\n\n"
         "Finds the threshold at which at most the share E of the accepted labels is wrong, with confidence C, and\n"
         "writes it down as a promise. The rows must be like the real traffic and must not have been used for\n"
         "training or choosing. With --oos, out-of-scope rows make up the share S of the traffic. Where nothing can\n"
         "be certified the promise has no thresholds and says how many labels are missing.");
    return 0;
}

static int parse(int argc, char **argv, struct options *self)
{
    *self = (struct options){.max_error = "0.05", .confidence = "0.9"};
    for (int i = 1; i < argc; i++) {
        size_t k = 0;
        int taken = opinion_take("calibrate", argc, argv, &i);
        if (taken < 0)
            return EX_USAGE;
        if (taken)
            continue;
        while (k < ARRAY_LEN(option_table) && strcmp(argv[i], option_table[k].name) != 0)
            k++;
        if (k == ARRAY_LEN(option_table))
            return cmd_misuse("calibrate", argv[i]);
        if (i + 1 >= argc)
            return cmd_needs_value("calibrate", argv[i]);
        *(const char **)(void *)((char *)self + option_table[k].offset) = argv[++i];
    }
    if (self->model && self->data && self->out && !self->oos == !self->oos_share)
        return 0;
    fputs("triaged calibrate: --model, --data and --out are needed, and --oos goes with --oos-share; try "
          "'triaged calibrate --help'\n",
          stderr);
    return EX_USAGE;
}

/* A number strictly between 0 and 1. */
static int parse_share(const char *name, const char *text, double *ret_value)
{
    char *end;
    double value = strtod(text, &end);

    if (*text && *end == '\0' && value > 0 && value < 1) {
        *ret_value = value;
        return 0;
    }
    fprintf(stderr, "triaged calibrate: %s must lie between 0 and 1, not be %s\n", name, text);
    return EX_USAGE;
}

static struct promise_row *predict_all(const struct classifier *model, struct classifier_scratch *scratch,
                                       const struct rows *rows, bool oos)
{
    struct promise_row *out = mem_array(rows->n, sizeof *out);
    struct prediction prediction;

    for (size_t i = 0; i < rows->n; i++) {
        classifier_predict(model, scratch, &rows->rows[i].text, &prediction);
        out[i] = (struct promise_row){.confidence = prediction.top[0].confidence,
                                      .scope_score = prediction.scope_score,
                                      .wrong = oos || strcmp(prediction.top[0].label, rows->rows[i].label) != 0};
    }
    return out;
}

static int certify(const struct classifier *model, const struct options *options, const struct rows *rows,
                   const struct rows *oos, struct promise *ret_promise)
{
    struct classifier_view view;
    struct promise_input input = {.n = rows->n, .n_oos = oos->n, .n_sequence = MODEL_SEQUENCE_LEN};
    struct promise_row *in_rows, *oos_rows;
    struct classifier_scratch *scratch;
    int code = parse_share("--max-error", options->max_error, &input.max_error);

    if (!code)
        code = parse_share("--confidence", options->confidence, &input.confidence);
    if (!code && options->oos_share)
        code = parse_share("--oos-share", options->oos_share, &input.oos_share);
    if (code)
        return code;
    scratch = opinion_scratch("calibrate", model);
    if (!scratch)
        return EX_NOINPUT;
    classifier_look(model, &view);
    input.confidences = view.sequence->confidences;
    input.scopes = view.sequence->scopes;
    input.joint = view.sequence->joint;
    input.rows = in_rows = predict_all(model, scratch, rows, false);
    input.oos = oos_rows = predict_all(model, scratch, oos, true);
    promise_certify(&input, ret_promise);
    memcpy(ret_promise->model, classifier_hash(model), sizeof ret_promise->model);
    memcpy(ret_promise->data, rows->hash, sizeof ret_promise->data);
    clock_rfc3339(clock_wall_us(), ret_promise->created);
    mem_free(in_rows);
    mem_free(oos_rows);
    classifier_scratch_free(scratch);
    return 0;
}

static void print_promise(const struct promise *promise)
{
    if (promise->certified)
        printf("certified: at most %.1f %% wrong with confidence %.0f %%, at threshold %.4f\n"
               "coverage %.1f %% of the traffic; %zu accepted of %zu labelled rows, %zu of them wrong, bound %.4f\n",
               promise->max_error * 100, promise->confidence * 100, promise->threshold, promise->coverage * 100,
               promise->accepted, promise->n, promise->errors, promise->bound);
    else if (promise->reachable)
        printf("not certified: about %zu more labels are missing for at most %.1f %% wrong with confidence %.0f %%\n",
               promise->labels_missing, promise->max_error * 100, promise->confidence * 100);
    else
        printf("not certified: even the most confident labels are wrong too often; more labels (at least %zu) can show\n"
               "whether that is chance, a better model or clearer classes would help more\n",
               promise->labels_missing);
}

static int run(const struct options *options, struct classifier *model, struct rows *rows, struct rows *oos)
{
    struct promise promise;
    struct err err = {0};
    int code;

    if (rows_read(&options->data, 1, rows, &err) < 0 || (options->oos && rows_read(&options->oos, 1, oos, &err) < 0))
        return cmd_fail("calibrate", &err);
    if (rows->n_bad || oos->n_bad) {
        fprintf(stderr, "triaged calibrate: %s; a promise needs every row: mend the data\n",
                rows->n_bad ? rows->first_bad : oos->first_bad);
        return EX_DATAERR;
    }
    code = certify(model, options, rows, oos, &promise);
    if (code)
        return code;
    if (promise_save(&promise, options->out, &err) < 0)
        return cmd_fail("calibrate", &err);
    print_promise(&promise);
    return 0;
}

int cmd_calibrate(int argc, char **argv)
{
    struct options options;
    CLEANUP(rows_done) struct rows rows = {0};
    CLEANUP(rows_done) struct rows oos = {0};
    struct classifier *model = NULL;
    struct err err = {0};
    int code;

    if (cmd_wants_help(argc, argv))
        return help();
    code = parse(argc, argv, &options);
    if (code)
        return code;
    if (classifier_load(options.model, &model, &err) < 0)
        return cmd_fail("calibrate", &err);
    code = run(&options, model, &rows, &oos);
    classifier_free(model);
    return code;
}
