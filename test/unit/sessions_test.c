/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/time.h"
#include "core/sessions.h"

static struct row
sighting(uint64_t session, int64_t minute)
{
    return (struct row){
        .kind = ROW_SIGHTING,
        .time_source_us = minute * TIME_MINUTE_US,
        .session = session,
        .professional = 7,
        .person = session + 1000,
        .request = session + 2000,
        .detail = 5,
    };
}

static void
what_was_idle_is_unknown_whether_swept_out_or_not(void **state)
{
    struct sessions *sessions = NULL;
    struct session_state found;

    (void)state;
    assert_int_equal(sessions_new(&sessions), OK);
    /* more than fit: sweeps happen on the way */
    for (uint64_t i = 1; i <= 10 * SESSIONS_SWEEP_MIN; i++) {
        struct row row = sighting(i, (int64_t)(i / 50));

        assert_int_equal(sessions_row(sessions, &row), OK);
        if (i > 10) {
            assert_true(sessions_find(sessions, i - 5, row.time_source_us,
                                      &found));
            assert_int_equal(found.address, i - 5 + 1000);
        }
        if (i > 2000)
            assert_false(sessions_find(sessions, i - 1600,
                                       row.time_source_us, &found));
    }
    sessions_free(sessions);
}

static void
a_context_finds_its_session_within_the_idle_time_both_ways(void **state)
{
    struct sessions *sessions = NULL;
    struct row row = sighting(9, 100);
    int64_t at = row.time_source_us;

    (void)state;
    assert_int_equal(sessions_new(&sessions), OK);
    assert_int_equal(sessions_row(sessions, &row), OK);
    assert_int_equal(
        sessions_of_context(sessions, 7, 1009, 2009, false,
                            at + SESSION_IDLE_MINUTES * TIME_MINUTE_US),
        9);
    assert_int_equal(
        sessions_of_context(sessions, 7, 1009, 2009, false,
                            at + SESSION_IDLE_MINUTES * TIME_MINUTE_US + 1),
        0);
    assert_int_equal(
        sessions_of_context(sessions, 7, 1009, 2009, false,
                            at - SESSION_IDLE_MINUTES * TIME_MINUTE_US),
        9);
    assert_int_equal(
        sessions_of_context(sessions, 7, 1009, 2009, true, at), 0);
    assert_int_equal(
        sessions_of_context(sessions, 8, 1009, 2009, false, at), 0);
    sessions_free(sessions);
}

static void
a_sid_is_never_joined_by_context(void **state)
{
    struct sessions *sessions = NULL;
    struct row row = sighting(9, 100);

    (void)state;
    row.flags = ROW_SESSION_SID;
    assert_int_equal(sessions_new(&sessions), OK);
    assert_int_equal(sessions_row(sessions, &row), OK);
    assert_int_equal(sessions_of_context(sessions, 7, 1009, 2009, false,
                                         row.time_source_us),
                     0);
    sessions_free(sessions);
}

static void
the_token_is_the_last_one_said(void **state)
{
    struct sessions *sessions = NULL;
    struct session_state found;
    struct row row = sighting(9, 100);

    (void)state;
    assert_int_equal(sessions_new(&sessions), OK);
    assert_int_equal(sessions_row(sessions, &row), OK);
    assert_true(sessions_find(sessions, 9, row.time_source_us, &found));
    assert_int_equal(found.token, 9);
    row.kind = ROW_TOKEN;
    row.person = 77;
    assert_int_equal(sessions_row(sessions, &row), OK);
    assert_true(sessions_find(sessions, 9, row.time_source_us, &found));
    assert_int_equal(found.token, 77);
    assert_int_equal(found.address, 1009);
    sessions_free(sessions);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_idle_is_unknown_whether_swept_out_or_not),
        cmocka_unit_test(
            a_context_finds_its_session_within_the_idle_time_both_ways),
        cmocka_unit_test(a_sid_is_never_joined_by_context),
        cmocka_unit_test(the_token_is_the_last_one_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
