/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * base: texts, buffers, digests, files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

static int
setup(void **state)
{
    (void)state;
    return hash_start() == OK ? 0 : -1;
}

static void
numbers_beyond_the_maximum_or_with_signs_are_refused(void **state)
{
    uint64_t value = 7;

    (void)state;
    assert_int_equal(text_to_u64(TEXT(""), UINT64_MAX, &value), E_FORMAT);
    assert_int_equal(text_to_u64(TEXT("-1"), UINT64_MAX, &value), E_FORMAT);
    assert_int_equal(text_to_u64(TEXT("1 "), UINT64_MAX, &value), E_FORMAT);
    assert_int_equal(
        text_to_u64(TEXT("18446744073709551616"), UINT64_MAX, &value),
        E_LIMIT);
    assert_int_equal(text_to_u64(TEXT("11"), 10, &value), E_LIMIT);
    assert_int_equal(value, 7);
    assert_int_equal(
        text_to_u64(TEXT("18446744073709551615"), UINT64_MAX, &value), OK);
    assert_true(value == UINT64_MAX);
}

static void
utf8_is_checked_to_the_letter(void **state)
{
    static const struct {
        const char *text;
        size_t good;
    } cases[] = {
        {"plain ascii, longer than eight", 30},
        {"\xc3\xa9t\xc3\xa9", 5},
        {"a\xc0\x80", 1},         /* overlong */
        {"a\xed\xa0\x80", 1},     /* surrogate */
        {"a\xf4\x90\x80\x80", 1}, /* beyond U+10FFFF */
        {"a\xe2\x82", 1},         /* cut */
        {"\x80", 0},
        {"\xf0\x9f\x98\x80", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(text_utf8_check(text_of(cases[i].text)),
                         cases[i].good);
}

static void
what_is_printed_is_always_json(void **state)
{
    struct buffer out = {0};

    (void)state;
    assert_int_equal(
        buffer_json_string(&out,
                           (struct text){"a\"\\\n\x01\x00\xff\xc3\xa9", 9}),
        OK);
    assert_int_equal(buffer_byte(&out, '\0'), OK);
    assert_string_equal(out.bytes, "\"a\\\"\\\\\\n\\u0001\\u0000"
                                   "\xef\xbf\xbd\xc3\xa9\"");
    buffer_free(&out);
}

static void
nothing_printed_drives_a_terminal(void **state)
{
    struct buffer out = {0};

    (void)state;
    assert_int_equal(
        buffer_printable(&out, TEXT("a\x1b[31m\xc2\x9b\xc3\xa9\xff")), OK);
    assert_int_equal(buffer_byte(&out, '\0'), OK);
    assert_string_equal(out.bytes, "a?[31m?\xc3\xa9?");
    buffer_free(&out);
}

static void
a_buffer_stops_at_its_ceiling_and_keeps_what_it_has(void **state)
{
    struct buffer out = {.ceiling = 10};

    (void)state;
    assert_int_equal(buffer_string(&out, "12345678"), OK);
    assert_int_equal(buffer_string(&out, "abc"), E_LIMIT);
    assert_int_equal(out.length, 8);
    assert_int_equal(buffer_string(&out, "90"), OK);
    buffer_free(&out);
}

static void
digests_are_those_of_the_standards(void **state)
{
    uint8_t digest[HASH_BYTES], key[32];
    char hex[65];

    (void)state;
    hash_sha256("abc", 3, digest);
    hash_hex(digest, sizeof(digest), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
                             "b410ff61f20015ad");
    /* RFC 4231, test case 1: the key filled up with zeros is the same key */
    memset(key, 0, sizeof(key));
    memset(key, 0x0b, 20);
    hash_hmac(key, "Hi There", 8, digest);
    hash_hex(digest, sizeof(digest), hex);
    assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da7"
                             "26e9376c2e32cff7");
}

static void
base64_of_both_alphabets_is_read_and_the_rest_refused(void **state)
{
    uint8_t out[8];
    size_t length = 0;

    (void)state;
    assert_int_equal(hash_base64_decode(TEXT("Zg="), out, 8, &length), OK);
    assert_int_equal(hash_base64_decode(TEXT("Z"), out, 8, &length), E_FORMAT);
    assert_int_equal(hash_base64_decode(TEXT("Zg=a"), out, 8, &length),
                     E_FORMAT);
    assert_int_equal(hash_base64_decode(TEXT("Z*"), out, 8, &length),
                     E_FORMAT);
    assert_int_equal(
        hash_base64_decode(TEXT("Zm9vYmFyYmF6"), out, 8, &length), E_LIMIT);
    assert_int_equal(hash_base64_decode(TEXT("-_8"), out, 8, &length), OK);
    assert_int_equal(length, 2);
    assert_int_equal(out[0], 0xfb);
}

static void
a_file_is_replaced_whole_or_not_at_all(void **state)
{
    char folder[] = "/tmp/vigie-base-XXXXXX", path[64];
    struct buffer got = {0};
    struct stat status;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/a/b/file", folder);
    assert_int_equal(file_replace(path, "x", 1, 0600), E_NOTFOUND);
    (void)snprintf(path, sizeof(path), "%s/a/b", folder);
    assert_int_equal(file_make_folder(path), OK);
    assert_int_equal(file_make_folder(path), OK);
    (void)snprintf(path, sizeof(path), "%s/a/b/file", folder);
    assert_int_equal(file_replace(path, "one", 3, 0600), OK);
    assert_int_equal(file_replace(path, "second", 6, 0600), OK);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(file_load(path, 5, &got), E_LIMIT);
    assert_int_equal(file_load(path, 6, &got), OK);
    assert_true(text_is(buffer_as_text(&got), "second"));
    buffer_free(&got);
    assert_int_equal(file_remove_tree(folder), OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_beyond_the_maximum_or_with_signs_are_refused),
        cmocka_unit_test(utf8_is_checked_to_the_letter),
        cmocka_unit_test(what_is_printed_is_always_json),
        cmocka_unit_test(nothing_printed_drives_a_terminal),
        cmocka_unit_test(a_buffer_stops_at_its_ceiling_and_keeps_what_it_has),
        cmocka_unit_test(digests_are_those_of_the_standards),
        cmocka_unit_test(
            base64_of_both_alphabets_is_read_and_the_rest_refused),
        cmocka_unit_test(a_file_is_replaced_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
