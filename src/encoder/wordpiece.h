/* WordPiece over BERT's basic tokenisation (uncased): the ids that the encoder's model was trained with. Reads its
 * vocabulary from a tokenizer.json. Text is data: the names of special tokens in it mean nothing.
 * Sources: Wu et al., Google's neural machine translation system (2016); Devlin et al., BERT (NAACL 2019). */
#ifndef TRIAGED_ENCODER_WORDPIECE_H
#define TRIAGED_ENCODER_WORDPIECE_H

#include <stddef.h>
#include <stdint.h>

#include "triage/err.h"

#define WORDPIECE_TEXT_MAX 65536 /* bytes of a text that are looked at: the token cap comes long before */

struct wordpiece;

/* json: the bytes of a tokenizer.json with a WordPiece model and a BertNormalizer that lower-cases. */
int wordpiece_new(const char *json, size_t len, struct wordpiece **ret_wordpiece, struct err *reterr);
void wordpiece_free(struct wordpiece *self);
/* At most max ids (at least 2), [CLS] and [SEP] included. Returns how many. Linear in the text. */
size_t wordpiece_ids(const struct wordpiece *self, const char *text, int64_t *ret_ids, size_t max);

#endif
