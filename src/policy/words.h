/* The words and defaults of a policy, for all that read one. */
#ifndef TRIAGED_POLICY_WORDS_H
#define TRIAGED_POLICY_WORDS_H

/* In the order of enum risk, enum mode and enum class_action; each ends with NULL. */
extern const char *const policy_risk_words[], *const policy_mode_words[], *const policy_action_words[];

#define POLICY_SLA_MINUTES_MAX     525600
#define POLICY_SLA_MINUTES_DEFAULT 1440
#define POLICY_THRESHOLD_DEFAULT   0.9

#endif
