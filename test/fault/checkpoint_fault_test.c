/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Signing checkpoints while calls fail, once or for ever, or while the
 * process is killed before one, with half of a write on the disk. Afterwards:
 *
 *   1  every checkpoint that was published is in the journal, with every
 *      cosignature that was acknowledged; published is what a call said is
 *      made, and whatever `latest` holds;
 *   2  no two checkpoints of the journal contradict each other or the rows;
 *   3  the next one is made.
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

#include "ledger/checkpoints.h"
#include "ledger/inspect.h"
#include "ledger/journal_read.h"
#include "ledger/ledger.h"
#include "ledger/note_check.h"
#include "test/help/bad_calls.h"
#include "test/unit/ledger_rows.h"

#define POINTS_MAX 16
#define FIRST_ROWS 300

/* What somebody else may have seen; shared with the child that is killed. */
struct published {
    unsigned count, cosigned;
    struct {
        uint64_t size;
        uint8_t root[HASH_BYTES];
    } points[POINTS_MAX];
    uint64_t cosigned_sizes[POINTS_MAX];
};

static char data[64], keys[80];
static struct published *published;
/* The call before which the process is killed; 0: never. */
static unsigned long kill_at, kill_calls;
static struct file_table beneath;

static void
publish(struct text text)
{
    struct checkpoint checkpoint;
    struct note note;

    if (text.length == 0 || published->count == POINTS_MAX)
        return;
    assert_int_equal(note_parse(text, NULL, &note), OK);
    assert_int_equal(checkpoint_parse(note.text, NULL, &checkpoint), OK);
    published->points[published->count].size = checkpoint.size;
    memcpy(published->points[published->count].root, checkpoint.root,
           HASH_BYTES);
    published->count++;
}

/* Whoever serves the file has shown it. */
static void
publish_file(void)
{
    struct buffer text = {0};
    char path[128];
    enum result result;

    (void)snprintf(path, sizeof(path), "%s/checkpoints/latest", data);
    result = file_load(path, NOTE_BYTES_MAX, &text);
    assert_true(result == OK || result == E_NOTFOUND);
    publish(buffer_as_text(&text));
    buffer_free(&text);
}

static enum result
make_one(struct checkpoints *checkpoints)
{
    bool made = false;
    uint64_t size;
    enum result result = checkpoints_make(checkpoints, NULL, &made);

    if (made)
        publish(checkpoints_latest(checkpoints, &size));
    return result;
}

static enum result
cosign(struct checkpoints *checkpoints)
{
    uint64_t size = 0;
    enum result result;

    (void)checkpoints_latest(checkpoints, &size);
    result = checkpoints_cosigned(checkpoints, size,
                                  TEXT("\xe2\x80\x94 witness.test/1 AAAAAAA="
                                       "\n"));
    if (result == OK)
        published->cosigned_sizes[published->cosigned++] = size;
    return result;
}

static void
compare_file(const struct checkpoints *checkpoints)
{
    const enum call armed = failing;
    struct buffer text = {0};
    char path[128];
    uint64_t size;
    enum result result;

    failing = CALL_COUNT; /* what is looked at here is not tried */
    (void)snprintf(path, sizeof(path), "%s/checkpoints/latest", data);
    result = file_load(path, NOTE_BYTES_MAX, &text);
    assert_true(result == OK || result == E_NOTFOUND);
    assert_true(text_equal(buffer_as_text(&text),
                           checkpoints_latest(checkpoints, &size)));
    buffer_free(&text);
    failing = armed;
}

/* Rows, a checkpoint, its cosignature; twice. After an error nothing more,
 * but once again the checkpoint. */
static void
work(void)
{
    struct checkpoints *checkpoints = NULL;
    struct ledger *ledger = NULL;
    enum result result = ledger_open(data, LEDGER_WRITE, NULL, NULL, &ledger);

    if (result == OK)
        result = checkpoints_open(data, keys, ledger, true, NULL, &checkpoints);
    for (unsigned i = 0; i < 2 && result == OK; i++) {
        for (unsigned j = 0; j < 7 && result == OK; j++) {
            const struct row row = test_row(ledger_count(ledger));

            result = ledger_append(ledger, &row, 1, NULL);
        }
        if (result == OK)
            result = make_one(checkpoints);
        if (result == OK)
            result = cosign(checkpoints);
    }
    /* tried again: where that is said to be done, the file says the same */
    if (result != OK && checkpoints != NULL && make_one(checkpoints) == OK)
        compare_file(checkpoints);
    checkpoints_free(checkpoints);
    ledger_free(ledger);
}

