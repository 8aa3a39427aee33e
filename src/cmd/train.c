/* triaged train: labelled rows in, a model file out. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "decide/train.h"
#include "evaluation/rows.h"
#include "triage/encoder.h"

#define DATA_MAX 64 /* --data options */

struct options {
    const char *data[DATA_MAX];
    size_t n_data;
    const char *valid, *out, *encoder, *target;
    bool no_encoder;
};

static int help(void)
{
    puts("usage: triaged train --data FILE|FOLDER [--data ...] [--valid FILE] --out MODEL [--encoder DIR | "
         "--no-encoder]\n                     [--target FIELD]\n\n"
         "Trains a model on JSON Lines {id, subject, body, sender, channel, label}. Solver and cost are chosen out of\n"
         "fold, the temperature too; with --valid they are chosen on that file. The same rows give the same bytes.\n\n"
         "  --data         labelled rows; a folder stands for every *.jsonl in it\n"
         "  --valid        labelled rows to choose and calibrate on, not used for fitting\n"
         "  --out          the model file, replaced in one step\n"
         "  --encoder      the encoder's folder (default: $TRIAGED_ENCODER, else where deploy/lib/encoder.sh puts it)\n"
         "  --no-encoder   the linear tier alone; so too when there is no encoder\n" ROWS_TARGET_HELP);
    return 0;
}

/* Where a value goes; NULL: no such option. */
static const char **place(struct options *self, const char *option)
{
    const struct {
        const char *name, **at;
    } table[] = {{"--valid", &self->valid},
                 {"--encoder", &self->encoder},
                 {"--out", &self->out},
                 {"--target", &self->target},
                 {"--data", &self->data[self->n_data]}};

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (strcmp(option, table[i].name) == 0)
            return table[i].at;
    }
    return NULL;
}

static int parse(int argc, char **argv, struct options *self)
{
    for (int i = 1; i < argc; i++) {
        const char *option = argv[i], **at = place(self, option);
        if (strcmp(option, "--no-encoder") == 0) {
            self->no_encoder = true;
            continue;
        }
        if (!at)
            return cmd_misuse("train", option);
        if (i + 1 >= argc)
            return cmd_needs_value("train", option);
        *at = argv[++i];
        self->n_data += at == &self->data[self->n_data] && self->n_data + 1 < DATA_MAX;
    }
    if (self->n_data > 0 && self->out)
        return 0;
    fputs("triaged train: --data and --out are needed; try 'triaged train --help'\n", stderr);
    return EX_USAGE;
}

static void say(UNUSED void *context, const char *line)
{
    fprintf(stderr, "%s\n", line);
}

static void print_report(const struct train_report *report, const char *out)
{
    const struct train_trial *chosen = &report->trials[report->chosen];
    char name[TRAIN_TRIAL_NAME_MAX];

    printf("%s: %zu rows, %zu labels, %zu features\n", out, report->n_rows, report->n_labels, report->n_features);
    printf("chosen: %s, temperature %.4f, slope %.4f\n", train_trial_name(chosen, name),
           report->calibration.temperature, report->calibration.slope);
    if (report->encoder)
        printf("encoder: %g of the mixture, asked below a confidence of %g: %.1f %% of the texts; accuracy of the "
               "linear tier "
               "%.4f, with the encoder everywhere %.4f\n",
               report->encoder_share, report->encoder_gate, 100 * report->encoder_seen, report->accuracy_linear,
               report->accuracy_everywhere);
    printf(
        "held out (%zu rows): accuracy %.4f, calibration error %.4f (a perfectly calibrated model would show %.4f)\n",
        report->n_held, report->accuracy, report->ece, report->ece_if_perfect);
}

static void warn_bad(const struct rows *rows)
{
    if (rows->n_bad)
        fprintf(stderr, "triaged train: %zu lines were passed over, the first: %s\n", rows->n_bad, rows->first_bad);
}

int cmd_train(int argc, char **argv)
{
    struct options options = {0};
    CLEANUP(rows_done) struct rows rows = {0};
    CLEANUP(rows_done) struct rows valid = {0};
    struct train_report report;
    char encoder[ENCODER_PATH_MAX];
    struct err err = {0};
    int code;

    if (cmd_wants_help(argc, argv))
        return help();
    code = parse(argc, argv, &options);
    if (code)
        return code;
    if (rows_read(options.data, options.n_data, options.target, &rows, &err) < 0 ||
        (options.valid && rows_read(&options.valid, 1, options.target, &valid, &err) < 0))
        return cmd_fail("train", &err);
    warn_bad(&rows);
    warn_bad(&valid);
    if (!options.no_encoder && !options.encoder) {
        if (encoder_find(encoder))
            options.encoder = encoder;
        else
            fputs("triaged train: there is no encoder (deploy/lib/encoder.sh fetches it): the linear tier alone\n",
                  stderr);
    }
    struct train_input input = {.rows = rows.rows,
                                .n_rows = rows.n,
                                .valid = options.valid ? valid.rows : NULL,
                                .n_valid = valid.n,
                                .encoder_dir = options.no_encoder ? NULL : options.encoder,
                                .say = say};
    if (classifier_train(&input, options.out, &report, &err) < 0)
        return cmd_fail("train", &err);
    print_report(&report, options.out);
    return rows.n_bad || valid.n_bad ? EX_DATAERR : 0;
}
