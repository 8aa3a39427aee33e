/* triaged model measure: what the model server at hand gives, by calls at once and length of the prompt; the figures
 * that a plan needs. Asks for answers of one length, with prompts that no cache has seen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "model/model.h"

#define NAME "model measure"

enum {
    CALLS_EACH = 2,
    EVENTS_MAX = 64,
    WAIT_MS = 10,
    AT_ONCE_MOST = 256,
    ANSWER_TOKENS_MOST = 4096,
    JSON_BYTES = 1 << 20
};
static const int prompt_words[] = {100, 600}; /* about 500 and 2,500 tokens */

struct options {
    struct cmd_common common;
    int64_t most, tokens, pid;
    bool json;
};

static const struct option_row option_rows[] = {
    ROW_INTEGER("--most", "N", most, 1, AT_ONCE_MOST, "most calls at once (default: model.slots)"),
    ROW_INTEGER("--tokens", "N", tokens, 1, ANSWER_TOKENS_MOST, "length of an answer (default: model.max_tokens)"),
    ROW_INTEGER("--pid", "PID", pid, 1, INT32_MAX,
                "of the server on this machine: its memory, and by how much it grew with the calls"),
    ROW_FLAG("--json", json, "one object a line"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    .about =
        "Calls the configured model server with 1, 2, 4 ... N calls at once, with a short and a long prompt, and says "
        "how many tokens a second come of it and how long one call takes. The slot count after which tokens a second "
        "no longer rise is the one to use; its seconds a call are what 'triaged plan --draft-seconds' asks for.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .notes = "A prompt that the server refuses is told and left out. Tokens a second are those of answers, over all "
             "calls at once.\n\n"
             "exit codes: 0 measured, 69 or 70 a call failed, 78 no model server is configured",
    .example = "triaged model measure --most 8",
};

/* ---- one cell of the table ---- */

struct cell {
    int at_once, words, calls;
    double took_s, call_s, tokens_in, tokens_out; /* call_s: sum over calls */
    long resident_kib;                            /* of the server after it; 0 unknown */
};

struct run {
    const struct config *config;
    const struct options *options;
    struct cell cell;
    struct model *model;
    int epoll_fd, started, ended;
};

static void run_done(struct run *self)
{
    model_close(self->model);
    if (self->epoll_fd >= 0)
        close(self->epoll_fd);
}

/* The first words differ from call to call, so that nothing is read from a cache. */
static char *body_of(const struct run *self)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    CLEANUP(buf_free) struct buf text = {0};
    cJSON *message = cJSON_CreateObject();

    buf_printf(&text, "Case %lld. ", (long long)clock_mono_us());
    for (int i = 0; i < self->cell.words; i++)
        buf_printf(&text, "item %d ", (i * 7919 + self->started) % 1000);
    buf_puts(&text, "Write a long story about these.");
    cJSON_AddStringToObject(message, "role", "user");
    cJSON_AddStringToObject(message, "content", buf_str(&text));
    cJSON_AddItemToArray(cJSON_AddArrayToObject(doc, "messages"), message);
    cJSON_AddStringToObject(doc, "model", self->config->model.name);
    cJSON_AddNumberToObject(doc, "max_tokens", (double)self->options->tokens);
    cJSON_AddNumberToObject(doc, "temperature", 0);
    return json_text(doc);
}

static int start_call(struct run *self, struct err *reterr)
{
    CLEANUP(mem_freep) char *body = body_of(self);
    int64_t deadline = clock_mono_us() + self->config->model.deadline_ms * 1000LL;

    return model_call(self->model, (uint64_t)++self->started, body, "", deadline, reterr);
}

static int take_answer(struct run *self, const struct model_answer *answer, struct err *reterr)
{
    static const struct json_limits limits = {JSON_BYTES, 32, 100000};
    CLEANUP(json_done) cJSON *doc = NULL;
    int64_t in = 0, out = 0;

    self->ended++;
    if (!answer->ok) {
        *reterr = answer->err;
        return -1;
    }
    if (json_parse(answer->body, answer->len, &limits, &doc, reterr) < 0)
        return -1;
    json_int64(json_get(doc, "usage"), "prompt_tokens", &in);
    json_int64(json_get(doc, "usage"), "completion_tokens", &out);
    self->cell.tokens_in += (double)in;
    self->cell.tokens_out += (double)out;
    self->cell.call_s += (double)answer->took_us / 1e6;
    return 0;
}

/* Takes what has ended and keeps as many running until all are started. */
static int turn(struct run *self, struct err *reterr)
{
    struct epoll_event events[EVENTS_MAX];
    struct model_answer answer;
    int n = epoll_wait(self->epoll_fd, events, EVENTS_MAX, WAIT_MS);
    int64_t now = clock_mono_us();

    for (int i = 0; i < n; i++)
        model_on_socket(self->model, (int)(events[i].data.u64 & 0xffffffffu), events[i].events, now);
    model_tick(self->model, now);
    while (model_next_answer(self->model, &answer)) {
        int rc = take_answer(self, &answer, reterr);
        model_answer_free(&answer);
        if (rc < 0 || (self->started < self->cell.calls && start_call(self, reterr) < 0))
            return -1;
    }
    return 0;
}

