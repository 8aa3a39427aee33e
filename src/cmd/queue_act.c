/* What each verb asks of the queue. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "cmd/editor.h"
#include "cmd/queue.h"

enum { LIST_DEFAULT = 20, ANSWER_TEXT_MAX = 262144 };

static const char *number_text(double number, int decimals, char out[QUEUE_NUMBER_TEXT])
{
    snprintf(out, QUEUE_NUMBER_TEXT, "%.*f", decimals, number);
    return out;
}

/* ---- the claim that is meant ---- */

static int find_claim(struct queue_call *call, struct err *reterr)
{
    const char *const params[REVIEWING_PARAMS_MAX] = {call->item};
    CLEANUP(mem_freep) char *json = NULL;
    CLEANUP(json_done) cJSON *rows = NULL;
    int n;

    if (call->claim)
        return 0;
    if (queue_reviewing(call->queue, REVIEWING_CLAIM_NO, params, &json, reterr) < 0)
        return -1;
    rows = cJSON_Parse(json);
    n = cJSON_GetArraySize(rows);
    if (n > 1)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE,
                       "name the item: you have claimed more than one, see 'triaged queue mine'");
    if (n == 0 && call->item)
        return err_set(reterr, ERR_PERMANENT, EX_TEMPFAIL,
                       "claim it first, or name the claim: you have no claim of item %s", call->item);
    if (n == 0)
        return err_set(reterr, ERR_PERMANENT, EX_TEMPFAIL,
                       "claim an item first ('triaged queue claim'): you have none");
    call->item = number_text(json_num(cJSON_GetArrayItem(rows, 0), "item_id", 0), 0, call->item_text);
    call->claim = number_text(json_num(cJSON_GetArrayItem(rows, 0), "claim_no", 0), 0, call->claim_text);
    return 0;
}

/* A call that names item, claim and two more. */
static int on_claim(struct queue_call *call, enum reviewing what, const char *one, const char *two, char **ret_json,
                    struct err *reterr)
{
    if (find_claim(call, reterr) < 0)
        return -1;
    const char *const params[REVIEWING_PARAMS_MAX] = {call->item, call->claim, one, two};
    return queue_reviewing(call->queue, what, params, ret_json, reterr);
}

/* ---- looking ---- */

int queue_run_list(struct queue_call *call, char **ret_json, struct err *reterr)
{
    const struct options *options = &call->options;
    char count[QUEUE_NUMBER_TEXT];
    const char *const params[REVIEWING_PARAMS_MAX] = {
        number_text(options->count ? (double)options->count : LIST_DEFAULT, 0, count), options->group, options->label,
        options->state, options->overdue ? "t" : NULL};

    return queue_reviewing(call->queue, REVIEWING_LIST, params, ret_json, reterr);
}

int queue_run_mine(struct queue_call *call, char **ret_json, struct err *reterr)
{
    const char *const params[REVIEWING_PARAMS_MAX] = {NULL};

    return queue_reviewing(call->queue, REVIEWING_MINE, params, ret_json, reterr);
}

int queue_run_reasons(struct queue_call *call, char **ret_json, struct err *reterr)
{
    const char *const params[REVIEWING_PARAMS_MAX] = {NULL};

    return queue_reviewing(call->queue, REVIEWING_REASONS, params, ret_json, reterr);
}

int queue_run_show(struct queue_call *call, char **ret_json, struct err *reterr)
{
    const char *const params[REVIEWING_PARAMS_MAX] = {call->item};

    return queue_reviewing(call->queue, REVIEWING_SHOW, params, ret_json, reterr);
}

int queue_run_alike(struct queue_call *call, char **ret_json, struct err *reterr)
{
    char least[QUEUE_NUMBER_TEXT], count[QUEUE_NUMBER_TEXT];
    const char *const params[REVIEWING_PARAMS_MAX] = {
        call->item, call->options.least > 0 ? number_text(call->options.least, 6, least) : NULL,
        call->options.count ? number_text((double)call->options.count, 0, count) : NULL};

    return queue_reviewing(call->queue, REVIEWING_ALIKE, params, ret_json, reterr);
}

