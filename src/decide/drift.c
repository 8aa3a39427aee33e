/* Gauges: a reference, an interval, two detectors. The table says which signals there are and whose gauges they have.
 */
#include "decide/drift.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"

#define REFERENCE_Z 2.0 /* standard errors; beyond it the detectors need tens of thousands of tickets to be sure */
#define REFERENCE_SPREAD                                                                                               \
    0.02 /* least standard error of a mean, in units of 1 / sqrt(n): a constant is not known for sure */
#define RECENT_WEIGHT    0.005
#define WORDS_TOP        2000.0           /* length 1 */
#define GAUGES_MAX       (4 * LABELS_MAX) /* while they learn; live ones are far fewer */
#define STATE_VERSION    1
#define WRITTEN_LEAST    1e-30 /* of the numbers of the state */
#define WRITTEN_MOST     1e40
#define STATE_BYTES_MAX  (8 << 20)
#define STATE_TOKENS_MAX 1000000

enum kind { OF_ALL, OF_CLASS, MIX_OF_CLASSES, MIX_OF_LANGUAGES };

static const struct {
    const char *name, *meaning;
    const char *up, *down;      /* what has happened, for a person */
    double reference, of_class; /* of settings.reference: samples of its own that make a gauge's reference */
    enum kind kind;
    bool caps_up, caps_down;
} signal_table[] = {
    [DRIFT_LABEL_MIX] = {.name = "label_mix",
                         .meaning = "share of a class among the tickets",
                         .kind = MIX_OF_CLASSES,
                         .reference = 1,
                         .of_class = 1,
                         .caps_up = true,
                         .up = "more tickets of this class than before",
                         .down = "fewer tickets of this class than before"},
    [DRIFT_CONFIDENCE] = {.name = "confidence",
                          .meaning = "mean confidence",
                          .kind = OF_CLASS,
                          .reference = 1,
                          .of_class = 0.2,
                          .caps_down = true,
                          .up = "the classifier is surer than before",
                          .down = "the classifier is less sure than before"},
    [DRIFT_UNKNOWN_WORDS] = {.name = "unknown_words",
                             .meaning = "share of words that training did not see",
                             .kind = OF_ALL,
                             .reference = 1,
                             .of_class = 1,
                             .caps_up = true,
                             .up = "more words than before that training did not see",
                             .down = "fewer words than before that training did not see"},
    [DRIFT_LANGUAGE_MIX] = {.name = "language_mix",
                            .meaning = "share of a language among the tickets",
                            .kind = MIX_OF_LANGUAGES,
                            .reference = 1,
                            .of_class = 1,
                            .up = "more tickets in this language than before",
                            .down = "fewer tickets in this language than before"},
    [DRIFT_LENGTH] = {.name = "length",
                      .meaning = "length of a ticket, logarithmic",
                      .kind = OF_ALL,
                      .reference = 1,
                      .of_class = 1,
                      .up = "longer tickets than before",
                      .down = "shorter tickets than before"},
    [DRIFT_RETRIEVAL] = {.name = "retrieval",
                         .meaning = "strength of the best article",
                         .kind = OF_ALL,
                         .reference = 0.5,
                         .of_class = 1,
                         .up = "articles fit better than before",
                         .down = "articles fit worse than before"},
    [DRIFT_DRAFT_REJECTED] = {.name = "draft_rejected",
                              .meaning = "share of drafts with a claim that no source says",
                              .kind = OF_ALL,
                              .reference = 0.5,
                              .of_class = 1,
                              .up = "more drafts than before claim what no source says",
                              .down = "fewer drafts than before claim what no source says"},
    [DRIFT_OVERRIDE] = {.name = "override",
                        .meaning = "share of answers that gave another label",
                        .kind = OF_CLASS,
                        .reference = 1,
                        .of_class = 0.2,
                        .caps_up = true,
                        .up = "people give another label more often than before",
                        .down = "people give another label less often than before"},
};
_Static_assert(ARRAY_LEN(signal_table) == DRIFT_SIGNAL_COUNT, "a signal without a row");

struct gauge {
    enum drift_signal signal;
    char scope[LABEL_MAX];
    bool live; /* the reference is full */
    size_t reference_n, n;
    double sum, squares; /* of the reference */
    double low, high, recent;
    double threshold; /* of each detector */
    struct detector up, down;
    bool alarm, upwards, told, over;
    size_t calm; /* samples since the alarm, or since it was last looked whether they are back; their sum */
    double calm_sum;
};

