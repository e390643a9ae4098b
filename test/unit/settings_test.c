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

#include "base/hash.h"

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

#define WITNESS "w.test/1+77f39d63+BDEIju1EEePJW07DBIXD3zN3EPmn00jvP3X+SwVPttiD"

static void
destinations_of_checkpoints_are_checked(void **state)
{
    static const char *const wrong[] = {
        "checkpoint-file out;\n",
        "checkpoint-file;\n",
        "witness https://w.test;\n",
        "witness https://w.test key;\n",
        "witness ftp://w.test " WITNESS ";\n",
        "witness w.test " WITNESS ";\n",
        /* a log's own key is no witness's */
        "witness https://w.test example.com/foo+530d903a+AekyeRrm56hApGFkyQR4"
        "ZCbV54Id2LKaANYcrnKv3U2k;\n",
        "timestamp https://t.test;\n",
        "timestamp https://t.test ca.pem;\n",
        "checkpoint-every never;\n",
    };
    struct settings *settings = NULL;
    struct told_lines told;
    char text[1024];

    (void)state;
    assert_int_equal(hash_start(), OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void)snprintf(text, sizeof(text), NEEDED "%s", wrong[i]);
        if (parse(text, &told, &settings) != E_FORMAT)
            fail_msg("taken: %s", wrong[i]);
        assert_int_equal(told.count, 1);
        assert_int_equal(told.lines[0], 5);
    }
    assert_int_equal(parse(NEEDED "checkpoint-file /out;\n"
                                  "witness https://w.test " WITNESS ";\n"
                                  "witness unix:/run/w.sock " WITNESS ";\n"
                                  "timestamp http://t.test /ca.pem;\n"
                                  "checkpoint-every 60;\n",
                           &told, &settings),
                     OK);
    assert_int_equal(settings->destination_count, 4);
    assert_int_equal(settings->destinations[2].kind, SETTINGS_WITNESS);
    assert_string_equal(settings->destinations[2].place, "unix:/run/w.sock");
    assert_string_equal(settings->destinations[3].key, "/ca.pem");
    assert_int_equal(settings->checkpoint_seconds, 60);
    settings_free(settings);
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
        cmocka_unit_test(destinations_of_checkpoints_are_checked),
        cmocka_unit_test(two_sockets_in_one_place_are_refused),
        cmocka_unit_test(a_whole_file_is_taken_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
