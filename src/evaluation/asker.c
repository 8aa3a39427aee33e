/* Opening all of it, and a call in an event loop of its own. */
#include "evaluation/asker.h"

#include <sys/epoll.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "policy/profiles.h"

extern char **environ;

enum { EVENTS_MAX = 16, WAIT_MS = 100 };

void asker_done(struct asker *self)
{
    model_close(self->model);
    knowledge_free(self->knowledge);
    pii_free(self->pii);
    decider_free(self->decider);
    classifier_free(self->own);
    policy_free(self->policy);
    config_free(self->config);
    if (self->epoll_fd >= 0)
        close(self->epoll_fd);
}

static int open_decider(struct asker *self, const struct classifier *classifier, struct err *reterr)
{
    const struct config_triage *triage = &self->config->triage;
    struct decider_parts parts = {.classifier = classifier, .encoder_dir = triage->encoder_dir};

    if (policy_load_on(triage->policy_file, triage->policy_floor_file, &self->policy, reterr) < 0 ||
        (!classifier && classifier_load(triage->classifier_file, &self->own, reterr) < 0))
        return -1;
    parts.policy = self->policy;
    if (!classifier)
        parts.classifier = self->own;
    return decider_new(&parts, &self->decider, reterr);
}

/* As a lane ranks: by meaning where the classifier has an encoder. */
static int open_knowledge(struct asker *self, struct err *reterr)
{
    const struct config_triage *triage = &self->config->triage;
    struct encoder *encoder = decider_encoder(self->decider);
    struct knowledge_base *base;
    struct err ignored;
    int rc = 0;

    if (knowledge_base_read(triage->knowledge_dir, &base, reterr) < 0)
        return -1;
    if (encoder)
        rc = knowledge_base_embed(base, encoder, NULL, triage->knowledge_vectors_file, reterr);
    if (encoder && rc == 0)
        (void)knowledge_base_keep(base, triage->knowledge_vectors_file, &ignored); /* the next start is only slower */
    if (rc == 0)
        rc = knowledge_open(base, encoder, &self->knowledge, reterr);
    knowledge_base_unref(base);
    return rc;
}

int asker_connect(struct asker *self, struct err *reterr)
{
    const struct model_settings settings = model_settings_of(&self->config->model, 1);

    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return model_open(&settings, self->epoll_fd, 0, &self->model, reterr);
}

int asker_open(const char *config_path, const struct classifier *classifier, bool calls, struct asker *self,
               struct err *reterr)
{
    if (config_load(config_path, environ, (const char *const[]){NULL}, &self->config, reterr) < 0 ||
        profiles_choose(self->config, self->profile, reterr) < 0)
        return -1;
    if (!*self->config->triage.knowledge_dir || (calls && !*self->config->model.url))
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s names no %s", config_path,
                       *self->config->triage.knowledge_dir ? "model server: set model.url"
                                                           : "knowledge: set triage.knowledge_dir");
    if (open_decider(self, classifier, reterr) < 0 || pii_new(&self->pii, reterr) < 0 ||
        open_knowledge(self, reterr) < 0)
        return -1;
    return calls ? asker_connect(self, reterr) : 0;
}

struct ticket asker_ticket(const struct classifier_text *text)
{
    return (struct ticket){.tenant = "",
                           .source_system = "",
                           .source_instance = "",
                           .source_url = "",
                           .ticket_id = "",
                           .revision = 1,
                           .event = TICKET_CREATED,
                           .subject = text->subject,
                           .body_text = text->body,
                           .language = "",
                           .channel = text->channel,
                           .priority = "",
                           .requester = {.id = "", .name = "", .email = text->sender, .locale = "", .tier = ""},
                           .created_at = "",
                           .updated_at = ""};
}

int asker_call(struct asker *self, const char *body, struct model_answer *ret_answer, struct err *reterr)
{
    int64_t now = clock_mono_us(), began = now;
    struct epoll_event events[EVENTS_MAX];

    if (model_call(self->model, ++self->calls, body, "", now + self->config->model.deadline_ms * 1000LL, reterr) < 0)
        return -1;
    for (;;) {
        int n;
        model_tick(self->model, now);
        if (model_next_answer(self->model, ret_answer))
            break;
        n = epoll_wait(self->epoll_fd, events, EVENTS_MAX, WAIT_MS);
        now = clock_mono_us();
        for (int i = 0; i < n; i++)
            model_on_socket(self->model, (int)(events[i].data.u64 & 0xffffffffu), events[i].events, now);
    }
    self->called_us += clock_mono_us() - began;
    return 0;
}
