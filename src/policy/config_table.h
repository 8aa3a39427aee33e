/* The table of options, shared by the files that read and print the configuration and by no other. */
#ifndef TRIAGED_POLICY_CONFIG_TABLE_H
#define TRIAGED_POLICY_CONFIG_TABLE_H

#include "policy/config.h"

#define CONFIG_OPTIONS_MAX    128
#define CONFIG_PROPERTIES_KEY "kafka.properties"

enum option_kind {
    OPTION_TEXT,
    OPTION_INT,
    OPTION_INT64,
    OPTION_SECRET_FILE, /* names a file; the field gets its content */
    OPTION_PROPERTIES,  /* a group of free names */
};

struct option {
    const char *key;
    enum option_kind kind;
    size_t offset;
    const char *fallback;
    int64_t least, most; /* of a number; of a text its bytes */
    const char *words;   /* allowed texts, separated by blanks; NULL: any */
    const char *help;
};

/* A property of librdkafka that triaged sets itself. */
struct fixed_property {
    const char *name, *instead; /* the option to use, NULL when there is none */
};

extern const struct option config_options[];
extern const size_t config_options_len;
extern const struct fixed_property config_fixed_properties[];
extern const size_t config_fixed_properties_len;

struct config_store {
    char *values[CONFIG_OPTIONS_MAX];  /* as they were given */
    char *secrets[CONFIG_OPTIONS_MAX]; /* what the files hold */
    char *property_names[CONFIG_PROPERTIES_MAX], *property_values[CONFIG_PROPERTIES_MAX];
};

#endif
