/* The encoder: a small sentence model in process (ONNX Runtime), text to a vector of length one. Optional: without its
 * files triaged runs on the linear tier alone. Knows English only; who calls decides what is English. */
#ifndef TRIAGE_ENCODER_H
#define TRIAGE_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "triage/err.h"

#define ENCODER_DIM 384
#define ENCODER_TOKENS_MAX 256 /* default token cap; beyond it a text is cut */

struct encoder; /* const after opening but for its cache: one per lane, not shared between threads */

#define ENCODER_PATH_MAX 4096
/* Where the encoder lies when nobody says: $TRIAGED_ENCODER, $TRIAGED_VAR/encoder, var/encoder below the folder above the
 * program's own, or below the current one. False: nowhere. */
bool encoder_find(char ret_dir[ENCODER_PATH_MAX]);

/* Token ids of a text, for whoever compares them with the reference; at most max, returns how many. */
size_t encoder_tokens(struct encoder *self, const char *text, int64_t *ret_ids, size_t max);

/* Loads DIR/model.onnx, DIR/tokenizer.json and DIR/libonnxruntime.so (dlopen). cache_entries: vectors kept of the last
 * texts, 0 none. Fails permanently, and says which file, when one is missing or damaged. */
int encoder_open(const char *dir, size_t tokens_max, size_t cache_entries, struct encoder **ret_encoder,
                 struct err *reterr);
void encoder_close(struct encoder *self);
/* SHA-256 hex over model and tokenizer: the identity of the vectors. */
const char *encoder_hash(const struct encoder *self);
/* ret_vector: unit length. UTF-8 in; invalid bytes count as U+FFFD. The same text gives the same bytes. Fails
 * transiently when the runtime does. Empty text is allowed. */
int encoder_embed(struct encoder *self, const char *text, float ret_vector[ENCODER_DIM], struct err *reterr);

#endif