struct drift {
    struct drift_settings settings;
    struct gauge *gauges;
    size_t n_gauges, cap;
    bool mixed;      /* classes and languages of the mixes are known */
    size_t n_mixing; /* tickets of the reference of the mixes */
    uint64_t samples;
};

const char *drift_signal_name(enum drift_signal signal)
{
    return signal_table[signal].name;
}

const char *drift_signal_meaning(enum drift_signal signal)
{
    return signal_table[signal].meaning;
}

struct drift *drift_new(const struct drift_settings *settings)
{
    struct drift *self = mem_alloc(sizeof *self);

    self->settings = *settings;
    return self;
}

void drift_free(struct drift *self)
{
    if (self)
        mem_free(self->gauges);
    mem_free(self);
}

bool drift_learning(const struct drift *self)
{
    return !self->mixed;
}

uint64_t drift_samples(const struct drift *self)
{
    return self->samples;
}

/* ---- gauges ---- */

static bool mixes(enum drift_signal signal)
{
    return signal_table[signal].kind == MIX_OF_CLASSES || signal_table[signal].kind == MIX_OF_LANGUAGES;
}

static struct gauge *gauge_find(struct drift *self, enum drift_signal signal, const char *scope)
{
    for (size_t i = 0; i < self->n_gauges; i++) {
        if (self->gauges[i].signal == signal && strcmp(self->gauges[i].scope, scope) == 0)
            return &self->gauges[i];
    }
    return NULL;
}

static size_t live_of(const struct drift *self, enum drift_signal signal)
{
    size_t n = 0;

    for (size_t i = 0; i < self->n_gauges; i++)
        n += self->gauges[i].signal == signal && self->gauges[i].live;
    return n;
}

/* Live gauges that a signal may have: its part of the allowance is split over so many. */
static size_t most_of(enum drift_signal signal)
{
    static const size_t most[] = {[OF_ALL] = 1,
                                  [OF_CLASS] = DRIFT_CLASSES_MAX + 1,
                                  [MIX_OF_CLASSES] = DRIFT_CLASSES_MAX + 1,
                                  [MIX_OF_LANGUAGES] = DRIFT_LANGUAGES_MAX + 1};

    return most[signal_table[signal].kind];
}

/* NULL: there is no room for another. */
static struct gauge *gauge_take(struct drift *self, enum drift_signal signal, const char *scope)
{
    struct gauge *found = gauge_find(self, signal, scope);

    if (found)
        return found;
    if (self->n_gauges == GAUGES_MAX)
        return NULL;
    if (self->n_gauges == self->cap) {
        self->cap = self->cap ? 2 * self->cap : 64;
        self->gauges = mem_grow(self->gauges, self->cap, sizeof *self->gauges);
    }
    found = &self->gauges[self->n_gauges++];
    *found = (struct gauge){.signal = signal};
    snprintf(found->scope, sizeof found->scope, "%s", scope);
    return found;
}

/* Each signal has an equal part of the allowance, and within it each gauge that it may have, and each direction. */
static double threshold_of(const struct drift *self, enum drift_signal signal)
{
    return self->settings.false_alarm * DRIFT_SIGNAL_COUNT * 2 * (double)most_of(signal);
}

