/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"

static void
dates_that_do_not_exist_are_refused(void **state)
{
    static const char *const bad[] = {
        "",           "2026",       "2026-13-01", "2026-00-10",
        "2023-02-29", "2026-04-31", "2026-1-1",   "2026-01-01T24:00:00Z",
        "2026-01-01T10:60:00Z",     "2026-01-01T10:00:00+99:00",
        "2026-01-01T10:00:00Zx",    "2026-01-01T10:00:00.Z",
        "02/03/2026", "20260102",   "2026-01-01x10:00",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t time = 42;
        bool zoned;

        assert_int_equal(time_parse(text_of(bad[i]), &time, &zoned), E_FORMAT);
        assert_int_equal(time, 42);
    }
}

static void
years_outside_belief_are_a_limit(void **state)
{
    int64_t time;
    bool zoned;

    (void)state;
    assert_int_equal(
        time_parse(TEXT("1899-12-31T00:00:00Z"), &time, &zoned), E_LIMIT);
    assert_int_equal(
        time_parse(TEXT("2999-01-01T00:00:00Z"), &time, &zoned), E_LIMIT);
}

static void
forms_of_fhir_dicom_and_syslog_are_read(void **state)
{
    static const struct {
        const char *text, *utc;
    } good[] = {
        {"2026-03-02T09:14:07.120Z", "2026-03-02T09:14:07.120Z"},
        {"2010-02-25T16:39:36.400-05:00", "2010-02-25T21:39:36.400Z"},
        {"2024-06-25T13:47:57.598829760Z", "2024-06-25T13:47:57.598829Z"},
        {"2026-03-02 09:14:07,5+0100", "2026-03-02T08:14:07.500Z"},
        {"2026-03-02T09:14Z", "2026-03-02T09:14:00Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
        {" 2026-12-31T23:59:60Z ", "2027-01-01T00:00:00Z"},
    };
    char out[TIME_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t time;
        bool zoned;

        assert_int_equal(time_parse(text_of(good[i].text), &time, &zoned), OK);
        assert_true(zoned);
        assert_string_equal(time_format_utc(time, out), good[i].utc);
    }
}

static void
both_changes_of_hour_of_paris(void **state)
{
    static const struct {
        struct civil civil;
        const char *utc;
        bool doubtful;
    } cases[] = {
        {{2026, 1, 15, 12, 0, 0, 0}, "2026-01-15T11:00:00Z", false},
        {{2026, 7, 15, 12, 0, 0, 0}, "2026-07-15T10:00:00Z", false},
        {{2026, 3, 29, 1, 59, 59, 0}, "2026-03-29T00:59:59Z", false},
        {{2026, 3, 29, 2, 30, 0, 0}, "2026-03-29T01:30:00Z", true},
        {{2026, 3, 29, 3, 0, 0, 0}, "2026-03-29T01:00:00Z", false},
        {{2026, 10, 25, 1, 59, 59, 0}, "2026-10-24T23:59:59Z", false},
        {{2026, 10, 25, 2, 30, 0, 0}, "2026-10-25T00:30:00Z", true},
        {{2026, 10, 25, 3, 0, 0, 0}, "2026-10-25T02:00:00Z", false},
    };
    char out[TIME_TEXT_BYTES];

    (void)state;
    assert_int_equal(time_zone_set("Europe/Paris"), OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t time;
        bool doubtful;

        assert_int_equal(
            time_from_civil_local(&cases[i].civil, &time, &doubtful), OK);
        assert_string_equal(time_format_utc(time, out), cases[i].utc);
        assert_int_equal(doubtful, cases[i].doubtful);
    }
}

static void
zones_that_are_no_zones_are_refused(void **state)
{
    (void)state;
    assert_int_equal(time_zone_set("Europe/Nowhere"), E_NOTFOUND);
    assert_int_equal(time_zone_set("../../etc/passwd"), E_NOTFOUND);
    assert_int_equal(time_zone_set(""), E_NOTFOUND);
}

static void
civil_and_back_for_every_day_of_two_centuries(void **state)
{
    (void)state;
    for (int64_t day = time_days(1900, 1, 1); day < time_days(2100, 1, 1);
         day++) {
        struct civil civil;

        time_to_civil_utc(day * TIME_DAY_US + 1, &civil);
        assert_true(time_civil_valid(&civil));
        assert_int_equal(time_from_civil_utc(&civil), day * TIME_DAY_US + 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_that_do_not_exist_are_refused),
        cmocka_unit_test(years_outside_belief_are_a_limit),
        cmocka_unit_test(forms_of_fhir_dicom_and_syslog_are_read),
        cmocka_unit_test(both_changes_of_hour_of_paris),
        cmocka_unit_test(zones_that_are_no_zones_are_refused),
        cmocka_unit_test(civil_and_back_for_every_day_of_two_centuries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
