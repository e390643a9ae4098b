/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * CSV as it comes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "codec/csv.h"

static struct csv_row row;

/* The cells joined by '/', or the rule that refused. */
static const char *
cells(const char *record, char separator)
{
    static char out[512];
    struct buffer scratch = {0};
    struct reason why = {.rule = ""};
    size_t length = 0;

    if (csv_split(text_of(record), separator, &scratch, &why, &row) != OK) {
        (void)snprintf(out, sizeof(out), "%s %d", why.rule, (int)why.offset);
        buffer_free(&scratch);
        return out;
    }
    out[0] = '\0';
    for (uint32_t i = 0; i < row.count; i++) {
        length += (size_t)snprintf(out + length, sizeof(out) - length, "%s%.*s",
                                   i == 0 ? "" : "/", (int)row.cells[i].length,
                                   row.cells[i].bytes);
    }
    buffer_free(&scratch);
    return out;
}

static void
a_quote_that_does_not_close_is_refused_where_it_opens(void **state)
{
    (void)state;
    assert_string_equal(cells("a;\"b;c", ';'), "csv-quote 2");
    assert_string_equal(cells("a;\"b\"c;d", ';'), "csv-quote 5");
    assert_int_equal(csv_record_end(TEXT("\"a\nb\n"), ';'), 0);
}

static void
more_columns_than_there_is_room_for_are_refused(void **state)
{
    char many[CSV_COLUMNS_MAX + 2];

    (void)state;
    memset(many, ';', sizeof(many));
    many[CSV_COLUMNS_MAX] = '\0';
    assert_string_equal(cells(many, ';'), "csv-columns-max 512");
    many[CSV_COLUMNS_MAX - 1] = '\0';
    (void)cells(many, ';');
    assert_int_equal(row.count, CSV_COLUMNS_MAX);
}

static void
quotes_hold_separators_newlines_and_doubled_quotes(void **state)
{
    (void)state;
    assert_string_equal(cells("a; \"b;\r\n\"\"c\"\"\" ;d\r\n", ';'),
                        "a/b;\r\n\"c\"/d");
    assert_string_equal(cells("O\"Brien,6\" x", ','), "O\"Brien/6\" x");
    assert_string_equal(cells("", ';'), "");
    assert_string_equal(cells(";\n", ';'), "/");
    assert_int_equal(csv_record_end(TEXT("a;\"x\ny\";b\nc"), ';'), 10);
    assert_int_equal(csv_record_end(TEXT("a;b\r\nc"), ';'), 5);
    assert_int_equal(csv_record_end(TEXT("a;b"), ';'), 0);
    /* a doubled quote cut in two by the end of the bytes */
    assert_int_equal(csv_record_end(TEXT("\"a\""), ';'), 0);
}

static void
the_separator_is_the_one_that_cuts_evenly(void **state)
{
    (void)state;
    assert_int_equal(csv_separator(TEXT("a;b\n1,5;2\n")), ';');
    assert_int_equal(csv_separator(TEXT("a,b\n\"1;2\",2\n3,4\n")), ',');
    assert_int_equal(csv_separator(TEXT("a\tb\n1,2\t3\n")), '\t');
    assert_int_equal(csv_separator(TEXT("a|b\n1|2\n")), '|');
    assert_int_equal(csv_separator(TEXT("only words\n")), 0);
}

static void
what_is_not_utf_8_is_windows_1252(void **state)
{
    struct buffer out = {0};
    struct text text;

    (void)state;
    assert_int_equal(csv_utf8(TEXT("\x80\xe9\x9c\x81"), &out, &text), OK);
    assert_true(text_is(text, "\xe2\x82\xac\xc3\xa9\xc5\x93\xef\xbf\xbd"));
    assert_int_equal(csv_utf8(TEXT("\xef\xbb\xbf\xc3\xa9"), &out, &text), OK);
    assert_true(text_is(text, "\xc3\xa9"));
    buffer_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quote_that_does_not_close_is_refused_where_it_opens),
        cmocka_unit_test(more_columns_than_there_is_room_for_are_refused),
        cmocka_unit_test(quotes_hold_separators_newlines_and_doubled_quotes),
        cmocka_unit_test(the_separator_is_the_one_that_cuts_evenly),
        cmocka_unit_test(what_is_not_utf_8_is_windows_1252),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