static double within(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* Wilson's interval, with the variance that was seen where the values are no shares: it is at most that of a share. */
static void set_interval(struct gauge *self)
{
    double n = (double)self->reference_n, mean = self->sum / n;
    double variance = fmax(self->squares / n - mean * mean, 0), z2 = REFERENCE_Z * REFERENCE_Z;
    double shape = mean * (1 - mean) > 0 ? fmin(variance / (mean * (1 - mean)), 1) : 1; /* 1: a share */
    double middle = (mean + shape * z2 / (2 * n)) / (1 + shape * z2 / n);
    double half = REFERENCE_Z * sqrt(variance / n + shape * shape * z2 / (4 * n * n)) / (1 + shape * z2 / n);

    half = fmax(half, REFERENCE_Z * REFERENCE_SPREAD / sqrt(n));
    self->low = within(fmin(middle - half, mean), 0, 1);
    self->high = within(fmax(middle + half, mean), 0, 1);
}

/* A bound at an end of the scale can't be left on that side. */
static void restart(struct gauge *self)
{
    detector_init(&self->up, fmin(self->high, 1 - 1e-6), 1 / self->threshold);
    detector_init(&self->down, fmin(1 - self->low, 1 - 1e-6), 1 / self->threshold);
}

static void make_live(struct drift *self, struct gauge *gauge)
{
    set_interval(gauge);
    gauge->threshold = threshold_of(self, gauge->signal);
    gauge->recent = gauge->sum / (double)gauge->reference_n;
    gauge->live = true;
    restart(gauge);
}

static void learn(struct gauge *self, double value)
{
    self->reference_n++;
    self->sum += value;
    self->squares += value * value;
}

static double reference_of(const struct gauge *self)
{
    return *self->scope && !mixes(self->signal) ? signal_table[self->signal].of_class
                                                : signal_table[self->signal].reference;
}

static void watch_end(struct gauge *self, double value)
{
    double mean;

    self->calm_sum += value;
    if (++self->calm < self->reference_n)
        return;
    mean = self->calm_sum / (double)self->calm;
    self->calm = 0;
    self->calm_sum = 0;
    if (mean < self->low || mean > self->high)
        return;
    self->alarm = false;
    self->over = true;
    restart(self);
}

static void test(struct gauge *self, double value)
{
    bool up = detector_feed_value(&self->up, value), down = detector_feed_value(&self->down, 1 - value);

    self->n++;
    self->recent += RECENT_WEIGHT * (value - self->recent);
    if (self->alarm) {
        watch_end(self, value);
    } else if (up || down) {
        self->alarm = true;
        self->upwards = up;
        self->told = self->over = false;
        self->calm = 0;
        self->calm_sum = 0;
    }
}

/* Gauges that learn by themselves: the mixes do it together. */
static void give(struct drift *self, enum drift_signal signal, const char *scope, double value)
{
    struct gauge *gauge = gauge_take(self, signal, scope);

    if (!gauge)
        return;
    value = within(value, 0, 1);
    if (gauge->live) {
        test(gauge, value);
        return;
    }
    learn(gauge, value);
    if ((double)gauge->reference_n >= reference_of(gauge) * (double)self->settings.reference &&
        live_of(self, signal) < most_of(signal))
        make_live(self, gauge);
}

/* ---- mixes ---- */

static void count_one(struct drift *self, enum drift_signal signal, const char *scope)
{
    struct gauge *gauge = gauge_take(self, signal, scope);

    if (gauge)
        learn(gauge, 1);
}

/* How many of the signal's have seen more than this one; of equals the first counts as more. */
static size_t rank_of(const struct drift *self, const struct gauge *gauge)
{
    size_t rank = 0;

    for (const struct gauge *other = self->gauges; other < self->gauges + self->n_gauges; other++)
        rank +=
            other->signal == gauge->signal && (other->sum > gauge->sum || (other->sum == gauge->sum && other < gauge));
    return rank;
}

/* Rare ones go into the rest. */
static void close_mix(struct drift *self, enum drift_signal signal)
{
    bool *drop = mem_array(self->n_gauges, sizeof *drop);
    size_t kept = 0, n = self->n_gauges;
    double named = 0;

    for (size_t i = 0; i < n; i++)
        drop[i] = self->gauges[i].signal == signal && (self->gauges[i].sum < DRIFT_OF_CLASS_LEAST ||
                                                       rank_of(self, &self->gauges[i]) >= most_of(signal) - 1);
    for (size_t i = 0; i < n; i++) {
        if (drop[i])
            continue;
        named += self->gauges[i].signal == signal ? self->gauges[i].sum : 0;
        self->gauges[kept++] = self->gauges[i];
    }
    mem_free(drop);
    self->n_gauges = kept;
    gauge_take(self, signal, DRIFT_REST)->sum = (double)self->n_mixing - named;
    for (size_t i = 0; i < self->n_gauges; i++) {
        struct gauge *gauge = &self->gauges[i];
        if (gauge->signal != signal)
            continue;
        gauge->reference_n = self->n_mixing;
        gauge->squares = gauge->sum;
        make_live(self, gauge);
    }
}

static void test_mix(struct drift *self, enum drift_signal signal, const char *scope)
{
    const struct gauge *own = gauge_find(self, signal, scope);

    for (size_t i = 0; i < self->n_gauges; i++) {
        struct gauge *gauge = &self->gauges[i];
        if (gauge->signal != signal)
            continue;
        bool hit = own ? gauge == own : strcmp(gauge->scope, DRIFT_REST) == 0;
        if (gauge->live) {
            test(gauge, hit ? 1 : 0);
            continue;
        }
        learn(gauge, hit ? 1 : 0); /* what was forgotten learns alone */
        if (gauge->reference_n >= self->settings.reference)
            make_live(self, gauge);
    }
}

static void take_mixes(struct drift *self, const struct drift_sample *sample)
{
    const char *scopes[DRIFT_SIGNAL_COUNT] = {
        [DRIFT_LABEL_MIX] = sample->label, [DRIFT_LANGUAGE_MIX] = sample->language};

    for (enum drift_signal signal = 0; signal < DRIFT_SIGNAL_COUNT; signal++) {
        if (!mixes(signal))
            continue;
        if (self->mixed)
            test_mix(self, signal, scopes[signal]);
        else
            count_one(self, signal, scopes[signal]);
    }
    if (self->mixed || ++self->n_mixing < self->settings.reference)
        return;
    for (enum drift_signal signal = 0; signal < DRIFT_SIGNAL_COUNT; signal++) {
        if (mixes(signal))
            close_mix(self, signal);
    }
    self->mixed = true;
}

void drift_take(struct drift *self, const struct drift_sample *sample)
{
    self->samples++;
    if (sample->reviewed) {
        if (*sample->label)
            give(self, DRIFT_OVERRIDE, sample->label, sample->overridden ? 1 : 0);
        return;
    }
    if (sample->words <= 0)
        return;
    take_mixes(self, sample);
    give(self, DRIFT_CONFIDENCE, "", sample->confidence);
    give(self, DRIFT_CONFIDENCE, sample->label, sample->confidence);
    give(self, DRIFT_UNKNOWN_WORDS, "", sample->unknown_words);
    give(self, DRIFT_LENGTH, "", log(1 + (double)sample->words) / log(1 + WORDS_TOP));
    if (sample->retrieval >= 0)
        give(self, DRIFT_RETRIEVAL, "", sample->retrieval);
    if (sample->drafted)
        give(self, DRIFT_DRAFT_REJECTED, "", sample->rejected ? 1 : 0);
}

/* ---- telling ---- */

static double evidence_of(const struct gauge *self)
{
    double evidence = fmax(detector_evidence(&self->up), detector_evidence(&self->down));

    return self->live && evidence > 1 ? log(evidence) / log(self->threshold) : 0;
}

static void read_gauge(const struct gauge *self, struct drift_reading *ret_reading)
{
    *ret_reading = (struct drift_reading){.signal = self->signal,
                                          .learning = !self->live,
                                          .reference_n = self->reference_n,
                                          .n = self->n,
                                          .reference = self->reference_n ? self->sum / (double)self->reference_n : 0,
                                          .low = self->low,
                                          .high = self->high,
                                          .recent = self->recent,
                                          .evidence = evidence_of(self),
                                          .alarm = self->alarm,
                                          .upwards = self->upwards,
                                          .since = self->upwards ? self->up.since : self->down.since};
    memcpy(ret_reading->scope, self->scope, sizeof ret_reading->scope);
}

void drift_each(const struct drift *self, void (*take)(void *opaque, const struct drift_reading *reading), void *opaque)
{
    for (size_t i = 0; i < self->n_gauges; i++) {
        struct drift_reading reading;
        read_gauge(&self->gauges[i], &reading);
        take(opaque, &reading);
    }
}

static void write_event(const struct gauge *gauge, struct drift_event *ret_event)
{
    struct drift_event event = {.over = gauge->over};

    read_gauge(gauge, &event.reading);
    event.caps = !event.over &&
                 (gauge->upwards ? signal_table[gauge->signal].caps_up : signal_table[gauge->signal].caps_down) &&
                 strcmp(gauge->scope, DRIFT_REST) != 0;
    snprintf(event.text, sizeof event.text, "%s: %s; mean %.3f, expected %.3f to %.3f.",
             drift_signal_name(gauge->signal),
             event.over       ? "back where it was"
             : gauge->upwards ? signal_table[gauge->signal].up
                              : signal_table[gauge->signal].down,
             gauge->recent, gauge->low, gauge->high);
    *ret_event = event;
}

bool drift_next_event(struct drift *self, struct drift_event *ret_event)
{
    for (size_t i = 0; i < self->n_gauges; i++) {
        struct gauge *gauge = &self->gauges[i];
        if (!(gauge->alarm && !gauge->told) && !gauge->over)
            continue;
        write_event(gauge, ret_event);
        gauge->told = true;
        gauge->over = false;
        return true;
    }
    return false;
}

bool drift_forget(struct drift *self, enum drift_signal signal, const char *scope)
{
    struct gauge *gauge = gauge_find(self, signal, scope);

    if (!gauge)
        return false;
    *gauge = (struct gauge){.signal = signal};
    snprintf(gauge->scope, sizeof gauge->scope, "%s", scope);
    return true;
}

/* ---- keeping ---- */

static const struct {
    const char *name;
    size_t at;
} detector_numbers[] = {{"max", offsetof(struct detector, max_error)}, {"sum", offsetof(struct detector, sum)}};

static const struct {
    const char *name;
    size_t at;
} gauge_numbers[] = {{"total", offsetof(struct gauge, sum)},
                     {"squares", offsetof(struct gauge, squares)},
                     {"low", offsetof(struct gauge, low)},
                     {"high", offsetof(struct gauge, high)},
                     {"recent", offsetof(struct gauge, recent)},
                     {"calm_sum", offsetof(struct gauge, calm_sum)},
                     {"threshold", offsetof(struct gauge, threshold)}};

static const struct {
    const char *name;
    size_t at;
} gauge_counts[] = {{"reference_n", offsetof(struct gauge, reference_n)},
                    {"n", offsetof(struct gauge, n)},
                    {"calm", offsetof(struct gauge, calm)}};

static const struct {
    const char *name;
    size_t at;
} gauge_flags[] = {{"live", offsetof(struct gauge, live)},
                   {"alarm", offsetof(struct gauge, alarm)},
                   {"upwards", offsetof(struct gauge, upwards)},
                   {"told", offsetof(struct gauge, told)},
                   {"over", offsetof(struct gauge, over)}};

static double *number_in(void *object, size_t at)
{
    return (double *)(void *)((char *)object + at);
}

/* Postgres writes numbers of jsonb out in full, and the reader takes no more than 60 digits. */
static double writable(double value)
{
    return fabs(value) < WRITTEN_LEAST ? 0 : within(value, -WRITTEN_MOST, WRITTEN_MOST);
}

static cJSON *detector_json(struct detector *self)
{
    cJSON *doc = cJSON_CreateObject(), *wealth = cJSON_AddArrayToObject(doc, "wealth");

    for (size_t i = 0; i < ARRAY_LEN(detector_numbers); i++)
        cJSON_AddNumberToObject(doc, detector_numbers[i].name, writable(*number_in(self, detector_numbers[i].at)));
    cJSON_AddNumberToObject(doc, "n", (double)self->n);
    cJSON_AddNumberToObject(doc, "since", (double)self->since);
    for (int i = 0; i < DETECTOR_BETS; i++) /* a bet that is nearly lost is not 0: from there it never recovers */
        cJSON_AddItemToArray(wealth, cJSON_CreateNumber(within(self->wealth[i], WRITTEN_LEAST, WRITTEN_MOST)));
    return doc;
}

static cJSON *gauge_json(const struct gauge *gauge)
{
    struct gauge self = *gauge; /* the tables point into one that may be written */
    cJSON *doc = cJSON_CreateObject();

    cJSON_AddStringToObject(doc, "signal", drift_signal_name(self.signal));
    cJSON_AddStringToObject(doc, "scope", self.scope);
    for (size_t i = 0; i < ARRAY_LEN(gauge_numbers); i++)
        cJSON_AddNumberToObject(doc, gauge_numbers[i].name, writable(*number_in(&self, gauge_numbers[i].at)));
    for (size_t i = 0; i < ARRAY_LEN(gauge_counts); i++)
        cJSON_AddNumberToObject(doc, gauge_counts[i].name,
                                (double)*(size_t *)(void *)((char *)&self + gauge_counts[i].at));
    for (size_t i = 0; i < ARRAY_LEN(gauge_flags); i++)
        cJSON_AddBoolToObject(doc, gauge_flags[i].name, *(bool *)((char *)&self + gauge_flags[i].at));
    if (self.live) {
        cJSON_AddItemToObject(doc, "up", detector_json(&self.up));
        cJSON_AddItemToObject(doc, "down", detector_json(&self.down));
    }
    return doc;
}

char *drift_save(const struct drift *self)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    cJSON *gauges;

    cJSON_AddNumberToObject(doc, "version", STATE_VERSION);
    cJSON_AddNumberToObject(doc, "reference", (double)self->settings.reference);
    cJSON_AddNumberToObject(doc, "false_alarm", self->settings.false_alarm);
    cJSON_AddBoolToObject(doc, "mixed", self->mixed);
    cJSON_AddNumberToObject(doc, "n_mixing", (double)self->n_mixing);
    cJSON_AddNumberToObject(doc, "samples", (double)self->samples);
    gauges = cJSON_AddArrayToObject(doc, "gauges");
    for (size_t i = 0; i < self->n_gauges; i++)
        cJSON_AddItemToArray(gauges, gauge_json(&self->gauges[i]));
    return json_text(doc);
}

