/* A full list takes no more; its reader sees that by its length. */
#include "claims/deed_list.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/deed_words.h"

enum { STEM_LEAST = 3, STEM_MOST = 5, PARTED_LEAST = 5 };

/* How many letters tell the verb: "texted" begins as "text" does, "uebertragen" not only as "ueber". */
static size_t stem_len(const struct word *word)
{
    static const char *const prefixes[] = {"ueber", "unter", "zurueck", "weiter", "wieder", "heraus", "hinzu"};
    size_t len = STEM_MOST;

    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        if (strncmp(word->at, prefixes[i], strlen(prefixes[i])) == 0)
            len = strlen(prefixes[i]) + STEM_LEAST;
    }
    if (word->len > STEM_LEAST + STEM_LEAST && strncmp(word->at + word->len - 3, "ies", 3) == 0 && len > word->len - 3)
        len = word->len - 3; /* "carries": "carry" */
    if (word->len > STEM_LEAST + 2 && strncmp(word->at + word->len - 2, "ed", 2) == 0 && len > word->len - 2)
        len = word->len - 2;
    if (word->len >= STEM_LEAST + 2 && len == STEM_MOST && strncmp(word->at + word->len - 2, "en", 2) == 0 &&
        len > word->len - 2)
        len = word->len - 2; /* "zahlen", "holen": "ausgezahlt", "abgeholt" */
    return len < word->len ? len : word->len;
}

/* "an" and "kuend" of "ankuendigen" and "angekuendigt". */
static void part_of(const struct word *word, struct deed *deed)
{
    static const char *const particles[] = {"ab",  "an",  "auf", "aus", "ein", "zu",  "mit",     "vor",    "nach",
                                            "her", "hin", "los", "um",  "bei", "weg", "zurueck", "weiter", "frei"};

    for (size_t i = 0; i < ARRAY_LEN(particles); i++) {
        size_t len = strlen(particles[i]);
        struct word rest = {.at = word->at + len, .len = word->len > len ? word->len - len : 0};
        if (rest.len < PARTED_LEAST || strncmp(word->at, particles[i], len) != 0)
            continue;
        if (strncmp(rest.at, "ge", 2) == 0 && rest.len > PARTED_LEAST)
            rest = (struct word){.at = rest.at + 2, .len = rest.len - 2};
        else if (word->at[word->len - 1] != 'n')
            continue;
        snprintf(deed->particle, sizeof deed->particle, "%s", particles[i]);
        snprintf(deed->part, sizeof deed->part, "%.*s", (int)stem_len(&rest), rest.at);
        return;
    }
}

void deed_add(struct deed_list *list, const struct sentence *s, size_t from, size_t to, struct deed deed)
{
    size_t last;

    if (list->n == DEEDS_MAX)
        return;
    deed.start = s->words[from].start;
    deed.end = s->words[to].start + s->words[to].len;
    deed.verb_start = s->words[to].start;
    deed.clause_start = s->words[clause_start(s, to)].start;
    last = clause_last(s, to);
    deed.clause_end = s->words[last].start + s->words[last].len;
    deed.toward = words_have(s, clause_start(s, to), to, deed_words_you);
    for (size_t i = to + 1; i <= last && !word_in(&s->words[i], "and und but aber"); i++)
        deed.toward |= word_in(&s->words[i], deed_words_you);
    deed.anew = words_have(s, clause_start(s, to), last + 1, deed_words_anew);
    if (deed.family == FAMILY_ANY)
        part_of(&s->words[to], &deed);
    if (deed.family == FAMILY_ANY)
        snprintf(deed.verb, sizeof deed.verb, "%.*s", (int)stem_len(&s->words[to]), s->words[to].at);
    list->items[list->n++] = deed;
}

/* "you will get it back", "Sie bekommen das Geld zurück": a refund by another name. */
int deed_got(const struct sentence *s, size_t i, int family)
{
    size_t from = clause_start(s, i), last = clause_last(s, i);

    return words_have(s, from, last + 1, "back zurueck money geld refunded ersetzt erstattet") ? FAMILY_REFUND : family;
}

/* A question claims nothing that was done: "Were you called before?" */
void deeds_leave_asked(struct deed_list *list, size_t first)
{
    size_t n = first;

    for (size_t i = first; i < list->n; i++) {
        if (list->items[i].kind != CLAIM_ACTION)
            list->items[n++] = list->items[i];
    }
    list->n = n;
}
