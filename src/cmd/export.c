/* triaged export: what reviewers answered, as rows for train and calibrate. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "queue/queue.h"

#define SAY_EVERY_US              3000000
#define CALIBRATION_SHARE_DEFAULT "0.3"

struct options {
    struct cmd_common common;
    const char *purpose, *out, *since, *share, *audit_percent;
    bool even;
};

struct sink {
    FILE *to;
    size_t rows;
    int64_t say_at_us;
    int failed; /* errno of the first write that failed */
};

static const struct {
    const char *name;
    size_t offset;
} option_table[] = {
    {"--for", offsetof(struct options, purpose)},
    {"--out", offsetof(struct options, out)},
    {"--since", offsetof(struct options, since)},
    {"--calibration-share", offsetof(struct options, share)},
    {"--audit-percent", offsetof(struct options, audit_percent)},
};

static int help(void)
{
    puts("usage: triaged export --for train|calibrate [--out FILE] [--since TIME] [--calibration-share S]\n"
         "                      [--audit-percent P] [--even] [--config FILE]\n\n"
         "Writes published answers of reviewers as JSON Lines {id, subject, body, sender, channel, lang, label, suggested,\n"
         "confidence, outcome, origin, profile, answered_at, weight}: the form that train and calibrate read. Left out\n"
         "are answers that say no label (escalated, wrong input, wrong policy), known answers, and those that a second\n"
         "reviewer contradicts.\n\n"
         "  --for                 train or calibrate: each ticket belongs to one of them, always the same, so that a\n"
         "                        promise is never certified on what the model was trained with\n"
         "  --out FILE            replaced in one step (default: standard output)\n"
         "  --since TIME          answers published since then, such as 2026-11-01 or '7 days ago'\n"
         "  --calibration-share S the part of the tickets that is kept for calibrating (default 0.3); never change it\n"
         "                        between two exports for one model\n"
         "  --audit-percent P     of what no person sees, what part was audited (default: triage.audit_percent)\n"
         "  --even                thins out the rows by their weights, so that they are like the real traffic and each\n"
         "                        counts once: what calibrate takes them for. Needs many answers\n\n"
         "weight is one through the probability that the ticket came to a person: 1 for what was sent to review, 100/P\n"
         "for an audit. The database user needs the role triage_migrator: the rows are the tickets' texts.");
    return 0;
}

static int parse_one(struct options *self, int argc, char **argv, int *i)
{
    int taken = cmd_common_take(&self->common, argc, argv, i);
    size_t k = 0;

    if (taken)
        return taken < 0 ? EX_USAGE : 0;
    if (strcmp(argv[*i], "--even") == 0) {
        self->even = true;
        return 0;
    }
    while (k < ARRAY_LEN(option_table) && strcmp(argv[*i], option_table[k].name) != 0)
        k++;
    if (k == ARRAY_LEN(option_table))
        return cmd_misuse("export", argv[*i]);
    if (*i + 1 >= argc)
        return cmd_needs_value("export", argv[*i]);
    *(const char **)(void *)((char *)self + option_table[k].offset) = argv[++*i];
    return 0;
}

static int parse(struct options *self, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int rc = parse_one(self, argc, argv, &i);
        if (rc)
            return rc;
    }
    if (self->purpose && (strcmp(self->purpose, "train") == 0 || strcmp(self->purpose, "calibrate") == 0))
        return 0;
    fputs("triaged export: say --for train or --for calibrate; try 'triaged export --help'\n", stderr);
    return EX_USAGE;
}

/* A number of the command line within (0, most]; with zero too where that is said. */
static int number_of(const char *option, const char *text, bool zero, double most, double *ret_number)
{
    char *end;
    double number = strtod(text, &end);

    if (*text && !*end && number <= most && (number > 0 || (zero && number == 0))) {
        *ret_number = number;
        return 0;
    }
    fprintf(stderr, "triaged export: %s must be a number %s 0 and %g, not %s\n", option, zero ? "between" : "above", most,
            text);
    return EX_USAGE;
}

