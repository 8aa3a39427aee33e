/* What others have done or will do, whoever they are: "your manager has approved it", "die Werkstatt hat es
 * vorgezogen", "ein Bote bringt Ihnen das". Nobody but the customer can tell us that without a source. */
#include "claims/deed_patterns.h"

#include <string.h>

#include "claims/deed_condition.h"
#include "claims/deed_list.h"
#include "claims/deed_persons.h"
#include "claims/deed_verbs.h"
#include "claims/deed_words.h"

enum { ADVERBS_MOST = 3 };

/* Who is no third person, or nobody. */
#define NO_OTHERS                                                                                                      \
    "you i we they it this that there which who what ihr sie du wir ich man es das dies was wer niemand nobody "       \
    "everything alles one all both sich"

#define NO_OTHERS_BEHIND "sie du wir ich man es sich niemand jemand"

/* "Perhaps it has slipped", "sorry it has turned into", "a red light means that it has dropped", "hat ja": no news. */
#define NO_NEWS                                                                                                        \
    "moeglicherweise vielleicht wahrscheinlich vermutlich wohl offenbar anscheinend ja perhaps maybe probably "        \
    "possibly likely apparently sorry means meaning whatever whoever"

/* "Da Sie es gekauft haben": a clause whose verb stands last. */
#define VERB_LAST "da weil dass obwohl indem"

/* "has approved": one subject before it, adverbs between. */
static bool english_other(const struct sentence *s, size_t i, size_t *ret_have)
{
    size_t from = clause_start(s, i), have = word_before(s, from, i, "has have");

    if (have == i || have == from || i - have > ADVERBS_MOST || word_in(&s->words[have - 1], NO_OTHERS) ||
        words_have(s, from, have, "you we i will would could can may might should must to who which that"))
        return false;
    for (size_t k = have + 1; k < i; k++) {
        if (!word_in(&s->words[k], deed_words_adverbs) && !word_in(&s->words[k], "meanwhile since also recently"))
            return false;
    }
    *ret_have = have;
    return true;
}

/* "Das Lager hat von Dienstag bis Samstag geoeffnet": hours, and no news. */
static bool keeps_hours(const struct sentence *s, size_t i)
{
    return word_in(&s->words[i], "geoeffnet geschlossen") &&
           words_have(
               s, clause_start(s, i), i,
               "von bis ab uhr heute morgen taeglich immer auch montags dienstags mittwochs donnerstags freitags "
               "samstags sonntags am an durchgehend");
}

/* "Sie hatten den Fiat und haben das Bussgeld bezahlt": the subject of both stands before the first. */
static bool goes_on_with_you(const struct sentence *s, size_t have)
{
    return have > 0 && word_in(&s->words[have - 1], "und oder and or") && words_have(s, 0, have, "sie du you");
}

/* "hat ... genehmigt": the participle ends the clause; who begins with "hat" asks, or sets a condition. */
static bool german_other(const struct sentence *s, size_t i, size_t *ret_have)
{
    size_t from = clause_start(s, i), have = word_before(s, from, i, "hat haben");

    if (have == i || have == from || word_in(&s->words[have - 1], NO_OTHERS) || goes_on_with_you(s, have) ||
        keeps_hours(s, i) ||
        (have < i && word_in(&s->words[have + 1], NO_OTHERS_BEHIND) && !person_of_ours(s, from, have)) ||
        words_have(s, from, from + 1, VERB_LAST) || !(i == clause_last(s, i) || word_in(&s->words[i + 1], "und oder")))
        return false;
    *ret_have = have;
    return true;
}

void deed_by_another(const struct sentence *s, size_t i, int family, bool german, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_ACTION, .family = family, .another = true};
    size_t from = clause_start(s, i), have;

    if (clause_conditional(s, i) || clause_negated(s, from, i) || words_have(s, from, i, NO_NEWS) ||
        !(german ? german_other(s, i, &have) : english_other(s, i, &have)))
        return;
    deed.passive = !words_have(s, from, i, deed_words_we);
    deed_add(list, s, have, i, deed);
}

/* "will be dropped": by a verb that no list has. */
void deed_will_be(const struct sentence *s, size_t i, struct deed_list *list)
{
    const struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY, .passive = true};
    size_t from = clause_start(s, i), will = word_before(s, from, i, "will 'll");

    if (will == i || clause_conditional(s, i) || clause_negated(s, from, i) || clause_follows_condition(s, i))
        return;
    if (word_in(&s->words[i], "gone done finished moved left") && words_have(s, from, will, "you"))
        return; /* "as you'll be gone": by themselves */
    if (i > will + 1 && word_in(&s->words[i - 1], "be") && i - will <= ADVERBS_MOST)
        deed_add(list, s, will, i, deed);
}

