/* Words that commit by themselves, and what is said to come: "guaranteed", "kostenlos", "unterwegs", "you'll have it by
 * Friday". */
#include "claims/deed_patterns.h"

#include "claims/deed_condition.h"
#include "claims/deed_list.h"
#include "claims/deed_words.h"

enum { FREE_REACH = 3 };

/* "Das Geld kommt", "the money comes". */
void deed_on_its_way(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ARRIVE, .passive = true};
    size_t from = clause_start(s, i);

    if (word_in(&s->words[i], "kommt kommen trifft comes arrives") && !clause_conditional(s, i) &&
        !clause_negated(s, from, clause_last(s, i) + 1) &&
        words_have(s, from, i, "geld betrag erstattung gutschrift money refund") && !clause_follows_condition(s, i))
        deed_add(list, s, from, i, deed);
}

/* "You'll have it by Friday", "you will see the money": what the customer gets, in other words. */
void deed_will_have(const struct sentence *s, size_t i, struct deed_list *list)
{
    size_t from = clause_reach(s, i), last = clause_last(s, i), modal = word_before(s, from, i, "will 'll");
    struct deed deed = {.kind = CLAIM_PROMISE, .family = deed_got(s, i, FAMILY_GETS), .gets = true};
    bool sees_money =
        word_is(&s->words[i], "see", 3) && words_have(s, i, last + 1, "money refund amount credit payment");

    if (modal == i || i - modal > 2 || clause_conditional(s, i) || clause_negated(s, from, i) ||
        !words_have(s, from, modal, "you"))
        return;
    if (!sees_money &&
        !(word_is(&s->words[i], "have", 4) && i < last && !word_in(&s->words[i + 1], "to until time been")))
        return;
    deed_add(list, s, modal, i, deed);
}

/* "It will be in your hands", "you'll win this case". */
static bool comes_or_wins(const struct sentence *s, size_t i, struct deed_list *list)
{
    size_t from = clause_reach(s, i);
    bool will = word_before(s, from, i, "will 'll") < i;
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ARRIVE, .sure = true};

    if (word_in(&s->words[i], "hands door doorstep haenden") && (will || words_have(s, from, i, "haben halten sie")) &&
        words_have(s, from, i, "be in at to haben halten")) {
        deed_add(list, s, from, i, deed);
        return true;
    }
    if (word_in(&s->words[i], "dir ihnen euch") && i == clause_last(s, i) && i > 0 &&
        word_is(&s->words[i - 1], "bei", 3) && words_have(s, clause_start(s, i), i, "ist sind")) {
        deed_add(list, s, from, i, deed);
        return true;
    }
    if (word_is(&s->words[i], "there", 5) && will && word_in(&s->words[i - 1], "be") &&
        !words_have(s, from, i, "you still")) {
        deed_add(list, s, from, i, deed);
        return true;
    }
    if (word_in(&s->words[i], "win winning") && will && words_have(s, from, i, "you")) {
        deed.family = FAMILY_GUARANTEE;
        deed_add(list, s, i, i, deed);
        return true;
    }
    return false;
}

/* A duration stands in the clause before the word. */
static bool figure_before(const struct sentence *s, size_t i)
{
    return words_have(s, clause_start(s, i), i,
                      "days day weeks week hours hour minutes tage tagen tag werktage werktagen wochen woche stunden "
                      "stunde minuten arbeitstage arbeitstagen uhr monat monate monaten month months");
}

/* "Ihre Meldung liegt der Abteilung vor", "Ihr Paket steht bereit", "your card is waiting": so far it has come. */
static bool lies_ready(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    if ((i != clause_last(s, i) && !word_in(&s->words[i], "waiting ready")) ||
        (figure_before(s, i) && words_have(s, from, i, "lang long for nach"))) /* "zwei Wochen lang" */
        return false;
    if (words_have(
            s, from, i,
            "spaetestens ab bis innerhalb binnen sobald dann danach after from within once then sollte by until"))
        return false;
    if (word_in(&s->words[i], "waiting ready") && words_have(s, i, clause_last(s, i) + 1, "you"))
        return i > 0 && word_in(&s->words[i - 1], "is are already");
    if (word_in(&s->words[i], "vor") && words_have(s, from, i, "noch"))
        return false; /* "liegt uns noch vor": it has been there */
    if (word_in(&s->words[i], "vor") && words_have(s, from, i, "mir uns") &&
        words_have(s, from, i, "mail mails email nachricht anfrage anliegen schreiben brief foto fotos bild bilder"))
        return false; /* "Ihre Mail liegt uns vor": else we could not answer it */
    if (word_in(&s->words[i], "bereit vor parat"))
        return words_have(s, from, i, "liegt liegen steht stehen") &&
               words_have(s, from, i, "ihr ihre dein deine dich dir ihnen euch");
    return word_in(&s->words[i], "waiting ready") && i > 0 && word_in(&s->words[i - 1], "is are already") &&
           words_have(s, from, i, "your");
}

/* "I promise", "garantiert", "wir versichern". */
static bool is_guaranteed(const struct sentence *s, size_t from, size_t i)
{
    const struct word *word = &s->words[i];

    if (words_have(s, i, clause_last(s, i) + 1,
                   "nicht nie keine keinen kein niemand")) /* "versprechen kann ich es nicht" */
        return false;
    return (word_in(word, "guarantee promise assure pledge commit") && words_have(s, from, i, "we i can")) ||
           word_in(word, "guaranteed garantiere garantiert versprechen verspreche zusichern") ||
           (word_in(word, "garantieren versichern") && clause_beside(s, i, "wir ich"));
}

