/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Time as signed microseconds since 1970-01-01T00:00:00Z, its RFC 3339 form,
 * and the civil calendar. No zone but UTC and one local zone, set once.
 */
#ifndef VIGIE_BASE_TIME_H
#define VIGIE_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

#define TIME_SECOND_US INT64_C(1000000)
#define TIME_MINUTE_US (60 * TIME_SECOND_US)
#define TIME_HOUR_US (60 * TIME_MINUTE_US)
#define TIME_DAY_US (24 * TIME_HOUR_US)

struct civil {
    int year, month, day, hour, minute, second, microsecond;
};

int64_t time_now_us(void);

/* Days since 1970-01-01 of a proleptic Gregorian date. */
int64_t time_days(int year, int month, int day);
/* Real dates only (30 February is none); seconds up to 60. */
bool time_civil_valid(const struct civil *civil);
int64_t time_from_civil_utc(const struct civil *civil);
void time_to_civil_utc(int64_t time_us, struct civil *ret_civil);

/* Sets the local zone (a tzdata name such as "Europe/Paris") for the whole
 * process. E_NOTFOUND where the system has no such zone. */
enum result time_zone_set(const char *name) MUST_USE;
const char *time_zone_name(void);
/* A wall-clock time of the local zone to UTC. An hour that happens twice
 * (autumn) is taken as its first, one that does not exist (spring) as if the
 * clock had not been moved; *ret_doubtful says so. */
enum result time_from_civil_local(const struct civil *civil,
                                  int64_t *ret_time_us, bool *ret_doubtful)
    MUST_USE;
void time_to_civil_local(int64_t time_us, struct civil *ret_civil);

/* RFC 3339 / ISO 8601 extended as FHIR, DICOM and syslog write it:
 * YYYY-MM-DD[T| ]hh:mm[:ss[(.|,)fraction]][Z|±hh[:]mm]. Fractions beyond
 * microseconds are cut. *ret_zoned is false where no zone was given (the
 * time is then local, by time_from_civil_local). A date alone is midnight.
 * E_FORMAT, E_LIMIT outside EVENT_YEAR_MIN..EVENT_YEAR_MAX. */
enum result time_parse(struct text text, int64_t *ret_time_us,
                       bool *ret_zoned) MUST_USE;

#define TIME_TEXT_BYTES 40
/* "2026-03-02T09:14:07.120Z"; milliseconds, or microseconds where they
 * matter, or none where zero. */
const char *time_format_utc(int64_t time_us, char out[TIME_TEXT_BYTES]);
/* For people: "02/03/2026 10:14:07" in the local zone. */
const char *time_format_local(int64_t time_us, char out[TIME_TEXT_BYTES]);

#endif
