/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The ledger when the system fails under it: the nth call of each kind fails
 * once or for ever, memory runs out, tails are torn at every byte, every
 * byte rots, the process is killed. What was acknowledged is there
 * afterwards; what was not is whole or absent; no answer is ever wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/inspect.h"
#include "ledger/ledger.h"
#include "test/help/bad_calls.h"
#include "test/unit/ledger_rows.h"

/* VIGIE_KILLS has more of them. */
#define KILLS 300

static char folder[64];

static int
make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/vigie-fault-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    return mkdtemp(folder) == NULL;
}

static int
drop_folder(void **state)
{
    (void)state;
    return file_remove_tree(folder) != OK;
}

static void
empty_folder(void)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/ledger", folder);
    (void)!file_remove_tree(path);
}

static int
wrap_table(void **state)
{
    (void)state;
    bad_calls_start();
    return hash_start() != OK;
}

/* ——— what is always true afterwards ——— */

static void
append(struct ledger *ledger, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct row row = test_row(ledger_count(ledger));

        assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
    }
}

static void
check_rows(struct ledger *ledger)
{
    uint64_t count = ledger_count(ledger);

    for (uint64_t i = 0; i < count; i++) {
        struct row row, wanted = test_row(i);

        assert_int_equal(ledger_read(ledger, i, 1, &row), OK);
        assert_memory_equal(&row, &wanted, sizeof(row));
    }
}

static void
print_damage(void *context, const char *file, const struct reason *reason)
{
    (void)context;
    (void)printf("%s: %s %s %llu\n", file, reason->rule, reason->field,
                 (unsigned long long)reason->offset);
}

static void
quiet_damage(void *context, const char *file, const struct reason *reason)
{
    (void)context;
    (void)file;
    assert_non_null(reason->rule);
}

/* Opened again it has at least what was acknowledged, at most what was
 * given, takes more, and is whole. */
static void
check_after(uint64_t acknowledged, uint64_t given)
{
    struct ledger *ledger = NULL;
    struct inspection inspection = {0};
    struct reason why = {0};

    assert_int_equal(ledger_open(folder, LEDGER_WRITE, &why, NULL, &ledger),
                     OK);
    assert_in_range(ledger_count(ledger), acknowledged, given);
    check_rows(ledger);
    append(ledger, 10);
    assert_int_equal(ledger_sync(ledger), OK);
    append(ledger, 10);
    assert_int_equal(ledger_seal(ledger), OK);
    append(ledger, 10);
    assert_int_equal(ledger_close(ledger), OK);
    assert_int_equal(ledger_inspect(folder, print_damage, NULL, &inspection),
                     OK);
    assert_int_equal(inspection.damages, 0);
}

/* ——— the nth call fails ——— */

struct progress {
    uint64_t acknowledged, given;
    bool ended;
};

static bool
give(struct ledger *ledger, uint64_t count, struct progress *progress)
{
    for (uint64_t i = 0; i < count; i++) {
        struct row row = test_row(progress->given);

        if (ledger_append(ledger, &row, 1, NULL) != OK)
            return false;
        progress->given++;
    }
    return true;
}

/* Once a call has failed nothing may be written any more. */
static void
check_refuses(struct ledger *ledger, struct progress *progress)
{
    struct row row = test_row(progress->given);

    assert_int_equal(ledger_append(ledger, &row, 1, NULL), E_IO);
    assert_int_equal(ledger_sync(ledger), E_IO);
    assert_int_equal(ledger_seal(ledger), E_IO);
}

static void
write_some(struct progress *progress)
{
    struct ledger *ledger = NULL;
    const struct {
        uint64_t rows;
        bool seal;
    } steps[] = {{5, false}, {300, true},  {3, false},
                 {1, false}, {1030, true}, {2, false}};

    if (ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger) != OK)
        return;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        enum result result;

        if (!give(ledger, steps[i].rows, progress)) {
            ledger_free(ledger); /* no memory for rows: nothing is broken */
            return;
        }
        result = steps[i].seal ? ledger_seal(ledger) : ledger_sync(ledger);
        if (result != OK) {
            check_refuses(ledger, progress);
            ledger_free(ledger);
            return;
        }
        progress->acknowledged = progress->given;
    }
    if (ledger_close(ledger) == OK)
        progress->ended = true;
}

static void
test_writing_fails(void **state)
{
    unsigned long points = 0;

    (void)state;
    for (enum call call = 0; call < CALL_COUNT; call++) {
        for (int ever = 0; ever < 2; ever++) {
            struct progress progress = {0};
            unsigned long n = 0;

            do {
                progress = (struct progress){0};
                empty_folder();
                arm(call, ++n, ever == 1);
                write_some(&progress);
                disarm();
                check_after(progress.acknowledged, progress.given);
            } while (calls >= n);
            points += n - 1;
            assert_true(progress.ended);
        }
    }
    (void)printf("%lu points of failure\n", points);
}

