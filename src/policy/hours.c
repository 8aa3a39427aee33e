/* Business hours, and the part of RFC 8536 (TZif) that they need: transitions and offsets. */
#include "policy/hours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"

#define ZONE_FOLDER      "/usr/share/zoneinfo/"
#define ZONE_KNOWN_UNTIL 2114380800LL /* 2037-01-01: what tzdata holds when it is not cut short */

enum { ZONE_BYTES_MAX = 65536, ZONE_NAME_MAX = 64, HEADER = 44, DAYS = 7, DAY_S = 86400, DAY_MINUTES = 1440 };

struct hours {
    bool open[DAYS]; /* Monday first */
    int from, to;    /* minutes of the local day; to is the first that is outside */
    char *bytes;     /* of the zone file; what follows points into it */
    const unsigned char *times, *which, *types;
    uint32_t n_times;
};

struct values {
    const char *zone, *from, *to;
    const struct yml_node *days;
};

static const struct yml_field fields[] = {
    {"zone", YAML_WANT_TEXT, true, offsetof(struct values, zone), 1, ZONE_NAME_MAX, NULL},
    {"days", YAML_WANT_LIST, true, offsetof(struct values, days), 1, DAYS, NULL},
    {"from", YAML_WANT_TEXT, true, offsetof(struct values, from), 5, 5, NULL},
    {"to", YAML_WANT_TEXT, true, offsetof(struct values, to), 5, 5, NULL},
};
static const char *const day_words[DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* ---- the zone ---- */

static int64_t big_endian(const unsigned char *at, int bytes)
{
    uint64_t value = at[0] & 0x80 ? UINT64_MAX : 0;

    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return (int64_t)value;
}

/* Counts of a TZif header, in its order. */
struct counts {
    uint32_t utc, std, leap, times, types, chars;
};

static bool read_header(const unsigned char *at, size_t left, struct counts *ret)
{
    if (left < HEADER || memcmp(at, "TZif", 4) != 0 || at[4] < '2')
        return false;
    for (int i = 0; i < 6; i++)
        ((uint32_t *)ret)[i] = (uint32_t)big_endian(at + 20 + i * 4, 4);
    return ret->times < ZONE_BYTES_MAX && ret->types > 0 && ret->types < 256 && ret->chars < ZONE_BYTES_MAX &&
           ret->leap < ZONE_BYTES_MAX && ret->utc < 256 && ret->std < 256;
}

static size_t body_size(const struct counts *c, size_t time_size)
{
    return c->times * (time_size + 1) + c->types * 6 + c->chars + c->leap * (time_size + 4) + c->std + c->utc;
}

/* False when the bytes are no zone, or one that says its future by a rule alone. */
static bool take_zone(struct hours *self, const unsigned char *bytes, size_t len)
{
    struct counts c;
    size_t at;
    const unsigned char *footer;

    if (!read_header(bytes, len, &c))
        return false;
    at = HEADER + body_size(&c, 4);
    if (at > len || !read_header(bytes + at, len - at, &c))
        return false;
    at += HEADER;
    if (body_size(&c, 8) > len - at)
        return false;
    self->times = bytes + at;
    self->which = self->times + c.times * 8;
    self->types = self->which + c.times;
    self->n_times = c.times;
    for (uint32_t i = 0; i < c.times; i++) {
        if (self->which[i] >= c.types)
            return false;
    }
    footer = bytes + at + body_size(&c, 8);
    if (!memchr(footer, ',', len - (size_t)(footer - bytes)))
        return true; /* no summer time: the last offset holds for good */
    return c.times > 0 && big_endian(self->times + (c.times - 1) * 8, 8) >= ZONE_KNOWN_UNTIL;
}

static int64_t offset_at(const struct hours *self, int64_t unix_s)
{
    uint32_t low = 0, high = self->n_times;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (big_endian(self->times + middle * 8, 8) <= unix_s)
            low = middle + 1;
        else
            high = middle;
    }
    return big_endian(self->types + (low ? self->which[low - 1] : 0) * 6, 4);
}

static bool is_zone_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

    return name[0] != '/' && name[strspn(name, allowed)] == '\0';
}

