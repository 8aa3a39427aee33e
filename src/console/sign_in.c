/* The attempt is counted first, then the password is looked at, then the session opened: who guesses in parallel is
 * counted in parallel. A name without an account takes as long and gets the same answer. */
#include "console/sign_in.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "console/answer.h"
#include "console/console_state.h"
#include "console/session_document.h"

/* A hash takes 64 MiB: one at a time. */
static pthread_mutex_t one_hash = PTHREAD_MUTEX_INITIALIZER;

static bool fits(const char *password, const char *hash)
{
    bool right;

    pthread_mutex_lock(&one_hash);
    right = password_fits(password, hash);
    pthread_mutex_unlock(&one_hash);
    return right;
}

static void set_cookie(struct answer *answer, const char *id, int seconds)
{
    snprintf(answer->cookie, sizeof answer->cookie,
             GATE_COOKIE_NAME "=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Strict", id, seconds);
}

/* Opens the session and reads what the page needs to know, as the reviewer. */
static void open_session(struct exchange *exchange, struct queue *queue, const char *name)
{
    const struct config_console *config = &exchange->console->parts.config->console;
    const struct console_times times = {config->session_idle_minutes * 60, config->session_hours * 3600};
    const struct console_who who = {.session = exchange->session};
    struct console_reply reply = {0};
    struct err err = {0};
    char *text;

    if (*exchange->session) /* the browser's last session ends with the new one */
        (void)console_queue_sign_out(queue, exchange->session, &err);
    session_new_id(exchange->session_id);
    session_hash(exchange->session_id, exchange->session);
    if (console_queue_sign_in(queue, name, exchange->session, &times, &err) < 0 ||
        console_queue_call(queue, &who, CALL_SESSION, NULL, &reply, &err) < 0) {
        answer_queue_error(&exchange->answer, &err, "");
        return;
    }
    text = reply.json ? session_document(exchange, reply.json) : NULL;
    mem_free(reply.json);
    if (!text) {
        answer_error(&exchange->answer, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal", "tell whoever runs the console");
        return;
    }
    snprintf(exchange->reviewer, sizeof exchange->reviewer, "%s", reply.reviewer);
    answer_json_take(&exchange->answer, MHD_HTTP_OK, text);
    set_cookie(&exchange->answer, exchange->session_id, times.most_seconds);
}

static void refuse(struct answer *answer)
{
    answer_error(answer, MHD_HTTP_UNAUTHORIZED, "signin_refused", "check name and password: they don't fit");
}

void sign_in(struct exchange *exchange, struct queue *queue, const cJSON *body)
{
    const char *name = json_str(body, "name", ""), *password = json_str(body, "password", "");
    CLEANUP(mem_freep) char *hash = NULL;
    struct err err = {0};
    int wait;

    if (!exchange->console->parts.config->console.accounts) {
        answer_error(&exchange->answer, MHD_HTTP_FORBIDDEN, "forbidden",
                     "sign in where your company signs in: the console has no passwords");
        return;
    }
    if (!*name || !*password || strlen(name) >= CONSOLE_NAME_MAX) {
        refuse(&exchange->answer);
        return;
    }
    if (console_queue_attempt(queue, name, &hash, &wait, &err) < 0) {
        answer_queue_error(&exchange->answer, &err, "");
        return;
    }
    if (wait > 0) {
        exchange->answer.retry_after = wait;
        answer_error(&exchange->answer, MHD_HTTP_TOO_MANY_REQUESTS, "locked",
                     "wait before you try again: there were too many wrong passwords for this name");
        return;
    }
    if (fits(password, hash))
        open_session(exchange, queue, name);
    else
        refuse(&exchange->answer);
}

void sign_out(struct exchange *exchange, struct queue *queue)
{
    struct err err = {0};

    if (*exchange->session && console_queue_sign_out(queue, exchange->session, &err) < 0) {
        answer_queue_error(&exchange->answer, &err, "");
        return;
    }
    exchange->answer.status = MHD_HTTP_NO_CONTENT;
    set_cookie(&exchange->answer, "", 0);
}
