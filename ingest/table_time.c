/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a written moment means: a form that could be read in two ways is read
 * day first unless the mapping says otherwise.
 */
#include "ingest/table_time.h"

#include "base/limits.h"
#include "base/time.h"
#include "ingest/time_cursor.h"
#include "model/event.h"

struct moment {
    struct civil civil;
    bool has_date, zoned;
    int zone_minutes;
};

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

enum result
table_time_zone(struct text given, int *ret_minutes)
{
    struct cursor cursor = {text_trim(given), 0};
    int minutes;

    if (!cursor_zone(&cursor, &minutes) || cursor.at != cursor.text.length) {
        return E_FORMAT;
    }
    *ret_minutes = minutes;
    return OK;
}

/* By its digits: 10 are seconds until the year 2286, 13 milliseconds, … */
static enum result
read_epoch(uint64_t value, size_t digits, int64_t *ret_time_us)
{
    struct civil civil;
    uint64_t us = value;

    if (digits <= 10) {
        us *= 1000000;
    } else if (digits <= 13) {
        us *= 1000;
    } else if (digits > 16) {
        us /= 1000;
    }
    time_to_civil_utc((int64_t)us, &civil);
    if (civil.year < EVENT_YEAR_MIN || civil.year > EVENT_YEAR_MAX) {
        return E_LIMIT;
    }
    *ret_time_us = (int64_t)us;
    return OK;
}

static enum result
read_epoch_text(struct text given, enum table_time_order order,
                int64_t *ret_time_us)
{
    struct text head, fraction;
    int64_t time_us;
    uint64_t value;

    (void)text_split(given, '.', &head, &fraction);
    if (head.length > 19 || text_to_u64(head, UINT64_MAX, &value) != OK) {
        return E_FORMAT;
    }
    const size_t digits = order == TABLE_TIME_EPOCH      ? 10
                          : order == TABLE_TIME_EPOCH_MS ? 13
                                                         : head.length;

    if (digits == 10 && value > UINT64_C(9999999999)) {
        return E_LIMIT;
    }
    if (digits == 13 && value > UINT64_C(9999999999999)) {
        return E_LIMIT;
    }
    const enum result result = read_epoch(value, digits, &time_us);

    if (result != OK) {
        return result;
    }
    if (fraction.length > 0 && digits == 10) {
        struct cursor cursor = {fraction, 0};
        int us;

        cursor_fraction(&cursor, &us);
        if (cursor.at != fraction.length) {
            return E_FORMAT;
        }
        time_us += us;
    }
    *ret_time_us = time_us;
    return OK;
}

/* 20260302, 202603020914, 20260302091407 (HL7 v2 TS) */
static bool
take_compact(struct cursor *cursor, struct moment *moment)
{
    struct civil *civil = &moment->civil;
    int parts[6] = {0}, digits = 0;
    size_t count = 0;

    while (count < cursor->text.length && is_digit(cursor->text.bytes[count])) {
        count++;
    }
    if (count != 8 && count != 12 && count != 14) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const size_t part = i < 4 ? 0 : (i - 4) / 2 + 1;

        digits = cursor->text.bytes[i] - '0';
        parts[part] = parts[part] * 10 + digits;
    }
    *civil = (struct civil){parts[0], parts[1], parts[2], parts[3],
                            parts[4], parts[5], 0};
    if (civil->year < 1900 || civil->month > 12 || civil->month == 0) {
        return false;
    }
    cursor->at = count;
    if (count == 14 && cursor_take(cursor, ".")) {
        cursor_fraction(cursor, &civil->microsecond);
    }
    moment->has_date = true;
    return true;
}

static bool
all_digits(struct text text)
{
    struct text head, tail;

    (void)text_split(text, '.', &head, &tail);
    for (size_t i = 0; i < head.length; i++) {
        if (!is_digit(head.bytes[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < tail.length; i++) {
        if (!is_digit(tail.bytes[i])) {
            return false;
        }
    }
    return head.length > 0;
}

static bool
read_moment(struct cursor *cursor, enum table_time_order order,
            struct moment *moment)
{
    bool clock;

    if (take_compact(cursor, moment)) {
        clock = true;
    } else {
        moment->has_date = cursor_date(cursor, order, &moment->civil);
        if (moment->has_date) {
            (void)cursor_take(cursor, "T");
            (void)cursor_take(cursor, ":");
            (void)cursor_take(cursor, ",");
            cursor_blanks(cursor);
            if (cursor_take(cursor, "\xc3\xa0") || cursor_take(cursor, "a ")) {
                cursor_blanks(cursor);
            }
        }
        clock = cursor_clock(cursor, &moment->civil);
    }
    if (!moment->has_date && !clock) {
        return false;
    }
    cursor_blanks(cursor);
    if (clock) {
        moment->zoned = cursor_zone(cursor, &moment->zone_minutes);
    }
    if (moment->has_date && moment->civil.year == 0 &&
        !cursor_year(cursor, &moment->civil.year)) {
        return false;
    }
    return cursor->at == cursor->text.length;
}

enum result
table_time_read(struct text given, const struct table_time_rule *rule,
                int64_t fallback_us, int64_t *ret_time_us, uint32_t *ret_flags)
{
    struct cursor cursor = {text_trim(given), 0};
    struct moment moment = {.zoned = false};
    uint32_t flags = 0;
    bool doubtful = false;
    enum result result = OK;

    if (cursor.text.length == 0 || cursor.text.length > 64) {
        return E_FORMAT;
    }
    const bool epoch =
        rule->order == TABLE_TIME_EPOCH || rule->order == TABLE_TIME_EPOCH_MS;

    if (epoch || !read_moment(&cursor, rule->order, &moment)) {
        if (!all_digits(cursor.text) || (!epoch && cursor.text.length < 9)) {
            return E_FORMAT;
        }
        *ret_flags = 0;
        return read_epoch_text(cursor.text, rule->order, ret_time_us);
    }
    if (!moment.has_date) {
        struct civil day;

        time_to_civil_local(fallback_us, &day);
        moment.civil.year = day.year;
        moment.civil.month = day.month;
        moment.civil.day = day.day;
        flags |= EVENT_TIME_FROM_FILE;
    }
    if (!time_civil_valid(&moment.civil)) {
        return E_FORMAT;
    }
    if (moment.civil.year < EVENT_YEAR_MIN ||
        moment.civil.year > EVENT_YEAR_MAX) {
        return E_LIMIT;
    }
    if (moment.zoned || rule->zone_given) {
        *ret_time_us =
            time_from_civil_utc(&moment.civil) -
            (moment.zoned ? moment.zone_minutes : rule->zone_minutes) *
                TIME_MINUTE_US;
    } else {
        result = time_from_civil_local(&moment.civil, ret_time_us, &doubtful);
        flags |= EVENT_TIME_ZONE_ASSUMED;
        flags |= doubtful ? (uint32_t)EVENT_TIME_DOUBTFUL : 0;
    }
    if (result == OK) {
        *ret_flags = flags;
    }
    return result;
}
