/* Reads the configuration: file, environment, --set, secrets, in this order. Knows neither Kafka nor Postgres: what
 * their libraries check, they check. */
#include "policy/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "policy/config_table.h"
#include "policy/profiles.h"
#include "policy/yaml.h"

enum {
    SECRET_BYTES_MAX = 4096, /* of a secret file */
    KEY_BYTES_MAX = 128,     /* of a key with its sections */
    HOST_BYTES_MAX = 256,
};

static const char env_prefix[] = "TRIAGED_";
static const char properties_prefix[] = CONFIG_PROPERTIES_KEY ".";

static int refuse(struct err *reterr, const char *source, const char *key, const char *what, const char *value)
{
    return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s: %s: %s, not '%.60s'", source, key, what, value);
}

/* A connection string is printed and logged, so it must not hold the password in either of libpq's forms. */
static bool holds_password(const char *conninfo)
{
    const char *authority = strstr(conninfo, "://");
    const char *at = authority ? strchr(authority, '@') : NULL;
    const char *colon = authority ? strchr(authority + 3, ':') : NULL;
    const char *word = strstr(conninfo, "password");

    if (at && colon && colon < at)
        return true;
    for (; word; word = strstr(word + 1, "password")) {
        if (word[strlen("password") + strspn(word + strlen("password"), " ")] == '=')
            return true;
    }
    return false;
}

/* ---- setting one option ---- */

static const struct option *option_find(const char *key)
{
    for (size_t i = 0; i < config_options_len; i++) {
        if (strcmp(config_options[i].key, key) == 0)
            return &config_options[i];
    }
    return NULL;
}

static void *field_of(struct config *self, const struct option *option)
{
    return (char *)self + option->offset;
}

static bool word_among(const char *words, const char *value)
{
    size_t len = strlen(value);

    for (const char *p = words; p && *p; p = strchr(p, ' '), p = p ? p + 1 : p) {
        if (strncmp(p, value, len) == 0 && (p[len] == ' ' || p[len] == '\0') && len)
            return true;
    }
    return false;
}

static int set_text(struct config *self, const struct option *option, const char *value, const char *source,
                    struct err *reterr)
{
    size_t i = (size_t)(option - config_options);
    size_t len = strlen(value);
    char what[256];

    if (option->words && *value && !word_among(option->words, value)) {
        snprintf(what, sizeof what, "give one of: %s", option->words);
        return refuse(reterr, source, option->key, what, value);
    }
    if ((int64_t)len < option->least || (int64_t)len > option->most) {
        snprintf(what, sizeof what, "give %lld to %lld bytes of text", (long long)option->least,
                 (long long)option->most);
        return refuse(reterr, source, option->key, what, value);
    }
    mem_free(self->store->values[i]);
    self->store->values[i] = mem_strdup(value);
    if (option->kind == OPTION_TEXT)
        *(const char **)field_of(self, option) = self->store->values[i];
    return 0;
}

static int set_number(struct config *self, const struct option *option, const char *value, const char *source,
                      struct err *reterr)
{
    size_t i = (size_t)(option - config_options);
    char what[256];
    char *end = NULL;
    long long number;

    errno = 0;
    number = strtoll(value, &end, 10);
    if (end == value || *end || errno || number < option->least || number > option->most) {
        snprintf(what, sizeof what, "give a whole number from %lld to %lld", (long long)option->least,
                 (long long)option->most);
        return refuse(reterr, source, option->key, what, value);
    }
    mem_free(self->store->values[i]);
    self->store->values[i] = mem_strdup(value);
    if (option->kind == OPTION_INT)
        *(int *)field_of(self, option) = (int)number;
    else
        *(int64_t *)field_of(self, option) = number;
    return 0;
}

static int set_property(struct config *self, const char *name, const char *value, const char *source,
                        struct err *reterr)
{
    struct config_kafka *kafka = &self->kafka;
    size_t i = 0;

