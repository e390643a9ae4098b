/* SPDX-License-Identifier: EUPL-1.2 */
#include "detect/slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "detect/pool.h"

static void
what_was_never_put_is_not_found(void **state)
{
    struct slots slots;
    (void)state;
    assert_int_equal(slots_start(&slots, 18, 4), OK);
    assert_null(slots_find(&slots, 7));
    slots_remove(&slots, 7, 0);
    assert_int_equal(slots.count, 0);
    slots_free(&slots);
    slots_free(&slots); /* safe on {0} */
}

static void
what_was_put_is_found_with_its_value_through_all_growing(void **state)
{
    struct slots slots;
    uint64_t *entry;
    bool made;
    (void)state;
    assert_int_equal(slots_start(&slots, 18, 4), OK);
    for (uint64_t i = 0; i < 200000; i++) {
        assert_int_equal(
            slots_put(&slots, slots_mix(i, 1), i & 0x3ffff, &made, &entry), OK);
        assert_true(made);
    }
    for (uint64_t i = 0; i < 200000; i++) {
        entry = slots_find(&slots, slots_mix(i, 1));
        assert_non_null(entry);
        assert_int_equal(slots_value(&slots, *entry), i & 0x3ffff);
        slots_set(&slots, entry, 5);
        assert_int_equal(slots_value(&slots, *entry), 5);
    }
    for (uint64_t i = 0; i < 200000; i++)
        assert_null(slots_find(&slots, slots_mix(i, 2)));
    assert_true(slots.bytes < 200000 * 12);
    slots_free(&slots);
}

static void
removing_leaves_all_others_where_they_are_found(void **state)
{
    struct slots slots;
    uint64_t value;
    (void)state;
    assert_int_equal(slots_start(&slots, 32, 4), OK);
    for (uint64_t i = 0; i < 20000; i++)
        assert_int_equal(slots_add(&slots, slots_mix(i, 1), i), OK);
    for (uint64_t i = 0; i < 20000; i += 2)
        slots_remove(&slots, slots_mix(i, 1), i);
    assert_int_equal(slots.count, 10000);
    for (uint64_t i = 0; i < 20000; i++) {
        uint32_t cursor = 0;
        bool found = false;
        while (slots_next(&slots, slots_mix(i, 1), &cursor, &value))
            found = found || value == i;
        assert_int_equal(found, i % 2 == 1);
    }
    slots_free(&slots);
}

static void
a_pool_gives_zeroed_items_that_never_move(void **state)
{
    struct pool pool;
    uint32_t index, first;
    (void)state;
    pool_start(&pool, 24);
    assert_int_equal(pool_take(&pool, &first), OK);
    uint64_t *item = pool_at(&pool, first);
    item[0] = 42;
    for (uint32_t i = 0; i < 5000; i++) {
        assert_int_equal(pool_take(&pool, &index), OK);
        uint64_t *at = pool_at(&pool, index);
        assert_true(at[0] == 0 && at[1] == 0 && at[2] == 0);
        at[0] = at[1] = at[2] = UINT64_MAX;
    }
    assert_ptr_equal(item, pool_at(&pool, first));
    assert_true(item[0] == 42);
    pool_give(&pool, index);
    assert_int_equal(pool_take(&pool, &first), OK);
    assert_int_equal(first, index);
    item = pool_at(&pool, first);
    assert_true(item[0] == 0 && item[1] == 0);
    pool_free(&pool);
    pool_free(&pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_never_put_is_not_found),
        cmocka_unit_test(
            what_was_put_is_found_with_its_value_through_all_growing),
        cmocka_unit_test(removing_leaves_all_others_where_they_are_found),
        cmocka_unit_test(a_pool_gives_zeroed_items_that_never_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
