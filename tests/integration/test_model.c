/* The model client against the scripted server: every fault ends in exactly one answer, in time, with the right reason.
 */
#include "../unit/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/model.h"

enum {
    TAG = 7,
    CALL_TIMEOUT_MS = 600,
    DEADLINE_US = 4000000,
    SLACK_US = 3000000, /* for a busy machine */
    EVENTS_MAX = 32,
    MANY = 64,
};

static pid_t stub_pid;
static int stub_port;
static char url[64];

/* ---- the server ---- */

static int start_stub(UNUSED void **state)
{
    int out[2];
    FILE *from;

    assert_int_equal(pipe(out), 0);
    stub_pid = fork();
    if (stub_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        execl(MODEL_STUB, MODEL_STUB, "--port", "0", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    from = fdopen(out[0], "r");
    if (!from || fscanf(from, "listening on %d", &stub_port) != 1)
        return -1;
    fclose(from);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", stub_port);
    return 0;
}

static int stop_stub(UNUSED void **state)
{
    kill(stub_pid, SIGTERM);
    return waitpid(stub_pid, NULL, 0) == stub_pid ? 0 : -1;
}

/* ---- the loop of a lane, as small as it can be ---- */

struct loop {
    int epoll_fd;
    struct model *model;
    size_t answers;
    struct model_answer last;
    size_t per_call[MANY];
};

static void open_loop_at(struct loop *self, const char *urls, int retries, int breaker_failures)
{
    const struct model_settings settings = {.url = urls,
                                            .api_key = "key",
                                            .slots = 4,
                                            .call_timeout_ms = CALL_TIMEOUT_MS,
                                            .connect_timeout_ms = 500,
                                            .retries = retries,
                                            .breaker_failures = breaker_failures,
                                            .breaker_open_ms = 300,
                                            .seed = 1};
    struct err err = {0};

    *self = (struct loop){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    if (model_open(&settings, self->epoll_fd, TAG, &self->model, &err) < 0)
        fail_msg("%s", err.text);
}

static void open_loop(struct loop *self, int retries, int breaker_failures)
{
    open_loop_at(self, url, retries, breaker_failures);
}

static void close_loop(struct loop *self)
{
    model_answer_free(&self->last);
    model_close(self->model);
    close(self->epoll_fd);
}

static void turn(struct loop *self)
{
    struct epoll_event events[EVENTS_MAX];
    struct model_answer answer;
    int64_t now = clock_mono_us(), wake = model_tick(self->model, now);
    int wait = wake == INT64_MAX ? 100 : wake <= now ? 0 : (int)((wake - now) / 1000) + 1;
    int n = epoll_wait(self->epoll_fd, events, EVENTS_MAX, wait > 100 ? 100 : wait);

    for (int i = 0; i < n; i++) {
        assert_int_equal(events[i].data.u64 >> 32, TAG);
        model_on_socket(self->model, (int)(events[i].data.u64 & 0xffffffffu), events[i].events, clock_mono_us());
    }
    while (model_next_answer(self->model, &answer)) {
        model_answer_free(&self->last);
        self->last = answer;
        self->answers++;
        self->per_call[answer.call % MANY]++;
    }
}

static void run_until(struct loop *self, size_t answers)
{
    int64_t until = clock_mono_us() + DEADLINE_US + SLACK_US;

    while (self->answers < answers && clock_mono_us() < until)
        turn(self);
    assert_int_equal(self->answers, answers);
}

/* ---- requests ---- */

static char *request(const char *fault)
{
    struct buf body = {0};

    buf_printf(&body,
               "{\"messages\":[{\"role\":\"user\",\"content\":\"Language of the answer: English [[stub:%s]]\"}],"
               "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{\"type\":\"object\","
               "\"properties\":{\"answer\":{\"type\":\"string\"}}}}}}",
               fault);
    return buf_take(&body);
}

static int call(struct loop *self, uint64_t number, const char *fault, int64_t deadline_us)
{
    CLEANUP(mem_freep) char *body = request(fault);
    struct err err = {0};

    return model_call(self->model, number, body, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                      clock_mono_us() + deadline_us, &err);
}

/* Lines for the stub's rules, or a page of it; the answer is what it said. */
static char *ask_stub(const char *path, const char *lines)
{
    char command[256];
    struct buf said = {0};
    char chunk[1024];
    FILE *from;
    size_t n;

    snprintf(command, sizeof command, "curl -s --noproxy '*' %s%s%s http://127.0.0.1:%d%s",
             *lines ? "--data-binary '" : "", lines, *lines ? "'" : "", stub_port, path);
    from = popen(command, "r");
    assert_non_null(from);
    while ((n = fread(chunk, 1, sizeof chunk, from)) > 0)
        buf_add(&said, chunk, n);
    assert_int_equal(pclose(from), 0);
    return buf_take(&said);
}

static double stub_count(const char *name)
{
    CLEANUP(mem_freep) char *said = ask_stub("/stats", "");
    CLEANUP(json_done) cJSON *doc = cJSON_Parse(said);

    return json_num(doc, name, -1);
}

static void tell_stub(const char *lines)
{
    char *said = ask_stub("/control", lines);

    assert_string_equal(said, "{}");
    mem_free(said);
}

static int calm_stub(UNUSED void **state)
{
    tell_stub("clear");
    mem_free(ask_stub("/reset", ""));
    return 0;
}

/* ---- the tests ---- */

/* What the client makes of each fault of the server. Contents that are spoilt but whole are for the parser. */
static const struct {
    const char *fault;
    bool ok;
    const char *reason;
    int tries;
} expected[] = {
    {"none", true, "", 1},
    {"reset", false, "model_unavailable", 2},
    {"hang", false, "model_timeout", 2},
    {"hang_body", false, "model_timeout", 2},
    {"slow", false, "model_timeout", 2},
    {"400", false, "model_invalid", 1},
    {"401", false, "model_unavailable", 1},
    {"429", false, "model_unavailable", 2},
    {"500", false, "model_unavailable", 2},
    {"503", false, "model_unavailable", 2},
    {"loading", false, "model_unavailable", 2},
    {"redirect", false, "model_unavailable", 1},
    {"html", false, "model_invalid", 1},
    {"empty", false, "model_invalid", 1},
    {"truncated", true, "", 1},
    {"cut", false, "model_unavailable", 2},
    {"wrong_types", true, "", 1},
    {"extra_fields", true, "", 1},
    {"nan", true, "", 1},
    {"bad_utf8", true, "", 1},
    {"bad_citation", true, "", 1},
    {"empty_draft", true, "", 1},
    {"loop", true, "", 1},
    {"length", true, "", 1},
    {"fence", true, "", 1},
    {"schema_ignored", true, "", 1},
    {"false_claim", true, "", 1},
    {"gzip_bomb", false, "model_invalid", 1},
    {"huge", false, "model_invalid", 1},
    {"dead_on_reuse", true, "", 1},
};

static void each_fault_ends_in_one_answer_with_its_reason(UNUSED void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        struct loop loop;
        open_loop(&loop, 1, 100);
        assert_int_equal(call(&loop, i + 1, expected[i].fault, DEADLINE_US), 0);
        run_until(&loop, 1);
        if (loop.last.ok != expected[i].ok || strcmp(loop.last.err.reason, expected[i].reason) != 0 ||
            loop.last.tries != expected[i].tries)
            fail_msg("%s: ok %d, reason %s, %d tries (%s)", expected[i].fault, loop.last.ok, loop.last.err.reason,
                     loop.last.tries, loop.last.err.text);
        assert_int_equal(loop.last.call, i + 1);
        assert_true(loop.last.ok == (loop.last.body != NULL));
        assert_true(loop.last.took_us < DEADLINE_US + SLACK_US);
        assert_int_equal(model_calls_running(loop.model), 0);
        close_loop(&loop);
    }
}

static void connection_is_used_again(UNUSED void **state)
{
    struct loop loop;
    double before = stub_count("connections");

    open_loop(&loop, 0, 100);
    for (uint64_t i = 1; i <= 5; i++) {
        assert_int_equal(call(&loop, i, "none", DEADLINE_US), 0);
        run_until(&loop, i);
        assert_true(loop.last.ok);
    }
    close_loop(&loop);
    assert_int_equal((int)(stub_count("connections") - before), 2); /* ours, and that of the question itself */
}

static void connection_dead_on_reuse_costs_no_try(UNUSED void **state)
{
    struct loop loop;

    open_loop(&loop, 0, 1);
    for (uint64_t i = 1; i <= 5; i++) {
        assert_int_equal(call(&loop, i, "dead_on_reuse", DEADLINE_US), 0);
        run_until(&loop, i);
        assert_true(loop.last.ok);
        assert_int_equal(loop.last.tries, 1);
    }
    close_loop(&loop);
}

static void hang_on_a_kept_connection_is_a_timeout(UNUSED void **state)
{
    struct loop loop;

    open_loop(&loop, 0, 100);
    assert_int_equal(call(&loop, 1, "none", DEADLINE_US), 0);
    run_until(&loop, 1);
    assert_int_equal(call(&loop, 2, "hang", DEADLINE_US), 0);
    run_until(&loop, 2);
    assert_string_equal(loop.last.err.reason, "model_timeout");
    close_loop(&loop);
}

static void fault_that_passes_is_survived_by_a_retry(UNUSED void **state)
{
    static const char *const faults[] = {"next 1 500",   "next 1 503",  "next 1 429",
                                         "next 1 reset", "next 1 hang", "next 1 cut"};

    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct loop loop;
        tell_stub("clear");
        tell_stub(faults[i]);
        open_loop(&loop, 1, 100);
        assert_int_equal(call(&loop, 1, "", DEADLINE_US), 0);
        run_until(&loop, 1);
        if (!loop.last.ok)
            fail_msg("%s: %s", faults[i], loop.last.err.text);
        assert_int_equal(loop.last.tries, 2);
        close_loop(&loop);
    }
}

static void of_two_servers_the_one_that_lives_takes_the_calls(UNUSED void **state)
{
    struct loop loop;
    char both[160];
    int second_tries = 0;

    snprintf(both, sizeof both, "http://127.0.0.1:1/v1,%s", url);
    open_loop_at(&loop, both, 1, 3);
    for (uint64_t i = 1; i <= 20; i++) {
        assert_int_equal(call(&loop, i, "none", DEADLINE_US), 0);
        run_until(&loop, i);
        assert_true(loop.last.ok);
        second_tries += loop.last.tries - 1;
    }
    assert_true(second_tries >= 3); /* then its breaker opened; a probe now and then may come on top */
    assert_true(second_tries < 20);
    assert_false(model_breaker_open(loop.model, clock_mono_us()));
    close_loop(&loop);
}

static void retry_after_beyond_the_deadline_ends_at_once(UNUSED void **state)
{
    struct loop loop;

    open_loop(&loop, 5, 100);
    assert_int_equal(call(&loop, 1, "503", 900000), 0); /* it asks for one second */
    run_until(&loop, 1);
    assert_int_equal(loop.last.tries, 1);
    assert_string_equal(loop.last.err.reason, "model_unavailable");
    close_loop(&loop);
}

static void retries_end_with_the_deadline(UNUSED void **state)
{
    struct loop loop;

    open_loop(&loop, 1000, 100000);
    assert_int_equal(call(&loop, 1, "500", 1000000), 0);
    run_until(&loop, 1);
    assert_false(loop.last.ok);
    assert_true(loop.last.took_us < 1000000 + SLACK_US);
    close_loop(&loop);
}

static void refused_connection_is_tried_again(UNUSED void **state)
{
    struct loop loop;

    tell_stub("refuse 100000");
    open_loop(&loop, 1, 100);
    assert_int_equal(call(&loop, 1, "none", DEADLINE_US), 0);
    run_until(&loop, 1);
    assert_string_equal(loop.last.err.reason, "model_unavailable");
    assert_int_equal(loop.last.tries, 2);
    close_loop(&loop);
    stop_stub(NULL);
    assert_int_equal(start_stub(NULL), 0);
}

static void breaker_opens_and_a_probe_closes_it(UNUSED void **state)
{
    struct loop loop;

    open_loop(&loop, 0, 3);
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(call(&loop, i, "500", DEADLINE_US), 0);
        run_until(&loop, i);
    }
    assert_true(model_breaker_open(loop.model, clock_mono_us()));
    assert_int_equal(call(&loop, 4, "none", DEADLINE_US), -1);
    while (model_breaker_open(loop.model, clock_mono_us()))
        turn(&loop);
    assert_int_equal(call(&loop, 5, "none", DEADLINE_US), 0);
    assert_int_equal(call(&loop, 6, "none", DEADLINE_US), -1); /* one probe at a time */
    run_until(&loop, 4);
    assert_true(loop.last.ok);
    assert_int_equal(call(&loop, 7, "none", DEADLINE_US), 0);
    assert_int_equal(call(&loop, 8, "none", DEADLINE_US), 0);
    run_until(&loop, 6);
    close_loop(&loop);
}

