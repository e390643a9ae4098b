/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One cursor over the text; each reader leaves the cursor where it was when
 * what it looks for does not stand there. A form that could be read in two
 * ways is read day first unless the mapping says otherwise.
 */
#include "ingest/table_time.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/time.h"
#include "model/event.h"

struct cursor {
    struct text text;
    size_t at;
};

struct moment {
    struct civil civil;
    bool has_date, zoned;
    int zone_minutes;
};

static char
peek(const struct cursor *cursor)
{
    return cursor->at < cursor->text.length ? cursor->text.bytes[cursor->at]
                                            : '\0';
}

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
take(struct cursor *cursor, const char *string)
{
    const struct text rest = text_after(cursor->text, cursor->at);
    const size_t length = strlen(string);

    if (rest.length < length ||
        !text_is_nocase((struct text){rest.bytes, length}, string)) {
        return false;
    }
    cursor->at += length;
    return true;
}

static void
pass_blanks(struct cursor *cursor)
{
    while (peek(cursor) == ' ' || peek(cursor) == '\t' ||
           take(cursor, "\xc2\xa0") || take(cursor, "\xe2\x80\xaf")) {
        cursor->at += peek(cursor) == ' ' || peek(cursor) == '\t';
    }
}

/* At most `most` digits; how many there were, 0 for none or too many. */
static size_t
take_number(struct cursor *cursor, size_t most, int *ret_value)
{
    size_t count = 0;
    int value = 0;

    while (cursor->at + count < cursor->text.length &&
           is_digit(cursor->text.bytes[cursor->at + count])) {
        if (count == most) {
            return 0;
        }
        value = value * 10 + (cursor->text.bytes[cursor->at + count] - '0');
        count++;
    }
    cursor->at += count;
    if (count > 0) {
        *ret_value = value;
    }
    return count;
}

/* The spellings of each month, a longer one before what it starts with. */
static const char *const months[12] = {
    "janvier january janv jan",
    "f\xc3\xa9vrier f\xc3\x89vrier fevrier february f\xc3\xa9vr fevr "
    "f\xc3\xa9v fev feb",
    "mars march mar",
    "avril april avr apr",
    "mai may",
    "juin june jun",
    "juillet july juil jul",
    "ao\xc3\xbbt ao\xc3\x9bt aout august aug",
    "septembre september sept sep",
    "octobre october oct",
    "novembre november nov",
    "d\xc3\xa9"
    "cembre d\xc3\x89"
    "cembre decembre december d\xc3\xa9"
    "c "
    "dec",
};

static const char weekdays[] =
    "lundi mardi mercredi jeudi vendredi samedi dimanche monday tuesday "
    "wednesday thursday friday saturday sunday lun mar. mer jeu ven sam dim "
    "mon tue wed thu fri sat sun";

/* Takes the first of the words, parted by blanks, that stands here. */
static bool
take_word_of(struct cursor *cursor, const char *words)
{
    struct text rest = text_of(words), word;

    while (rest.length > 0) {
        const struct text here = text_after(cursor->text, cursor->at);

        (void)text_split(rest, ' ', &word, &rest);
        if (here.length >= word.length &&
            strncasecmp(here.bytes, word.bytes, word.length) == 0) {
            cursor->at += word.length;
            return true;
        }
    }
    return false;
}

static bool
take_month(struct cursor *cursor, int *ret_month)
{
    for (int month = 0; month < 12; month++) {
        if (take_word_of(cursor, months[month])) {
            (void)take(cursor, ".");
            *ret_month = month + 1;
            return true;
        }
    }
    return false;
}

static void
pass_weekday(struct cursor *cursor)
{
    if (take_word_of(cursor, weekdays)) {
        (void)take(cursor, ".");
        (void)take(cursor, ",");
    }
    pass_blanks(cursor);
    if (take(cursor, "le ")) {
        pass_blanks(cursor);
    }
}

static bool
take_date_mark(struct cursor *cursor, char mark)
{
    if (mark == ' ') {
        const size_t before = cursor->at;

        pass_blanks(cursor);
        return cursor->at > before;
    }
    if (peek(cursor) != mark) {
        return false;
    }
    cursor->at++;
    return true;
}

/* Behind the first number: mark, month, mark, year (or the other way round,
 * where the first number was a year). */
