/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Backups of a ledger and back, beside a writer and with every call failing:
 * a backup is whole or the one before it, what is recovered has every row of
 * it, and copies that parted are told apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/backup.h"
#include "ledger/backup_list.h"
#include "ledger/inspect.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "ledger/roots.h"
#include "test/help/bad_calls.h"
#include "test/unit/ledger_rows.h"

static char root[64], data[80], to[80], again[80], keys[80];

static int
make_folders(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof(root), "%s/vigie-backup-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(root) == NULL)
        return 1;
    (void)snprintf(data, sizeof(data), "%s/data", root);
    (void)snprintf(to, sizeof(to), "%s/backup", root);
    (void)snprintf(again, sizeof(again), "%s/again", root);
    (void)snprintf(keys, sizeof(keys), "%s/keys", root);
    return 0;
}

static int
drop_folders(void **state)
{
    (void)state;
    return file_remove_tree(root) != OK;
}

static int
wrap_table(void **state)
{
    (void)state;
    bad_calls_start();
    return hash_start() != OK;
}

static void
drop(const char *folder)
{
    (void)!file_remove_tree(folder);
}

/* Rows as test_row has them, synced; negative: sealed too. */
static void
add_rows(const char *folder, int count)
{
    struct ledger *ledger = NULL;

    assert_int_equal(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger),
                     OK);
    for (int i = 0; i < abs(count); i++) {
        struct row row = test_row(ledger_count(ledger));

        assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
    }
    assert_int_equal(count < 0 ? ledger_seal(ledger) : ledger_sync(ledger), OK);
    assert_int_equal(ledger_close(ledger), OK);
}

static void
add_name(const char *name)
{
    struct lookup *lookup = NULL;
    struct alias alias;

    assert_int_equal(lookup_open(data, keys, LOOKUP_WRITE, NULL, &lookup), OK);
    assert_int_equal(lookup_add(lookup, ALIAS_SESSION, text_of(name),
                                text_of(name), 0, &alias, NULL),
                     OK);
    assert_int_equal(lookup_commit(lookup), OK);
    lookup_free(lookup);
}

static bool
knows_name(const char *folder, const char *name)
{
    struct lookup *lookup = NULL;
    struct alias alias;
    enum result result = lookup_open(folder, keys, LOOKUP_READ, NULL, &lookup);

    if (result == OK)
        result = lookup_find(lookup, ALIAS_SESSION, text_of(name), &alias);
    lookup_free(lookup);
    return result == OK;
}

static void
print_found(void *context, const char *file, const struct reason *reason)
{
    (void)context;
    (void)printf("%s: %s %s %llu\n", file, reason->rule, reason->field,
                 (unsigned long long)reason->offset);
}

static void
quiet_found(void *context, const char *file, const struct reason *reason)
{
    (void)context;
    (void)file;
    assert_non_null(reason->rule);
}

static uint64_t
damages(backup_found *found)
{
    struct backup_report report;
    uint64_t count = 0;

    assert_int_equal(backup_check(to, found, NULL, &report, &count), OK);
    return count;
}

/* The rows of the recovered ledger: `rows` as ever, a gap, a lineage. */
static void
check_recovered(uint64_t rows)
{
    struct ledger *ledger = NULL;
    struct inspection inspection = {0};
    struct row row;

    assert_int_equal(ledger_open(again, LEDGER_READ, NULL, NULL, &ledger), OK);
    assert_int_equal(ledger_count(ledger), rows + 2);
    for (uint64_t i = 0; i < rows; i++) {
        struct row wanted = test_row(i);

        assert_int_equal(ledger_read(ledger, i, 1, &row), OK);
        assert_memory_equal(&row, &wanted, sizeof(row));
    }
    assert_int_equal(ledger_read(ledger, rows, 1, &row), OK);
    assert_int_equal(row.kind, ROW_GAP);
    assert_int_equal(ledger_read(ledger, rows + 1, 1, &row), OK);
    assert_int_equal(row.kind, ROW_LINEAGE);
    assert_int_equal(row.person, rows);
    assert_true(row.request != 0);
    ledger_free(ledger);
    assert_int_equal(ledger_inspect(again, print_found, NULL, &inspection), OK);
    assert_int_equal(inspection.damages, 0);
}

