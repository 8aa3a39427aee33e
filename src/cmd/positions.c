/* triaged positions show | set | relay: where everything stands, and an operator's word where the program refuses to
 * guess. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "bridge/bridge.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "kafka/offsets.h"
#include "kafka/positions.h"
#include "kafka/sender.h"
#include "queue/queue.h"
#include "triage/window.h"

enum { RECORD_TIMEOUT_MS = 15000, REASON_TEXT_MAX = 500 };

struct options {
    struct cmd_common common;
    const char *reason;
    int64_t partition, offset, set;
    bool accept;
};

/* ---- options ---- */

#define OFFSET_MOST ((double)(1LL << 53))
#define REASON      ROW_REASON(reason, REASON_TEXT_MAX, true)
#define NUMBER(name, field, from, to, about)                                                                           \
    OPTION_ROW(name, "N", OPTION_INTEGER, field, about), .least = from, .most = to
static const struct option_table show_table = {
    .command = "positions show",
    .about = "Shows for each partition of the ticket topic what the group has committed, how much of what lies behind "
             "is finished out of order, and how often the partition was taken over without progress; and where the "
             "relay stands. Changes nothing.",
    .example = "triaged positions show",
    OPTION_CONFIGURED,
};
static const struct option_row set_rows[] = {
    {NUMBER("--partition", partition, 0, INT32_MAX, "of the ticket topic"), .needed = true},
    {NUMBER("--offset", offset, 0, OFFSET_MOST, "where it goes on"), .needed = true},
    REASON,
};
static const struct option_table set_table = {
    .command = "positions set",
    .about = "Sets where the group goes on in one partition of the ticket topic: after the group's offsets expired, "
             "after retention passed the position, or to skip. Every worker must be stopped. What is skipped has no "
             "outcome; the reason stands on record in the positions topic.",
    .example = "triaged positions set --partition 3 --offset 8120 --reason 'retention passed it'",
    OPTION_ROWS(set_rows),
    OPTION_CONFIGURED,
};
static const struct option_row relay_rows[] = {
    ROW_NEEDED("--accept", NULL, OPTION_FLAG, accept,
               "the database was restored from an older backup: number what comes behind the position in Kafka. "
               "Reviews that were resolved after that backup are published and no longer in the queue's history; items "
               "that they ended are open again and may be resolved again."),
    {NUMBER("--set-position", set, 0, OFFSET_MOST,
            "Kafka lost the position: N is the last number that was published (the header triaged-outbox of the newest "
            "reviewed result)"),
     .either = true},
    REASON,
};
static const struct option_table relay_table = {
    .command = "positions relay",
    .about = "Says where the relay goes on when it refuses to guess. Every relay must be stopped.",
    .example = "triaged positions relay --accept --reason 'restored the backup of Sunday'",
    OPTION_ROWS(relay_rows),
    OPTION_CONFIGURED,
};

/* ---- show ---- */

static void show_partition(const struct consumer_position *position)
{
    struct window window = {0};
    struct err err = {0};
    int takeovers = 0;
    int64_t beyond = 0;

    if (!position->committed) {
        printf("%9d  %12s  %12" PRId64 "  %12" PRId64 "  nothing committed yet\n", position->partition, "-",
               position->low, position->high);
        return;
    }
    if (window_decode(position->metadata, position->offset, &window, &takeovers, &err) < 0) {
        printf("%9d  %12" PRId64 "  %12" PRId64 "  %12" PRId64 "  its metadata can't be read: %s\n",
               position->partition, position->offset, position->low, position->high, err.text);
        return;
    }
    for (size_t i = 0; i < window.n_runs; i++)
        beyond += window.runs[i].to - window.runs[i].from;
    printf("%9d  %12" PRId64 "  %12" PRId64 "  %12" PRId64 "  %" PRId64 " behind, %" PRId64
           " of them finished out of order, %d takeovers without progress\n",
           position->partition, position->offset, position->low, position->high, position->high - position->offset,
           beyond, takeovers);
    window_free(&window);
}

static int show_group(const struct config *config, struct err *reterr)
{
    struct consumer_position *positions = NULL;
    size_t n = 0;

    if (offsets_read(&config->kafka, &positions, &n, reterr) < 0)
        return -1;
    printf("group %s on %s\n%9s  %12s  %12s  %12s\n", config->kafka.group, config->kafka.topic_tickets, "partition",
           "committed", "first kept", "end");
    for (size_t i = 0; i < n; i++)
        show_partition(&positions[i]);
    offsets_done(positions, n);
    return 0;
}