static void cancelled_call_closes_its_connection_and_gives_no_answer(UNUSED void **state)
{
    struct loop loop;
    int64_t until = clock_mono_us() + SLACK_US;

    open_loop(&loop, 0, 100);
    assert_int_equal(call(&loop, 1, "hang", DEADLINE_US), 0);
    while (stub_count("requests") < 1 && clock_mono_us() < until)
        turn(&loop);
    model_cancel(loop.model, 1);
    assert_int_equal(model_calls_running(loop.model), 0);
    while (stub_count("cancelled") < 1 && clock_mono_us() < until)
        turn(&loop);
    assert_int_equal((int)stub_count("in_flight"), 0);
    assert_int_equal(loop.answers, 0);
    close_loop(&loop);
}

static void many_calls_at_once_end_once_each(UNUSED void **state)
{
    static const char *const mix[] = {"none", "500", "reset", "html", "fence", "hang", "cut", "400"};
    struct loop loop;

    tell_stub("delay 1:20");
    open_loop(&loop, 2, 100000);
    for (uint64_t i = 0; i < MANY; i++)
        assert_int_equal(call(&loop, i, mix[i % ARRAY_LEN(mix)], DEADLINE_US), 0);
    run_until(&loop, MANY);
    for (int i = 0; i < 20; i++)
        turn(&loop);
    assert_int_equal(loop.answers, MANY);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(loop.per_call[i], 1);
    close_loop(&loop);
}

