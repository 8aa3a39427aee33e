/* Finding deeds: a sentence is cut into words; at each verb of the lists the words before it, and in German also those
 * behind it, say whether it is done, planned, asked for or only a condition. */
#include "draft/deeds.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "draft/deed_forms.h"
#include "draft/deed_words.h"
#include "draft/sentences.h"

enum {
    STEM_MAX = 24,
    COMPOUND_LEAST = 6,
    WORDS_MAX = 400,
    REACH = 7,
    NOUN_REACH = 3,
    FAMILY_GUARANTEE = 1000,
    FAMILY_FREE = 1001,
    FAMILY_IN_TOUCH = 1002,
    FAMILY_ON_THE_WAY = 1003,
    FAMILY_ANY = 1004,
    FAMILY_PROVIDE = 1005,
    FAMILY_CARE = 1006,
    FAMILY_ABSOLUTE = 1007,
    FAMILY_ON_US = 1008,
    FAMILY_REFUND = 0,
    FAMILY_REPLACE = 2,
    FAMILY_GETS = 16,
    FAMILY_ARRIVE = 17
};

struct word {
    const char *at;
    size_t start, len;
    bool clause_end; /* a mark stands behind it */
};

struct sentence {
    struct word words[WORDS_MAX];
    size_t n;
};

/* ---- words ---- */

static bool equals(const struct word *word, const char *text, size_t len)
{
    return word->len == len && strncmp(word->at, text, len) == 0;
}

/* Whether the word is one of the list (words between blanks). */
static bool in_list(const struct word *word, const char *list)
{
    while (*list) {
        size_t len = strcspn(list, " ");
        if (equals(word, list, len))
            return true;
        list += len + strspn(list + len, " ");
    }
    return false;
}

/* A noun of the list, also in the plural or with another ending. */
static bool is_thing(const struct word *word, const char *list)
{
    static const char *const endings[] = {"s", "es", "e", "n", "en", "'s"};
    struct word stem = *word;

    if (in_list(word, list))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        size_t len = strlen(endings[i]);
        stem.len = word->len > len ? word->len - len : 0;
        if (stem.len && strncmp(word->at + stem.len, endings[i], len) == 0 && in_list(&stem, list))
            return true;
    }
    return false;
}

/* "we've" is two words: we 've. */
static void split(const struct folded *text, size_t start, size_t end, struct sentence *out)
{
    out->n = 0;
    for (size_t at = start; at < end && out->n < WORDS_MAX;) {
        size_t len = fold_letters(text, at);
        bool tail = text->text[at] == '\'' && fold_is_letter(text->text[at + 1]);
        if (tail)
            len = 1 + fold_letters(text, at + 1);
        if (!len) {
            bool inside = fold_is_digit(text->text[at + 1]) && strchr(",-:", text->text[at]); /* 49,00 and 9:30 */
            if (out->n && strchr(",;:-()\"\n", text->text[at]) && !inside &&
                (text->text[at] != '-' || text->text[at + 1] == ' '))
                out->words[out->n - 1].clause_end = true;
            at++;
            continue;
        }
        out->words[out->n++] = (struct word){.at = text->text + at, .start = at, .len = len};
        at += len;
    }
}

/* First word of the clause that holds word i. */
static size_t clause_start(const struct sentence *s, size_t i)
{
    while (i > 0 && !s->words[i - 1].clause_end)
        i--;
    return i;
}

static size_t clause_last(const struct sentence *s, size_t i)
{
    while (i + 1 < s->n && !s->words[i].clause_end)
        i++;
    return i;
}

/* Right before or behind, in the same clause. */
static bool beside(const struct sentence *s, size_t i, const char *list)
{
    return (i > 0 && !s->words[i - 1].clause_end && in_list(&s->words[i - 1], list)) ||
           (i + 1 < s->n && !s->words[i].clause_end && in_list(&s->words[i + 1], list));
}

/* ---- what surrounds a verb ---- */

#define CONDITIONS                                                                                                     \
    "if once when whenever after before until unless whether should sobald nachdem wenn falls bevor bis ob sofern "    \
    "damit erst nur only "                                                                                             \
    "waehrend solange how wie where wo which welche welcher why warum provided assuming vorausgesetzt either "         \
    "entweder "                                                                                                        \
    "merely supposing angenommen soweit insofern"
#define NEGATIONS "not never cannot can't no without nicht kein keine keinen nie ohne weder neither nor"
#define WE        "we i our team colleague colleagues wir ich kollege kollegen kollegin unser unsere support warehouse lager"

static bool any_before(const struct sentence *s, size_t from, size_t i, const char *list)
{
    for (size_t k = from; k < i; k++) {
        if (in_list(&s->words[k], list))
            return true;
    }
    return false;
}

static bool negated(const struct sentence *s, size_t from, size_t i)
{
    for (size_t k = from; k < i; k++) {
        const struct word *word = &s->words[k];
        if (in_list(word, NEGATIONS) || equals(word, "'t", 2))
            return true;
    }
    return false;
}

/* Where to look back to: the clause, at most REACH words. */
static size_t reach_back(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    return i - from > REACH ? i - REACH : from;
}

/* "Sobald es da ist, wird ...", "Once we have it, ...": the sentence begins with a condition, and a plan behind it is
 * one. */
static bool begins_with_condition(const struct sentence *s, size_t i)
{
    return clause_start(s, i) > 0 && in_list(&s->words[0], "if once when after sobald wenn nachdem falls sofern");
}

/* "You write that we sent it", "Ihnen wurde gesagt, wir haetten": what follows is the customer's word, up to an "and"
 * or "but". */
static bool reported(const struct sentence *s, size_t i)
{
    bool told = false;

    for (size_t k = 0; k + 1 < i; k++) {
        const struct word *word = &s->words[k], *next = &s->words[k + 1];
        if (equals(word, "laut", 4) || (equals(word, "according", 9) && equals(next, "to", 2)))
            told = true; /* "Laut App wurde es zugestellt" */
        if (in_list(word, "you sie") &&
            in_list(next,
                    "write wrote say said mention mentioned tell told describe described report reported state stated "
                    "were schreiben schrieben sagen sagten berichten erwaehnen beschreiben teilten"))
            told = !equals(next, "were", 4) || (k + 2 < i && in_list(&s->words[k + 2], "told informed promised"));
        if (equals(word, "ihnen", 5) && in_list(next, "wurde"))
            told = any_before(s, k, i, "gesagt mitgeteilt zugesagt");
        if (in_list(word, "but and aber und however jedoch"))
            told = false;
    }
    return told;
}

/* "until then", "bis dahin", "before Friday", "after that": when, and not whether. */
static bool is_only_when(const struct sentence *s, size_t k)
{
    if (!in_list(&s->words[k], "bis before after until") || k + 1 >= s->n)
        return false;
    return in_list(&s->words[k + 1],
                   "dahin zu zum zur heute morgen spaetestens ende montag dienstag mittwoch donnerstag "
                   "freitag samstag sonntag then that this today tomorrow monday tuesday wednesday "
                   "thursday friday saturday sunday christmas noon lunch uhr") ||
           s->words[k + 1].start - s->words[k].start - s->words[k].len > 1; /* a number stands between */
}

