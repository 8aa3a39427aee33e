/* Every option, once: key, default, bounds and what it means. Knows nothing of where values come from. */
#include "policy/config_table.h"

#include "base/attrs.h"

#define TEXT(key, member, fallback, help)                                                                              \
    {                                                                                                                  \
        key, OPTION_TEXT, offsetof(struct config, member), fallback, 0, CONFIG_TEXT_MAX, NULL, help                    \
    }
#define NAME(key, member, fallback, help)                                                                              \
    {                                                                                                                  \
        key, OPTION_TEXT, offsetof(struct config, member), fallback, 1, CONFIG_TEXT_MAX, NULL, help                    \
    }
#define TOPIC(key, member, fallback, help)                                                                             \
    {                                                                                                                  \
        key, OPTION_TEXT, offsetof(struct config, member), fallback, 1, CONFIG_TOPIC_MAX, NULL, help                   \
    }
#define OPTIONAL_TOPIC(key, member, help)                                                                              \
    {                                                                                                                  \
        key, OPTION_TEXT, offsetof(struct config, member), "", 0, CONFIG_TOPIC_MAX, NULL, help                         \
    }
#define WORD(key, member, fallback, least, words, help)                                                                \
    {                                                                                                                  \
        key, OPTION_TEXT, offsetof(struct config, member), fallback, least, CONFIG_TEXT_MAX, words, help               \
    }
#define INT(key, member, fallback, least, most, help)                                                                  \
    {                                                                                                                  \
        key, OPTION_INT, offsetof(struct config, member), fallback, least, most, NULL, help                            \
    }
#define INT64(key, member, fallback, least, most, help)                                                                \
    {                                                                                                                  \
        key, OPTION_INT64, offsetof(struct config, member), fallback, least, most, NULL, help                          \
    }
#define SECRET(key, member, help)                                                                                      \
    {                                                                                                                  \
        key, OPTION_SECRET_FILE, offsetof(struct config, member), "", 0, CONFIG_TEXT_MAX, NULL, help                   \
    }

