/* The claim check: the facts and deeds of the draft, each looked for in the texts that it may rest on. */
#include "triage/claims.h"

#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "claims/claim_conclusions.h"
#include "claims/claim_support.h"
#include "claims/denials.h"
#include "claims/names.h"
#include "claims/quotes.h"
#include "claims/sentences.h"

enum { SIGNATURE_BYTES = 160, SIGNATURE_LINE = 48 };

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

static void support_name(struct claim *claim, const char *word, size_t len, const struct ground *grounds, size_t n)
{
    for (size_t g = 0; g < n && !claim->supported; g++) {
        size_t start, end;
        if (name_stands(&grounds[g].text, word, len, &start, &end))
            ground_bears(&grounds[g], g, start, end, claim);
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
            if (claimed(report, claim.start) && !fold_is_digit(draft->text[names[i].start]))
                continue; /* "3X" was a 3 for the facts */
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
                ground_bears(&grounds[g], g, start, end, &claim);
        }
        if (!claimed(report, claim.start))
            add_claim(report, &claim);
    }
}

/* They are claims only where the articles say otherwise. */
static void collect_denials(const struct folded *draft, const struct ground *grounds, size_t n,
                            struct claim_report *report)
{
    struct denial denials[DENIALS_MAX];
    size_t at = 0, start, end;

    while (sentence_next(draft, &at, &start, &end)) {
        size_t found = denials_find(draft, start, end, grounds, n, denials, DENIALS_MAX);
        for (size_t i = 0; i < found; i++) {
            const struct claim claim = {
                .kind = CLAIM_DENIAL, .start = draft->at[denials[i].start], .end = draft->at[denials[i].end]};
            add_claim(report, &claim);
        }
    }
}

static void collect_facts(const struct folded *draft, const struct fact_list *facts, const struct ground *grounds,
                          size_t n, struct claim_report *report)
{
    CLEANUP(mem_freep) bool *borne = mem_alloc((facts->n + 1) * sizeof *borne);

    for (size_t i = 0; i < facts->n; i++) {
        const struct fact *fact = &facts->items[i];
        struct claim claim = {.kind = fact->kind, .start = draft->at[fact->start], .end = draft->at[fact->end]};
        struct conclusion conclusion = {draft, facts, fact, grounds, n, borne, false};
        borne[i] = true;
        if (fact->ground_only || claim_is_by_the_way(&conclusion) ||
            (claim_fact_is_open(draft, fact) && !claim_fact_is_beside_other(draft, facts, fact, grounds, n)))
            continue; /* "closed on Thursdays" is a claim where that sentence has another day */
        claim_fact_support(&claim, draft, fact, grounds, n);
        conclusion.stands = claim.supported;
        claim.supported = claim.supported && !claim_fact_is_moved(draft, facts, i, grounds, n);
        if (!claim.supported)
            claim_conclusion_support(&claim, &conclusion);
        claim.supported = claim.supported && !claim_day_is_other(&conclusion);
        borne[i] = claim.supported;
        add_claim(report, &claim);
    }
    report->overflow |= facts->n == FACTS_MAX;
}

static void collect_deeds(const struct folded *draft, const struct fact_list *facts, const struct ground *grounds,
                          size_t n, struct claim_report *report)
{
    CLEANUP(mem_freep) struct deed_list *deeds = mem_alloc(sizeof *deeds);

    ground_find_deeds(draft, deeds);
    for (size_t i = 0; i < deeds->n; i++) {
        const struct deed *deed = &deeds->items[i];
        struct claim claim = {.kind = deed->kind, .start = draft->at[deed->start], .end = draft->at[deed->end]};
        if (deed->ground_only)
            continue;
        claim_deed_support(&claim, draft, facts, deed, grounds, n);
        add_claim(report, &claim);
    }
    report->overflow |= deeds->n == DEEDS_MAX;
}

static void collect(const char *original, const struct folded *draft, const struct ground *grounds, size_t n,
                    struct claim_report *report)
{
    CLEANUP(facts_done) struct fact_list facts = {0};

    facts_find(draft, &facts);
    collect_facts(draft, &facts, grounds, n, report);
    collect_deeds(draft, &facts, grounds, n, report);
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