static bool has_condition(const struct sentence *s, size_t from, size_t i)
{
    for (size_t k = from; k < i; k++) {
        if (in_list(&s->words[k], CONDITIONS) && !is_only_when(s, k) &&
            !(k > from && equals(&s->words[k - 1], "from", 4))) /* "from before the posting" */
            return true;
        if (equals(&s->words[k], "long", 4) && k + 1 < s->n && equals(&s->words[k + 1], "as", 2))
            return true;
    }
    return false;
}

/* A condition or a purpose in the clause: "once we have checked", "so that we can", "so we can look". */
static bool conditional(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    if (has_condition(s, from, i) || reported(s, i))
        return true;
    for (size_t k = from; k < i; k++) {
        if (equals(&s->words[k], "in", 2) && equals(&s->words[k + 1], "case", 4))
            return true;
        if (equals(&s->words[k], "so", 2) && (k + 1 < i) && in_list(&s->words[k + 1], "that we i dass") &&
            !in_list(&s->words[k + 2], "will 'll have 've"))
            return true; /* "so we'll keep it" is what follows */
    }
    return false;
}

static void add(struct deed_list *list, const struct sentence *s, size_t from, size_t to, struct deed deed)
{
    if (list->n == DEEDS_MAX)
        return;
    deed.start = s->words[from].start;
    deed.end = s->words[to].start + s->words[to].len;
    if (deed.family == FAMILY_ANY)
        snprintf(deed.verb, sizeof deed.verb, "%.*s", (int)s->words[to].len, s->words[to].at);
    list->items[list->n++] = deed;
}

/* Whether a family of the lists has it. */
static bool family_word(const struct word *word)
{
    for (size_t f = 0; f < deed_families_len; f++) {
        const struct deed_family *row = &deed_families[f];
        if (in_list(word, row->english) || in_list(word, row->english_done) || in_list(word, row->german) ||
            in_list(word, row->german_done))
            return true;
    }
    return false;
}

/* ---- English ---- */

#define HAVE "have has had 've 's"
#define ADVERBS                                                                                                        \
    "already just now also then immediately gladly today kindly happily personally immediately been fully "            \
    "successfully since therefore promptly quickly gerne bereits schon jetzt sofort umgehend"

/* The auxiliary before a participle: its place, or i when there is none. */
static size_t find_back(const struct sentence *s, size_t from, size_t i, const char *list)
{
    for (size_t k = i; k > from; k--) {
        if (in_list(&s->words[k - 1], list))
            return k - 1;
    }
    return i;
}

/* "the day it was delivered", "since the moment that they were sent": when, not that. */
static bool tells_when(const struct sentence *s, size_t from, size_t be)
{
    return any_before(s, be > from + 4 ? be - 4 : from, be, "day date time moment week month");
}

/* "has been excluded by the sender": not by us. */
static bool by_another(const struct sentence *s, size_t i)
{
    return i + 2 < s->n && equals(&s->words[i + 1], "by", 2) &&
           in_list(&s->words[i + 2], "the your their its another") &&
           !(i + 3 < s->n && in_list(&s->words[i + 3], "team warehouse colleague support department"));
}

/* "we have refunded", "has been refunded", "was refunded", "we refunded". */
static void english_done(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    size_t from = reach_back(s, i), have, be, plain = i;
    struct deed deed = {.kind = CLAIM_ACTION, .family = family};

    if (conditional(s, i) || negated(s, from, i))
        return;
    if (any_before(s, from, i, "will 'll would can could may might must to"))
        return;
    have = find_back(s, from, i, HAVE);
    if (have < i && any_before(s, have, i, "been")) {
        deed.passive = true;
        add(list, s, have, i, deed);
        return;
    }
    if (have < i && have > from && any_before(s, from, have, WE) && !any_before(s, from, have, "you they")) {
        add(list, s, have - 1, i, deed);
        return;
    }
    be = find_back(s, from, i, "was were being");
    if (be < i && i - be <= 3 && (tells_when(s, from, be) || any_before(s, from, be, "what who")))
        return;
    if (be < i && i - be <= 3) {
        deed.passive = true;
        add(list, s, be, i, deed);
        return;
    }
    while (plain > from && in_list(&s->words[plain - 1], ADVERBS))
        plain--;
    if (plain > from && in_list(&s->words[plain - 1], "we i"))
        add(list, s, plain - 1, i, deed);
}

/* "you will get it back", "Sie bekommen das Geld zurück": a refund by another name. */
static int family_got(const struct sentence *s, size_t i, int family)
{
    size_t from = clause_start(s, i), last = clause_last(s, i);

    return any_before(s, from, last + 1, "back zurueck money geld refunded ersetzt erstattet") ? FAMILY_REFUND : family;
}

/* "we will refund", "you will receive", "will be refunded", "we can offer", "we are going to". */
static void english_plan(const struct sentence *s, size_t i, int family, bool done_form, struct deed_list *list)
{
    const struct deed_family *row = &deed_families[family];
    size_t from = reach_back(s, i), modal = find_back(s, from, i, "will 'll shall going can could happy glad able"),
           who;
    struct deed deed = {.kind = CLAIM_PROMISE, .family = family};
    bool sure = modal < i && in_list(&s->words[modal], "will 'll shall going");

    deed.sure = sure && !done_form && !row->gets;
    if (modal == i && !done_form && !row->soft && !row->gets && !conditional(s, i) && !negated(s, from, i) &&
        i > from) {
        bool let = i > from + 1 && in_list(&s->words[i - 1], "me us") && in_list(&s->words[i - 2], "let");
        deed.sure = let;
        if (let || in_list(&s->words[i - 1], "we"))
            add(list, s, i - 1, i, deed);
        return;
    }
    if (modal == i || conditional(s, i) || negated(s, from, i))
        return;
    who = any_before(s, from, modal, "you they customer") ? 1 : any_before(s, from, modal, WE) ? 2 : 0;
    if (done_form) {
        deed.passive = true;
        if (!sure || !any_before(s, modal, i, "be"))
            return;
        if (who == 1 && in_list(&s->words[i], "given offered"))
            deed.family = family_got(s, i, FAMILY_GETS); /* "you'll be given" */
    } else if (row->gets) {
        if (who != 1 || !sure || i - modal > 3)
            return;
        deed.family = family_got(s, i, family);
    } else if (who == 1 || (who == 2 && row->soft && !in_list(&s->words[i], "speak talk")) || (!sure && who != 2) ||
               any_before(s, modal + 1, i, "you need have")) {
        return;
    }
    if (row->soft && !done_form && !(sure && in_list(&s->words[i], "speak talk")))
        return;
    add(list, s, modal > from ? modal - 1 : modal, i, deed);
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
        if (in_list(&forms[0], deed_families[f].english) || in_list(&forms[1], deed_families[f].english) ||
            (stem[len - 1] == stem[len - 2] && in_list(&forms[2], deed_families[f].english)))
            return (int)f;
    }
    return -1;
}

/* "we are sending", "the technician is coming": under way or near at hand. */
static void english_going_on(const struct sentence *s, size_t i, struct deed_list *list)
{
    int family = family_of_ing(&s->words[i]);
    size_t from = reach_back(s, i), be = find_back(s, from, i, "am are is 'm 're 's");
    struct deed deed = {.kind = CLAIM_PROMISE, .family = family};

    if (be > from && in_list(&s->words[be - 1], "we i"))
        deed.kind = CLAIM_ACTION;
    if (family < 0 || be == i || i - be > 2 || be == from || deed_families[family].soft || deed_families[family].gets ||
        conditional(s, i) || negated(s, from, i) || any_before(s, from, be, "you they it this that there"))
        return;
    add(list, s, be - 1, i, deed);
}

