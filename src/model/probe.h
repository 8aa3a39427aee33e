/* Whether a model server answers and knows the model: one GET of /models. Blocks; for `triaged check`, not for lanes. */
#ifndef TRIAGED_MODEL_PROBE_H
#define TRIAGED_MODEL_PROBE_H

#include "model/model.h"

#define PROBE_TIMEOUT_MS 10000
#define PROBE_BYTES_MAX  262144 /* of the answer; more is an error */

/* Transient when it can't be reached or is not ready; permanent when it refuses the key or has no such model. A server
 * that lists no models at all is taken at its word. */
int model_probe(const struct model_settings *settings, const char *name, struct err *reterr);

#endif
