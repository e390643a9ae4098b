/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Text written by copying into room that the caller has made sure of: a bench
 * wants gigabytes, so no printf here. Private to demo/region*.c.
 */
#ifndef VIGIE_DEMO_REGION_PEN_H
#define VIGIE_DEMO_REGION_PEN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "demo/region_state.h"

#define DAYS_OF_ERA 719468 /* 1970-01-01 in days since 0000-03-01 */

struct pen {
    char *at;
};

static inline void
pen_bytes(struct pen *pen, const char *bytes, size_t length)
{
    memcpy(pen->at, bytes, length);
    pen->at += length;
}

#define PEN(pen, literal) pen_bytes(pen, literal, sizeof(literal) - 1)

static inline void
pen_string(struct pen *pen, const char *string)
{
    pen_bytes(pen, string, strlen(string));
}

static inline void
pen_hex(struct pen *pen, uint64_t value, unsigned digits)
{
    static const char hex[] = "0123456789abcdef";
    for (unsigned i = digits; i-- > 0;)
        *pen->at++ = hex[value >> (4 * i) & 15];
}

static inline void
pen_decimal(struct pen *pen, uint64_t value, unsigned digits)
{
    for (unsigned i = digits; i-- > 0; value /= 10)
        pen->at[i] = (char)('0' + value % 10);
    pen->at += digits;
}

static inline void
pen_plain(struct pen *pen, uint64_t value)
{
    unsigned digits = 1;
    for (uint64_t rest = value; rest >= 10; rest /= 10)
        digits++;
    pen_decimal(pen, value, digits);
}

/* "2026-03-02" of days since 0000-03-01, after Hinnant's algorithm. */
static inline void
pen_date(struct pen *pen, int64_t days)
{
    int64_t era = days / 146097, of_era = days % 146097;
    int64_t year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t part = (5 * of_year + 2) / 153;
    int64_t month = part < 10 ? part + 3 : part - 9;

    pen_decimal(pen, (uint64_t)(year + era * 400 + (month <= 2)), 4);
    PEN(pen, "-");
    pen_decimal(pen, (uint64_t)month, 2);
    PEN(pen, "-");
    pen_decimal(pen, (uint64_t)(of_year - (153 * part + 2) / 5 + 1), 2);
}

/* "2026-03-02T09:14:07.120Z" */
static inline void
pen_time(struct pen *pen, int64_t time_us)
{
    uint64_t ms = (uint64_t)(time_us % DAY_US) / 1000;

    pen_date(pen, time_us / DAY_US + DAYS_OF_ERA);
    PEN(pen, "T");
    pen_decimal(pen, ms / 3600000, 2);
    PEN(pen, ":");
    pen_decimal(pen, ms / 60000 % 60, 2);
    PEN(pen, ":");
    pen_decimal(pen, ms / 1000 % 60, 2);
    PEN(pen, ".");
    pen_decimal(pen, ms % 1000, 3);
    PEN(pen, "Z");
}

static inline void
pen_base64(struct pen *pen, const char *text, size_t length)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                  "qrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < length ? (uint8_t)text[i + k] : 0u);
        pen->at[0] = letters[bits >> 18 & 63];
        pen->at[1] = letters[bits >> 12 & 63];
        pen->at[2] = i + 1 < length ? letters[bits >> 6 & 63] : '=';
        pen->at[3] = i + 2 < length ? letters[bits & 63] : '=';
        pen->at += 4;
    }
}

/* region_names.c: values as the trail shows them */
void pen_professional(struct pen *pen, uint32_t professional);
void pen_person(struct pen *pen, const struct region *region, uint32_t person);
void pen_token(struct pen *pen, uint64_t token);
void pen_address(struct pen *pen, uint32_t address);
void pen_device(struct pen *pen, const struct region_session *session);

#endif