/* The journal's points in their order. */
static void
read_points(struct published *ret)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    uint8_t id[LEDGER_ID_BYTES];
    enum result result;

    memset(ret, 0, sizeof(*ret));
    assert_int_equal(ledger_id_of(data, id), OK);
    assert_int_equal(journal_read_open(data, id, NULL, &reader), OK);
    while ((result = journal_read_next(reader, NULL, &record)) == OK) {
        struct checkpoint checkpoint;
        struct note note;

        if (record.kind == JOURNAL_COSIGNATURE) {
            assert_true(ret->cosigned < POINTS_MAX);
            ret->cosigned_sizes[ret->cosigned++] = record.size;
        }
        if (record.kind != JOURNAL_NOTE)
            continue;
        assert_int_equal(note_parse(record.bytes, NULL, &note), OK);
        assert_int_equal(checkpoint_parse(note.text, NULL, &checkpoint), OK);
        assert_true(ret->count < POINTS_MAX);
        ret->points[ret->count].size = checkpoint.size;
        memcpy(ret->points[ret->count++].root, checkpoint.root, HASH_BYTES);
    }
    assert_int_equal(result, E_END);
    journal_read_free(reader);
}

static void
check_published(void)
{
    static struct published journal;

    read_points(&journal);
    for (unsigned i = 1; i < journal.count; i++)
        assert_true(journal.points[i].size > journal.points[i - 1].size);
    for (unsigned i = 0; i < published->count; i++) {
        bool there = false;

        for (unsigned j = 0; j < journal.count; j++)
            there = there || memcmp(&journal.points[j], &published->points[i],
                                    sizeof(journal.points[j])) == 0;
        if (!there)
            fail_msg("the published checkpoint of %llu rows is lost",
                     (unsigned long long)published->points[i].size);
    }
    assert_true(journal.cosigned >= published->cosigned);
    for (unsigned i = 0; i < published->cosigned; i++) {
        bool there = false;

        for (unsigned j = 0; j < journal.cosigned; j++)
            there = there ||
                    journal.cosigned_sizes[j] == published->cosigned_sizes[i];
        assert_true(there);
    }
}

static void
tell_damage(void *context, const char *file, const struct reason *reason)
{
    (void)context;
    (void)printf("%s: %s (%s, %llu)\n", file, reason->rule, reason->field,
                 (unsigned long long)reason->offset);
}

/* 1, 2 and 3 of above; the inspection holds every checkpoint of the journal
 * against the rows. */
static void
check_after(void)
{
    struct checkpoints *checkpoints = NULL;
    struct ledger *ledger = NULL;
    struct inspection inspection;
    struct reason why = {.rule = ""};
    const unsigned before = published->count;

    publish_file();
    assert_int_equal(ledger_open(data, LEDGER_WRITE, NULL, NULL, &ledger), OK);
    if (checkpoints_open(data, keys, ledger, true, &why, &checkpoints) != OK)
        fail_msg("not opened: %s", why.rule);
    check_published();
    for (unsigned i = 0; i < 3; i++) {
        const struct row row = test_row(ledger_count(ledger));

        assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
    }
    assert_int_equal(make_one(checkpoints), OK);
    assert_true(published->count > before);
    checkpoints_free(checkpoints);
    assert_int_equal(ledger_close(ledger), OK);
    check_published();
    assert_int_equal(ledger_inspect(data, tell_damage, NULL, &inspection), OK);
    assert_int_equal(inspection.damages, 0);
}

static void
fresh(bool torn)
{
    static const char tail[] = "note 400 290 0123456789abcdef";
    struct checkpoints *checkpoints = NULL;
    struct ledger *ledger = NULL;
    char path[128];
    int fd = -1;

    memset(published, 0, sizeof(*published));
    (void)!file_remove_tree(data);
    (void)!file_remove_tree(keys);
    assert_int_equal(file_make_folder(data), OK);
    assert_int_equal(ledger_open(data, LEDGER_WRITE, NULL, NULL, &ledger), OK);
    for (unsigned i = 0; i < FIRST_ROWS; i++) {
        const struct row row = test_row(i);

        assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
    }
    if (torn) {
        assert_int_equal(
            checkpoints_open(data, keys, ledger, true, NULL, &checkpoints), OK);
        assert_int_equal(make_one(checkpoints), OK);
        assert_int_equal(cosign(checkpoints), OK);
        checkpoints_free(checkpoints);
        (void)snprintf(path, sizeof(path), "%s/checkpoints/journal", data);
        assert_int_equal(file_open(path, O_WRONLY | O_APPEND, 0, &fd), OK);
        assert_int_equal(write(fd, tail, sizeof(tail) - 1), sizeof(tail) - 1);
        file_close(&fd);
    }
    assert_int_equal(ledger_close(ledger), OK);
}

