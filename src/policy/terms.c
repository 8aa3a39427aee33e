/* Keys by tables: where each stands in the file, its default, and which way is tighter. */
#include "policy/terms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "policy/words.h"

/* A key of the top or of a class. */
struct key {
    const char *path;
    enum direction direction;
    const char *const *words; /* NULL: a number, a text or a set, as the direction says */
    const char *fallback;     /* NULL: the key has no default */
};

#define TEXT_OF(macro_value)  TEXT_OF_(macro_value)
#define TEXT_OF_(macro_value) #macro_value

static const struct key top_keys[] = {
    {"profile", NO_DIRECTION, NULL, NULL},
    {"owner", NO_DIRECTION, NULL, NULL},
    {"exception_owner", NO_DIRECTION, NULL, NULL},
    {"review_group", NO_DIRECTION, NULL, NULL},
    {"review_cadence", NO_DIRECTION, NULL, NULL},
    {"success_measure.metric", NO_DIRECTION, NULL, NULL},
    {"success_measure.target", NO_DIRECTION, NULL, NULL},
    {"data_source", NO_DIRECTION, NULL, NULL},
    {"languages", SUBSET_IS_TIGHTER, NULL, NULL},
    {"promise.max_error", LOWER_IS_TIGHTER, NULL, NULL},
    {"promise.confidence", HIGHER_IS_TIGHTER, NULL, NULL},
    {"autonomy.begin", HIGHER_IS_TIGHTER, policy_begin_words, "policy"},
    {"autonomy.hold_seconds", HIGHER_IS_TIGHTER, NULL, TEXT_OF(POLICY_HOLD_SECONDS_DEFAULT)},
    {"autonomy.labels_least", HIGHER_IS_TIGHTER, NULL, TEXT_OF(POLICY_LABELS_LEAST_DEFAULT)},
    {"autonomy.override_most", LOWER_IS_TIGHTER, NULL, TEXT_OF(POLICY_OVERRIDE_MOST_DEFAULT)},
    {"autonomy.quality_review_days", LOWER_IS_TIGHTER, NULL, TEXT_OF(POLICY_QUALITY_REVIEW_DAYS_DEFAULT)},
    {"default_sla_minutes", LOWER_IS_TIGHTER, NULL, TEXT_OF(POLICY_SLA_MINUTES_DEFAULT)},
    {"staffing.relief", LOWER_IS_TIGHTER, policy_relief_words, "none"},
    {"business_hours.zone", NO_DIRECTION, NULL, NULL},
    {"business_hours.from", NO_DIRECTION, NULL, NULL},
    {"business_hours.to", NO_DIRECTION, NULL, NULL},
};

static const struct key class_keys[] = {
    {"description", NO_DIRECTION, NULL, NULL},
    {"guideline", NO_DIRECTION, NULL, ""},
    {"risk", HIGHER_IS_TIGHTER, policy_risk_words, NULL},
    {"mode", LOWER_IS_TIGHTER, policy_mode_words, NULL},
    {"threshold", HIGHER_IS_TIGHTER, NULL, TEXT_OF(POLICY_THRESHOLD_DEFAULT)},
    {"sla_minutes", LOWER_IS_TIGHTER, NULL, "default_sla_minutes"},
    {"action", MUST_EQUAL, policy_action_words, "answer"},
    {"macro", SUBSET_IS_TIGHTER, NULL, ""},
};

struct terms {
    struct term *list;
    size_t n, room;
};

/* ---- reading ---- */

static const struct yml_node *child_of(const struct yml_node *map, const char *key, size_t len)
{
    for (const struct yml_node *child = map ? map->first : NULL; child; child = child->next) {
        if (child->key && strlen(child->key) == len && memcmp(child->key, key, len) == 0)
            return child;
    }
    return NULL;
}

/* path: a key, or two with a dot between. */
static const struct yml_node *node_at(const struct yml_node *map, const char *path)
{
    size_t len = strcspn(path, ".");
    const struct yml_node *node = child_of(map, path, len);

    return node && path[len] ? child_of(node, path + len + 1, strlen(path + len + 1)) : node;
}

static const char *text_at(const struct yml_node *map, const char *path)
{
    const struct yml_node *node = node_at(map, path);

    return node && node->text ? node->text : "";
}

static struct term *add(struct terms *self, enum direction direction, const struct yml_node *node)
{
    struct term *term;

    if (self->n == self->room) {
        self->room = self->room ? self->room * 2 : 64;
        self->list = mem_grow(self->list, self->room, sizeof *self->list);
    }
    term = &self->list[self->n++];
    *term = (struct term){.direction = direction, .node = node};
    return term;
}

