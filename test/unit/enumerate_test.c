/* SPDX-License-Identifier: EUPL-1.2 */
/* Searches in an order, step by step, and as trails write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "detect/detect.h"
#include "codec/query_place.h"
#include "model/query_step.h"

#define START_US (INT64_C(20500) * TIME_DAY_US)

static struct detect *detect;
static int64_t now_us;
static struct query_place asked; /* what was asked for last */

static int
fresh(void **state)
{
    struct detect_options options;

    (void)state;
    now_us = START_US;
    asked = (struct query_place){0};
    detect_options_default(&options);
    return detect_new(&options, &detect) == OK ? 0 : 1;
}

static int
done(void **state)
{
    (void)state;
    detect_free(detect);
    return 0;
}

static void
feed(unsigned kind, uint64_t person, uint32_t detail)
{
    struct row row = {.kind = (uint8_t)kind,
                      .time_source_us = now_us += 40 * TIME_SECOND_US,
                      .session = 7,
                      .professional = 9,
                      .person = person,
                      .detail = detail};
    struct alert alert;

    assert_int_equal(detect_row(detect, &row, 0, NULL, &alert), OK);
}

/* A search that shows one person. */
static void
search(unsigned kind, unsigned step, unsigned size, uint64_t person)
{
    feed(ROW_QUERY, 0, QUERY_DETAIL(kind, step, size));
    feed(ROW_DISCLOSURE, person, 0);
}

/* The sign as it stood at the account's worst moment; code 0: none. */
static struct sign
sign(void)
{
    static const struct sign none;
    struct suspect suspects[4];
    size_t count = detect_suspects(detect, suspects, 4);

    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < suspects[i].sign_count; k++)
            if (suspects[i].signs[k].code == SIGN_ENUMERATION)
                return suspects[i].signs[k];
    return none;
}

static void
run(unsigned kind, unsigned step, unsigned size, unsigned steps)
{
    search(kind, STEP_FIRST, 0, 1000);
    for (unsigned i = 0; i < steps; i++)
        search(kind, step, size, 1001 + i);
}

static void
a_row_of_no_known_kind_or_step_is_passed_over(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        search(QUERY_NONE, STEP_UP, 1, 100 + i);
        search(9, STEP_UP, 1, 200 + i);
        search(QUERY_NAME, 77, 1, 300 + i);
    }
    assert_int_equal(sign().code, 0);
}

static void
three_steps_say_nothing(void **state)
{
    (void)state;
    run(QUERY_NAME, STEP_UP, 0, 3);
    assert_int_equal(sign().code, 0);
}

static void
the_weight_of_names_grows_with_the_run_up_to_3_50(void **state)
{
    int before = 0;

    (void)state;
    search(QUERY_NAME, STEP_FIRST, 0, 1000);
    for (unsigned i = 1; i <= 40; i++) {
        search(QUERY_NAME, STEP_UP, 0, 1000 + i);
        if (i < 4)
            continue;
        assert_true(sign().weight_centinats >= before);
        before = sign().weight_centinats;
        if (i == 4)
            assert_in_range(before, 30, 120);
        if (i == 6)
            assert_in_range(before, 250, 340);
    }
    assert_in_range(before, 345, 350);
    assert_int_equal(sign().usual, QUERY_NAME);
    assert_true(sign().observed >= 10);
}

static void
ups_and_downs_and_far_ones_break_the_run(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        search(QUERY_NAME, i % 4 == 3 ? STEP_FAR : STEP_UP, 0, 1000 + i);
        search(QUERY_NAME, STEP_DOWN, 0, 2000 + i);
    }
    assert_int_equal(sign().code, 0);
}

static void
the_same_name_again_neither_counts_nor_breaks(void **state)
{
    (void)state;
    search(QUERY_NAME, STEP_FIRST, 0, 1000);
    for (unsigned i = 0; i < 20; i++)
        search(QUERY_NAME, STEP_SAME, 0, 1001 + i);
    assert_int_equal(sign().code, 0);
    for (unsigned i = 0; i < 7; i++) {
        search(QUERY_NAME, STEP_DOWN, 0, 2000 + i);
        search(QUERY_NAME, STEP_SAME, 0, 3000 + i);
    }
    assert_int_equal(sign().observed, 7);
}

