/* Clocks of the operating system. */
#define _GNU_SOURCE
#include "base/clock.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/attrs.h"

static int64_t read_us(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
    return read_us(CLOCK_REALTIME);
}

int64_t clock_cpu_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

char *clock_rfc3339(int64_t wall_us, char out[CLOCK_RFC3339_MAX])
{
    time_t seconds = (time_t)(wall_us / 1000000);
    int millis = (int)(wall_us / 1000 % 1000);
    struct tm tm;
    size_t len;

    gmtime_r(&seconds, &tm);
    len = strftime(out, CLOCK_RFC3339_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + len, CLOCK_RFC3339_MAX - len, ".%03dZ", millis);
    return out;
}

/* ---- read ---- */

static bool take_digits(const char **text, size_t n, int *ret_number)
{
    *ret_number = 0;
    for (size_t i = 0; i < n; i++, ++*text) {
        if (!isdigit((unsigned char)**text))
            return false;
        *ret_number = 10 * *ret_number + (**text - '0');
    }
    return true;
}

static bool take_one_of(const char **text, const char *signs, char *ret_sign)
{
    *ret_sign = **text;
    if (!**text || !strchr(signs, **text))
        return false;
    ++*text;
    return true;
}

/* Digits behind a point, as microseconds; more than six are cut. */
static bool take_fraction(const char **text, int64_t *ret_us)
{
    char point;
    int64_t unit = 1000000;

    *ret_us = 0;
    if (!take_one_of(text, ".", &point))
        return true;
    if (!isdigit((unsigned char)**text))
        return false;
    for (; isdigit((unsigned char)**text); ++*text) {
        unit /= 10;
        *ret_us += unit * (**text - '0');
    }
    return true;
}

/* Z, or hours and minutes before or behind it. */
static bool take_zone(const char **text, int64_t *ret_offset_us)
{
    int hours, minutes;
    char sign, colon;

    *ret_offset_us = 0;
    if (!take_one_of(text, "Zz+-", &sign))
        return false;
    if (sign == 'Z' || sign == 'z')
        return true;
    if (!take_digits(text, 2, &hours) || !take_one_of(text, ":", &colon) || !take_digits(text, 2, &minutes))
        return false;
    *ret_offset_us = (sign == '-' ? -1 : 1) * (int64_t)(hours * 60 + minutes) * 60 * 1000000;
    return hours <= 23 && minutes <= 59;
}

/* Of the calendar: what is none becomes another one when it is counted. */
static bool is_day(const struct tm *tm)
{
    struct tm counted = {.tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday};

    (void)timegm(&counted);
    return counted.tm_mon == tm->tm_mon && counted.tm_mday == tm->tm_mday;
}

int clock_parse(const char *text, int64_t *ret_wall_us)
{
    struct tm tm = {0};
    int *const parts[] = {&tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec};
    static const char *const behind[] = {"-", "-", "Tt ", ":", ":", ""};
    int64_t fraction_us, offset_us;
    char sign;

    if (!text)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (!take_digits(&text, i == 0 ? 4 : 2, parts[i]) || (*behind[i] && !take_one_of(&text, behind[i], &sign)))
            return -1;
    }
    if (!take_fraction(&text, &fraction_us) || !take_zone(&text, &offset_us) || *text)
        return -1;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    if (!is_day(&tm) || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
        return -1;
    *ret_wall_us = (int64_t)timegm(&tm) * 1000000 + fraction_us - offset_us;
    return 0;
}
