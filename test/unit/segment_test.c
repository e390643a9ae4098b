/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The packed columns and the index of a segment by themselves: every width,
 * every form, one row and many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/checksum.h"
#include "ledger/segment_column.h"
#include "ledger/segment_index.h"
#include "test/unit/ledger_rows.h"

static uint64_t values[BLOCK_ROWS];

static void
check_column_of(size_t rows, enum column_hint hint, uint64_t unit,
                size_t bytes_at_most)
{
    const uint64_t *columns[1] = {values};
    uint64_t all[BLOCK_ROWS], one = 0;
    struct buffer out = {0};
    struct block block;

    assert_int_equal(block_pack(&out, columns, &hint, 1, rows, unit), OK);
    assert_true(out.length <= bytes_at_most);
    assert_int_equal(
        block_parse((uint8_t *)out.bytes, out.length, 1, rows, &block), OK);
    assert_true(column_range(&block.column[0], 0, rows, all));
    for (size_t i = 0; i < rows; i++) {
        assert_true(column_get(&block.column[0], i, &one));
        if (one != values[i] || all[i] != values[i])
            fail_msg("row %zu of %zu", i, rows);
    }
    for (size_t from = 0; from < rows; from += 1 + from / 2) {
        const size_t count = rows - from < 64 ? rows - from : 64;

        assert_true(column_range(&block.column[0], from, count, all));
        assert_memory_equal(all, values + from, count * sizeof(*all));
    }
    /* a block cut short is refused, but for what fills up its end */
    for (size_t cut = 0; cut < out.length && rows < 40; cut++) {
        uint8_t *exact = malloc(cut + 1);
        enum result result;

        memcpy(exact, out.bytes, cut);
        result = block_parse(exact, cut, 1, rows, &block);
        assert_true(result == E_CORRUPT || cut >= out.length - 8);
        if (result == OK)
            assert_true(column_range(&block.column[0], 0, rows, all));
        free(exact);
    }
    buffer_free(&out);
}

static void
check_column(size_t rows, enum column_hint hint, size_t bytes_at_most)
{
    check_column_of(rows, hint, 1, bytes_at_most);
}

static void
test_every_width(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= 64; width++) {
        for (size_t rows = 1; rows <= BLOCK_ROWS; rows = rows * 3 + 1) {
            uint64_t mask =
                width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;

            for (size_t i = 0; i < rows; i++)
                values[i] = 77 + (test_random(i) & mask);
            check_column(rows, COLUMN_DIGEST, 64 + 8 * (rows + 1));
            check_column(rows, COLUMN_WORD, 64 + 8 * (rows + 1));
            check_column(rows, COLUMN_RISING, 64 + 8 * (rows + 1));
        }
    }
}

static void
test_few_values_take_few_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        values[i] = test_random(test_random(i) % 16);
    check_column(BLOCK_ROWS, COLUMN_WORD, 16 * 8 + BLOCK_ROWS / 2 + 64);
}

static void
test_runs_take_little(void **state)
{
    (void)state;
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        values[i] = test_random(i / 100);
    check_column(BLOCK_ROWS, COLUMN_WORD, 21 * 10 + 64);
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        values[i] = UINT64_MAX;
    check_column(BLOCK_ROWS, COLUMN_WORD, 64);
    /* many: a bit a row says where they begin */
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        values[i] = test_random(i / 4);
    check_column(BLOCK_ROWS, COLUMN_WORD,
                 8 * BLOCK_ROWS / 4 + BLOCK_ROWS / 8 + 64);
}

/* Clusters of 30 rows, each a little behind the start of the one before. */
static void
test_rises_take_little(void **state)
{
    (void)state;
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        values[i] = 40 * (i / 30) + 3000 * (i % 30) + test_random(i) % 3000;
    check_column(BLOCK_ROWS, COLUMN_RISING, 2 * BLOCK_ROWS);
    values[100] += 100000; /* a gap too wide begins anew */
    check_column(BLOCK_ROWS, COLUMN_RISING, 2 * BLOCK_ROWS);
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        values[i] = BLOCK_ROWS - i;
    check_column(BLOCK_ROWS, COLUMN_RISING, 2 * BLOCK_ROWS);
}

static void
test_whole_milliseconds_take_less(void **state)
{
    (void)state;
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        values[i] = 5 + 1000 * (test_random(i) % 65536);
    check_column_of(BLOCK_ROWS, COLUMN_TIME, 1000, 2 * BLOCK_ROWS + 64);
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        values[i] = 5 + 1000000 * (test_random(i) % 256);
    check_column_of(BLOCK_ROWS, COLUMN_TIME, 1000000, BLOCK_ROWS + 64);
    values[7] = (uint64_t)INT64_MIN;
    check_column_of(BLOCK_ROWS, COLUMN_TIME, 1, 8 * BLOCK_ROWS + 64);
}

