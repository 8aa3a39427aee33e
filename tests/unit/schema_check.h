/* As much of JSON Schema 2020-12 as our schemas use, for tests: type, enum, const, bounds, pattern, required,
 * properties, additionalProperties, propertyNames, items, oneOf and $ref within the document. An unknown keyword fails
 * the test. */
#ifndef TRIAGED_TESTS_SCHEMA_CHECK_H
#define TRIAGED_TESTS_SCHEMA_CHECK_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

static bool schema_fits(const cJSON *root, const cJSON *schema, const cJSON *value, const char **ret_why);

static cJSON *schema_read(const char *path)
{
    CLEANUP(buf_free) struct buf text = {0};
    char chunk[4096];
    FILE *file = fopen(path, "r");
    cJSON *doc;
    size_t n;

    if (!file)
        fail_msg("%s can't be read", path);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_add(&text, chunk, n);
    fclose(file);
    doc = cJSON_Parse(buf_str(&text));
    if (!doc)
        fail_msg("%s is no JSON", path);
    return doc;
}

static bool schema_type_is(const char *type, const cJSON *value)
{
    return (strcmp(type, "object") == 0 && cJSON_IsObject(value)) ||
           (strcmp(type, "array") == 0 && cJSON_IsArray(value)) ||
           (strcmp(type, "string") == 0 && cJSON_IsString(value)) ||
           (strcmp(type, "number") == 0 && cJSON_IsNumber(value)) ||
           (strcmp(type, "integer") == 0 && cJSON_IsNumber(value) && value->valuedouble == floor(value->valuedouble)) ||
           (strcmp(type, "boolean") == 0 && cJSON_IsBool(value)) || (strcmp(type, "null") == 0 && cJSON_IsNull(value));
}

static bool schema_types_fit(const cJSON *types, const cJSON *value)
{
    const cJSON *type;

    if (cJSON_IsString(types))
        return schema_type_is(types->valuestring, value);
    cJSON_ArrayForEach(type, types)
    {
        if (schema_type_is(type->valuestring, value))
            return true;
    }
    return false;
}

static bool schema_pattern_fits(const char *pattern, const char *text)
{
    int error;
    PCRE2_SIZE at;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &error, &at, NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int rc = pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, data, NULL);

    pcre2_match_data_free(data);
    pcre2_code_free(code);
    return rc >= 0;
}

static double schema_length(const char *text)
{
    double n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static bool schema_among(const cJSON *values, const cJSON *value)
{
    const cJSON *one;

    cJSON_ArrayForEach(one, values)
    {
        if (cJSON_Compare(one, value, true))
            return true;
    }
    return false;
}

static const cJSON *schema_ref(const cJSON *root, const char *ref)
{
    const cJSON *at = root;

    if (strncmp(ref, "#/", 2) != 0)
        fail_msg("a reference out of the document: %s", ref);
    for (const char *p = ref + 2; *p;) {
        size_t len = strcspn(p, "/");
        CLEANUP(mem_freep) char *name = mem_strndup(p, len);
        at = json_get(at, name);
        p += len + (p[len] == '/');
    }
    if (!at)
        fail_msg("a reference to nothing: %s", ref);
    return at;
}

static bool schema_members_fit(const cJSON *root, const cJSON *schema, const cJSON *value, const char **ret_why)
{
    const cJSON *properties = json_get(schema, "properties");
    const cJSON *others = json_get(schema, "additionalProperties");
    const cJSON *member, *name;

    cJSON_ArrayForEach(name, json_get(schema, "required"))
    {
        *ret_why = name->valuestring;
        if (!json_get(value, name->valuestring))
            return false;
    }
    cJSON_ArrayForEach(member, value)
    {
        const cJSON *own = json_get(properties, member->string);
        *ret_why = member->string;
        if (!own && cJSON_IsFalse(others))
            return false;
        if (!own && cJSON_IsObject(others))
            own = others;
        if (own && !schema_fits(root, own, member, ret_why))
            return false;
    }
    return true;
}

static bool schema_one_fits(const cJSON *root, const cJSON *schemas, const cJSON *value, const char **ret_why)
{
    const cJSON *one;
    int fitting = 0;

    cJSON_ArrayForEach(one, schemas) fitting += schema_fits(root, one, value, ret_why);
    return fitting == 1;
}

static bool schema_items_fit(const cJSON *root, const cJSON *items, const cJSON *value, const char **ret_why)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, value)
    {
        if (!schema_fits(root, items, item, ret_why))
            return false;
    }
    return true;
}