/* ---- German ---- */

/* What happened just now the ticket can't know. */
#define BY_US_NOW "now jetzt nun hiermit soeben gerade just hereby"

/* The finite verb of a main clause stands before its participle: "wir haben ... erstattet", "wurde ... storniert". */
static void german_done(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    size_t from = clause_start(s, i), have = find_back(s, from, i, "habe haben hat hab"), be, will;
    struct deed deed = {.kind = CLAIM_ACTION, .family = family};
    bool perfect;

    if (conditional(s, i) || negated(s, from, i))
        return;
    if (have < i && beside(s, have, WE)) {
        add(list, s, have, i, deed);
        return;
    }
    deed.passive = !any_before(s, from, i, BY_US_NOW);
    be = find_back(s, from, i, "wurde wurden");
    if (be < i) {
        add(list, s, be, i, deed);
        return;
    }
    be = find_back(s, from, i, "ist sind");
    perfect = i < clause_last(s, i) && equals(&s->words[i + 1], "worden", 6);
    if (be < i &&
        (perfect ||
         any_before(s, be, i,
                    "bereits schon heute jetzt hiermit nun damit somit inzwischen mittlerweile erfolgreich sofort"))) {
        add(list, s, be, i, deed);
        return;
    }
    will = find_back(s, from, i, "wird werden");
    if (will < i && !begins_with_condition(s, i)) {
        deed.passive = true;
        deed.kind = CLAIM_PROMISE;
        add(list, s, will, i, deed);
    }
}

/* "wir werden ... erstatten", "wir erstatten", "erstatten wir", "Sie erhalten". */
static void german_plan(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    const struct deed_family *row = &deed_families[family];
    size_t from = clause_start(s, i), will = find_back(s, from, i, "werde werden wird koennen kann moechten wollen");
    struct deed deed = {.kind = CLAIM_PROMISE, .family = family};
    bool sure = will < i && in_list(&s->words[will], "werde werden wird");

    if (conditional(s, i) || negated(s, from, i) || row->soft)
        return;
    if (row->gets) {
        deed.family = family_got(s, i, family);
        if (beside(s, i, "sie du ihr") || (sure && beside(s, will, "sie du")))
            add(list, s, i > 0 ? i - 1 : i, i, deed);
        return;
    }
    if (will < i) {
        if (beside(s, will, WE))
            add(list, s, will, i, deed);
    } else if (!any_before(s, from, i, "zu um") && ((i > from && in_list(&s->words[i - 1], "wir ich")) ||
                                                    (beside(s, i, "wir ich") && !beside(s, i, "sie")))) {
        add(list, s, i, i, deed);
    }
}

/* ---- states ---- */

/* How things go in general, or in time: not what was done. */
static bool is_habit(const struct sentence *s, size_t i)
{
    return any_before(s, clause_start(s, i), clause_last(s, i) + 1,
                      "within innerhalb binnen usually normally typically generally ueblicherweise normalerweise meist "
                      "meistens every each jede jeden jedes always automatically automatisch then dann later spaeter "
                      "afterwards danach") &&
           !any_before(s, clause_start(s, i), clause_last(s, i) + 1, "already bereits schon just now jetzt soeben");
}

/* "is arranged for Tuesday". */
static bool is_set_for(const struct sentence *s, size_t i)
{
    return i + 2 < s->n && in_list(&s->words[i + 1], "for on fuer am") &&
           in_list(&s->words[i + 2],
                   "monday tuesday wednesday thursday friday saturday sunday tomorrow today montag dienstag "
                   "mittwoch donnerstag freitag samstag sonntag morgen heute");
}

/* "Your booking is cancelled", "Ihre Adresse ist geaendert": said of the customer's own it is a deed, said of things in
 * general it is how they are. */
static void state(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    const struct deed_family *row = &deed_families[family];
    size_t from = clause_start(s, i), be;
    struct deed deed = {.kind = CLAIM_ACTION, .family = family, .passive = true, .state = true};

    if (row->soft || row->gets || conditional(s, i) || negated(s, from, i) || begins_with_condition(s, i))
        return;
    be = find_back(s, from, i, "is are 's ist sind");
    if (be == i || be == from || i - be > 3 || any_before(s, be, i, "being to not"))
        return;
    deed.passive = !any_before(s, be, i, BY_US_NOW);
    if (is_habit(s, i) && deed.passive) { /* "within two days the bank is contacted" */
        deed.kind = CLAIM_PROMISE;
        deed.state = false;
    }
    deed.ground_only =
        i != clause_last(s, i) && !any_before(s, be, i, "now already jetzt nun bereits schon") && !is_set_for(s, i);
    deed.ground_only |=
        !any_before(
            s, from, be,
            "your ihr ihre dein deine it das this change korrektur erstattung stornierung rueckzahlung gutschrift "
            "umbuchung "
            "aenderung kuendigung ueberweisung ersatzlieferung nachlieferung reparatur austausch lieferung abholung "
            "sperrung umleitung sendung refund repair cancellation correction swap exchange booking bookings "
            "appointment termin "
            "umtausch buchung") ||
        any_before(s, from, be, "you each every jede");
    add(list, s, be, i, deed);
}

/* ---- promises by form alone ---- */

/* What every support says of itself. */
static const char soft_verbs[] =
    "help assist look check need be have try ask require see explain walk guide gladly happily know understand advise "
    "suggest recommend "
    "assume let show go come want like hope think find use want read bitten brauchen benoetigen "
    "verstehen bedauern freuen vermuten schlagen erinnern schaetzen begreifen fuehlen empfinden nutzen "
    "empfehlen moechten koennen haben sind danken helfen hoffen wuenschen sehen wissen wollen muessen duerfen sollen "
    "werden raten "
    "entschuldigen verweisen finden glauben denken lesen fragen erklaeren zeigen unterstuetzen stehen gehen kommen "
    "nehmen lassen "
    "bitte brauche benoetige verstehe bedaure freue empfehle moechte kann habe bin danke helfe hoffe sehe weiss rate "
    "finde nenne nennen braeuchte braeuchten waere waeren koennte koennten duerften muessten sollten duerfte muesste "
    "denen jenen manchen eigenen neuen gegen neben wegen zwischen allen vielen einigen beiden ihren unseren deinen "
    "welchen solchen anderen weiteren "
    "ersten "
    "letzten oben unten innen aussen selben gleichen zusammen sonst deshalb daher ausserdem danke hierfuer "
    "erklaere erlaeutere schildere beschreibe fasse zeige beantworte beantworten erlaeutern schildern zusammenfassen "
    "unterstuetze begleite begleiten fuehre fuehren moeche entnehme entnehmen vermute vermuten rechne schlage nehme "
    "gehe komme stelle sage sagen meine meinen hoere hoeren lese nutze erkenne erkennen erinnere schaetze begreife "
    "entschuldige empfinde fuehle spreche sprechen "
    "bedauere wuensche verweise werde konnte konnten haette haetten wuerde wuerden pruefen pruefe schauen schaue gerne "
    "gern leider ihnen diese keine "
    "eine ihre unsere jeden alle heute morgen einen einem spaetestens danach dann sofort dafuer diesen ";

