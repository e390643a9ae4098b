/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"
#include "test/unit/ledger_rows.h"

static char folder[64];

static int
make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/vigie-ledger-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int
drop_folder(void **state)
{
    (void)state;
    return file_remove_tree(folder) != OK;
}

static struct ledger *
opened(enum ledger_mode mode)
{
    struct ledger *ledger = NULL;
    struct reason why = {0};

    assert_int_equal(ledger_open(folder, mode, &why, NULL, &ledger), OK);
    return ledger;
}

static void
append(struct ledger *ledger, uint64_t count)
{
    uint64_t from = ledger_count(ledger);

    for (uint64_t i = from; i < from + count; i++) {
        struct row row = test_row(i);

        assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
    }
}

struct seen {
    uint64_t *numbers;
    size_t count;
};

static enum result
note(void *context, uint64_t number, const struct row *row)
{
    struct seen *seen = context;
    struct row expected = test_row(number);

    assert_memory_equal(row, &expected, sizeof(expected));
    seen->numbers[seen->count++] = number;
    return OK;
}

/* Every id of every 7th row under every key, against a plain scan. */
static void
check_find(struct ledger *ledger)
{
    uint64_t rows = ledger_count(ledger);
    struct seen seen = {.numbers = calloc(rows + 1, sizeof(uint64_t))};

    for (uint64_t i = 0; i < rows; i += 1 + rows / 97) {
        struct row wanted = test_row(i);

        for (unsigned key = 0; key < LEDGER_KEYS; key++) {
            uint64_t id = row_key(&wanted, key);
            size_t at = 0;

            seen.count = 0;
            assert_int_equal(ledger_find(ledger, key, id, note, &seen), OK);
            for (uint64_t j = 0; j < rows && key_stands(key, id); j++) {
                struct row row = test_row(j);

                if (row_key(&row, key) != id)
                    continue;
                assert_true(at < seen.count);
                assert_int_equal(seen.numbers[at], j);
                at++;
            }
            assert_int_equal(at, seen.count);
        }
    }
    free(seen.numbers);
}

static void
check_rows(struct ledger *ledger, uint64_t count)
{
    struct merkle merkle;
    uint8_t root[HASH_BYTES], expected[HASH_BYTES];

    assert_int_equal(ledger_count(ledger), count);
    merkle_start(&merkle);
    for (uint64_t i = 0; i < count; i++) {
        struct row row, wanted = test_row(i);
        uint8_t bytes[ROW_BYTES], leaf[HASH_BYTES];

        assert_int_equal(ledger_read(ledger, i, 1, &row), OK);
        assert_memory_equal(&row, &wanted, sizeof(row));
        row_encode(&row, bytes);
        merkle_leaf(bytes, leaf);
        merkle_add(&merkle, leaf);
    }
    merkle_root(&merkle, expected);
    assert_int_equal(ledger_root(ledger, root), OK);
    assert_memory_equal(root, expected, HASH_BYTES);
}

static void
test_nothing_is_there(void **state)
{
    struct ledger *ledger = NULL;

    (void)state;
    assert_int_equal(ledger_open(folder, LEDGER_READ, NULL, NULL, &ledger),
                     E_NOTFOUND);
    assert_null(ledger);
    ledger_free(NULL);
}

static void
test_second_writer(void **state)
{
    struct ledger *ledger = opened(LEDGER_WRITE);
    struct ledger *second = NULL;

    (void)state;
    assert_int_equal(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &second),
                     E_DENIED);
    assert_int_equal(ledger_open(folder, LEDGER_READ, NULL, NULL, &second), OK);
    struct row row = test_row(0);
    assert_int_equal(ledger_append(second, &row, 1, NULL), E_ARGUMENT);
    assert_int_equal(ledger_sync(second), E_ARGUMENT);
    assert_int_equal(ledger_close(second), OK);
    assert_int_equal(ledger_close(ledger), OK);
}

