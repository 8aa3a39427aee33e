/* triaged calibrate: certify a promise on labelled rows that nothing else has used. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/opinion.h"
#include "decide/linear.h"
#include "decide/promise.h"
#include "evaluation/rows.h"
#include "triage/policy.h"

#define SAY_EVERY_US       2000000 /* progress, when it takes that long */
#define MAX_ERROR_DEFAULT  0.05
#define CONFIDENCE_DEFAULT 0.9

struct options {
    const char *model, *data, *oos, *per, *policy, *out, *target;
    double oos_share, max_error, confidence; /* 0: not given */
    struct opinion asked;
    bool json;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--model", "MODEL", OPTION_TEXT, model, "the model file"),
    ROW_NEEDED("--data", "FILE|FOLDER", OPTION_TEXT, data, "labelled rows, JSON Lines {id, subject, body, label}"),
    ROW_NEEDED("--out", "FILE", OPTION_TEXT, out, "the promise, replaced in one step"),
    ROW_SHARE("--max-error", "E", max_error,
              "share of wrong labels among the accepted (default: the policy's, else 0.05)"),
    ROW_SHARE("--confidence", "C", confidence, "how sure that must be (default: the policy's, else 0.9)"),
    ROW_TEXT("--oos", "FILE", oos, "out-of-scope rows; none of their labels is right"),
    ROW_SHARE("--oos-share", "S", oos_share, "what part of the real traffic they make up"),
    ROW_CHOICE("--per", "all|class|group|language", per,
               "all: one promise over everything accepted (the default). class: one for each class, all of them at "
               "once with confidence C; takes many more labels. group: one for each risk of the policy's classes (low, "
               "medium, high). language: one for texts that the encoder reads and one for those in other languages; "
               "taken by itself when nothing is said here and both have rows enough"),
    ROW_TEXT("--policy", "FILE", policy, "names the groups, and what is promised when nothing is said here"),
    ROW_FLAG("--json", json, "print the promise instead of sentences"),
    ROW_TARGET(target),
    ROWS_OPINION(asked),
};
static const struct option_table table_of_options = {
    .command = "calibrate",
    .about = "Finds the threshold at which at most the share E of the accepted labels is wrong, with confidence C, and "
             "writes it down as a promise. The rows must be like the real traffic and must not have been used for "
             "training or choosing; use them once. Where nothing can be certified the promise has no thresholds and "
             "says how many labels are missing; that is no failure.",
    OPTION_ROWS(option_rows),
    .example = "triaged calibrate --model model.bin --data held.jsonl --out promise.json --max-error 0.05",
};

static int check(const struct options *self)
{
    if (!self->oos != !(self->oos_share > 0))
        fputs("triaged calibrate: --oos goes with --oos-share; try 'triaged calibrate --help'\n", stderr);
    else if (self->per && strcmp(self->per, promise_per_word(PROMISE_PER_GROUP)) == 0 && !self->policy)
        fputs("triaged calibrate: --per group needs --policy: the groups are the risks of its classes\n", stderr);
    else
        return 0;
    return EX_USAGE;
}

/* ---- what is asked for ---- */

struct question {
    double max_error, confidence, oos_share;
    enum promise_per per;
    bool per_chosen; /* by whoever calls */
};

static enum promise_per per_of(const char *word)
{
    int i = PROMISE_PER_COUNT - 1;

    while (i > 0 && strcmp(word, promise_per_word((enum promise_per)i)) != 0)
        i--;
    return (enum promise_per)i;
}

static struct question question_of(const struct options *options, const struct policy *policy)
{
    return (struct question){
        .max_error = options->max_error > 0 ? options->max_error
                     : policy               ? policy_promise_max_error(policy)
                                            : MAX_ERROR_DEFAULT,
        .confidence = options->confidence > 0 ? options->confidence
                      : policy                ? policy_promise_confidence(policy)
                                              : CONFIDENCE_DEFAULT,
        .oos_share = options->oos_share,
        .per = options->per ? per_of(options->per) : PROMISE_PER_ALL,
        .per_chosen = options->per,
    };
}

/* ---- parts ---- */

struct parts {
    struct promise_label *labels;
    const char **names; /* borrowed */
    struct promise_partition partition;
};

static struct parts parts_by_language(struct parts parts)
{
    parts.names[PROMISE_READ] = "read";
    parts.names[PROMISE_FOREIGN] = "foreign";
    parts.partition = (struct promise_partition){
        .per = PROMISE_PER_LANGUAGE, .names = parts.names, .n_parts = PROMISE_LANGUAGES, .labels = parts.labels};
    return parts;
}

