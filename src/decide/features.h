/* Text in, counted features out: words 1-2 and characters 2-5 within word bounds (every digit counts as 0), hashed into a space of 2^18 buckets
 * each. Subject, quoted replies, sender and channel have hash seeds of their own, so the same word weighs differently
 * there. An extractor is scratch memory: nothing is allocated per text. It must not know about weights or labels.
 * Source: Weinberger et al., Feature hashing for large scale multitask learning (ICML 2009). */
#ifndef TRIAGED_DECIDE_FEATURES_H
#define TRIAGED_DECIDE_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include "triage/classifier.h"

#define FEATURES_VERSION 1     /* rises with every change that moves a feature to another bucket */
#define FEATURE_SPACE_BITS 18
#define FEATURE_SPACES 2       /* words, characters */
#define FEATURE_BUCKETS ((size_t)FEATURE_SPACES << FEATURE_SPACE_BITS)
#define FEATURE_NGRAM_MAX 96   /* bytes of a printed n-gram with the terminator; longer ones are cut */

#define FEATURE_BODY_MAX 6000    /* code points of each part that are looked at */
#define FEATURE_SUBJECT_MAX 600
#define FEATURE_QUOTED_MAX 1500
#define FEATURE_META_MAX 200
#define FEATURE_LIST_MAX 49152   /* distinct features of one text */

/* Each block is normalised on its own. */
enum feature_block {
    BLOCK_WORD,
    BLOCK_CHAR,
    BLOCK_SUBJECT_WORD,
    BLOCK_SUBJECT_CHAR,
    BLOCK_QUOTED,
    BLOCK_SENDER,
    BLOCK_CHANNEL,
    BLOCK_COUNT
};

struct feature {
    uint32_t bucket; /* 0..FEATURE_BUCKETS-1 */
    uint16_t count;  /* saturates */
    uint8_t block;
    uint8_t n;       /* code points of the n-gram; longer ones saturate and print cut */
};

struct extractor;
struct extractor *extractor_new(void);
void extractor_free(struct extractor *self);

/* The distinct features in order of block and first appearance; valid until the next call. Code points that are not
 * valid UTF-8 are dropped. */
size_t extractor_run(struct extractor *self, const struct classifier_text *text, const struct feature **ret_list);
/* Number of letters and digits in the newest part of the body and the subject, of the last run. */
size_t extractor_letters(const struct extractor *self);
/* The same for texts that differ in case, punctuation and blanks only, of the last run: finds duplicates. */
uint64_t extractor_identity(const struct extractor *self);
/* How the n-gram of list[i] of the last run reads, with the block's name in front of all but the body's. Returns out. */
char *extractor_ngram(const struct extractor *self, size_t i, char out[FEATURE_NGRAM_MAX]);
const char *feature_block_name(enum feature_block block);

#endif
