/* The topic of articles as it is now, for commands. */
#ifndef TRIAGED_EVALUATION_ARTICLE_TOPIC_H
#define TRIAGED_EVALUATION_ARTICLE_TOPIC_H

#include "knowledge/article_rows.h"
#include "policy/config.h"
#include "triage/err.h"
#include "triage/knowledge.h"

/* Reads it to its end. What is no article is named on standard error and passed over, as a worker does. */
int article_topic_read(const struct config_kafka *config, struct article_rows **ret_rows, struct err *reterr);

/* The same as a base of knowledge; the caller gives it back with knowledge_base_unref. */
int article_topic_base(const struct config_kafka *config, struct knowledge_base **ret_base, struct err *reterr);

#endif
