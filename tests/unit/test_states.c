/* docs/STATES.md draws the transition table of flow: same states, same arrows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "triage/flow.h"

#define PAGE "docs/STATES.md"

enum { LINE_CAP = 512, WORD_CAP = 64 };

static int state_named(const char *name)
{
    for (int i = 0; i < FLOW_STATE_COUNT; i++) {
        if (strcmp(flow_state_name((enum flow_state)i), name) == 0)
            return i;
    }
    return -1;
}

/* Arrows of the page's first diagram. */
static int read_arrows(bool arrows[FLOW_STATE_COUNT][FLOW_STATE_COUNT])
{
    FILE *page = fopen(PAGE, "r");
    char line[LINE_CAP], from[WORD_CAP], to[WORD_CAP];
    bool inside = false;
    int n = 0;

    assert_non_null(page);
    while (fgets(line, sizeof line, page)) {
        if (inside && strncmp(line, "```", 3) == 0)
            break;
        if (strncmp(line, "```mermaid", 10) == 0)
            inside = true;
        if (!inside || sscanf(line, " %63s --> %63s", from, to) != 2 || strcmp(from, "[*]") == 0)
            continue;
        if (state_named(from) < 0 || state_named(to) < 0)
            fail_msg("%s draws %s --> %s, and flow has no such state", PAGE, from, to);
        if (arrows[state_named(from)][state_named(to)])
            fail_msg("%s draws %s --> %s twice", PAGE, from, to);
        arrows[state_named(from)][state_named(to)] = true;
        n++;
    }
    fclose(page);
    return n;
}

static void the_page_draws_the_transition_table(UNUSED void **state)
{
    bool arrows[FLOW_STATE_COUNT][FLOW_STATE_COUNT] = {0};

    assert_true(read_arrows(arrows) > 0);
    for (int from = 0; from < FLOW_STATE_COUNT; from++) {
        for (int to = 0; to < FLOW_STATE_COUNT; to++) {
            bool allowed = flow_transition_allowed((enum flow_state)from, (enum flow_state)to);
            if (allowed != arrows[from][to])
                fail_msg("%s --> %s: flow %s it, %s %s it", flow_state_name((enum flow_state)from),
                         flow_state_name((enum flow_state)to), allowed ? "allows" : "forbids", PAGE,
                         arrows[from][to] ? "draws" : "lacks");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_page_draws_the_transition_table)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