static void
dates_and_numbers_need_a_constant_size(void **state)
{
    (void)state;
    search(QUERY_DATE, STEP_FIRST, 0, 1000);
    for (unsigned i = 0; i < 12; i++)
        search(QUERY_DATE, STEP_UP, 1 + i, 1001 + i);
    assert_int_equal(sign().code, 0);
    for (unsigned i = 0; i < 8; i++) /* month after month */
        search(QUERY_DATE, STEP_UP, 28 + i % 4, 2000 + i);
    assert_int_equal(sign().observed, 8);
    assert_int_equal(sign().usual, QUERY_DATE);
    assert_in_range(sign().weight_centinats, 320, 350);
}

static void
a_few_pages_are_read_by_everybody_and_many_are_not(void **state)
{
    (void)state;
    run(QUERY_OFFSET, STEP_UP, 20, 4);
    assert_int_equal(sign().code, 0);
    for (unsigned i = 0; i < 10; i++)
        search(QUERY_OFFSET, STEP_UP, 20, 3000 + i);
    assert_int_equal(sign().usual, QUERY_OFFSET);
    assert_int_equal(sign().window, 20);
    assert_in_range(sign().weight_centinats, 300, 350);
}

static void
pages_between_do_not_hide_the_order_of_names(void **state)
{
    (void)state;
    search(QUERY_NAME, STEP_FIRST, 0, 1000);
    for (unsigned i = 0; i < 7; i++) {
        search(QUERY_NAME, STEP_UP, 0, 2000 + i);
        search(QUERY_OFFSET, STEP_FIRST, 0, 3000 + i);
        search(QUERY_OFFSET, STEP_UP, 20, 4000 + i);
    }
    assert_int_equal(sign().usual, QUERY_NAME);
    assert_int_equal(sign().observed, 7);
}

/* The account's own list, page after page: the second time all are known. */
static void
going_through_known_persons_accuses_nobody(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        feed(ROW_DISCLOSURE, 1000 + i, 0);
    now_us += TIME_DAY_US;
    run(QUERY_OFFSET, STEP_UP, 20, 39);
    assert_int_equal(sign().code, 0);
}

/* -- whole searches, as a trail writes them -- */

static void
begin(void)
{
    detect_free(detect);
    (void)fresh(NULL);
    asked = (struct query_place){0};
}

static void
ask(const char *query, uint64_t person)
{
    struct query_place now;
    uint16_t size;

    query_place_of(text_of(query), &now);
    enum query_step step = query_step_of(&asked, &now, &size);
    search(now.kind, step, size, person);
    asked = now;
}

static void
surname_by_surname_is_seen(void **state)
{
    static const char *const names[] = {"Abadie", "Abel",   "Adam",  "Albert",
                                        "Allard", "Amiot",  "Andre", "Antoine",
                                        "Arnal",  "Aubert", "Auger", "Bailly"};
    char query[64];

    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        (void)snprintf(query, sizeof(query), "Patient?family=%s", names[i]);
        ask(query, 1000 + i);
    }
    assert_int_equal(sign().usual, QUERY_NAME);
    assert_in_range(sign().observed, 8, 11); /* the worst moment */
    assert_in_range(sign().weight_centinats, 345, 350);
}

static void
birth_date_after_birth_date_is_seen(void **state)
{
    char query[64];

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        (void)snprintf(query, sizeof(query), "Patient?birthdate=1961-04-%02u",
                       10 + i);
        ask(query, 1000 + i);
    }
    assert_int_equal(sign().usual, QUERY_DATE);
    assert_int_equal(sign().window, 1);
    assert_int_equal(sign().observed, 9);
}

static void
paging_by_a_constant_step_is_seen_through_one_search(void **state)
{
    char query[64];

    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        (void)snprintf(query, sizeof(query), "Patient?_count=50&_offset=%u",
                       50 * i);
        ask(query, 1000 + i);
    }
    assert_int_equal(sign().usual, QUERY_OFFSET);
    assert_int_equal(sign().window, 50);
    assert_int_equal(sign().observed, 11);
}

