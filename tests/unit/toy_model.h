/* A small training set and the model made of it, for tests that need one. */
#ifndef TRIAGED_TESTS_TOY_MODEL_H
#define TRIAGED_TESTS_TOY_MODEL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "decide/train.h"
#include "triage/classifier.h"

#define TOY_REPEATS 12

static const struct {
    const char *label, *subject, *body;
} toy_seeds[] = {
    {"order", "Order", "where is my order, when will the parcel ship"},
    {"order", "", "tracking number for the parcel of my order please"},
    {"order", "Bestellung", "wann kommt meine Bestellung, wo ist das Paket"},
    {"return", "Return", "i want to send the valve back, how do i return it"},
    {"return", "", "please give me a return label for this item"},
    {"return", "R\xc3\xbc" "ckgabe", "ich will das Ventil zur\xc3\xbc" "ckgeben und brauche ein Etikett"},
    {"safety", "Gas", "there is a smell of gas and burning smoke near the boiler"},
    {"safety", "", "the thermostat gave me an electric shock and smoke came out"},
    {"spam", "Cheap loans", "win a crypto prize now, click for cheap seo offers"},
    {"spam", "", "best casino bonus, buy followers and cheap pills"},
};

/* Every seed some times over with other numbers in it, so that folds do not see duplicates. */
static void toy_rows(struct example *rows, char (*bodies)[160], size_t *ret_n)
{
    size_t n = 0;

    for (size_t r = 0; r < TOY_REPEATS; r++) {
        for (size_t s = 0; s < sizeof toy_seeds / sizeof toy_seeds[0]; s++, n++) {
            snprintf(bodies[n], sizeof bodies[n], "%s %zu", toy_seeds[s].body, 100 + r * 17);
            rows[n] = (struct example){.id = "toy",
                                       .text = {.subject = toy_seeds[s].subject,
                                                .body = bodies[n],
                                                .sender = "",
                                                .channel = ""},
                                       .label = toy_seeds[s].label};
        }
    }
    *ret_n = n;
}

static int toy_train(const char *path, struct train_report *ret_report, struct err *reterr)
{
    enum { MOST = TOY_REPEATS * sizeof toy_seeds / sizeof toy_seeds[0] };
    struct example *rows = mem_array(MOST, sizeof *rows);
    char(*bodies)[160] = mem_array(MOST, sizeof *bodies);
    struct train_input input = {.rows = rows};
    int result;

    toy_rows(rows, bodies, &input.n_rows);
    result = classifier_train(&input, path, ret_report, reterr);
    mem_free(rows);
    mem_free(bodies);
    return result;
}

#endif
