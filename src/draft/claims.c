/* The claim check: the facts and deeds of the draft, each looked for in the texts that it may rest on. */
#include "triage/claims.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "draft/beside.h"
#include "draft/deed_content.h"
#include "draft/deed_specific.h"
#include "draft/deed_told.h"
#include "draft/deeds.h"
#include "draft/denials.h"
#include "draft/facts.h"
#include "draft/moved.h"
#include "draft/names.h"
#include "draft/pairs.h"
#include "draft/quotes.h"
#include "draft/sentences.h"

#define CENT    0.005
#define PERCENT 100.0

enum { SIGNATURE_BYTES = 160, SIGNATURE_LINE = 48 };

enum { RANGE_BYTES = 24, MONTHS = 12, DAYS_OF_YEAR = 365, WORKED_OUT_LEAST = 2, DIGITS_LEAST = 4, DIGITS_ALL = 24 };

static const char *const kind_names[CLAIM_KINDS] = {
    [CLAIM_NUMBER] = "number", [CLAIM_MEASURE] = "measure", [CLAIM_AMOUNT] = "amount", [CLAIM_DURATION] = "duration",
    [CLAIM_DATE] = "date",     [CLAIM_TIME] = "time",       [CLAIM_NAME] = "name",     [CLAIM_REFERENCE] = "reference",
    [CLAIM_LINK] = "link",     [CLAIM_EMAIL] = "email",     [CLAIM_PHONE] = "phone",   [CLAIM_PROMISE] = "promise",
    [CLAIM_ACTION] = "action", [CLAIM_DENIAL] = "denial",
};

const char *claim_kind_name(enum claim_kind kind)
{
    return kind_names[kind];
}

/* One text that a draft may rest on, made ready. */
struct ground {
    struct folded text;
    struct fact_list facts;
    struct deed_list *deeds;
    bool ticket;
};

static void find_deeds(const struct folded *text, struct deed_list *deeds)
{
    size_t at = 0, start, end;

    deeds->n = 0;
    while (sentence_next(text, &at, &start, &end))
        deeds_find(text, start, end, deeds);
}

static struct ground ground_of(const struct claim_text *in)
{
    struct ground self = {.text = fold(in->text ? in->text : ""), .ticket = in->ticket};

    facts_find(&self.text, &self.facts);
    self.deeds = mem_alloc(sizeof *self.deeds);
    if (!in->ticket)
        find_deeds(&self.text, self.deeds);
    return self;
}

static void ground_done(struct ground *self)
{
    folded_done(&self->text);
    facts_done(&self->facts);
    mem_free(self->deeds);
}

/* ---- support ---- */

static void rest_on(struct claim *claim, const struct ground *ground, size_t number, size_t start, size_t end)
{
    claim->supported = true;
    claim->source = number;
    claim->source_start = ground->text.at[start];
    claim->source_end = ground->text.at[end];
}

/* Days of the year; February has 28, whoever works it out for a leap year is a day off. */
static int day_of_year(int day, int month)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

    return before[month - 1] + day;
}

/* "By 14 October", where the texts have the 30.9. and 14 days. */
static bool is_worked_out(const struct fact *from, const struct fact *claim, const struct ground *grounds, size_t n)
{
    int days;

    if (claim->kind != CLAIM_DATE || from->kind != CLAIM_DATE || !claim->day || !claim->month || !from->day ||
        !from->month || *claim->form || *from->form || claim->month > MONTHS || from->month > MONTHS)
        return false;
    days = (day_of_year(claim->day, claim->month) - day_of_year(from->day, from->month) + DAYS_OF_YEAR) % DAYS_OF_YEAR;
    for (size_t g = 0; days && g < n; g++) {
        for (size_t i = 0; !grounds[g].ticket && i < grounds[g].facts.n; i++) {
            const struct fact *span = &grounds[g].facts.items[i];
            if (span->kind == CLAIM_DATE && ((days == 1 && strcmp(span->form, "next day") == 0) ||
                                             (days == DAYS_OF_YEAR - 1 && strcmp(span->form, "day before") == 0)))
                return true;
            if (span->kind == CLAIM_DURATION && strcmp(span->unit, "day") == 0 && span->value >= WORKED_OUT_LEAST &&
                (span->value == days || span->value == DAYS_OF_YEAR - days))
                return true;
        }
    }
    return false;
}

