/* Compared by their beginnings, and by what a German compound begins or ends with: "Versandtag", "Erstversand". */
#include "claims/deed_content.h"

#include <string.h>

#include "claims/overlap.h"
#include "claims/sentences.h"
#include "claims/thesaurus.h"

enum { LETTERS_LEAST = 3, PART_LEAST = 5, ENDING_MOST = 2 };

/* What a clause is held together by, beside the little words of overlap.h: closed classes, how sure and how often, and
 * what is said of the talk itself. No word of them is a thing that one could get. */
static const char joints[] =
    " ihnen dich mich euch euer eure euren eurem deine deiner deinem deinen deines dein unser unsere unseren unserem "
    "unserer unseres sich dies diese diesen diesem dieser dieses jene jenen jener jenes jenem kein keine keinen keiner "
    "keinem keines jeder jede jeden jedem jedes manche mancher manchen solche solchen solcher einige einigen einiger "
    "alle allen aller alles beide beiden beides viele vielen mehrere mehreren saemtlich selbst selber irgend jemand "
    "niemand etwas nichts welche welchen welcher welches welchem deren dessen denen jemanden "
    "seine seinen seinem seiner seines ihres eigene eigenen eigener eigenes "
    "wenn sobald falls damit dafuer dazu davon darauf darueber dabei dagegen dahin daher daran daraus darum darunter "
    "dazwischen davor darin hinter neben beim vors fuers aufs ueber unter durch ohne gegen zwischen waehrend wegen "
    "trotz statt anstatt ausser gegenueber entlang binnen innerhalb ausserhalb oberhalb unterhalb bezueglich "
    "hinsichtlich gemaess laut seit bevor nachdem indem sodass obwohl sowie sowohl weder entweder sondern denn weil "
    "zwar doch allerdings jedoch dennoch trotzdem deshalb deswegen somit folglich demnach uebrigens ausserdem zudem "
    "hier dort dorthin hierher hierzu hierfuer woher wohin worauf wofuer womit gern gerne natuerlich "
    "selbstverstaendlich leider sonst also schon bereits jetzt wieder danach anschliessend dann zuerst zunaechst "
    "zuletzt schliesslich nochmal nochmals erneut gleich bald kuerzlich neulich inzwischen mittlerweile unterdessen "
    "derzeit aktuell momentan einmal zweimal mehrmals jeweils immerhin ohnehin sowieso eben eher etwa ungefaehr knapp "
    "rund genau fast beinahe kaum ziemlich sehr recht ganz insgesamt zusammen gemeinsam einfach lediglich bloss "
    "ausschliesslich mindestens wenigstens hoechstens maximal meist meistens oft haeufig ueblich ueblicherweise "
    "normalerweise gewoehnlich generell grundsaetzlich ebenfalls ebenso auch unabhaengig abhaengig je entsprechend "
    "einmalig mehr weniger zeit more less time times ersten erste erster erstes naechste naechsten naechster letzten "
    "letzte weitere weiteres "
    "weiteren weiterer sollte sollten soll sollen koennten kann koennt wuerden wuerde moechten moechte duerften wollen "
    "wollten will lassen lasse laesst zurueck werde wird geworden worden gewesen waren waere haette haetten gehabt "
    "bitte danke sagen bringen bringt geben gibt machen macht stellen stellt nehmen nimmt legen legt kommen kommt "
    "gehen geht halten haelt fall falle mal male weise hinweis frage fragen "
    "whether because however otherwise though although still your yours ours mine hers theirs going shall could might "
    "should ought everything anything something somebody someone anybody anyone nobody nothing none both either "
    "neither several some many much such same other others another whichever whatever whoever whose whom who's gladly "
    "happily send back over onto upon while where which these those this their being does doing done like right "
    "course itself yourself ourselves themselves himself herself afterwards since during between among against "
    "without towards toward through throughout across along beside besides below above under behind beyond despite "
    "except near next last first soon again ever never always often usually normally typically generally "
    "mostly simply merely already meanwhile altogether together roughly nearly almost quite rather very really too "
    "even instead therefore thus hence depending according regarding concerning regardless whenever wherever "
    "bring give gives make makes take takes keep keeps put goes come comes case way ways "
    "gratis kostenlos kostenfrei free charge charged antwort rueckmeldung bescheid nachricht reply answer preis geld "
    "betrag money price amount "
    "alternativ alternatively wahlweise ersatzweise stattdessen hinterher "
    "andere anderen anderes anderer anderem ones far cry morning afternoon evening night abend abends nachmittag "
    "nachmittags mittag round around along down "
    "away all any and are but can did etc few for get got had has her him his how its "
    "let may "
    "nor not now off one our out "
    "own per put say see set she the too two use via was way who why yet you yes add ask pay try six ten bit lot 'll "
    "'ve "
    "als alt auf aus bei bin bis das dem den der des die dir ein euch fur gar gib hat ich ihm ihn ihr ist man mal mir "
    "mit "
    "nah nie nun nur oft ort per pro sei sie tun tut uns vom von vor war was weg wer wie wir wo zum zur bzw ggf inkl "
    "eur gbp usd uhr zwei drei vier "
    "that's you've we've meantime able inside person personen head kopf ";