static unsigned long
fail_everywhere(enum call call, bool ever, bool torn)
{
    unsigned long points = 0;

    for (;;) {
        fresh(torn);
        arm(call, points + 1, ever);
        work();
        disarm();
        if (calls <= points)
            break; /* never reached: it went through */
        check_after();
        points++;
    }
    check_after();
    return points;
}

static void
a_call_that_fails_loses_no_checkpoint_that_was_published(void **state)
{
    static const enum call tried[] = {CALL_OPEN,   CALL_READ,      CALL_WRITE,
                                      CALL_TORN,   CALL_FDATASYNC, CALL_FSYNC,
                                      CALL_RENAME, CALL_TRUNCATE,  CALL_MKDIR,
                                      CALL_PREAD,  CALL_READ_ONLY, CALL_MEMORY};
    unsigned long points = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
        unsigned long here = 0;

        for (unsigned how = 0; how < 4; how++)
            here += fail_everywhere(tried[i], how % 2 == 1, how / 2 == 1);
        (void)printf("%s: %lu\n", call_names[tried[i]], here);
        points += here;
    }
    (void)printf("%lu failures\n", points);
    assert_true(points > 500);
}

/* ——— killed before a call that changes something ——— */

static bool
is_killed(void)
{
    return kill_at != 0 && ++kill_calls == kill_at;
}

static void
end(void)
{
    (void)raise(SIGKILL);
}

static ssize_t
kill_write(int fd, const void *bytes, size_t length)
{
    if (is_killed()) {
        (void)!beneath.write(fd, bytes, length / 2);
        end();
    }
    return beneath.write(fd, bytes, length);
}

static ssize_t
kill_pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    if (is_killed()) {
        (void)!beneath.pwrite(fd, bytes, length / 2, at);
        end();
    }
    return beneath.pwrite(fd, bytes, length, at);
}

static int
kill_fdatasync(int fd)
{
    if (is_killed())
        end();
    return beneath.fdatasync(fd);
}

static int
kill_fsync(int fd)
{
    if (is_killed())
        end();
    return beneath.fsync(fd);
}

static int
kill_rename(const char *from, const char *to)
{
    if (is_killed())
        end();
    return beneath.rename(from, to);
}

static int
kill_ftruncate(int fd, off_t length)
{
    if (is_killed())
        end();
    return beneath.ftruncate(fd, length);
}

static int
kill_open(const char *path, int flags, mode_t mode)
{
    if ((flags & O_CREAT) != 0 && is_killed())
        end();
    return beneath.open(path, flags, mode);
}

static void
kill_calls_start(void)
{
    beneath = file_table;
    file_table.write = kill_write;
    file_table.pwrite = kill_pwrite;
    file_table.fdatasync = kill_fdatasync;
    file_table.fsync = kill_fsync;
    file_table.rename = kill_rename;
    file_table.ftruncate = kill_ftruncate;
    file_table.open = kill_open;
}

static void
killed_between_two_steps_loses_nothing(void **state)
{
    unsigned long points = 0;

    (void)state;
    for (unsigned torn = 0; torn < 2; torn++) {
        for (unsigned long at = 1;; at++) {
            int status = 0;
            pid_t child;

            fresh(torn == 1);
            child = fork();
            assert_true(child >= 0);
            if (child == 0) {
                kill_at = at;
                work();
                _exit(0);
            }
            assert_int_equal(waitpid(child, &status, 0), child);
            check_after();
            if (WIFEXITED(status))
                break;
            assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
            points++;
        }
    }
    (void)printf("killed at %lu points\n", points);
    assert_true(points > 50);
}

static int
setup(void **state)
{
    (void)state;
    (void)snprintf(data, sizeof(data), "%s/vigie-cpf-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(data) == NULL)
        return 1;
    (void)snprintf(keys, sizeof(keys), "%s-keys", data);
    published = mmap(NULL, sizeof(*published), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bad_calls_start();
    kill_calls_start();
    return published == MAP_FAILED || hash_start() != OK;
}

static int
teardown(void **state)
{
    (void)state;
    (void)munmap(published, sizeof(*published));
    return file_remove_tree(data) != OK || file_remove_tree(keys) != OK;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_call_that_fails_loses_no_checkpoint_that_was_published),
        cmocka_unit_test(killed_between_two_steps_loses_nothing),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