static void
test_without_a_ledger_there_is_no_backup(void **state)
{
    struct backup_report report;
    struct reason why;
    uint64_t count;

    (void)state;
    assert_int_equal(backup_take(data, to, &why, &report), E_NOTFOUND);
    assert_int_not_equal(access(to, F_OK), 0);
    assert_int_equal(backup_check(to, print_found, NULL, &report, &count),
                     E_NOTFOUND);
    assert_int_equal(backup_recover(to, again, &why, &report), E_NOTFOUND);
    assert_int_not_equal(access(again, F_OK), 0);
}

static void
test_segments_are_copied_once_and_everything_comes_back(void **state)
{
    struct backup_report report;
    struct reason why;

    (void)state;
    add_rows(data, -300);
    add_rows(data, 5);
    add_name("first");
    assert_int_equal(backup_take(data, to, &why, &report), OK);
    assert_int_equal(report.generation, 1);
    assert_int_equal(report.rows, 305);
    assert_int_equal(report.segments_copied, 1);
    add_rows(data, -700);
    add_rows(data, 1);
    add_name("second");
    assert_int_equal(backup_take(data, to, &why, &report), OK);
    assert_int_equal(report.generation, 2);
    assert_int_equal(report.segments, 2);
    assert_int_equal(report.segments_copied, 1);
    assert_int_equal(damages(print_found), 0);
    assert_int_equal(backup_recover(to, again, &why, &report), OK);
    check_recovered(1006);
    assert_true(knows_name(again, "first") && knows_name(again, "second"));
    /* nothing is written over */
    assert_int_equal(backup_recover(to, again, &why, &report), E_EXISTS);
    assert_string_equal(why.rule, "recover-exists");
    check_recovered(1006);
}

static void
test_keys_are_never_in_a_backup(void **state)
{
    struct buffer key = {0};
    struct backup_report report;
    struct reason why;
    char command[400], path[100];

    (void)state;
    add_rows(data, -10);
    add_name("a name that must not be read");
    assert_int_equal(backup_take(data, to, &why, &report), OK);
    (void)snprintf(command, sizeof(command),
                   "! grep -rqa 'must not be read' %s && "
                   "test $(find %s -name '*.key' | wc -l) = 0",
                   to, to);
    assert_int_equal(system(command), 0);
    (void)snprintf(path, sizeof(path), "%s/machine.key", keys);
    assert_int_equal(file_load(path, 64, &key), OK);
    (void)snprintf(path, sizeof(path), "%s/state-1/lookup.mdb", to);
    {
        struct buffer file = {0};

        assert_int_equal(file_load(path, 1 << 24, &file), OK);
        assert_null(memmem(file.bytes, file.length, key.bytes, key.length));
        buffer_free(&file);
    }
    buffer_free(&key);
}

static void
test_another_ledger_is_refused(void **state)
{
    struct backup_report report;
    struct reason why;

    (void)state;
    add_rows(data, 5);
    add_rows(again, 9);
    assert_int_equal(backup_take(data, to, &why, &report), OK);
    assert_int_equal(backup_take(again, to, &why, &report), E_EXISTS);
    assert_string_equal(why.rule, "backup-other-ledger");
    assert_int_equal(damages(print_found), 0);
}

static void
relation(const char *left, const char *right, enum roots_relation wanted,
         uint64_t rows)
{
    struct ledger *a = NULL, *b = NULL;
    enum roots_relation told = ROOTS_OTHER;
    uint64_t row = UINT64_MAX;

    assert_int_equal(ledger_open(left, LEDGER_READ, NULL, NULL, &a), OK);
    assert_int_equal(ledger_open(right, LEDGER_READ, NULL, NULL, &b), OK);
    assert_int_equal(roots_compare(a, b, &told, &row), OK);
    assert_int_equal(told, wanted);
    assert_int_equal(row, rows);
    ledger_free(a);
    ledger_free(b);
}

static void
test_a_copy_that_went_on_elsewhere_is_told(void **state)
{
    struct backup_report report;
    struct reason why;

    (void)state;
    add_rows(data, -1000);
    add_rows(data, 30);
    assert_int_equal(backup_take(data, to, &why, &report), OK);
    assert_int_equal(backup_recover(to, again, &why, &report), OK);
    relation(again, data, ROOTS_AHEAD, 1030);
    relation(data, data, ROOTS_SAME, 1030);
    /* both go on, one of them sealed: the row of lineage differs */
    add_rows(data, -600);
    relation(data, again, ROOTS_PARTED, 1030);
    relation(again, data, ROOTS_PARTED, 1030);
    /* the original's backup goes on; that of the other is refused there */
    assert_int_equal(backup_take(data, to, &why, &report), OK);
    assert_int_equal(backup_take(again, to, &why, &report), E_EXISTS);
    assert_string_equal(why.rule, "backup-parted");
    assert_int_equal(why.offset, 1630);
    /* an older copy is not taken for a newer one */
    drop(again);
    assert_int_equal(backup_recover(to, again, &why, &report), OK);
    check_recovered(1630);
    relation(again, data, ROOTS_AHEAD, 1630);
}