/* What begins another clause without a comma. */
static const char subordinate[] =
    "moment before after once when whenever if unless until while because as sobald wenn falls";

static bool in_fact(const struct fact_list *facts, size_t at)
{
    for (size_t i = 0; i < facts->n; i++) {
        if (at >= facts->items[i].start && at < facts->items[i].end)
            return true;
    }
    return false;
}

/* "Bringen Sie die Karten an die Kasse und erhalten Sie", "fill it in and you'll get": what stands before the "and"
 * is of another deed. */
static size_t own_start(const struct sentence *s, const struct deed *deed)
{
    for (size_t i = 1; i < s->n; i++) {
        if (s->words[i].start >= deed->start)
            return s->words[i].start == deed->start && word_in(&s->words[i - 1], "and und or oder then dann but aber")
                       ? i
                       : 0;
        if (s->words[i].start + s->words[i].len > deed->start)
            return 0;
    }
    return 0;
}

/* "and two people will carry it": a finite verb of its own stands behind the "and". */
static bool begins_another(const struct sentence *s, size_t i)
{
    return word_in(&s->words[i], "and und but aber or oder") &&
           words_have(s, i + 1, s->n,
                      "will 'll wird werden can kann koennen is are 's 're ist sind has have hat haben");
}

void deed_content(const struct folded *draft, const struct fact_list *facts, const struct deed *deed,
                  struct deed_content *ret)
{
    static _Thread_local struct sentence s;

    sentence_split(draft, deed->clause_start, deed->clause_end, &s);
    ret->n = 0;
    for (size_t i = own_start(&s, deed); i < s.n && ret->n < CONTENT_WORDS_MAX; i++) {
        const struct word *word = &s.words[i];
        if (word->start > deed->verb_start && (word_in(word, subordinate) || begins_another(&s, i)))
            return;
        if (word->len >= LETTERS_LEAST && word->start != deed->verb_start && !word_is_little(word->at, word->len) &&
            !fold_listed(joints, word->at, word->len) && !in_fact(facts, word->start))
            ret->words[ret->n++] = *word;
    }
}

/* Heads that any compound may have: who pays for the post pays not for the laundry. */
static bool is_common_head(const struct word *part)
{
    return word_in(part, "kosten gebuehr gebuehren preis preise");
}

/* One is how the other begins or ends, but for an ending: "Rechnungen" in "Schlussrechnung". */
static bool is_part(const struct word *one, const struct word *other)
{
    const struct word *part = one->len < other->len ? one : other, *whole = part == one ? other : one;

    for (size_t cut = 0; cut <= ENDING_MOST && part->len >= PART_LEAST + cut; cut++) {
        size_t len = part->len - cut;
        if (strncmp(whole->at, part->at, len) == 0)
            return true;
        for (size_t tail = 0; !is_common_head(part) && tail <= ENDING_MOST && len + tail <= whole->len; tail++) {
            if (strncmp(whole->at + whole->len - len - tail, part->at, len) == 0)
                return true;
        }
    }
    return false;
}

/* meanings: of the word, by the thesaurus. */
static bool stands(const struct word *word, uint64_t meanings, const struct sentence *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (words_alike(word->at, word->len, s->words[i].at, s->words[i].len) ||
            (s->words[i].len >= PART_LEAST && is_part(word, &s->words[i])) ||
            (meanings && thesaurus_has(meanings, &s->words[i])))
            return true;
    }
    return false;
}

bool content_stands(const struct word *word, const struct sentence *s)
{
    return stands(word, thesaurus_groups(word), s);
}

bool content_stands_in(const struct word *word, const struct folded *text)
{
    static _Thread_local struct sentence s;
    const uint64_t meanings = thesaurus_groups(word);
    size_t at = 0, start, end;

    while (sentence_next(text, &at, &start, &end)) {
        sentence_split(text, start, end, &s);
        if (stands(word, meanings, &s))
            return true;
    }
    return false;
}
