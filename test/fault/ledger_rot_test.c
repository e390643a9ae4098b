/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sealed segments that rot while they are asked: what can still be read is
 * answered, exactly, and what cannot is named with its place and time.
 */
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
#include "ledger/segment_column.h"
#include "test/unit/ledger_rows.h"

#define SEALED 5000u /* rows of each of three segments: three blocks */
#define ROWS (3 * SEALED + 40)
#define FLIPS 250u

static char folder[64];
static bool seen[ROWS];

static int
make_ledger(void **state)
{
    struct ledger *ledger = NULL;

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/vigie-rot-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_int_equal(hash_start(), OK);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger),
                     OK);
    for (uint64_t i = 0; i < ROWS; i++) {
        struct row row = test_row(i);

        assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
        if (i % SEALED == SEALED - 1)
            assert_int_equal(ledger_seal(ledger), OK);
    }
    assert_int_equal(ledger_close(ledger), OK);
    return 0;
}

static int
drop_ledger(void **state)
{
    (void)state;
    return file_remove_tree(folder) != OK;
}

static struct ledger *
open_reader(void)
{
    struct ledger *ledger = NULL;

    assert_int_equal(ledger_open(folder, LEDGER_READ, NULL, NULL, &ledger), OK);
    ledger_go_on(ledger);
    return ledger;
}

static enum result
see(void *context, uint64_t number, const struct row *row)
{
    uint64_t *next = context;
    struct row wanted = test_row(number);

    assert_true(number >= *next); /* in order, none twice */
    *next = number + 1;
    assert_memory_equal(row, &wanted, sizeof(*row));
    seen[number] = true;
    return OK;
}

/* Whether the ledger says of a row that it may be lost. */
static bool
is_told(const struct ledger *ledger, uint64_t number)
{
    size_t count = 0;
    const struct ledger_damage *damages = ledger_damages(ledger, &count);
    int64_t received = test_row(number).time_received_us;

    for (size_t i = 0; i < count; i++) {
        if (damages[i].lost > 0 && number >= damages[i].first &&
            number <= damages[i].last && received >= damages[i].from_us &&
            received <= damages[i].to_us)
            return true;
    }
    return false;
}

static uint64_t
told_lost(const struct ledger *ledger)
{
    size_t count = 0;
    const struct ledger_damage *damages = ledger_damages(ledger, &count);
    uint64_t lost = 0;

    for (size_t i = 0; i < count; i++)
        lost += damages[i].lost;
    return lost;
}

/* One question, its answer compared with all rows. Returns how many rows the
 * answer lacks. */
static uint64_t
ask(struct ledger *ledger, unsigned key, uint64_t id)
{
    uint64_t next = 0, lacks = 0;

    memset(seen, 0, sizeof(seen));
    assert_int_equal(ledger_find(ledger, key, id, see, &next), OK);
    for (uint64_t i = 0; i < ROWS; i++) {
        struct row row = test_row(i);
        bool wanted = key_stands(key, id) && row_key(&row, key) == id;

        assert_true(wanted || !seen[i]);
        if (!wanted || seen[i])
            continue;
        lacks++;
        if (!is_told(ledger, i))
            fail_msg("row %llu is lacking in silence", (unsigned long long)i);
    }
    return lacks;
}

/* Some questions of each key, then every row. */
static uint64_t
ask_all(void)
{
    struct ledger *ledger = open_reader();
    uint64_t next = 0, lacks = 0;

    for (unsigned key = 0; key < LEDGER_KEYS; key++) {
        for (uint64_t i = 3; i < ROWS; i += ROWS / 5) {
            struct row row = test_row(i);

            (void)ask(ledger, key, row_key(&row, key));
        }
    }
    (void)ask(ledger, LEDGER_BY_SESSION, 0);
    memset(seen, 0, sizeof(seen));
    assert_int_equal(ledger_each(ledger, 0, UINT64_MAX, see, &next), OK);
    for (uint64_t i = 0; i < ROWS; i++) {
        lacks += !seen[i];
        assert_true(seen[i] || is_told(ledger, i));
    }
    /* exact: not a row more is said to be lost than is */
    assert_int_equal(told_lost(ledger), lacks);
    ledger_free(ledger);
    return lacks;
}

static void
path_of(const char *name, char ret_path[128])
{
    (void)snprintf(ret_path, 128, "%s/ledger/%s", folder, name);
}

static void
flip(const char *name, size_t at, unsigned bit)
{
    char path[128];
    uint8_t byte;
    int fd;

    path_of(name, path);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= (uint8_t)(1u << bit);
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    (void)close(fd);
}

static size_t
size_of(const char *name)
{
    struct stat status;
    char path[128];

    path_of(name, path);
    assert_int_equal(stat(path, &status), 0);
    return (size_t)status.st_size;
}

static void
test_a_whole_ledger_lacks_nothing(void **state)
{
    (void)state;
    assert_int_equal(ask_all(), 0);
}

static void
test_without_going_on_rot_ends_the_answer(void **state)
{
    struct ledger *ledger = NULL;
    uint64_t next = 0;

    (void)state;
    flip("00000002.seg", 100, 3);
    assert_int_equal(ledger_open(folder, LEDGER_READ, NULL, NULL, &ledger), OK);
    assert_int_equal(ledger_each(ledger, 0, UINT64_MAX, see, &next), E_CORRUPT);
    ledger_free(ledger);
    flip("00000002.seg", 100, 3);
}

static void
test_one_bad_block_costs_its_own_rows_only(void **state)
{
    (void)state;
    flip("00000002.seg", 100, 3);
    assert_int_equal(ask_all(), BLOCK_ROWS);
    flip("00000002.seg", 100, 3);
}

static void
test_any_flipped_bit_is_told_and_the_rest_answers(void **state)
{
    static const char *const names[] = {"00000001.seg", "00000002.seg",
                                        "00000003.seg"};
    uint64_t most = 0;

    (void)state;
    for (uint64_t i = 0; i < FLIPS; i++) {
        const char *name = names[i % 3];
        uint64_t r = test_random(i + 5);
        size_t size = size_of(name);
        /* the foot and the directory often, being small */
        size_t at = i % 5 == 0 ? size - 1 - r % 600 : r % size;
        uint64_t lacks;

        flip(name, at, r >> 40 & 7);
        lacks = ask_all();
        most = lacks > most ? lacks : most;
        assert_true(lacks <= SEALED);
        flip(name, at, r >> 40 & 7);
    }
    assert_int_equal(most, SEALED); /* a foot among them */
}

static void
test_two_segments_rot_and_one_is_gone(void **state)
{
    char path[128], beside[140];

    (void)state;
    path_of("00000001.seg", path);
    (void)snprintf(beside, sizeof(beside), "%s.away", path);
    assert_int_equal(rename(path, beside), 0);
    flip("00000003.seg", 100, 0);
    assert_int_equal(ask_all(), SEALED + BLOCK_ROWS);
    flip("00000003.seg", 100, 0);
    assert_int_equal(rename(beside, path), 0);
    assert_int_equal(ask_all(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_ledger_lacks_nothing),
        cmocka_unit_test(test_without_going_on_rot_ends_the_answer),
        cmocka_unit_test(test_one_bad_block_costs_its_own_rows_only),
        cmocka_unit_test(test_any_flipped_bit_is_told_and_the_rest_answers),
        cmocka_unit_test(test_two_segments_rot_and_one_is_gone),
    };

    return cmocka_run_group_tests(tests, make_ledger, drop_ledger);
}
