/* The one configuration file: YAML, then TRIAGED_SECTION__KEY from the environment, then command-line options. One
 * table (config.c) gives parsing, checks, --print-config, the JSON Schema's keys and docs/CONFIGURATION.md. */
#ifndef TRIAGED_POLICY_CONFIG_H
#define TRIAGED_POLICY_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "triage/err.h"

#define CONFIG_PROPERTIES_MAX 64
#define CONFIG_TEXT_MAX       2000 /* bytes of a text value */
#define CONFIG_TOPIC_MAX      249  /* bytes of a topic name: Kafka's own bound */
#define CONFIG_LANES_MAX      256
#define CONFIG_IN_FLIGHT_MAX  65536 /* the delivery state machine takes no more */

struct config_kafka {
    const char *bootstrap_servers, *group, *start; /* start: earliest | latest | "" (must be given on a first start) */
    const char *topic_tickets, *topic_results, *topic_reviews, *topic_audits, *topic_deadletter, *topic_positions,
        *topic_control, *topic_knowledge; /* keys kafka.topics.tickets ... */
    int partitions, replication_factor;
    int session_timeout_ms, transaction_timeout_ms;
    const char *property_names[CONFIG_PROPERTIES_MAX]; /* kafka.properties: passed to librdkafka as they are */
    const char *property_values[CONFIG_PROPERTIES_MAX];
    size_t n_properties;
    const char *sasl_password; /* from kafka.sasl_password_file */
};

struct config_postgres {
    const char *conninfo;
    const char *password; /* from postgres.password_file */
    int hold_seconds;
};

struct config_model {
    const char *url; /* "" : no model */
    const char *name;
    const char *api_key; /* from model.api_key_file */
    int slots;           /* calls at once per lane */
    int deadline_ms;     /* of one ticket's draft, waiting included */
    int call_timeout_ms;
    int connect_timeout_ms;
    int retries;
    int max_tokens;
    int label_opinion;    /* 1: the draft's model is asked for the label, too */
    int breaker_failures; /* in a row that open the breaker */
    int breaker_open_ms;
    int stall_ms; /* no answer for this long: tickets beyond the slots stop waiting */
};

struct config_triage {
    const char *instance;
    int lanes;
    int in_flight; /* tickets admitted and not committed, per lane */
    int64_t in_flight_bytes;
    int dedup_memory;                            /* records per partition */
    const char *profiles_file;                   /* "": one profile, of the files below */
    const char *policy_file, *policy_floor_file; /* floor: "" none */
    const char *classifier_file, *knowledge_dir, *knowledge_vectors_file, *promise_file, *encoder_dir,
        *priority_classifier_file, *versions_dir;
    int audit_percent;       /* of what no person sees that goes to blind review */
    int audit_false_alarm;   /* audits: mean number to a false alarm, at least */
    int drift_reference;     /* tickets after a new classifier that drift is held against; 0: off */
    int drift_false_alarm;   /* tickets: mean number to a false alarm, at least */
    int drift_caps;          /* 1: an alarm takes autonomy; 0: it is told only */
    const char *audit_key;   /* from a file, "" none: keys the draw */
    int canary_percent;      /* of the tickets, that a candidate decides, too; 0: none */
    const char *canary_mode; /* shadow | live */
    const char *canary_policy_file, *canary_classifier_file, *canary_promise_file; /* "": that in force */
    int draft_budget;       /* drafts per hour and lane, 0: none, -1: no bound */
    const char *model_full; /* wait | skip | "" by the number of profiles */
    int commit_interval_ms, commit_batch;
    int drain_timeout_ms;
};

struct config_console {
    const char *listen, *hosts;      /* hosts "": the address of listen */
    const char *conninfo, *password; /* "": those of postgres */
    int connections;
    int accounts; /* 1: reviewers sign in with a password */
    int session_idle_minutes, session_hours;
    const char *proxy_user_header, *proxy_secret, *address_header; /* "": none */
    int header_seconds, body_seconds, idle_seconds;
    int connections_per_address, sign_ins_per_minute, requests_per_second;
};

struct config_http {
    const char *listen; /* host:port, "" : off */
};

struct config {
    struct config_kafka kafka;
    struct config_postgres postgres;
    struct config_model model;
    struct config_triage triage;
    struct config_console console;
    struct config_http http;
    const char *log_level;
    struct config_store *store; /* owns the strings */
    struct profiles *chosen_of; /* owns those of a profile that was chosen; NULL: none was */
};

/* env is a NULL-terminated list as environ; overrides is a NULL-terminated list of "section.key=value". Any unknown
 * key, wrong type, value out of bounds, unreadable secret: one sentence with the key and what is allowed, EX_CONFIG. */
int config_load(const char *path, char *const *env, const char *const *overrides, struct config **ret_config,
                struct err *reterr);
void config_free(struct config *self);
/* The text of a file that holds a secret, without its line end; the caller wipes and frees it. key is named on failure.
 */
int config_read_secret(const char *key, const char *path, char **ret_secret, struct err *reterr);
void config_print(const struct config *self, FILE *out); /* YAML, secrets masked */
void config_print_reference(FILE *out);                  /* docs/CONFIGURATION.md */
void config_print_schema(FILE *out);                     /* schemas/config.v1.json */

#endif
