/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/query_step.h"

static struct query_place
name(const char *letters)
{
    struct query_place place = {.kind = QUERY_NAME};

    for (size_t i = 0; i < 8; i++)
        place.at =
            place.at << 8 | (i < strlen(letters) ? (uint8_t)letters[i] : 0u);
    return place;
}

static struct query_place
number(unsigned kind, uint64_t at, uint32_t rest)
{
    return (struct query_place){(uint8_t)kind, at, rest};
}

static enum query_step
step(struct query_place before, struct query_place now)
{
    uint16_t size = 7;

    return query_step_of(&before, &now, &size);
}

static unsigned
size_of(struct query_place before, struct query_place now)
{
    uint16_t size = 7;

    (void)query_step_of(&before, &now, &size);
    return size;
}

static void
nothing_before_or_another_kind_is_a_first(void **state)
{
    struct query_place now = name("abel");
    uint16_t size = 7;

    (void)state;
    assert_int_equal(query_step_of(NULL, &now, &size), STEP_FIRST);
    assert_int_equal(size, 0);
    assert_int_equal(step(number(QUERY_NONE, 0, 0), number(QUERY_NONE, 1, 0)),
                     STEP_FIRST);
    assert_int_equal(step(number(9, 0, 0), number(9, 1, 0)), STEP_FIRST);
    assert_int_equal(step(number(QUERY_DATE, 4, 0), name("d")), STEP_FIRST);
}

static void
names_in_their_order_are_near(void **state)
{
    static const char *const order[] = {"a",      "b",    "c",     "d",
                                        "dabad",  "duc",  "dup",   "dupre",
                                        "durand", "edet", "falco", "gay"};

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(order) / sizeof(order[0]); i++) {
        enum query_step up = step(name(order[i]), name(order[i + 1]));
        enum query_step down = step(name(order[i + 1]), name(order[i]));

        if (strncmp(order[i], order[i + 1], strlen(order[i])) == 0) {
            assert_int_equal(up, STEP_SAME);
            assert_int_equal(down, STEP_SAME);
            continue;
        }
        assert_int_equal(up, STEP_UP);
        assert_int_equal(down, STEP_DOWN);
    }
    assert_int_equal(step(name("az"), name("ba")), STEP_UP);
    assert_int_equal(step(name("abadie"), name("abel")), STEP_UP);
    assert_int_equal(size_of(name("abadie"), name("abel")), 0);
}

static void
a_name_typed_letter_by_letter_stays_where_it_is(void **state)
{
    (void)state;
    assert_int_equal(step(name("d"), name("du")), STEP_SAME);
    assert_int_equal(step(name("du"), name("dupontel")), STEP_SAME);
    assert_int_equal(step(name("dupontel"), name("dup")), STEP_SAME);
    assert_int_equal(step(name("dupontel"), name("dupontel")), STEP_SAME);
    assert_int_equal(step(name("dup"), name("duq")), STEP_UP);
}

static void
a_name_elsewhere_in_the_alphabet_is_far(void **state)
{
    (void)state;
    assert_int_equal(step(name("abel"), name("moreau")), STEP_FAR);
    assert_int_equal(step(name("moreau"), name("abel")), STEP_FAR);
    assert_int_equal(step(name("a"), name("f")), STEP_FAR);
    assert_int_equal(size_of(name("a"), name("z")), 0);
}

/* All pairs of first two letters: as many ups as downs, near the same way
 * in both directions, and rarer than far ones. */
static void
steps_of_random_names_are_symmetric_and_mostly_far(void **state)
{
    unsigned counts[5] = {0};

    (void)state;
    for (unsigned i = 0; i < 26 * 26; i++) {
        for (unsigned j = 0; j < 26 * 26; j++) {
            char a[] = {(char)('a' + i / 26), (char)('a' + i % 26), 0};
            char b[] = {(char)('a' + j / 26), (char)('a' + j % 26), 0};

            counts[step(name(a), name(b))]++;
        }
    }
    assert_int_equal(counts[STEP_FIRST], 0);
    assert_int_equal(counts[STEP_SAME], 26 * 26);
    assert_int_equal(counts[STEP_UP], counts[STEP_DOWN]);
    assert_true(counts[STEP_FAR] > 6 * counts[STEP_UP]);
    assert_true(counts[STEP_FAR] < 8 * counts[STEP_UP]);
}