/* The digits of a long number without a unit. */
static bool digits_of(const struct fact *fact, char digits[DIGITS_ALL])
{
    if (fact->kind != CLAIM_NUMBER || fact->value != floor(fact->value) || fact->value >= 1e15)
        return false;
    return snprintf(digits, DIGITS_ALL, "%.0f", fact->value) >= DIGITS_LEAST;
}

/* "Postfach 20 14" has the 2014. */
static bool digits_stand(const struct folded *text, const char *digits, size_t *ret_start, size_t *ret_end)
{
    for (size_t at = 0; at < text->len; at++) {
        size_t end = at, i = 0;
        if (!fold_is_digit(text->text[at]) ||
            (at > 0 && (fold_is_digit(text->text[at - 1]) || strchr(".,-/", text->text[at - 1]))))
            continue;
        for (; digits[i]; end++) {
            if (text->text[end] == digits[i])
                i++;
            else if (text->text[end] != ' ')
                break;
        }
        if (digits[i] || fold_is_digit(text->text[end]))
            continue;
        *ret_start = at;
        *ret_end = end;
        return true;
    }
    return false;
}

/* "vom 30. April bis", "from 3 May until": what ends here is no limit that follows from something. */
static bool is_range(const struct folded *draft, size_t end)
{
    static const char *const words[] = {"vom", "von", "from", "between", "zwischen"};

    for (size_t at = end > RANGE_BYTES ? end - RANGE_BYTES : 0; at < end; at++) {
        for (size_t i = 0; fold_word_starts(draft, at) && i < ARRAY_LEN(words); i++) {
            size_t len = fold_word(draft, at, words[i]);
            if (len && strcspn(draft->text + at, "0123456789") < RANGE_BYTES / 2 &&
                fold_is_digit(draft->text[at + strcspn(draft->text + at, "0123456789")]))
                return true;
        }
    }
    return false;
}

/* "by 14 October", "bis zum 14.10.": only a limit is worked out. */
static bool tells_limit(const struct folded *draft, const struct fact *fact)
{
    static const char *const words[] = {" by ",        " until ",   " till ",     " by the ",         " before ",
                                        " bis ",       " bis zum ", " bis am ",   " spaetestens am ", " spaetestens ",
                                        " latest by ", " than ",    " latest on "};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]) - 1; /* a sentence may begin with it */
        if (fact->start >= n && strncmp(draft->text + fact->start - n, words[i] + 1, n) == 0 &&
            fold_word_starts(draft, fact->start - n))
            return !is_range(draft, fact->start - n);
    }
    return false;
}

/* "no more than five", "hoechstens drei": a limit is ours, and no number of a mail makes it. */
static bool limits_number(const struct folded *text, const struct fact *fact)
{
    static const char *const words[] = {"no more than ", "not more than ", "at most ",   "up to ",    "maximum of ",
                                        "hoechstens ",   "maximal ",       "bis zu ",    "mehr als ", "more than ",
                                        "as many as ",   "at least ",      "mindestens "};

    for (size_t i = 0; fact->kind == CLAIM_NUMBER && i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if (fact->start >= n && strncmp(text->text + fact->start - n, words[i], n) == 0)
            return true;
    }
    return false;
}

static void support_fact(struct claim *claim, const struct folded *draft, const struct fact *fact,
                         const struct ground *grounds, size_t n)
{
    const bool is_limit = tells_limit(draft, fact), limited = limits_number(draft, fact);
    char digits[DIGITS_ALL];

    for (size_t g = 0; g < n && !claim->supported; g++) {
        for (size_t i = 0; i < grounds[g].facts.n && !claim->supported; i++) {
            const struct fact *other = &grounds[g].facts.items[i];
            if (limited &&
                (other->kind == CLAIM_TIME || (grounds[g].ticket && !limits_number(&grounds[g].text, other))))
                continue;
            if (fact_supports(other, fact))
                rest_on(claim, &grounds[g], g, other->start, other->end);
        }
    }
    for (size_t g = 0, at, end; g < n && !claim->supported && digits_of(fact, digits); g++) {
        if (digits_stand(&grounds[g].text, digits, &at, &end))
            rest_on(claim, &grounds[g], g, at, end);
    }
    for (size_t g = 0; g < n && !claim->supported; g++) {
        for (size_t i = 0; i < grounds[g].facts.n && !claim->supported; i++) {
            const struct fact *from = &grounds[g].facts.items[i];
            if (is_limit && is_worked_out(from, fact, grounds, n))
                rest_on(claim, &grounds[g], g, from->start, from->end);
        }
    }
    for (size_t g = 0, i; g < n && !claim->supported; g++) {
        if (grounds[g].facts.items && fact_week_supports(&grounds[g].text, &grounds[g].facts, fact, &i))
            rest_on(claim, &grounds[g], g, grounds[g].facts.items[i].start, grounds[g].facts.items[i].end);
    }
}