/* The model's labels are sorted, and so are the promise's. Per all the languages are counted. */
static void parts_of(const struct classifier *model, const struct policy *policy, enum promise_per per,
                     struct parts *ret_parts)
{
    static const char *const risks[] = {[RISK_LOW] = "low", [RISK_MEDIUM] = "medium", [RISK_HIGH] = "high"};
    size_t n = classifier_label_count(model), n_names = per == PROMISE_PER_CLASS ? n : ARRAY_LEN(risks);
    struct parts parts = {.labels = mem_array(n, sizeof *parts.labels),
                          .names = mem_array(n_names, sizeof *parts.names)};

    if (per == PROMISE_PER_ALL || per == PROMISE_PER_LANGUAGE) {
        *ret_parts = parts_by_language(parts);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const char *label = classifier_label_at(model, i);
        const struct policy_class *class = per == PROMISE_PER_GROUP ? policy_class_find(policy, label) : NULL;
        strncat(parts.labels[i].label, label, LABEL_MAX - 1);
        parts.labels[i].part = per == PROMISE_PER_CLASS ? (uint32_t)i
                               : class                  ? (uint32_t) class->risk
                                                        : PROMISE_NO_PART;
    }
    for (size_t k = 0; k < n_names; k++)
        parts.names[k] = per == PROMISE_PER_CLASS ? classifier_label_at(model, k) : risks[k];
    parts.partition = (struct promise_partition){
        .per = per, .names = parts.names, .n_parts = n_names, .labels = parts.labels, .n_labels = n};
    *ret_parts = parts;
}

static void parts_done(struct parts *self)
{
    mem_free(self->labels);
    mem_free(self->names);
}

/* ---- certifying ---- */

/* On a terminal only: a line that replaces itself. */
static void say_progress(const char *what, size_t done, size_t all, int64_t *last_us)
{
    int64_t now = clock_mono_us();

    if (!isatty(STDERR_FILENO) || (now - *last_us < SAY_EVERY_US && done < all))
        return;
    if (done == all)
        fputs("\r\033[K", stderr);
    else
        fprintf(stderr, "\rcalibrate: %zu of %zu %s rows", done, all, what);
    *last_us = now;
}

/* The model, with the scratch it answers by. */
struct asked {
    const struct classifier *model;
    struct classifier_scratch *scratch;
};

static struct promise_row *predict_all(const struct asked *asked, const struct promise_partition *partition,
                                       const struct rows *rows, bool oos)
{
    struct promise_row *out = mem_array(rows->n, sizeof *out);
    int64_t said_us = clock_mono_us();
    struct prediction prediction;

    for (size_t i = 0; i < rows->n; i++) {
        classifier_predict(asked->model, asked->scratch, &rows->rows[i].text, &prediction);
        out[i] = (struct promise_row){
            .confidence = prediction.top[0].confidence,
            .scope_score = prediction.scope_score,
            .part = promise_part_of(partition->per, partition->labels, partition->n_labels, &prediction),
            .wrong = oos || strcmp(prediction.top[0].label, rows->rows[i].label) != 0};
        say_progress(oos ? "out-of-scope" : "labelled", i + 1, rows->n, &said_us);
    }
    return out;
}

/* Whether the encoder's language and others both have rows enough for a promise of their own: by numbers alone. */
static bool languages_apart(const struct promise_input *input)
{
    size_t least = promise_rows_least(input, PROMISE_LANGUAGES), foreign = 0;

    for (size_t i = 0; i < input->n; i++)
        foreign += input->rows[i].part == PROMISE_FOREIGN;
    return foreign >= least && input->n - foreign >= least;
}

static void certify(const struct asked *asked, const struct question *question,
                    const struct promise_partition *partition, const struct rows *rows, const struct rows *oos,
                    struct promise *ret_promise)
{
    struct classifier_view view;
    struct promise_row *in_rows = predict_all(asked, partition, rows, false);
    struct promise_row *oos_rows = predict_all(asked, partition, oos, true);

    classifier_look(asked->model, &view);
    const struct promise_input input = {.rows = in_rows,
                                        .n = rows->n,
                                        .oos = oos_rows,
                                        .n_oos = oos->n,
                                        .oos_share = question->oos_share,
                                        .confidences = view.sequence->confidences,
                                        .scopes = view.sequence->scopes,
                                        .joint = view.sequence->joint,
                                        .n_sequence = MODEL_SEQUENCE_LEN,
                                        .max_error = question->max_error,
                                        .confidence = question->confidence};
    if (question->per == PROMISE_PER_ALL && (question->per_chosen || !languages_apart(&input)))
        promise_certify(&input, ret_promise);
    else
        promise_certify_parts(&input, partition, ret_promise);
    memcpy(ret_promise->model, classifier_hash(asked->model), sizeof ret_promise->model);
    memcpy(ret_promise->data, rows->hash, sizeof ret_promise->data);
    clock_rfc3339(clock_wall_us(), ret_promise->created);
    mem_free(in_rows);
    mem_free(oos_rows);
}

/* ---- what is said ---- */