static void detector_read(const cJSON *doc, double alpha, struct detector *self)
{
    const cJSON *wealth = json_get(doc, "wealth");

    detector_init(self, within(json_num(doc, "max", 0.5), 1e-9, 1 - 1e-9), alpha);
    self->sum = json_num(doc, "sum", 0);
    self->n = (size_t)json_num(doc, "n", 0);
    self->since = (size_t)json_num(doc, "since", 0);
    for (int i = 0; i < DETECTOR_BETS; i++) {
        const cJSON *one = cJSON_GetArrayItem(wealth, i);
        self->wealth[i] = cJSON_IsNumber(one) ? one->valuedouble : 0;
    }
}

static void gauge_read(const cJSON *doc, struct gauge *self)
{
    for (size_t i = 0; i < ARRAY_LEN(gauge_numbers); i++)
        *number_in(self, gauge_numbers[i].at) = json_num(doc, gauge_numbers[i].name, 0);
    for (size_t i = 0; i < ARRAY_LEN(gauge_counts); i++)
        *(size_t *)(void *)((char *)self + gauge_counts[i].at) = (size_t)json_num(doc, gauge_counts[i].name, 0);
    for (size_t i = 0; i < ARRAY_LEN(gauge_flags); i++)
        *(bool *)((char *)self + gauge_flags[i].at) = cJSON_IsTrue(json_get(doc, gauge_flags[i].name));
    if (!self->live)
        return;
    self->threshold = fmax(self->threshold, 1);
    detector_read(json_get(doc, "up"), 1 / self->threshold, &self->up);
    detector_read(json_get(doc, "down"), 1 / self->threshold, &self->down);
}