/* "Would Tuesday suit you?" */
static bool is_asked(const struct folded *draft, const struct fact *fact)
{
    return draft->text[fact->end + strcspn(draft->text + fact->end, ".!?\n")] == '?';
}

/* A value that a source has, but of something else, is none. */
static bool is_moved(const struct folded *draft, const struct fact *fact, const struct ground *grounds, size_t n)
{
    struct moved_ground texts[CLAIM_TEXTS_MAX];

    if (is_asked(draft, fact))
        return false;
    for (size_t i = 0; i < n; i++)
        texts[i] = (struct moved_ground){&grounds[i].text, &grounds[i].facts, grounds[i].ticket};
    return fact_moved(draft, fact, texts, n);
}

/* "30 to 59 minutes late: 50 %": what an article gives for the draft's own condition is not moved. */
static bool is_paired(const struct folded *draft, const struct fact_list *facts, size_t i, const struct ground *grounds,
                      size_t n)
{
    size_t at = 0, start = 0, end = 0;

    while (sentence_next(draft, &at, &start, &end) && end <= facts->items[i].start)
        ;
    for (size_t g = 0; g < n; g++) {
        if (!grounds[g].ticket && fact_is_paired(facts, i, start, end, &grounds[g].text, &grounds[g].facts))
            return true;
    }
    return false;
}

/* "up to three times", where that sentence has once. */
static bool is_beside_other(const struct folded *draft, const struct fact_list *facts, const struct fact *fact,
                            const struct ground *grounds, size_t n)
{
    struct beside_ground texts[CLAIM_TEXTS_MAX];

    for (size_t i = 0; i < n; i++)
        texts[i] = (struct beside_ground){&grounds[i].text, &grounds[i].facts, grounds[i].ticket};
    return beside_other_often(draft, fact, texts, n) || beside_other_day(draft, facts, fact, texts, n);
}

/* "Friday 16 May", where the source has Thursday. */
static bool is_other_weekday(const struct folded *draft, const struct fact_list *facts, size_t i,
                             const struct ground *grounds, size_t n)
{
    for (size_t g = 0; g < n; g++) {
        if (fact_week_contradicts(facts, i, &grounds[g].facts) ||
            (!grounds[g].ticket && fact_week_pairs_other(draft, facts, i, &grounds[g].text, &grounds[g].facts)))
            return true;
    }
    return false;
}

/* "today's prices", "Have you read it today?", "I can't say today": how somebody talks. */
static bool is_said_by_the_way(const struct folded *draft, const struct fact *fact)
{
    static const char *const knows[] = {"say",         "tell",       "know",      "promise",     "sagen",
                                        "zusagen",     "absehen",    "see",       "wissen",      "weiss",
                                        "versprechen", "beurteilen", "mitteilen", "einschaetzen"};
    static const char *const nots[] = {"can't", "cannot", "can not", "don't", "nicht", "couldn't", "unable"};
    size_t from = fact->start, end = fact->end;
    bool knowing = false, denied = false;

    if (strncmp(draft->text + fact->end, "'s ", 3) == 0)
        return true;
    end += strcspn(draft->text + end, ".!?\n");
    if (draft->text[end] == '?')
        return true;
    while (from > 0 && !strchr(".!?\n;", draft->text[from - 1]))
        from--;
    for (size_t at = from; at < end; at++) {
        for (size_t i = 0; fold_word_starts(draft, at) && i < ARRAY_LEN(knows); i++)
            knowing |= fold_word(draft, at, knows[i]) > 0;
        for (size_t i = 0; fold_word_starts(draft, at) && i < ARRAY_LEN(nots); i++)
            denied |= fold_word(draft, at, nots[i]) > 0;
    }
    return knowing && denied;
}

