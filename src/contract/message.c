/* One message to produce: owned bytes and headers. */
#include <string.h>

#include "base/mem.h"
#include "contract/message.h"

enum { HEADERS_STEP = 16 };

void message_free(struct message *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n_headers; i++) {
        mem_free(self->header_names[i]);
        mem_free(self->header_values[i]);
    }
    mem_free(self->header_names);
    mem_free(self->header_values);
    mem_free(self->header_lens);
    mem_free(self->key);
    mem_free(self->value);
    *self = (struct message){0};
}

void message_add_bytes(struct message *self, const char *name, const void *value, size_t len)
{
    size_t n = self->n_headers;

    if (n % HEADERS_STEP == 0) {
        self->header_names = mem_grow(self->header_names, n + HEADERS_STEP, sizeof *self->header_names);
        self->header_values = mem_grow(self->header_values, n + HEADERS_STEP, sizeof *self->header_values);
        self->header_lens = mem_grow(self->header_lens, n + HEADERS_STEP, sizeof *self->header_lens);
    }
    self->header_names[n] = mem_strdup(name);
    self->header_values[n] = mem_strndup(len ? value : "", len);
    self->header_lens[n] = len;
    self->n_headers++;
}

void message_add_header(struct message *self, const char *name, const char *value)
{
    message_add_bytes(self, name, value, strlen(value));
}
