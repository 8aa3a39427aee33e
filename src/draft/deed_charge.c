/* Who is charged is promised nothing: its figures are checked, and that is all. */
#include "draft/deed_condition.h"

bool clause_charges(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (clause_negated(s, from, last + 1))
        return false;
    if (word_in(&s->words[i], "stellen stelle"))
        return words_have(s, from, last + 1, "rechnung");
    if (word_in(&s->words[i], "ziehen behalten"))
        return word_in(&s->words[last], "ab ein");
    return word_in(&s->words[i],
                   "berechnen berechne verlangen verlange erheben fordern kassieren einbehalten einbehaltet abziehen "
                   "abgezogen berechnet charge charged bill billed invoice deduct deducted withhold keep retain");
}
