/* A policy or a floor as a flat list of keys with their values, lines and directions: what the proof against a floor and
 * the comparison of two policies both read. Knows what tighter means for each key, and nothing of tickets. */
#ifndef TRIAGED_POLICY_TERMS_H
#define TRIAGED_POLICY_TERMS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/yaml.h"

#define TERM_PATH_MAX 160 /* bytes of a path such as classes.order.threshold, with the terminator */
#define TERM_ANY_CLASS "*" /* label in a floor: holds for every class */

/* What makes a value of a key tighter than another. */
enum direction {
    LOWER_IS_TIGHTER,
    HIGHER_IS_TIGHTER,
    SUBSET_IS_TIGHTER,
    MUST_EQUAL,
    REVIEW_RULE, /* a rule that asks for more care: without it is looser */
    IGNORE_RULE, /* a rule that ends a ticket: with it is looser */
    NO_DIRECTION,
};

enum change { CHANGE_NONE, CHANGE_TIGHTER, CHANGE_LOOSER, CHANGE_OTHER };

struct term {
    char path[TERM_PATH_MAX]; /* promise.max_error, classes.order.mode, rules.gas */
    enum direction direction;
    const struct yml_node *node; /* where to point: the value's own, or its mapping's when it is a default */
    double number;               /* of numbers, and of words by their order */
    char *value;                 /* as it is shown */
    char *items;                 /* of sets: each between line ends; else NULL */
};

struct terms;

/* Borrows yaml, which has passed its loader. with_defaults: also what is not written and counts all the same. */
struct terms *terms_new(const struct yml *yaml, bool with_defaults);
void terms_free(struct terms *self);
size_t terms_count(const struct terms *self);
const struct term *terms_at(const struct terms *self, size_t index);
const struct term *terms_find(const struct terms *self, const char *path); /* NULL when there is none */

/* What it means to go from one value of a key to another. NULL: the key is not there. */
enum change term_compare(const struct term *from, const struct term *to);

/* Refuses a profile that is looser than the floor in any key, naming key, values, files and lines. */
int terms_prove(const struct terms *profile, const struct yml *profile_yaml, const struct terms *floor,
                const struct yml *floor_yaml, struct err *reterr);

#endif
