/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/json.h"

static void
refused(const char *text, const char *rule, uint64_t offset)
{
    struct reason why = {0};

    assert_int_not_equal(json_check(text_of(text), &why), OK);
    assert_string_equal(why.rule, rule);
    assert_int_equal(why.offset, offset);
}

static void
broken_texts_are_refused_with_rule_and_offset(void **state)
{
    (void)state;
    refused("", "json-truncated", 0);
    refused("  ", "json-truncated", 2);
    refused("\xef\xbb\xbf{}", "json-bom", 0);
    refused("{\"a\":1,}", "json-syntax", 7);
    refused("[1,]", "json-syntax", 3);
    refused("[1 2]", "json-syntax", 3);
    refused("{\"a\" 1}", "json-syntax", 5);
    refused("{1:2}", "json-syntax", 1);
    refused("[1}", "json-syntax", 2);
    refused("[1] x", "json-trailing", 4);
    refused("[nul]", "json-literal", 1);
    refused("[tru", "json-truncated", 4);
    refused("[\"a", "json-truncated", 3);
    refused("{\"a\":", "json-truncated", 5);
    refused("{\"a\":[", "json-truncated", 6);
}

static void
broken_strings_are_refused(void **state)
{
    (void)state;
    refused("\"a\tb\"", "json-string-control", 2);
    refused("\"a\\x\"", "json-escape", 3);
    refused("\"a\\u12g4\"", "json-escape", 6);
    refused("\"a\\u12", "json-truncated", 6);
    refused("\"a\\", "json-truncated", 3);
    refused("\"0123456789abcdef\x01\"", "json-string-control", 17);
}

static void
utf8_that_is_not_well_formed_is_refused(void **state)
{
    (void)state;
    refused("\"\x80\"", "json-utf8", 1);
    refused("\"\xc0\xaf\"", "json-utf8", 1);         /* overlong */
    refused("\"\xe0\x80\xaf\"", "json-utf8", 1);     /* overlong */
    refused("\"\xed\xa0\x80\"", "json-utf8", 1);     /* surrogate */
    refused("\"\xf4\x90\x80\x80\"", "json-utf8", 1); /* > U+10FFFF */
    refused("\"\xf5\x80\x80\x80\"", "json-utf8", 1);
    refused("\"ok\xc3\xa9 \xc3\"", "json-utf8", 6); /* cut short */
    assert_int_equal(
        json_check(TEXT("\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\""), NULL),
        OK);
}