static bool
take_date_rest(struct cursor *cursor, enum table_time_order order, int first,
               size_t first_digits, struct civil *civil)
{
    char mark;
    int second = 0, third = 0;
    size_t third_digits;
    bool month_word;

    if (first == 1) {
        (void)take(cursor, "er");
    }
    mark = peek(cursor);
    if (mark == '\xc2' || mark == '\xe2') {
        mark = ' ';
    }
    if (strchr("/-. ", mark) == NULL || mark == '\0' ||
        !take_date_mark(cursor, mark)) {
        return false;
    }
    month_word = take_month(cursor, &second);
    if ((mark == ' ' && !month_word) ||
        (!month_word && take_number(cursor, 2, &second) == 0) ||
        !take_date_mark(cursor, mark)) {
        return false;
    }
    third_digits = take_number(cursor, 4, &third);
    if (first_digits == 4) {
        *civil = (struct civil){.year = first, .month = second, .day = third};
        return third_digits == 1 || third_digits == 2;
    }
    if (third_digits == 2) {
        third += third < 70 ? 2000 : 1900;
    } else if (third_digits != 4) {
        return false;
    }
    if (order == TABLE_TIME_MONTH_FIRST && !month_word) {
        *civil = (struct civil){.year = third, .month = first, .day = second};
    } else {
        *civil = (struct civil){.year = third, .month = second, .day = first};
    }
    return true;
}

static bool
take_date(struct cursor *cursor, enum table_time_order order,
          struct civil *civil)
{
    const struct cursor before = *cursor;
    int first = 0;

    pass_weekday(cursor);
    const size_t digits = take_number(cursor, 4, &first);

    if ((digits == 1 || digits == 2 || digits == 4) &&
        take_date_rest(cursor, order, first, digits, civil)) {
        return true;
    }
    *cursor = before;
    return false;
}

static void
take_fraction(struct cursor *cursor, int *ret_us)
{
    int scale = 100000;

    *ret_us = 0;
    while (is_digit(peek(cursor))) {
        *ret_us += (peek(cursor) - '0') * scale;
        scale /= 10;
        cursor->at++;
    }
}

/* hh:mm[:ss[.fff]], 9h14, 9h14m07s, with AM or PM behind */
static bool
take_clock(struct cursor *cursor, struct civil *civil)
{
    const struct cursor before = *cursor;
    bool colon;

    if (take_number(cursor, 2, &civil->hour) == 0 ||
        (!(colon = take(cursor, ":")) && !take(cursor, "h"))) {
        *cursor = before;
        return false;
    }
    if (take_number(cursor, 2, &civil->minute) != 2) {
        if (colon || is_digit(peek(cursor))) {
            *cursor = before;
            return false;
        }
        civil->minute = 0; /* 9h */
    }
    if (take(cursor, ":") || take(cursor, "m")) {
        if (take_number(cursor, 2, &civil->second) != 2) {
            *cursor = before;
            return false;
        }
        if (take(cursor, ".") || take(cursor, ",")) {
            take_fraction(cursor, &civil->microsecond);
        }
        (void)take(cursor, "s");
    }
    const size_t end = cursor->at;

    pass_blanks(cursor);
    if (take(cursor, "PM")) {
        civil->hour += civil->hour < 12 ? 12 : 0;
    } else if (take(cursor, "AM")) {
        civil->hour = civil->hour == 12 ? 0 : civil->hour;
    } else {
        cursor->at = end;
    }
    return true;
}

static bool
take_zone(struct cursor *cursor, int *ret_minutes)
{
    static const struct {
        const char *word;
        int minutes;
    } names[] = {{"Z", 0}, {"UTC", 0}, {"GMT", 0}, {"CEST", 120}, {"CET", 60}};
    int hours = 0, minutes = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (take(cursor, names[i].word)) {
            *ret_minutes = names[i].minutes;
            return true;
        }
    }
    const bool west = peek(cursor) == '-';
    const struct cursor before = *cursor;

    if (!west && peek(cursor) != '+') {
        return false;
    }
    cursor->at++;
    const size_t digits = take_number(cursor, 4, &hours);

    if (digits == 4) {
        minutes = hours % 100;
        hours /= 100;
    } else if (digits == 2 && take(cursor, ":")) {
        if (take_number(cursor, 2, &minutes) != 2) {
            *cursor = before;
            return false;
        }
    }
    if ((digits != 2 && digits != 4) || hours > 15 || minutes > 59) {
        *cursor = before;
        return false;
    }
    *ret_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
    return true;
}

enum result
table_time_zone(struct text given, int *ret_minutes)
{
    struct cursor cursor = {text_trim(given), 0};
    int minutes;

    if (!take_zone(&cursor, &minutes) || cursor.at != cursor.text.length) {
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

        take_fraction(&cursor, &us);
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
    if (count == 14 && take(cursor, ".")) {
        take_fraction(cursor, &civil->microsecond);
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
        moment->has_date = take_date(cursor, order, &moment->civil);
        if (moment->has_date) {
            (void)take(cursor, "T");
            (void)take(cursor, ":");
            (void)take(cursor, ",");
            pass_blanks(cursor);
            if (take(cursor, "\xc3\xa0") || take(cursor, "a ")) {
                pass_blanks(cursor);
            }
        }
        clock = take_clock(cursor, &moment->civil);
    }
    if (!moment->has_date && !clock) {
        return false;
    }
    pass_blanks(cursor);
    if (clock) {
        moment->zoned = take_zone(cursor, &moment->zone_minutes);
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