static int show_relay(const struct config *config, struct err *reterr)
{
    char key[POSITIONS_KEY_MAX];
    struct queue *queue = NULL;
    int64_t position = 0, last = 0;
    bool found = false, remembered = false;
    int rc;

    positions_relay_key(&config->kafka, key);
    if (positions_read(&config->kafka, key, &found, &position, reterr) < 0)
        return -1;
    rc = queue_open(&config->postgres, "triaged-positions", &queue, reterr);
    if (rc == 0)
        rc = queue_outbox_state(queue, &last, &remembered, reterr);
    queue_close(queue);
    if (rc < 0)
        return -1;
    if (found)
        printf("relay: published up to %" PRId64 ", the outbox is numbered up to %" PRId64 "\n", position, last);
    else
        printf("relay: Kafka holds no position, the outbox is numbered up to %" PRId64 "\n", last);
    return 0;
}

int cmd_positions_show(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (!cmd_begin(&show_table, argc, argv, &options, &config, &rc))
        return rc;
    if (show_group(config, &err) < 0 || show_relay(config, &err) < 0)
        rc = cmd_fail("positions show", &err);
    config_free(config);
    return rc;
}

/* ---- set ---- */

static int find_old(const struct config *config, const struct options *options, int64_t *ret_old, struct err *reterr)
{
    struct consumer_position *positions = NULL;
    size_t n = 0;
    int rc = 0;

    if (offsets_read(&config->kafka, &positions, &n, reterr) < 0)
        return -1;
    if (options->partition >= (int64_t)n)
        rc = err_set(reterr, ERR_PERMANENT, EX_USAGE, "%s has partitions 0 to %zu", config->kafka.topic_tickets, n - 1);
    else if (options->offset < positions[options->partition].low ||
             options->offset > positions[options->partition].high)
        rc = err_set(reterr, ERR_PERMANENT, EX_USAGE, "partition %" PRId64 " holds offsets %" PRId64 " to %" PRId64,
                     options->partition, positions[options->partition].low, positions[options->partition].high);
    else
        *ret_old = positions[options->partition].committed ? positions[options->partition].offset : -1;
    offsets_done(positions, n);
    return rc;
}

/* The record stands in the compacted positions topic under a key of its own: it stays. */
static int put_on_record(const struct config *config, const struct options *options, int64_t old, struct err *reterr)
{
    char key[POSITIONS_KEY_MAX];
    cJSON *doc = cJSON_CreateObject();
    struct sender *sender = NULL;
    struct message message = {0};
    long failed = 0;
    int rc;

    positions_skip_key(&config->kafka, (int)options->partition, options->offset, key);
    cJSON_AddNumberToObject(doc, "from", (double)old);
    cJSON_AddNumberToObject(doc, "to", (double)options->offset);
    cJSON_AddNumberToObject(doc, "at", (double)time(NULL));
    cJSON_AddStringToObject(doc, "reason", options->reason);
    message = (struct message){.key = mem_strdup(key), .key_len = strlen(key), .value = json_text(doc)};
    message.value_len = strlen(message.value);
    cJSON_Delete(doc);
    rc = sender_open(&config->kafka, &sender, reterr);
    if (rc == 0)
        rc = sender_send(sender, config->kafka.topic_positions, &message, reterr);
    if (rc == 0)
        rc = sender_finish(sender, RECORD_TIMEOUT_MS, &failed, reterr);
    if (rc == 0 && failed)
        rc = err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE,
                     "the offset is set, and could not be put on record: run this again");
    sender_close(sender);
    message_free(&message);
    return rc;
}

static int set_offset(const struct config *config, const struct options *options, struct err *reterr)
{
    int64_t old = -1;

    if (find_old(config, options, &old, reterr) < 0 ||
        offsets_set(&config->kafka, (int)options->partition, options->offset, reterr) < 0 ||
        put_on_record(config, options, old, reterr) < 0)
        return -1;
    printf("partition %" PRId64 ": from %" PRId64 " to %" PRId64 "; on record in %s\n", options->partition, old,
           options->offset, config->kafka.topic_positions);
    if (old >= 0 && options->offset > old)
        printf("the tickets between have no outcome; send them again if they matter\n");
    else if (old >= 0 && options->offset < old)
        printf("the tickets between are decided again: their results carry the same ids\n");
    return 0;
}

int cmd_positions_set(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (!cmd_begin(&set_table, argc, argv, &options, &config, &rc))
        return rc;
    if (set_offset(config, &options, &err) < 0)
        rc = cmd_fail("positions set", &err);
    config_free(config);
    return rc;
}

/* ---- relay ---- */

static int recover(const struct config *config, const struct options *options, struct err *reterr)
{
    int64_t position = options->set;
    int rc = options->accept ? recover_accept_copy(config, &position, reterr)
                             : recover_set_position(config, options->set, reterr);

    if (rc == 0)
        printf("the relay goes on behind number %" PRId64 "; reason: %s\n", position, options->reason);
    return rc;
}

int cmd_positions_relay(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (!cmd_begin(&relay_table, argc, argv, &options, &config, &rc))
        return rc;
    if (recover(config, &options, &err) < 0)
        rc = cmd_fail("positions relay", &err);
    config_free(config);
    return rc;
}