int queue_run_stats(struct queue_call *call, char **ret_json, struct err *reterr)
{
    static const struct {
        const char *by;
        enum reviewing call;
    } views[] = {{"age", REVIEWING_STATS},
                 {"states", REVIEWING_STATES},
                 {"classes", REVIEWING_CLASSES},
                 {"reviewers", REVIEWING_REVIEWERS},
                 {"agreement", REVIEWING_AGREEMENT}};
    const char *const params[REVIEWING_PARAMS_MAX] = {NULL};
    size_t i = 0;

    while (call->options.by && strcmp(call->options.by, views[i].by) != 0)
        i++;
    return queue_reviewing(call->queue, views[i].call, params, ret_json, reterr);
}

int queue_run_budget(struct queue_call *call, char **ret_json, struct err *reterr)
{
    const char *const params[REVIEWING_PARAMS_MAX] = {NULL};

    return queue_reviewing(call->queue, REVIEWING_BUDGET, params, ret_json, reterr);
}

/* ---- claiming and giving back ---- */

int queue_run_claim(struct queue_call *call, char **ret_json, struct err *reterr)
{
    char count[QUEUE_NUMBER_TEXT];
    const char *const params[REVIEWING_PARAMS_MAX] = {
        call->options.reviewer, call->options.count ? number_text((double)call->options.count, 0, count) : NULL,
        call->options.group, call->options.key};

    if (call->options.reviewer && call->options.key)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "leave out --reviewer or --key: a key is the caller's own");
    return queue_reviewing(call->queue, REVIEWING_CLAIM, params, ret_json, reterr);
}

int queue_run_renew(struct queue_call *call, char **ret_json, struct err *reterr)
{
    char seconds[QUEUE_NUMBER_TEXT];

    return on_claim(call, REVIEWING_RENEW,
                    number_text(call->options.seconds > 0 ? call->options.seconds : 0, 1, seconds), NULL, ret_json,
                    reterr);
}

int queue_run_release(struct queue_call *call, char **ret_json, struct err *reterr)
{
    return on_claim(call, REVIEWING_RELEASE, NULL, NULL, ret_json, reterr);
}

int queue_run_skip(struct queue_call *call, char **ret_json, struct err *reterr)
{
    return on_claim(call, REVIEWING_SKIP, call->options.reason, NULL, ret_json, reterr);
}

int queue_run_snooze(struct queue_call *call, char **ret_json, struct err *reterr)
{
    if (!call->options.until == !call->options.lasting)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "give --for SPAN or --until TIME, one of them");
    return on_claim(call, REVIEWING_SNOOZE, call->options.until, call->options.lasting, ret_json, reterr);
}

int queue_run_escalate(struct queue_call *call, char **ret_json, struct err *reterr)
{
    return on_claim(call, REVIEWING_ESCALATE, call->options.reason, call->options.group, ret_json, reterr);
}

int queue_run_reassign(struct queue_call *call, char **ret_json, struct err *reterr)
{
    return on_claim(call, REVIEWING_REASSIGN, call->options.to, call->options.reason, ret_json, reterr);
}

/* ---- answering ---- */

struct answer {
    char *text;                 /* NULL: the draft as it is */
    char path[EDITOR_PATH_MAX]; /* of a text that was edited; "" : none */
};

/* The draft in the editor, above what the ticket says. */
static int edit_draft(struct queue_call *call, struct answer *answer, struct err *reterr)
{
    const struct terminal plain = {0};
    CLEANUP(mem_freep) char *json = NULL;
    CLEANUP(mem_freep) char *context = NULL;
    CLEANUP(json_done) cJSON *shown = NULL;
    CLEANUP(mem_freep) char *ignored = NULL;
    size_t len = 0;
    FILE *page;

    if (queue_run_renew(call, &ignored, reterr) < 0 || queue_run_show(call, &json, reterr) < 0)
        return -1;
    shown = cJSON_Parse(json);
    page = open_memstream(&context, &len);
    if (!page)
        return err_set(reterr, ERR_FATAL, EX_OSERR, "no memory for the ticket");
    queue_print_shown(shown, &plain, page);
    fclose(page);
    if (editor_edit(json_str(shown, "draft", ""), context, &answer->text, answer->path, reterr) < 0)
        return -1;
    if (!*answer->text) {
        editor_forget(answer->path);
        return err_set(reterr, ERR_PERMANENT, EX_TEMPFAIL,
                       "nothing was answered: the text is empty; item %s is still yours", call->item);
    }
    return 0;
}