/* "glaube", "glauben". */
static bool is_soft(const struct word *word)
{
    char plural[STEM_MAX];
    struct word infinitive = {.at = plural, .len = word->len + 1};

    if (in_list(word, soft_verbs))
        return true;
    if (word->len + 1 >= sizeof plural || word->at[word->len - 1] != 'e')
        return false;
    memcpy(plural, word->at, word->len);
    plural[word->len] = 'n';
    return in_list(&infinitive, soft_verbs);
}

/* "We'll hold the room", "I will note it": whatever is announced must be told of in an article. */
static void any_will(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};
    size_t at = i + 1;

    if (!in_list(&s->words[i], "will 'll") || i == 0 || !in_list(&s->words[i - 1], "we i team colleague") ||
        conditional(s, i))
        return;
    while (at < s->n && in_list(&s->words[at], ADVERBS))
        at++;
    if (in_list(&s->words[at < s->n ? at : i], "have") && at + 1 < s->n &&
        in_list(&s->words[at + 1], "you it your everything a an the one some")) { /* "we'll have you back online" */
        deed.family = FAMILY_CARE;
        add(list, s, i - 1, at, deed);
        return;
    }
    if (in_list(&s->words[at < s->n ? at : i], "get take") && at + 1 < s->n &&
        (any_before(s, at, clause_last(s, i) + 1, "off") ||
         (equals(&s->words[at], "get", 3) && in_list(&s->words[at + 1], "the your it them")))) {
        deed.family = FAMILY_CARE;
        add(list, s, i - 1, at, deed);
        return;
    }
    if (in_list(&s->words[at < s->n ? at : i], "take get") && at + 1 < s->n &&
        in_list(&s->words[at + 1], "a another back in to this that"))
        return; /* "take a look", "get back to you" */
    if (at < s->n && !in_list(&s->words[at], soft_verbs) && !in_list(&s->words[at], NEGATIONS) &&
        !family_word(&s->words[at]))
        add(list, s, i - 1, at, deed);
}

/* "We won't fine you": what we leave undone is a promise, too. */
static void any_wont(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};

    if (i < 3 || !equals(&s->words[i - 1], "'t", 2) || !in_list(&s->words[i - 2], "won") ||
        !in_list(&s->words[i - 3], "we i nobody") || is_soft(&s->words[i]) || in_list(&s->words[i], "be do") ||
        conditional(s, i))
        return;
    add(list, s, i - 3, i, deed);
}

/* What people of ours do by themselves, and what nobody promises by it. */
#define PERSONS                                                                                                        \
    "techniker technikerin kollege kollegin fahrer mitarbeiter mitarbeiterin monteur technician colleague engineer "   \
    "driver"

/* "Der Techniker bringt das Teil mit", "a colleague waits for you". */
static void any_person(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};
    const struct word *word = &s->words[i];
    static const char soft[] =
        "muss kann wird ist hat sieht schaut koennte sollte duerfte weiss braucht moechte meldet "
        "prueft schaetzt geht kommt steht findet entscheidet nennt erklaert erkennt benoetigt "
        "nicht sonst selbst zuerst dort jetzt bereits erst is has needs was does visits comes "
        "decides checks looks sees assesses can't always this";

    if (i == 0 || s->words[i - 1].clause_end || !in_list(&s->words[i - 1], PERSONS) || word->len < 5 ||
        !(word->at[word->len - 1] == 't' || word->at[word->len - 1] == 's') || in_list(word, soft) ||
        family_word(word) || conditional(s, i) || negated(s, clause_start(s, i), clause_last(s, i) + 1))
        return;
    add(list, s, i - 1, i, deed);
}

/* "Dann lassen wir ihn pruefen", "ich lasse es abholen": we do it by others. */
static void any_lassen(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};
    size_t last = clause_last(s, i);

    if (!in_list(&s->words[i], "lassen lasse") || !beside(s, i, "wir ich") || conditional(s, i) ||
        negated(s, clause_start(s, i), last + 1) || last <= i + 1 || s->words[last].len < 5 ||
        strncmp(s->words[last].at + s->words[last].len - 2, "en", 2) != 0 ||
        in_list(&s->words[last], "wissen zukommen"))
        return;
    add(list, s, i, last, deed);
}

/* "an denen wir arbeiten", "fuer die wir zahlen": the verb ends a clause that begins with a relative. */
static bool in_relative(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    return from > 0 && i == clause_last(s, i) && i > from + 1 &&
           any_before(s, from, from + 2, "denen dem den deren dessen die das der was");
}

/* "Wir erledigen das", "das erledige ich". */
static void any_wir(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};
    const struct word *word = &s->words[i];
    bool wir = beside(s, i, "wir") && word->len >= 5 && strncmp(word->at + word->len - 2, "en", 2) == 0;
    bool ich = beside(s, i, "ich") && word->len >= 5 && word->at[word->len - 1] == 'e';

    bool for_them = any_before(s, clause_start(s, i), clause_last(s, i), "fuer") &&
                    any_before(s, clause_start(s, i), clause_last(s, i) + 1, "sie") &&
                    !in_list(word, "sind haben koennen danken stehen");

    if (in_relative(s, i) || (!wir && !ich) || (is_soft(word) && !for_them) || family_word(word) || conditional(s, i) ||
        negated(s, clause_start(s, i), clause_last(s, i) + 1))
        return;
    add(list, s, i, i, deed);
}

/* ---- deeds by form alone ---- */

/* "I have exported", "we've told", "we attached", "has been switched off": nobody but us can have done it. */
static void any_english(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_ACTION, .family = FAMILY_ANY};
    size_t from = reach_back(s, i), have = find_back(s, from, i, HAVE), plain = i;

    if (conditional(s, i) || negated(s, from, i) ||
        any_before(s, from, i, "will 'll would can could may might must to should as be you they"))
        return;
    if (have < i && any_before(s, from, have, "we i our colleague colleagues team") && i - have <= 3) {
        add(list, s, have - 1, i, deed);
        return;
    }
    if (have < i && i - have <= 3 && any_before(s, have, i, "been") && !by_another(s, i)) {
        deed.passive = true;
        add(list, s, have, i, deed);
        return;
    }
    if (have < i && i - have <= 2 && in_list(&s->words[i], "gone left begun started shipped cleared") &&
        !any_before(s, from, i, "you i")) {
        deed.passive = true;
        add(list, s, have, i, deed);
        return;
    }
    if (i > from && i - find_back(s, from, i, "was were") <= 2 && find_back(s, from, i, "was were") < i &&
        any_before(s, from, clause_last(s, i) + 1, "already just now today morning afternoon yesterday meanwhile")) {
        deed.passive = true;
        add(list, s, find_back(s, from, i, "was were"), i, deed);
        return;
    }
    if (i > from + 1 && equals(&s->words[i - 1], "being", 5) && in_list(&s->words[i - 2], "is are 's 're")) {
        deed.passive = true;
        add(list, s, i - 2, i, deed);
        return;
    }
    while (plain > from && in_list(&s->words[plain - 1], ADVERBS))
        plain--;
    if (in_list(&s->words[i], "set shut cut put let hit split cost read run") &&
        !any_before(s, clause_start(s, i), clause_last(s, i) + 1, "already just today yesterday now for your you i"))
        return; /* "we shut at five": what we do */
    if (plain > from && in_list(&s->words[plain - 1], "we i"))
        add(list, s, plain - 1, i, deed);
}

