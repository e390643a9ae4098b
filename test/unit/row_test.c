/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/row.h"

static void
a_row_of_an_unknown_kind_is_corrupt(void **state)
{
    uint8_t bytes[ROW_BYTES] = {0};
    struct row row = {.detail = 7};

    (void)state;
    assert_int_equal(row_decode(bytes, &row), E_CORRUPT);
    for (unsigned kind = ROW_LINEAGE + 1; kind < 256; kind++) {
        bytes[55] = (uint8_t)kind;
        assert_int_equal(row_decode(bytes, &row), E_CORRUPT);
    }
    assert_int_equal(row.detail, 7);
}

static void
a_row_with_an_unknown_grade_is_corrupt(void **state)
{
    uint8_t bytes[ROW_BYTES] = {[55] = ROW_DISCLOSURE};
    struct row row;

    (void)state;
    assert_int_equal(row_decode(bytes, &row), OK);
    bytes[54] = 4;
    assert_int_equal(row_decode(bytes, &row), E_CORRUPT);
}

static void
every_flag_that_has_a_name_can_be_read_back(void **state)
{
    (void)state;
    for (unsigned flag = 1; flag <= ROW_UNVOUCHED; flag <<= 1) {
        struct row row = {.kind = ROW_DISCLOSURE, .flags = (uint16_t)flag};
        uint8_t bytes[ROW_BYTES];

        row_encode(&row, bytes);
        assert_int_equal(row_decode(bytes, &row), OK);
        assert_int_equal(row.flags, flag);
    }
}

/* The layout is stored for ever: each field at its place, low byte first. */
static void
every_field_lies_where_the_format_says(void **state)
{
    const struct row row = {
        .time_received_us = 0x0706050403020100,
        .time_source_us = 0x0f0e0d0c0b0a0908,
        .session = 0x1716151413121110,
        .professional = 0x1f1e1d1c1b1a1918,
        .person = 0x2726252423222120,
        .request = 0x2f2e2d2c2b2a2928,
        .service = 0x3130,
        .controller = 0x3332,
        .categories = 0x3534,
        .grade = 3,
        .kind = 17,
        .flags = 0x1938,
        .source = 0x3b3a,
        .detail = 0x3f3e3d3c,
    };
    uint8_t bytes[ROW_BYTES];
    struct row back;

    (void)state;
    row_encode(&row, bytes);
    for (unsigned i = 0; i < ROW_BYTES; i++) {
        const unsigned expected = i == 54   ? 3
                                  : i == 55 ? 17
                                  : i == 57 ? 0x19
                                            : i;
        assert_int_equal(bytes[i], expected);
    }
    assert_int_equal(row_decode(bytes, &back), OK);
    assert_memory_equal(&back, &row, sizeof(row));
}

static void
times_before_1970_survive(void **state)
{
    const struct row row = {
        .kind = ROW_LOGIN, .time_received_us = -1, .time_source_us = INT64_MIN};
    uint8_t bytes[ROW_BYTES];
    struct row back;

    (void)state;
    row_encode(&row, bytes);
    assert_int_equal(row_decode(bytes, &back), OK);
    assert_true(back.time_received_us == -1);
    assert_true(back.time_source_us == INT64_MIN);
}

static void
every_kind_has_a_name_and_no_other_has(void **state)
{
    (void)state;
    assert_string_equal(row_kind_name(0), "");
    assert_string_equal(row_kind_name(ROW_LINEAGE + 1), "");
    assert_string_equal(row_kind_name(UINT32_MAX), "");
    for (unsigned kind = ROW_DISCLOSURE; kind <= ROW_LINEAGE; kind++) {
        assert_true(strlen(row_kind_name(kind)) > 2);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_an_unknown_kind_is_corrupt),
        cmocka_unit_test(a_row_with_an_unknown_grade_is_corrupt),
        cmocka_unit_test(every_flag_that_has_a_name_can_be_read_back),
        cmocka_unit_test(every_field_lies_where_the_format_says),
        cmocka_unit_test(times_before_1970_survive),
        cmocka_unit_test(every_kind_has_a_name_and_no_other_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