/* What there is only so much of, and who has only so much time. */
#define SCARCE                                                                                                         \
    "slot slots place places seat seats space spaces room rooms table tables appointment appointments spot spots "     \
    "pitch pitches bed beds desk desks line lines lane court date dates time bay bays engineer engineers technician "  \
    "technicians colleague colleagues staff team someone somebody anyone everybody nobody people you we i he she"

/* "Slots are free within three days", "the next free seat", "you are free from December": there, and nothing owed. */
static bool is_available(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i),
           be = word_before(s, from, i, "is are be 's 're was were am 'm 'll become becomes");

    if (i < clause_last(s, i) && word_in(&s->words[i + 1], SCARCE))
        return true;
    return be < i && be > from && i - be <= FREE_REACH && word_in(&s->words[i], "free") &&
           words_have(s, from, be, SCARCE) && !words_have(s, from, be, "for");
}

/* "free", and neither "feel free" nor "free to", "free up", "free of dust". */
static bool is_free(const struct sentence *s, size_t i)
{
    return word_in(&s->words[i],
                   "free kostenlos kostenlose kostenlosen kostenloses kostenloser kostenfrei kostenfreie gratis "
                   "gebuehrenfrei complimentary umsonst") &&
           !(word_is(&s->words[i], "umsonst", 7) &&
             !words_have(s, clause_start(s, i), clause_last(s, i) + 1, "bekommen erhalten kriegen gibt wir")) &&
           !words_have(s, clause_start(s, i), i, "what what's whatever depends") && !is_available(s, i) &&
           !(i > 0 && word_in(&s->words[i - 1], "feel be battery hands")) &&
           !(i + 1 < s->n &&
             (word_in(&s->words[i + 1], "to up from") ||
              (word_is(&s->words[i + 1], "of", 2) && i + 2 < s->n && !word_in(&s->words[i + 2], "charge cost costs"))));
}

/* "Ihr Paket ist unterwegs"; whoever is away from home is it, too, and no news. */
static bool is_under_way(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i), last = clause_last(s, i);

    return word_in(&s->words[i], "unterwegs") && !words_have(s, from, last + 1, "seid bist uns wir man du wer auch") &&
           words_have(s, from, last + 1, "ist sind befindet befinden bereits schon jetzt nun") &&
           !(words_have(s, from, last + 1, "sind") && words_have(s, from, last + 1, "sie"));
}

/* "Your parcel is on its way", and not "with guests on the way". */
static bool is_coming(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    return words_have(s, from, i, "is are 's 're be been was were now already") &&
           !words_have(s, from, i, "guests visitors friends family relatives you we people");
}

/* "unterwegs", "auf dem Weg", "on its way", "liegt bereit". */
static bool is_on_the_way(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];

    return is_under_way(s, i) ||
           (word_is(word, "weg", 3) && i >= 2 && word_is(&s->words[i - 1], "dem", 3) &&
            word_is(&s->words[i - 2], "auf", 3) && words_have(s, clause_start(s, i), i, "ist sind")) ||
           lies_ready(s, i) ||
           (word_in(word, "way") && i >= 2 && is_coming(s, i) && word_in(&s->words[i - 2], "on") &&
            word_in(&s->words[i - 1], "its his her their the"));
}

/* "We will be with you", "we'll get back to you shortly". */
static void in_touch(const struct sentence *s, size_t from, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_IN_TOUCH};
    size_t will = word_before(s, from, i, "will 'll shall");

    if (will < i && word_in(&s->words[i], "with back") &&
        !words_have(s, from, will, "we i team")) /* "it will be back" */
        deed.family = word_in(&s->words[i], "with") ? FAMILY_ARRIVE : FAMILY_CARE;

    if (word_in(&s->words[i], "with") && i + 1 < s->n && word_in(&s->words[i + 1], "you") && i > 0 &&
        word_in(&s->words[i - 1], "be") && will < i)
        deed_add(list, s, i - 1, i + 1, deed);
    else if (word_in(&s->words[i], "touch back shortly") && will < i && !words_have(s, from, i, "you") &&
             (word_is(&s->words[i], "back", 4) ? word_shortly_before(s, i, "get come be")
                                               : words_have(s, from, i, "get be come in")))
        deed_add(list, s, will, i, deed);
}

void deed_commitment(const struct sentence *s, size_t i, struct deed_list *list)
{
    size_t from = clause_reach(s, i);
    struct deed deed = {.kind = CLAIM_PROMISE};

    if (clause_conditional(s, i) || clause_negated(s, clause_start(s, i), i))
        return;
    if (is_guaranteed(s, from, i)) {
        deed.family = FAMILY_GUARANTEE;
        deed_add(list, s, i, i, deed);
    }
    if (is_free(s, i)) {
        deed.family = FAMILY_FREE;
        deed_add(list, s, i, i, deed);
    }
    if (word_in(&s->words[i], "verfuegung") && words_have(s, clause_start(s, i), i, "wir ich")) {
        deed.family = FAMILY_PROVIDE;
        deed_add(list, s, i, i, deed);
        return;
    }
    if (word_in(&s->words[i], "unterwegs") && figure_before(s, i))
        return; /* "four to six days": how long, and not that */
    if (is_on_the_way(s, i) && !clause_follows_condition(s, i)) {
        deed.kind = CLAIM_ACTION;
        deed.passive = true;
        deed.family = FAMILY_ON_THE_WAY;
        deed_add(list, s, i, i, deed);
        return;
    }
    if (!comes_or_wins(s, i, list))
        in_touch(s, from, i, list);
}
