/* Compared by their beginnings, and by what a German compound begins or ends with: "Versandtag", "Erstversand". */
#include "claims/deed_content.h"

#include <string.h>

#include "claims/overlap.h"
#include "claims/sentences.h"

enum { LETTERS_LEAST = 4, PART_LEAST = 5, ENDING_MOST = 2 };

/* What a clause is held together by, beside the little words of overlap.h. */
static const char joints[] =
    " ihnen dich mich euch deine deiner deinem deinen dein unser unsere unseren unserem unserer sich dies diese diesen "
    "diesem dieser dieses kein keine keinen wenn sobald falls damit dafuer dazu davon darauf darueber dabei hier dort "
    "gern gerne natuerlich selbstverstaendlich leider sonst also schon bereits jetzt wieder ueber unter durch ohne "
    "gegen zwischen allerdings jedoch zwar denn weil sollte sollten koennten kann koennt wuerden wuerde moechten "
    "lassen lasse zurueck danach anschliessend werde wird seine seinen seinem jeweils davor darin einmal weitere "
    "weiteres weiteren "
    "whether because however otherwise though although still your yours ours going shall could might should "
    "everything anything something gladly happily send back over onto upon while where which these those such other "
    "their being does doing done like right course itself yourself afterwards since "
    "ebenfalls ueblicherweise normalerweise usually normally meistens gratis kostenlos kostenfrei free "
    "charge charged antwort rueckmeldung bescheid nachricht reply answer preis geld betrag "
    "money price amount "
    "that's you've we've meantime soon able inside person personen head kopf either both again ";

/* What begins another clause without a comma. */
static const char subordinate[] = "moment once when whenever if unless until while because as sobald wenn falls";

static bool in_fact(const struct fact_list *facts, size_t at)
{
    for (size_t i = 0; i < facts->n; i++) {
        if (at >= facts->items[i].start && at < facts->items[i].end)
            return true;
    }
    return false;
}

void deed_content(const struct folded *draft, const struct fact_list *facts, const struct deed *deed,
                  struct deed_content *ret)
{
    static _Thread_local struct sentence s;

    sentence_split(draft, deed->clause_start, deed->clause_end, &s);
    ret->n = 0;
    for (size_t i = 0; i < s.n && ret->n < CONTENT_WORDS_MAX; i++) {
        const struct word *word = &s.words[i];
        if (word->start > deed->verb_start && word_in(word, subordinate))
            return;
        if (word->len >= LETTERS_LEAST && word->start != deed->verb_start && !word_is_little(word->at, word->len) &&
            !fold_listed(joints, word->at, word->len) && !in_fact(facts, word->start))
            ret->words[ret->n++] = *word;
    }
}

/* One is how the other begins or ends, but for an ending: "Rechnungen" in "Schlussrechnung". */
static bool is_part(const struct word *one, const struct word *other)
{
    const struct word *part = one->len < other->len ? one : other, *whole = part == one ? other : one;

    for (size_t cut = 0; cut <= ENDING_MOST && part->len >= PART_LEAST + cut; cut++) {
        size_t len = part->len - cut;
        if (strncmp(whole->at, part->at, len) == 0)
            return true;
        for (size_t tail = 0; tail <= ENDING_MOST && len + tail <= whole->len; tail++) {
            if (strncmp(whole->at + whole->len - len - tail, part->at, len) == 0)
                return true;
        }
    }
    return false;
}

bool content_stands(const struct word *word, const struct sentence *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (words_alike(word->at, word->len, s->words[i].at, s->words[i].len) ||
            (s->words[i].len >= PART_LEAST && is_part(word, &s->words[i])))
            return true;
    }
    return false;
}

bool content_stands_in(const struct word *word, const struct folded *text)
{
    static _Thread_local struct sentence s;
    size_t at = 0, start, end;

    while (sentence_next(text, &at, &start, &end)) {
        sentence_split(text, start, end, &s);
        if (content_stands(word, &s))
            return true;
    }
    return false;
}
