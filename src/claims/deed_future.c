/* What people of ours are going to do, whatever the verb: "unsere Apothekerin wird Sie anrufen", "a member of our crew
 * will meet you", "wird sich unser Teamleiter bei Ihnen melden". */
#include "claims/deed_patterns.h"

#include <string.h>

#include "claims/deed_condition.h"
#include "claims/deed_forms.h"
#include "claims/deed_list.h"
#include "claims/deed_persons.h"
#include "claims/deed_words.h"

/* "anrufen", "liefern": an infinitive at the clause's end or before "und". */
static bool is_last_infinitive(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];

    return (i == clause_last(s, i) || word_in(&s->words[i + 1], "und oder")) && word->len >= 5 &&
           word->at[word->len - 1] == 'n' && strchr("erl", word->at[word->len - 2]) && !deed_is_soft(word);
}

/* Where "wird" stands for the infinitive i with a person of ours as its subject, or i. */
static size_t german_will(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i), will = word_before(s, from, i, "wird werden");

    if (will == i || !is_last_infinitive(s, i) || words_have(s, from, from + 1, "wer"))
        return i;
    return (will > from && person_of_ours(s, from, will)) || person_behind(s, will) ? will : i;
}

/* Likewise "will" for the verb i, and "is going to". Where the name begins is not known: it ends right before. */
static size_t english_will(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i), will = word_before(s, from, i, "will 'll going");

    if (will == i || will == from || deed_is_soft(&s->words[i]) || word_in(&s->words[i], "be to not") ||
        word_in(&s->words[i], deed_words_adverbs))
        return i;
    for (size_t k = will + 1; k < i; k++) {
        if (!word_in(&s->words[k], deed_words_adverbs) && !word_in(&s->words[k], "to be"))
            return i;
    }
    if (word_is(&s->words[will], "going", 5) && word_in(&s->words[will - 1], "is are 's 're am 'm"))
        will--;
    if (word_in(&s->words[will - 1], "we i")) /* "we'll" is announced in any case */
        return word_in(&s->words[will], "will 'll") ? i : will - 1;
    for (size_t start = from; start < will; start++) {
        if (person_of_ours(s, start, will))
            return start;
    }
    return i;
}

static bool is_participle(const struct sentence *s, size_t i)
{
    return word_in(&s->words[i - 1], "be") && deed_form_english(s->words[i].at, s->words[i].len);
}

void deed_future(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE};
    size_t from = clause_start(s, i), will = german_will(s, i);

    if (will == i)
        will = english_will(s, i);
    if (will == i || is_participle(s, i) || clause_conditional(s, i) || clause_negated(s, from, i))
        return;
    deed.family = deed_family_of(s, i);
    if (deed.family < FAMILY_GUARANTEE && deed_families[deed.family].soft)
        return;
    deed_add(list, s, will, i, deed);
}
