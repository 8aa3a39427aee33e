/* Autonomy's side of the queue: evidence of a class, its steps, and answers on hold. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "queue/queue_state.h"

enum { NUMBER_TEXT_MAX = 24 };

static const char sql_evidence[] =
    "select e.level, coalesce(e.since::text, ''), coalesce(e.demoted_at::text, ''), coalesce(e.demoted_for, ''), "
    "coalesce(e.demoted_promise, ''), e.labels, e.looked, e.overrides, coalesce(e.share_of_manual, -1), "
    "coalesce(e.reviewed_days, -1), coalesce(e.reviewed_by, '') "
    "from triage.autonomy_evidence($1, $2, $3::integer, $4::triage.level) e";
static const char sql_promote[] = "select triage.promote($1, $2, $3::triage.level, $4::triage.level, $5::triage.level, "
                                  "$6, $7, $8, $9, $10, $11::jsonb)";
static const char sql_demote[] = "select triage.demote($1, $2, $3, $4, $5::jsonb, nullif($6, ''), $7, $8, nullif($9, "
                                 "'')::triage.level, $10::triage.level, $11)";
static const char sql_reviewed[] = "select triage.quality_reviewed($1, $2, $3, $4)";
static const char sql_steps[] =
    "select h.at::text, h.from_level, h.to_level, h.reason, h.text, h.actor, h.owner, h.evidence "
    "from triage.autonomy_history h where h.profile = $1 and h.label = $2 order by h.history_id";
static const char sql_holds[] = "select h.item_id, h.key, h.profile, h.label, h.due from triage.holds($1::integer) h";
static const char sql_release[] = "select triage.release_hold($1::bigint)";
static const char sql_stop[] = "select triage.stop_hold($1::bigint, $2)";

static void copy(char *to, size_t size, const PGresult *row, int column)
{
    snprintf(to, size, "%s", PQgetvalue(row, 0, column));
}

int queue_class_evidence(struct queue *self, const struct queue_class *class, int window,
                         struct queue_evidence *ret_evidence, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    char number[NUMBER_TEXT_MAX];
    const char *const params[] = {class->profile, class->label, number, class->begins};

    snprintf(number, sizeof number, "%d", window);
    if (pg_query(self->pg, sql_evidence, params, 4, &row, reterr) < 0)
        return -1;
    *ret_evidence = (struct queue_evidence){.labels = strtol(PQgetvalue(row, 0, 5), NULL, 10),
                                            .looked = strtol(PQgetvalue(row, 0, 6), NULL, 10),
                                            .overrides = strtol(PQgetvalue(row, 0, 7), NULL, 10),
                                            .share_of_manual = strtod(PQgetvalue(row, 0, 8), NULL),
                                            .reviewed_days = strtod(PQgetvalue(row, 0, 9), NULL)};
    copy(ret_evidence->level, sizeof ret_evidence->level, row, 0);
    copy(ret_evidence->since, sizeof ret_evidence->since, row, 1);
    copy(ret_evidence->demoted_at, sizeof ret_evidence->demoted_at, row, 2);
    copy(ret_evidence->demoted_for, sizeof ret_evidence->demoted_for, row, 3);
    copy(ret_evidence->demoted_promise, sizeof ret_evidence->demoted_promise, row, 4);
    copy(ret_evidence->reviewed_by, sizeof ret_evidence->reviewed_by, row, 10);
    return 0;
}

int queue_promote(struct queue *self, const struct queue_step *step, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {step->class.profile, step->class.label, step->from,    step->to,
                                  step->class.begins,  step->reason,      step->text,    step->by,
                                  step->owner,         step->promise,     step->evidence};

    return pg_query(self->pg, sql_promote, params, 11, &row, reterr);
}

int queue_demote(struct queue *self, const struct queue_step *step, bool *ret_done, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {step->class.profile, step->class.label, step->reason, step->text, step->evidence,
                                  step->incident,      step->owner,       step->by,     step->to,   step->class.begins,
                                  step->promise};

    if (pg_query(self->pg, sql_demote, params, 11, &row, reterr) < 0)
        return -1;
    *ret_done = PQgetvalue(row, 0, 0)[0] == 't';
    return 0;
}

int queue_quality_reviewed(struct queue *self, const struct queue_class *class, const char *by, const char *note,
                           struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {class->profile, class->label, by, note};

    return pg_query(self->pg, sql_reviewed, params, 4, &row, reterr);
}

int queue_each_step(struct queue *self, const struct queue_class *class,
                    void (*take)(void *opaque, const struct queue_past_step *step), void *opaque, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *rows = NULL;
    const char *const params[] = {class->profile, class->label};

    if (pg_query(self->pg, sql_steps, params, 2, &rows, reterr) < 0)
        return -1;
    for (int i = 0; i < PQntuples(rows); i++) {
        const struct queue_past_step step = {.at = PQgetvalue(rows, i, 0),
                                             .from = PQgetvalue(rows, i, 1),
                                             .to = PQgetvalue(rows, i, 2),
                                             .reason = PQgetvalue(rows, i, 3),
                                             .text = PQgetvalue(rows, i, 4),
                                             .by = PQgetvalue(rows, i, 5),
                                             .owner = PQgetvalue(rows, i, 6),
                                             .evidence = PQgetvalue(rows, i, 7)};
        take(opaque, &step);
    }
    return 0;
}

/* ---- holds ---- */

int queue_each_hold(struct queue *self, int most,
                    int (*take)(void *opaque, const struct queue_hold *hold, struct err *reterr), void *opaque,
                    struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *rows = NULL;
    char limit[NUMBER_TEXT_MAX];
    const char *const params[] = {limit};

    snprintf(limit, sizeof limit, "%d", most);
    if (pg_query(self->pg, sql_holds, params, 1, &rows, reterr) < 0)
        return -1;
    for (int i = 0; i < PQntuples(rows); i++) {
        const struct queue_hold hold = {.item = strtoll(PQgetvalue(rows, i, 0), NULL, 10),
                                        .key = PQgetvalue(rows, i, 1),
                                        .profile = PQgetvalue(rows, i, 2),
                                        .label = PQgetvalue(rows, i, 3),
                                        .due = PQgetvalue(rows, i, 4)[0] == 't'};
        if (take(opaque, &hold, reterr) < 0)
            return -1;
    }
    return 0;
}

int queue_release_hold(struct queue *self, int64_t item, bool *ret_done, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    char number[NUMBER_TEXT_MAX];
    const char *const params[] = {number};

    snprintf(number, sizeof number, "%" PRId64, item);
    if (pg_query(self->pg, sql_release, params, 1, &row, reterr) < 0)
        return -1;
    *ret_done = PQgetvalue(row, 0, 0)[0] == 't';
    return 0;
}

int queue_stop_hold(struct queue *self, int64_t item, const char *reason, bool *ret_done, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    char number[NUMBER_TEXT_MAX];
    const char *const params[] = {number, reason};

    snprintf(number, sizeof number, "%" PRId64, item);
    if (pg_query(self->pg, sql_stop, params, 2, &row, reterr) < 0)
        return -1;
    *ret_done = PQgetvalue(row, 0, 0)[0] == 't';
    return 0;
}
