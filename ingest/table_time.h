/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Dates and hours as French software writes them, to one instant. Knows
 * neither columns nor records.
 */
#ifndef VIGIE_INGEST_TABLE_TIME_H
#define VIGIE_INGEST_TABLE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

enum table_time_order {
    TABLE_TIME_DAY_FIRST = 0, /* 02/03/2026 is the second of March */
    TABLE_TIME_MONTH_FIRST = 1,
    TABLE_TIME_EPOCH = 2,    /* seconds, decimals allowed */
    TABLE_TIME_EPOCH_MS = 3, /* milliseconds */
};

struct table_time_rule {
    enum table_time_order order;
    bool zone_given; /* for times that name none; else the local zone */
    int zone_minutes;
};

/* "02/03/2026 09:14:07", "2/3/26 9h14", "2026-03-02T09:14:07,120+01:00",
 * "02/Mar/2026:09:14:07 +0100", "lundi 2 mars 2026 à 09:14", "20260302091407",
 * epoch in s, ms, µs or ns by its digits; "21:20:42,120" alone is on the
 * local day of fallback_us and flagged. *ret_flags: EVENT_TIME_… bits.
 * E_FORMAT; E_LIMIT outside EVENT_YEAR_MIN..EVENT_YEAR_MAX. */
enum result table_time_read(struct text given,
                            const struct table_time_rule *rule,
                            int64_t fallback_us, int64_t *ret_time_us,
                            uint32_t *ret_flags) MUST_USE;
/* "utc", "Z", "+02:00", "-0500"; E_FORMAT. */
enum result table_time_zone(struct text given, int *ret_minutes) MUST_USE;

#endif