static void
dates_are_near_within_thirteen_months(void **state)
{
    (void)state;
    assert_int_equal(
        step(number(QUERY_DATE, 1000, 0), number(QUERY_DATE, 1001, 9)),
        STEP_UP);
    assert_int_equal(
        size_of(number(QUERY_DATE, 1000, 0), number(QUERY_DATE, 1365, 0)), 365);
    assert_int_equal(
        step(number(QUERY_DATE, 1400, 0), number(QUERY_DATE, 1000, 0)),
        STEP_DOWN);
    assert_int_equal(
        step(number(QUERY_DATE, 1000, 0), number(QUERY_DATE, 1401, 0)),
        STEP_FAR);
    assert_int_equal(
        size_of(number(QUERY_DATE, 1000, 0), number(QUERY_DATE, 1401, 0)), 0);
}

static void
identifiers_are_near_within_a_thousand(void **state)
{
    (void)state;
    assert_int_equal(step(number(QUERY_IDENTIFIER, 80001234, 0),
                          number(QUERY_IDENTIFIER, 80001235, 0)),
                     STEP_UP);
    assert_int_equal(step(number(QUERY_IDENTIFIER, 0, 0),
                          number(QUERY_IDENTIFIER, UINT64_MAX, 0)),
                     STEP_FAR);
    assert_int_equal(size_of(number(QUERY_IDENTIFIER, 5000, 0),
                             number(QUERY_IDENTIFIER, 4000, 0)),
                     1000);
}

static void
pages_of_one_search_have_a_size_and_those_of_another_are_a_first(void **state)
{
    (void)state;
    assert_int_equal(
        step(number(QUERY_OFFSET, 40, 1), number(QUERY_OFFSET, 60, 2)),
        STEP_FIRST);
    assert_int_equal(
        step(number(QUERY_OFFSET, 40, 1), number(QUERY_OFFSET, 0, 2)),
        STEP_FIRST);
    assert_int_equal(
        step(number(QUERY_OFFSET, 40, 1), number(QUERY_OFFSET, 60, 1)),
        STEP_UP);
    assert_int_equal(
        size_of(number(QUERY_OFFSET, 40, 1), number(QUERY_OFFSET, 60, 1)), 20);
    assert_int_equal(
        step(number(QUERY_OFFSET, 40, 1), number(QUERY_OFFSET, 20, 1)),
        STEP_DOWN);
    assert_int_equal(
        step(number(QUERY_OFFSET, 40, 1), number(QUERY_OFFSET, 40, 1)),
        STEP_SAME);
    assert_int_equal(
        step(number(QUERY_OFFSET, 40, 1), number(QUERY_OFFSET, 70000, 1)),
        STEP_FAR);
}

static void
a_detail_gives_back_what_went_into_it(void **state)
{
    uint32_t detail = QUERY_DETAIL(QUERY_OFFSET, STEP_DOWN, 65535);

    (void)state;
    assert_int_equal(QUERY_DETAIL_KIND(detail), QUERY_OFFSET);
    assert_int_equal(QUERY_DETAIL_STEP(detail), STEP_DOWN);
    assert_int_equal(QUERY_DETAIL_SIZE(detail), 65535);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_before_or_another_kind_is_a_first),
        cmocka_unit_test(names_in_their_order_are_near),
        cmocka_unit_test(a_name_typed_letter_by_letter_stays_where_it_is),
        cmocka_unit_test(a_name_elsewhere_in_the_alphabet_is_far),
        cmocka_unit_test(steps_of_random_names_are_symmetric_and_mostly_far),
        cmocka_unit_test(dates_are_near_within_thirteen_months),
        cmocka_unit_test(identifiers_are_near_within_a_thousand),
        cmocka_unit_test(
            pages_of_one_search_have_a_size_and_those_of_another_are_a_first),
        cmocka_unit_test(a_detail_gives_back_what_went_into_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
