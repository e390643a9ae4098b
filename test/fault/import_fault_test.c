/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An import that is killed, or runs out of disk, and is run again gives the
 * rows of one clean run: compared after ids are mapped back to values, time
 * received and keyed digests aside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"

#define KILLS 12

static char program[PATH_MAX + 16];
static char folder[64];

static void
path_of(char out[PATH_MAX], const char *name)
{
    assert_true(snprintf(out, PATH_MAX, "%s/%s", folder, name) < PATH_MAX);
}

/* Runs the program; kills it after kill_us where that is not 0. Returns its
 * exit code, -1 where it was killed. */
static int
run(const char *const *arguments, long kill_us, rlim_t file_bytes)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit limit = {file_bytes, file_bytes};
        int out = open("/dev/null", O_WRONLY);

        if (file_bytes != 0 && setrlimit(RLIMIT_FSIZE, &limit) != 0)
            _exit(99);
        /* a write beyond the limit then fails instead of killing */
        (void)signal(SIGXFSZ, SIG_IGN);
        (void)dup2(out, 1);
        (void)dup2(out, 2);
        (void)execv(program, (char *const *)(uintptr_t)arguments);
        _exit(98);
    }
    if (kill_us != 0) {
        (void)usleep((useconds_t)kill_us);
        (void)kill(child, SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
replay(const char *data, const char *keys, long kill_us, rlim_t file_bytes)
{
    char trail[PATH_MAX];
    const char *arguments[] = {program,          "replay", "--data", data,
                               "--keys",         keys,     "--commit-every",
                               "200",            trail,    NULL};

    path_of(trail, "trail.ndjson");
    return run(arguments, kill_us, file_bytes);
}

static int
setup(void **state)
{
    char trail[PATH_MAX], truth[PATH_MAX];
    const char *arguments[] = {program,           "simulate", "--seed", "5",
                               "--professionals", "12",       "--days", "4",
                               "--out",           trail,      "--truth",
                               truth,             NULL};
    ssize_t length = readlink("/proc/self/exe", program, PATH_MAX);

    (void)state;
    assert_true(length > 0);
    program[length] = '\0';
    /* BUILD/test/fault/this → BUILD/vigie */
    for (int i = 0; i < 3; i++)
        *strrchr(program, '/') = '\0';
    (void)strcat(program, "/vigie");
    (void)snprintf(folder, sizeof(folder), "/tmp/vigie-import-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(hash_start(), OK);
    path_of(trail, "trail.ndjson");
    path_of(truth, "truth");
    assert_int_equal(run(arguments, 0, 0), 0);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    return file_remove_tree(folder) == OK ? 0 : -1;
}

struct opened {
    struct ledger *ledger;
    struct lookup *lookup;
};

static struct opened
open_place(const char *data, const char *keys)
{
    struct opened opened = {0};
    bool made;

    assert_int_equal(
        ledger_open(data, LEDGER_READ, NULL, NULL, &opened.ledger), OK);
    assert_int_equal(
        lookup_open(data, keys, LOOKUP_READ, &made, &opened.lookup), OK);
    return opened;
}

static void
close_place(struct opened *opened)
{
    ledger_free(opened->ledger);
    lookup_free(opened->lookup);
}

static void
put_value(struct lookup *lookup, uint64_t id, struct buffer *out)
{
    assert_int_equal(buffer_byte(out, '|'), OK);
    if (id != 0)
        assert_int_equal(lookup_value(lookup, id, out), OK);
}

/* A row with its ids as the values they stand for. A sign's person is two
 * numbers; a sighting's detail is the number of its address's network. */
static void
put_row(struct lookup *lookup, const struct row *row, struct buffer *out)
{
    buffer_clear(out);
    assert_int_equal(
        buffer_format(out, "%u|%lld|%u|%u|%u|%u|%u", row->kind,
                      (long long)row->time_source_us, row->controller,
                      row->categories, row->grade, row->flags, row->service),
        OK);
    put_value(lookup, row->session, out);
    put_value(lookup, row->professional, out);
    if (row->kind != ROW_SIGN)
        put_value(lookup, row->person, out);
    if (row->kind == ROW_SIGHTING || row->kind == ROW_JOIN)
        put_value(lookup, row->request, out);
    if (row->kind != ROW_SIGHTING)
        assert_int_equal(buffer_format(out, "|%u", row->detail), OK);
}

static void
assert_same_rows(const struct opened *a, const struct opened *b)
{
    struct buffer x = {0}, y = {0};

    assert_int_equal(ledger_count(a->ledger), ledger_count(b->ledger));
    for (uint64_t i = 0; i < ledger_count(a->ledger); i++) {
        struct row row;

        assert_int_equal(ledger_read(a->ledger, i, 1, &row), OK);
        put_row(a->lookup, &row, &x);
        assert_int_equal(ledger_read(b->ledger, i, 1, &row), OK);
        put_row(b->lookup, &row, &y);
        if (!text_equal(buffer_as_text(&x), buffer_as_text(&y)))
            fail_msg("row %llu: %.*s\nis not %.*s", (unsigned long long)i,
                     (int)y.length, y.bytes, (int)x.length, x.bytes);
    }
    buffer_free(&x);
    buffer_free(&y);
}

static double
seconds_of_clean_run(void)
{
    char data[PATH_MAX], keys[PATH_MAX];
    struct timespec start, end;

    path_of(data, "clean");
    path_of(keys, "clean.keys");
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(replay(data, keys, 0, 0), 0);
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - start.tv_sec) +
           (double)(end.tv_nsec - start.tv_nsec) / 1e9;
}

static void
remove_place(const char *data, const char *keys)
{
    if (access(data, F_OK) == 0)
        assert_int_equal(file_remove_tree(data), OK);
    if (access(keys, F_OK) == 0)
        assert_int_equal(file_remove_tree(keys), OK);
}

static void
a_killed_import_run_again_gives_the_rows_of_a_clean_one(void **state)
{
    char data[PATH_MAX], keys[PATH_MAX];
    double seconds = seconds_of_clean_run();
    struct opened clean, again;
    int killed = 0;

    (void)state;
    path_of(data, "clean");
    path_of(keys, "clean.keys");
    clean = open_place(data, keys);
    path_of(data, "killed");
    path_of(keys, "killed.keys");
    for (int i = 0; i < KILLS; i++) {
        long after = (long)(seconds * 1e6 * (i * 5 % KILLS + 1) / (KILLS + 1));

        /* each time from where the last one died, some times from nothing */
        if (i % 4 == 0)
            remove_place(data, keys);
        killed += replay(data, keys, after, 0) < 0 ? 1 : 0;
        if (i % 4 != 3)
            continue;
        /* 2: the last one died behind its last commit, all is read */
        assert_true(replay(data, keys, 0, 0) % 2 == 0);
        again = open_place(data, keys);
        assert_same_rows(&clean, &again);
        close_place(&again);
    }
    assert_true(killed > 0);
    close_place(&clean);
}

static void
an_import_that_fills_the_disk_says_so_and_can_be_run_again(void **state)
{
    char data[PATH_MAX], keys[PATH_MAX];
    struct opened clean, again;
    int failed = 0;

    (void)state;
    path_of(data, "clean");
    path_of(keys, "clean.keys");
    clean = open_place(data, keys);
    path_of(data, "full");
    path_of(keys, "full.keys");
    for (rlim_t bytes = 4096; bytes < 3 << 20; bytes *= 3) {
        remove_place(data, keys);
        if (replay(data, keys, 0, bytes) != 2)
            continue;
        failed++;
        assert_int_equal(replay(data, keys, 0, 0), 0);
        again = open_place(data, keys);
        assert_same_rows(&clean, &again);
        close_place(&again);
    }
    assert_true(failed > 0);
    close_place(&clean);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_killed_import_run_again_gives_the_rows_of_a_clean_one),
        cmocka_unit_test(
            an_import_that_fills_the_disk_says_so_and_can_be_run_again),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