/* "We have received your return": a message that came is known to have come, a parcel is not. */
static void arrived_here(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_ACTION, .family = FAMILY_ANY};
    size_t from = reach_back(s, i), last = clause_last(s, i);

    if (in_list(&s->words[i], "received") && any_before(s, from, i, "we 've") && !conditional(s, i) &&
        !negated(s, from, i) &&
        any_before(s, i, last < i + REACH ? last + 1 : i + REACH,
                   "return returned parcel package item items payment money device documents form"))
        add(list, s, from, i, deed);
}

/* "Das Geld kommt", "the money comes". */
static void on_its_way(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ARRIVE, .passive = true};
    size_t from = clause_start(s, i);

    if (in_list(&s->words[i], "kommt kommen trifft comes arrives") && !conditional(s, i) &&
        !negated(s, from, clause_last(s, i) + 1) &&
        any_before(s, from, i, "geld betrag erstattung gutschrift money refund") && !begins_with_condition(s, i))
        add(list, s, from, i, deed);
}

/* "ich habe ... abgeschaltet": the participle ends its clause. */
static void any_german(const struct sentence *s, size_t i, struct deed_list *list)
{
    const struct deed deed = {.kind = CLAIM_ACTION, .family = FAMILY_ANY};
    size_t from = clause_start(s, i), have = find_back(s, from, i, "habe haben hab");
    bool ends = i == clause_last(s, i) || in_list(&s->words[i + 1], "und oder");
    size_t be = find_back(s, from, i, "wurde wurden ist sind");

    if (ends && be < i && !conditional(s, i) && !negated(s, from, i) && !begins_with_condition(s, i) &&
        any_before(s, from, i,
                   "soeben gerade eben bereits schon jetzt heute nun inzwischen mittlerweile hiermit gestern")) {
        struct deed happened = deed;
        happened.passive = true;
        add(list, s, be, i, happened);
        return;
    }

    size_t has = find_back(s, from, i, "hat");
    if (ends && has < i && has > from &&
        any_before(s, from, has, "kollege kollegin kollegen team lager versand abteilung buchhaltung") &&
        !conditional(s, i) && !negated(s, from, i)) {
        add(list, s, has, i, deed);
        return;
    }
    if (ends && have < i && have > from && beside(s, have, "wir ich") && !conditional(s, i) && !negated(s, from, i))
        add(list, s, have, i, deed);
}

/* ---- words that commit by themselves ---- */

/* Whether the word before i, or the one before that, is one of the list. */
static bool shortly_before(const struct sentence *s, size_t i, const char *list)
{
    size_t from = clause_start(s, i);

    return any_before(s, i > from + 2 ? i - 2 : from, i, list);
}

/* "on the house", "at our expense", "aufs Haus", "ohne Berechnung", "geht auf uns". */
static bool is_on_us(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];

    if (in_list(word, "house haus"))
        return (i > 1 && equals(&s->words[i - 1], "the", 3) && equals(&s->words[i - 2], "on", 2)) ||
               (i > 0 && equals(&s->words[i - 1], "aufs", 4));
    if (equals(word, "expense", 7))
        return i > 0 && equals(&s->words[i - 1], "our", 3);
    if (in_list(word, "berechnung gegenleistung"))
        return i > 0 && equals(&s->words[i - 1], "ohne", 4);
    if (in_list(word, "us uns"))
        return i > 1 && in_list(&s->words[i - 1], "on auf") && in_list(&s->words[i - 2], "is 's be geht gehen");
    return in_list(word, "spendieren spendiere schenken schenke") && beside(s, i, "wir ich");
}

/* "no further charge", "without extra cost", "nothing to pay", "ohne Aufpreis", "die Kosten übernehmen wir". */
static bool costs_nothing(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (in_list(word, "cost costs kosten kostet") && i + 1 < s->n && in_list(&s->words[i + 1], "nothing nichts"))
        return true;
    if (equals(word, "nothing", 7) && i > 0 && equals(&s->words[i - 1], "for", 3))
        return any_before(s, from, i, "we you 'll will can");
    if (in_list(word, "cost costs charge charges fee fees"))
        return any_before(s, i > from + 3 ? i - 3 : from, i, "no without");
    if (in_list(word, "kosten gebuehr gebuehren aufpreis mehrkosten zuzahlung mehrpreis"))
        return shortly_before(s, i, "keine keinerlei ohne unsere") && !any_before(s, i, last + 1, "uebernehmen");
    if (in_list(word, "charged billed"))
        return any_before(s, from, i, "'t not never nicht") && any_before(s, from, i, "be");
    if (in_list(word, "pay zahlen bezahlen ueberweisen entrichten"))
        return any_before(s, i > from + 4 ? i - 4 : from, i, "nothing nichts 't keinen") ||
               (i + 1 < s->n && in_list(&s->words[i + 1], "nothing"));
    if (in_list(word, "uebernehmen uebernehme"))
        return beside(s, i, "wir ich") && any_before(s, from, last + 1, "kosten gebuehr gebuehren porto versandkosten");
    if (in_list(word, "cover covered"))
        return any_before(s, from, last + 1, "we us") &&
               any_before(s, from, last + 1, "cost costs charge charges postage fee fees");
    return false;
}

/* "we'll make sure", "rest assured", "ich sorge dafür", "wir kümmern uns darum". */
static bool takes_care(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];
    size_t from = reach_back(s, i);

    if (equals(word, "sure", 4))
        return shortly_before(s, i, "make making") && any_before(s, from, i, "we i") &&
               !any_before(s, from, i, "please you");
    if (equals(word, "care", 4))
        return shortly_before(s, i, "take taking taken") && any_before(s, from, i, "we i team");
    if (equals(word, "assured", 7))
        return shortly_before(s, i, "rest be");
    if (equals(word, "dafuer", 6))
        return shortly_before(s, i, "sorge sorgen wir ich") && any_before(s, clause_start(s, i), i, "sorge sorgen");
    if (equals(word, "see", 3) || equals(word, "seeing", 6))
        return i + 2 < s->n && equals(&s->words[i + 1], "to", 2) && equals(&s->words[i + 2], "it", 2);
    if (in_list(word, "exception ausnahme"))
        return any_before(s, clause_start(s, i), i, "we i wir ich");
    return in_list(word, "kuemmere kuemmern") && beside(s, i, "wir ich");
}

/* "You won't be charged again", "das wird nicht wieder vorkommen". */
static bool never_again(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    return in_list(&s->words[i], "again wieder") && any_before(s, from, i, "won will wird werden") &&
           any_before(s, from, clause_last(s, i) + 1, "'t not nicht never nie") &&
           !any_before(s, from, i, "able sie need");
}

