/* Announcements by their form, whatever the verb: "we'll hold it", "das erledige ich", "der Techniker bringt es mit".
 */
#include "claims/deed_patterns.h"

#include <string.h>

#include "claims/deed_condition.h"
#include "claims/deed_list.h"
#include "claims/deed_persons.h"
#include "claims/deed_words.h"
#include "claims/overlap.h"

enum { STEM_MAX = 24 };

/* Whether a family of the lists has it. */
static bool family_word(const struct word *word)
{
    for (size_t f = 0; f < deed_families_len; f++) {
        const struct deed_family *row = &deed_families[f];
        if (word_in(word, row->english) || word_in(word, row->english_done) || word_in(word, row->german) ||
            word_in(word, row->german_done))
            return true;
    }
    return false;
}

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
    "eine ihre unsere jeden alle heute morgen einen einem spaetestens danach dann sofort dafuer diesen "
    "sofern insofern sondern gestern ";

/* "glaube", "glauben". */
bool deed_is_soft(const struct word *word)
{
    char plural[STEM_MAX];
    struct word infinitive = {.at = plural, .len = word->len + 1};

    if (word_in(word, soft_verbs))
        return true;
    if (word->len + 1 >= sizeof plural || word->at[word->len - 1] != 'e')
        return false;
    memcpy(plural, word->at, word->len);
    plural[word->len] = 'n';
    return word_in(&infinitive, soft_verbs);
}

/* "We'll have you back online", "we'll get somebody to bring it", "I'll ask them on your behalf". */
static bool takes_it_on(const struct sentence *s, size_t i, size_t at)
{
    size_t last = clause_last(s, i);
    const struct word *next = &s->words[at + 1 < s->n ? at + 1 : at];

    if (word_in(&s->words[at], "have") &&
        word_in(next, "you it your everything a an the one some someone somebody our him her them two"))
        return true;
    if (word_in(&s->words[at], "get take") && words_have(s, at, last + 1, "off"))
        return true;
    if (word_in(&s->words[at], "get") &&
        (word_in(next, "the your it them someone somebody") ||
         (word_in(next, "a an one our") && at + 2 < last && person_word(&s->words[at + 2]))))
        return true;
    return words_have(s, i, last, "behalf") && !word_in(&s->words[at], "take get");
}

/* "We'll take a look", "get back to you", "take it from there". */
static bool is_idiom(const struct sentence *s, size_t at)
{
    size_t last = clause_last(s, at);

    return word_in(&s->words[at], "take get") && at < last &&
           (word_in(&s->words[at + 1], "a another back in to this that") ||
            (words_have(s, at, last, "from") && word_in(&s->words[last], "there here")));
}

/* "We'll hold the room", "I will note it": whatever is announced must be told of in an article. */
static void any_will(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};
    size_t at = i + 1;

    if (!word_in(&s->words[i], "will 'll") || i == 0 || !word_in(&s->words[i - 1], "we i team colleague") ||
        clause_conditional(s, i))
        return;
    while (at < s->n && word_in(&s->words[at], deed_words_adverbs))
        at++;
    if (at == s->n)
        return;
    if (takes_it_on(s, i, at)) {
        bool to_you = words_have(s, at, clause_last(s, at), "to") && words_have(s, at, clause_last(s, at) + 1, "you");
        deed.family = word_in(&s->words[at], "get") && to_you ? FAMILY_SEND : FAMILY_CARE; /* "get it to you" */
        deed_add(list, s, i - 1, at, deed);
    } else if (!is_idiom(s, at) && !word_in(&s->words[at], soft_verbs) &&
               !word_in(&s->words[at], deed_words_negations) && !family_word(&s->words[at])) {
        deed_add(list, s, i - 1, at, deed);
    }
}

/* "We won't fine you": what we leave undone is a promise, too. */
static void any_wont(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};

    if (i < 3 || !word_in(&s->words[i - 1], "'t not") || !word_in(&s->words[i - 2], "won will 'll") ||
        !word_in(&s->words[i - 3], "we i nobody") || deed_is_soft(&s->words[i]) || word_in(&s->words[i], "be do") ||
        clause_conditional(s, i))
        return;
    deed_add(list, s, i - 3, i, deed);
}

/* "Der Techniker bringt das Teil mit", "a colleague waits for you". */
static void any_person(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};
    const struct word *word = &s->words[i];
    static const char soft[] =
        "muss kann wird ist hat sieht schaut koennte sollte duerfte weiss braucht moechte meldet "
        "prueft schaetzt geht kommt steht findet entscheidet nennt erklaert erkennt benoetigt "
        "schlaegt sitzt allerdings besonders meist nicht sonst selbst zuerst dort jetzt bereits erst is has needs was "
        "does "
        "visits "
        "comes "
        "decides checks looks sees assesses can't always this";

    if (i == 0 || s->words[i - 1].clause_end || !word_in(&s->words[i - 1], deed_words_persons) || word->len < 4 ||
        !(word->at[word->len - 1] == 't' || word->at[word->len - 1] == 's') || word_in(word, soft) ||
        family_word(word) || clause_conditional(s, i) || clause_negated(s, clause_start(s, i), clause_last(s, i) + 1))
        return;
    deed.family = deed_family_of(s, i); /* "rings" is of "call" */
    deed_add(list, s, i - 1, i, deed);
}

/* "Dann lassen wir ihn pruefen", "ich lasse es abholen": we do it by others. */
static void any_lassen(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};
    size_t last = clause_last(s, i);

    if (!word_in(&s->words[i], "lassen lasse") || !clause_beside(s, i, "wir ich") || clause_conditional(s, i) ||
        clause_negated(s, clause_start(s, i), last + 1) || last <= i + 1 || s->words[last].len < 5 ||
        strncmp(s->words[last].at + s->words[last].len - 2, "en", 2) != 0 ||
        word_in(&s->words[last], "wissen zukommen"))
        return;
    deed_add(list, s, i, last, deed);
}

void deed_announced(const struct sentence *s, size_t i, struct deed_list *list)
{
    any_will(s, i, list);
    any_wont(s, i, list);
    any_person(s, i, list);
    any_lassen(s, i, list);
}

/* "an denen wir arbeiten", "fuer die wir zahlen": the verb ends a clause that begins with a relative. */
static bool in_relative(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    return from > 0 && i == clause_last(s, i) && i > from + 1 &&
           words_have(s, from, from + 2, "denen dem den deren dessen die das der was");
}

/* "Wir erledigen das", "das erledige ich". */
void deed_announced_by_verb(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE, .family = FAMILY_ANY};
    const struct word *word = &s->words[i];
    bool plural = word->len >= 5 && word->at[word->len - 1] == 'n' && strchr("erl", word->at[word->len - 2]);
    bool wir = plural && clause_beside(s, i, "wir") && !word_is_little(word->at, word->len);
    bool ich = clause_beside(s, i, "ich") && word->len >= 5 && word->at[word->len - 1] == 'e';

    bool for_them = words_have(s, clause_start(s, i), clause_last(s, i), "fuer") &&
                    words_have(s, clause_start(s, i), clause_last(s, i) + 1, "sie") &&
                    !word_in(word, "sind haben koennen danken stehen");

    int family = deed_family_of(s, i);

    if ((family < FAMILY_GUARANTEE && deed_families[family].soft) || word_in(word, "kuemmern kuemmere") ||
        in_relative(s, i) || (!wir && !ich) || (deed_is_soft(word) && !for_them) || family_word(word) ||
        clause_conditional(s, i) || clause_negated(s, clause_start(s, i), clause_last(s, i) + 1))
        return;
    deed_add(list, s, i, i, deed);
}
