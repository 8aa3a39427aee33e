/* The patterns of deeds: each looks at word i of a sentence and adds the deed that it finds there, if any. Pure. */
#ifndef TRIAGED_CLAIMS_DEED_PATTERNS_H
#define TRIAGED_CLAIMS_DEED_PATTERNS_H

#include "claims/deed_clause.h"
#include "claims/deeds.h"

/* Verbs of a family of the lists, in their form as a participle or as an infinitive. done_form: "will be refunded". */
void deed_english_done(const struct sentence *s, size_t i, int family, struct deed_list *list);
void deed_english_plan(const struct sentence *s, size_t i, int family, bool done_form, struct deed_list *list);
void deed_german_done(const struct sentence *s, size_t i, int family, struct deed_list *list);
void deed_german_plan(const struct sentence *s, size_t i, int family, struct deed_list *list);
void deed_state(const struct sentence *s, size_t i, int family, struct deed_list *list); /* "is cancelled" */
void deed_english_going_on(const struct sentence *s, size_t i, struct deed_list *list);  /* "we are sending" */

/* Phrases and words that commit by themselves. */
void deed_phrase(const struct sentence *s, size_t i, struct deed_list *list);
bool deed_costs_none(const struct sentence *s, size_t i); /* "nothing to pay" */
bool deed_we_pay(const struct sentence *s, size_t i);     /* "we cover the postage" */
void deed_on_its_way(const struct sentence *s, size_t i, struct deed_list *list);
void deed_will_have(const struct sentence *s, size_t i, struct deed_list *list);
void deed_commitment(const struct sentence *s, size_t i, struct deed_list *list);

/* Verbs that no list has. deed_unlisted tries the other two as well. */
void deed_unlisted(const struct sentence *s, size_t i, struct deed_list *list);
void deed_announced(const struct sentence *s, size_t i, struct deed_list *list);
void deed_announced_by_verb(const struct sentence *s, size_t i, struct deed_list *list); /* "das erledige ich" */

/* What others do or have done. */
int deed_family_of(const struct sentence *s, size_t i);                       /* of a verb in any form; FAMILY_ANY */
bool deed_is_soft(const struct word *verb);                                   /* what every support says of itself */
void deed_future(const struct sentence *s, size_t i, struct deed_list *list); /* "a member of our crew will meet you" */
void deed_by_another(const struct sentence *s, size_t i, int family, bool german, struct deed_list *list);
void deed_will_be(const struct sentence *s, size_t i, struct deed_list *list);
void deed_of_ours_behind(const struct sentence *s, size_t i, struct deed_list *list); /* "ruft Sie ein Kollege an" */
void deed_of_ours(const struct sentence *s, size_t i, struct deed_list *list);
void deed_gets_theirs(const struct sentence *s, size_t i, struct deed_list *list);
void deed_for_you(const struct sentence *s, size_t i, struct deed_list *list);

#endif
