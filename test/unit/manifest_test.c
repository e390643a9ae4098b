/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two segments of 3 and 2 rows. */
static void
make(struct manifest *manifest)
{
    const struct manifest_segment segments[] = {
        {.number = 1, .first = 0, .rows = 3, .bytes = 700, .digest = {1}},
        {.number = 4, .first = 3, .rows = 2, .bytes = 600, .digest = {2}},
    };

    memset(manifest, 0, sizeof(*manifest));
    assert_int_equal(hash_start(), OK);
    manifest->id[0] = 0xab;
    manifest->last_us = -5;
    for (uint8_t i = 0; i < 5; i++) {
        uint8_t leaf[HASH_BYTES] = {i};

        merkle_add(&manifest->tree, leaf);
    }
    merkle_root(&manifest->tree, manifest->root);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(manifest_add(manifest, &segments[i]), OK);
}

/* The text with one thing replaced and its digest made right again. */
static enum result
parse_with(const struct buffer *text, const char *from, const char *to)
{
    struct buffer changed = {0};
    struct manifest parsed = {0};
    struct reason why = {0};
    uint8_t digest[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1];
    size_t at = text_find(buffer_as_text(text), from);
    enum result result;

    assert_true(at < text->length);
    assert_int_equal(buffer_append(&changed, text->bytes, at), OK);
    assert_int_equal(buffer_string(&changed, to), OK);
    assert_int_equal(buffer_append(&changed, text->bytes + at + strlen(from),
                                   text->length - at - strlen(from) - 69),
                     OK);
    hash_sha256(changed.bytes, changed.length, digest);
    hash_hex(digest, HASH_BYTES, hex);
    assert_int_equal(buffer_format(&changed, "end %s\n", hex), OK);
    result = manifest_parse(buffer_as_text(&changed), &why, &parsed);
    assert_true(result == OK || why.rule != NULL);
    manifest_free(&parsed);
    buffer_free(&changed);
    return result;
}

static void
test_wrong_lines_are_refused(void **state)
{
    static const char *const wrong[][2] = {
        {"vigie-ledger 1", "vigie-ledger 2"},
        {"id ab", "id AB"},
        {"id ab", "id xb"},
        {"rows 5", "rows 05"},
        {"rows 5", "rows 6"},
        {"rows 5", "rows -5"},
        {"rows 5", "rows 99999999999999999999"},
        {"node 0", "node 1"},
        {"\nroot ", "\nroot  "},
        {"segment 1 0 3", "segment 1 1 3"},
        {"segment 1 0 3", "segment 0 0 3"},
        {"segment 1 0 3", "segment 1 0 2"},
        {"segment 1 0 3", "segment 1 0 0"},
        {"segment 4 3 2", "segment 4 3 3"},
        {"segment 4 3 2", "segment 4 3 18446744073709551615"},
        {"segment 4", "segments 4"},
        {"segment 4", "file ../x y\nsegment 4"},
        {"segment 4", "file a .b 1 00\nsegment 4"},
    };
    struct manifest manifest;
    struct buffer text = {0};

    (void)state;
    make(&manifest);
    assert_int_equal(manifest_write(&manifest, &text), OK);
    assert_int_equal(parse_with(&text, "rows 5", "rows 5"), OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(parse_with(&text, wrong[i][0], wrong[i][1]),
                         E_CORRUPT);
    manifest_free(&manifest);
    buffer_free(&text);
}

static void
test_every_cut_and_flip_is_refused(void **state)
{
    struct manifest manifest, parsed;
    struct buffer text = {0};

    (void)state;
    make(&manifest);
    assert_int_equal(manifest_write(&manifest, &text), OK);
    for (size_t cut = 0; cut < text.length; cut++)
        assert_int_equal(
            manifest_parse((struct text){text.bytes, cut}, NULL, &parsed),
            E_CORRUPT);
    for (size_t bit = 0; bit < 8 * text.length; bit++) {
        text.bytes[bit / 8] ^= (char)(1 << bit % 8);
        assert_int_equal(manifest_parse(buffer_as_text(&text), NULL, &parsed),
                         E_CORRUPT);
        text.bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    assert_int_equal(buffer_byte(&text, '\n'), OK);
    assert_int_equal(manifest_parse(buffer_as_text(&text), NULL, &parsed),
                     E_CORRUPT);
    manifest_free(&manifest);
    buffer_free(&text);
}

static void
test_what_is_written_comes_back(void **state)
{
    struct manifest manifest, parsed;
    struct buffer text = {0}, again = {0};
    struct manifest_file file = {.kind = "tiles", .name = "0.tile"};

    (void)state;
    make(&manifest);
    manifest.files = malloc(sizeof(file));
    manifest.files[0] = file;
    manifest.file_count = 1;
    assert_int_equal(manifest_write(&manifest, &text), OK);
    assert_int_equal(manifest_parse(buffer_as_text(&text), NULL, &parsed), OK);
    assert_int_equal(parsed.last_us, -5);
    assert_int_equal(parsed.tree.count, 5);
    assert_int_equal(parsed.segment_count, 2);
    assert_int_equal(parsed.segments[1].number, 4);
    assert_int_equal(parsed.file_count, 1);
    assert_int_equal(manifest_write(&parsed, &again), OK);
    assert_int_equal(text.length, again.length);
    assert_memory_equal(text.bytes, again.bytes, text.length);
    manifest_free(&manifest);
    manifest_free(&parsed);
    buffer_free(&text);
    buffer_free(&again);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_lines_are_refused),
        cmocka_unit_test(test_every_cut_and_flip_is_refused),
        cmocka_unit_test(test_what_is_written_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
