/* The word lists of deeds, and their families. */
#ifndef TRIAGED_CLAIMS_DEED_WORDS_H
#define TRIAGED_CLAIMS_DEED_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Families by their row of the table, and those that no row has. */
enum {
    FAMILY_REFUND = 0,
    FAMILY_SEND = 1,
    FAMILY_REPLACE = 2,
    FAMILY_CHANGE = 6,
    FAMILY_BOOK = 9,
    FAMILY_CALL = 10,
    FAMILY_CONTACT = 11,
    FAMILY_OFFER = 13,
    FAMILY_REPAIR = 14,
    FAMILY_PROCESS = 15,
    FAMILY_GETS = 16,
    FAMILY_ARRIVE = 17,
    FAMILY_MAKE = 20,
    FAMILY_COLLECT = 21,
    FAMILY_GUARANTEE = 1000, /* the least without a row */
    FAMILY_FREE = 1001,
    FAMILY_IN_TOUCH = 1002,
    FAMILY_ON_THE_WAY = 1003,
    FAMILY_ANY = 1004,
    FAMILY_PROVIDE = 1005,
    FAMILY_CARE = 1006,
    FAMILY_ABSOLUTE = 1007,
    FAMILY_ON_US = 1008
};

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

extern const char deed_words_we[];
extern const char deed_words_persons[]; /* who works for us, by trade */
extern const char deed_words_you[];
extern const char deed_words_anew[]; /* what makes of "send" a replacement */
extern const char deed_words_have[];
extern const char deed_words_adverbs[]; /* between who does it and the verb */
extern const char deed_words_negations[];
extern const char deed_words_just_now[]; /* what happened just now the ticket can't know */

#endif
