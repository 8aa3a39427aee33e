#include "policy/staffing.h"

#include <stdio.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/json.h"
#include "policy/hours.h"
#include "policy/words.h"
#include "triage/policy.h"

enum { ZONE_NAME_MAX = 64, GROUP_NAME_MAX = 128, PEOPLE_MAX = 1000, DAYS = 7, WHERE_MAX = 48 };

struct staffing {
    const char *zone;
    const struct yml_node *shifts;
    int relief;
};

struct shift {
    const char *group, *from, *to;
    const struct yml_node *days;
    double people;
};

static const struct yml_field staffing_fields[] = {
    {"zone", YAML_WANT_TEXT, true, offsetof(struct staffing, zone), 1, ZONE_NAME_MAX, NULL},
    {"shifts", YAML_WANT_LIST, true, offsetof(struct staffing, shifts), 1, POLICY_SHIFTS_MAX, NULL},
    {"relief", YAML_WANT_WORD, false, offsetof(struct staffing, relief), 0, 0, policy_relief_words},
};
static const struct yml_field shift_fields[] = {
    {"group", YAML_WANT_TEXT, true, offsetof(struct shift, group), 1, GROUP_NAME_MAX, NULL},
    {"days", YAML_WANT_LIST, true, offsetof(struct shift, days), 1, DAYS, NULL},
    {"from", YAML_WANT_TEXT, true, offsetof(struct shift, from), 5, 5, NULL},
    {"to", YAML_WANT_TEXT, true, offsetof(struct shift, to), 5, 5, NULL},
    {"people", YAML_WANT_NUMBER, true, offsetof(struct shift, people), 0.01, PEOPLE_MAX, NULL},
};

static int read_days(const struct yml *yaml, const struct yml_node *list, const char *where, cJSON *weekdays,
                     struct err *reterr)
{
    for (const struct yml_node *node = list->first; node; node = node->next) {
        int day = node->kind == YAML_SCALAR ? hours_weekday(node->text) : -1;
        if (day < 0)
            return yml_refuse(yaml, node, where, reterr, "days: give days such as mon, tue, wed");
        cJSON_AddItemToArray(weekdays, cJSON_CreateNumber(day + 1));
    }
    return 0;
}

static int read_shift(const struct yml *yaml, const struct yml_node *node, const char *where, cJSON *shifts,
                      struct err *reterr)
{
    struct shift shift = {0};
    int from, to;
    cJSON *one;

    if (yml_read(yaml, node, where, shift_fields, ARRAY_LEN(shift_fields), &shift, reterr) < 0 ||
        hours_read_minutes(yaml, node, where, "from", shift.from, &from, reterr) < 0 ||
        hours_read_minutes(yaml, node, where, "to", shift.to, &to, reterr) < 0)
        return -1;
    if (to <= from)
        return yml_refuse(yaml, node, where, reterr, "to: give a time after %s; a night is two shifts", shift.from);
    one = cJSON_CreateObject();
    cJSON_AddItemToArray(shifts, one);
    cJSON_AddStringToObject(one, "group", shift.group);
    cJSON_AddNumberToObject(one, "from_minute", from);
    cJSON_AddNumberToObject(one, "to_minute", to);
    cJSON_AddNumberToObject(one, "people", shift.people);
    return read_days(yaml, shift.days, where, cJSON_AddArrayToObject(one, "weekdays"), reterr);
}

int staffing_load(const struct yml *yaml, const struct yml_node *node, char **ret_json, enum review_state *ret_relief,
                  struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    struct staffing staffing = {0};
    cJSON *shifts = cJSON_AddArrayToObject(doc, "shifts");
    char where[WHERE_MAX];
    int n = 0;

    if (yml_read(yaml, node, "staffing", staffing_fields, ARRAY_LEN(staffing_fields), &staffing, reterr) < 0 ||
        hours_check_zone(yaml, node, "staffing.zone", staffing.zone, reterr) < 0)
        return -1;
    cJSON_AddStringToObject(doc, "zone", staffing.zone);
    for (const struct yml_node *one = staffing.shifts->first; one; one = one->next) {
        snprintf(where, sizeof where, "staffing.shifts[%d]", n++);
        if (read_shift(yaml, one, where, shifts, reterr) < 0)
            return -1;
    }
    *ret_json = json_text(doc);
    *ret_relief = (enum review_state)staffing.relief;
    return 0;
}
