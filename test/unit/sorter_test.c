/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "core/sorter.h"

#define SMALL 1 /* raised to the least that holds two events */

static int
setup(void **state)
{
    (void)state;
    return hash_start() == OK ? 0 : -1;
}

static void
add(struct sorter *sorter, int64_t time, const char *professional,
    const char *record, size_t fill, uint32_t file)
{
    static char padding[EVENT_VALUE_BYTES_MAX];
    struct event event = {
        .kind = EVENT_ACCESS,
        .time_us = time,
        .professional = text_of(professional),
        .record = text_of(record),
    };

    memset(padding, 'x', sizeof(padding));
    event.device = (struct text){padding, fill};
    assert_int_equal(sorter_add(sorter, &event, file), OK);
}

static size_t
drain_in_order(struct sorter *sorter, int64_t *times, size_t room)
{
    struct sorted_event sorted;
    int64_t last = INT64_MIN;
    size_t count = 0;
    enum result result;

    assert_int_equal(sorter_finish(sorter), OK);
    while ((result = sorter_next(sorter, &sorted)) == OK) {
        assert_true(sorted.event.time_us >= last);
        last = sorted.event.time_us;
        if (count < room)
            times[count] = last;
        count++;
    }
    assert_int_equal(result, E_END);
    return count;
}

/* newest first, sorted, shuffled, saw: all come out sorted, none is lost */
static void
any_order_comes_out_by_time(size_t buffer_bytes, size_t fill)
{
    enum { COUNT = 5000 };
    int64_t *times = malloc(COUNT * sizeof(*times));

    assert_non_null(times);
    for (int order = 0; order < 4; order++) {
        struct sorter *sorter = NULL;
        int64_t sum = 0;
        size_t count;

        assert_int_equal(sorter_new(buffer_bytes, &sorter), OK);
        for (int64_t i = 0; i < COUNT; i++) {
            int64_t time = order == 0   ? i
                           : order == 1 ? COUNT - i
                           : order == 2 ? i * 2654435761 % 100003
                                        : i % 7 * 1000 + i / 7;

            sum += time;
            add(sorter, time, "p", NULL, fill, (uint32_t)(i % 3));
        }
        count = drain_in_order(sorter, times, COUNT);
        assert_int_equal(count + sorter_repeated(sorter), COUNT);
        for (size_t i = 0; i < count; i++)
            sum -= times[i];
        if (sorter_repeated(sorter) == 0)
            assert_int_equal(sum, 0);
        sorter_free(sorter);
    }
    free(times);
}

static void
any_order_in_memory_and_on_disk(void **state)
{
    (void)state;
    any_order_comes_out_by_time(8 << 20, 10);
    /* more runs than one pass merges */
    any_order_comes_out_by_time(SMALL, 4000);
}

static void
what_overlapping_files_say_is_given_once(void **state)
{
    struct sorter *sorter = NULL;
    int64_t times[8];

    (void)state;
    assert_int_equal(sorter_new(1 << 20, &sorter), OK);
    add(sorter, 1, "p", NULL, 0, 0);
    add(sorter, 1, "p", NULL, 0, 1);
    add(sorter, 2, "p", NULL, 0, 0);
    add(sorter, 2, "p", NULL, 0, 0);
    add(sorter, 2, "p", NULL, 0, 1);
    assert_int_equal(drain_in_order(sorter, times, 8), 3);
    assert_int_equal(sorter_repeated(sorter), 2);
    sorter_free(sorter);
}

static void
a_record_with_an_id_of_its_own_is_given_once_in_any_case(void **state)
{
    struct sorter *sorter = NULL;
    int64_t times[8];

    (void)state;
    assert_int_equal(sorter_new(1 << 20, &sorter), OK);
    add(sorter, 2, "p", "id-1", 0, 0);
    add(sorter, 2, "p", "id-1", 0, 0);
    add(sorter, 2, "p", "id-2", 0, 0);
    assert_int_equal(drain_in_order(sorter, times, 8), 2);
    sorter_free(sorter);
}

static void
ties_come_in_an_order_that_only_their_content_decides(void **state)
{
    char first[3][8], second[3][8];

    (void)state;
    for (int round = 0; round < 2; round++) {
        struct sorter *sorter = NULL;
        struct sorted_event sorted;

        assert_int_equal(sorter_new(1 << 20, &sorter), OK);
        for (int i = 0; i < 3; i++) {
            static const char *const names[] = {"a", "b", "c"};

            add(sorter, 5, names[round == 0 ? i : 2 - i], NULL, 0,
                (uint32_t)i);
        }
        assert_int_equal(sorter_finish(sorter), OK);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(sorter_next(sorter, &sorted), OK);
            (void)snprintf(round == 0 ? first[i] : second[i], 8, "%.*s",
                           (int)sorted.event.professional.length,
                           sorted.event.professional.bytes);
        }
        sorter_free(sorter);
    }
    for (int i = 0; i < 3; i++)
        assert_string_equal(first[i], second[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_in_memory_and_on_disk),
        cmocka_unit_test(what_overlapping_files_say_is_given_once),
        cmocka_unit_test(
            a_record_with_an_id_of_its_own_is_given_once_in_any_case),
        cmocka_unit_test(
            ties_come_in_an_order_that_only_their_content_decides),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
