/* What the table of options says, for people and for machines: the values in force, the reference, the JSON Schema. */
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "policy/config_table.h"

enum { KEY_BYTES_MAX = 128, ENV_BYTES_MAX = 160 };

static const char mask[] = "********";

/* ---- values in force ---- */

/* Names of properties that hold a secret. */
static bool is_secret(const char *name)
{
    static const char *const words[] = {"password", "secret", "ssl.key", "jaas", "token", "oauthbearer.config"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strstr(name, words[i]))
            return true;
    }
    return false;
}

static void put_quoted(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\x%02X", c);
        else
            fputc(c, out);
    }
    fputs("\"\n", out);
}

/* Writes the section lines that a key needs beyond those of the key before it; gives the depth of its own line. */
static int open_sections(const char *before, const char *key, FILE *out)
{
    const char *begin = key;
    bool same = true;
    int depth = 0;

    for (const char *dot = strchr(begin, '.'); dot; begin = dot + 1, dot = strchr(begin, '.'), depth++) {
        same = same && strncmp(before, key, (size_t)(dot + 1 - key)) == 0;
        if (!same)
            fprintf(out, "%*s%.*s:\n", depth * 2, "", (int)(dot - begin), begin);
    }
    return depth;
}

static void print_properties(const struct config *self, int depth, FILE *out)
{
    if (self->kafka.n_properties == 0) {
        fprintf(out, "%*sproperties: {}\n", depth * 2, "");
        return;
    }
    fprintf(out, "%*sproperties:\n", depth * 2, "");
    for (size_t i = 0; i < self->kafka.n_properties; i++) {
        const char *name = self->kafka.property_names[i];
        fprintf(out, "%*s%s: ", depth * 2 + 2, "", name);
        put_quoted(is_secret(name) ? mask : self->kafka.property_values[i], out);
    }
}

static void print_option(const struct config *self, size_t i, int depth, FILE *out)
{
    const struct option *option = &config_options[i];
    const char *value = self->store->values[i];
    const char *dot = strrchr(option->key, '.');

    fprintf(out, "%*s%s: ", depth * 2, "", dot ? dot + 1 : option->key);
    if (option->kind == OPTION_INT || option->kind == OPTION_INT64)
        fprintf(out, "%s\n", value);
    else
        put_quoted(value, out);
}

void config_print(const struct config *self, FILE *out)
{
    const char *before = "";

    for (size_t i = 0; i < config_options_len; i++) {
        int depth = open_sections(before, config_options[i].key, out);
        if (config_options[i].kind == OPTION_PROPERTIES)
            print_properties(self, depth, out);
        else
            print_option(self, i, depth, out);
        before = config_options[i].key;
    }
}

/* ---- reference ---- */

static const char reference_head[] =
    "# Configuration\n\n"
    "Written by `triaged config --reference`; a test keeps it equal. One YAML file: `--config FILE`, else the one "
    "that\n"
    "`TRIAGED_CONFIG` names, else `triaged.yaml`. A variable of the environment overrides the file, and `--set "
    "KEY=VALUE`\n"
    "overrides both. Secrets stand in files of their own. Paths are relative to the current directory.\n"
    "`triaged config --print` shows the values in force, without secrets. An unknown key is an error.\n";

static const char *env_name(const char *key, char out[ENV_BYTES_MAX])
{
    size_t n = (size_t)snprintf(out, ENV_BYTES_MAX, "TRIAGED_");

    for (; *key && n + 3 < ENV_BYTES_MAX; key++) {
        if (*key == '.')
            out[n++] = '_';
        out[n++] = *key == '.' ? '_' : (char)(*key >= 'a' && *key <= 'z' ? *key - 'a' + 'A' : *key);
    }
    out[n] = '\0';
    return out;
}

static void print_allowed(const struct option *option, FILE *out)
{
    if (option->words)
        fprintf(out, "%s", option->words);
    else if (option->kind == OPTION_INT || option->kind == OPTION_INT64)
        fprintf(out, "%lld to %lld", (long long)option->least, (long long)option->most);
    else if (option->kind == OPTION_SECRET_FILE)
        fputs("a file", out);
    else if (option->kind == OPTION_PROPERTIES)
        fprintf(out, "at most %lld names", (long long)option->most);
    else
        fputs(option->least ? "text" : "text or empty", out);
}

static void print_row(const struct option *option, FILE *out)
{
    char env[ENV_BYTES_MAX];

    fprintf(out, "| `%s` | ", option->key);
    if (!option->fallback)
        fputs("host name", out);
    else if (*option->fallback)
        fprintf(out, "`%s`", option->fallback);
    fputs(" | ", out);
    print_allowed(option, out);
    fprintf(out, " | %s | `%s%s` |\n", option->help, env_name(option->key, env),
            option->kind == OPTION_PROPERTIES ? "__NAME" : "");
}

