/* A mode is written where it is less than auto, a switch where it was on. */
#include "contract/heard.h"

#include "triage/controls.h"

static bool said_anything(const struct control_answer *said)
{
    return said->stopped || said->taken_over || said->cap < MODE_AUTO || said->level < MODE_AUTO;
}

/* An answer on hold becomes a review by its policy alone: that is not heard. */
static bool heard_after(const struct decision_controls *controls)
{
    bool any = false;

    for (size_t i = 0; i < controls->n_after; i++)
        any = any || said_anything(&controls->after[i]);
    return any;
}

bool controls_were_heard(const struct decision_controls *controls)
{
    return controls->lowered || controls->undrafted || heard_after(controls);
}

/* ---- writing ---- */

static cJSON *answer_json(const struct control_answer *said)
{
    cJSON *object = cJSON_CreateObject();

    if (said->stopped)
        cJSON_AddTrueToObject(object, "stopped");
    if (said->taken_over)
        cJSON_AddTrueToObject(object, "taken_over");
    if (said->level < MODE_AUTO)
        cJSON_AddStringToObject(object, "level", control_mode_word(said->level));
    if (said->cap < MODE_AUTO)
        cJSON_AddStringToObject(object, "cap", control_mode_word(said->cap));
    return object;
}

cJSON *heard_json(const struct decision_controls *controls)
{
    cJSON *object = cJSON_CreateObject(), *after;

    if (controls->lowered)
        cJSON_AddItemToObject(object, "decided", answer_json(&controls->decided));
    if (controls->undrafted)
        cJSON_AddTrueToObject(object, "undrafted");
    if (heard_after(controls)) {
        after = cJSON_AddArrayToObject(object, "after");
        for (size_t i = 0; i < controls->n_after; i++)
            cJSON_AddItemToArray(after, answer_json(&controls->after[i]));
    }
    return object;
}

/* ---- reading ---- */

static enum mode mode_of(const cJSON *object, const char *name)
{
    enum mode mode;

    return control_mode_of(json_str(object, name, ""), &mode) < 0 ? MODE_AUTO : mode;
}

static struct control_answer answer_read(const cJSON *object)
{
    return (struct control_answer){.stopped = json_bool(object, "stopped", false),
                                   .taken_over = json_bool(object, "taken_over", false),
                                   .level = mode_of(object, "level"),
                                   .cap = mode_of(object, "cap")};
}

struct decision_controls heard_read(const cJSON *member)
{
    const cJSON *decided = json_get(member, "decided"), *one;
    struct decision_controls controls = {.lowered = decided != NULL,
                                         .undrafted = json_bool(member, "undrafted", false)};

    if (decided)
        controls.decided = answer_read(decided);
    cJSON_ArrayForEach(one, json_get(member, "after"))
    {
        if (controls.n_after < CONTROLS_AFTER_MAX)
            controls.after[controls.n_after++] = answer_read(one);
    }
    return controls;
}
