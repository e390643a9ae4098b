/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Dates and hours as software in France writes them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "ingest/table_time.h"
#include "model/event.h"

static const char *
read_as(const char *given, enum table_time_order order)
{
    static char out[TIME_TEXT_BYTES + 16];
    const struct table_time_rule rule = {.order = order};
    char time[TIME_TEXT_BYTES];
    int64_t time_us;
    uint32_t flags;

    assert_int_equal(time_zone_set("Europe/Paris"), OK);
    const enum result result = table_time_read(
        text_of(given), &rule, INT64_C(1772442847000000), &time_us, &flags);

    if (result != OK) {
        return result == E_LIMIT ? "year" : "form";
    }
    (void)snprintf(out, sizeof(out), "%s%s%s%s", time_format_utc(time_us, time),
                   (flags & EVENT_TIME_ZONE_ASSUMED) != 0 ? " local" : "",
                   (flags & EVENT_TIME_DOUBTFUL) != 0 ? " doubtful" : "",
                   (flags & EVENT_TIME_FROM_FILE) != 0 ? " file" : "");
    return out;
}

#define DAY(text) read_as(text, TABLE_TIME_DAY_FIRST)

static void
what_is_no_time_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "30/02/2026",
                                      "31/04/2026 10:00",
                                      "02/03",
                                      "02/03/202",
                                      "1/2/3/4",
                                      "02/03/2026 25:00",
                                      "02/03/2026 10:60",
                                      "02/03/2026 10",
                                      "02/03/2026 10:00 et",
                                      "2026-13-01",
                                      "12345678",
                                      "02-03/2026",
                                      "02/03/2026 10:00 +25:00",
                                      "99:99",
                                      "2 martien 2026",
                                      "--",
                                      "1772442847x",
                                      "20261301000000"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (strcmp(DAY(bad[i]), "form") != 0 &&
            strcmp(DAY(bad[i]), "year") != 0) {
            fail_msg("%s was read as %s", bad[i], DAY(bad[i]));
        }
    }
}

static void
years_that_nobody_believes_are_refused(void **state)
{
    (void)state;
    assert_string_equal(DAY("01/01/1899 10:00"), "year");
    assert_string_equal(DAY("01/01/2999 10:00"), "year");
    assert_string_equal(DAY("9999999999999"), "year");
    assert_string_equal(read_as("12", TABLE_TIME_EPOCH), "year");
    assert_string_equal(read_as("99999999999999999999", TABLE_TIME_EPOCH),
                        "form");
}

static void
french_dates_are_day_first(void **state)
{
    static const char *const same[] = {"02/03/2026 09:14",
                                       "2/3/2026 9:14",
                                       "02-03-2026 09:14",
                                       "02.03.2026 09:14",
                                       "02/03/26 09:14",
                                       "2 mars 2026 09:14",
                                       "2 mars 2026 9h14",
                                       "lundi 2 mars 2026 \xc3\xa0 09:14",
                                       "le 2 mars 2026, 09:14",
                                       "2026-03-02 09:14",
                                       "2026-03-02T09:14",
                                       "2026/03/02 09:14:00",
                                       "02-mars-2026 09:14",
                                       "02/03/2026 9:14 AM",
                                       "2 Mar 2026 09:14",
                                       " 02/03/2026\xc2\xa0"
                                       "09:14 ",
                                       "202603020914",
                                       "20260302091400"};

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        if (strcmp(DAY(same[i]), "2026-03-02T08:14:00Z local") != 0) {
            fail_msg("%s was read as %s", same[i], DAY(same[i]));
        }
    }
    assert_string_equal(DAY("1er janvier 2026"), "2025-12-31T23:00:00Z local");
    assert_string_equal(DAY("14 f\xc3\xa9vrier 2026"),
                        "2026-02-13T23:00:00Z local");
    assert_string_equal(DAY("15 AO\xc3\x9bT 2026 12:00"),
                        "2026-08-15T10:00:00Z local");
    assert_string_equal(DAY("20260302"), "2026-03-01T23:00:00Z local");
    assert_string_equal(read_as("03/02/2026 09:14", TABLE_TIME_MONTH_FIRST),
                        "2026-03-02T08:14:00Z local");
    assert_string_equal(DAY("02/03/2026 09:14 PM"),
                        "2026-03-02T20:14:00Z local");
}