const struct option config_options[] = {
    NAME("kafka.bootstrap_servers", kafka.bootstrap_servers, "127.0.0.1:9092",
         "Brokers to ask first, host:port, separated by commas."),
    NAME("kafka.group", kafka.group, "triaged", "Consumer group; also the beginning of every transactional.id."),
    WORD("kafka.start", kafka.start, "", 0, "earliest latest",
         "Where a group without any committed position starts. Must be given on a first start; empty otherwise."),
    TOPIC("kafka.topics.tickets", kafka.topic_tickets, "triage.tickets", "Tickets in."),
    TOPIC("kafka.topics.results", kafka.topic_results, "triage.results", "Results out. Never compacted."),
    TOPIC("kafka.topics.reviews", kafka.topic_reviews, "triage.reviews", "Review requests, on their way to Postgres."),
    TOPIC("kafka.topics.audits", kafka.topic_audits, "triage.audits", "Outcomes of audits and second reviews."),
    TOPIC("kafka.topics.deadletter", kafka.topic_deadletter, "triage.deadletter", "Records that can't be worked on."),
    TOPIC("kafka.topics.positions", kafka.topic_positions, "triage.positions", "Positions of the relay. Compacted."),
    TOPIC("kafka.topics.control", kafka.topic_control, "triage.control", "Kill switches and promotions. Compacted."),
    OPTIONAL_TOPIC("kafka.topics.knowledge", kafka.topic_knowledge,
                   "Articles and macros, by id, instead of a folder. Compacted. Empty: triage.knowledge_dir holds them."),
    INT("kafka.partitions", kafka.partitions, "6", 1, 4096, "Partitions of a topic that 'topics create' makes."),
    INT("kafka.replication_factor", kafka.replication_factor, "1", 1, 16,
        "Copies of a partition that 'topics create' makes; 3 in production."),
    INT("kafka.session_timeout_ms", kafka.session_timeout_ms, "10000", 1000, 300000,
        "Without a sign of life for this long, a lane loses its partitions."),
    INT("kafka.transaction_timeout_ms", kafka.transaction_timeout_ms, "10000", 1000, 300000,
        "The broker aborts a transaction that is open for longer."),
    SECRET("kafka.sasl_password_file", kafka.sasl_password, "File with the SASL password."),
    {CONFIG_PROPERTIES_KEY, OPTION_PROPERTIES, 0, "", 0, CONFIG_PROPERTIES_MAX, NULL,
     "Further settings of librdkafka by their own names, such as security.protocol. In the environment every "
     "underscore of a name stands for a dot."},
    TEXT("postgres.conninfo", postgres.conninfo, "",
         "libpq connection string or URI, without the password. Empty: libpq's own defaults."),
    SECRET("postgres.password_file", postgres.password, "File with the password."),
    INT("postgres.hold_seconds", postgres.hold_seconds, "10", 0, 86400,
        "Between an answer and its publication; for this long it can be undone."),
    TEXT("model.url", model.url, "",
         "Base URL of a server that speaks the OpenAI chat API, such as http://127.0.0.1:8080/v1. Several, separated by "
         "commas, share the calls: each goes to the least loaded one that answers. Empty: no drafts."),
    TEXT("model.name", model.name, "", "Model name that is sent to the server."),
    SECRET("model.api_key_file", model.api_key, "File with the API key."),
    INT("model.slots", model.slots, "2", 1, 256, "Calls at once, per lane."),
    INT("model.deadline_ms", model.deadline_ms, "120000", 100, 3600000,
        "A ticket without a draft after this long, waiting included, goes on without."),
    INT("model.call_timeout_ms", model.call_timeout_ms, "60000", 100, 3600000, "Longest single call."),
    INT("model.connect_timeout_ms", model.connect_timeout_ms, "2000", 10, 60000, "Longest wait for a connection."),
    INT("model.retries", model.retries, "1", 0, 10, "Further tries of a call that failed in a way that may pass."),
    INT("model.max_tokens", model.max_tokens, "200", 16, 4096, "Longest draft, in tokens."),
    INT("model.label_opinion", model.label_opinion, "0", 0, 1,
        "1: with the draft the model is asked for the best label; another than the classifier's sends the ticket to a "
        "person. Measure it first: evaluate --opinion."),
    INT("model.breaker_failures", model.breaker_failures, "5", 1, 1000,
        "Failures in a row after which the model is left alone for a while."),
    INT("model.breaker_open_ms", model.breaker_open_ms, "10000", 100, 600000, "For how long it is left alone."),
    INT("model.stall_ms", model.stall_ms, "2000", 10, 600000,
        "No answer for this long: tickets beyond the slots stop waiting for the model."),
    NAME("triage.instance", triage.instance, NULL,
         "Name of this process in its group: unique and stable. Default: the host's name."),
    INT("triage.lanes", triage.lanes, "1", 1, CONFIG_LANES_MAX, "Lanes, one thread each."),
    INT("triage.in_flight", triage.in_flight, "256", 1, CONFIG_IN_FLIGHT_MAX,
        "Tickets admitted and not yet committed, per lane."),
    INT64("triage.in_flight_bytes", triage.in_flight_bytes, "67108864", 1048576, 17179869184,
          "The same in bytes of their records."),
    INT("triage.dedup_memory", triage.dedup_memory, "1000", 1, 1000000,
        "Records per partition in which a repeated ticket is recognised."),
    TEXT("triage.profiles_file", triage.profiles_file, "",
         "The table of profiles, where one worker serves several use cases: it says which tickets are whose, and what the "
         "policy, classifier and promise of each are. Empty: one profile, of the files below."),
    NAME("triage.policy_file", triage.policy_file, "policy.yaml", "The policy."),
    TEXT("triage.policy_floor_file", triage.policy_floor_file, "",
         "The floor: bounds that the policy may tighten and never loosen. Empty: none."),
    NAME("triage.classifier_file", triage.classifier_file, "classifier.model", "The model that 'train' wrote."),
    TEXT("triage.knowledge_dir", triage.knowledge_dir, "", "Folder with articles and macros. Empty: none."),
    TEXT("triage.knowledge_vectors_file", triage.knowledge_vectors_file, "",
         "File that keeps the articles' vectors from one start to the next, where the classifier has an encoder. Empty: "
         "they are made anew."),
    TEXT("triage.promise_file", triage.promise_file, "", "The certificate that 'calibrate' wrote. Empty: none."),
    TEXT("triage.priority_classifier_file", triage.priority_classifier_file, "",
         "A model of 'train --target priority': guesses the priority of tickets that name none. Empty: not guessed."),
    TEXT("triage.encoder_dir", triage.encoder_dir, "",
         "Folder of the encoder, for a model that was trained with one. Empty: $TRIAGED_ENCODER, else var/encoder."),
    TEXT("triage.versions_dir", triage.versions_dir, "",
         "Folder that keeps a copy of every policy, classifier and promise that was loaded, under its hash, for 'triaged incident "
         "--roll-back'. Empty: none are kept."),
    INT("triage.audit_percent", triage.audit_percent, "5", 0, 100,
        "Share of what no person sees that is drawn for a blind review. Needs the key."),
    INT("triage.audit_false_alarm", triage.audit_false_alarm, "1000", 10, 1000000,
        "While the promise is kept, a false alarm comes after at least so many audits on average. More: fewer false "
        "alarms, and a real one later."),
    SECRET("triage.audit_key_file", triage.audit_key,
           "File with the secret that keys the draw, so that no sender can choose what is drawn."),
    INT("triage.drift_reference", triage.drift_reference, "2000", 0, 1000000,
        "The first so many tickets of a classifier are what later ones are held against, by the role watch. They should hold "
        "the ups and downs of a week. 0: no watch over drift."),
    INT("triage.drift_false_alarm", triage.drift_false_alarm, "100000", 1000, 1000000000,
        "While nothing changes, a false alarm of drift comes after at least so many tickets on average."),
    INT("triage.drift_caps", triage.drift_caps, "1", 0, 1,
        "An alarm of drift that speaks against a class lowers it to suggest. 0: it is told only."),
    INT("triage.canary_percent", triage.canary_percent, "0", 0, 100,
        "Share of the tickets that a candidate decides, too, drawn by the record key. Needs triage.audit_key_file. 0: none."),
    WORD("triage.canary_mode", triage.canary_mode, "shadow", 1, "shadow live",
         "shadow: results say what the candidate would have done otherwise. live: its decision counts for that share."),
    TEXT("triage.canary_policy_file", triage.canary_policy_file, "",
         "The candidate's policy, of the same profile. Empty: the one in force."),
    TEXT("triage.canary_classifier_file", triage.canary_classifier_file, "",
         "The candidate's classifier. Empty: the one in force."),
    TEXT("triage.canary_promise_file", triage.canary_promise_file, "",
         "The candidate's promise. Empty: that in force, where the classifier is the same; else none."),
    INT("triage.draft_budget", triage.draft_budget, "-1", -1, 1000000,
        "Drafts per hour and lane. 0: none, -1: no bound."),
    WORD("triage.model_full", triage.model_full, "", 0, "wait skip",
         "When half of in_flight waits for the model. wait: nothing more is read until there is room, so every ticket gets its "
         "draft, and whoever stands behind waits too. skip: the newest ticket of the fullest profile and sender goes on "
         "without a draft, so that nobody else waits. Empty: wait with one profile, skip with several."),
    INT("triage.commit_interval_ms", triage.commit_interval_ms, "20", 0, 10000,
        "Under load a finished ticket waits this long for company in its transaction."),
    INT("triage.commit_batch", triage.commit_batch, "1000", 1, 65536, "Most tickets of one transaction."),
    INT("triage.drain_timeout_ms", triage.drain_timeout_ms, "20000", 0, 600000,
        "After SIGTERM, work that is not finished in this time is left to be done again."),
    TEXT("console.listen", console.listen, "127.0.0.1:8090",
         "host:port of the reviewers' page, a numeric address. It speaks plain HTTP: beyond this machine a reverse proxy "
         "with TLS belongs in front of it."),
    TEXT("console.hosts", console.hosts, "",
         "Names by which browsers reach it, host or host:port, separated by commas: a request for any other is refused. "
         "Empty: the address of console.listen, and localhost with its port."),
    TEXT("console.conninfo", console.conninfo, "",
         "As postgres.conninfo, for the console's own login role, a member of triage_console. Empty: postgres.conninfo."),
    SECRET("console.password_file", console.password, "File with that role's password."),
    INT("console.connections", console.connections, "4", 1, 64, "Connections to Postgres, and requests worked on at once."),
    INT("console.accounts", console.accounts, "1", 0, 1, "1: reviewers sign in with a password. 0: only the proxy signs in."),
    INT("console.session_idle_minutes", console.session_idle_minutes, "60", 1, 43200,
        "A session without a request for this long is over."),
    INT("console.session_hours", console.session_hours, "12", 1, 720, "A session is over after this long in any case."),
    TEXT("console.proxy_user_header", console.proxy_user_header, "",
         "Header in which a trusted proxy names the reviewer it has signed in. Needs console.proxy_secret_file. Empty: none."),
    SECRET("console.proxy_secret_file", console.proxy_secret,
           "File with the secret that the proxy sends in X-Triaged-Proxy-Secret, 16 bytes or more."),
    TEXT("console.address_header", console.address_header, "",
         "Header to whose end the proxy in front adds the client's address, such as X-Forwarded-For: rates are then counted "
         "by it. Only where every request comes through that proxy. Empty: the connection's address."),
    INT("console.connections_per_address", console.connections_per_address, "64", 0, 1024,
        "HTTP connections of one address at once; 0: no bound, for a proxy in front."),
    INT("console.header_seconds", console.header_seconds, "10", 1, 300, "Time for a request's headers to come in."),
    INT("console.body_seconds", console.body_seconds, "20", 1, 300, "Time for a request's body to come in."),
    INT("console.idle_seconds", console.idle_seconds, "60", 1, 3600, "An HTTP connection without a request ends after this."),
    INT("console.sign_ins_per_minute", console.sign_ins_per_minute, "20", 1, 100000, "Tries to sign in, by address."),
    INT("console.requests_per_second", console.requests_per_second, "20", 1, 100000,
        "Requests of one session, or of one address without a session; five times as many in a burst."),
    TEXT("http.listen", http.listen, "", "host:port of /metrics, /livez and /readyz. Empty: off."),
    WORD("log.level", log_level, "info", 1, "debug info warn error", "The least level that is logged."),
};
const size_t config_options_len = ARRAY_LEN(config_options);
_Static_assert(ARRAY_LEN(config_options) <= CONFIG_OPTIONS_MAX, "the store has too few places");

/* What triaged sets itself, and where to set it if anywhere: not to be given as a property. */
const struct fixed_property config_fixed_properties[] = {
    {"bootstrap.servers", "kafka.bootstrap_servers"},
    {"metadata.broker.list", "kafka.bootstrap_servers"},
    {"group.id", "kafka.group"},
    {"session.timeout.ms", "kafka.session_timeout_ms"},
    {"transaction.timeout.ms", "kafka.transaction_timeout_ms"},
    {"sasl.password", "kafka.sasl_password_file"},
    {"auto.offset.reset", "kafka.start"},
    {"group.instance.id", "triage.instance"},
    {"transactional.id", "triage.instance"},
    {"enable.auto.commit", NULL},
    {"enable.auto.offset.store", NULL},
    {"enable.idempotence", NULL},
    {"isolation.level", NULL},
    {"partition.assignment.strategy", NULL},
    {"partitioner", NULL},
    {"statistics.interval.ms", NULL},
    {"acks", NULL},
};
const size_t config_fixed_properties_len = ARRAY_LEN(config_fixed_properties);
