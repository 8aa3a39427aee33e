/* One table: what each step asks for, and how it is said. */
#include "decide/ladder.h"

#include <stdio.h>

#include "base/attrs.h"

#define TO(mode) (1u << (mode))
#define TO_ANY   (TO(MODE_SHADOW) | TO(MODE_SUGGEST) | TO(MODE_HOLD) | TO(MODE_AUTO))
#define TO_WORK  (TO(MODE_SUGGEST) | TO(MODE_HOLD) | TO(MODE_AUTO)) /* above shadow: somebody gets what it makes */
#define TO_ALONE (TO(MODE_HOLD) | TO(MODE_AUTO))                    /* without a person */

static const struct {
    const char *name;
    unsigned asked_for; /* steps to these levels */
    bool excusable;
} lack_table[] = {
    [LACK_CEILING] = {"ceiling", TO_ANY, false},
    [LACK_CONTROLS] = {"controls", TO_ANY, false},
    [LACK_OWNER] = {"owner", TO_ANY, false},
    [LACK_LABELS] = {"labels", TO_WORK, true},
    [LACK_SAMPLE] = {"sample", TO_WORK, true},
    [LACK_OVERRIDES] = {"overrides", TO_WORK, true},
    [LACK_SPEED_UNKNOWN] = {"speed_unknown", TO_WORK, true},
    [LACK_SPEED] = {"speed", TO_WORK, true},
    [LACK_REVIEW] = {"quality_review", TO_WORK, true},
    [LACK_KNOWLEDGE] = {"knowledge", TO_ALONE, true},
    [LACK_PROMISE] = {"promise", TO_ALONE, true},
    [LACK_PROMISE_BROKEN] = {"promise_broken", TO_ALONE, true},
    [LACK_AUDITS] = {"audits", TO_ALONE, true},
};
_Static_assert(ARRAY_LEN(lack_table) == LACK_COUNT, "a lack without a row");

enum mode ladder_next(enum mode level)
{
    return level == MODE_AUTO ? MODE_AUTO : level + 1;
}

static bool review_overdue(const struct ladder_evidence *evidence, const struct policy_autonomy *bounds)
{
    return evidence->reviewed_days < 0 || evidence->reviewed_days > bounds->quality_review_days;
}

static bool overridden_too_often(const struct ladder_evidence *evidence, const struct policy_autonomy *bounds)
{
    return (double)evidence->overrides > bounds->override_most * (double)evidence->looked;
}

static bool lacks(const struct ladder_evidence *evidence, const struct policy_autonomy *bounds, enum mode to,
                  enum ladder_lack lack)
{
    switch (lack) {
    case LACK_CEILING:
        return to > evidence->ceiling;
    case LACK_CONTROLS:
        return evidence->stopped || evidence->capped;
    case LACK_OWNER:
        return !evidence->owner_named;
    case LACK_LABELS:
        return evidence->labels < bounds->labels_least;
    case LACK_SAMPLE:
        return evidence->looked == 0;
    case LACK_OVERRIDES:
        return evidence->looked > 0 && overridden_too_often(evidence, bounds);
    case LACK_SPEED_UNKNOWN:
        return evidence->share_of_manual < 0;
    case LACK_SPEED:
        return evidence->share_of_manual > 1;
    case LACK_REVIEW:
        return review_overdue(evidence, bounds);
    case LACK_KNOWLEDGE:
        return evidence->stale_macro;
    case LACK_PROMISE:
        return !evidence->promise_certified;
    case LACK_PROMISE_BROKEN:
        return evidence->promise_certified && evidence->promise_was_broken;
    case LACK_AUDITS:
        return evidence->unwatched;
    case LACK_COUNT:
        break;
    }
    return false;
}

unsigned ladder_lacks(const struct ladder_evidence *evidence, const struct policy_autonomy *bounds, enum mode to)
{
    unsigned found = 0;

    for (enum ladder_lack lack = 0; lack < LACK_COUNT; lack++) {
        if ((lack_table[lack].asked_for & TO(to)) && lacks(evidence, bounds, to, lack))
            found |= 1u << lack;
    }
    return found;
}

const char *ladder_lack_name(enum ladder_lack lack)
{
    return lack_table[lack].name;
}

bool ladder_lack_excusable(enum ladder_lack lack)
{
    return lack_table[lack].excusable;
}

char *ladder_lack_words(enum ladder_lack lack, const struct ladder_evidence *evidence,
                        const struct policy_autonomy *bounds, char out[LADDER_WORDS_MAX])
{
    const size_t size = LADDER_WORDS_MAX;

    switch (lack) {
    case LACK_CEILING:
        snprintf(out, size, "raise the class's mode in the policy first, as far as its floor allows");
        break;
    case LACK_CONTROLS:
        snprintf(out, size, "it is stopped or capped by an operator: triaged control show");
        break;
    case LACK_OWNER:
        snprintf(out, size, "name an owner in the policy");
        break;
    case LACK_LABELS:
        snprintf(out, size, "%ld more labels of people since the last step down: %ld of %d",
                 bounds->labels_least - evidence->labels, evidence->labels, bounds->labels_least);
        break;
    case LACK_SAMPLE:
        snprintf(out, size, "nobody has looked at a decision that the machine was sure of");
        break;
    case LACK_OVERRIDES:
        snprintf(out, size, "people overrode %ld of the last %ld: at most %.3g of them", evidence->overrides,
                 evidence->looked, bounds->override_most);
        break;
    case LACK_SPEED_UNKNOWN:
        snprintf(
            out, size,
            "set triage.setting.manual_seconds, and let people answer some: reviewing is compared with doing the task");
        break;
    case LACK_SPEED:
        snprintf(out, size, "reviewing takes %.2f times as long as doing the task", evidence->share_of_manual);
        break;
    case LACK_REVIEW:
        if (evidence->reviewed_days < 0)
            snprintf(out, size, "nobody has reviewed its quality: triaged autonomy reviewed");
        else
            snprintf(out, size, "its last quality review is %.3g days old: at most %.3g", evidence->reviewed_days,
                     bounds->quality_review_days);
        break;
    case LACK_KNOWLEDGE:
        snprintf(out, size, "its approved answer %s %s", evidence->stale_macro, evidence->stale_why);
        break;
    case LACK_PROMISE:
        snprintf(out, size, "no certified promise covers it: triaged calibrate");
        break;
    case LACK_PROMISE_BROKEN:
        snprintf(out, size, "the promise in force is the one that was broken: calibrate anew");
        break;
    case LACK_AUDITS:
        snprintf(out, size, "nothing is audited: set triage.audit_percent and triage.audit_key_file");
        break;
    case LACK_COUNT:
        break;
    }
    return out;
}

/* A rate over fewer looks than a step up asks for would fall by chance. */
const char *ladder_falls(const struct ladder_evidence *evidence, const struct policy_autonomy *bounds)
{
    if (evidence->level <= MODE_SHADOW)
        return NULL;
    if (evidence->looked >= bounds->labels_least && overridden_too_often(evidence, bounds))
        return "override_rate";
    if (evidence->level == MODE_SUGGEST)
        return NULL;
    if (review_overdue(evidence, bounds))
        return "review_overdue";
    return evidence->stale_macro ? "knowledge_stale" : NULL;
}