/* What somebody might want to hold us to. */
#define BENEFITS                                                                                                       \
    "charge charges charged fee fees free cost costs refund refunded money back lost restore restored replaced "       \
    "repaired "                                                                                                        \
    "covered cancel guaranteed dropped waived safe kostenlos kostenfrei gratis gebuehr gebuehren kosten geld "         \
    "erstattet "                                                                                                       \
    "erstattung verloren wiederherstellen ersetzt repariert gedeckt stornieren kuendigen garantiert erlassen sicher "  \
    "zurueckgeben umtauschen"

/* "Always", "at any time", "nothing will ever": what holds without exception must be said so. Whoever may always write
 * to us is told nothing. */
static bool without_exception(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];
    size_t from = clause_start(s, i), last = clause_last(s, i);
    bool anytime = equals(word, "time", 4) && shortly_before(s, i, "any") && any_before(s, from, i, "at");

    if (!anytime && !in_list(word, "always anytime jederzeit stets immer ever niemals"))
        return false;
    if (i < last && in_list(&s->words[i + 1], "noch wieder"))
        return false;
    return any_before(s, clause_start(s, i), last + 1, BENEFITS) &&
           any_before(s, from, i, "is are can will be wird werden ist sind kann koennen") &&
           !any_before(s, from, last + 1, "please bitte ") &&
           !any_before(
               s, from, last + 1,
               "reply write contact call ask reach get welcome melden schreiben anrufen fragen wenden antworten "
               "erreichen erreichbar gern gerne");
}

/* "We'll keep you posted", "expect a call", "auf dem Laufenden". */
static bool stays_in_touch(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];

    if (in_list(word, "posted informed updated"))
        return shortly_before(s, i, "you") && any_before(s, clause_start(s, i), i, "keep keeping");
    if (in_list(word, "laufenden"))
        return any_before(s, clause_start(s, i), i, "halten halte");
    if (in_list(word, "hoeren"))
        return beside(s, i, "sie") && any_before(s, i, clause_last(s, i) + 1, "uns");
    return in_list(word, "call reply answer email message") && any_before(s, clause_start(s, i), i, "expect expecting");
}

/* "in Arbeit", "in progress", "liegt bei einer Kollegin". */
static bool goes_on(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];

    if (in_list(word, "arbeit bearbeitung progress"))
        return i > 0 && in_list(&s->words[i - 1], "in");
    if (in_list(word, "underway"))
        return true;
    if (in_list(word, "live sorted raus erledigt durch") &&
        !any_before(s, clause_start(s, i), i, "in nach danach dann damit within then minuten minutes"))
        return shortly_before(s, i, "is 's are ist sind been") && i == clause_last(s, i);
    if (in_list(word, "through"))
        return i > 0 && in_list(&s->words[i - 1], "went gone came");
    if (in_list(word, "laeuft"))
        return i < clause_last(s, i) && in_list(&s->words[i + 1], "bereits schon seit");
    if (equals(word, "it", 2)) /* "our colleagues are on it" */
        return i > 2 && equals(&s->words[i - 1], "on", 2) && in_list(&s->words[i - 2], "are is 're 's am 'm") &&
               in_list(&s->words[i - 3], WE);
    if (in_list(word, "eingetragen vorgemerkt eingeplant angemeldet abgemeldet"))
        return i == clause_last(s, i) && any_before(s, clause_start(s, i), i, "sind bist") &&
               any_before(s, clause_start(s, i), i, "sie du");
    if (equals(word, "bescheid", 8))
        return i > 0 && in_list(&s->words[i - 1], "weiss wissen") &&
               !any_before(s, clause_start(s, i), i, "ich sie wir");
    if (in_list(word, "system") && shortly_before(s, i, "our in"))
        return any_before(s, clause_start(s, i), i, "now already");
    return in_list(word, "kollegin kollegen fachabteilung abteilung") && shortly_before(s, i, "bei beim") &&
           any_before(s, clause_start(s, i), i, "liegt ist");
}

/* "as long as you tell us a day before", "bis 24 Stunden vorher". */
static bool limited(const struct sentence *s, size_t i)
{
    return any_before(s, clause_start(s, i), clause_last(s, i) + 1,
                      "if provided long until before beforehand ahead earlier up bis vorher zuvor wenn sofern solange "
                      "rechtzeitig within innerhalb");
}

/* Without a look at negations: the phrase may hold one. */
static void phrases(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE};

    if (conditional(s, i))
        return;
    if (is_on_us(s, i)) {
        deed.family = FAMILY_ON_US;
    } else if (costs_nothing(s, i)) {
        deed.family = FAMILY_FREE;
        deed.limited = limited(s, i);
    } else if (stays_in_touch(s, i)) {
        deed.family = FAMILY_IN_TOUCH;
    } else if (takes_care(s, i) || never_again(s, i)) {
        deed.family = FAMILY_CARE;
    } else if (without_exception(s, i)) {
        deed.family = FAMILY_ABSOLUTE;
    } else if (goes_on(s, i)) {
        deed.kind = CLAIM_ACTION;
        deed.passive = true;
        deed.family = FAMILY_ON_THE_WAY;
    } else {
        return;
    }
    add(list, s, i, i, deed);
}

/* "You'll have it by Friday", "you will see the money": what the customer gets, in other words. */
static void will_have(const struct sentence *s, size_t i, struct deed_list *list)
{
    size_t from = reach_back(s, i), last = clause_last(s, i), modal = find_back(s, from, i, "will 'll");
    struct deed deed = {.kind = CLAIM_PROMISE, .family = family_got(s, i, FAMILY_GETS)};
    bool sees_money =
        equals(&s->words[i], "see", 3) && any_before(s, i, last + 1, "money refund amount credit payment");

    if (modal == i || i - modal > 2 || conditional(s, i) || negated(s, from, i) || !any_before(s, from, modal, "you"))
        return;
    if (!sees_money &&
        !(equals(&s->words[i], "have", 4) && i < last && !in_list(&s->words[i + 1], "to until time been")))
        return;
    add(list, s, modal, i, deed);
}

/* "It will be in your hands", "you'll win this case". */
static bool comes_or_wins(const struct sentence *s, size_t i, struct deed_list *list)
{
    size_t from = reach_back(s, i);
    bool will = find_back(s, from, i, "will 'll") < i;
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ARRIVE};

    if (in_list(&s->words[i], "hands door doorstep haenden") && (will || any_before(s, from, i, "haben halten sie")) &&
        any_before(s, from, i, "be in at to haben halten")) {
        add(list, s, from, i, deed);
        return true;
    }
    if (equals(&s->words[i], "there", 5) && will && in_list(&s->words[i - 1], "be") && !any_before(s, from, i, "you")) {
        add(list, s, from, i, deed);
        return true;
    }
    if (in_list(&s->words[i], "win winning") && will && any_before(s, from, i, "you")) {
        deed.family = FAMILY_GUARANTEE;
        add(list, s, i, i, deed);
        return true;
    }
    return false;
}

/* A duration stands in the clause before the word. */
static bool figure_before(const struct sentence *s, size_t i)
{
    return any_before(s, clause_start(s, i), i,
                      "days day weeks week hours hour minutes tage tagen tag werktage werktagen wochen woche stunden "
                      "stunde minuten arbeitstage arbeitstagen uhr");
}