static void
check_hostile(enum column_hint hint)
{
    const uint64_t *columns[1] = {values};
    struct buffer out = {0};

    assert_int_equal(block_pack(&out, columns, &hint, 1, 64, 1), OK);
    for (size_t at = 0; at < out.length; at++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t *exact = malloc(out.length);
            uint64_t one, all[64];
            struct block block;

            memcpy(exact, out.bytes, out.length);
            exact[at] = (uint8_t)value;
            if (block_parse(exact, out.length, 1, 64, &block) == OK) {
                for (size_t i = 0; i < 64; i++)
                    (void)!column_get(&block.column[0], i, &one);
                (void)!column_range(&block.column[0], 0, 64, all);
            }
            free(exact);
        }
    }
    buffer_free(&out);
}

static void
test_a_hostile_block_stays_inside(void **state)
{
    (void)state;
    for (size_t i = 0; i < 64; i++)
        values[i] = test_random(i % 5);
    check_hostile(COLUMN_WORD); /* a dictionary */
    for (size_t i = 0; i < 64; i++)
        values[i] = test_random(i / 30);
    check_hostile(COLUMN_WORD); /* marks */
    for (size_t i = 0; i < 64; i++)
        values[i] = i * i;
    check_hostile(COLUMN_RISING);
}

/* ——— the index ——— */

struct chunks {
    uint32_t chunk[4096];
    size_t count;
};

static enum result
note(void *context, uint32_t chunk)
{
    struct chunks *chunks = context;

    assert_true(chunks->count < 4096);
    chunks->chunk[chunks->count++] = chunk;
    return OK;
}

/* `ids` different ids, each in the chunks that the test's rule names. */
static bool
in_chunk(uint64_t id, uint32_t chunk)
{
    return test_random(id * 5000 + chunk) % 7 == 0;
}

static void
check_index(uint64_t ids, uint32_t chunk_count)
{
    const size_t most = (size_t)(ids * chunk_count) + 1;
    struct index_entry *entries = calloc(2 * most, sizeof(*entries));
    struct index_entry *scratch = calloc(2 * most, sizeof(*scratch));
    struct buffer pages = {0}, directory = {0};
    struct index index = {.chunks = chunk_count};
    struct chunks found;
    size_t count = 0;

    for (uint32_t chunk = 0; chunk < chunk_count; chunk++) {
        for (uint64_t id = 1; id <= ids; id++) {
            /* some twice: each is stored once */
            for (int i = 0; in_chunk(id, chunk) && i < 1 + (int)(id % 2); i++)
                entries[count++] = (struct index_entry){key_mix(id), chunk};
        }
    }
    assert_int_equal(index_pack(entries, count, scratch, chunk_count, &pages,
                                &directory, &index.shape),
                     OK);
    index.directory = (uint8_t *)directory.bytes;
    index.pages = (uint8_t *)pages.bytes;
    index.length = pages.length;
    assert_int_equal(index_check(&index), OK);
    for (uint64_t id = 1; id <= ids + 50; id++) {
        size_t at = 0;

        found.count = 0;
        assert_int_equal(index_find(&index, key_mix(id), note, &found), OK);
        for (uint32_t chunk = 0; chunk < chunk_count; chunk++) {
            if (id > ids || !in_chunk(id, chunk))
                continue;
            assert_true(at < found.count);
            assert_int_equal(found.chunk[at++], chunk);
        }
        assert_int_equal(at, found.count);
    }
    free(entries);
    free(scratch);
    buffer_free(&pages);
    buffer_free(&directory);
}

static void
test_ids_lead_to_their_chunks(void **state)
{
    (void)state;
    check_index(0, 1);
    check_index(1, 1);
    check_index(1, 4096);
    check_index(5, 2);
    check_index(40, 1000);
    check_index(3000, 40);
}

static void
test_a_changed_bit_changes_the_checksum(void **state)
{
    uint8_t bytes[100];
    uint64_t sum;

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)test_random(i);
    for (size_t length = 1; length <= sizeof(bytes); length++) {
        sum = checksum64(bytes, length, 5);
        assert_true(sum != checksum64(bytes, length, 6));
        for (size_t bit = 0; bit < 8 * length; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_true(sum != checksum64(bytes, length, 5));
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    /* zeros at the end count */
    memset(bytes, 0, sizeof(bytes));
    for (size_t length = 1; length < sizeof(bytes); length++)
        assert_true(checksum64(bytes, length, 0) !=
                    checksum64(bytes, length + 1, 0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hostile_block_stays_inside),
        cmocka_unit_test(test_every_width),
        cmocka_unit_test(test_few_values_take_few_bits),
        cmocka_unit_test(test_runs_take_little),
        cmocka_unit_test(test_rises_take_little),
        cmocka_unit_test(test_whole_milliseconds_take_less),
        cmocka_unit_test(test_ids_lead_to_their_chunks),
        cmocka_unit_test(test_a_changed_bit_changes_the_checksum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
