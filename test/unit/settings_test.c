/* SPDX-License-Identifier: EUPL-1.2 */
/* vigie.conf: every wrong line is told, with its number. */
#include "proc/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct told_lines {
    uint32_t lines[64];
    size_t count;
};

static void
on_wrong(void *context, uint32_t line, const char *directive, const char *what)
{
    struct told_lines *told = context;

    assert_non_null(directive);
    assert_non_null(what);
    if (told->count < 64)
        told->lines[told->count++] = line;
}

static enum result
parse(const char *text, struct told_lines *told, struct settings **ret)
{
    const struct settings_teller teller = {told, on_wrong};

    *told = (struct told_lines){.count = 0};
    return settings_parse(text_of(text), &teller, ret);
}

#define NEEDED "data /d;\nkeys /k;\ndoor /run/a;\noperator-socket /run/b;\n"

static void
an_empty_file_lacks_four_directives(void **state)
{
    struct told_lines told;
    struct settings *settings = NULL;

    (void)state;
    assert_int_equal(parse("", &told, &settings), E_FORMAT);
    assert_int_equal(told.count, 4);
    assert_null(settings);
}

static void
each_wrong_line_is_told(void **state)
{
    static const char *const wrong[] = {
        "data /again;",
        "door;",
        "keys relative;",
        "nonsense 1;",
        "operators;",
        "detect pace-z many;",
        "detect nothing 1;",
        "ceiling session 1;",
        "ceiling village 1 1;",
        "ceiling session -1 1;",
        "ceiling session 99999999999 1;",
        "step-up-new-every soon;",
        "automation-stop 101 5;",
        "break-glass 9999;",
        "context here;",
        "user { a; }",
    };
    struct told_lines told;
    struct settings *settings = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char text[256];

        (void)snprintf(text, sizeof(text), "%s%s\nbreak-glass 1;\n%s\n", NEEDED,
                       wrong[i], wrong[i]);
        assert_int_equal(parse(text, &told, &settings), E_FORMAT);
        assert_true(told.count >= 2);
        assert_int_equal(told.lines[0], 5);
        assert_int_equal(told.lines[1], 7);
    }
}

static void
what_is_no_configuration_is_told_with_its_line(void **state)
{
    struct told_lines told;
    struct settings *settings = NULL;

    (void)state;
    assert_int_equal(parse(NEEDED "user \"a;\n", &told, &settings), E_FORMAT);
    assert_int_equal(told.lines[0], 5);
    assert_int_equal(parse("data /d {", &told, &settings), E_FORMAT);
    assert_true(told.count >= 1);
}

static void
two_sockets_in_one_place_are_refused(void **state)
{
    struct told_lines told;
    struct settings *settings = NULL;

    (void)state;
    assert_int_equal(parse("data /d; keys /k; door /a; operator-socket /a;",
                           &told, &settings),
                     E_FORMAT);
    assert_int_equal(told.count, 1);
}

static void
a_whole_file_is_taken_in(void **state)
{
    struct told_lines told;
    struct settings *settings = NULL;

    (void)state;
    assert_int_equal(
        parse("data /d; keys /k; door /run/a www-data;\n"
              "operator-socket /run/b; operators alice bob;\noperators eve;\n"
              "user vigie; timezone Europe/Paris; context /c; lures /l;\n"
              "ceiling region 0 5000; step-up-new-every 60;\n"
              "automation-stop 10 3; break-glass 1; detect pace-z 3;\n",
              &told, &settings),
        OK);
    assert_int_equal(told.count, 0);
    assert_string_equal(settings->data, "/d");
    assert_string_equal(settings->door_group, "www-data");
    assert_null(settings->operator_group);
    assert_int_equal(settings->operator_count, 3);
    assert_string_equal(settings->operators[2].name, "eve");
    assert_int_equal(settings->operators[2].line, 3);
    assert_int_equal(settings->told_count, 2);
    assert_int_equal(settings->told[1].kind, SETTINGS_LURES);
    assert_int_equal(settings->contain.ceilings[BUDGET_REGION].hour, 0);
    assert_int_equal(settings->contain.ceilings[BUDGET_REGION].day, 5000);
    assert_int_equal(settings->contain.new_every_s, 60);
    assert_int_equal(settings->contain.stop_percent, 10);
    assert_int_equal(settings->contain.stop_least, 3);
    assert_int_equal(settings->contain.glass_per_hour, 1);
    settings_free(settings);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_lacks_four_directives),
        cmocka_unit_test(each_wrong_line_is_told),
        cmocka_unit_test(what_is_no_configuration_is_told_with_its_line),
        cmocka_unit_test(two_sockets_in_one_place_are_refused),
        cmocka_unit_test(a_whole_file_is_taken_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
