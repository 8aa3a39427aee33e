/* The table of faults and the rules that choose among them. */
#include "faults.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 256, US_PER_MS = 1000 };

static const char *const names[FAULT_COUNT] = {
#define X(id, name) name,
    FAULTS(X)
#undef X
};
static const char marker[] = "[[stub:";

const char *fault_name(enum fault fault)
{
    return names[fault];
}

enum fault fault_find(const char *name, size_t len)
{
    for (int i = 0; i < FAULT_COUNT; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return (enum fault)i;
    }
    return FAULT_COUNT;
}

/* ---- reading rules ---- */

static int take_rule(struct rules *self, const char *word, uint64_t number, const char *name)
{
    enum fault fault = fault_find(name, strlen(name));
    bool every = strcmp(word, "every") == 0;

    if (fault == FAULT_COUNT || number == 0 || self->n == RULES_MAX || (!every && strcmp(word, "next") != 0))
        return -1;
    self->list[self->n++] = (struct rule){fault, every ? number : 0, every ? 0 : number};
    return 0;
}

static int take_delay(struct rules *self, const char *range)
{
    char *end;
    double least = strtod(range, &end), most = least;

    if (end == range)
        return -1;
    if (*end == ':')
        most = strtod(end + 1, &end);
    if (*end || least < 0 || most < least)
        return -1;
    self->delay_least_us = (int64_t)(least * US_PER_MS);
    self->delay_most_us = (int64_t)(most * US_PER_MS);
    return 0;
}

static int take_line(struct rules *self, const char *line)
{
    char word[32], second[64], name[32];
    uint64_t number;
    int fields = sscanf(line, "%31s %63s %31s", word, second, name);

    if (fields <= 0 || *word == '#')
        return 0;
    if (fields == 1 && strcmp(word, "clear") == 0) {
        self->n = 0;
        self->delay_least_us = self->delay_most_us = 0;
        return 0;
    }
    if (fields == 2 && strcmp(word, "delay") == 0)
        return take_delay(self, second);
    number = fields >= 2 ? strtoull(second, NULL, 10) : 0;
    if (fields == 2 && strcmp(word, "refuse") == 0 && number) {
        self->deaf_us = (int64_t)number * US_PER_MS;
        return 0;
    }
    return fields == 3 ? take_rule(self, word, number, name) : -1;
}

int rules_take(struct rules *self, const char *text, int *ret_line)
{
    char line[LINE_MAX_BYTES];

    for (int number = 1; *text; number++) {
        size_t len = strcspn(text, "\n");
        *ret_line = number;
        if (len >= sizeof line)
            return -1;
        memcpy(line, text, len);
        line[len] = '\0';
        if (take_line(self, line) < 0)
            return -1;
        text += len + (text[len] == '\n');
    }
    return 0;
}

/* ---- choosing ---- */

static enum fault marked(const char *body)
{
    const char *at = strstr(body, marker);
    size_t len;

    if (!at)
        return FAULT_COUNT;
    at += sizeof marker - 1;
    len = strcspn(at, "]");
    return fault_find(at, len);
}

enum fault rules_fault(struct rules *self, const char *body, uint64_t request)
{
    enum fault fault = marked(body);

    for (size_t i = 0; fault == FAULT_COUNT && i < self->n; i++) {
        struct rule *rule = &self->list[i];
        if (rule->next) {
            rule->next--;
            fault = rule->fault;
        } else if (rule->every && request % rule->every == 0) {
            fault = rule->fault;
        }
    }
    return fault == FAULT_COUNT ? FAULT_NONE : fault;
}

int64_t rules_delay_us(struct rules *self)
{
    int64_t width = self->delay_most_us - self->delay_least_us;

    self->delay_seed = self->delay_seed * 6364136223846793005u + 1442695040888963407u;
    return self->delay_least_us + (width > 0 ? (int64_t)((self->delay_seed >> 33) % (uint64_t)width) : 0);
}
