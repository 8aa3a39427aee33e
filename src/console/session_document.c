#include "console/session_document.h"

#include <string.h>

#include "base/attrs.h"
#include "base/json.h"
#include "console/console_state.h"
#include "console/item.h"

static void add_labels(cJSON *labels, const struct console_profile *profile)
{
    static const char *const risks[] = {"low", "medium", "high"};
    const struct policy *policy = profile->policy;

    for (size_t i = 0; policy && i < policy_class_count(policy); i++) {
        const struct policy_class *class = policy_class_at(policy, i);
        cJSON *label = cJSON_CreateObject();
        cJSON_AddStringToObject(label, "profile", profile->name);
        cJSON_AddStringToObject(label, "label", class->label);
        cJSON_AddStringToObject(label, "description", class->description ? class->description : "");
        cJSON_AddStringToObject(label, "guideline", class->guideline ? class->guideline : "");
        cJSON_AddStringToObject(label, "risk", risks[class->risk]);
        cJSON_AddItemToArray(labels, label);
    }
}

static void add_profiles(cJSON *doc, const struct console_parts *parts)
{
    cJSON *profiles = cJSON_AddArrayToObject(doc, "profiles");
    cJSON *labels = cJSON_AddArrayToObject(doc, "labels");

    for (size_t i = 0; i < parts->n_profiles; i++) {
        cJSON_AddItemToArray(profiles, cJSON_CreateString(parts->profiles[i].name));
        add_labels(labels, &parts->profiles[i]);
    }
}

char *session_document(const struct exchange *exchange, const char *json)
{
    const struct json_limits limits = {ITEM_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};
    CLEANUP(json_done) cJSON *doc = NULL;
    char csrf[SESSION_ID_MAX];

    if (json_parse(json, strlen(json), &limits, &doc, NULL) < 0)
        return NULL;
    if (*exchange->proxied)
        session_csrf_proxied(exchange->proxied, exchange->console->rules.proxy_secret, csrf);
    else
        session_csrf(exchange->session_id, csrf);
    cJSON_AddStringToObject(doc, "csrf", csrf);
    cJSON_AddStringToObject(doc, "via", *exchange->proxied ? "proxy" : "account");
    add_profiles(doc, &exchange->console->parts);
    return json_text(doc);
}
