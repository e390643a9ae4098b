/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The power fails at every call that changes something. What a disk may then
 * hold is built from what was synced and what was only written: contents of
 * files as of their last sync, or as they stand, or sector by sector one or
 * the other; names as of the folder's last sync, or as they stand. Opened
 * from that, the ledger has every acknowledged row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/inspect.h"
#include "ledger/ledger.h"
#include "test/unit/ledger_rows.h"

#define INODES_MAX 64
#define NAMES_MAX 16
#define SECTOR 512
#define VARIANTS 8

struct inode {
    ino_t number;
    struct buffer synced;
};

struct name {
    char name[64];
    ino_t number;
};

static char before[64], after[64]; /* the folder in use, the disk's */
static struct file_table real;
static struct inode inodes[INODES_MAX];
static size_t inode_count;
static struct name synced_names[NAMES_MAX];
static size_t synced_name_count;
static bool watching, off;
static unsigned long calls, cut_at;

/* Counts a call that changes something; true from the cut on. */
static bool
power_is_off(void)
{
    if (!watching)
        return false;
    if (!off && ++calls >= cut_at)
        off = true;
    if (off)
        errno = EIO;
    return off;
}

static struct inode *
inode_of(int fd)
{
    struct stat status;

    assert_int_equal(fstat(fd, &status), 0);
    for (size_t i = 0; i < inode_count; i++) {
        if (inodes[i].number == status.st_ino)
            return &inodes[i];
    }
    assert_true(inode_count < INODES_MAX);
    inodes[inode_count].number = status.st_ino;
    buffer_clear(&inodes[inode_count].synced);
    return &inodes[inode_count++];
}

static void
note_synced(int fd)
{
    struct inode *inode = inode_of(fd);
    struct stat status;
    char path[64];
    int reader;

    assert_int_equal(fstat(fd, &status), 0);
    buffer_clear(&inode->synced);
    assert_int_equal(buffer_reserve(&inode->synced, (size_t)status.st_size + 1),
                     OK);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    reader = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(reader >= 0);
    assert_int_equal(
        pread(reader, inode->synced.bytes, (size_t)status.st_size, 0),
        status.st_size);
    (void)close(reader);
    inode->synced.length = (size_t)status.st_size;
}

static size_t
list_names(struct name ret_names[NAMES_MAX])
{
    char path[128];
    size_t count = 0;
    struct dirent *entry;
    DIR *dir;

    (void)snprintf(path, sizeof(path), "%s/ledger", before);
    dir = opendir(path);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        assert_true(count < NAMES_MAX);
        (void)snprintf(ret_names[count].name, sizeof(ret_names[count].name),
                       "%.60s", entry->d_name);
        ret_names[count++].number = entry->d_ino;
    }
    if (dir != NULL)
        (void)closedir(dir);
    return count;
}

static int
watch_open(const char *path, int flags, mode_t mode)
{
    bool makes = (flags & (O_CREAT | O_TRUNC)) != 0;
    bool fresh = makes && access(path, F_OK) != 0;
    int fd;

    if (makes && power_is_off())
        return -1;
    fd = real.open(path, flags, mode);
    if (watching && fd >= 0 && fresh)
        buffer_clear(&inode_of(fd)->synced); /* a number used again */
    return fd;
}

static ssize_t
watch_write(int fd, const void *bytes, size_t length)
{
    if (power_is_off())
        return -1;
    return real.write(fd, bytes, length);
}

static ssize_t
watch_pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    if (power_is_off())
        return -1;
    return real.pwrite(fd, bytes, length, at);
}

static int
watch_fdatasync(int fd)
{
    if (power_is_off())
        return -1;
    if (watching)
        note_synced(fd);
    return 0;
}

static int
watch_fsync(int fd)
{
    struct stat status, ours;
    char path[128];

    if (power_is_off())
        return -1;
    (void)snprintf(path, sizeof(path), "%s/ledger", before);
    if (watching && fstat(fd, &status) == 0 && stat(path, &ours) == 0 &&
        status.st_ino == ours.st_ino)
        synced_name_count = list_names(synced_names);
    return 0;
}

static int
watch_rename(const char *from, const char *to)
{
    if (power_is_off())
        return -1;
    return real.rename(from, to);
}

static int
watch_unlink(const char *path)
{
    if (power_is_off())
        return -1;
    return real.unlink(path);
}

/* ——— the disk afterwards ——— */

static const struct buffer *
synced_content(ino_t number)
{
    static const struct buffer nothing;

    for (size_t i = 0; i < inode_count; i++) {
        if (inodes[i].number == number)
            return &inodes[i].synced;
    }
    return &nothing;
}

/* Sector by sector the old or the new. */
static void
mix_content(struct buffer *old, const struct buffer *new, uint64_t seed)
{
    size_t length = test_random(seed) % 2 == 0 ? old->length : new->length;
    size_t most = old->length > new->length ? old->length : new->length;

    assert_int_equal(buffer_reserve(old, most - old->length + 1), OK);
    memset(old->bytes + old->length, 0, most - old->length);
    for (size_t at = 0; at < new->length; at += SECTOR) {
        size_t n = new->length - at < SECTOR ? new->length - at : SECTOR;

        if (test_random(seed + at) % 2 == 0)
            memcpy(old->bytes + at, new->bytes + at, n);
    }
    old->length = length;
}

enum content { SYNCED, AS_IT_STANDS, MIXED };