static int read_answer(struct queue_call *call, struct answer *answer, struct err *reterr)
{
    const struct options *options = &call->options;

    if ((options->text != NULL) + (options->text_file != NULL) + options->edit > 1)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "give one of --text, --text-file and --edit");
    if (options->edit)
        return edit_draft(call, answer, reterr);
    if (options->text_file)
        return editor_read(options->text_file, ANSWER_TEXT_MAX, &answer->text, reterr);
    answer->text = options->text ? mem_strdup(options->text) : NULL;
    return 0;
}

/* "all": what is alike, as a list of numbers; the caller frees it. */
static int others_of(struct queue_call *call, char **ret_others, struct err *reterr)
{
    CLEANUP(mem_freep) char *json = NULL;
    CLEANUP(json_done) cJSON *rows = NULL;
    CLEANUP(buf_free) struct buf list = {0};
    const cJSON *row;

    if (strcmp(call->options.others, "all") != 0) {
        *ret_others = mem_strdup(call->options.others);
        return 0;
    }
    if (queue_run_alike(call, &json, reterr) < 0)
        return -1;
    rows = cJSON_Parse(json);
    cJSON_ArrayForEach(row, rows) buf_printf(&list, "%s%.0f", list.len ? "," : "", json_num(row, "item_id", 0));
    if (!list.len)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "use resolve: nothing that waits is like item %s",
                       call->item);
    *ret_others = buf_take(&list);
    return 0;
}

/* Without --key the claim is the key: the same answer again is the same answer, whatever became of the reply. */
static int send_answer(struct queue_call *call, const struct answer *answer, const char *others, char **ret_json,
                       struct err *reterr)
{
    const struct options *options = &call->options;
    char key[QUEUE_NUMBER_TEXT + sizeof "claim "], seconds[QUEUE_NUMBER_TEXT];

    snprintf(key, sizeof key, "claim %s", call->claim);
    const char *const params[REVIEWING_PARAMS_MAX] = {call->item,
                                                      call->claim,
                                                      options->key ? options->key : key,
                                                      options->outcome,
                                                      options->label,
                                                      answer->text,
                                                      options->seconds >= 0 ? number_text(options->seconds, 1, seconds)
                                                                            : NULL,
                                                      others};
    return queue_reviewing(call->queue, others ? REVIEWING_RESOLVE_ALIKE : REVIEWING_RESOLVE, params, ret_json, reterr);
}

int queue_run_resolve(struct queue_call *call, char **ret_json, struct err *reterr)
{
    struct answer answer = {0};
    CLEANUP(mem_freep) char *others = NULL;
    int rc = find_claim(call, reterr);

    if (rc == 0 && call->options.others)
        rc = others_of(call, &others, reterr);
    if (rc == 0)
        rc = read_answer(call, &answer, reterr);
    if (rc == 0) {
        rc = send_answer(call, &answer, others, ret_json, reterr);
        if (rc == 0 && *answer.path)
            editor_forget(answer.path);
        else if (rc < 0 && *answer.path)
            err_context(reterr, "your text is kept in %s", answer.path);
    }
    mem_free(answer.text);
    return rc;
}

int queue_run_resolve_alike(struct queue_call *call, char **ret_json, struct err *reterr)
{
    if (!call->options.others)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE,
                       "give --others LIST, see 'triaged queue alike', or --others all");
    return queue_run_resolve(call, ret_json, reterr);
}

int queue_run_undo(struct queue_call *call, char **ret_json, struct err *reterr)
{
    const char *const params[REVIEWING_PARAMS_MAX] = {call->item, call->options.key};

    return queue_reviewing(call->queue, REVIEWING_UNDO, params, ret_json, reterr);
}