static void
a_zone_that_is_given_is_honoured(void **state)
{
    (void)state;
    assert_string_equal(DAY("02/Mar/2026:09:14:07 +0100"),
                        "2026-03-02T08:14:07Z");
    assert_string_equal(DAY("2026-03-02T09:14:07.120Z"),
                        "2026-03-02T09:14:07.120Z");
    assert_string_equal(DAY("2026-03-02T09:14:07,5-05:00"),
                        "2026-03-02T14:14:07.500Z");
    assert_string_equal(DAY("Mon Mar 02 09:14:07 CET 2026"),
                        "2026-03-02T08:14:07Z");
    assert_string_equal(DAY("Mon Mar  2 09:14:07 2026"),
                        "2026-03-02T08:14:07Z local");
    assert_string_equal(DAY("Mar 2, 2026 9:14:07 PM"),
                        "2026-03-02T20:14:07Z local");
    assert_string_equal(DAY("Mar  2 09:14:07"), "form");
    assert_string_equal(DAY("02/03/2026 09:14 UTC"), "2026-03-02T09:14:00Z");
    assert_string_equal(DAY("02/07/2026 09:14 CEST"), "2026-07-02T07:14:00Z");
}

static void
seconds_and_milliseconds_since_1970_are_told_by_their_digits(void **state)
{
    (void)state;
    assert_string_equal(DAY("1772442847"), "2026-03-02T09:14:07Z");
    assert_string_equal(DAY("1772442847120"), "2026-03-02T09:14:07.120Z");
    assert_string_equal(DAY("1772442847120000"), "2026-03-02T09:14:07.120Z");
    assert_string_equal(DAY("1772442847.12"), "2026-03-02T09:14:07.120Z");
    assert_string_equal(read_as("1772442847120", TABLE_TIME_EPOCH_MS),
                        "2026-03-02T09:14:07.120Z");
}

static void
both_changes_of_hour_are_doubtful_and_nothing_around_them(void **state)
{
    (void)state;
    assert_string_equal(DAY("29/03/2026 01:59:59"),
                        "2026-03-29T00:59:59Z local");
    assert_string_equal(DAY("29/03/2026 02:30"),
                        "2026-03-29T01:30:00Z local doubtful");
    assert_string_equal(DAY("29/03/2026 03:00"), "2026-03-29T01:00:00Z local");
    assert_string_equal(DAY("25/10/2026 01:59"), "2026-10-24T23:59:00Z local");
    assert_string_equal(DAY("25/10/2026 02:30"),
                        "2026-10-25T00:30:00Z local doubtful");
    assert_string_equal(DAY("25/10/2026 03:00"), "2026-10-25T02:00:00Z local");
    assert_string_equal(DAY("2026-10-25T02:30:00+01:00"),
                        "2026-10-25T01:30:00Z");
}

static void
an_hour_alone_is_on_the_file_s_day(void **state)
{
    (void)state;
    assert_string_equal(DAY("21:20:42,120"),
                        "2026-03-02T20:20:42.120Z local file");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(years_that_nobody_believes_are_refused),
        cmocka_unit_test(french_dates_are_day_first),
        cmocka_unit_test(a_zone_that_is_given_is_honoured),
        cmocka_unit_test(
            seconds_and_milliseconds_since_1970_are_told_by_their_digits),
        cmocka_unit_test(
            both_changes_of_hour_are_doubtful_and_nothing_around_them),
        cmocka_unit_test(an_hour_alone_is_on_the_file_s_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
