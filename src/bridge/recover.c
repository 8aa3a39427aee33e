/* The relay's recovery by an operator: under the relay's own lock and with its own transactional id, so that no relay
 * can write meanwhile. Runs once and waits for nobody. */
#include <sysexits.h>

#include "bridge/bridge.h"
#include "kafka/positions.h"
#include "kafka/producer.h"
#include "queue/queue.h"

static int take_turn(const struct config *config, struct queue **ret_queue, struct err *reterr)
{
    bool mine = false;

    if (queue_open(&config->postgres, "triaged-recover", ret_queue, reterr) < 0 ||
        queue_check_schema(*ret_queue, reterr) < 0 || queue_relay_lock(*ret_queue, &mine, reterr) < 0)
        return -1;
    if (mine)
        return 0;
    return err_set(reterr, ERR_PERMANENT, EX_TEMPFAIL, "a relay is running; stop it and run this again");
}

static int write_position(const struct config *config, int64_t sequence, struct err *reterr)
{
    char key[POSITIONS_KEY_MAX], name[POSITIONS_KEY_MAX];
    struct producer *producer = NULL;
    struct message message = {0};
    int rc = -1;

    positions_relay_key(&config->kafka, key);
    positions_relay_name(&config->kafka, name);
    positions_message(key, sequence, &message);
    if (producer_open(&config->kafka, name, &producer, reterr) == 0 && producer_begin(producer, reterr) == 0 &&
        producer_send(producer, config->kafka.topic_positions, &message, reterr) == PRODUCE_OK &&
        producer_commit(producer, NULL, NULL, NULL, 0, reterr) == TXN_END_COMMITTED)
        rc = 0;
    message_free(&message);
    producer_close(producer);
    return rc;
}

int recover_set_position(const struct config *config, int64_t sequence, struct err *reterr)
{
    struct queue *queue = NULL;
    int64_t last;
    int rc = take_turn(config, &queue, reterr);

    if (rc == 0)
        rc = queue_relay_recover(queue, sequence, &last, reterr);
    if (rc == 0)
        rc = write_position(config, sequence, reterr);
    queue_close(queue);
    return rc;
}

int recover_accept_copy(const struct config *config, int64_t *ret_position, struct err *reterr)
{
    char key[POSITIONS_KEY_MAX];
    struct queue *queue = NULL;
    bool found = false;
    int64_t last;
    int rc = take_turn(config, &queue, reterr);

    positions_relay_key(&config->kafka, key);
    if (rc == 0)
        rc = positions_read(&config->kafka, key, &found, ret_position, reterr);
    if (rc == 0 && !found)
        rc = err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                     "Kafka holds no position of the relay; give the last published number with --set-position N");
    if (rc == 0)
        rc = queue_relay_recover(queue, *ret_position, &last, reterr);
    queue_close(queue);
    return rc;
}