static void print_missing(const char *who, const struct promise *promise, size_t missing, bool reachable)
{
    if (reachable)
        printf("%snot certified: about %zu more labels are missing for at most %.1f %% wrong with confidence %.0f %%\n",
               who, missing, promise->max_error * 100, promise->confidence * 100);
    else
        printf("%snot certified: even the most confident labels are wrong too often, or too few; at least %zu more "
               "labels\n"
               "could show whether that is chance, a better model or clearer classes would help more\n",
               who, missing);
}

static void print_certified(const struct promise *promise)
{
    printf("certified: at most %.1f %% wrong with confidence %.0f %%", promise->max_error * 100,
           promise->confidence * 100);
    if (promise->per == PROMISE_PER_ALL)
        printf(", at threshold %.4f\n", promise->threshold);
    else
        printf(", for each certified %s\n", promise_per_word(promise->per));
    printf("coverage %.1f %% of the traffic; %zu accepted of %zu labelled rows, %zu of them wrong",
           promise->coverage * 100, promise->accepted, promise->n, promise->errors);
    if (promise->gated)
        printf("; %zu accepted of %zu out of scope", promise->oos_accepted, promise->n_oos);
    printf("; bound %.4f\n", promise->bound);
}

static void print_parts(const struct promise *promise)
{
    size_t certified = 0;

    for (size_t k = 0; k < promise->n_parts; k++)
        certified += promise->parts[k].certified;
    printf("%zu of %zu parts certified; the allowance is split over %zu\n", certified, promise->n_parts,
           promise->n_tested);
    for (size_t k = 0; k < promise->n_parts; k++) {
        const struct promise_part *part = &promise->parts[k];
        printf("  %-32s %6zu rows  ", part->name, part->n);
        if (part->certified)
            printf("threshold %.4f, coverage %.1f %%, %zu of %zu wrong\n", part->threshold, part->coverage * 100,
                   part->errors, part->accepted);
        else
            printf(part->reachable ? "about %zu more labels missing\n" : "at least %zu more labels missing\n",
                   part->labels_missing);
    }
}

static void print_promise(const struct promise *promise, bool json)
{
    if (json) {
        CLEANUP(mem_freep) char *text = promise_text(promise);
        puts(text);
        return;
    }
    if (promise->certified)
        print_certified(promise);
    else
        print_missing("", promise, promise->labels_missing, promise->reachable);
    if (promise->per != PROMISE_PER_ALL)
        print_parts(promise);
}

/* ---- the command ---- */

static int read_data(const struct options *options, struct rows *rows, struct rows *oos)
{
    struct err err = {0};
    const char *why = NULL;

    if (rows_read(&options->data, 1, options->target, rows, &err) < 0 ||
        (options->oos && rows_read(&options->oos, 1, options->target, oos, &err) < 0))
        return cmd_fail("calibrate", &err);
    if (rows->n_bad || oos->n_bad)
        why = rows->n_bad ? rows->first_bad : oos->first_bad;
    if (why)
        fprintf(stderr, "triaged calibrate: %s; a promise needs every row: mend the data\n", why);
    else if (rows->n == 0 || (options->oos && oos->n == 0))
        fprintf(stderr, "triaged calibrate: %s has no rows\n", rows->n == 0 ? options->data : options->oos);
    else
        return 0;
    return EX_DATAERR;
}

static int run(const struct options *options, const struct classifier *model, const struct policy *policy)
{
    CLEANUP(rows_done) struct rows rows = {0};
    CLEANUP(rows_done) struct rows oos = {0};
    CLEANUP(promise_done) struct promise promise = {0};
    CLEANUP(parts_done) struct parts parts = {0};
    struct asked asked = {.model = model};
    const struct question question = question_of(options, policy);
    struct err err = {0};
    int code = read_data(options, &rows, &oos);

    if (code)
        return code;
    if (question.per != PROMISE_PER_ALL)
        parts_of(model, policy, question.per, &parts);
    asked.scratch = opinion_scratch(&options->asked, "calibrate", model);
    if (!asked.scratch)
        return EX_NOINPUT;
    certify(&asked, &question, &parts.partition, &rows, &oos, &promise);
    classifier_scratch_free(asked.scratch);
    if (promise_save(&promise, options->out, &err) < 0)
        return cmd_fail("calibrate", &err);
    print_promise(&promise, options->json);
    return 0;
}

int cmd_calibrate(int argc, char **argv)
{
    struct options options = {0};
    struct classifier *model = NULL;
    struct policy *policy = NULL;
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    code = check(&options);
    if (code)
        return code;
    if (classifier_load(options.model, &model, &err) < 0 ||
        (options.policy && policy_load(options.policy, &policy, &err) < 0))
        code = cmd_fail("calibrate", &err);
    else
        code = run(&options, model, policy);
    policy_free(policy);
    classifier_free(model);
    return code;
}