/* ——— every call fails ——— */

static void
test_any_failure_leaves_a_whole_backup(void **state)
{
    struct backup_report report;
    struct reason why;
    unsigned long points = 0;

    (void)state;
    add_rows(data, -40);
    add_rows(data, 3);
    add_name("first");
    assert_int_equal(backup_take(data, to, &why, &report), OK);
    add_rows(data, -20);
    add_rows(data, 2);
    for (enum call call = 0; call < CALL_COUNT; call++) {
        for (int ever = 0; ever < 2; ever++) {
            enum result result;
            unsigned long n = 0;

            do {
                uint64_t before;

                assert_int_equal(
                    backup_check(to, print_found, NULL, &report, &before), OK);
                before = report.generation;
                arm(call, ++n, ever == 1);
                result = backup_take(data, to, &why, &report);
                disarm();
                assert_int_equal(damages(print_found), 0);
                assert_int_equal(
                    backup_check(to, print_found, NULL, &report, &points), OK);
                assert_true(report.generation == before ||
                            report.generation == before + 1);
                if (result == OK)
                    assert_int_equal(report.generation, before + 1);
            } while (calls >= n && n < 300);
            assert_int_equal(result, OK);
        }
    }
    assert_int_equal(backup_recover(to, again, &why, &report), OK);
    check_recovered(65);
}

static void
test_any_failure_of_recovering_can_be_begun_again(void **state)
{
    struct backup_report report;
    struct reason why;
    unsigned long points = 0;

    (void)state;
    add_rows(data, -40);
    add_rows(data, 3);
    add_name("first");
    assert_int_equal(backup_take(data, to, &why, &report), OK);
    for (enum call call = 0; call < CALL_COUNT; call++) {
        for (int ever = 0; ever < 2; ever++) {
            enum result result;
            unsigned long n = 0;

            do {
                drop(again);
                arm(call, ++n, ever == 1);
                result = backup_recover(to, again, &why, &report);
                disarm();
                if (result != OK) {
                    result = backup_recover(to, again, &why, &report);
                    /* the last rename was made, its sync was not */
                    if (result != OK)
                        assert_int_equal(result, E_EXISTS);
                    points++;
                }
                check_recovered(43);
                assert_true(knows_name(again, "first"));
            } while (calls >= n);
        }
    }
    (void)printf("%lu points of failure\n", points);
    assert_true(points > 100);
}

/* ——— bits rot in the backup ——— */

static void
flip(const char *name, size_t at)
{
    char path[160];
    uint8_t byte;
    int fd;

    (void)snprintf(path, sizeof(path), "%s/%s", to, name);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= (uint8_t)(1u << at % 8);
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    (void)close(fd);
}

static void
test_rot_in_a_backup_is_found_and_never_recovered(void **state)
{
    static const char *const names[] = {
        "BACKUP", "state-1/manifest", "state-1/open.rows", "state-1/lookup.mdb",
        "segments/00000001.seg"};
    struct backup_report report;
    struct reason why;

    (void)state;
    add_rows(data, -40);
    add_rows(data, 3);
    add_name("first");
    assert_int_equal(backup_take(data, to, &why, &report), OK);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct stat status;
        char path[160];
        size_t step;

        (void)snprintf(path, sizeof(path), "%s/%s", to, names[i]);
        assert_int_equal(stat(path, &status), 0);
        step = (size_t)status.st_size / 200 + 1;
        for (size_t at = 0; at < (size_t)status.st_size; at += step) {
            flip(names[i], at);
            if (damages(quiet_found) == 0)
                fail_msg("%s: byte %zu", names[i], at);
            drop(again);
            assert_int_equal(backup_recover(to, again, &why, &report),
                             E_CORRUPT);
            flip(names[i], at);
        }
    }
    drop(again);
    assert_int_equal(backup_recover(to, again, &why, &report), OK);
    check_recovered(43);
}

