/* Days of the week as ranges: "Mon-Fri" supports "on weekdays" and "on Wednesday". */
#include <string.h>

#include "base/attrs.h"
#include "claims/facts.h"

enum { FRIDAY = 4, SATURDAY = 5, SUNDAY = 6, LINK_BYTES_MAX = 12 };

const char *const fact_week_forms[DAYS_OF_WEEK] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

int fact_week_day(const struct fact *fact)
{
    for (int day = 0; fact->kind == CLAIM_DATE && day < DAYS_OF_WEEK; day++) {
        if (strcmp(fact->form, fact_week_forms[day]) == 0)
            return day;
    }
    return -1;
}

/* First and last day of what this fact, with its neighbour, tells; false when it tells of no days. */
static bool range_at(const struct folded *text, const struct fact_list *facts, size_t i, int *ret_from, int *ret_to)
{
    /* "10 working days" tells of weekdays, but not of this Friday. */
    static const char *const links[] = {"-", "to", "through", "bis", "thru", "and", "und", "until"};
    const struct fact *one = &facts->items[i], *next = one + 1;
    size_t at;

    *ret_from = *ret_to = fact_week_day(one);
    if (strcmp(one->form, "daily") == 0) {
        *ret_from = 0;
        *ret_to = SUNDAY;
        return true;
    }
    if (*ret_from < 0) {
        bool working = strcmp(one->form, "weekdays") == 0 || strcmp(one->unit, "wday") == 0;
        *ret_from = working ? 0 : SATURDAY;
        *ret_to = working ? FRIDAY : SUNDAY;
        return working || strcmp(one->form, "weekend") == 0;
    }
    if (i + 1 >= facts->n || fact_week_day(next) <= *ret_from || next->start - one->end > LINK_BYTES_MAX)
        return true;
    at = one->end + strspn(text->text + one->end, " .");
    for (size_t k = 0; k < ARRAY_LEN(links); k++) {
        size_t len = strlen(links[k]);
        if (strncmp(text->text + at, links[k], len) == 0 && (k < 5 || fact_week_day(next) == *ret_from + 1))
            *ret_to = fact_week_day(next);
    }
    return true;
}

bool fact_week_holds(const struct folded *text, const struct fact_list *facts, size_t i, int day)
{
    int first, last;

    return range_at(text, facts, i, &first, &last) && first <= day && day <= last;
}

/* "Monday to Friday; outside these hours": the weekend, too. */
static const char *const outside[] = {"ausserhalb ",  "outside ",     "other times",
                                      "out of hours", "out-of-hours", "in der uebrigen zeit"};

static bool strstr_any(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strstr(text, list[i]))
            return true;
    }
    return false;
}

bool fact_week_supports(const struct folded *text, const struct fact_list *facts, const struct fact *claim,
                        size_t *ret_index)
{
    int from = fact_week_day(claim), to = from, first, last;

    if (claim->kind != CLAIM_DATE || !*claim->form)
        return false;
    if (strcmp(claim->form, "weekdays") == 0)
        from = 0, to = FRIDAY;
    else if (strcmp(claim->form, "weekend") == 0)
        from = SATURDAY, to = SUNDAY;
    else if (strcmp(claim->form, "daily") == 0)
        from = 0, to = SUNDAY;
    for (size_t i = 0; from >= 0 && i < facts->n; i++) {
        if (from >= SATURDAY && range_at(text, facts, i, &first, &last) && first == 0 && last == FRIDAY &&
            strstr_any(text->text, outside, ARRAY_LEN(outside))) {
            *ret_index = i;
            return true;
        }
        if (range_at(text, facts, i, &first, &last) && first <= from && to <= last &&
            (to > from || facts->items[i].kind == CLAIM_DATE)) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

enum { BESIDE_BYTES_MAX = 7 /* ", den ", " the " */ };

/* The day and month right behind the day of the week at i, or NULL. */
static const struct fact *date_of(const struct fact_list *facts, size_t i)
{
    const struct fact *date = &facts->items[i + 1];

    if (fact_week_day(&facts->items[i]) < 0 || i + 1 >= facts->n || date->kind != CLAIM_DATE || !date->day ||
        !date->month || date->start - facts->items[i].end > BESIDE_BYTES_MAX)
        return NULL;
    return date;
}

bool fact_week_contradicts(const struct fact_list *draft, size_t i, const struct fact_list *ground)
{
    const struct fact *mine = date_of(draft, i);
    bool other = false;

    for (size_t k = 0; mine && k < ground->n; k++) {
        const struct fact *theirs = date_of(ground, k);
        if (!theirs || theirs->day != mine->day || theirs->month != mine->month)
            continue;
        if (fact_week_day(&ground->items[k]) == fact_week_day(&draft->items[i]))
            return false;
        other = true;
    }
    return other;
}

/* "Tuesdays and Fridays": the day behind "and"; -1 when there is none. */
static int paired_day(const struct folded *text, const struct fact_list *facts, size_t i)
{
    static const char *const links[] = {" and ", " und ", " & ", " and on ", " und am "};
    const struct fact *one = &facts->items[i], *other = one + 1;

    for (size_t k = 0; i + 1 < facts->n && k < ARRAY_LEN(links); k++) {
        size_t len = strlen(links[k]);
        if (other->start == one->end + len && strncmp(text->text + one->end, links[k], len) == 0)
            return fact_week_day(other);
    }
    return -1;
}

bool fact_week_pairs_other(const struct folded *draft, const struct fact_list *facts, size_t i,
                           const struct folded *ground, const struct fact_list *theirs)
{
    int one = fact_week_day(&facts->items[i]), other = one < 0 ? -1 : paired_day(draft, facts, i);
    bool contradicted = false;

    for (size_t k = 0; other >= 0 && k < theirs->n; k++) {
        int first = fact_week_day(&theirs->items[k]), second = first < 0 ? -1 : paired_day(ground, theirs, k);
        if (second < 0)
            continue;
        if (second == other || first == other)
            return false;
        contradicted |= first == one;
    }
    return contradicted;
}
