/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The parts of a written moment, one after the other: date, hour, zone. For
 * table_time.c, which decides what they mean together.
 */
#ifndef VIGIE_INGEST_TIME_CURSOR_H
#define VIGIE_INGEST_TIME_CURSOR_H

#include <stdbool.h>

#include "base/text.h"
#include "base/time.h"
#include "ingest/table_time.h"

struct cursor {
    struct text text;
    size_t at;
};

/* The word, ASCII case aside. */
bool cursor_take(struct cursor *cursor, const char *word);
/* Blanks, no-break ones too. */
void cursor_blanks(struct cursor *cursor);
/* Weekday, day, month and year in the order given, with figures or words;
 * the year stays 0 where it is to come behind the hour. */
bool cursor_date(struct cursor *cursor, enum table_time_order order,
                 struct civil *civil);
/* Four digits that no colon follows. */
bool cursor_year(struct cursor *cursor, int *ret_year);
/* Digits behind a decimal mark, to microseconds. */
void cursor_fraction(struct cursor *cursor, int *ret_us);
/* hh:mm[:ss[.fff]], 9h14, 9h14m07s, with AM or PM behind. */
bool cursor_clock(struct cursor *cursor, struct civil *civil);
/* Z, UTC, GMT, CET, CEST, ±hh, ±hhmm, ±hh:mm; minutes east of UTC. */
bool cursor_zone(struct cursor *cursor, int *ret_minutes);

#endif
