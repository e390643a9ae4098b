/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/limits.h"

int64_t
time_now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * TIME_SECOND_US + now.tv_nsec / 1000;
}

/* Days from civil by eras of 400 years that start on 1 March, so that the
 * leap day is the last of its year. */
int64_t
time_days(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;

    return era * 146097 + day_of_era - 719468;
}

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool
time_civil_valid(const struct civil *civil)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    int length;

    if (civil->month < 1 || civil->month > 12 || civil->day < 1)
        return false;
    length = lengths[civil->month - 1];
    if (civil->month == 2 && is_leap(civil->year))
        length = 29;
    return civil->day <= length && civil->hour >= 0 && civil->hour <= 23 &&
           civil->minute >= 0 && civil->minute <= 59 && civil->second >= 0 &&
           civil->second <= 60 && civil->microsecond >= 0 &&
           civil->microsecond <= 999999;
}

int64_t
time_from_civil_utc(const struct civil *civil)
{
    int64_t seconds = time_days(civil->year, civil->month, civil->day) * 86400 +
                      civil->hour * 3600 + civil->minute * 60 + civil->second;

    return seconds * TIME_SECOND_US + civil->microsecond;
}

void
time_to_civil_utc(int64_t time_us, struct civil *ret_civil)
{
    int64_t days = time_us / TIME_DAY_US;
    int64_t rest = time_us % TIME_DAY_US;
    int64_t era, day_of_era, of_era, of_year, month;

    if (rest < 0) {
        rest += TIME_DAY_US;
        days--;
    }
    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    day_of_era = days - era * 146097;
    of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
              day_of_era / 146096) /
             365;
    of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    month = (5 * of_year + 2) / 153;
    ret_civil->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    ret_civil->month = (int)(month < 10 ? month + 3 : month - 9);
    ret_civil->year = (int)(of_era + era * 400 + (ret_civil->month <= 2));
    ret_civil->microsecond = (int)(rest % TIME_SECOND_US);
    rest /= TIME_SECOND_US;
    ret_civil->hour = (int)(rest / 3600);
    ret_civil->minute = (int)(rest / 60 % 60);
    ret_civil->second = (int)(rest % 60);
}

static char zone_name[64];