static enum drift_signal signal_of(const char *name)
{
    enum drift_signal signal = 0;

    while (signal < DRIFT_SIGNAL_COUNT && strcmp(signal_table[signal].name, name) != 0)
        signal++;
    return signal;
}

int drift_load(const char *text, struct drift **ret_drift, struct err *reterr)
{
    static const struct json_limits limits = {STATE_BYTES_MAX, JSON_DEPTH_MAX, STATE_TOKENS_MAX};
    CLEANUP(json_done) cJSON *doc = NULL;
    const cJSON *one;
    struct drift *self;

    if (json_parse(text, strlen(text), &limits, &doc, reterr) < 0)
        return err_context(reterr, "the state of drift");
    if ((int)json_num(doc, "version", 0) != STATE_VERSION)
        return err_set(reterr, ERR_PERMANENT, 0,
                       "the state of drift is of another version: delete it, and drift learns anew");
    self = drift_new(&(struct drift_settings){.reference = (size_t)json_num(doc, "reference", 0),
                                              .false_alarm = json_num(doc, "false_alarm", 0)});
    self->mixed = cJSON_IsTrue(json_get(doc, "mixed"));
    self->n_mixing = (size_t)json_num(doc, "n_mixing", 0);
    self->samples = (uint64_t)json_num(doc, "samples", 0);
    cJSON_ArrayForEach(one, json_get(doc, "gauges"))
    {
        enum drift_signal signal = signal_of(json_str(one, "signal", ""));
        struct gauge *gauge = signal < DRIFT_SIGNAL_COUNT ? gauge_take(self, signal, json_str(one, "scope", "")) : NULL;
        if (gauge)
            gauge_read(one, gauge);
    }
    *ret_drift = self;
    return 0;
}