    for (size_t k = 0; k < config_fixed_properties_len; k++) {
        if (strcmp(config_fixed_properties[k].name, name) == 0)
            return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s: %s%s: remove it: %s%s", source, properties_prefix,
                           name, config_fixed_properties[k].instead ? "it is set by " : "triaged needs its own value",
                           config_fixed_properties[k].instead ? config_fixed_properties[k].instead : "");
    }
    while (i < kafka->n_properties && strcmp(kafka->property_names[i], name) != 0)
        i++;
    if (i == CONFIG_PROPERTIES_MAX)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s: at most %d kafka.properties are taken", source,
                       CONFIG_PROPERTIES_MAX);
    mem_free(self->store->property_names[i]);
    mem_free(self->store->property_values[i]);
    kafka->property_names[i] = self->store->property_names[i] = mem_strdup(name);
    kafka->property_values[i] = self->store->property_values[i] = mem_strdup(value);
    if (i == kafka->n_properties)
        kafka->n_properties++;
    return 0;
}

static int set_option(struct config *self, const char *key, const char *value, const char *source, struct err *reterr)
{
    const struct option *option = option_find(key);

    if (strncmp(key, properties_prefix, sizeof properties_prefix - 1) == 0 && key[sizeof properties_prefix - 1])
        return set_property(self, key + sizeof properties_prefix - 1, value, source, reterr);
    if (!option || option->kind == OPTION_PROPERTIES)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "%s: unknown key %.100s; 'triaged config --reference' lists the known ones", source, key);
    if ((strcmp(key, "postgres.conninfo") == 0 || strcmp(key, "console.conninfo") == 0) && holds_password(value))
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "%s: %s: put the password into the file that "
                       "%.*s.password_file names",
                       source, key, (int)strcspn(key, "."), key);
    if (option->kind == OPTION_INT || option->kind == OPTION_INT64)
        return set_number(self, option, value, source, reterr);
    return set_text(self, option, value, source, reterr);
}

static int set_defaults(struct config *self, struct err *reterr)
{
    char host[HOST_BYTES_MAX] = "";

    if (gethostname(host, sizeof host - 1) < 0 || !*host)
        snprintf(host, sizeof host, "triaged");
    for (size_t i = 0; i < config_options_len; i++) {
        const char *value = config_options[i].fallback ? config_options[i].fallback : host;
        if (config_options[i].kind != OPTION_PROPERTIES &&
            set_option(self, config_options[i].key, value, "default", reterr) < 0)
            return -1;
    }
    return 0;
}

/* ---- where values come from ---- */

static int take_node(struct config *self, const struct yml *yaml, const struct yml_node *node, const char *key,
                     struct err *reterr);

static int take_children(struct config *self, const struct yml *yaml, const struct yml_node *map, const char *where,
                         struct err *reterr)
{
    for (const struct yml_node *child = map->first; child; child = child->next) {
        char key[KEY_BYTES_MAX] = "";
        int len = snprintf(key, sizeof key, "%s%s%s", where, *where ? "." : "", child->key);
        if (len < 0 || (size_t)len >= sizeof key)
            return yml_refuse(yaml, child, where, reterr, "a key that is too long");
        if (take_node(self, yaml, child, key, reterr) < 0)
            return -1;
    }
    return 0;
}

/* Recursion is bounded by YAML_DEPTH_MAX. */
static int take_node(struct config *self, const struct yml *yaml, const struct yml_node *node, const char *key,
                     struct err *reterr)
{
    char source[512];

    if (node->kind == YAML_LIST)
        return yml_refuse(yaml, node, key, reterr, "give one value, not a list");
    snprintf(source, sizeof source, "%.400s:%d", yml_path(yaml), node->line);
    if (node->kind == YAML_SCALAR)
        return set_option(self, key, node->text, source, reterr);
    if (option_find(key) && strcmp(key, CONFIG_PROPERTIES_KEY) != 0)
        return yml_refuse(yaml, node, key, reterr, "give one value, not a group of keys");
    return take_children(self, yaml, node, key, reterr);
}

static int take_file(struct config *self, const char *path, struct err *reterr)
{
    struct yml *yaml = NULL;
    int rc;

    if (yml_load(path, &yaml, reterr) < 0)
        return -1;
    rc = take_children(self, yaml, yml_root(yaml), "", reterr);
    yml_free(yaml);
    return rc;
}

