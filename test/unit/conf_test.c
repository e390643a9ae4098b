/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The syntax of vigie.conf and of mappings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "codec/conf.h"

static void
refused(const char *text, const char *rule, const char *field, uint64_t line)
{
    struct conf *conf = NULL;
    struct reason why = {.rule = ""};

    assert_int_not_equal(conf_parse(text_of(text), &why, &conf), OK);
    assert_null(conf);
    assert_string_equal(why.rule, rule);
    assert_string_equal(why.field, field);
    assert_int_equal(why.offset, line);
}

static void
each_mistake_is_told_with_its_line_and_directive(void **state)
{
    (void)state;
    refused("a 1;\nb 2\n", "conf-semicolon-missing", "b", 3);
    refused("a {\n b 1;\n", "conf-brace-missing", "a", 3);
    refused("a { b 1 }", "conf-semicolon-missing", "b", 1);
    refused("a 1;\n}\n", "conf-brace-extra", "", 2);
    refused("a {\n  x \"open;\n}", "conf-quote", "x", 2);
    refused("a 'b'c;", "conf-quote", "a", 1);
    refused("a b'c';", "conf-quote", "a", 1);
    refused("a \"\\q\";", "conf-escape", "a", 1);
    refused("'a' 1;", "conf-name-quoted", "a", 1);
    refused("a;\n;", "conf-name-missing", "", 2);
    refused("a 1;\n\xff", "conf-utf8", "", 2);
    refused("a{b{c{d{e{f{g{h{i{}}}}}}}}}", "conf-depth-max", "i", 1);
}

static void
a_nul_byte_is_refused(void **state)
{
    struct conf *conf = NULL;
    struct reason why = {.rule = ""};

    (void)state;
    assert_int_equal(conf_parse(TEXT("a\n\0;"), &why, &conf), E_FORMAT);
    assert_string_equal(why.rule, "conf-nul");
    assert_int_equal(why.offset, 2);
}

static void
directives_keep_their_order_lines_and_quotes(void **state)
{
    struct conf *conf = NULL;
    struct reason why = {.rule = ""};

    (void)state;
    assert_int_equal(
        conf_parse(TEXT("\xef\xbb\xbf# first\nlisten unix:/run/x#1 'a b';\n"
                        "door \"n\\\"x\" {\n  # inside\n  open;\n  b { c 1; }\n"
                        "}\nlast {}"),
                   &why, &conf),
        OK);
    const struct conf_directive *one = conf_first(conf);

    assert_true(text_is(one->name, "listen"));
    assert_int_equal(one->line, 2);
    assert_int_equal(one->word_count, 2);
    assert_true(text_is(conf_word(one, 0), "unix:/run/x#1"));
    assert_true(one->words[1].quoted);
    assert_int_equal(conf_word(one, 2).length, 0);
    one = one->next;
    assert_true(text_is(conf_word(one, 0), "n\"x"));
    assert_true(one->block);
    assert_int_equal(one->first->line, 5);
    assert_true(text_is(one->first->next->first->name, "c"));
    assert_null(one->first->next->next);
    one = one->next;
    assert_true(one->block);
    assert_null(one->first);
    assert_null(one->next);
    conf_free(conf);
    assert_int_equal(conf_parse(TEXT(" # nothing"), &why, &conf), OK);
    assert_null(conf_first(conf));
    conf_free(conf);
    conf_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_told_with_its_line_and_directive),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(directives_keep_their_order_lines_and_quotes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