static void
a_worklist_whose_page_is_turned_three_times_is_no_sign(void **state)
{
    char query[64];

    (void)state;
    for (unsigned list = 0; list < 20; list++) {
        for (unsigned page = 0; page <= 3; page++) {
            (void)snprintf(query, sizeof(query),
                           "Patient?ward=%u&_count=20&_offset=%u", list,
                           20 * page);
            ask(query, 1000 + list * 4 + page);
        }
    }
    assert_int_equal(sign().code, 0);
}

static uint32_t seed;

static unsigned
any(unsigned below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* Initials as frequent as those of French surnames, in per mille. */
static char
initial(void)
{
    static const struct {
        char letter;
        unsigned share;
    } initials[] = {{'a', 35}, {'b', 120}, {'c', 95}, {'d', 95}, {'e', 15},
                    {'f', 45}, {'g', 80},  {'h', 40}, {'j', 25}, {'k', 10},
                    {'l', 95}, {'m', 95},  {'n', 20}, {'o', 10}, {'p', 75},
                    {'q', 5},  {'r', 60},  {'s', 45}, {'t', 35}};
    unsigned at = any(1000);

    for (unsigned i = 0; i < sizeof(initials) / sizeof(*initials); i++) {
        if (at < initials[i].share)
            return initials[i].letter;
        at -= initials[i].share;
    }
    return 'v';
}

static void
ask_anything(unsigned kind, uint64_t person)
{
    char query[64];

    if (kind == QUERY_NAME)
        (void)snprintf(query, sizeof(query), "Patient?family=%c%c%c", initial(),
                       (int)('a' + any(26)), (int)('a' + any(26)));
    else if (kind == QUERY_DATE)
        (void)snprintf(query, sizeof(query), "Patient?birthdate=%u-%02u-%02u",
                       1930 + any(95), 1 + any(12), 1 + any(28));
    else
        (void)snprintf(query, sizeof(query), "Patient?identifier=%u",
                       100000 + any(900000));
    ask(query, person);
}

/* Persons as they come, 24 new ones a session: more searches than a day of
 * most holders. Names are the hardest, as many begin alike. */
static void
honest_searches_in_no_order_make_no_sign(void **state)
{
    static const unsigned kinds[] = {QUERY_NAME, QUERY_DATE, QUERY_IDENTIFIER};

    (void)state;
    seed = 20260624;
    for (unsigned k = 0; k < 3; k++) {
        unsigned any_sign = 0, heavy = 0;

        for (unsigned session = 0; session < 1000; session++) {
            begin();
            for (unsigned i = 0; i < 24; i++)
                ask_anything(kinds[k], 1000 + i);
            any_sign += sign().code != 0;
            heavy += sign().weight_centinats >= 200;
        }
        assert_in_range(any_sign, 0, kinds[k] == QUERY_NAME ? 20 : 0);
        assert_in_range(heavy, 0, kinds[k] == QUERY_NAME ? 2 : 0);
    }
}

static void
it_can_be_turned_off(void **state)
{
    struct detect_options options;

    (void)state;
    detect_free(detect);
    detect_options_default(&options);
    assert_int_equal(
        detect_options_set(&options, TEXT("enumeration"), TEXT("off")), OK);
    assert_int_equal(detect_new(&options, &detect), OK);
    run(QUERY_NAME, STEP_UP, 0, 20);
    assert_int_equal(sign().code, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_row_of_no_known_kind_or_step_is_passed_over),
        TEST(three_steps_say_nothing),
        TEST(the_weight_of_names_grows_with_the_run_up_to_3_50),
        TEST(ups_and_downs_and_far_ones_break_the_run),
        TEST(the_same_name_again_neither_counts_nor_breaks),
        TEST(dates_and_numbers_need_a_constant_size),
        TEST(a_few_pages_are_read_by_everybody_and_many_are_not),
        TEST(pages_between_do_not_hide_the_order_of_names),
        TEST(going_through_known_persons_accuses_nobody),
        TEST(surname_by_surname_is_seen),
        TEST(birth_date_after_birth_date_is_seen),
        TEST(paging_by_a_constant_step_is_seen_through_one_search),
        TEST(a_worklist_whose_page_is_turned_three_times_is_no_sign),
        TEST(honest_searches_in_no_order_make_no_sign),
        TEST(it_can_be_turned_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