static void
test_past_the_end(void **state)
{
    struct ledger *ledger = opened(LEDGER_WRITE);
    struct row rows[4];

    (void)state;
    append(ledger, 3);
    assert_int_equal(ledger_read(ledger, 0, 4, rows), E_NOTFOUND);
    assert_int_equal(ledger_read(ledger, 4, 0, rows), E_NOTFOUND);
    assert_int_equal(ledger_read(ledger, UINT64_MAX, 2, rows), E_NOTFOUND);
    assert_int_equal(ledger_read(ledger, 3, 0, rows), OK);
    assert_int_equal(ledger_close(ledger), OK);
}

static void
test_rows_come_back(void **state)
{
    struct ledger *ledger = opened(LEDGER_WRITE);

    (void)state;
    append(ledger, 1000);
    check_rows(ledger, 1000);
    assert_int_equal(ledger_sync(ledger), OK);
    append(ledger, 500);
    check_find(ledger);
    assert_int_equal(ledger_close(ledger), OK);
    ledger = opened(LEDGER_WRITE);
    check_rows(ledger, 1500);
    append(ledger, 100);
    assert_int_equal(ledger_close(ledger), OK);
    ledger = opened(LEDGER_READ);
    check_rows(ledger, 1600);
    check_find(ledger);
    assert_int_equal(ledger_close(ledger), OK);
}

static enum result
count_found(void *context, uint64_t number, const struct row *row)
{
    (void)number;
    (void)row;
    ++*(unsigned *)context;
    return OK;
}

static unsigned
found(struct ledger *ledger, enum ledger_key key, uint64_t id)
{
    unsigned count = 0;

    assert_int_equal(ledger_find(ledger, key, id, count_found, &count), OK);
    return count;
}

static void
test_which_kinds_name_a_person(void **state)
{
    struct ledger *ledger = opened(LEDGER_WRITE);

    (void)state;
    for (uint8_t kind = ROW_DISCLOSURE; kind <= ROW_LINEAGE; kind++) {
        struct row row = {.session = 1000u + kind,
                          .professional = 7,
                          .person = 2000u + kind,
                          .request = 3000u + kind,
                          .kind = kind};

        assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
    }
    for (int sealed = 0; sealed < 2; sealed++) {
        assert_int_equal(found(ledger, LEDGER_BY_PROFESSIONAL, 7),
                         ROW_LINEAGE);
        for (unsigned kind = ROW_DISCLOSURE; kind <= ROW_LINEAGE; kind++) {
            bool person = kind == ROW_DISCLOSURE || kind == ROW_REFUSAL ||
                          kind == ROW_UNLABELLED || kind == ROW_JOIN ||
                          kind == ROW_CONSOLE_READ || kind == ROW_ERASURE;

            assert_int_equal(found(ledger, LEDGER_BY_SESSION, 1000 + kind), 1);
            assert_int_equal(found(ledger, LEDGER_BY_PERSON, 2000 + kind),
                             person);
            assert_int_equal(found(ledger, LEDGER_BY_ADDRESS, 2000 + kind),
                             kind == ROW_SIGHTING);
            assert_int_equal(found(ledger, LEDGER_BY_PERSON, 3000 + kind), 0);
        }
        assert_int_equal(ledger_seal(ledger), OK);
    }
    assert_int_equal(ledger_close(ledger), OK);
}

static void
test_time_never_goes_back(void **state)
{
    struct ledger *ledger = opened(LEDGER_WRITE);
    struct row rows[2] = {test_row(5), test_row(3)};

    (void)state;
    assert_int_equal(ledger_append(ledger, rows, 2, NULL), OK);
    assert_int_equal(ledger_close(ledger), OK);
    ledger = opened(LEDGER_WRITE);
    assert_int_equal(ledger_append(ledger, &rows[1], 1, NULL), OK);
    for (uint64_t i = 0; i < 3; i++) {
        struct row row;

        assert_int_equal(ledger_read(ledger, i, 1, &row), OK);
        assert_int_equal(row.time_received_us, rows[0].time_received_us);
    }
    assert_int_equal(ledger_close(ledger), OK);
}

