/* First what changes, then what it costs, then which tickets. */
#include "evaluation/simulation_print.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"

const char *simulation_verdict(const struct survey_estimate *error, const struct sim_origin *origin)
{
    if (error->n == 0)
        return "no label says anything about these";
    if (error->high <= origin->max_error)
        return "within what the policy promises";
    if (error->low > origin->max_error)
        return "MORE than the policy promises";
    return "too few labels to tell whether it is within what the policy promises";
}

/* ---- on a terminal ---- */

static void print_row(const char *what, const char *unit, double then, double now)
{
    printf("  %-38s %12.1f %12.1f %+11.1f%s\n", what, then, now, now - then, unit);
}

static void print_error(const char *when, const struct survey_estimate *error, const struct sim_origin *origin)
{
    if (error->n == 0) {
        printf("  %-6s no labels: nobody looked at any of these tickets\n", when);
        return;
    }
    printf("  %-6s %.1f %% (%.1f to %.1f) of %zu labelled, worth %.0f equal draws; %s\n", when, 100 * error->rate,
           100 * error->low, 100 * error->high, error->n, error->n_effective, simulation_verdict(error, origin));
    if (error->covered < 1)
        printf("         says nothing about %.1f %% of them: tickets of a kind that nobody was shown\n",
               100 * (1 - error->covered));
}

static void print_sides(const struct simulation *self, const struct sim_origin *origin)
{
    const struct sim_side *then = &self->then, *now = &self->now;

    printf("%-40s %12s %12s %11s\n", "", "happened", "would", "");
    for (int e = 0; e < ENDINGS; e++)
        print_row(ending_name((enum ending)e), "", (double)then->endings[e], (double)now->endings[e]);
    print_row("coverage: no person sees it, of 100", "", 100 * simulation_share(self, then),
              100 * simulation_share(self, now));
    print_row("drafts of the model", "", (double)then->drafts, (double)now->drafts);
    puts("\nWrong labels among what no person sees, 95 % interval");
    print_error("then", &then->error, origin);
    print_error("now", &now->error, origin);
}

static void print_work(const struct simulation *self)
{
    const struct sim_side *then = &self->then, *now = &self->now;

    printf("\nReviewers: %g at work in staffed hours, %.0f s an item (%s)\n", self->settings.reviewers,
           self->mean_review_s,
           self->settings.review_seconds > 0 ? "given"
           : self->reviewed > 0              ? "as measured"
                                             : "assumed: no result says");
    print_row("hours of review", " h", then->reviewer_s / 3600, now->reviewer_s / 3600);
    print_row("items that came off hours", "", then->off_hours, now->off_hours);
    print_row("most work waiting, in hours", " h", then->backlog_most_s / 3600, now->backlog_most_s / 3600);
    print_row("still waiting at the end, in hours", " h", then->backlog_end_s / 3600, now->backlog_end_s / 3600);
    printf("  %-38s %12.4f %12.4f %+11.4f\n", "cost a ticket", simulation_cost_per_ticket(self, then),
           simulation_cost_per_ticket(self, now),
           simulation_cost_per_ticket(self, now) - simulation_cost_per_ticket(self, then));
}

static void print_hours(const struct simulation *self)
{
    printf("\nItems for people by the hour of the day%s, a day\n  %4s %9s %9s  %s\n",
           self->policy_hours ? " (zone of business_hours)" : " (UTC)", "hour", "happened", "would", "staffed");
    for (int h = 0; h < SIMULATION_DAY_HOURS; h++) {
        const struct sim_hour *hour = &self->hours[h];
        if (hour->then > 0 || hour->now > 0)
            printf("  %02d   %9.2f %9.2f  %3.0f %%\n", h, hour->then, hour->now, 100 * hour->staffed);
    }
}

static void print_matrix(const struct simulation *self)
{
    printf("\nFrom (rows) to (columns)\n  %-10s", "");
    for (int to = 0; to < ENDINGS; to++)
        printf(" %10s", ending_name((enum ending)to));
    putchar('\n');
    for (int from = 0; from < ENDINGS; from++) {
        printf("  %-10s", ending_name((enum ending)from));
        for (int to = 0; to < ENDINGS; to++)
            printf(" %10zu", self->flips[from][to]);
        putchar('\n');
    }
}