static double number_of(const struct key *key, const char *text)
{
    for (int i = 0; key->words && key->words[i]; i++) {
        if (strcmp(key->words[i], text) == 0)
            return i;
    }
    return key->words ? -1 : strtod(text, NULL);
}

/* A list or a mapping of scalars, as a set. */
static void read_set(const struct yml_node *node, struct term *term)
{
    CLEANUP(buf_free) struct buf items = {0};
    CLEANUP(buf_free) struct buf shown = {0};

    buf_putc(&items, '\n');
    for (const struct yml_node *child = node ? node->first : NULL; child; child = child->next) {
        const char *key = child->key ? child->key : "", *colon = child->key ? ": " : "";
        buf_printf(&items, "%s%s%s\n", key, colon, child->text ? child->text : "");
        buf_printf(&shown, "%s%s%s%s", shown.len ? ", " : "", key, colon, child->text ? child->text : "");
    }
    term->items = buf_take(&items);
    term->value = shown.len ? buf_take(&shown) : mem_strdup("none");
}

static void read_key(struct terms *self, const struct yml_node *map, const char *where, const struct key *key,
                     const char *fallback)
{
    const struct yml_node *node = node_at(map, key->path);
    struct term *term;

    if (!node && !fallback)
        return;
    term = add(self, key->direction, node ? node : map);
    snprintf(term->path, sizeof term->path, "%s%s", where, key->path);
    if (key->direction == SUBSET_IS_TIGHTER) {
        read_set(node, term);
        return;
    }
    term->value = mem_strdup(node && node->text ? node->text : fallback);
    term->number = number_of(key, term->value ? term->value : "");
}

static void read_class(struct terms *self, const struct yml_node *class, const char *default_sla, bool with_defaults)
{
    const char *label = text_at(class, "label");
    char where[TERM_PATH_MAX];
    struct term *itself = add(self, NO_DIRECTION, class);

    snprintf(itself->path, sizeof itself->path, "classes.%.64s", label);
    itself->value = mem_strdup("a class");
    snprintf(where, sizeof where, "classes.%.64s.", label);
    for (size_t i = 0; i < ARRAY_LEN(class_keys); i++) {
        const char *fallback = with_defaults ? class_keys[i].fallback : NULL;
        if (fallback && strcmp(fallback, "default_sla_minutes") == 0)
            fallback = default_sla;
        read_key(self, class, where, &class_keys[i], fallback);
    }
}

/* The whole subtree as text: two rules are the same when these are. */
static void spell(const struct yml_node *node, struct buf *out)
{
    buf_printf(out, "%s=%s{", node->key ? node->key : "", node->text ? node->text : "");
    for (const struct yml_node *child = node->first; child; child = child->next)
        spell(child, out);
    buf_putc(out, '}');
}

static void read_rule(struct terms *self, const struct yml_node *rule)
{
    CLEANUP(buf_free) struct buf spelt = {0};
    bool ignores = strcmp(text_at(rule, "then"), "ignore") == 0;
    struct term *term = add(self, ignores ? IGNORE_RULE : REVIEW_RULE, rule);

    snprintf(term->path, sizeof term->path, "rules.%.*s", TERM_PATH_MAX - 16, text_at(rule, "id"));
    spell(rule, &spelt);
    term->items = buf_take(&spelt);
    term->value = mem_strdup(ignores ? "ignore" : "a rule");
}

struct terms *terms_new(const struct yml *yaml, bool with_defaults)
{
    struct terms *self = mem_alloc(sizeof *self);
    const struct yml_node *root = yml_root(yaml), *list = node_at(root, "classes");
    const char *sla = text_at(root, "default_sla_minutes");

    for (size_t i = 0; i < ARRAY_LEN(top_keys); i++)
        read_key(self, root, "", &top_keys[i], with_defaults ? top_keys[i].fallback : NULL);
    for (const struct yml_node *node = list ? list->first : NULL; node; node = node->next)
        read_class(self, node, *sla ? sla : TEXT_OF(POLICY_SLA_MINUTES_DEFAULT), with_defaults);
    list = node_at(root, "rules");
    for (const struct yml_node *node = list ? list->first : NULL; node; node = node->next)
        read_rule(self, node);
    return self;
}

void terms_free(struct terms *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++) {
        mem_free(self->list[i].value);
        mem_free(self->list[i].items);
    }
    mem_free(self->list);
    mem_free(self);
}

size_t terms_count(const struct terms *self)
{
    return self->n;
}

const struct term *terms_at(const struct terms *self, size_t index)
{
    return index < self->n ? &self->list[index] : NULL;
}

