/* Deeds of the draft, held against those of the texts: whether it is told there that we did it or will, and no more. */
#include "claims/claim_support.h"

#include <string.h>

#include "base/attrs.h"
#include "claims/deed_by_rule.h"
#include "claims/deed_content.h"
#include "claims/deed_nouns.h"
#include "claims/deed_priced.h"
#include "claims/deed_specific.h"
#include "claims/deed_told.h"
#include "claims/deed_words.h"

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

/* What is got is a thing, and its name must stand there. */
static bool needs_thing(const struct deed *deed, const struct deed_content *content)
{
    return content->n && deed->family == FAMILY_GETS;
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
static void support_deed(struct claim *claim, const struct folded *draft, const struct deed *deed,
                         const struct deed_content *content, const struct ground *grounds, size_t n)
{
    struct word word;
    const struct deed noun = {
        .kind = CLAIM_PROMISE,
        .family = deed->gets || deed->family == FAMILY_OFFER ? deed_noun_family(draft, deed, &word) : -1,
        .passive = true,
        .thing = true};

    for (size_t g = 0; g < n && !claim->supported; g++) {
        const struct ground *ground = &grounds[g];
        bool mentions = may_mention(deed, content, ground);
        size_t start, end;
        for (size_t i = 0; i < ground->deeds->n && !claim->supported; i++) {
            if (is_same_deed(&ground->deeds->items[i], deed) &&
                (!needs_thing(deed, content) || deed_thing_near(content, &ground->text, ground->deeds->items[i].start)))
                ground_bears(ground, g, ground->deeds->items[i].start, ground->deeds->items[i].end, claim);
        }
        if (!claim->supported && *deed->verb && mentions && !deed->thing &&
            deed_verb_stands(&ground->text, deed->verb, ground->ticket, &start, &end))
            ground_bears(ground, g, start, end, claim);
        if (!claim->supported && *deed->part && mentions && !ground->ticket &&
            deed_parted_stands(&ground->text, deed, &start, &end))
            ground_bears(ground, g, start, end, claim);
        if (!claim->supported && mentions && deed_mentioned(&ground->text, deed, &start, &end) &&
            (ground->ticket || !needs_thing(deed, content) || deed_thing_near(content, &ground->text, start)))
            ground_bears(ground, g, start, end, claim);
        if (!claim->supported && !ground->ticket && mentions && noun.family >= 0 &&
            deed_mentioned(&ground->text, &noun, &start, &end))
            ground_bears(ground, g, start, end, claim);
        if (!claim->supported && !ground->ticket && deed_told(deed, content, &ground->text, &start, &end))
            ground_bears(ground, g, start, end, claim);
    }
}

/* "You'll get a call", where no article has a call, nor that we ring anybody. */
static bool gets_unknown(const struct folded *draft, const struct deed *deed, const struct ground *grounds, size_t n)
{
    struct word word;
    const struct deed noun = {
        .kind = CLAIM_PROMISE, .family = deed->gets ? deed_noun_family(draft, deed, &word) : -1, .passive = true};
    size_t start, end;

    if (noun.family != FAMILY_CALL && noun.family != FAMILY_CONTACT)
        return false;
    for (size_t g = 0; g < n; g++) {
        if (!grounds[g].ticket &&
            (deed_mentioned(&grounds[g].text, &noun, &start, &end) || content_stands_in(&word, &grounds[g].text)))
            return false;
    }
    return true;
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
                claim_fact_support(&claim, draft, fact, &grounds[g], 1);
            given |= claim.supported;
        }
        if (limit && !given)
            return true;
    }
    return false;
}

void claim_deed_support(struct claim *claim, const struct folded *draft, const struct fact_list *facts,
                        const struct deed *deed, const struct ground *grounds, size_t n)
{
    struct deed_content content;

    deed_content(draft, facts, deed, &content);
    support_deed(claim, draft, deed, &content, grounds, n);
    claim->supported = claim->supported && !is_dated_by_us(draft, facts, deed, grounds, n) &&
                       !deed_adds(draft, deed, &content, grounds, n) && !deed_priced(draft, deed, grounds, n) &&
                       !gets_unknown(draft, deed, grounds, n) && !deed_frees_new(draft, deed, grounds, n);
}