static void print_classes(const struct simulation *self)
{
    printf("\n  %-24s %8s %8s %14s %14s\n", "class", "tickets", "would be", "unseen then", "unseen now");
    for (size_t i = 0; i < self->n_classes; i++) {
        const struct sim_class *class = &self->classes[i];
        printf("  %-24s %8zu %8zu %14zu %14zu\n", class->label, class->then, class->now, class->unseen_then,
               class->unseen_now);
    }
}

static void print_decision(const struct sim_decision *decision)
{
    printf("%s %s [%s]", ending_name(decision->ending), *decision->label ? decision->label : "-", decision->reasons);
}

static void print_examples(const struct simulation *self, size_t most)
{
    size_t shown[ENDINGS][ENDINGS] = {{0}}, n = 0;

    for (size_t i = 0; i < self->n; i++) {
        const struct sim_ticket *ticket = &self->tickets[i];
        if (!simulation_differs(ticket) || shown[ticket->then.ending][ticket->now.ending]++ >= most)
            continue;
        if (n++ == 0)
            puts("\nFor example");
        printf("  %s\n    ", ticket->id);
        print_decision(&ticket->then);
        fputs("\n    -> ", stdout);
        print_decision(&ticket->now);
        puts(ticket->undrafted ? ", a draft is yet to be written" : "");
        if (ticket->text)
            printf("    %s\n", ticket->text);
    }
}

void simulation_print(const struct simulation *self, const struct sim_origin *origin)
{
    printf("%zu tickets of %s, decided again %s.\n", self->n, origin->history, origin->changes);
    printf("%zu end otherwise, %zu get another label, %zu differ in their reasons alone.\n\n", self->n_flipped,
           self->n_relabelled, self->n_reasons);
    print_sides(self, origin);
    print_work(self);
    print_hours(self);
    print_matrix(self);
    print_classes(self);
    print_examples(self, origin->examples);
    if (self->n_undrafted)
        printf("\n%zu drafts are unknown until the model writes them; %zu of these tickets are suggested and may yet "
               "go to a "
               "person.\n",
               self->n_undrafted, self->n_open);
    if (self->n_missing)
        printf("%zu results have no ticket here and are left out.\n", self->n_missing);
}

/* ---- JSON ---- */

static cJSON *error_json(const struct survey_estimate *error, const struct sim_origin *origin)
{
    cJSON *doc = cJSON_CreateObject();

    cJSON_AddNumberToObject(doc, "labelled", (double)error->n);
    cJSON_AddNumberToObject(doc, "wrong", (double)error->errors);
    if (error->n) {
        cJSON_AddNumberToObject(doc, "rate", error->rate);
        cJSON_AddNumberToObject(doc, "low", error->low);
        cJSON_AddNumberToObject(doc, "high", error->high);
    }
    cJSON_AddNumberToObject(doc, "effective", error->n_effective);
    cJSON_AddNumberToObject(doc, "covered", error->covered);
    cJSON_AddStringToObject(doc, "verdict", simulation_verdict(error, origin));
    return doc;
}

static cJSON *side_json(const struct simulation *self, const struct sim_side *side, const struct sim_origin *origin)
{
    cJSON *doc = cJSON_CreateObject(), *endings = cJSON_AddObjectToObject(doc, "status");
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"unseen", (double)side->unseen},
                   {"coverage", simulation_share(self, side)},
                   {"audits", side->audits},
                   {"drafts", (double)side->drafts},
                   {"model_seconds", side->model_s},
                   {"reviewer_seconds", side->reviewer_s},
                   {"backlog_most_seconds", side->backlog_most_s},
                   {"backlog_end_seconds", side->backlog_end_s},
                   {"off_hours", side->off_hours},
                   {"cost", side->cost},
                   {"cost_per_ticket", simulation_cost_per_ticket(self, side)}};

    for (int e = 0; e < ENDINGS; e++)
        cJSON_AddNumberToObject(endings, ending_name((enum ending)e), (double)side->endings[e]);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        cJSON_AddNumberToObject(doc, numbers[i].name, numbers[i].value);
    cJSON_AddItemToObject(doc, "error", error_json(&side->error, origin));
    return doc;
}