/* "Ihre Meldung liegt der Abteilung vor", "Ihr Paket steht bereit", "your card is waiting": so far it has come. */
static bool lies_ready(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    if (i != clause_last(s, i) && !in_list(&s->words[i], "waiting ready"))
        return false;
    if (any_before(
            s, from, i,
            "spaetestens ab bis innerhalb binnen sobald dann danach after from within once then sollte by until"))
        return false;
    if (in_list(&s->words[i], "bereit vor parat"))
        return any_before(s, from, i, "liegt liegen steht stehen") && any_before(s, from, i, "ihr ihre dein deine");
    return in_list(&s->words[i], "waiting ready") && i > 0 && in_list(&s->words[i - 1], "is are already") &&
           any_before(s, from, i, "your");
}

static void commitments(const struct sentence *s, size_t i, struct deed_list *list)
{
    const struct word *word = &s->words[i];
    size_t from = reach_back(s, i);
    struct deed deed = {.kind = CLAIM_PROMISE};

    if (conditional(s, i) || negated(s, from, i))
        return;
    if ((in_list(word, "guarantee promise assure pledge commit") && any_before(s, from, i, "we i can")) ||
        in_list(word, "guaranteed garantiere garantiert versprechen verspreche zusichern") ||
        (in_list(word, "garantieren versichern") && beside(s, i, "wir ich"))) {
        deed.family = FAMILY_GUARANTEE;
        add(list, s, i, i, deed);
    }
    if (in_list(word, "free kostenlos kostenlose kostenlosen kostenloses kostenloser kostenfrei kostenfreie gratis "
                      "gebuehrenfrei complimentary") &&
        !(i > 0 && in_list(&s->words[i - 1], "feel be battery hands")) &&
        !(i + 1 < s->n &&
          (in_list(&s->words[i + 1], "to up from") ||
           (equals(&s->words[i + 1], "of", 2) && i + 2 < s->n && !in_list(&s->words[i + 2], "charge cost costs"))))) {
        deed.family = FAMILY_FREE;
        add(list, s, i, i, deed);
    }
    if (in_list(word, "verfuegung") && any_before(s, clause_start(s, i), i, "wir ich")) {
        deed.family = FAMILY_PROVIDE;
        add(list, s, i, i, deed);
        return;
    }
    if (in_list(word, "unterwegs") && figure_before(s, i))
        return; /* "four to six days": how long, and not that */
    if (in_list(word, "unterwegs") ||
        (equals(word, "weg", 3) && i >= 2 && equals(&s->words[i - 1], "dem", 3) && equals(&s->words[i - 2], "auf", 3) &&
         any_before(s, clause_start(s, i), i, "ist sind")) ||
        lies_ready(s, i) ||
        (in_list(word, "way") && i >= 2 && in_list(&s->words[i - 2], "on") &&
         in_list(&s->words[i - 1], "its his her their the"))) {
        deed.kind = CLAIM_ACTION;
        deed.passive = true;
        deed.family = FAMILY_ON_THE_WAY;
        add(list, s, i, i, deed);
        return;
    }
    if (comes_or_wins(s, i, list))
        return;
    if (in_list(word, "with") && i + 1 < s->n && in_list(&s->words[i + 1], "you") && i > 0 &&
        in_list(&s->words[i - 1], "be") && find_back(s, from, i, "will 'll shall") < i) {
        deed.family = FAMILY_IN_TOUCH;
        add(list, s, i - 1, i + 1, deed);
        return;
    }
    if (in_list(word, "touch back shortly") && find_back(s, from, i, "will 'll shall") < i &&
        !any_before(s, from, i, "you") && any_before(s, from, i, "get be come in")) {
        deed.family = FAMILY_IN_TOUCH;
        add(list, s, find_back(s, from, i, "will 'll shall"), i, deed);
    }
}

static void things(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    const struct deed deed = {.kind = CLAIM_PROMISE, .family = family, .thing = true};

    if (!conditional(s, i) && !negated(s, clause_start(s, i), clause_last(s, i) + 1))
        add(list, s, i, i, deed);
}

/* Whether a list knows it: what is said of it there stands. */
static bool known_word(const struct word *word)
{
    for (size_t f = 0; f < deed_families_len; f++) {
        if (in_list(word, deed_families[f].english_done) || in_list(word, deed_families[f].german_done))
            return true;
    }
    return false;
}

static void by_form(const struct sentence *s, size_t i, struct deed_list *list)
{
    size_t before = list->n;

    any_will(s, i, list);
    any_wont(s, i, list);
    any_person(s, i, list);
    any_lassen(s, i, list);
    arrived_here(s, i, list);
    if (list->n == before)
        any_wir(s, i, list);
    if (list->n == before && deed_form_english(s->words[i].at, s->words[i].len))
        any_english(s, i, list);
    if (list->n == before && deed_form_german(s->words[i].at, s->words[i].len))
        any_german(s, i, list);
}

/* A question claims nothing that was done: "Were you called before?" */
static void leave_asked(struct deed_list *list, size_t first)
{
    size_t n = first;

    for (size_t i = first; i < list->n; i++) {
        if (list->items[i].kind != CLAIM_ACTION)
            list->items[n++] = list->items[i];
    }
    list->n = n;
}

/* ---- public ---- */

void deeds_find(const struct folded *text, size_t start, size_t end, struct deed_list *list)
{
    static _Thread_local struct sentence s;

    size_t first = list->n;

    split(text, start, end, &s);
    for (size_t i = 0; i < s.n; i++) {
        size_t before = list->n;
        phrases(&s, i, list);
        if (list->n == before)
            on_its_way(&s, i, list);
        if (list->n == before)
            will_have(&s, i, list);
        if (list->n == before)
            commitments(&s, i, list);
        for (size_t f = 0; f < deed_families_len && list->n == before; f++) {
            const struct deed_family *row = &deed_families[f];
            if (in_list(&s.words[i], row->english_done)) {
                english_plan(&s, i, (int)f, true, list);
                if (list->n == before)
                    english_done(&s, i, (int)f, list);
                if (list->n == before)
                    state(&s, i, (int)f, list);
            }
            if (list->n == before && in_list(&s.words[i], row->english))
                english_plan(&s, i, (int)f, false, list);
            if (list->n == before && in_list(&s.words[i], row->german_done))
                german_done(&s, i, (int)f, list);
            if (list->n == before && in_list(&s.words[i], row->german_done))
                state(&s, i, (int)f, list);
            if (list->n == before && in_list(&s.words[i], row->german))
                german_plan(&s, i, (int)f, list);
            if (list->n == before && is_thing(&s.words[i], row->things))
                things(&s, i, (int)f, list);
        }
        if (list->n == before)
            english_going_on(&s, i, list);
        if (list->n == before && !known_word(&s.words[i]))
            by_form(&s, i, list);
    }
    if (end > start && text->text[end - 1] == '?')
        leave_asked(list, first);
}

_Static_assert(FAMILY_GETS < FAMILY_GUARANTEE, "a family of the table");

/* "your money back", "Geld zurück". */
static bool money_back(const struct sentence *s, size_t i)
{
    return in_list(&s->words[i], "back zurueck") && any_before(s, clause_start(s, i), i, "money geld betrag");
}