static int wanted_of(const struct options *options, const struct config *config, struct queue_export *ret_wanted)
{
    double percent = config->triage.audit_percent, share;
    int rc = number_of("--calibration-share", options->share ? options->share : CALIBRATION_SHARE_DEFAULT, true, 1, &share);

    if (rc == 0 && options->audit_percent)
        rc = number_of("--audit-percent", options->audit_percent, false, 100, &percent);
    if (rc)
        return rc;
    *ret_wanted = (struct queue_export){.purpose = options->purpose,
                                        .since = options->since,
                                        .calibration_share = share,
                                        .audit_share = percent > 0 ? percent / 100 : 1,
                                        .even = options->even};
    return 0;
}

static int take_row(void *opaque, const char *json)
{
    struct sink *self = opaque;
    int64_t now = clock_mono_us();

    if (fprintf(self->to, "%s\n", json) < 0) {
        self->failed = errno;
        return -1;
    }
    self->rows++;
    if (now >= self->say_at_us) {
        self->say_at_us = now + SAY_EVERY_US;
        fprintf(stderr, "triaged export: %zu rows\n", self->rows);
    }
    return 0;
}

static int write_rows(const struct config *config, const struct queue_export *wanted, struct sink *sink, struct err *reterr)
{
    struct queue *queue = NULL;
    int rc = queue_open(&config->postgres, "triaged-export", &queue, reterr);

    if (rc == 0)
        rc = queue_check_schema(queue, reterr);
    if (rc == 0)
        rc = queue_export(queue, wanted, take_row, sink, reterr);
    queue_close(queue);
    if (rc == 0 && !sink->failed && fflush(sink->to) != 0)
        sink->failed = errno;
    if (rc == 0 && sink->failed)
        rc = err_set(reterr, ERR_PERMANENT, EX_IOERR, "cannot write the rows: %s", strerror(sink->failed));
    return rc;
}

/* Beside the file, then in its place: who reads it sees the old rows or the new ones. */
static int write_file(const struct config *config, const struct queue_export *wanted, const char *path, struct sink *sink,
                      struct err *reterr)
{
    CLEANUP(buf_free) struct buf beside = {0};
    int rc;

    buf_printf(&beside, "%s.new", path);
    sink->to = fopen(buf_str(&beside), "we");
    if (!sink->to)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "cannot write %s: %s", buf_str(&beside), strerror(errno));
    rc = write_rows(config, wanted, sink, reterr);
    if (fclose(sink->to) != 0 && rc == 0)
        rc = err_set(reterr, ERR_PERMANENT, EX_IOERR, "cannot write %s: %s", buf_str(&beside), strerror(errno));
    if (rc == 0 && rename(buf_str(&beside), path) < 0)
        rc = err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "cannot put the rows in place of %s: %s", path, strerror(errno));
    if (rc < 0)
        (void)unlink(buf_str(&beside));
    return rc;
}

int cmd_export(int argc, char **argv)
{
    struct sink sink = {.to = stdout, .say_at_us = clock_mono_us() + SAY_EVERY_US};
    struct options options = {0};
    struct queue_export wanted;
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (cmd_wants_help(argc, argv))
        return help();
    rc = parse(&options, argc, argv);
    if (rc == 0)
        rc = cmd_load_config(&options.common, &config);
    if (rc == 0)
        rc = wanted_of(&options, config, &wanted);
    if (rc == 0) {
        rc = options.out ? write_file(config, &wanted, options.out, &sink, &err)
                         : write_rows(config, &wanted, &sink, &err);
        rc = rc < 0 ? cmd_fail("export", &err) : 0;
    }
    if (rc == 0)
        fprintf(stderr, "triaged export: %zu rows for %s\n", sink.rows, options.purpose);
    config_free(config);
    return rc;
}