static void add_decision(cJSON *doc, const char *name, const struct sim_decision *decision)
{
    cJSON *at = cJSON_AddObjectToObject(doc, name);

    cJSON_AddStringToObject(at, "status", ending_name(decision->ending));
    cJSON_AddStringToObject(at, "label", decision->label);
    cJSON_AddStringToObject(at, "reasons", decision->reasons);
}

/* All of them: a script asks for them by ticket. */
static cJSON *flips_json(const struct simulation *self)
{
    cJSON *list = cJSON_CreateArray();

    for (size_t i = 0; i < self->n; i++) {
        const struct sim_ticket *ticket = &self->tickets[i];
        cJSON *one;
        if (!simulation_differs(ticket))
            continue;
        one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "id", ticket->id);
        add_decision(one, "then", &ticket->then);
        add_decision(one, "now", &ticket->now);
        cJSON_AddBoolToObject(one, "undrafted", ticket->undrafted);
        if (ticket->text)
            cJSON_AddStringToObject(one, "text", ticket->text);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *matrix_json(const struct simulation *self)
{
    cJSON *doc = cJSON_CreateObject();

    for (int from = 0; from < ENDINGS; from++) {
        cJSON *row = cJSON_AddObjectToObject(doc, ending_name((enum ending)from));
        for (int to = 0; to < ENDINGS; to++)
            cJSON_AddNumberToObject(row, ending_name((enum ending)to), (double)self->flips[from][to]);
    }
    return doc;
}

static cJSON *hours_json(const struct simulation *self)
{
    cJSON *list = cJSON_CreateArray();

    for (int h = 0; h < SIMULATION_DAY_HOURS; h++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "hour", h);
        cJSON_AddNumberToObject(one, "happened", self->hours[h].then);
        cJSON_AddNumberToObject(one, "would", self->hours[h].now);
        cJSON_AddNumberToObject(one, "staffed", self->hours[h].staffed);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *classes_json(const struct simulation *self)
{
    cJSON *list = cJSON_CreateArray();

    for (size_t i = 0; i < self->n_classes; i++) {
        const struct sim_class *class = &self->classes[i];
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "label", class->label);
        cJSON_AddNumberToObject(one, "then", (double)class->then);
        cJSON_AddNumberToObject(one, "now", (double)class->now);
        cJSON_AddNumberToObject(one, "unseen_then", (double)class->unseen_then);
        cJSON_AddNumberToObject(one, "unseen_now", (double)class->unseen_now);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

cJSON *simulation_json(const struct simulation *self, const struct sim_origin *origin)
{
    cJSON *doc = cJSON_CreateObject();
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"tickets", (double)self->n},
                   {"flipped", (double)self->n_flipped},
                   {"relabelled", (double)self->n_relabelled},
                   {"reasons_only", (double)self->n_reasons},
                   {"labelled", (double)self->n_labelled},
                   {"undrafted", (double)self->n_undrafted},
                   {"open", (double)self->n_open},
                   {"without_ticket", (double)self->n_missing},
                   {"review_seconds", self->mean_review_s},
                   {"reviewers", self->settings.reviewers}};

    cJSON_AddStringToObject(doc, "policy_then", origin->policy_then);
    cJSON_AddStringToObject(doc, "policy", origin->now.policy);
    cJSON_AddStringToObject(doc, "classifier", origin->now.classifier);
    cJSON_AddStringToObject(doc, "knowledge", origin->now.knowledge);
    cJSON_AddStringToObject(doc, "promise", origin->now.promise);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        cJSON_AddNumberToObject(doc, numbers[i].name, numbers[i].value);
    cJSON_AddItemToObject(doc, "happened", side_json(self, &self->then, origin));
    cJSON_AddItemToObject(doc, "would", side_json(self, &self->now, origin));
    cJSON_AddItemToObject(doc, "matrix", matrix_json(self));
    cJSON_AddItemToObject(doc, "hours", hours_json(self));
    cJSON_AddItemToObject(doc, "classes", classes_json(self));
    cJSON_AddItemToObject(doc, "flips", flips_json(self));
    return doc;
}