static void
put_name(const struct name *name, enum content content, uint64_t seed)
{
    struct buffer bytes = {0}, now = {0};
    const struct buffer *synced = synced_content(name->number);
    struct name names[NAMES_MAX];
    size_t count = list_names(names);
    char path[192];

    assert_int_equal(buffer_append(&bytes, synced->bytes, synced->length), OK);
    for (size_t i = 0; i < count && content != SYNCED; i++) {
        if (names[i].number != name->number)
            continue;
        (void)snprintf(path, sizeof(path), "%s/ledger/%s", before,
                       names[i].name);
        assert_int_equal(file_load(path, 1 << 24, &now), OK);
        if (content == MIXED) {
            mix_content(&bytes, &now, seed);
        } else {
            buffer_clear(&bytes);
            assert_int_equal(buffer_append(&bytes, now.bytes, now.length), OK);
        }
        break;
    }
    (void)snprintf(path, sizeof(path), "%s/ledger/%s", after, name->name);
    assert_int_equal(file_replace(path, bytes.bytes, bytes.length, 0600), OK);
    buffer_free(&bytes);
    buffer_free(&now);
}

static void
build_disk(unsigned variant)
{
    struct name now[NAMES_MAX];
    const size_t now_count = list_names(now);
    const bool new_names = variant % 2 == 1;
    const enum content content = variant < 2   ? SYNCED
                                 : variant < 4 ? AS_IT_STANDS
                                               : MIXED;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/ledger", after);
    (void)!file_remove_tree(path);
    assert_int_equal(file_make_folder(path), OK);
    for (size_t i = 0; i < (new_names ? now_count : synced_name_count); i++)
        put_name(new_names ? &now[i] : &synced_names[i], content,
                 variant * 1000 + cut_at + i);
}

static void
print_damage(void *context, const char *file, const struct reason *reason)
{
    (void)context;
    (void)printf("%s: %s %s %llu\n", file, reason->rule, reason->field,
                 (unsigned long long)reason->offset);
}

static void
check_disk(uint64_t acknowledged, uint64_t given)
{
    struct ledger *ledger = NULL;
    struct inspection inspection = {0};
    struct reason why = {0};
    struct row row;

    if (ledger_open(after, LEDGER_WRITE, &why, NULL, &ledger) != OK)
        fail_msg("cut at %lu: %s %s", cut_at, why.rule, why.field);
    assert_in_range(ledger_count(ledger), acknowledged, given);
    for (uint64_t i = 0; i < ledger_count(ledger); i++) {
        struct row wanted = test_row(i);

        assert_int_equal(ledger_read(ledger, i, 1, &row), OK);
        assert_memory_equal(&row, &wanted, sizeof(row));
    }
    row = test_row(ledger_count(ledger));
    assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
    assert_int_equal(ledger_sync(ledger), OK);
    assert_int_equal(ledger_seal(ledger), OK);
    assert_int_equal(ledger_close(ledger), OK);
    assert_int_equal(ledger_inspect(after, print_damage, NULL, &inspection),
                     OK);
    assert_int_equal(inspection.damages, 0);
}

/* ——— */

static void
write_some(uint64_t *acknowledged, uint64_t *given)
{
    static const int steps[] = {5, -300, 3, 1, 40, -1030, 2};
    struct ledger *ledger = NULL;

    if (ledger_open(before, LEDGER_WRITE, NULL, NULL, &ledger) != OK)
        return;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !off; i++) {
        for (int j = 0; j < abs(steps[i]); j++) {
            struct row row = test_row(*given);

            if (ledger_append(ledger, &row, 1, NULL) == OK)
                ++*given;
        }
        if ((steps[i] < 0 ? ledger_seal(ledger) : ledger_sync(ledger)) == OK)
            *acknowledged = *given;
    }
    ledger_free(ledger);
}

static void
test_power_fails_everywhere(void **state)
{
    unsigned long points = 0;
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/ledger", before);
    for (cut_at = 1;; cut_at++) {
        uint64_t acknowledged = 0, given = 0;

        (void)!file_remove_tree(path);
        inode_count = synced_name_count = 0;
        calls = 0;
        off = false;
        watching = true;
        write_some(&acknowledged, &given);
        watching = false;
        if (!off)
            break;
        for (unsigned variant = 0; variant < VARIANTS; variant++) {
            build_disk(variant);
            check_disk(acknowledged, given);
        }
        points++;
    }
    (void)printf("%lu cuts, %u disks each\n", points, VARIANTS);
    assert_true(points > 40);
}

static int
start(void **state)
{
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    (void)state;
    (void)snprintf(before, sizeof(before), "%s/vigie-power-XXXXXX", place);
    (void)snprintf(after, sizeof(after), "%s/vigie-power-XXXXXX", place);
    if (mkdtemp(before) == NULL || mkdtemp(after) == NULL)
        return 1;
    real = file_table;
    file_table.open = watch_open;
    file_table.write = watch_write;
    file_table.pwrite = watch_pwrite;
    file_table.fdatasync = watch_fdatasync;
    file_table.fsync = watch_fsync;
    file_table.rename = watch_rename;
    file_table.unlink = watch_unlink;
    return hash_start() != OK;
}

static int
finish(void **state)
{
    (void)state;
    for (size_t i = 0; i < INODES_MAX; i++)
        buffer_free(&inodes[i].synced);
    return file_remove_tree(before) != OK || file_remove_tree(after) != OK;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_fails_everywhere)};

    return cmocka_run_group_tests(tests, start, finish);
}