static bool schema_names_fit(const cJSON *rule, const cJSON *value)
{
    const cJSON *member;

    cJSON_ArrayForEach(member, value)
    {
        if (!schema_pattern_fits(json_str(rule, "pattern", ""), member->string))
            return false;
    }
    return true;
}

/* One keyword; those that speak of another type than the value's say nothing. */
static bool schema_keyword_fits(const cJSON *root, const cJSON *schema, const cJSON *rule, const cJSON *value,
                                const char **ret_why)
{
    static const char *const ignored[] = {"$schema", "$id",     "title",    "description",
                                          "$defs",   "default", "required", "additionalProperties"};
    const char *name = rule->string;
    bool text = cJSON_IsString(value), object = cJSON_IsObject(value), array = cJSON_IsArray(value);
    double size = cJSON_GetArraySize(value);

    for (size_t i = 0; i < ARRAY_LEN(ignored); i++) {
        if (strcmp(name, ignored[i]) == 0)
            return true;
    }
#define KEYWORD(word, check)                                                                                           \
    if (strcmp(name, word) == 0)                                                                                       \
    return check
    KEYWORD("type", schema_types_fit(rule, value));
    KEYWORD("enum", schema_among(rule, value));
    KEYWORD("const", cJSON_Compare(rule, value, true));
    KEYWORD("minimum", !cJSON_IsNumber(value) || value->valuedouble >= rule->valuedouble);
    KEYWORD("maximum", !cJSON_IsNumber(value) || value->valuedouble <= rule->valuedouble);
    KEYWORD("minLength", !text || schema_length(value->valuestring) >= rule->valuedouble);
    KEYWORD("maxLength", !text || schema_length(value->valuestring) <= rule->valuedouble);
    KEYWORD("pattern", !text || schema_pattern_fits(rule->valuestring, value->valuestring));
    KEYWORD("minItems", !array || size >= rule->valuedouble);
    KEYWORD("maxItems", !array || size <= rule->valuedouble);
    KEYWORD("minProperties", !object || size >= rule->valuedouble);
    KEYWORD("maxProperties", !object || size <= rule->valuedouble);
    KEYWORD("propertyNames", !object || schema_names_fit(rule, value));
    KEYWORD("items", !array || schema_items_fit(root, rule, value, ret_why));
    KEYWORD("properties", !object || schema_members_fit(root, schema, value, ret_why));
    KEYWORD("oneOf", schema_one_fits(root, rule, value, ret_why));
    KEYWORD("$ref", schema_fits(root, schema_ref(root, rule->valuestring), value, ret_why));
#undef KEYWORD
    fail_msg("a keyword that the test does not know: %s", name);
    return false;
}

static bool schema_fits(const cJSON *root, const cJSON *schema, const cJSON *value, const char **ret_why)
{
    const cJSON *rule;

    cJSON_ArrayForEach(rule, schema)
    {
        if (!schema_keyword_fits(root, schema, rule, value, ret_why))
            return false;
    }
    return true;
}

/* Fails the test when the text does not fit the schema in the file. */
static UNUSED void schema_must_fit(const char *path, const char *text)
{
    CLEANUP(json_done) cJSON *schema = schema_read(path);
    CLEANUP(json_done) cJSON *value = cJSON_Parse(text);
    const char *why = "";

    if (!value || !schema_fits(schema, schema, value, &why))
        fail_msg("%s: %s does not fit: %s", path, why, text);
}

#endif