static void
numbers_follow_the_grammar(void **state)
{
    static const char *const bad[] = {"[-]",   "[01]",  "[-01]", "[1.]",
                                      "[.1]",  "[1e]",  "[1e+]", "[+1]",
                                      "[0x1]", "[1.e1]"};
    static const char *const good[] = {"0",
                                       "-0",
                                       "1",
                                       "-12.50",
                                       "1e9",
                                       "1E-2",
                                       "1.5e+300",
                                       "9223372036854775808",
                                       "123456789012345678901234567890"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_not_equal(json_check(text_of(bad[i]), NULL), OK);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_int_equal(json_check(text_of(good[i]), NULL), OK);
}

static struct text
nested(char *out, unsigned depth)
{
    memset(out, '[', depth);
    memset(out + depth, ']', depth);
    return (struct text){out, 2 * (size_t)depth};
}

static void
nesting_stops_at_the_limit(void **state)
{
    char text[2 * (JSON_DEPTH_MAX + 1)];
    struct reason why = {0};

    (void)state;
    assert_int_equal(json_check(nested(text, JSON_DEPTH_MAX + 1), &why),
                     E_LIMIT);
    assert_string_equal(why.rule, "json-depth-max");
    assert_int_equal(why.offset, JSON_DEPTH_MAX);
    assert_int_equal(json_check(nested(text, JSON_DEPTH_MAX), &why), OK);
}

/* Whatever stands at the end of the text is found by the byte-wise tail or
 * by the vector part: both must say the same. */
static void
a_bad_byte_is_found_at_every_position(void **state)
{
    char text[80];

    (void)state;
    for (size_t at = 1; at < 70; at++) {
        struct reason why = {0};
        memset(text, 'x', sizeof(text));
        text[0] = '"';
        text[72] = '"';
        assert_int_equal(json_check((struct text){text, 73}, &why), OK);
        text[at] = '\n';
        assert_int_not_equal(json_check((struct text){text, 73}, &why), OK);
        assert_int_equal(why.offset, at);
        assert_int_not_equal(json_check((struct text){text, at}, &why), OK);
        assert_string_equal(why.rule, "json-truncated");
    }
}

static void
a_failure_stays(void **state)
{
    struct json_reader reader;
    bool value, more;
    struct json_string key;

    (void)state;
    json_start(&reader, TEXT("{\"a\":1,\"b\":true}"));
    assert_int_equal(json_enter_object(&reader), OK);
    assert_int_equal(json_next_member(&reader, &key, &more), OK);
    assert_int_equal(json_read_bool(&reader, &value), E_FORMAT);
    assert_string_equal(reader.why.rule, "json-type");
    assert_int_equal(json_skip(&reader), E_FORMAT);
    assert_int_equal(json_next_member(&reader, &key, &more), E_FORMAT);
    assert_int_equal(reader.why.offset, 5);
}

static void
an_object_is_pulled_member_by_member(void **state)
{
    struct json_reader reader;
    struct json_string key, value;
    struct text number;
    bool more, present = true;

    (void)state;
    json_start(&reader,
               TEXT(" { \"a\" : \"x\" , \"b\":[1,-2.5e3],\"c\":null}"));
    assert_int_equal(json_enter_object(&reader), OK);
    assert_int_equal(json_next_member(&reader, &key, &more), OK);
    assert_true(more && json_key_is(key, "a"));
    assert_int_equal(json_read_string(&reader, &value), OK);
    assert_true(text_is(value.raw, "x") && !value.escaped);
    assert_int_equal(json_next_member(&reader, &key, &more), OK);
    assert_true(more && json_key_is(key, "b"));
    assert_int_equal(json_enter_array(&reader), OK);
    assert_int_equal(json_next_element(&reader, &more), OK);
    assert_int_equal(json_skip(&reader), OK);
    assert_int_equal(json_next_element(&reader, &more), OK);
    assert_int_equal(json_read_number(&reader, &number), OK);
    assert_true(text_is(number, "-2.5e3"));
    assert_int_equal(json_next_element(&reader, &more), OK);
    assert_false(more);
    assert_int_equal(json_next_member(&reader, &key, &more), OK);
    assert_int_equal(json_read_optional(&reader, &value, &present), OK);
    assert_false(present);
    assert_int_equal(json_next_member(&reader, &key, &more), OK);
    assert_false(more);
    assert_int_equal(json_finish(&reader), OK);
    assert_int_equal(json_offset(&reader), 39);
}

static void
skipping_checks_as_strictly_as_reading(void **state)
{
    struct json_reader reader;
    struct json_string key;
    bool more;

    (void)state;
    json_start(&reader, TEXT("{\"a\":{\"b\":[1,{\"c\":01}]}}"));
    assert_int_equal(json_enter_object(&reader), OK);
    assert_int_equal(json_next_member(&reader, &key, &more), OK);
    assert_int_equal(json_skip(&reader), E_FORMAT);
    assert_int_equal(reader.why.offset, 19);
}

static void
unescaped(const char *raw, const char *expected, size_t length)
{
    struct buffer scratch = {0};
    struct json_string string = {text_of(raw), true};
    struct text text = {0};

    assert_int_equal(json_unescape(string, &scratch, &text), OK);
    assert_int_equal(text.length, length);
    assert_memory_equal(text.bytes, expected, length);
    buffer_free(&scratch);
}

static void
escapes_become_what_they_stand_for(void **state)
{
    (void)state;
    unescaped("a\\ud800b",
              "a\xef\xbf\xbd"
              "b",
              5);
    unescaped("\\udc00\\ud800", "\xef\xbf\xbd\xef\xbf\xbd", 6);
    unescaped("\\ud800\\u0041",
              "\xef\xbf\xbd"
              "A",
              4);
    unescaped("\\u0000", "\0", 1);
    unescaped("\\ud83d\\uDE00", "\xf0\x9f\x98\x80", 4);
    unescaped("\\u00e9\\u20ac\\\"\\\\\\/\\b\\f\\n\\r\\t",
              "\xc3\xa9\xe2\x82\xac\"\\/\b\f\n\r\t", 13);
}

static void
escaped_keys_are_the_same_keys(void **state)
{
    (void)state;
    assert_false(
        json_key_is((struct json_string){TEXT("ag\\u0065n"), true}, "agent"));
    assert_false(
        json_key_is((struct json_string){TEXT("agent "), false}, "agent"));
    assert_true(
        json_key_is((struct json_string){TEXT("ag\\u0065nt"), true}, "agent"));
    assert_true(
        json_key_is((struct json_string){TEXT("agent"), false}, "agent"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_texts_are_refused_with_rule_and_offset),
        cmocka_unit_test(broken_strings_are_refused),
        cmocka_unit_test(utf8_that_is_not_well_formed_is_refused),
        cmocka_unit_test(numbers_follow_the_grammar),
        cmocka_unit_test(nesting_stops_at_the_limit),
        cmocka_unit_test(a_bad_byte_is_found_at_every_position),
        cmocka_unit_test(a_failure_stays),
        cmocka_unit_test(an_object_is_pulled_member_by_member),
        cmocka_unit_test(skipping_checks_as_strictly_as_reading),
        cmocka_unit_test(escapes_become_what_they_stand_for),
        cmocka_unit_test(escaped_keys_are_the_same_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
