/* triaged export: what reviewers answered, as rows for train and calibrate. */
#include <errno.h>
#include <stdio.h>
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
#define CALIBRATION_SHARE_DEFAULT 0.3
#define AUDIT_PERCENT_LEAST       1e-9

struct options {
    struct cmd_common common;
    const char *purpose, *out, *since;
    double share, audit_percent; /* audit_percent: 0 not given */
    bool even;
};

struct sink {
    FILE *to;
    size_t rows;
    int64_t say_at_us;
    int failed; /* errno of the first write that failed */
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--for", "train|calibrate", OPTION_CHOICE, purpose,
               "each ticket belongs to one of them, always the same, so that a promise is never certified on what the "
               "model was trained with"),
    ROW_TEXT("--out", "FILE", out, "replaced in one step (default: standard output)"),
    ROW_TEXT("--since", "TIME", since, "answers published since then, such as 2026-11-01 or '7 days ago'"),
    ROW_NUMBER("--calibration-share", "S", share, 0, 1,
               "the part of the tickets that is kept for calibrating (default 0.3); never change it between two "
               "exports for one model"),
    ROW_NUMBER("--audit-percent", "P", audit_percent, AUDIT_PERCENT_LEAST, 100,
               "of what no person sees, what part was audited (default: triage.audit_percent)"),
    ROW_FLAG("--even", even,
             "thins out the rows by their weights, so that they are like the real traffic and each counts once: what "
             "calibrate takes them for. Needs many answers"),
};
static const struct option_table table_of_options = {
    .command = "export",
    .about = "Writes published answers of reviewers as JSON Lines {id, subject, body, sender, channel, lang, label, "
             "suggested, confidence, outcome, origin, profile, answered_at, weight}: the form that train and calibrate "
             "read. Left out are answers that say no label (escalated, wrong input, wrong policy), known answers, and "
             "those that a second reviewer contradicts.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .notes = "weight is one through the probability that the ticket came to a person: 1 for what was sent to review, "
             "100/P for an audit. The database user needs the role triage_migrator: the rows are the tickets' texts.",
    .example = "triaged export --for train --out train.jsonl",
};

static struct queue_export wanted_of(const struct options *options, const struct config *config)
{
    double percent = options->audit_percent > 0 ? options->audit_percent : config->triage.audit_percent;

    return (struct queue_export){.purpose = options->purpose,
                                 .since = options->since,
                                 .calibration_share = options->share,
                                 .audit_share = percent > 0 ? percent / 100 : 1,
                                 .even = options->even};
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

static int write_rows(const struct config *config, const struct queue_export *wanted, struct sink *sink,
                      struct err *reterr)
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
static int write_file(const struct config *config, const struct queue_export *wanted, const char *path,
                      struct sink *sink, struct err *reterr)
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
        rc = err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "cannot put the rows in place of %s: %s", path,
                     strerror(errno));
    if (rc < 0)
        (void)unlink(buf_str(&beside));
    return rc;
}

int cmd_export(int argc, char **argv)
{
    struct sink sink = {.to = stdout, .say_at_us = clock_mono_us() + SAY_EVERY_US};
    struct options options = {.share = CALIBRATION_SHARE_DEFAULT};
    struct queue_export wanted;
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (!cmd_begin(&table_of_options, argc, argv, &options, &config, &rc))
        return rc;
    wanted = wanted_of(&options, config);
    rc = options.out ? write_file(config, &wanted, options.out, &sink, &err) : write_rows(config, &wanted, &sink, &err);
    rc = rc < 0 ? cmd_fail("export", &err) : 0;
    if (rc == 0)
        fprintf(stderr, "triaged export: %zu rows for %s\n", sink.rows, options.purpose);
    config_free(config);
    return rc;
}