/* A day that is told by where we are now. */
static bool is_near_day(const struct fact *fact)
{
    static const char *const forms[] = {"today", "tomorrow", "overnight", "yesterday"};

    for (size_t i = 0; fact->kind == CLAIM_DATE && i < ARRAY_LEN(forms); i++) {
        if (strcmp(fact->form, forms[i]) == 0)
            return true;
    }
    return false;
}

/* "whether they have it today", "if you want it tomorrow", "heute nicht mehr": nothing is said of that day. */
static bool is_open(const struct folded *draft, const struct fact *fact)
{
    static const char *const words[] = {"whether", "ob", "if", "wenn", "falls", "sollten", "unless"};
    size_t from = fact->start;
    bool comma = false;

    if (beside_left_out(draft, fact))
        return true;
    if (fact->kind == CLAIM_DATE && !fact->day && is_asked(draft, fact))
        return true;
    if (!is_near_day(fact))
        return false;
    if (is_said_by_the_way(draft, fact))
        return true;
    if (fold_word(draft, fact->end + fold_blanks(draft, fact->end), "nicht"))
        return true;
    while (from > 0 && !strchr(".!?\n", draft->text[from - 1])) {
        from--;
        comma |= draft->text[from] == ',';
        for (size_t i = 0; fold_word_starts(draft, from) && i < ARRAY_LEN(words); i++) {
            if ((i < 2 || !comma) && fold_word(draft, from, words[i])) /* a condition ends at its comma */
                return true;
        }
    }
    return false;
}

/* ---- amounts that a person works out ---- */

/* What an amount may be put together of. */
struct sum {
    const struct fact_list *facts; /* of the draft */
    const struct ground *grounds;
    size_t n;
    bool told; /* the draft says that it is a sum */
};

enum { TIMES_MOST = 12, SENTENCE_LOOK_BYTES = 120 };

/* Whether the draft says near the claim that something is left: then an amount may be a difference. */
static bool tells_rest(const struct folded *draft, size_t start, size_t end)
{
    static const char *const words[] = {"remaining", "remainder",  "rest",      "left",       "difference",
                                        "less",      "minus",      "restliche", "restlichen", "differenz",
                                        "uebrig",    "verbleiben", "abzueglich"};
    size_t from = start > SENTENCE_LOOK_BYTES ? start - SENTENCE_LOOK_BYTES : 0;

    for (size_t at = from; at < draft->len && at < end + SENTENCE_LOOK_BYTES; at++) {
        for (size_t i = 0; fold_word_starts(draft, at) && i < ARRAY_LEN(words); i++) {
            if (fold_word(draft, at, words[i]))
                return true;
        }
    }
    return false;
}

/* Whether the amount stands in the draft as well. */
static bool stands_in(const struct fact_list *draft, double value)
{
    for (size_t i = 0; i < draft->n; i++) {
        if (draft->items[i].kind == CLAIM_AMOUNT && fabs(draft->items[i].value - value) < CENT)
            return true;
    }
    return false;
}

/* Whether the draft says near the claim that something was put together. */
static bool tells_sum(const struct folded *draft, size_t start, size_t end)
{
    static const char *const words[] = {
        "total",        "altogether", "together", "in all",    "overall",  "sum",        "plus",    "makes",
        "comes to",     "come to",    "both",     "insgesamt", "zusammen", "summe",      "macht",   "waeren",
        "gesamt",       "beide",      "would be", "kaeme",     "kaemen",   "kommen sie", "gesamte", "gesamtpreis",
        "gesamtbetrag", "instead of", "statt",    "up to",     "so",       "also"};
    size_t from = start > SENTENCE_LOOK_BYTES ? start - SENTENCE_LOOK_BYTES : 0;

    for (size_t at = from; at < draft->len && at < end + SENTENCE_LOOK_BYTES / 2; at++) {
        for (size_t i = 0; fold_word_starts(draft, at) && i < ARRAY_LEN(words); i++) {
            if (fold_word(draft, at, words[i]))
                return true;
        }
    }
    return false;
}

