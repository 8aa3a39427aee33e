/* What a worker decides and drafts with, for a command that takes one ticket after the other. */
#ifndef TRIAGED_EVALUATION_ASKER_H
#define TRIAGED_EVALUATION_ASKER_H

#include "model/model.h"
#include "policy/config.h"
#include "triage/classifier.h"
#include "triage/decide.h"
#include "triage/draft.h"
#include "triage/knowledge.h"
#include "triage/pii.h"
#include "triage/policy.h"

struct asker {
    const char *profile; /* whose configuration; NULL: there is only one */
    struct config *config;
    struct policy *policy;
    struct classifier *own; /* NULL: the classifier is the caller's */
    struct decider *decider;
    struct knowledge *knowledge;
    struct pii *pii;
    struct model *model; /* NULL: none configured, or none wanted */
    int epoll_fd;
    uint64_t calls;
    int64_t called_us;
};
#define ASKER_CLOSED                                                                                                   \
    {                                                                                                                  \
        .epoll_fd = -1                                                                                                 \
    }

/* classifier NULL: the configuration's. Without knowledge it fails; without a model server only when calls are wanted.
 */
int asker_open(const char *config_path, const struct classifier *classifier, bool calls, struct asker *self,
               struct err *reterr);
/* Only the model server of self->config, which is set. */
int asker_connect(struct asker *self, struct err *reterr);
void asker_done(struct asker *self); /* for CLEANUP */

/* A ticket with nothing but the text; borrows it. */
struct ticket asker_ticket(const struct classifier_text *text);
/* One call, waited for. The caller frees the answer. */
int asker_call(struct asker *self, const char *body, struct model_answer *ret_answer, struct err *reterr);

#endif
