/* "Once we have it", "we have not sent it", "you write that we sent it": no deed of ours. */
#include "claims/deed_condition.h"

#include <string.h>

#include "claims/deed_words.h"

enum { MAIN_LEAST = 3 }; /* words that a condition has at the least */

#define CONDITIONS                                                                                                     \
    "if once when whenever after before until unless whether should sobald nachdem wenn falls bevor bis ob sofern "    \
    "damit erst nur only "                                                                                             \
    "waehrend solange how wie where wo which welche welcher why warum provided assuming vorausgesetzt either "         \
    "entweder "                                                                                                        \
    "merely while supposing angenommen soweit insofern"

bool clause_negated(const struct sentence *s, size_t from, size_t i)
{
    for (size_t k = from; k < i; k++) {
        const struct word *word = &s->words[k];
        if (word_in(word, deed_words_negations) || word_is(word, "'t", 2))
            return true;
    }
    return false;
}

/* "Sobald es da ist, wird ...", "Once we have it, ...": the sentence begins with a condition, and a plan behind it is
 * one. */
bool clause_follows_condition(const struct sentence *s, size_t i)
{
    return clause_start(s, i) > 0 && word_in(&s->words[0], "if once when after sobald wenn nachdem falls sofern");
}

/* A mark behind the word that is more than a comma. */
static bool ends_main(const struct word *word)
{
    const char *mark = word->at + word->len + strspn(word->at + word->len, " ");

    return word->clause_end && *mark && strchr(";:-", *mark);
}

/* "You write that we sent it", "Ihnen wurde gesagt, wir haetten": what follows is the customer's word, up to an "and"
 * or "but". */
static bool reported(const struct sentence *s, size_t i)
{
    bool told = false;

    for (size_t k = 0; k + 1 < i; k++) {
        const struct word *word = &s->words[k], *next = &s->words[k + 1];
        if (word_is(word, "laut", 4) || (word_is(word, "according", 9) && word_is(next, "to", 2)))
            told = true; /* "Laut App wurde es zugestellt" */
        if (word_in(word, "you sie") &&
            word_in(next,
                    "write wrote say said mention mentioned tell told describe described report reported state stated "
                    "were schreiben schrieben sagen sagten berichten erwaehnen beschreiben teilten"))
            told = !word_is(next, "were", 4) || (k + 2 < i && word_in(&s->words[k + 2], "told informed promised"));
        if (word_is(word, "sorry", 5) && !words_have(s, k, i, "we i")) /* "sorry your train was cancelled" */
            told = true;
        if (told && ends_main(word)) /* "sorry about that; the price has been refunded" */
            told = false;
        if (word_is(word, "ihnen", 5) && word_in(next, "wurde"))
            told = words_have(s, k, i, "gesagt mitgeteilt zugesagt");
        if (word_in(word, "but and aber und however jedoch"))
            told = false;
    }
    return told;
}

/* "until then", "bis dahin", "before Friday", "after that": when, and not whether. */
static bool is_only_when(const struct sentence *s, size_t k)
{
    if (!word_in(&s->words[k], "bis before after until") || k + 1 >= s->n)
        return false;
    return word_in(&s->words[k + 1],
                   "dahin zu zum zur heute morgen spaetestens ende montag dienstag mittwoch donnerstag "
                   "freitag samstag sonntag then that this today tomorrow monday tuesday wednesday "
                   "thursday friday saturday sunday christmas noon lunch uhr") ||
           s->words[k + 1].start - s->words[k].start - s->words[k].len > 1; /* a number stands between */
}

/* "ist damit gekuendigt", "Damit ist er storniert": by that, and not so that. */
static bool is_thereby(const struct sentence *s, size_t k)
{
    return word_is(&s->words[k], "damit", 5) &&
           clause_beside(s, k, "ist sind wird werden wurde wurden war hat haben habe bin");
}

/* "When you are back you will get ...": the main clause begins without a comma. */
static bool is_over(const struct sentence *s, size_t k, size_t i)
{
    for (size_t m = k + MAIN_LEAST; m < i; m++) {
        if (word_in(&s->words[m], "you we i") && word_in(&s->words[m + 1], "will 'll"))
            return true;
    }
    return false;
}

static bool has_condition(const struct sentence *s, size_t from, size_t i)
{
    for (size_t k = from; k < i; k++) {
        if (word_in(&s->words[k], CONDITIONS) && !is_only_when(s, k) && !is_thereby(s, k) &&
            !(k == from && is_over(s, k, i)) &&
            !(k > from && word_is(&s->words[k - 1], "from", 4))) /* "from before the posting" */
            return true;
        if (word_in(&s->words[k], "long soon") && k + 1 < s->n && word_is(&s->words[k + 1], "as", 2))
            return true;
    }
    return false;
}

/* "Had it been postponed, ...", "Kaeme es dazu, ...": a condition without its word, and another clause behind it. */
static bool begins_with_verb(const struct sentence *s, size_t from, size_t i)
{
    return i > from && clause_last(s, i) + 1 < s->n &&
           word_in(&s->words[from], "had were wurde wurden ist sind hat haben wird werden waere waeren kaeme kaemen "
                                    "haette haetten bekommt bekommen");
}

/* A condition or a purpose in the clause: "once we have checked", "so that we can", "so we can look". */
bool clause_conditional(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    if (has_condition(s, from, i) || reported(s, i) || begins_with_verb(s, from, i))
        return true;
    for (size_t k = from; k < i; k++) {
        if (word_is(&s->words[k], "in", 2) && word_is(&s->words[k + 1], "case", 4))
            return true;
        if (word_is(&s->words[k], "so", 2) && (k + 1 < i) && word_in(&s->words[k + 1], "that we i dass") &&
            !word_in(&s->words[k + 2], "will 'll have 've"))
            return true; /* "so we'll keep it" is what follows */
    }
    return false;
}

/* Who is charged is promised nothing: its figures are checked, and that is all. */
bool clause_charges(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (clause_negated(s, from, last + 1))
        return false;
    if (word_in(&s->words[i], "stellen stelle"))
        return words_have(s, from, last + 1, "rechnung");
    if (word_in(&s->words[i], "ziehen behalten"))
        return word_in(&s->words[last], "ab ein");
    return word_in(&s->words[i],
                   "berechnen berechne verlangen verlange erheben fordern kassieren einbehalten einbehaltet abziehen "
                   "abgezogen berechnet charge charged bill billed invoice deduct deducted withhold keep retain");
}
