#include <string.h>

#include "base/attrs.h"
#include "triage/result.h"

/* Priority of a review request by the word that the helpdesk uses: Zendesk's, Freshdesk's and Zammad's. */
static const struct {
    const char *word;
    int priority;
} priority_table[] = {
    {"urgent", 90}, {"critical", 90}, {"highest", 90}, {"4", 90},      {"high", 70},
    {"3 high", 70}, {"3", 70},        {"normal", 50},  {"medium", 50}, {"2 normal", 50},
    {"2", 50},      {"low", 30},      {"1 low", 30},   {"1", 30},      {"lowest", 10},
};

int result_priority_of(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(priority_table); i++) {
        if (strcmp(priority_table[i].word, word) == 0)
            return priority_table[i].priority;
    }
    return -1;
}