/* KAFKA__TOPICS__TICKETS to kafka.topics.tickets; in a property's name every underscore stands for a dot. */
static void env_key(const char *name, size_t len, char out[KEY_BYTES_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < len && n + 1 < KEY_BYTES_MAX; i++) {
        bool section = name[i] == '_' && i + 1 < len && name[i + 1] == '_';
        out[n++] = section ? '.' : (char)tolower((unsigned char)name[i]);
        i += section;
        out[n] = '\0';
        if (n > sizeof properties_prefix - 1 && strncmp(out, properties_prefix, sizeof properties_prefix - 1) == 0 &&
            out[n - 1] == '_')
            out[n - 1] = '.';
    }
    out[n] = '\0';
}

/* Only names with a double underscore are ours: an orchestrator sets others, such as TRIAGED_SERVICE_HOST. */
static int take_env(struct config *self, char *const *env, struct err *reterr)
{
    for (; env && *env; env++) {
        char key[KEY_BYTES_MAX] = "", source[KEY_BYTES_MAX + 16];
        const char *name = *env;
        const char *equals = strchr(name, '=');
        const char *section = strstr(name, "__");
        if (!equals || !section || section > equals || strncmp(name, env_prefix, sizeof env_prefix - 1) != 0)
            continue;
        name += sizeof env_prefix - 1;
        env_key(name, (size_t)(equals - name), key);
        snprintf(source, sizeof source, "environment %.*s", (int)(equals - *env > 100 ? 100 : equals - *env), *env);
        if (set_option(self, key, equals + 1, source, reterr) < 0)
            return -1;
    }
    return 0;
}

static int take_overrides(struct config *self, const char *const *overrides, struct err *reterr)
{
    for (; overrides && *overrides; overrides++) {
        const char *equals = strchr(*overrides, '=');
        char key[KEY_BYTES_MAX] = "";
        if (!equals || equals - *overrides >= KEY_BYTES_MAX)
            return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--set: give section.key=value, not '%.60s'", *overrides);
        snprintf(key, sizeof key, "%.*s", (int)(equals - *overrides), *overrides);
        if (set_option(self, key, equals + 1, "--set", reterr) < 0)
            return -1;
    }
    return 0;
}

/* ---- secrets ---- */

int config_read_secret(const char *key, const char *path, char **ret_secret, struct err *reterr)
{
    char bytes[SECRET_BYTES_MAX + 1];
    FILE *file = fopen(path, "re");
    size_t len;

    if (!file)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s: give a file that can be read: %s: %s", key, path,
                       strerror(errno));
    len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    while (len && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
        len--;
    if (len == 0 || len > SECRET_BYTES_MAX || memchr(bytes, 0, len))
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s: %s must hold 1 to %d bytes of text", key, path,
                       SECRET_BYTES_MAX);
    *ret_secret = mem_strndup(bytes, len);
    explicit_bzero(bytes, sizeof bytes);
    return 0;
}

static int read_secrets(struct config *self, struct err *reterr)
{
    for (size_t i = 0; i < config_options_len; i++) {
        const char *path = self->store->values[i];
        const char **field = field_of(self, &config_options[i]);
        if (config_options[i].kind != OPTION_SECRET_FILE)
            continue;
        if (*path && config_read_secret(config_options[i].key, path, &self->store->secrets[i], reterr) < 0)
            return -1;
        *field = self->store->secrets[i] ? self->store->secrets[i] : "";
    }
    return 0;
}

int config_load(const char *path, char *const *env, const char *const *overrides, struct config **ret_config,
                struct err *reterr)
{
    struct config *self = mem_alloc(sizeof *self);

    self->store = mem_alloc(sizeof *self->store);
    if (set_defaults(self, reterr) < 0 || take_file(self, path, reterr) < 0 || take_env(self, env, reterr) < 0 ||
        take_overrides(self, overrides, reterr) < 0 || read_secrets(self, reterr) < 0) {
        config_free(self);
        return -1;
    }
    *ret_config = self;
    return 0;
}

void config_free(struct config *self)
{
    if (!self)
        return;
    profiles_free(self->chosen_of);
    for (size_t i = 0; i < config_options_len; i++) {
        if (self->store->secrets[i])
            explicit_bzero(self->store->secrets[i], strlen(self->store->secrets[i]));
        mem_free(self->store->secrets[i]);
        mem_free(self->store->values[i]);
    }
    for (size_t i = 0; i < CONFIG_PROPERTIES_MAX; i++) {
        mem_free(self->store->property_names[i]);
        mem_free(self->store->property_values[i]);
    }
    mem_free(self->store);
    mem_free(self);
}
