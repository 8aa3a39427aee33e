/* A round value in place of an exact one, with the word that says on which side the exact one lies. */
#include <string.h>

#include "base/attrs.h"
#include "claims/claim_conclusions.h"

enum side { BELOW, ABOVE, EITHER };

/* How far the exact value may lie from the round one. */
#define FAR      0.201 /* "a little under half an hour": 25 minutes */
#define NEAR_FAR 0.06  /* of "about", of money and measures: "knapp 9 Euro" of 8.99 */

/* Before the round value; longer phrases need no order. */
static const struct {
    const char *words;
    enum side side;
} roundings[] = {
    {"almost", BELOW},
    {"nearly", BELOW},
    {"just under", BELOW},
    {"just below", BELOW},
    {"a little under", BELOW},
    {"a little less than", BELOW},
    {"a bit less than", BELOW},
    {"a bit under", BELOW},
    {"slightly less than", BELOW},
    {"slightly under", BELOW},
    {"a shade under", BELOW},
    {"a touch under", BELOW},
    {"not quite", BELOW},
    {"close to", BELOW},
    {"close on", BELOW},
    {"getting on for", BELOW},
    {"knapp", BELOW},
    {"knappe", BELOW},
    {"knappen", BELOW},
    {"fast", BELOW},
    {"beinahe", BELOW},
    {"beinah", BELOW},
    {"nahezu", BELOW},
    {"annaehernd", BELOW},
    {"nicht ganz", BELOW},
    {"etwas unter", BELOW},
    {"etwas weniger als", BELOW},
    {"wenig unter", BELOW},
    {"ein wenig unter", BELOW},
    {"etwas mehr als", ABOVE},
    {"etwas ueber", ABOVE},
    {"wenig mehr als", ABOVE},
    {"kaum mehr als", ABOVE},
    {"gut", ABOVE},
    {"gute", ABOVE},
    {"guten", ABOVE},
    {"reichlich", ABOVE},
    {"just over", ABOVE},
    {"just above", ABOVE},
    {"a little over", ABOVE},
    {"a little more than", ABOVE},
    {"a bit over", ABOVE},
    {"a bit more than", ABOVE},
    {"slightly over", ABOVE},
    {"slightly more than", ABOVE},
    {"a shade over", ABOVE},
    {"a touch over", ABOVE},
    {"little more than", ABOVE},
    {"a good", ABOVE},
    {"upwards of", ABOVE},
    {"about", EITHER},
    {"around", EITHER},
    {"roughly", EITHER},
    {"approximately", EITHER},
    {"some", EITHER},
    {"or so", EITHER},
    {"more or less", EITHER},
    {"rund", EITHER},
    {"etwa", EITHER},
    {"ungefaehr", EITHER},
    {"circa", EITHER},
    {"ca", EITHER},
    {"ca.", EITHER},
    {"zirka", EITHER},
    {"gegen", EITHER},
};

static bool is_rounded(const struct folded *draft, const struct fact *fact, enum side *ret_side)
{
    static const char *const articles[] = {"ein", "eine", "einen", "einer", "einem", "a", "an"};
    size_t at = fact->start;

    if (fold_behind(draft, at, articles, ARRAY_LEN(articles))) { /* "gut eine halbe Stunde" */
        while (at > 0 && draft->text[at - 1] == ' ')
            at--;
        while (at > 0 && fold_is_letter(draft->text[at - 1]))
            at--;
    }
    for (size_t i = 0; i < ARRAY_LEN(roundings); i++) {
        const char *const phrase[] = {roundings[i].words};
        if (fold_behind(draft, at, phrase, 1) || fold_behind(draft, fact->start, phrase, 1)) {
            *ret_side = roundings[i].side;
            return true;
        }
    }
    return false;
}

/* Seconds of a unit of time; 0 for one that no clock measures. */
static double seconds_of(const char *unit)
{
    static const struct {
        const char *unit;
        double seconds;
    } times[] = {{"s", 1}, {"day", 86400}, {"month", 30.4 * 86400}};

    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        if (strcmp(unit, times[i].unit) == 0)
            return times[i].seconds;
    }
    return 0;
}

/* Values of one kind in one unit, or in two of time: "almost two days" of 45 hours. */
static bool comparable(const struct fact *exact, const struct fact *round, double *ret_exact, double *ret_round)
{
    double one = seconds_of(exact->unit), other = seconds_of(round->unit);
    bool time = exact->kind == CLAIM_DURATION && one > 0 && other > 0;

    *ret_exact = exact->value * (time ? one : 1);
    *ret_round = round->value * (time ? other : 1);
    return exact->kind == round->kind && (time || strcmp(exact->unit, round->unit) == 0);
}

static bool lies_near(double exact, double round, enum side side, double far)
{
    double apart = (exact - round) / round;

    return (side != ABOVE && apart < 0 && apart >= -far) || (side != BELOW && apart > 0 && apart <= far);
}

bool claim_rounds(const struct folded *draft, const struct fact *fact, double exact)
{
    enum side side;

    return fact->value > 0 && is_rounded(draft, fact, &side) && lies_near(exact, fact->value, side, NEAR_FAR);
}

void claim_rounded_support(struct claim *claim, const struct conclusion *self)
{
    const struct fact *fact = self->fact;
    enum side side;
    double exact, round, far = NEAR_FAR;

    if ((fact->kind != CLAIM_AMOUNT && fact->kind != CLAIM_DURATION && fact->kind != CLAIM_MEASURE) ||
        fact->value <= 0 || !is_rounded(self->draft, fact, &side))
        return;
    if (fact->kind == CLAIM_DURATION && side != EITHER)
        far = FAR;
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *other = &self->grounds[g].facts.items[i];
            if (comparable(other, fact, &exact, &round) && lies_near(exact, round, side, far))
                ground_bears(&self->grounds[g], g, other->start, other->end, claim);
        }
    }
}