enum result
time_zone_set(const char *name)
{
    char path[256];
    struct stat status;

    if (name == NULL || name[0] == '\0' || name[0] == '/' ||
        strstr(name, "..") != NULL || strlen(name) >= sizeof(zone_name))
        return E_NOTFOUND;
    (void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
    if (strcmp(name, "UTC") != 0 &&
        (stat(path, &status) != 0 || !S_ISREG(status.st_mode)))
        return E_NOTFOUND;
    if (setenv("TZ", name, 1) != 0)
        return E_NOMEM;
    tzset();
    (void)snprintf(zone_name, sizeof(zone_name), "%s", name);
    return OK;
}

const char *
time_zone_name(void)
{
    return zone_name;
}

static struct tm
to_tm(const struct civil *civil, int is_dst)
{
    struct tm tm = {0};

    tm.tm_year = civil->year - 1900;
    tm.tm_mon = civil->month - 1;
    tm.tm_mday = civil->day;
    tm.tm_hour = civil->hour;
    tm.tm_min = civil->minute;
    tm.tm_sec = civil->second;
    tm.tm_isdst = is_dst;
    return tm;
}

static bool
same_wall(int64_t seconds, const struct civil *civil)
{
    time_t at = (time_t)seconds;
    struct tm tm;

    if (localtime_r(&at, &tm) == NULL)
        return false;
    return tm.tm_mday == civil->day && tm.tm_hour == civil->hour &&
           tm.tm_min == civil->minute;
}

/* The zone's offset is asked of the C library once an hour of wall-clock
 * time, since mktime takes a lock and searches. */
static enum result
local_offset(const struct civil *civil, int64_t hour, int64_t *ret_offset,
             bool *ret_doubtful)
{
    static int64_t kept_hour = INT64_MIN, kept_offset;
    static bool kept_doubtful;
    struct civil start = *civil;
    int64_t utc_as_if, summer, winter;
    bool in_summer, in_winter;
    struct tm tm;

    if (hour != kept_hour) {
        start.minute = start.second = start.microsecond = 0;
        utc_as_if = time_from_civil_utc(&start) / TIME_SECOND_US;
        tm = to_tm(&start, 1);
        summer = (int64_t)mktime(&tm);
        tm = to_tm(&start, 0);
        winter = (int64_t)mktime(&tm);
        in_summer = same_wall(summer, &start);
        in_winter = same_wall(winter, &start);
        kept_doubtful = in_summer == in_winter && summer != winter;
        /* twice: the first, which is summer time; never: winter time, as if
         * the clock had not been moved */
        kept_offset = utc_as_if - (in_summer ? summer : winter);
        kept_hour = hour;
    }
    *ret_offset = kept_offset;
    *ret_doubtful = kept_doubtful;
    return OK;
}

enum result
time_from_civil_local(const struct civil *civil, int64_t *ret_time_us,
                      bool *ret_doubtful)
{
    int64_t as_if_utc, offset = 0;
    bool doubtful = false;
    enum result result;

    if (!time_civil_valid(civil))
        return E_FORMAT;
    as_if_utc = time_from_civil_utc(civil);
    if (zone_name[0] == '\0') {
        result = time_zone_set("Europe/Paris");
        if (result != OK)
            return result;
    }
    result = local_offset(civil, as_if_utc / TIME_HOUR_US, &offset, &doubtful);
    if (result != OK)
        return result;
    *ret_time_us = as_if_utc - offset * TIME_SECOND_US;
    *ret_doubtful = doubtful;
    return OK;
}

void
time_to_civil_local(int64_t time_us, struct civil *ret_civil)
{
    int64_t seconds = time_us / TIME_SECOND_US;
    int64_t rest = time_us % TIME_SECOND_US;
    time_t at;
    struct tm tm = {0};

    if (rest < 0) {
        rest += TIME_SECOND_US;
        seconds--;
    }
    if (zone_name[0] == '\0' && time_zone_set("Europe/Paris") != OK)
        (void)snprintf(zone_name, sizeof(zone_name), "UTC");
    at = (time_t)seconds;
    (void)localtime_r(&at, &tm);
    *ret_civil = (struct civil){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                                tm.tm_hour,        tm.tm_min,     tm.tm_sec,
                                (int)rest};
}

/* Two to four digits at *at; false where they are not digits. */
static bool
digits(struct text text, size_t *at, size_t count, int *ret_value)
{
    int value = 0;

    if (text.length - *at < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        char byte = text.bytes[*at + i];

        if (byte < '0' || byte > '9')
            return false;
        value = value * 10 + (byte - '0');
    }
    *at += count;
    *ret_value = value;
    return true;
}

static bool
byte_at(struct text text, size_t *at, char byte)
{
    if (*at >= text.length || text.bytes[*at] != byte)
        return false;
    (*at)++;
    return true;
}

static bool
parse_fraction(struct text text, size_t *at, int *ret_us)
{
    int us = 0, scale = 100000;
    size_t start = *at;

    while (*at < text.length && text.bytes[*at] >= '0' &&
           text.bytes[*at] <= '9') {
        us += (text.bytes[*at] - '0') * scale;
        scale /= 10;
        (*at)++;
    }
    *ret_us = us;
    return *at > start;
}

static bool
parse_clock(struct text text, size_t *at, struct civil *civil)
{
    if (!digits(text, at, 2, &civil->hour) || !byte_at(text, at, ':') ||
        !digits(text, at, 2, &civil->minute))
        return false;
    if (!byte_at(text, at, ':'))
        return true;
    if (!digits(text, at, 2, &civil->second))
        return false;
    if (byte_at(text, at, '.') || byte_at(text, at, ','))
        return parse_fraction(text, at, &civil->microsecond);
    return true;
}

/* Z, ±hh, ±hhmm, ±hh:mm. Minutes east of UTC. */
static bool
parse_zone(struct text text, size_t *at, int *ret_minutes)
{
    int hours = 0, minutes = 0;
    bool west;

    if (byte_at(text, at, 'Z') || byte_at(text, at, 'z')) {
        *ret_minutes = 0;
        return true;
    }
    west = *at < text.length && text.bytes[*at] == '-';
    if (!west && (*at >= text.length || text.bytes[*at] != '+'))
        return false;
    (*at)++;
    if (!digits(text, at, 2, &hours) || hours > 15)
        return false;
    (void)byte_at(text, at, ':');
    if (*at < text.length &&
        (!digits(text, at, 2, &minutes) || minutes > 59))
        return false;
    *ret_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
    return true;
}

static enum result
parse_finish(const struct civil *civil, bool zoned, int zone_minutes,
             int64_t *ret_time_us)
{
    bool doubtful;

    if (!time_civil_valid(civil))
        return E_FORMAT;
    if (civil->year < EVENT_YEAR_MIN || civil->year > EVENT_YEAR_MAX)
        return E_LIMIT;
    if (!zoned)
        return time_from_civil_local(civil, ret_time_us, &doubtful);
    *ret_time_us = time_from_civil_utc(civil) - zone_minutes * TIME_MINUTE_US;
    return OK;
}

enum result
time_parse(struct text text, int64_t *ret_time_us, bool *ret_zoned)
{
    struct civil civil = {0};
    int zone_minutes = 0;
    bool zoned = false;
    size_t at = 0;
    int64_t time_us;
    enum result result;

    text = text_trim(text);
    if (!digits(text, &at, 4, &civil.year) || !byte_at(text, &at, '-') ||
        !digits(text, &at, 2, &civil.month) || !byte_at(text, &at, '-') ||
        !digits(text, &at, 2, &civil.day))
        return E_FORMAT;
    if (at < text.length) {
        if (!byte_at(text, &at, 'T') && !byte_at(text, &at, 't') &&
            !byte_at(text, &at, ' '))
            return E_FORMAT;
        if (!parse_clock(text, &at, &civil))
            return E_FORMAT;
        if (at < text.length) {
            (void)byte_at(text, &at, ' ');
            if (!parse_zone(text, &at, &zone_minutes) || at != text.length)
                return E_FORMAT;
            zoned = true;
        }
    }
    result = parse_finish(&civil, zoned, zone_minutes, &time_us);
    if (result != OK)
        return result;
    *ret_time_us = time_us;
    *ret_zoned = zoned;
    return OK;
}

const char *
time_format_utc(int64_t time_us, char out[TIME_TEXT_BYTES])
{
    struct civil civil;
    int length;

    time_to_civil_utc(time_us, &civil);
    length = snprintf(out, TIME_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d",
                      civil.year, civil.month, civil.day, civil.hour,
                      civil.minute, civil.second);
    if (length < 0 || length >= TIME_TEXT_BYTES - 9)
        return "";
    if (civil.microsecond % 1000 != 0)
        length += snprintf(out + length, (size_t)(TIME_TEXT_BYTES - length),
                           ".%06d", civil.microsecond);
    else if (civil.microsecond != 0)
        length += snprintf(out + length, (size_t)(TIME_TEXT_BYTES - length),
                           ".%03d", civil.microsecond / 1000);
    (void)snprintf(out + length, (size_t)(TIME_TEXT_BYTES - length), "Z");
    return out;
}

const char *
time_format_local(int64_t time_us, char out[TIME_TEXT_BYTES])
{
    struct civil civil;

    time_to_civil_local(time_us, &civil);
    (void)snprintf(out, TIME_TEXT_BYTES, "%02d/%02d/%04d %02d:%02d:%02d",
                   civil.day, civil.month, civil.year, civil.hour,
                   civil.minute, civil.second);
    return out;
}