/* Whether a count that stands in the texts, as "two of us" or "for 3 nights", makes this amount of that one. */
static bool is_multiple(double one, double all, const struct ground *grounds, size_t n)
{
    for (int times = 2; times <= TIMES_MOST; times++) {
        const struct fact count = {.kind = CLAIM_NUMBER, .value = times, .written = times};
        if (fabs(one * times - all) >= CENT)
            continue;
        for (size_t g = 0; g < n; g++) {
            for (size_t i = 0; i < grounds[g].facts.n; i++) {
                const struct fact *fact = &grounds[g].facts.items[i];
                if (fact_supports(fact, &count) ||
                    (grounds[g].ticket && fact->kind == CLAIM_DURATION && fact->written == times))
                    return true;
            }
        }
    }
    return false;
}

/* "half of that, so £18.40": a share that stands in the articles. */
static bool is_share(double one, double part, const struct ground *grounds, size_t n)
{
    for (size_t g = 0; g < n; g++) {
        for (size_t i = 0; !grounds[g].ticket && i < grounds[g].facts.n; i++) {
            const struct fact *share = &grounds[g].facts.items[i];
            if (share->kind == CLAIM_MEASURE && strcmp(share->unit, "%") == 0 && share->value < PERCENT &&
                fabs(one * share->value / PERCENT - part) < CENT)
                return true;
        }
    }
    return false;
}

/* A total of two amounts that stand in the texts. */
static bool adds_up(const struct fact *claim, const struct fact *one, bool rest, const struct sum *sum)
{
    for (size_t g = 0; g < sum->n; g++) {
        for (size_t i = 0; i < sum->grounds[g].facts.n; i++) {
            const struct fact *other = &sum->grounds[g].facts.items[i];
            double all = one->value + other->value, left = one->value - other->value;
            bool told = sum->told || (stands_in(sum->facts, one->value) && stands_in(sum->facts, other->value));
            if (other != one && other->kind == CLAIM_AMOUNT &&
                ((told && fabs(all - claim->value) < CENT) || (rest && fabs(left - claim->value) < CENT)))
                return true;
        }
    }
    return false;
}

/* "69.70 each", "69,70 Euro je Rate": a part of an amount. */
static bool tells_share(const struct folded *draft, size_t end)
{
    static const char *const words[] = {"je", "pro", "per", "each", "apiece"};
    size_t at = end + fold_blanks(draft, end);

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (fold_word(draft, at, words[i]))
            return true;
    }
    return false;
}

static void support_total(struct claim *claim, const struct folded *draft, const struct fact *fact,
                          const struct sum *sum)
{
    bool rest = tells_rest(draft, fact->start, fact->end);

    for (size_t g = 0; g < sum->n && !claim->supported; g++) {
        for (size_t i = 0; i < sum->grounds[g].facts.n && !claim->supported; i++) {
            const struct fact *one = &sum->grounds[g].facts.items[i];
            if (one->kind != CLAIM_AMOUNT || one->value <= 0 || strcmp(one->unit, fact->unit) != 0)
                continue;
            if (adds_up(fact, one, rest, sum) ||
                (tells_share(draft, fact->end) && is_multiple(fact->value, one->value, sum->grounds, sum->n)) ||
                ((sum->told || stands_in(sum->facts, one->value)) &&
                 (is_multiple(one->value, fact->value, sum->grounds, sum->n) ||
                  is_share(one->value, fact->value, sum->grounds, sum->n))))
                rest_on(claim, &sum->grounds[g], g, one->start, one->end);
        }
    }
}

/* Whether the other deed, of an article, is the same: "is cancelled" is not that we cancelled it. */
static bool is_same_deed(const struct deed *other, const struct deed *deed)
{
    return other->family == deed->family && other->kind == deed->kind && strcmp(other->verb, deed->verb) == 0 &&
           !(deed->another && other->ground_only) &&
           (deed->passive || deed->kind != CLAIM_ACTION || !(other->state || other->passive));
}

/* Whether the ticket has most of the words: who did it, and to what. */
static bool is_of_ticket(const struct deed_content *content, const struct ground *ticket)
{
    size_t stand = 0;

    for (size_t i = 0; i < content->n; i++)
        stand += content_stands_in(&content->words[i], &ticket->text);
    return 2 * stand > content->n || !content->n;
}

