/* The words and defaults of a policy, for all that read one. */
#ifndef TRIAGED_POLICY_WORDS_H
#define TRIAGED_POLICY_WORDS_H

/* In the order of enum risk, enum mode and enum class_action; each ends with NULL. */
extern const char *const policy_risk_words[], *const policy_mode_words[], *const policy_action_words[];
/* Where a class without a level on record begins. */
enum { POLICY_BEGINS_BY_POLICY, POLICY_BEGINS_EARNED };
extern const char *const policy_begin_words[];
extern const char *const policy_relief_words[]; /* in the order of enum review_state */

#define POLICY_SLA_MINUTES_MAX     525600
#define POLICY_SLA_MINUTES_DEFAULT 1440
#define POLICY_THRESHOLD_DEFAULT   0.9
#define POLICY_HOLD_SECONDS_DEFAULT 900
#define POLICY_HOLD_SECONDS_MAX    604800
#define POLICY_LABELS_LEAST_DEFAULT 200
#define POLICY_LABELS_LEAST_MAX    1000000
#define POLICY_OVERRIDE_MOST_DEFAULT 0.1
#define POLICY_QUALITY_REVIEW_DAYS_DEFAULT 92
#define POLICY_QUALITY_REVIEW_DAYS_MIN 0.00001 /* about a second: for rehearsals */
#define POLICY_QUALITY_REVIEW_DAYS_MAX 400

#endif