void config_print_reference(FILE *out)
{
    const char *before = "";

    fputs(reference_head, out);
    for (size_t i = 0; i < config_options_len; i++) {
        const char *key = config_options[i].key;
        int len = (int)strcspn(key, ".");
        if (strncmp(before, key, (size_t)len + 1) != 0)
            fprintf(out, "\n## %.*s\n\n| key | default | allowed | meaning | environment |\n|---|---|---|---|---|\n",
                    len, key);
        print_row(&config_options[i], out);
        before = key;
    }
    fputs("\n## Properties that triaged sets itself\n\nGiven under `kafka.properties` these are refused.\n\n"
          "| property | set by |\n|---|---|\n",
          out);
    for (size_t i = 0; i < config_fixed_properties_len; i++)
        fprintf(out, "| `%s` | %s%s%s |\n", config_fixed_properties[i].name,
                config_fixed_properties[i].instead ? "`" : "",
                config_fixed_properties[i].instead ? config_fixed_properties[i].instead : "always the same",
                config_fixed_properties[i].instead ? "`" : "");
}

/* ---- JSON Schema ---- */

static cJSON *object_schema(const char *description)
{
    cJSON *schema = cJSON_CreateObject();

    cJSON_AddStringToObject(schema, "type", "object");
    cJSON_AddStringToObject(schema, "description", description);
    cJSON_AddFalseToObject(schema, "additionalProperties");
    cJSON_AddObjectToObject(schema, "properties");
    return schema;
}

static cJSON *words_schema(const struct option *option)
{
    cJSON *words = cJSON_CreateArray();

    if (option->least == 0)
        cJSON_AddItemToArray(words, cJSON_CreateString(""));
    for (const char *p = option->words; *p;) {
        size_t len = strcspn(p, " ");
        CLEANUP(mem_freep) char *word = mem_strndup(p, len);
        cJSON_AddItemToArray(words, cJSON_CreateString(word));
        p += len + (p[len] == ' ');
    }
    return words;
}

static cJSON *properties_schema(const struct option *option)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON *each;

    cJSON_AddStringToObject(schema, "type", "object");
    cJSON_AddStringToObject(schema, "description", option->help);
    cJSON_AddNumberToObject(schema, "maxProperties", (double)option->most);
    each = cJSON_AddObjectToObject(schema, "additionalProperties");
    cJSON_AddItemToObject(each, "type", cJSON_Parse("[\"string\",\"number\",\"boolean\"]"));
    return schema;
}

static cJSON *option_schema(const struct option *option)
{
    bool number = option->kind == OPTION_INT || option->kind == OPTION_INT64;
    cJSON *schema;

    if (option->kind == OPTION_PROPERTIES)
        return properties_schema(option);
    schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "type", number ? "integer" : "string");
    cJSON_AddStringToObject(schema, "description", option->help);
    if (option->words)
        cJSON_AddItemToObject(schema, "enum", words_schema(option));
    else if (option->least || number)
        cJSON_AddNumberToObject(schema, number ? "minimum" : "minLength", (double)option->least);
    if (!option->words)
        cJSON_AddNumberToObject(schema, number ? "maximum" : "maxLength", (double)option->most);
    if (number)
        cJSON_AddItemToObject(schema, "default", cJSON_CreateRaw(option->fallback));
    else if (option->fallback)
        cJSON_AddStringToObject(schema, "default", option->fallback);
    return schema;
}

/* The schema object that holds the last word of key, made where it is missing. */
static cJSON *section_of(cJSON *root, const char **key)
{
    cJSON *at = root;

    for (const char *dot = strchr(*key, '.'); dot; *key = dot + 1, dot = strchr(*key, '.')) {
        CLEANUP(mem_freep) char *name = mem_strndup(*key, (size_t)(dot - *key));
        CLEANUP(buf_free) struct buf description = {0};
        cJSON *properties = cJSON_GetObjectItemCaseSensitive(at, "properties");
        at = cJSON_GetObjectItemCaseSensitive(properties, name);
        buf_printf(&description, "Keys of %s.", name);
        if (!at)
            cJSON_AddItemToObject(properties, name, at = object_schema(buf_str(&description)));
    }
    return at;
}

void config_print_schema(FILE *out)
{
    CLEANUP(json_done)
    cJSON *root = object_schema("Configuration of triaged: one YAML file. Written by 'triaged config "
                                "--schema'; a test keeps it equal.");
    CLEANUP(mem_freep) char *text = NULL;

    cJSON_AddStringToObject(root, "$schema", "https://json-schema.org/draft/2020-12/schema");
    cJSON_AddStringToObject(root, "$id", "urn:triaged:config.v1");
    cJSON_AddStringToObject(root, "title", "config.v1");
    for (size_t i = 0; i < config_options_len; i++) {
        const char *name = config_options[i].key;
        cJSON *section = section_of(root, &name);
        cJSON_AddItemToObject(cJSON_GetObjectItemCaseSensitive(section, "properties"), name,
                              option_schema(&config_options[i]));
    }
    text = cJSON_Print(root);
    fprintf(out, "%s\n", text);
}