static void
test_a_rotten_segment_is_mended_from_the_backup(void **state)
{
    struct backup_report report;
    struct inspection inspection = {0};
    struct reason why;
    char path[160];
    uint8_t zeros[64] = {0};
    int fd;

    (void)state;
    add_rows(data, -400);
    add_rows(data, -300);
    assert_int_equal(backup_take(data, to, &why, &report), OK);
    add_rows(data, -200);
    (void)snprintf(path, sizeof(path), "%s/ledger/00000001.seg", data);
    assert_int_equal(unlink(path), 0);
    (void)snprintf(path, sizeof(path), "%s/ledger/00000002.seg", data);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, zeros, 64, 200), 64);
    (void)close(fd);
    assert_int_equal(backup_mend(to, data, &why, &report), OK);
    assert_int_equal(report.segments_copied, 2);
    assert_int_equal(ledger_inspect(data, print_found, NULL, &inspection), OK);
    assert_int_equal(inspection.damages, 0);
    /* one that came after the backup is not in it */
    (void)snprintf(path, sizeof(path), "%s/ledger/00000003.seg", data);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(backup_mend(to, data, &why, &report), E_NOTFOUND);
    assert_string_equal(why.rule, "backup-lacks-segment");
}

/* ——— beside a writer ——— */

static void
child_writes(void)
{
    struct ledger *ledger = NULL;

    if (ledger_open(data, LEDGER_WRITE, NULL, NULL, &ledger) != OK)
        _exit(1);
    for (uint64_t i = 0;; i++) {
        for (uint64_t j = 0; j < 1 + test_random(i) % 40; j++) {
            struct row row = test_row(ledger_count(ledger));

            if (ledger_append(ledger, &row, 1, NULL) != OK)
                _exit(1);
        }
        if (i % 16 == 15 ? ledger_seal(ledger) != OK
                         : ledger_sync(ledger) != OK)
            _exit(1);
        (void)usleep(300);
    }
}

static void
test_backups_beside_a_writer_are_whole(void **state)
{
    struct backup_report report;
    struct reason why;
    uint64_t rows = 0;
    pid_t child;
    int status;

    (void)state;
    add_rows(data, 1);
    (void)fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        child_writes();
    for (unsigned i = 0; i < 25 || rows < 2000; i++) {
        assert_int_equal(backup_take(data, to, &why, &report), OK);
        assert_true(report.rows >= rows);
        rows = report.rows;
        assert_int_equal(damages(print_found), 0);
        drop(again);
        assert_int_equal(backup_recover(to, again, &why, &report), OK);
        check_recovered(rows);
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void
test_a_list_that_is_not_one_is_refused(void **state)
{
    static const char *const texts[] = {"", "vigie-backup 2\n",
                                        "vigie-backup 1\nledger 00\n"};
    struct backup_list list = {.generation = 3, .rows = 7, .taken_us = 12};
    struct backup_list read;
    struct buffer out = {0};
    struct reason why;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(backup_list_parse(text_of(texts[i]), &why, &read),
                         E_CORRUPT);
    (void)snprintf(list.states[0].name, sizeof(list.states[0].name),
                   "open.rows");
    list.count = 1;
    assert_int_equal(backup_list_write(&list, &out), OK);
    assert_int_equal(backup_list_parse(buffer_as_text(&out), &why, &read), OK);
    assert_memory_equal(&read, &list, sizeof(list));
    for (size_t i = 0; i < out.length; i++) {
        out.bytes[i] ^= 1;
        assert_int_equal(backup_list_parse(buffer_as_text(&out), &why, &read),
                         E_CORRUPT);
        out.bytes[i] ^= 1;
    }
    buffer_free(&out);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_folders, drop_folders)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_without_a_ledger_there_is_no_backup),
        CASE(test_a_list_that_is_not_one_is_refused),
        CASE(test_segments_are_copied_once_and_everything_comes_back),
        CASE(test_keys_are_never_in_a_backup),
        CASE(test_another_ledger_is_refused),
        CASE(test_a_copy_that_went_on_elsewhere_is_told),
        CASE(test_any_failure_leaves_a_whole_backup),
        CASE(test_any_failure_of_recovering_can_be_begun_again),
        CASE(test_rot_in_a_backup_is_found_and_never_recovered),
        CASE(test_a_rotten_segment_is_mended_from_the_backup),
        CASE(test_backups_beside_a_writer_are_whole),
    };

    return cmocka_run_group_tests(tests, wrap_table, NULL);
}