/* An interrupted call is called again, a short one goes on: no failure. */
static void
test_interrupted_and_short_calls_are_none(void **state)
{
    struct progress progress = {0};

    (void)state;
    hesitating = true;
    write_some(&progress);
    assert_true(progress.ended);
    check_after(progress.acknowledged, progress.given);
    hesitating = false;
    assert_true(hesitations > 1000);
}

/* The disk fills up after every number of bytes (each 97th is looked at). */
static void
test_the_disk_fills_up(void **state)
{
    struct progress progress = {0};

    (void)state;
    for (uint64_t room = 0; !progress.ended; room += 97) {
        progress = (struct progress){0};
        empty_folder();
        disk_room = room;
        write_some(&progress);
        disk_room = UINT64_MAX;
        check_after(progress.acknowledged, progress.given);
    }
}

static enum result
compare_found(void *context, uint64_t number, const struct row *row)
{
    struct row wanted = test_row(number);

    assert_memory_equal(row, &wanted, sizeof(*row));
    ++*(uint64_t *)context;
    return OK;
}

/* True where everything could be read; what was read was right. */
static bool
read_some(uint64_t rows)
{
    struct ledger *ledger = NULL;
    uint8_t root[HASH_BYTES];
    bool all = true;

    if (ledger_open(folder, LEDGER_READ, NULL, NULL, &ledger) != OK)
        return false;
    all = ledger_count(ledger) == rows;
    for (uint64_t i = 0; i < ledger_count(ledger) && all; i += 7) {
        struct row row, wanted = test_row(i);

        all = ledger_read(ledger, i, 1, &row) == OK;
        if (all)
            assert_memory_equal(&row, &wanted, sizeof(row));
    }
    for (unsigned key = 0; key < LEDGER_KEYS && all; key++) {
        for (uint64_t i = 3; i < rows && all; i += rows / 3) {
            struct row wanted = test_row(i);
            uint64_t id = row_key(&wanted, key);
            uint64_t found = 0, expected = 0;

            all = ledger_find(ledger, key, id, compare_found, &found) == OK;
            for (uint64_t j = 0; j < rows && all; j++) {
                struct row row = test_row(j);

                expected += key_stands(key, id) && row_key(&row, key) == id;
            }
            if (all)
                assert_int_equal(found, expected);
        }
    }
    all = all && ledger_root(ledger, root) == OK;
    ledger_free(ledger);
    return all;
}

static void
test_reading_fails(void **state)
{
    struct progress progress = {0};

    (void)state;
    write_some(&progress);
    assert_true(progress.ended);
    for (enum call call = 0; call < CALL_COUNT; call++) {
        for (int ever = 0; ever < 2; ever++) {
            unsigned long n = 0;
            bool all;

            do {
                arm(call, ++n, ever == 1);
                all = read_some(progress.given);
                disarm();
                if (all && calls >= n)
                    fail_msg("%s %lu was passed over", call_names[call], n);
            } while (calls >= n);
            assert_true(all);
        }
    }
}

/* ——— torn tails ——— */

static void
path_of(const char *name, char *ret_path, size_t room)
{
    (void)snprintf(ret_path, room, "%s/ledger/%s", folder, name);
}

static void
put_file(const char *name, const void *bytes, size_t length)
{
    char path[128];

    path_of(name, path, sizeof(path));
    assert_int_equal(file_replace(path, bytes, length, 0600), OK);
}

static void
take_file(const char *name, struct buffer *ret_bytes)
{
    char path[128];

    path_of(name, path, sizeof(path));
    assert_int_equal(file_load(path, 1 << 24, ret_bytes), OK);
}

/* Two groups are durable, the third is torn as `tail` says. */
static void
check_torn(const struct buffer *file, size_t cut, int filler)
{
    struct buffer torn = {0};
    struct ledger *ledger = NULL;
    uint64_t torn_bytes = 0;

    assert_int_equal(buffer_append(&torn, file->bytes, file->length), OK);
    if (filler < 0)
        torn.length = cut;
    else
        memset(torn.bytes + cut, filler, torn.length - cut);
    if (torn.length == file->length &&
        memcmp(torn.bytes, file->bytes, file->length) == 0)
        goto out; /* the bytes are those that stand there anyway */
    put_file("open.rows", torn.bytes, torn.length);
    assert_int_equal(
        ledger_open(folder, LEDGER_READ, NULL, &torn_bytes, &ledger), OK);
    assert_int_equal(ledger_count(ledger), 12);
    assert_int_equal(torn_bytes, torn.length - (64 * 3 + 12 * 64));
    ledger_free(ledger);
    assert_int_equal(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger),
                     OK);
    ledger_free(ledger);
    assert_int_equal(
        ledger_open(folder, LEDGER_READ, NULL, &torn_bytes, &ledger), OK);
    assert_int_equal(torn_bytes, 0);
    ledger_free(ledger);
    check_after(12, 12);
