/* The word lists of deeds. */
#ifndef TRIAGED_DRAFT_DEED_WORDS_H
#define TRIAGED_DRAFT_DEED_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Lists are words between blanks, folded. */
struct deed_family {
    const char *english;      /* as in "we will ..." */
    const char *english_done; /* as in "we have ..." */
    const char *german;       /* infinitive and the forms of wir, ich, er */
    const char *german_done;  /* participle */
    const char *things;       /* nouns of both languages that are a benefit by themselves */
    bool soft;                /* work that every support does: looking, checking. Claimed as done it counts; as a plan
                                 without a commitment it does not */
    bool gets;                /* what the customer gets: "you will receive" */
    const char *nouns;        /* what only a source tells by: "Die Pruefung dauert eine Woche" */
};

extern const struct deed_family deed_families[];
extern const size_t deed_families_len;

#endif
