/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Each reader leaves the cursor where it was when what it looks for does not
 * stand there.
 */
#include "ingest/time_cursor.h"

#include <string.h>
#include <strings.h>

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

bool
cursor_take(struct cursor *cursor, const char *string)
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

void
cursor_blanks(struct cursor *cursor)
{
    for (;;) {
        const char byte = peek(cursor);

        if (byte == ' ' || byte == '\t') {
            cursor->at++;
        } else if ((byte & 0x80) == 0 ||
                   (!cursor_take(cursor, "\xc2\xa0") &&
                    !cursor_take(cursor, "\xe2\x80\xaf"))) {
            return;
        }
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
    if (is_digit(peek(cursor))) {
        return false;
    }
    for (int month = 0; month < 12; month++) {
        if (take_word_of(cursor, months[month])) {
            (void)cursor_take(cursor, ".");
            *ret_month = month + 1;
            return true;
        }
    }
    return false;
}

static bool
is_word(char byte)
{
    return (byte | 0x20) >= 'a' || (byte & 0x80) != 0;
}

static void
pass_weekday(struct cursor *cursor)
{
    if (is_word(peek(cursor)) && take_word_of(cursor, weekdays)) {
        (void)cursor_take(cursor, ".");
        (void)cursor_take(cursor, ",");
    }
    cursor_blanks(cursor);
    if (cursor_take(cursor, "le ")) {
        cursor_blanks(cursor);
    }
}

static bool
take_date_mark(struct cursor *cursor, char mark)
{
    if (mark == ' ') {
        const size_t before = cursor->at;

        cursor_blanks(cursor);
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
        (void)cursor_take(cursor, "er");
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

bool
cursor_year(struct cursor *cursor, int *ret_year)
{
    const struct cursor before = *cursor;
    int year = 0;

    cursor_blanks(cursor);
    if (take_number(cursor, 4, &year) != 4 || peek(cursor) == ':') {
        *cursor = before;
        return false;
    }
    *ret_year = year;
    return true;
}

/* "Mar 2, 2026", and "Mar  2" whose year stands behind the hour. */
static bool
take_month_first(struct cursor *cursor, struct civil *civil)
{
    const struct cursor before = *cursor;
    struct civil date = {.year = 0};

    if (take_month(cursor, &date.month)) {
        cursor_blanks(cursor);
        if (take_number(cursor, 2, &date.day) > 0) {
            (void)cursor_take(cursor, ",");
            (void)cursor_year(cursor, &date.year);
            *civil = date;
            return true;
        }
    }
    *cursor = before;
    return false;
}

bool
cursor_date(struct cursor *cursor, enum table_time_order order,
            struct civil *civil)
{
    const struct cursor before = *cursor;
    int first = 0;

    pass_weekday(cursor);
    if (take_month_first(cursor, civil)) {
        return true;
    }
    const size_t digits = take_number(cursor, 4, &first);

    if ((digits == 1 || digits == 2 || digits == 4) &&
        take_date_rest(cursor, order, first, digits, civil)) {
        return true;
    }
    *cursor = before;
    return false;
}

void
cursor_fraction(struct cursor *cursor, int *ret_us)
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
bool
cursor_clock(struct cursor *cursor, struct civil *civil)
{
    const struct cursor before = *cursor;
    bool colon;

    if (take_number(cursor, 2, &civil->hour) == 0 ||
        (!(colon = cursor_take(cursor, ":")) && !cursor_take(cursor, "h"))) {
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
    if (cursor_take(cursor, ":") || cursor_take(cursor, "m")) {
        if (take_number(cursor, 2, &civil->second) != 2) {
            *cursor = before;
            return false;
        }
        if (cursor_take(cursor, ".") || cursor_take(cursor, ",")) {
            cursor_fraction(cursor, &civil->microsecond);
        }
        (void)cursor_take(cursor, "s");
    }
    const size_t end = cursor->at;

    cursor_blanks(cursor);
    if (cursor_take(cursor, "PM")) {
        civil->hour += civil->hour < 12 ? 12 : 0;
    } else if (cursor_take(cursor, "AM")) {
        civil->hour = civil->hour == 12 ? 0 : civil->hour;
    } else {
        cursor->at = end;
    }
    return true;
}

bool
cursor_zone(struct cursor *cursor, int *ret_minutes)
{
    static const struct {
        const char *word;
        int minutes;
    } names[] = {{"Z", 0}, {"UTC", 0}, {"GMT", 0}, {"CEST", 120}, {"CET", 60}};
    int hours = 0, minutes = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (cursor_take(cursor, names[i].word)) {
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
    } else if (digits == 2 && cursor_take(cursor, ":")) {
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