out:
    buffer_free(&torn);
}

static void
test_torn_tails(void **state)
{
    struct ledger *ledger = NULL;
    struct buffer file = {0}, manifest = {0};
    size_t whole;

    (void)state;
    assert_int_equal(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger),
                     OK);
    append(ledger, 5);
    assert_int_equal(ledger_sync(ledger), OK);
    append(ledger, 7);
    assert_int_equal(ledger_sync(ledger), OK);
    append(ledger, 3);
    assert_int_equal(ledger_close(ledger), OK);
    take_file("open.rows", &file);
    take_file("MANIFEST", &manifest);
    whole = 64 * 3 + 12 * 64;
    assert_int_equal(file.length, whole + 4 * 64);
    for (size_t cut = whole; cut < file.length; cut++) {
        const int fillers[] = {-1, 0, 0x5a, 0xff};

        for (size_t i = 0; i < 4; i++) {
            put_file("MANIFEST", manifest.bytes, manifest.length);
            if (fillers[i] < 0 && cut == whole)
                continue; /* nothing is torn */
            check_torn(&file, cut, fillers[i]);
        }
    }
    buffer_free(&file);
    buffer_free(&manifest);
}

static void
test_rot_before_a_durable_group_is_not_cut(void **state)
{
    struct ledger *ledger = NULL;
    struct buffer file = {0};
    struct reason why = {0};

    (void)state;
    assert_int_equal(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger),
                     OK);
    for (int i = 0; i < 3; i++) {
        append(ledger, 4);
        assert_int_equal(ledger_sync(ledger), OK);
    }
    ledger_free(ledger);
    take_file("open.rows", &file);
    for (size_t at = 64; at < file.length - 5 * 64; at++) {
        file.bytes[at] ^= 0x10;
        put_file("open.rows", file.bytes, file.length);
        file.bytes[at] ^= 0x10;
        assert_int_equal(ledger_open(folder, LEDGER_WRITE, &why, NULL, &ledger),
                         E_CORRUPT);
        assert_string_equal(why.field, "open.rows");
    }
    put_file("open.rows", file.bytes, file.length);
    check_after(12, 12);
    buffer_free(&file);
}

/* ——— every byte rots ——— */

static void
rot_file(const char *name, uint64_t rows, unsigned bits)
{
    struct buffer file = {0};
    char path[128];
    int fd;

    take_file(name, &file);
    path_of(name, path, sizeof(path));
    fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t at = 0; at < file.length; at++) {
        for (unsigned bit = 0; bit < bits; bit++) {
            unsigned shift = bits == 8 ? bit : (unsigned)(at % 8);
            char rotten = (char)(file.bytes[at] ^ (1 << shift));
            struct inspection inspection = {0};

            assert_int_equal(pwrite(fd, &rotten, 1, (off_t)at), 1);
            assert_int_equal(
                ledger_inspect(folder, quiet_damage, NULL, &inspection), OK);
            if (inspection.damages == 0)
                fail_msg("%s: bit %u of byte %zu", name, shift, at);
            /* and no answer is wrong: read_some asserts it */
            if (bit == 0)
                (void)read_some(rows);
        }
        assert_int_equal(pwrite(fd, file.bytes + at, 1, (off_t)at), 1);
    }
    (void)close(fd);
    buffer_free(&file);
}

static void
test_every_byte_rots(void **state)
{
    struct ledger *ledger = NULL;

    (void)state;
    assert_int_equal(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger),
                     OK);
    append(ledger, 100);
    assert_int_equal(ledger_seal(ledger), OK);
    append(ledger, 60);
    assert_int_equal(ledger_seal(ledger), OK);
    append(ledger, 8);
    assert_int_equal(ledger_sync(ledger), OK);
    append(ledger, 2);
    assert_int_equal(ledger_close(ledger), OK);
    assert_true(read_some(170));
    rot_file("MANIFEST", 170, 8);
    rot_file("open.rows", 170, 8);
    rot_file("00000001.seg", 170, 1);
    rot_file("00000002.seg", 170, 8);
    assert_true(read_some(170));
}

