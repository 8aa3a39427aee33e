/* What the files of a lane share. Nobody outside src/lane includes this. */
#ifndef TRIAGED_LANE_LANE_STATE_H
#define TRIAGED_LANE_LANE_STATE_H

#include "kafka/consumer.h"
#include "kafka/producer.h"
#include "lane/lane.h"
#include "lane/view.h"
#include "lane/work.h"
#include "model/endpoints.h"
#include "model/model.h"
#include "triage/flow.h"

#define LANE_NAME_MAX 256
#define LANE_FENCES_MAX 3           /* so many within LANE_FENCE_WINDOW_US: another process has our name */
#define LANE_FENCE_WINDOW_US 60000000

struct lane_partition {
    int partition;
    int64_t next; /* offset after the last record that was fed */
    const char *broken; /* why nothing is read of it; NULL: it is read */
};

/* Drafts per hour: a bucket that starts full. */
struct draft_budget {
    double tokens, per_us, most;
    int64_t filled_us;
    bool bounded;
};

struct lane {
    struct snapshots *snapshots;
    uint64_t version; /* of the snapshot that the view was made of, or could not be */
    struct view *view; /* what is admitted from now on is decided by it */
    const struct config *config;
    int number;
    char name[LANE_NAME_MAX]; /* transactional.id = group.instance.id */
    int epoll_fd, wake_fd;
    unsigned char key_secret[16];

    struct flow *flow;
    struct model *model;         /* NULL: none configured */
    struct consumer *consumer;
    struct producer *producer;

    struct work *works; /* all live ones */
    uint64_t last_call;
    struct draft_budget budgets[PROFILES_MAX];
    uint64_t controls_version; /* as last looked at */
    bool model_ok;
    bool endpoint_open[ENDPOINTS_MAX]; /* as the figures were last told */
    int64_t told_waiting[PROFILES_MAX], told_calling[PROFILES_MAX];

    struct lane_partition *partitions;
    size_t n_partitions;
    size_t turn; /* which partition is read first: each in its turn */
    int64_t retry_assign_us;

    bool made_room; /* in this turn: partitions that were full may be read again */
    bool txn_failed, txn_blamed, fenced, drained;
    bool connected; /* with Kafka, as health was last told */
    int64_t fences[LANE_FENCES_MAX];
    int64_t reopen_at_us;
    int64_t stop_by_us; /* 0: not stopping */
    int64_t begun_us;
    struct err fatal;
};

#define LANE_UNREACHABLE "Kafka can't be reached"
#define LANE_TAG_WAKE 1u
#define LANE_TAG_MODEL 2u

/* lane_state.c */
void lane_feed(struct lane *self, struct flow_event event); /* stamps the time */
void lane_tell_health(struct lane *self); /* well, unless a partition is broken or Kafka away */
void lane_keep_work(struct lane *self, struct work *work_take);
struct work *lane_work_of(struct lane *self, uint64_t handle);
void lane_drop_work(struct lane *self, struct work *work);

/* decide_step.c: what commands about a ticket make of its work */
void step_decide(struct lane *self, const struct flow_command *command);
void step_call_model(struct lane *self, const struct flow_command *command);
void step_cancel_model(struct lane *self, const struct flow_command *command);
void step_finish(struct lane *self, const struct flow_command *command);
void step_adopt(struct lane *self, const struct flow_command *command);
void step_take_controls(struct lane *self); /* what triage.control stops is finished now */
bool step_model_answer(struct lane *self); /* takes one answer and feeds its end; false: there is none */

/* transaction.c */
void txn_begin(struct lane *self);
void txn_emit(struct lane *self, const struct flow_command *command);
void txn_commit(struct lane *self);
void txn_settle(struct lane *self);
void txn_replace(struct lane *self, const struct flow_command *command);
/* Opens consumer and producer; transient errors are the caller's to try again. */
int txn_open(struct lane *self, struct err *reterr);
/* After a fence: everything is dropped (obey what flow then commands); 0 when it may be opened again later, -1 when the name is taken. */
int txn_close_fenced(struct lane *self, struct err *reterr);

/* obey.c, above those two: carries out every command */
void lane_obey(struct lane *self);

/* rebalance.c */
int rebalance_serve(struct lane *self, struct err *reterr);

#endif
