/* By endings alone: no list of forms can be whole. "-st" is none of them: what you do is no deed of ours. */
#include "claims/deed_verbs.h"

#include <string.h>

#include "base/attrs.h"

enum { STEM_LEAST = 4, PARTED_LEAST = 3 };

static const char particles[] =
    "zurueck ab an auf aus ein zu mit vor nach weiter wieder her hin los um gut bereit frei fest statt durch";

/* "antwort" of "antworten", "reply" of "reply", "replac" of "replace". */
static size_t stem_len(const struct word *infinitive)
{
    if (fold_ends(infinitive->at, infinitive->len, "en"))
        return infinitive->len - 2;
    return fold_ends(infinitive->at, infinitive->len, "e") || fold_ends(infinitive->at, infinitive->len, "y") ||
                   fold_ends(infinitive->at, infinitive->len, "n")
               ? infinitive->len - 1
               : infinitive->len;
}

static bool is_form(const struct word *word, const struct word *infinitive, size_t least)
{
    static const char *const endings[] = {"e", "t",  "et", "te",  "ten", "ete", "eten", "en",  "n",
                                          "s", "es", "ed", "ing", "ies", "ied", "y",    "ying"};
    size_t stem = stem_len(infinitive);

    if (stem < least || word->len < stem || strncmp(word->at, infinitive->at, stem) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        if (word->len - stem == strlen(endings[i]) && strncmp(word->at + stem, endings[i], word->len - stem) == 0)
            return true;
    }
    return word->len == stem;
}

bool verb_form_in(const struct word *word, const char *list)
{
    while (*list) {
        const struct word infinitive = {.at = list, .len = strcspn(list, " ")};
        if (is_form(word, &infinitive, STEM_LEAST))
            return true;
        list += infinitive.len + strspn(list + infinitive.len, " ");
    }
    return false;
}

/* "tausche" and "aus" of "austauschen". */
static bool is_parted(const struct word *verb, const struct word *particle, const struct word *infinitive)
{
    struct word rest = {.at = infinitive->at + particle->len, .len = infinitive->len - particle->len};

    return infinitive->len > particle->len + PARTED_LEAST && fold_ends(infinitive->at, infinitive->len, "n") &&
           strncmp(infinitive->at, particle->at, particle->len) == 0 && is_form(verb, &rest, PARTED_LEAST);
}

/* Where the verb's particle stands: at the clause's end or before "und"; i when there is none. */
static size_t particle_of(const struct sentence *s, size_t i)
{
    size_t last = clause_last(s, i);

    for (size_t k = i + 1; k <= last; k++) {
        if (word_in(&s->words[k], particles) && (k == last || word_in(&s->words[k + 1], "und oder")))
            return k;
    }
    return i;
}

bool verb_parted_in(const struct sentence *s, size_t i, const char *list)
{
    const struct word *particle = &s->words[particle_of(s, i)];

    if (word_in(&s->words[i], list))
        return true;
    if (particle == &s->words[i])
        return false;
    while (*list) {
        const struct word infinitive = {.at = list, .len = strcspn(list, " ")};
        if (is_parted(&s->words[i], particle, &infinitive))
            return true;
        list += infinitive.len + strspn(list + infinitive.len, " ");
    }
    return false;
}