static void
test_files_that_are_gone(void **state)
{
    static const char *const names[] = {"MANIFEST", "open.rows",
                                        "00000001.seg"};
    struct ledger *ledger = NULL;

    (void)state;
    assert_int_equal(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger),
                     OK);
    append(ledger, 100);
    assert_int_equal(ledger_seal(ledger), OK);
    append(ledger, 1);
    assert_int_equal(ledger_close(ledger), OK);
    for (size_t i = 0; i < 3; i++) {
        struct buffer file = {0};
        char path[128];

        take_file(names[i], &file);
        path_of(names[i], path, sizeof(path));
        assert_int_equal(unlink(path), 0);
        assert_false(read_some(101));
        if (i < 2)
            assert_int_equal(
                ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger),
                E_CORRUPT);
        put_file(names[i], file.bytes, file.length);
        buffer_free(&file);
    }
    check_after(101, 101);
}

/* ——— kill -9 ——— */

static void
child_appends(int acknowledge, uint64_t seed)
{
    struct ledger *ledger = NULL;

    if (ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger) != OK)
        _exit(1);
    for (uint64_t i = 0;; i++) {
        uint64_t r = test_random(seed * 1000 + i);
        uint64_t count = r % 9 == 0 ? 700 : 1 + r % 5;
        uint64_t rows;

        for (uint64_t j = 0; j < count; j++) {
            struct row row = test_row(ledger_count(ledger));

            if (ledger_append(ledger, &row, 1, NULL) != OK)
                _exit(1);
        }
        if ((r >> 20 & 7) == 0 ? ledger_seal(ledger) != OK
                               : ledger_sync(ledger) != OK)
            _exit(1);
        rows = ledger_count(ledger);
        if (write(acknowledge, &rows, sizeof(rows)) != sizeof(rows))
            _exit(0);
    }
}

static void
test_killed_at_random(void **state)
{
    const char *wanted = getenv("VIGIE_KILLS");
    const uint64_t kills = wanted == NULL ? KILLS : strtoull(wanted, NULL, 10);
    uint64_t acknowledged = 0;

    (void)state;
    for (uint64_t i = 0; i < kills; i++) {
        struct ledger *ledger = NULL;
        uint64_t rows;
        int pipes[2], status;
        pid_t child;

        if (i % 50 == 0) {
            empty_folder();
            acknowledged = 0;
        }
        assert_int_equal(pipe(pipes), 0);
        (void)fflush(NULL);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)close(pipes[0]);
            child_appends(pipes[1], i);
        }
        (void)close(pipes[1]);
        (void)usleep((useconds_t)(test_random(i) % 6000));
        assert_int_equal(kill(child, SIGKILL), 0);
        while (read(pipes[0], &rows, sizeof(rows)) == sizeof(rows))
            acknowledged = rows;
        (void)close(pipes[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        /* it may be killed before it made the ledger */
        if (ledger_open(folder, LEDGER_READ, NULL, NULL, &ledger) ==
            E_NOTFOUND) {
            assert_int_equal(acknowledged, 0);
            continue;
        }
        assert_non_null(ledger);
        assert_true(ledger_count(ledger) >= acknowledged);
        acknowledged = ledger_count(ledger);
        if (i % 10 == 9)
            check_rows(ledger);
        ledger_free(ledger);
        if (i % 50 == 49)
            check_after(acknowledged, acknowledged);
    }
}

static void
test_readers_beside_a_writer(void **state)
{
    uint64_t least = 0;
    int pipes[2], status;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    (void)fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(pipes[0]);
        child_appends(pipes[1], 7);
    }
    (void)close(pipes[1]);
    for (unsigned i = 0; i < 400;) {
        struct ledger *ledger = NULL;
        uint64_t acknowledged = 0;

        /* what was acknowledged before the opening is seen by it */
        assert_int_equal(read(pipes[0], &acknowledged, sizeof(acknowledged)),
                         sizeof(acknowledged));
        assert_int_equal(ledger_open(folder, LEDGER_READ, NULL, NULL, &ledger),
                         OK);
        assert_true(ledger_count(ledger) >= acknowledged);
        assert_true(ledger_count(ledger) >= least);
        least = ledger_count(ledger);
        if (++i % 40 == 0)
            check_rows(ledger);
        ledger_free(ledger);
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(pipes[0]);
    check_after(least, UINT64_MAX);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_folder, drop_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_writing_fails),
        CASE(test_interrupted_and_short_calls_are_none),
        CASE(test_the_disk_fills_up),
        CASE(test_reading_fails),
        CASE(test_torn_tails),
        CASE(test_rot_before_a_durable_group_is_not_cut),
        CASE(test_every_byte_rots),
        CASE(test_files_that_are_gone),
        CASE(test_killed_at_random),
        CASE(test_readers_beside_a_writer),
    };

    return cmocka_run_group_tests(tests, wrap_table, NULL);
}