/* "Ein Bote bringt Ihnen die Karte". */
void deed_for_you(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};
    const struct word *word = &s->words[i];
    static const char soft[] = "hilft zeigt sagt nennt steht geht gibt fehlt nicht liegt passt gefaellt tut ist hat "
                               "kostet reicht bleibt dauert entsteht entstehen erklaert jetzt damit dort mit";

    if (i == 0 || s->words[i - 1].clause_end || word->len < 5 || word->at[word->len - 1] != 't' ||
        word_in(word, soft) || i == clause_last(s, i) || !word_in(&s->words[i + 1], "ihnen dir euch") ||
        clause_conditional(s, i) || clause_negated(s, clause_start(s, i), clause_last(s, i) + 1) ||
        clause_follows_condition(s, i))
        return;
    deed_add(list, s, i, i, deed);
}

/* The family whose lists have the word, else FAMILY_ANY. */
int deed_family_of(const struct sentence *s, size_t i)
{
    for (size_t f = 0; f < deed_families_len; f++) {
        if (verb_form_in(&s->words[i], deed_families[f].english) ||
            verb_form_in(&s->words[i], deed_families[f].german) || verb_parted_in(s, i, deed_families[f].german))
            return (int)f;
    }
    return FAMILY_ANY;
}

/* "Unser Optiker kommt zu Ihnen", "unsere Fahrer bauen die Tuer um", "ein Kollege meldet sich". */
void deed_of_ours(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE};
    const struct word *word = &s->words[i];
    static const char soft[] =
        "kann koennen ist sind hat haben wird werden muss muessen soll sollen darf duerfen war waren wurde wurden "
        "schlaegt schlagen liegt liegen sitzt sitzen steht stehen oeffnet oeffnen schliesst schliessen freut freuen "
        "bedauert sieht sehen "
        "entscheidet entscheiden weiss wissen braucht brauchen hilft helfen gilt gelten nicht heisst lautet lauten";
    size_t from = clause_start(s, i);

    from += word_in(&s->words[from], "und aber dann"); /* "und ein Monteur baut es ein" */
    if (i < from + 2 || (i > from + 3 && !person_of_ours(s, from, i)) ||
        (i < clause_last(s, i) && word_in(&s->words[i + 1], word->at[word->len - 1] == 'n' ? "sie" : "du")) ||
        word_in(&s->words[i - 1], "antwort mail nachricht rueckmeldung bescheid") || word->len < 4 ||
        word_in(word, soft) ||
        !(word->at[word->len - 1] == 't' ||
          (word->at[word->len - 1] == 'n' && strchr("erl", word->at[word->len - 2]))) ||
        !(word_in(&s->words[i - 2], "unser unsere") ||
          (word_in(&s->words[i - 2], "ein eine") && word_in(&s->words[i - 1], deed_words_we)) ||
          (word_in(&s->words[from], "ein eine einer jemand") && person_of_ours(s, from, i))) ||
        clause_conditional(s, i) || clause_negated(s, from, clause_last(s, i) + 1) || clause_follows_condition(s, i))
        return;
    deed.family = deed_family_of(s, i);
    deed_add(list, s, i - 2, i, deed);
}

/* "Vor dem Termin ruft Sie einer unserer Techniker an", "meldet sich ein Kollege bei Ihnen": the verb stands first. */
void deed_of_ours_behind(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE};
    const struct word *word = &s->words[i];
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (i + 2 > last || word->len < 4 || word->at[word->len - 1] != 't' || fold_ends(word->at, word->len, "st") ||
        word_in(word, "ist hat wird kann hilft sieht weiss steht freut laesst damit nicht") ||
        !word_in(&s->words[i + 1], "sie ihnen dich dir euch es ihn sich ein eine einer unser unsere") ||
        words_have(s, i + 1, i + 4, "der die") || !person_behind(s, i) || clause_conditional(s, i) ||
        clause_negated(s, from, last + 1) || clause_follows_condition(s, i))
        return;
    deed.family = deed_family_of(s, i);
    deed_add(list, s, i, i + 1, deed);
}

/* "Jonte bekommt seinen Platz": that somebody gets what is theirs is as good as guaranteed. */
void deed_gets_theirs(const struct sentence *s, size_t i, struct deed_list *list)
{
    const struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_GUARANTEE};
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (i == from || i == last || !word_in(&s->words[i], "bekommt erhaelt kriegt") ||
        clause_beside(s, i, "ihr du wer") || !words_have(s, i + 1, last, "seinen ihren sein ihr seine ihre") ||
        clause_conditional(s, i) || clause_negated(s, from, last + 1) || clause_follows_condition(s, i))
        return;
    deed_add(list, s, i, i, deed);
}
