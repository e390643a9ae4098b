/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The look-up under failures: a full disk, kill -9 at random moments, a
 * failing sync, and power cuts. The power cut is simulated by standing in
 * for msync(): what was synced is kept in an image; at the cut every page is
 * either as synced or as it stands, by chance, since the system writes dirty
 * pages out whenever it likes.
 *
 * What is checked is the same everywhere: names 0 … k-1 are there, whole,
 * none after k, and k is at least what was acknowledged by a commit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/lookup.h"

#define PAGE 4096u
/* What the power cuts look at: more than the names of 20 commits fill. */
#define IMAGE_BYTES (8u << 20)
#define DAY 20000

struct place {
    char root[64], data[96], cut[96], keys[96];
};

/* ------------------------------------------------- standing in for msync */

static struct {
    int fail_at; /* the call that fails; 0: none */
    int cut_at;  /* the call before which the power goes */
    int calls;
    unsigned seed;
    uint8_t *base, *image;
    const char *cut_file, *cut_mark, *mark;
} power;

static void
power_cut(void)
{
    int fd = open(power.cut_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    for (size_t at = 0; at < IMAGE_BYTES; at += PAGE) {
        const uint8_t *from =
            rand_r(&power.seed) % 2 != 0 ? power.image : power.base;

        if (pwrite(fd, from + at, PAGE, (off_t)at) != (ssize_t)PAGE)
            _exit(9);
    }
    if (access(power.mark, F_OK) == 0 &&
        mknod(power.cut_mark, S_IFREG | 0600, 0) != 0)
        _exit(9);
    _exit(0);
}

int
msync(void *address, size_t length, int flags)
{
    uint8_t *bytes = address;

    power.calls++;
    if (power.fail_at > 0 && power.calls >= power.fail_at) {
        errno = EIO;
        return -1;
    }
    if (power.cut_at == 0)
        return (int)syscall(SYS_msync, address, length, flags);
    if (length > IMAGE_BYTES) { /* the data: the whole file */
        power.base = bytes;
        length = IMAGE_BYTES;
        if (power.image == NULL)
            power.image = calloc(1, IMAGE_BYTES);
        if (power.image == NULL)
            _exit(8);
    }
    if (power.calls >= power.cut_at)
        power_cut();
    memcpy(power.image + (bytes - power.base), bytes, length);
    return 0;
}

/* --------------------------------------------------------------- the work */

static int
setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_non_null(place);
    assert_int_equal(hash_start(), OK);
    strcpy(place->root, "/tmp/vigie-fault-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->data, sizeof(place->data), "%s/data", place->root);
    snprintf(place->cut, sizeof(place->cut), "%s/cut", place->root);
    snprintf(place->keys, sizeof(place->keys), "%s/keys", place->root);
    *state = place;
    return 0;
}

static int
teardown(void **state)
{
    struct place *place = *state;

    assert_int_equal(file_remove_tree(place->root), OK);
    free(place);
    return 0;
}

/* A name of `bytes` bytes. */
static struct text
name_of(uint64_t number, char *room, size_t bytes)
{
    int length = snprintf(room, bytes, "name %llu ", (long long)number);

    memset(room + length, 'x', bytes - (size_t)length);
    return (struct text){room, bytes};
}

/* One name, its note and the count of names, as an import would. */
static enum result
one_step(struct lookup *lookup, uint64_t number, size_t bytes)
{
    char room[4096];
    struct text name = name_of(number, room, bytes);
    struct alias alias;
    uint64_t row;
    enum result result =
        lookup_add(lookup, number % 2 == 0 ? ALIAS_PERSON : ALIAS_SESSION, name,
                   name, 0, &alias, NULL);

    if (result == OK) {
        result = lookup_seen(lookup, DAY, number * UINT64_C(0x9e3779b97f4a7c15),
                             &row);
        result = result == E_NOTFOUND ? OK : E_CORRUPT;
    }
    if (result == OK)
        result = lookup_note(lookup, DAY, number * UINT64_C(0x9e3779b97f4a7c15),
                             number);
    return result;
}

static bool
has_name(struct lookup *lookup, uint64_t number, size_t bytes)
{
    char room[4096];
    struct text name = name_of(number, room, bytes);
    struct buffer value = {0};
    struct alias alias;
    enum result result = lookup_find(
        lookup, number % 2 == 0 ? ALIAS_PERSON : ALIAS_SESSION, name, &alias);

    if (result == E_NOTFOUND)
        return false;
    assert_int_equal(result, OK);
    assert_int_equal(lookup_value(lookup, alias.id, &value), OK);
    assert_true(text_equal(buffer_as_text(&value), name));
    buffer_free(&value);
    return true;
}

/* How many names there are: all before, none after. Writing goes on. */
static uint64_t
check_prefix(struct place *place, const char *data, size_t bytes,
             uint64_t acknowledged)
{
    struct lookup *lookup = NULL;
    uint64_t count = 0, row;

    assert_int_equal(
        lookup_open(data, place->keys, LOOKUP_WRITE, NULL, &lookup), OK);
    while (has_name(lookup, count, bytes))
        count++;
    for (uint64_t after = count; after < count + 200; after++)
        assert_false(has_name(lookup, after, bytes));
    assert_true(count >= acknowledged);
    for (uint64_t i = 0; i < acknowledged; i++) {
        assert_int_equal(
            lookup_seen(lookup, DAY, i * UINT64_C(0x9e3779b97f4a7c15), &row),
            OK);
        assert_int_equal(row, i);
    }
    assert_int_equal(one_step(lookup, UINT64_C(1) << 40, bytes), OK);
    lookup_free(lookup); /* without a commit: it leaves no trace */
    return count;
}

/* Names from `first` on, `every` a commit, each acknowledged in `fd`, until
 * something fails or `last` is reached. */
static enum result
work(struct lookup *lookup, uint64_t first, uint64_t last, uint64_t every,
     size_t bytes, int fd)
{
    enum result result = OK;

    for (uint64_t i = first; i < last && result == OK; i++) {
        result = one_step(lookup, i, bytes);
        if (result == OK && (i + 1) % every == 0) {
            uint64_t count = i + 1;

            result = lookup_commit(lookup);
            if (result == OK &&
                write(fd, &count, sizeof(count)) != sizeof(count))
                _exit(7);
        }
    }
    return result;
}

static uint64_t
last_acknowledged(int fd, uint64_t before)
{
    uint64_t count = before;

    while (read(fd, &count, sizeof(count)) == sizeof(count))
        ;
    return count;
}

/* -------------------------------------------------------------- the tests */

static void
a_full_disk_is_an_error_and_loses_no_commit(void **state)
{
    struct place *place = *state;
    const size_t bytes = 1000;
    uint64_t acknowledged;
    int pipes[2], status = 0;
    pid_t child;

    assert_int_equal(pipe(pipes), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit limit = {150u << 20, 150u << 20};
        struct lookup *lookup = NULL;
        struct alias alias;
        enum result result;

        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        if (lookup_open(place->data, place->keys, LOOKUP_WRITE, NULL,
                        &lookup) != OK)
            _exit(2);
        result = work(lookup, 0, 400000, 1000, bytes, pipes[1]);
        /* and it stays one: nothing is taken that cannot be kept */
        if (result != E_IO || lookup_commit(lookup) != E_IO ||
            lookup_find(lookup, ALIAS_PERSON, TEXT("x"), &alias) != E_IO)
            _exit(3);
        lookup_free(lookup);
        _exit(0);
    }
    close(pipes[1]);
    acknowledged = last_acknowledged(pipes[0], 0);
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(acknowledged > 10000);
    check_prefix(place, place->data, bytes, acknowledged);
}

static void
a_disk_too_small_to_begin_is_an_error_at_opening(void **state)
{
    struct place *place = *state;
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        struct lookup *lookup = NULL;

        if (unshare(CLONE_NEWNS) != 0 ||
            mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mkdir(place->data, 0700) != 0 ||
            mount("tmpfs", place->data, "tmpfs", 0, "size=8m") != 0)
            _exit(77);
        _exit(lookup_open(place->data, place->keys, LOOKUP_WRITE, NULL,
                          &lookup) == E_IO
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        print_message("no right to mount: not tried\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void
kill_9_at_any_moment_leaves_whole_commits(void **state)
{
    struct place *place = *state;
    const size_t bytes = 60;
    uint64_t acknowledged = 0, count = 0;
    unsigned seed = 7;

    for (int round = 0; round < 25; round++) {
        int pipes[2], status = 0;
        pid_t child;

        assert_int_equal(pipe(pipes), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct lookup *lookup = NULL;

            if (lookup_open(place->data, place->keys, LOOKUP_WRITE, NULL,
                            &lookup) == OK)
                (void)!work(lookup, count, UINT64_MAX, 37, bytes, pipes[1]);
            _exit(1);
        }
        close(pipes[1]);
        usleep(2000u + (unsigned)rand_r(&seed) % 30000u);
        kill(child, SIGKILL);
        acknowledged = last_acknowledged(pipes[0], acknowledged);
        close(pipes[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        count = check_prefix(place, place->data, bytes, acknowledged);
    }
    assert_true(count > 0);
}

/* Once they drew the same ids and nonces. */
static void
processes_forked_from_one_do_not_mix_their_values(void **state)
{
    struct place *place = *state;

    for (uint64_t i = 0; i < 3; i++) {
        int status = 0;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            struct lookup *lookup = NULL;
            int nowhere = open("/dev/null", O_WRONLY);

            if (lookup_open(place->data, place->keys, LOOKUP_WRITE, NULL,
                            &lookup) != OK)
                _exit(1);
            _exit(work(lookup, 100 * i, 100 * i + 100, 100, 30, nowhere) == OK
                      ? 0
                      : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    assert_int_equal(check_prefix(place, place->data, 30, 300), 300);
}

static void
a_failing_sync_is_told_and_loses_no_commit(void **state)
{
    struct place *place = *state;
    uint64_t acknowledged = 0, count = 0;

    for (int fail = 1; fail < 12; fail++) {
        int pipes[2], status = 0;
        pid_t child;

        assert_int_equal(pipe(pipes), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct lookup *lookup = NULL;
            enum result result;

            power.calls = 0;
            power.fail_at = fail;
            result = lookup_open(place->data, place->keys, LOOKUP_WRITE, NULL,
                                 &lookup);
            if (result == OK)
                result = work(lookup, count, count + 1000, 10, 40, pipes[1]);
            _exit(result == E_IO ? 0 : 1);
        }
        close(pipes[1]);
        acknowledged = last_acknowledged(pipes[0], acknowledged);
        close(pipes[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        count = check_prefix(place, place->data, 40, acknowledged);
    }
    assert_true(count > 0);
}

/* Starts from nothing and works until the power goes. */
static uint64_t
cut_at(struct place *place, int call, unsigned seed)
{
    char cut_folder[128], cut_file[144], cut_mark[144], mark[144];
    uint64_t acknowledged, kept;
    int pipes[2], status = 0;
    pid_t child;

    snprintf(cut_folder, sizeof(cut_folder), "%s/lookup", place->cut);
    snprintf(cut_file, sizeof(cut_file), "%s/data.mdb", cut_folder);
    snprintf(cut_mark, sizeof(cut_mark), "%s/unfinished", cut_folder);
    snprintf(mark, sizeof(mark), "%s/lookup/unfinished", place->data);
    assert_int_equal(file_make_folder(cut_folder), OK);
    assert_int_equal(pipe(pipes), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct lookup *lookup = NULL;

        power.calls = 0;
        power.cut_at = call;
        power.seed = seed;
        power.cut_file = cut_file;
        power.cut_mark = cut_mark;
        power.mark = mark;
        if (lookup_open(place->data, place->keys, LOOKUP_WRITE, NULL,
                        &lookup) == OK)
            (void)!work(lookup, 0, 100000, 1 + seed % 60, 50, pipes[1]);
        _exit(6);
    }
    close(pipes[1]);
    acknowledged = last_acknowledged(pipes[0], 0);
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    kept = check_prefix(place, place->cut, 50, acknowledged);
    assert_int_equal(file_remove_tree(place->data), OK);
    assert_int_equal(file_remove_tree(place->cut), OK);
    return kept;
}

static void
a_power_cut_between_any_two_syncs_leaves_whole_commits(void **state)
{
    struct place *place = *state;

    uint64_t most = 0;

    for (int call = 1; call <= 40; call++) {
        uint64_t kept = cut_at(place, call, (unsigned)call * 7919u);

        most = kept > most ? kept : most;
    }
    assert_true(most > 100); /* or nothing was tried */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_disk_too_small_to_begin_is_an_error_at_opening),
        CASE(a_full_disk_is_an_error_and_loses_no_commit),
        CASE(processes_forked_from_one_do_not_mix_their_values),
        CASE(kill_9_at_any_moment_leaves_whole_commits),
        CASE(a_failing_sync_is_told_and_loses_no_commit),
        CASE(a_power_cut_between_any_two_syncs_leaves_whole_commits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
