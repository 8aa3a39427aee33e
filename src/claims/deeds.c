/* Finding deeds: a sentence is cut into words, and each word is put to the patterns in turn, those of the lists'
 * families before those that go by form alone. */
#include "claims/deeds.h"

#include "claims/deed_alone.h"
#include "claims/deed_by_rule.h"
#include "claims/deed_condition.h"
#include "claims/deed_list.h"
#include "claims/deed_patterns.h"
#include "claims/deed_verbs.h"
#include "claims/deed_words.h"

static void things(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    const struct deed deed = {.kind = CLAIM_PROMISE, .family = family, .thing = true};

    if (words_have(s, i, clause_last(s, i) + 1, "ausgeschlossen excluded unmoeglich entfaellt"))
        return;
    if (!words_have(s, clause_start(s, i), i, "what was schoenes lovely nice") && /* "what a present!" */
        !clause_conditional(s, i) && !clause_negated(s, clause_start(s, i), clause_last(s, i) + 1))
        deed_add(list, s, i, i, deed);
}

/* Whether a list knows it: what is said of it there stands. */
static bool known_word(const struct word *word)
{
    for (size_t f = 0; f < deed_families_len; f++) {
        if (word_in(word, deed_families[f].english_done) || word_in(word, deed_families[f].german_done))
            return true;
    }
    return false;
}

/* What the family of this row says of word i. */
static void of_family(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    const struct deed_family *row = &deed_families[family];
    const struct word *word = &s->words[i];
    size_t before = list->n;

    if (word_in(word, row->english_done)) {
        deed_english_plan(s, i, family, true, list);
        if (list->n == before)
            deed_english_done(s, i, family, list);
        if (list->n == before)
            deed_state(s, i, family, list);
        if (list->n == before)
            deed_by_another(s, i, family, false, list);
    }
    if (list->n == before && word_in(word, row->english))
        deed_english_plan(s, i, family, false, list);
    if (list->n == before && word_in(word, row->german_done))
        deed_german_done(s, i, family, list);
    if (list->n == before && word_in(word, row->german_done))
        deed_state(s, i, family, list);
    if (list->n == before && word_in(word, row->german_done))
        deed_by_another(s, i, family, true, list);
    if (list->n == before && verb_parted_in(s, i, row->german))
        deed_german_plan(s, i, family, list);
    if (list->n == before && word_is_thing(word, row->things))
        things(s, i, family, list);
}

/* The first pattern that finds something in word i has it. */
static void of_word(const struct sentence *s, size_t i, struct deed_list *list)
{
    size_t before = list->n;

    deed_phrase(s, i, list);
    if (list->n == before && clause_charges(s, i))
        return;
    if (list->n == before)
        deed_on_its_way(s, i, list);
    if (list->n == before)
        deed_will_have(s, i, list);
    if (list->n == before)
        deed_commitment(s, i, list);
    for (size_t f = 0; f < deed_families_len && list->n == before; f++)
        of_family(s, i, (int)f, list);
    if (list->n == before)
        deed_future(s, i, list);
    if (list->n == before)
        deed_of_ours(s, i, list);
    if (list->n == before)
        deed_of_ours_behind(s, i, list);
    if (list->n == before)
        deed_gets_theirs(s, i, list);
    if (list->n == before)
        deed_english_going_on(s, i, list);
    if (list->n == before && !known_word(&s->words[i]))
        deed_unlisted(s, i, list);
}

/* What word i has of no deed of ours supports, and is no claim. */
static void aside(const struct sentence *s, size_t i, struct deed *deed)
{
    deed->ground_only |= deed_happens_alone(s, i, deed) || deed_by_rule(s, i, deed);
}

void deeds_find(const struct folded *text, size_t start, size_t end, struct deed_list *list)
{
    static _Thread_local struct sentence s;
    size_t first = list->n;

    sentence_split(text, start, end, &s);
    for (size_t i = 0; i < s.n; i++) {
        size_t before = list->n;
        of_word(&s, i, list);
        for (size_t k = before; k < list->n; k++)
            aside(&s, i, &list->items[k]);
    }
    if (end > start && text->text[end - 1] == '?')
        deeds_leave_asked(list, first);
}