static void
test_reader_sees_a_prefix(void **state)
{
    struct ledger *writer = opened(LEDGER_WRITE);
    struct ledger *reader;

    (void)state;
    append(writer, 10);
    assert_int_equal(ledger_sync(writer), OK);
    append(writer, 10);
    reader = opened(LEDGER_READ);
    check_rows(reader, 10);
    assert_int_equal(ledger_sync(writer), OK);
    check_rows(reader, 10);
    assert_int_equal(ledger_close(reader), OK);
    reader = opened(LEDGER_READ);
    check_rows(reader, 20);
    assert_int_equal(ledger_close(reader), OK);
    assert_int_equal(ledger_close(writer), OK);
}

static void
test_sealed_rows_come_back(void **state)
{
    struct ledger *ledger = opened(LEDGER_WRITE);
    struct ledger_statistics statistics;

    (void)state;
    append(ledger, 1);
    assert_int_equal(ledger_seal(ledger), OK);
    append(ledger, 3000);
    assert_int_equal(ledger_sync(ledger), OK);
    append(ledger, 99);
    assert_int_equal(ledger_seal(ledger), OK);
    append(ledger, 1024);
    assert_int_equal(ledger_seal(ledger), OK);
    append(ledger, 200);
    check_find(ledger);
    check_rows(ledger, 4324);
    ledger_statistics(ledger, &statistics);
    assert_int_equal(statistics.segments, 3);
    assert_int_equal(statistics.sealed_rows, 4124);
    assert_int_equal(ledger_close(ledger), OK);
    ledger = opened(LEDGER_READ);
    check_rows(ledger, 4324);
    check_find(ledger);
    assert_int_equal(ledger_close(ledger), OK);
    ledger = opened(LEDGER_WRITE);
    check_rows(ledger, 4324);
    check_find(ledger);
    assert_int_equal(ledger_seal(ledger), OK);
    check_rows(ledger, 4324);
    assert_int_equal(ledger_close(ledger), OK);
}

static void
test_full_segments_seal_themselves(void **state)
{
    struct ledger *ledger = opened(LEDGER_WRITE);
    struct ledger_statistics statistics;
    struct row row;

    (void)state;
    append(ledger, 600000);
    assert_int_equal(ledger_sync(ledger), OK);
    ledger_statistics(ledger, &statistics);
    assert_true(statistics.segments > 0);
    check_rows(ledger, 600000);
    /* back and forth over more segments than orders are held of */
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t number = test_random(i) % 600000;
        struct row wanted = test_row(number);

        assert_int_equal(ledger_read(ledger, number, 1, &row), OK);
        assert_memory_equal(&row, &wanted, sizeof(row));
    }
    assert_int_equal(ledger_close(ledger), OK);
}

static void
test_reader_outlives_a_seal(void **state)
{
    struct ledger *writer = opened(LEDGER_WRITE);
    struct ledger *reader;

    (void)state;
    append(writer, 700);
    assert_int_equal(ledger_sync(writer), OK);
    reader = opened(LEDGER_READ);
    assert_int_equal(ledger_seal(writer), OK);
    append(writer, 700);
    assert_int_equal(ledger_seal(writer), OK);
    check_rows(reader, 700);
    check_find(reader);
    assert_int_equal(ledger_close(reader), OK);
    reader = opened(LEDGER_READ);
    check_rows(reader, 1400);
    assert_int_equal(ledger_close(reader), OK);
    assert_int_equal(ledger_close(writer), OK);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_folder, drop_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_nothing_is_there),
        CASE(test_second_writer),
        CASE(test_past_the_end),
        CASE(test_rows_come_back),
        CASE(test_time_never_goes_back),
        CASE(test_reader_sees_a_prefix),
        CASE(test_which_kinds_name_a_person),
        CASE(test_sealed_rows_come_back),
        CASE(test_full_segments_seal_themselves),
        CASE(test_reader_outlives_a_seal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