static void closing_with_calls_running_leaks_nothing(UNUSED void **state)
{
    struct loop loop;

    open_loop(&loop, 2, 100000);
    for (uint64_t i = 0; i < 8; i++)
        assert_int_equal(call(&loop, i, i % 2 ? "hang" : "none", DEADLINE_US), 0);
    turn(&loop);
    close_loop(&loop); /* the sanitizers see the rest */
}

#define CALM(test) cmocka_unit_test_setup(test, calm_stub)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALM(each_fault_ends_in_one_answer_with_its_reason),
        CALM(connection_is_used_again),
        CALM(connection_dead_on_reuse_costs_no_try),
        CALM(hang_on_a_kept_connection_is_a_timeout),
        CALM(fault_that_passes_is_survived_by_a_retry),
        CALM(of_two_servers_the_one_that_lives_takes_the_calls),
        CALM(retry_after_beyond_the_deadline_ends_at_once),
        CALM(retries_end_with_the_deadline),
        CALM(refused_connection_is_tried_again),
        CALM(breaker_opens_and_a_probe_closes_it),
        CALM(cancelled_call_closes_its_connection_and_gives_no_answer),
        CALM(many_calls_at_once_end_once_each),
        CALM(closing_with_calls_running_leaks_nothing),
    };

    return cmocka_run_group_tests(tests, start_stub, stop_stub);
}