/* Whether the text may tell of the deed by any form of its words. */
static bool may_mention(const struct deed *deed, const struct deed_content *content, const struct ground *ground)
{
    if (!ground->ticket)
        return deed->kind == CLAIM_PROMISE;
    if (deed->another && !is_of_ticket(content, ground))
        return false;
    return deed->thing || (deed->passive && deed->kind == CLAIM_ACTION);
}

/* What we did must be said in a source in the same way. What we will do must be told of there. What happened without
 * naming us, and a benefit that is only named, may also be known from the ticket. */
static void support_deed(struct claim *claim, const struct deed *deed, const struct deed_content *content,
                         const struct ground *grounds, size_t n)
{
    for (size_t g = 0; g < n && !claim->supported; g++) {
        const struct ground *ground = &grounds[g];
        bool mentions = may_mention(deed, content, ground);
        size_t start, end;
        for (size_t i = 0; i < ground->deeds->n && !claim->supported; i++) {
            if (is_same_deed(&ground->deeds->items[i], deed))
                rest_on(claim, ground, g, ground->deeds->items[i].start, ground->deeds->items[i].end);
        }
        if (!claim->supported && *deed->verb && mentions && !deed->thing &&
            deed_verb_stands(&ground->text, deed->verb, ground->ticket, &start, &end))
            rest_on(claim, ground, g, start, end);
        if (!claim->supported && mentions && deed_mentioned(&ground->text, deed, &start, &end))
            rest_on(claim, ground, g, start, end);
        if (!claim->supported && !ground->ticket && deed_told(deed, content, &ground->text, &start, &end))
            rest_on(claim, ground, g, start, end);
    }
}

/* What is told, but not so soon, not in that way, or not with what the draft adds. */
static bool adds_to_it(const struct folded *draft, const struct deed *deed, const struct deed_content *content,
                       const struct ground *grounds, size_t n)
{
    struct deed_source sources[CLAIM_TEXTS_MAX];

    for (size_t i = 0; i < n; i++)
        sources[i] = (struct deed_source){&grounds[i].text, grounds[i].ticket};
    return deed_adds(draft, deed, content, sources, n);
}

static void support_name(struct claim *claim, const char *word, size_t len, const struct ground *grounds, size_t n)
{
    for (size_t g = 0; g < n && !claim->supported; g++) {
        size_t start, end;
        if (name_stands(&grounds[g].text, word, len, &start, &end))
            rest_on(claim, &grounds[g], g, start, end);
    }
}

/* ---- the draft's claims ---- */

static int by_start(const void *a, const void *b)
{
    const struct claim *one = a, *other = b;

    return (one->start > other->start) - (one->start < other->start);
}

static void add_claim(struct claim_report *report, const struct claim *claim)
{
    if (report->n_claims == CLAIMS_MAX)
        report->overflow = true;
    else
        report->claims[report->n_claims++] = *claim;
}

/* A word that is part of a fact or a deed has been looked for already. */
static bool claimed(const struct claim_report *report, size_t start)
{
    for (size_t i = 0; i < report->n_claims; i++) {
        if (start >= report->claims[i].start && start < report->claims[i].end)
            return true;
    }
    return false;
}

/* "IT Helpdesk" on a line of its own at the end, behind an empty one. */
static bool signs_alone(const struct folded *draft, size_t at, size_t line)
{
    return at >= 2 && draft->text[at - 2] == '\n' && at + line == draft->len && line &&
           !strchr(".!?:", draft->text[at + line - 1]);
}

/* Where the lines behind "Kind regards" begin: who signs there is no product. */
static size_t signature_start(const struct folded *draft)
{
    static const char *const farewells[] = {
        "kind",       "best",   "regards", "with best", "with kind", "with warm", "warm",           "warmest",
        "yours",      "cheers", "many",    "all the",   "viele",     "liebe",     "mit freundlich", "herzlich",
        "freundlich", "beste",  "schoene", "lg",        "mfg",       "gruss",     "gruesse",        "sincerely",
        "take care",  "thanks", "ihr",     "dein",      "ihre",      "euer",      "freundliche"};

    for (size_t at = 0; at < draft->len; at++) {
        size_t line = strcspn(draft->text + at, "\n");
        if ((at > 0 && draft->text[at - 1] != '\n') || !at || line > SIGNATURE_LINE ||
            draft->len - at > SIGNATURE_BYTES)
            continue;
        if (signs_alone(draft, at, line))
            return at;
        for (size_t i = 0; i < ARRAY_LEN(farewells); i++) {
            if (strncmp(draft->text + at, farewells[i], strlen(farewells[i])) == 0)
                return at;
        }
    }
    return draft->len;
}