const struct term *terms_find(const struct terms *self, const char *path)
{
    for (size_t i = 0; i < self->n; i++) {
        if (strcmp(self->list[i].path, path) == 0)
            return &self->list[i];
    }
    return NULL;
}

/* ---- comparing ---- */

/* True when every item of one set is in the other. */
static bool within(const char *set, const char *other)
{
    for (const char *from = set; from[0] && from[1];) {
        CLEANUP(mem_freep) char *item = mem_strndup(from, 1 + strcspn(from + 1, "\n") + 1);
        if (!strstr(other, item))
            return false;
        from += strlen(item) - 1;
    }
    return true;
}

static enum change by_order(double from, double to, bool lower_is_tighter)
{
    if (from == to)
        return CHANGE_NONE;
    return (to < from) == lower_is_tighter ? CHANGE_TIGHTER : CHANGE_LOOSER;
}

static enum change by_set(const char *from, const char *to)
{
    if (within(to, from))
        return within(from, to) ? CHANGE_NONE : CHANGE_TIGHTER;
    return CHANGE_LOOSER;
}

static enum change by_presence(const struct term *term, bool added)
{
    if (term->direction == REVIEW_RULE)
        return added ? CHANGE_TIGHTER : CHANGE_LOOSER;
    if (term->direction == IGNORE_RULE)
        return added ? CHANGE_LOOSER : CHANGE_TIGHTER;
    return CHANGE_OTHER;
}

enum change term_compare(const struct term *from, const struct term *to)
{
    if (!from || !to)
        return from == to ? CHANGE_NONE : by_presence(from ? from : to, !from);
    switch (to->direction) {
    case LOWER_IS_TIGHTER:
        return by_order(from->number, to->number, true);
    case HIGHER_IS_TIGHTER:
        return by_order(from->number, to->number, false);
    case SUBSET_IS_TIGHTER:
        return by_set(from->items, to->items);
    case REVIEW_RULE:
    case IGNORE_RULE:
        return strcmp(from->items, to->items) == 0 ? CHANGE_NONE : CHANGE_OTHER;
    case MUST_EQUAL:
    case NO_DIRECTION:
        break;
    }
    return strcmp(from->value, to->value) == 0 ? CHANGE_NONE : CHANGE_OTHER;
}

/* ---- proving ---- */

/* How a value has to be for the floor to hold; the floor's own value stands before it. */
static const char *advice(enum direction direction)
{
    static const char *const words[] = {[LOWER_IS_TIGHTER] = " or less",
                                        [HIGHER_IS_TIGHTER] = " or more",
                                        [SUBSET_IS_TIGHTER] = " or a part of it",
                                        [MUST_EQUAL] = "",
                                        [REVIEW_RULE] = "",
                                        [IGNORE_RULE] = "",
                                        [NO_DIRECTION] = ""};
    return words[direction];
}

static int prove_one(const struct term *own, const struct yml *own_yaml, const struct term *floor,
                     const struct yml *floor_yaml, struct err *reterr)
{
    enum change change = term_compare(floor, own);

    if (change == CHANGE_NONE || change == CHANGE_TIGHTER)
        return 0;
    return yml_refuse(own_yaml, own->node, own->path, reterr,
                      "give %.80s%s: %.80s is looser than the floor allows, which says %.80s at %s:%d", floor->value,
                      advice(floor->direction), own->value, floor->value, yml_path(floor_yaml), floor->node->line);
}

/* The key of any class that a floor's classes.*.KEY speaks of: KEY, or NULL. */
static const char *any_class_key(const struct term *floor)
{
    static const char start[] = "classes." TERM_ANY_CLASS ".";

    return strncmp(floor->path, start, sizeof start - 1) == 0 ? floor->path + sizeof start - 1 : NULL;
}

static bool is_of_class(const struct term *own, const char *key)
{
    const char *dot = strrchr(own->path, '.');

    return strncmp(own->path, "classes.", 8) == 0 && dot > own->path + 7 && strcmp(dot + 1, key) == 0;
}

int terms_prove(const struct terms *profile, const struct yml *profile_yaml, const struct terms *floor,
                const struct yml *floor_yaml, struct err *reterr)
{
    for (size_t f = 0; f < floor->n; f++) {
        const struct term *term = &floor->list[f];
        const char *key = any_class_key(term);
        bool counts = term->direction <= MUST_EQUAL;
        for (size_t i = 0; counts && i < profile->n; i++) {
            const struct term *own = &profile->list[i];
            if ((key ? is_of_class(own, key) : strcmp(own->path, term->path) == 0) &&
                prove_one(own, profile_yaml, term, floor_yaml, reterr) < 0)
                return -1;
        }
    }
    return 0;
}
