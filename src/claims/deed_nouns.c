/* The verb is light ("get", "erhalten", "haben"), and the noun says what is done. */
#include "claims/deed_nouns.h"

#include "base/attrs.h"
#include "claims/deed_clause.h"
#include "claims/deed_words.h"

static const struct {
    int family;
    const char *nouns;
} nouns[] = {
    {FAMILY_CONTACT,
     "answer reply response message email mail text notification notice word antwort rueckmeldung bescheid nachricht "
     "mitteilung benachrichtigung hinweis mails emails"},
    {FAMILY_REPLACE,
     "replacement exchange swap substitute new ersatz austausch umtausch ersatzgeraet neu neue neuen neuer neues"},
    {FAMILY_REFUND,
     "refund reimbursement repayment money credit erstattung rueckerstattung gutschrift rueckzahlung geld"},
    {FAMILY_CALL, "call callback anruf rueckruf telefonat"},
    {FAMILY_CHANGE, "correction update change aenderung korrektur berichtigung"},
    {FAMILY_BOOK, "booking reservation buchung reservierung"},
    {FAMILY_REPAIR, "repair reparatur"},
    {FAMILY_OFFER, "offer angebot"},
    {FAMILY_PROCESS, "confirmation approval decision bestaetigung genehmigung freigabe entscheidung"},
};

int deed_noun_family(const struct folded *draft, const struct deed *deed, struct word *ret_noun)
{
    static _Thread_local struct sentence s;

    sentence_split(draft, deed->clause_start, deed->clause_end, &s);
    for (size_t i = 0; i < s.n; i++) {
        for (size_t k = 0; k < ARRAY_LEN(nouns); k++) {
            if (s.words[i].start == deed->verb_start || !word_in(&s.words[i], nouns[k].nouns))
                continue;
            *ret_noun = s.words[i];
            return nouns[k].family;
        }
    }
    return -1;
}