static int read_zone(struct hours *self, const struct yml *yaml, const struct yml_node *node, const char *where,
                     const char *name, struct err *reterr)
{
    char path[sizeof ZONE_FOLDER + ZONE_NAME_MAX];
    FILE *file;
    size_t len;

    snprintf(path, sizeof path, ZONE_FOLDER "%s", name);
    file = is_zone_name(name) ? fopen(path, "re") : NULL;
    if (!file)
        return yml_refuse(
            yaml, node, where, reterr,
            "give a zone that " ZONE_FOLDER " has, such as Europe/Amsterdam, or install tzdata; not '%.60s'", name);
    self->bytes = mem_alloc(ZONE_BYTES_MAX);
    len = fread(self->bytes, 1, ZONE_BYTES_MAX, file);
    fclose(file);
    if (take_zone(self, (const unsigned char *)self->bytes, len))
        return 0;
    return yml_refuse(yaml, node, where, reterr, "install tzdata in full: %s holds no changes of the clock up to 2037",
                      path);
}

/* ---- loading ---- */

int hours_check_zone(const struct yml *yaml, const struct yml_node *node, const char *where, const char *name,
                     struct err *reterr)
{
    struct hours self = {0};
    int rc = read_zone(&self, yaml, node, where, name, reterr);

    mem_free(self.bytes);
    return rc;
}

#define DIGITS "0123456789"

int hours_read_minutes(const struct yml *yaml, const struct yml_node *node, const char *where, const char *key,
                       const char *text, int *ret_minutes, struct err *reterr)
{
    int hour = 0, minute = 0;
    bool digits = strlen(text) == 5 && text[2] == ':' && strspn(text, DIGITS) == 2 && strspn(text + 3, DIGITS) == 2;

    if (digits) {
        hour = (int)strtol(text, NULL, 10);
        minute = (int)strtol(text + 3, NULL, 10);
    }
    if (!digits || minute > 59 || hour * 60 + minute > DAY_MINUTES)
        return yml_refuse(yaml, node, where, reterr, "%s: give a time such as 08:30, not '%s'", key, text);
    *ret_minutes = hour * 60 + minute;
    return 0;
}

int hours_weekday(const char *word)
{
    for (int day = 0; day < DAYS; day++) {
        if (strcmp(day_words[day], word) == 0)
            return day;
    }
    return -1;
}

static int read_days(struct hours *self, const struct yml *yaml, const struct yml_node *list, struct err *reterr)
{
    for (const struct yml_node *node = list->first; node; node = node->next) {
        int day = node->kind == YAML_SCALAR ? hours_weekday(node->text) : -1;
        if (day < 0)
            return yml_refuse(yaml, node, "business_hours.days", reterr, "give days such as mon, tue, wed");
        self->open[day] = true;
    }
    return 0;
}

int hours_load(const struct yml *yaml, const struct yml_node *node, struct hours **ret_hours, struct err *reterr)
{
    struct hours *self = mem_alloc(sizeof *self);
    struct values values = {0};
    int rc = yml_read(yaml, node, "business_hours", fields, ARRAY_LEN(fields), &values, reterr);

    if (rc == 0)
        rc = read_days(self, yaml, values.days, reterr);
    if (rc == 0)
        rc = hours_read_minutes(yaml, node, "business_hours", "from", values.from, &self->from, reterr);
    if (rc == 0)
        rc = hours_read_minutes(yaml, node, "business_hours", "to", values.to, &self->to, reterr);
    if (rc == 0 && self->to <= self->from)
        rc = yml_refuse(yaml, node, "business_hours", reterr, "to: give a time after %s", values.from);
    if (rc == 0)
        rc = read_zone(self, yaml, node, "business_hours.zone", values.zone, reterr);
    if (rc < 0) {
        hours_free(self);
        return -1;
    }
    *ret_hours = self;
    return 0;
}

void hours_free(struct hours *self)
{
    if (!self)
        return;
    mem_free(self->bytes);
    mem_free(self);
}

/* ---- asking ---- */

static int minute_of_day(int64_t local, int *ret_weekday)
{
    int64_t day = local / DAY_S - (local % DAY_S < 0);

    *ret_weekday = (int)(((day + 3) % DAYS + DAYS) % DAYS); /* 1970-01-01 was a Thursday */
    return (int)((local - day * DAY_S) / 60);
}

int hours_inside(const struct hours *self, int64_t unix_s)
{
    int weekday, minute = minute_of_day(unix_s + offset_at(self, unix_s), &weekday);

    return self->open[weekday] && minute >= self->from && minute < self->to;
}

void hours_local(const struct hours *self, int64_t unix_s, int *ret_weekday, int *ret_hour)
{
    *ret_hour = minute_of_day(unix_s + (self ? offset_at(self, unix_s) : 0), ret_weekday) / 60;
}
