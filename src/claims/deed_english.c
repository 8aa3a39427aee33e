/* English: the auxiliary stands before its verb, and who does it before that. */
#include "claims/deed_patterns.h"

#include <string.h>

#include "claims/deed_condition.h"
#include "claims/deed_list.h"
#include "claims/deed_persons.h"
#include "claims/deed_words.h"

enum { STEM_MAX = 24 };

/* "the day it was delivered", "since the moment that they were sent": when, not that. */
static bool tells_when(const struct sentence *s, size_t from, size_t be)
{
    return words_have(s, be > from + 4 ? be - 4 : from, be, "day date time moment week month");
}

/* "we have refunded", "has been refunded", "was refunded", "we refunded". */
void deed_english_done(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    size_t from = clause_reach(s, i), have, be, plain = i;
    struct deed deed = {.kind = CLAIM_ACTION, .family = family};

    if (clause_conditional(s, i) || clause_negated(s, from, i))
        return;
    have = word_before(s, from, i, deed_words_have);
    if (have < i && have > from && word_is(&s->words[have - 1], "and", 3) &&
        words_have(s, clause_start(s, i), have, "we i") && !words_have(s, clause_start(s, i), have, "you they")) {
        deed_add(list, s, have, i, deed); /* "I can see it and have sent it back" */
        return;
    }
    if (words_have(s, from, i, "will 'll would can could may might must to"))
        return;
    have = word_before(s, from, i, deed_words_have);
    if (have < i && words_have(s, have, i, "been")) {
        deed.passive = true;
        deed_add(list, s, have, i, deed);
        return;
    }
    if (have < i && have > from && words_have(s, from, have, deed_words_we) && !words_have(s, from, have, "you they")) {
        deed_add(list, s, have - 1, i, deed);
        return;
    }
    be = word_before(s, from, i, "was were being");
    if (be == from && word_is(&s->words[be], "being", 5)) /* "being sent away is no fun" */
        return;
    if (be < i && i - be <= 3 && (tells_when(s, from, be) || words_have(s, from, be, "what who")))
        return;
    if (be < i && i - be <= 3) {
        deed.passive = true;
        deed_add(list, s, be, i, deed);
        return;
    }
    while (plain > from && word_in(&s->words[plain - 1], deed_words_adverbs))
        plain--;
    if (plain > from && word_in(&s->words[plain - 1], "we i"))
        deed_add(list, s, plain - 1, i, deed);
    else if (plain > from + 1 && word_in(&s->words[plain - 2], "our my") && person_of_ours(s, plain - 2, plain))
        deed_add(list, s, plain - 2, i, deed); /* "our engineers looked at it" */
}

/* "we will refund", "you will receive", "will be refunded", "we can offer", "we are going to". */
void deed_english_plan(const struct sentence *s, size_t i, int family, bool done_form, struct deed_list *list)
{
    const struct deed_family *row = &deed_families[family];
    size_t from = clause_reach(s, i), modal = word_before(s, from, i, "will 'll shall going can could happy glad able"),
           who;
    struct deed deed = {.kind = CLAIM_PROMISE, .family = family};
    bool sure = modal < i && word_in(&s->words[modal], "will 'll shall going");

    deed.sure = sure && !done_form && !row->gets;
    if (modal < i && !done_form && words_have(s, modal + 1, i, "the a an your our its") &&
        !words_have(s, modal + 1, i, "and or then"))
        return; /* "will check it against the log": a noun */
    if (modal == i && !done_form && !row->soft && !row->gets && !clause_conditional(s, i) &&
        !clause_negated(s, from, i) && i > from) {
        bool let = i > from + 1 && word_in(&s->words[i - 1], "me us") && word_in(&s->words[i - 2], "let");
        deed.sure = let;
        if (let || word_in(&s->words[i - 1], "we"))
            deed_add(list, s, i - 1, i, deed);
        return;
    }
    if (modal == i || clause_conditional(s, i) || clause_negated(s, from, i))
        return;
    who = words_have(s, from, modal, "you they he she customer") ? 1
          : words_have(s, from, modal, deed_words_we)            ? 2
                                                                 : 0;
    if (done_form) {
        deed.passive = true;
        if (!sure || !words_have(s, modal, i, "be"))
            return;
        if (who == 1 && word_in(&s->words[i], "given offered")) { /* "you'll be given" */
            deed.family = deed_got(s, i, FAMILY_GETS);
            deed.gets = true;
        }
    } else if (row->gets) {
        if (who != 1 || !sure || i - modal > 3)
            return;
        deed.family = deed_got(s, i, family);
        deed.gets = true;
    } else if (who == 1 || (who == 2 && row->soft && !word_in(&s->words[i], "speak talk")) || (!sure && who != 2) ||
               words_have(s, modal + 1, i, "you need have")) {
        return;
    }
    if (row->soft && !done_form && !(sure && word_in(&s->words[i], "speak talk")))
        return;
    deed_add(list, s, modal > from ? modal - 1 : modal, i, deed);
}

/* The family of "sending", "replacing", "shipping": the verb before -ing, with its e or its doubled letter back. */
static int family_of_ing(const struct word *word)
{
    char stem[STEM_MAX];
    size_t len = word->len;

    if (len < 6 || len - 2 >= sizeof stem || strncmp(word->at + len - 3, "ing", 3) != 0)
        return -1;
    len -= 3;
    memcpy(stem, word->at, len);
    stem[len] = 'e';
    for (size_t f = 0; f < deed_families_len; f++) {
        const struct word forms[] = {
            {.at = stem, .len = len}, {.at = stem, .len = len + 1}, {.at = stem, .len = len - 1}};
        if (word_in(&forms[0], deed_families[f].english) || word_in(&forms[1], deed_families[f].english) ||
            (stem[len - 1] == stem[len - 2] && word_in(&forms[2], deed_families[f].english)))
            return (int)f;
    }
    return -1;
}

/* "we are sending", "the technician is coming": under way or near at hand. */
void deed_english_going_on(const struct sentence *s, size_t i, struct deed_list *list)
{
    int family = family_of_ing(&s->words[i]);
    size_t from = clause_reach(s, i), be = word_before(s, from, i, "am are is 'm 're 's");
    struct deed deed = {.kind = CLAIM_PROMISE, .family = family};

    if (be > from && word_in(&s->words[be - 1], "we i"))
        deed.kind = CLAIM_ACTION;
    if (family < 0 || be == i || i - be > 2 || be == from || deed_families[family].soft || deed_families[family].gets ||
        clause_conditional(s, i) || clause_negated(s, from, i) ||
        words_have(s, from, be, "you they it this that there something nothing everything your"))
        return;
    deed.family = family == FAMILY_ARRIVE ? deed_got(s, i, family) : family; /* "is coming back to you" */
    deed_add(list, s, be - 1, i, deed);
}
