/* The wrapping of a record's value: plain JSON, CloudEvents binary or structured, Schema Registry framing. */
#ifndef TRIAGED_CONTRACT_ENVELOPE_H
#define TRIAGED_CONTRACT_ENVELOPE_H

#include "contract/ticket_doc.h"
#include "triage/err.h"

/* Unwraps, gates and parses. On success ret_doc owns the document and ret_traceparent is the sender's trace context, ""
 * when there is none or it is ill-formed. Reasons: those of json_gate, empty_value, schema_violation. */
int envelope_open(const struct record *in, struct ticket_doc *ret_doc, char ret_traceparent[TRACEPARENT_MAX],
                  struct err *reterr);

#endif