#define VMRSS "VmRSS:"

static long resident_kib(long pid)
{
    char path[64], line[256];
    long kib = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    file = pid ? fopen(path, "re") : NULL;
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, VMRSS, strlen(VMRSS)) == 0)
            kib = strtol(line + strlen(VMRSS), NULL, 10);
    }
    if (file)
        fclose(file);
    return kib;
}

static int measure(const struct config *config, const struct options *options, struct cell *cell, struct err *reterr)
{
    CLEANUP(run_done) struct run self = {.config = config, .options = options, .cell = *cell, .epoll_fd = -1};
    struct model_settings settings = model_settings_of(&config->model, 1);
    int64_t began;

    settings.slots = cell->at_once;
    settings.retries = 0;
    self.cell.calls = cell->at_once * CALLS_EACH;
    self.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (model_open(&settings, self.epoll_fd, 0, &self.model, reterr) < 0)
        return -1;
    began = clock_mono_us();
    for (int i = 0; i < cell->at_once; i++) {
        if (start_call(&self, reterr) < 0)
            return -1;
    }
    while (self.ended < self.cell.calls) {
        if (turn(&self, reterr) < 0)
            return -1;
    }
    self.cell.took_s = (double)(clock_mono_us() - began) / 1e6;
    self.cell.resident_kib = resident_kib((long)options->pid);
    *cell = self.cell;
    return 0;
}

/* ---- the table ---- */

static void print_cell(const struct cell *cell, bool json)
{
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"at_once", cell->at_once},
                   {"prompt_tokens", cell->tokens_in / cell->calls},
                   {"answer_tokens", cell->tokens_out / cell->calls},
                   {"tokens_per_second", cell->tokens_out / cell->took_s},
                   {"seconds_each", cell->call_s / cell->calls},
                   {"calls_per_hour", cell->calls / cell->took_s * 3600},
                   {"server_mib", (double)cell->resident_kib / 1024}};

    if (json) {
        CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
        for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
            cJSON_AddNumberToObject(doc, numbers[i].key, numbers[i].value);
        jsonl_print(doc);
        return;
    }
    printf("%8.0f %12.0f %12.0f %12.1f %10.2f %12.0f %10.0f\n", numbers[0].value, numbers[1].value, numbers[2].value,
           numbers[3].value, numbers[4].value, numbers[5].value, numbers[6].value);
    fflush(stdout);
}

/* One length of prompt. A prompt that the server refuses, such as one beyond its context, ends it and is told; the
 * shortest has to pass. */
static int measure_prompt(const struct config *config, const struct options *options, int words, long *ret_kib,
                          struct err *reterr)
{
    for (int at_once = 1; at_once <= options->most; at_once *= 2) {
        struct cell cell = {.at_once = at_once, .words = words};
        if (measure(config, options, &cell, reterr) < 0) {
            if (reterr->class != ERR_PERMANENT || words == prompt_words[0])
                return -1;
            fprintf(stderr, "triaged " NAME ": a prompt of %d words: %s\n", words, reterr->text);
            return 0;
        }
        print_cell(&cell, options->json);
        *ret_kib = cell.resident_kib;
    }
    return 0;
}

static int measure_all(const struct config *config, const struct options *options, struct err *reterr)
{
    long before = resident_kib((long)options->pid), after = before;

    if (!options->json)
        printf("%8s %12s %12s %12s %10s %12s %10s\n", "at once", "prompt tok", "answer tok", "tokens/s", "s a call",
               "calls/hour", "MiB");
    for (size_t w = 0; w < ARRAY_LEN(prompt_words); w++) {
        if (measure_prompt(config, options, prompt_words[w], &after, reterr) < 0)
            return -1;
    }
    if (!options->json && before && after)
        printf("the server's memory: %ld MiB before, %ld MiB after, %.1f MiB more for each of %ld calls at once\n",
               before / 1024, after / 1024, (double)(after - before) / 1024 / (double)options->most,
               (long)options->most);
    return 0;
}

int cmd_model_measure(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    int code;

    if (!cmd_begin(&table_of_options, argc, argv, &options, &config, &code))
        return code;
    options.most = options.most ? options.most : config->model.slots;
    options.tokens = options.tokens ? options.tokens : config->model.max_tokens;
    if (!*config->model.url)
        code = err_set(&err, ERR_PERMANENT, EX_CONFIG, "no model server is configured: set model.url");
    else
        code = measure_all(config, &options, &err);
    if (code < 0)
        code = cmd_fail(NAME, &err);
    config_free(config);
    return code;
}
