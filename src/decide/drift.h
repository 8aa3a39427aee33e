/* Has the traffic changed since the model was put in force? Each signal of a ticket is a value of 0..1. Its first
 * values are the reference: they give an interval for the mean that chance alone leaves in REFERENCE_Z standard errors.
 * Then two e-detectors (detector.h) bet against "the mean lies in it", one upwards and one downwards, and alarm when
 * their evidence reaches a threshold. The thresholds are split so that, as long as no mean leaves its interval, the
 * mean number of tickets to the first false alarm of any of them is at least false_alarm. What the interval itself
 * costs, because the reference is a sample too, is measured by tests/stats/drift.c. Pure, and the whole state goes into
 * a document and back, so that who reads tickets can stop anywhere and go on. Sources: Shin, Ramdas and Rinaldo,
 * E-detectors (NEJSDS 2023); Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (JRSS B
 * 2024); Wilson, Probable inference (JASA 22, 1927) for the interval of a share. */
#ifndef TRIAGED_DECIDE_DRIFT_H
#define TRIAGED_DECIDE_DRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decide/detector.h"
#include "triage/decision.h"
#include "triage/err.h"

#define DRIFT_CLASSES_MAX                                                                                              \
    32 /* with a gauge of their own in each signal; the rest of the classes counts as DRIFT_REST */
#define DRIFT_LANGUAGES_MAX  8
#define DRIFT_REST           "(other)"
#define DRIFT_OF_CLASS_LEAST 30 /* of the reference: a rarer class counts as DRIFT_REST in the mix */
#define DRIFT_TEXT_MAX       200

enum drift_signal {
    DRIFT_LABEL_MIX,      /* share of each class among what is classified */
    DRIFT_CONFIDENCE,     /* mean confidence, of all and of each class */
    DRIFT_UNKNOWN_WORDS,  /* share of words that training did not see */
    DRIFT_LANGUAGE_MIX,   /* share of each language */
    DRIFT_LENGTH,         /* words of a ticket, on a logarithmic scale */
    DRIFT_RETRIEVAL,      /* strength of the best article */
    DRIFT_DRAFT_REJECTED, /* share of drafts with a claim that no source says */
    DRIFT_OVERRIDE,       /* share of answers that gave another label, of each class */
    DRIFT_SIGNAL_COUNT
};
const char *drift_signal_name(enum drift_signal signal);
const char *drift_signal_meaning(enum drift_signal signal);

/* What one result says. */
struct drift_sample {
    const char *label, *language; /* "" none */
    double confidence;
    int64_t words;             /* 0: not classified; then nothing but override counts */
    double unknown_words;      /* 0..1 */
    double retrieval;          /* below 0: not sought */
    bool drafted, rejected;    /* by a model */
    bool reviewed, overridden; /* a person's answer: the ticket itself was counted before */
};

struct drift_settings {
    size_t reference;   /* tickets; signals that only some tickets have take fewer, see the table in drift.c */
    double false_alarm; /* tickets: mean run to the first, at least */
};

struct drift; /* opaque */

struct drift *drift_new(const struct drift_settings *settings);
void drift_free(struct drift *self);
void drift_take(struct drift *self, const struct drift_sample *sample);
bool drift_learning(const struct drift *self); /* the reference of the mixes is not full yet */
uint64_t drift_samples(const struct drift *self);

/* One gauge as it stands. */
struct drift_reading {
    enum drift_signal signal;
    char scope[LABEL_MAX]; /* a class or language; "" all */
    bool learning;
    size_t reference_n, n;               /* samples of the reference, and since */
    double reference, low, high, recent; /* means; recent: weighted over about the last 200 */
    double evidence;                     /* 0..1 and above, logarithmic: 1 is the alarm */
    bool alarm, upwards;
    size_t since; /* samples since about where the change began */
};
void drift_each(const struct drift *self, void (*take)(void *opaque, const struct drift_reading *reading),
                void *opaque);

/* What has happened since it was last asked: an alarm, or the end of one, which is when the mean of as many samples as the
 * reference has is back in the interval. False: nothing more. */
struct drift_event {
    struct drift_reading reading;
    bool over;
    bool caps; /* less autonomy is the answer to it; else it is told only */
    char text[DRIFT_TEXT_MAX];
};
bool drift_next_event(struct drift *self, struct drift_event *ret_event);
/* What is the case now is the new reference of this gauge. False: there is none. */
bool drift_forget(struct drift *self, enum drift_signal signal, const char *scope);

/* The state as JSON text, freed with mem_free; and back. Permanent when it is none. */
char *drift_save(const struct drift *self);
int drift_load(const char *text, struct drift **ret_drift, struct err *reterr);

#endif
