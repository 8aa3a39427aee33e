/* triaged train: labelled rows in, a model file out. */
#include <stdio.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "decide/train.h"
#include "evaluation/rows.h"
#include "triage/encoder.h"

struct options {
    struct option_list data;
    const char *valid, *out, *encoder, *target;
    bool no_encoder;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--data", "FILE|FOLDER", OPTION_LIST, data, "labelled rows; a folder stands for every *.jsonl in it"),
    ROW_NEEDED("--out", "MODEL", OPTION_TEXT, out, "the model file, replaced in one step"),
    ROW_TEXT("--valid", "FILE", valid, "labelled rows to choose and calibrate on, not used for fitting"),
    ROW_TEXT("--encoder", "DIR", encoder,
             "the encoder's folder (default: $TRIAGED_ENCODER, else where deploy/lib/encoder.sh puts it)"),
    ROW_EITHER("--no-encoder", NULL, OPTION_FLAG, no_encoder, "the linear tier alone; so too when there is no encoder"),
    ROW_TARGET(target),
};
static const struct option_table table_of_options = {
    .command = "train",
    .about =
        "Trains a model on JSON Lines {id, subject, body, sender, channel, label}. Solver and cost are chosen out of "
        "fold, the temperature too; with --valid they are chosen on that file. The same rows give the same bytes.",
    OPTION_ROWS(option_rows),
    .example = "triaged train --data tickets.jsonl --out model.bin",
};

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

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (rows_read(options.data.at, options.data.n, options.target, &rows, &err) < 0 ||
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
