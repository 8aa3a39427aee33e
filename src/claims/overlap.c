/* Words are compared without a look at the rest of the sentence. */
#include "claims/overlap.h"

enum { SUFFIX_MOST = 3 };

static const char little[] =
    " the eur gbp usd euro pounds percent prozent you your our for and are can this that with from have has had been "
    "will would they them then than there here "
    "what which also just only into its not but per each every any all most least more less about around within after "
    "before until once when month year week day today please may must need needs get gets costs cost takes take "
    "der die das den dem des ein eine einen einem einer eines und oder aber sie ihr ihre ihren ihrem ihrer wir uns ist "
    "sind war wird werden wurde haben hat kann koennen muss muessen darf duerfen nur noch auch nicht bis von vom zum "
    "zur mit bei nach vor aus auf fuer pro monat jahr woche tag dann dass bitte etwa rund maximal hoechstens "
    "mindestens spaetestens innerhalb binnen dauert kostet betraegt ";

bool word_is_little(const char *word, size_t len)
{
    return fold_listed(little, word, len);
}

bool words_alike(const char *one, size_t n, const char *other, size_t m)
{
    size_t same = 0, shorter = n < m ? n : m;

    while (same < shorter && one[same] == other[same])
        same++;
    return (same == n && same == m) || (same >= OVERLAP_LETTERS && n - same <= SUFFIX_MOST && m - same <= SUFFIX_MOST);
}

bool overlap_stands(const struct folded *text, size_t start, size_t end, const char *word, size_t len)
{
    for (size_t at = start; at < end;) {
        size_t n = fold_letters(text, at);
        if (n && words_alike(text->text + at, n, word, len))
            return true;
        at += n ? n : 1;
    }
    return false;
}
