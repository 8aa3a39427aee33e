/* The values of one kind in a sentence are its entries. What else stands between two entries belongs to the one behind
 * it where the sentence begins with such a condition, else to the one before it. */
#include "claims/pairs.h"

#include "claims/sentences.h"

enum { RANGE_BYTES = 6 }; /* " bis ", " and " */

/* The facts of one sentence: [first, last) of the list. */
struct row {
    const struct fact_list *facts;
    size_t first, last;
};

static struct row row_of(const struct fact_list *facts, size_t start, size_t end)
{
    struct row self = {.facts = facts};

    while (self.first < facts->n && facts->items[self.first].start < start)
        self.first++;
    self.last = self.first;
    while (self.last < facts->n && facts->items[self.last].start < end)
        self.last++;
    return self;
}

/* A condition has its own unit; a bare number could be any. */
static bool is_condition(const struct fact *fact, const struct fact *value)
{
    return !fact_is_alike(fact, value) && !fact->bare &&
           (*fact->unit || fact->kind == CLAIM_DATE || fact->kind == CLAIM_AMOUNT);
}

/* The nearest value before fact i, or behind it; row.last when there is none. */
static size_t value_beside(const struct row *row, size_t i, const struct fact *value, bool before)
{
    for (size_t k = i; before ? k-- > row->first : ++k < row->last;) {
        if (fact_is_alike(&row->facts->items[k], value))
            return k;
    }
    return row->last;
}

/* Whether the sentence names a condition first, and then its value. */
static bool conditions_lead(const struct row *row, const struct fact *value, const struct fact *condition)
{
    for (size_t i = row->first; i < row->last; i++) {
        if (fact_is_alike(&row->facts->items[i], value))
            return false;
        if (fact_is_alike(&row->facts->items[i], condition))
            return true;
    }
    return false;
}

/* The value that condition i belongs to; row.last for none. */
static size_t value_of(const struct row *row, size_t i, const struct fact *value)
{
    return value_beside(row, i, value, !conditions_lead(row, value, &row->facts->items[i]));
}

/* "30-59 minutes" holds the 52 minutes of the draft. */
static bool range_holds(const struct row *row, size_t i, const struct fact *condition)
{
    const struct fact *from = &row->facts->items[i], *to = from + 1;

    return i + 1 < row->last && fact_is_alike(from, condition) && fact_is_alike(to, condition) &&
           to->start >= from->end && to->start - from->end <= RANGE_BYTES && from->value <= condition->value &&
           condition->value <= to->value;
}

/* Whether the sentence gives the value for this condition. */
static bool pairs(const struct row *row, const struct fact *value, const struct fact *condition)
{
    for (size_t i = row->first; i < row->last; i++) {
        size_t at;
        if (!is_condition(&row->facts->items[i], value) ||
            (!fact_supports(&row->facts->items[i], condition) && !range_holds(row, i, condition)))
            continue;
        at = value_of(row, i, value);
        if (at < row->last && fact_supports(&row->facts->items[at], value))
            return true;
    }
    return false;
}

/* A list has more than one value, and the draft's among them. */
static bool is_list(const struct row *row, const struct fact *value)
{
    bool same = false, other = false;

    for (size_t i = row->first; i < row->last; i++) {
        if (!fact_is_alike(&row->facts->items[i], value))
            continue;
        same |= fact_supports(&row->facts->items[i], value);
        other |= !fact_supports(&row->facts->items[i], value);
    }
    return same && other;
}

bool fact_is_paired(const struct fact_list *draft, size_t i, size_t start, size_t end, const struct folded *ground,
                    const struct fact_list *facts)
{
    const struct row mine = row_of(draft, start, end);
    const struct fact *value = &draft->items[i];
    size_t at = 0, from, to;

    while (sentence_next(ground, &at, &from, &to)) {
        const struct row theirs = row_of(facts, from, to);
        if (!is_list(&theirs, value))
            continue;
        for (size_t k = mine.first; k < mine.last; k++) {
            if (is_condition(&draft->items[k], value) && value_of(&mine, k, value) == i &&
                pairs(&theirs, value, &draft->items[k]))
                return true;
        }
    }
    return false;
}
