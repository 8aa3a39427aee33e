/* A measure in the other system's unit: "10 cm" of 4 inches, "40 degrees" of 104 F; and "one inch" of "an inch". */
#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/claim_conclusions.h"
#include "claims/fact_parts.h"

/* A round value is said of the converted one. */
#define NEAR_ENOUGH 0.03
/* Degrees that a reading may be rounded by. */
#define DEGREES 0.6

static const struct {
    const char *unit, *dimension;
    double times;
} systems[] = {{"m", "length", 1},          {"inch", "length", .0254},  {"ft", "length", .3048},
               {"mile", "length", 1609.34}, {"yard", "length", .9144},  {"kg", "weight", 1},
               {"lb", "weight", .45359},    {"oz", "weight", .02835},   {"litre", "room", 1},
               {"pint", "room", .5683},     {"gallon", "room", 4.5461}, {"stone", "weight", 6.3503}};

static size_t system_of(const char *unit)
{
    size_t i = 0;

    while (i < ARRAY_LEN(systems) && strcmp(systems[i].unit, unit) != 0)
        i++;
    return i;
}

/* Celsius of Fahrenheit, or the other way. */
static bool is_other_scale(double ground, double claim)
{
    return fabs((ground - 32) * 5 / 9 - claim) < DEGREES || fabs(ground * 9 / 5 + 32 - claim) < DEGREES;
}

/* A pound of weight is read as money. */
static bool equals(const struct fact *ground, const struct fact *claim)
{
    size_t one = system_of(ground->kind == CLAIM_AMOUNT && strcmp(ground->unit, "gbp") == 0 ? "lb" : ground->unit);
    size_t other = system_of(claim->kind == CLAIM_AMOUNT && strcmp(claim->unit, "gbp") == 0 ? "lb" : claim->unit);

    if (strcmp(ground->unit, "deg") == 0 && strcmp(claim->unit, "deg") == 0)
        return is_other_scale(ground->value, claim->value);
    if (one == ARRAY_LEN(systems) || other == ARRAY_LEN(systems) || one == other ||
        strcmp(systems[one].dimension, systems[other].dimension) != 0)
        return false;
    double exact = ground->value * systems[one].times, round = claim->value * systems[other].times;
    return round > 0 && fabs(exact - round) <= NEAR_ENOUGH * round;
}

/* Where "an inch", "ein Liter" stands in the text: its bytes. */
static size_t single_at(const struct folded *text, size_t at, const struct fact *claim)
{
    static const char *const ones[] = {"a", "an", "ein", "eine", "einen", "einem", "einer", "one"};
    struct fact unit = {.value = 1, .written = 1};
    size_t len = fold_word_starts(text, at) ? fold_word_of(text, at, ones, ARRAY_LEN(ones)) : 0;
    size_t more = len ? fact_read_unit(text, at + len, &unit) : 0;

    return more && unit.kind == claim->kind && unit.value == claim->value && strcmp(unit.unit, claim->unit) == 0
               ? len + more
               : 0;
}

static void support_single(struct claim *claim, const struct conclusion *self)
{
    for (size_t g = 0; g < self->n; g++) {
        const struct folded *text = &self->grounds[g].text;
        for (size_t at = 0; !claim->supported && at < text->len; at++) {
            size_t len = single_at(text, at, self->fact);
            if (len)
                ground_bears(&self->grounds[g], g, at, at + len, claim);
        }
    }
}

void claim_converted_support(struct claim *claim, const struct conclusion *self)
{
    bool system = self->fact->kind == CLAIM_MEASURE || self->fact->kind == CLAIM_AMOUNT;

    if (!system && self->fact->kind != CLAIM_DURATION)
        return;
    for (size_t g = 0; system && g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *other = &self->grounds[g].facts.items[i];
            if ((other->kind == CLAIM_MEASURE || self->fact->kind == CLAIM_MEASURE) && equals(other, self->fact))
                ground_bears(&self->grounds[g], g, other->start, other->end, claim);
        }
    }
    if (!claim->supported && self->fact->written == 1)
        support_single(claim, self);
}