/* "kostet 3,95, mit Konto nichts", "versandkostenfrei". */
static bool nothing_asked(const struct sentence *s, size_t i)
{
    static const char *const ends[] = {"kostenfrei", "gebuehrenfrei", "portofrei"};
    const struct word *word = &s->words[i];

    for (size_t k = 0; k < ARRAY_LEN(ends); k++) {
        size_t n = strlen(ends[k]);
        if (word->len >= n && strncmp(word->at + word->len - n, ends[k], n) == 0)
            return true;
    }
    return in_list(word, "nothing nichts included inbegriffen enthalten") &&
           any_before(s, 0, s->n, "cost costs kostet kosten price preis");
}

static bool is_of_family(const struct word *word, int family)
{
    static const char free_words[] =
        "free kostenlos kostenlose kostenlosen kostenloses kostenloser kostenfrei kostenfreie "
        "gratis gebuehrenfrei complimentary unentgeltlich unentgeltliche umsonst inklusive waive waives waived "
        "erlassen entfaellt entfallen";
    const struct deed_family *row;

    if (family == FAMILY_FREE)
        return in_list(word, free_words);
    if (family == FAMILY_GUARANTEE)
        return in_list(word, "guarantee guaranteed promise garantieren garantiert versprechen");
    if (family == FAMILY_IN_TOUCH)
        return in_list(word, "touch hear contact melden meldet");
    if (family == FAMILY_ON_THE_WAY)
        return in_list(word, "unterwegs way transit progress underway");
    if (family == FAMILY_ABSOLUTE)
        return in_list(
            word,
            "always anytime any jederzeit stets immer ever never nie niemals all alle every jede jeder jedes each");
    if (family == FAMILY_CARE)
        return in_list(word, "care sorgen kuemmern assured");
    if (family == FAMILY_PROVIDE)
        return in_list(word, "verfuegung leihgeraet ersatzgeraet provide provided");
    if (family == FAMILY_ANY || family == FAMILY_ON_US)
        return false; /* the word alone would not say who did it */
    row = &deed_families[family];
    return in_list(word, row->english) || in_list(word, row->english_done) || in_list(word, row->german) ||
           in_list(word, row->german_done) || is_thing(word, row->things);
}

static bool is_vowel(char c)
{
    return c && strchr("aeiou", c);
}

/* "geoeffnet" holds "oeffn", "anerkannt" holds "erken": a verb may change its vowel. */
static bool strstr_within(const char *word, size_t len, const char *part)
{
    size_t n = strlen(part);

    for (size_t at = 0; at + n <= len; at++) {
        size_t same = 0;
        while (same < n &&
               (word[at + same] == part[same] || (same > 0 && is_vowel(word[at + same]) && is_vowel(part[same]))))
            same++;
        if (same == n)
            return true;
    }
    return false;
}

bool deed_verb_stands(const struct folded *text, const char *verb, size_t *ret_start, size_t *ret_end)
{
    for (size_t at = 0; at < text->len; at++) {
        if (!fold_word_starts(text, at) || !strstr_within(text->text + at, fold_letters(text, at), verb))
            continue;
        *ret_start = at;
        *ret_end = at + fold_letters(text, at);
        return true;
    }
    return false;
}

/* Words that show that a sentence tells what happens (and not that it never does), and does not ask the reader to do
 * it. */
#define TELLS                                                                                                          \
    "we our us will is are be been was were get gets receive receives kestrel you'll team follows arrives shows pays " \
    "takes take dauert dauern wir uns unser unsere unserem wird werden wurde ist sind erhalten erhaelt bekommen "      \
    "folgt kommt zahlt meldet bringt erstattet ersetzt liefert"

/* A noun of the list, also as the head of another: "Versandtag". */
static bool is_compound(const struct word *word, const char *list)
{
    if (is_thing(word, list))
        return true;
    while (*list) {
        size_t len = strcspn(list, " ");
        if (len >= COMPOUND_LEAST && word->len > len && strncmp(word->at, list, len) == 0)
            return true;
        list += len + strspn(list + len, " ");
    }
    return false;
}

/* "we email you", "wir benachrichtigen Sie": something is got. */
static bool writes_to_you(const struct sentence *s, size_t i)
{
    if (in_list(&s->words[i], "meldet melden") && beside(s, i, "sich"))
        return true;
    return in_list(&s->words[i], "email mail text notify inform send benachrichtigen benachrichtigt informieren") &&
           i < clause_last(s, i) && in_list(&s->words[i + 1], "you sie wir");
}

/* "Later than that we charge 25": until then it is free. */
static bool costs_otherwise(const struct sentence *s, size_t i)
{
    return in_list(&s->words[i],
                   "charge charged charges fee fees cost costs berechnen berechnet gebuehr kosten kostet") &&
           any_before(s, 0, s->n,
                      "later late missed after otherwise afterwards spaeter spaetere danach sonst versaeumte versaeumt "
                      "kurzfristig nach zu");
}

/* "No" and "without" deny what stands right behind them, "not" its whole clause. */
static bool denied(const struct sentence *s, size_t from, size_t i, size_t to)
{
    for (size_t k = from; k < to; k++) {
        if (in_list(&s->words[k], "no without kein keine keinen ohne") ? k < i && i - k <= NOUN_REACH
                                                                       : negated(s, k, k + 1))
            return true;
    }
    return false;
}

bool deed_mentioned(const struct folded *text, const struct deed *deed, size_t *ret_start, size_t *ret_end)
{
    static _Thread_local struct sentence s;
    size_t at = 0, start, stop;
    int family = deed->family;

    while (sentence_next(text, &at, &start, &stop)) {
        split(text, start, stop, &s);
        bool tells = any_before(&s, 0, s.n, TELLS) || family == FAMILY_FREE || family == FAMILY_ABSOLUTE ||
                     family == FAMILY_GUARANTEE;
        for (size_t i = 0; i < s.n; i++) {
            bool only_allowed = deed->sure && any_before(&s, clause_start(&s, i), i,
                                                         "can could may you most usually normally typically often "
                                                         "generally meist meistens normalerweise oft");
            bool told =
                is_of_family(&s.words[i], family) || (family == FAMILY_REFUND && money_back(&s, i)) ||
                (deed->passive && family < FAMILY_GUARANTEE && is_compound(&s.words[i], deed_families[family].nouns)) ||
                (family == FAMILY_GETS && (is_of_family(&s.words[i], FAMILY_ARRIVE) || writes_to_you(&s, i))) ||
                (deed->limited && costs_otherwise(&s, i)) ||
                (deed->thing && family == FAMILY_REPLACE && in_list(&s.words[i], "new neue neuen neuer neues"));
            if (family == FAMILY_FREE && nothing_asked(&s, i)) {
                *ret_start = s.words[i].start;
                *ret_end = s.words[i].start + s.words[i].len;
                return true;
            }
            size_t from = family == FAMILY_FREE && i > 2 ? i - 2 : clause_start(&s, i); /* "without X and free" */
            size_t to = family == FAMILY_FREE ? i : clause_last(&s, i) + 1;
            if (family == FAMILY_FREE && i > 0 && in_list(&s.words[i - 1], "and und"))
                from = i;
            if (told && !only_allowed && !denied(&s, from, i, to) &&
                (tells || (family == FAMILY_REFUND && money_back(&s, i)) ||
                 (family < FAMILY_GUARANTEE && is_thing(&s.words[i], deed_families[family].things)))) {
                *ret_start = s.words[i].start;
                *ret_end = s.words[i].start + s.words[i].len;
                return true;
            }
        }
    }
    return false;
}
