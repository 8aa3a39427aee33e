/* triaged queue watch: the queue on the screen, drawn again when the database says that something happened and every
 * few seconds besides. A connection that is lost is made again. Ctrl-C ends it. */
#define _GNU_SOURCE /* ppoll */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cmd/queue.h"

enum { EVERY_DEFAULT_S = 5, STATS_EVERY_S = 10, RETRY_S = 2, LINES_TAKEN = 12, LIST_DEFAULT = 20, LIST_LEAST = 5 };

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* They come only while it waits: one that came between the look at `stopped` and the wait would be slept over. */
static void stop_on_signals(sigset_t *ret_waiting)
{
    struct sigaction action = {.sa_handler = stop};
    sigset_t both;

    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    sigprocmask(SIG_BLOCK, &both, ret_waiting);
    sigdelset(ret_waiting, SIGINT);
    sigdelset(ret_waiting, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

struct screen {
    struct terminal terminal;
    sigset_t waiting;          /* the signals that are blocked while it waits: not those that end it */
    char *list, *mine, *stats; /* as they were looked at last */
    char *drawn_state;         /* what was drawn, without its times */
    int64_t stats_at_us;       /* counting a long queue costs more than listing its front */
    bool drawn;
};

static void replace(char **held, char *json)
{
    mem_free(*held);
    *held = json;
}

static int look(struct queue_call *call, struct screen *screen, struct err *reterr)
{
    int64_t now = clock_mono_us();
    char *json;

    if (!call->options.count && screen->terminal.height)
        call->options.count =
            screen->terminal.height > LINES_TAKEN + LIST_LEAST ? screen->terminal.height - LINES_TAKEN : LIST_LEAST;
    if (queue_run_list(call, &json, reterr) < 0)
        return -1;
    replace(&screen->list, json);
    if (queue_run_mine(call, &json, reterr) < 0)
        return -1;
    replace(&screen->mine, json);
    if (screen->stats && now - screen->stats_at_us < STATS_EVERY_S * 1000000LL)
        return 0;
    screen->stats_at_us = now;
    if (queue_run_stats(call, &json, reterr) < 0)
        return -1;
    replace(&screen->stats, json);
    return 0;
}

/* "1,234 wait, 3 late" of all groups. */
static void draw_sum(const cJSON *stats, FILE *out)
{
    double items = 0, late = 0, soon = 0;
    const cJSON *row;

    cJSON_ArrayForEach(row, json_get(stats, "ageing"))
    {
        items += json_num(row, "items", 0);
        late += json_num(row, "overdue", 0);
        soon += json_num(row, "due_within_hour", 0);
    }
    fprintf(out, "%.0f wait, %.0f late, %.0f due within the hour\n\n", items, late, soon);
}

static void draw_page(const struct screen *screen, FILE *out)
{
    cJSON *list = cJSON_Parse(screen->list), *mine = cJSON_Parse(screen->mine), *stats = cJSON_Parse(screen->stats);

    draw_sum(stats, out);
    queue_print_list(list, &screen->terminal, out);
    if (cJSON_GetArraySize(json_get(mine, "claimed")) || cJSON_GetArraySize(json_get(mine, "held")) ||
        cJSON_GetArraySize(json_get(mine, "notices"))) {
        fputs("\n", out);
        queue_print_mine(mine, &screen->terminal, out);
    }
    if (screen->terminal.is_one)
        fputs("\nCtrl-C ends.\n", out);
    cJSON_Delete(list);
    cJSON_Delete(mine);
    cJSON_Delete(stats);
}

/* Home, the page, and what is left of the one before cleared: no flicker. Into a file: the page and an empty line. */
static void draw(struct queue_call *call, struct screen *screen)
{
    if (call->options.json) {
        printf("{\"queue\":%s,\"mine\":%s,\"stats\":%s}\n", screen->list, screen->mine, screen->stats);
    } else if (screen->terminal.is_one) {
        CLEANUP(mem_freep) char *page = NULL;
        size_t len = 0;
        FILE *memory = open_memstream(&page, &len);
        if (!memory)
            return;
        draw_page(screen, memory);
        fclose(memory);
        fputs(screen->drawn ? "\033[H" : "\033[H\033[2J", stdout);
        for (char *line = page, *end; (end = strchr(line, '\n')); line = end + 1)
            printf("%.*s\033[K\n", (int)(end - line), line);
        fputs("\033[J", stdout);
    } else {
        draw_page(screen, stdout);
        puts("");
    }
    screen->drawn = true;
    fflush(stdout);
}

static void add_state(const char *json, const char *member, struct buf *out)
{
    static const char *const names[] = {"item_id", "state", "claimed_by", "claim_no", "claim_expired", "event"};
    cJSON *doc = cJSON_Parse(json);
    const cJSON *rows = member ? json_get(doc, member) : doc, *row;

    cJSON_ArrayForEach(row, rows)
    {
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            char *value = cJSON_PrintUnformatted(json_get(row, names[i]));
            buf_printf(out, "%s ", value ? value : "");
            cJSON_free(value);
        }
    }
    cJSON_Delete(doc);
}

/* Times go on by themselves, and a terminal shows that; a page in a file is written when something else changed. */
static bool is_news(const struct queue_call *call, struct screen *screen)
{
    struct buf state = {0};
    bool news;

    add_state(screen->list, NULL, &state);
    add_state(screen->mine, "claimed", &state);
    add_state(screen->mine, "held", &state);
    add_state(screen->mine, "notices", &state);
    news = (screen->terminal.is_one && !call->options.json) || !screen->drawn_state ||
           strcmp(screen->drawn_state, buf_str(&state)) != 0;
    replace(&screen->drawn_state, buf_take(&state));
    return news;
}

/* For a wait that was over before it began. */
static void let_signals_in(const struct screen *screen)
{
    sigset_t blocked;

    sigprocmask(SIG_SETMASK, &screen->waiting, &blocked);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* Draws, waits, draws again, until the connection fails or it is stopped. */
static int follow(struct queue_call *call, struct screen *screen, struct err *reterr)
{
    int every = call->options.every > 0 ? (int)(call->options.every * 1000) : EVERY_DEFAULT_S * 1000;
    bool heard;

    if (queue_listen(call->queue, reterr) < 0)
        return -1;
    for (; !stopped; let_signals_in(screen)) {
        if (look(call, screen, reterr) < 0)
            return -1;
        if (is_news(call, screen))
            draw(call, screen);
        if (ferror(stdout))
            return err_set(reterr, ERR_PERMANENT, EX_IOERR, "cannot write to standard output");
        if (queue_await(call->queue, every, &screen->waiting, &heard, reterr) < 0)
            return -1;
    }
    return 0;
}

static int connect_again(struct queue_call *call, const struct screen *screen, struct err *reterr)
{
    const struct timespec pause = {.tv_sec = RETRY_S};

    fprintf(stderr, "triaged queue watch: %s; trying again every %d s\n", reterr->text, RETRY_S);
    queue_close(call->queue);
    call->queue = NULL;
    while (!stopped && queue_open(&call->config->postgres, "triaged-queue", &call->queue, reterr) < 0) {
        call->queue = NULL;
        (void)ppoll(NULL, 0, &pause, &screen->waiting);
    }
    return 0;
}

int queue_run_watch(struct queue_call *call, char **ret_json, struct err *reterr)
{
    struct screen screen = {.terminal = terminal_of(stdout)};
    int rc = 0;

    stop_on_signals(&screen.waiting);
    do {
        rc = follow(call, &screen, reterr);
        if (rc < 0 && !stopped && reterr->class == ERR_TRANSIENT)
            rc = connect_again(call, &screen, reterr);
        else
            break;
    } while (!stopped);
    mem_free(screen.list);
    mem_free(screen.mine);
    mem_free(screen.stats);
    mem_free(screen.drawn_state);
    *ret_json = NULL;
    return stopped ? 0 : rc;
}