static void collect_names(const char *original, const struct folded *draft, const struct ground *grounds, size_t n,
                          struct claim_report *report)
{
    size_t at = 0, start, end, signature = signature_start(draft);
    struct name names[NAMES_MAX];

    while (sentence_next(draft, &at, &start, &end) && start < signature) {
        size_t found = names_find(original, draft, start, end, names, NAMES_MAX);
        for (size_t i = 0; i < found; i++) {
            struct claim claim = {
                .kind = CLAIM_NAME, .start = draft->at[names[i].start], .end = draft->at[names[i].end]};
            if (claimed(report, claim.start))
                continue;
            support_name(&claim, draft->text + names[i].start, names[i].end - names[i].start, grounds, n);
            add_claim(report, &claim);
        }
        report->overflow |= found == NAMES_MAX;
    }
}

/* What is quoted must be written in one of the texts. */
static void collect_quotes(const char *original, const struct folded *draft, const struct ground *grounds, size_t n,
                           struct claim_report *report)
{
    struct quote quotes[QUOTES_MAX];
    size_t found = quotes_find(original, draft, quotes, QUOTES_MAX);

    for (size_t i = 0; i < found; i++) {
        struct claim claim = {.kind = CLAIM_NAME, .start = draft->at[quotes[i].start], .end = draft->at[quotes[i].end]};
        size_t start, end;
        for (size_t g = 0; g < n && !claim.supported; g++) {
            if (quote_stands(&grounds[g].text, draft, &quotes[i], &start, &end))
                rest_on(&claim, &grounds[g], g, start, end);
        }
        if (!claimed(report, claim.start))
            add_claim(report, &claim);
    }
}

/* They are claims only where the articles say otherwise. */
static void collect_denials(const struct folded *draft, const struct ground *grounds, size_t n,
                            struct claim_report *report)
{
    struct denial_ground texts[CLAIM_TEXTS_MAX];
    struct denial denials[DENIALS_MAX];
    size_t at = 0, start, end;

    for (size_t i = 0; i < n; i++)
        texts[i] = (struct denial_ground){&grounds[i].text, grounds[i].ticket};
    while (sentence_next(draft, &at, &start, &end)) {
        size_t found = denials_find(draft, start, end, texts, n, denials, DENIALS_MAX);
        for (size_t i = 0; i < found; i++) {
            const struct claim claim = {
                .kind = CLAIM_DENIAL, .start = draft->at[denials[i].start], .end = draft->at[denials[i].end]};
            add_claim(report, &claim);
        }
    }
}

/* The clause that holds this place. */
static size_t clause_end(const struct folded *draft, size_t at)
{
    return at + strcspn(draft->text + at, ".!?;,\n");
}

/* "You will have your money by Thursday", "noch heute": a day that no article gives, only the customer's mail. */
static bool is_dated_by_us(const struct folded *draft, const struct fact_list *facts, const struct deed *deed,
                           const struct ground *grounds, size_t n)
{
    static const char *const before[] = {" by ", " until ", " before ", " noch ", " bis ", " bis zum "};

    for (size_t i = 0; deed->kind == CLAIM_PROMISE && !deed->thing && i < facts->n; i++) {
        const struct fact *fact = &facts->items[i];
        bool limit = strcmp(fact->form, "today") == 0 || strcmp(fact->form, "tomorrow") == 0, given = false;
        if (fact->kind != CLAIM_DATE || fact->start < deed->start || fact->start > clause_end(draft, deed->end))
            continue;
        for (size_t k = 0; k < ARRAY_LEN(before); k++) {
            size_t len = strlen(before[k]);
            limit |= fact->start >= len && strncmp(draft->text + fact->start - len, before[k], len) == 0;
        }
        for (size_t g = 0; g < n && limit && !given; g++) {
            struct claim claim = {.kind = CLAIM_DATE};
            if (!grounds[g].ticket)
                support_fact(&claim, draft, fact, &grounds[g], 1);
            given |= claim.supported;
        }
        if (limit && !given)
            return true;
    }
    return false;
}

