/* SPDX-License-Identifier: EUPL-1.2 */
/* Pairs while their table moves into a larger one, against a plain array. */
#include "contain/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define PAIRS 300000u /* past large pages, and some doublings */

static uint64_t
person_of(uint64_t number)
{
    return (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void
a_table_that_is_full_takes_no_more(void **state)
{
    struct known *known = NULL;
    int64_t first_us;
    bool is_new;

    (void)state;
    assert_int_equal(known_new(2, &known), OK);
    assert_int_equal(known_add(known, 1, 1, 5, &is_new), OK);
    assert_int_equal(known_add(known, 1, 2, 5, &is_new), OK);
    assert_int_equal(known_add(known, 1, 3, 5, &is_new), E_LIMIT);
    assert_int_equal(known_add(known, 1, 2, 4, &is_new), OK);
    assert_false(is_new);
    assert_false(known_first(known, 1, 3, &first_us));
    assert_true(known_first(known, 1, 2, &first_us));
    assert_int_equal(first_us, 4);
    known_free(known);
}

static void
pairs_keep_their_earliest_time_while_the_table_grows(void **state)
{
    struct known *known = NULL;
    int64_t *times = calloc(PAIRS, sizeof(times[0]));
    unsigned seed = 3;

    (void)state;
    assert_int_equal(known_new(PAIRS, &known), OK);
    for (uint32_t i = 0; i < PAIRS; i++) {
        int64_t first_us = 0;
        bool is_new = false;
        uint32_t old = (uint32_t)rand_r(&seed) % (i + 1);
        int64_t time_us = 1000 + rand_r(&seed) % 1000;

        assert_false(known_first(known, i, person_of(i), &first_us));
        assert_int_equal(known_add(known, i, person_of(i), 1500, &is_new), OK);
        assert_true(is_new);
        times[i] = 1500;
        assert_int_equal(
            known_add(known, old, person_of(old), time_us, &is_new), OK);
        assert_false(is_new);
        times[old] = time_us < times[old] ? time_us : times[old];
        assert_true(known_first(known, old, person_of(old), &first_us));
        assert_int_equal(first_us, times[old]);
        assert_int_equal(known_count(known), i + 1);
    }
    for (uint32_t i = 0; i < PAIRS; i++) {
        int64_t first_us = 0;

        assert_true(known_first(known, i, person_of(i), &first_us));
        assert_int_equal(first_us, times[i]);
    }
    known_clear(known);
    assert_int_equal(known_count(known), 0);
    assert_false(known_first(known, 0, person_of(0), times));
    known_free(known);
    free(times);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_that_is_full_takes_no_more),
        cmocka_unit_test(pairs_keep_their_earliest_time_while_the_table_grows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