static void collect_deeds(const struct folded *draft, const struct fact_list *facts, const struct ground *grounds,
                          size_t n, struct claim_report *report)
{
    CLEANUP(mem_freep) struct deed_list *deeds = mem_alloc(sizeof *deeds);

    find_deeds(draft, deeds);
    for (size_t i = 0; i < deeds->n; i++) {
        const struct deed *deed = &deeds->items[i];
        struct claim claim = {.kind = deed->kind, .start = draft->at[deed->start], .end = draft->at[deed->end]};
        struct deed_content content;
        if (deed->ground_only)
            continue;
        deed_content(draft, facts, deed, &content);
        support_deed(&claim, deed, &content, grounds, n);
        claim.supported = claim.supported && !is_dated_by_us(draft, facts, deed, grounds, n) &&
                          !adds_to_it(draft, deed, &content, grounds, n);
        add_claim(report, &claim);
    }
    report->overflow |= deeds->n == DEEDS_MAX;
}

static void collect(const char *original, const struct folded *draft, const struct ground *grounds, size_t n,
                    struct claim_report *report)
{
    CLEANUP(facts_done) struct fact_list facts = {0};

    facts_find(draft, &facts);
    for (size_t i = 0; i < facts.n; i++) {
        if (facts.items[i].ground_only ||
            (is_open(draft, &facts.items[i]) && !is_beside_other(draft, &facts, &facts.items[i], grounds, n)))
            continue; /* "closed on Thursdays" is a claim where that sentence has another day */
        struct claim claim = {.kind = facts.items[i].kind,
                              .start = draft->at[facts.items[i].start],
                              .end = draft->at[facts.items[i].end]};
        support_fact(&claim, draft, &facts.items[i], grounds, n);
        claim.supported = claim.supported &&
                          (!is_moved(draft, &facts.items[i], grounds, n) || is_paired(draft, &facts, i, grounds, n)) &&
                          !is_other_weekday(draft, &facts, i, grounds, n) &&
                          !is_beside_other(draft, &facts, &facts.items[i], grounds, n);
        if (!claim.supported && claim.kind == CLAIM_AMOUNT)
            support_total(
                &claim, draft, &facts.items[i],
                &(struct sum){&facts, grounds, n, tells_sum(draft, facts.items[i].start, facts.items[i].end)});
        add_claim(report, &claim);
    }
    collect_deeds(draft, &facts, grounds, n, report);
    report->overflow |= facts.n == FACTS_MAX;
    collect_names(original, draft, grounds, n, report);
    collect_quotes(original, draft, grounds, n, report);
    collect_denials(draft, grounds, n, report);
    qsort(report->claims, report->n_claims, sizeof *report->claims, by_start);
}

static void judge_sentences(const struct folded *draft, struct claim_report *report)
{
    size_t at = 0, start, end, next = 0;

    while (sentence_next(draft, &at, &start, &end)) {
        struct claim_sentence *sentence;
        if (report->n_sentences == CLAIM_SENTENCES_MAX) {
            report->overflow = true;
            return;
        }
        sentence = &report->sentences[report->n_sentences++];
        *sentence = (struct claim_sentence){
            .start = draft->at[start], .end = draft->at[end], .first_claim = next, .supported = true};
        for (; next < report->n_claims && report->claims[next].start < sentence->end; next++) {
            sentence->n_claims++;
            sentence->supported &= report->claims[next].supported;
        }
    }
}

void claims_check(const char *draft, const struct claim_text *texts, size_t n, struct claim_report *ret_report)
{
    CLEANUP(folded_done) struct folded text = fold(draft);
    struct ground grounds[CLAIM_TEXTS_MAX];

    memset(ret_report, 0, sizeof *ret_report);
    if (n > CLAIM_TEXTS_MAX)
        n = CLAIM_TEXTS_MAX;
    for (size_t i = 0; i < n; i++)
        grounds[i] = ground_of(&texts[i]);
    collect(draft, &text, grounds, n, ret_report);
    judge_sentences(&text, ret_report);
    ret_report->supported = !ret_report->overflow;
    for (size_t i = 0; i < ret_report->n_claims; i++)
        ret_report->supported &= ret_report->claims[i].supported;
    for (size_t i = 0; i < n; i++)
        ground_done(&grounds[i]);
}
