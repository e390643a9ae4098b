/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table of calls (base/file.h) and the allocator, with one of them
 * failing: the nth, once or for ever. For the fault tests; included by one
 * file of a program, since it stands in for malloc.
 */
#ifndef VIGIE_TEST_HELP_BAD_CALLS_H
#define VIGIE_TEST_HELP_BAD_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/file.h"

enum call {
    CALL_OPEN,
    CALL_READ,
    CALL_PREAD,
    CALL_WRITE,
    CALL_TORN, /* half of the bytes are written, then it fails */
    CALL_FDATASYNC,
    CALL_FSYNC,
    CALL_RENAME,
    CALL_UNLINK,
    CALL_TRUNCATE,
    CALL_MKDIR,
    CALL_MMAP,
    CALL_READ_ONLY, /* whatever changes something: EROFS, as of a remount */
    CALL_MEMORY,
    CALL_COUNT,
};
static const char *const call_names[CALL_COUNT] = {
    "open",      "read",  "pread",  "write",  "torn write",
    "fdatasync", "fsync", "rename", "unlink", "ftruncate",
    "mkdir",     "mmap",  "change", "malloc"};

static struct file_table real;
static enum call failing = CALL_COUNT;
static unsigned long calls, fail_at;
static bool for_ever;
/* Beside that: interrupted every third time, seven bytes a call at most. */
static bool hesitating;
static unsigned long hesitations;
/* Bytes that still fit on the disk; UINT64_MAX: all. */
static uint64_t disk_room = UINT64_MAX;

static bool
fails(enum call call)
{
    if (call != failing)
        return false;
    calls++;
    return calls == fail_at || (for_ever && calls > fail_at);
}

static bool
fails_with(enum call call, int error)
{
    if (!fails(call))
        return false;
    errno = error;
    return true;
}

#ifndef __SANITIZE_ADDRESS__
/* glibc's own allocator under the names that everybody calls. Only what this
 * program itself asks for fails: OpenSSL takes memory for each digest, and
 * base/hash stops the process where it cannot have it. */
extern char __executable_start[], etext[];
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *at, size_t bytes);

static bool
memory_fails(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;

    return at >= (uintptr_t)__executable_start && at < (uintptr_t)etext &&
           fails(CALL_MEMORY);
}

void *
malloc(size_t bytes)
{
    return memory_fails(__builtin_return_address(0)) ? NULL
                                                     : __libc_malloc(bytes);
}

void *
calloc(size_t count, size_t bytes)
{
    return memory_fails(__builtin_return_address(0))
               ? NULL
               : __libc_calloc(count, bytes);
}

void *
realloc(void *at, size_t bytes)
{
    return memory_fails(__builtin_return_address(0))
               ? NULL
               : __libc_realloc(at, bytes);
}
#endif

static bool
interrupted(size_t *length)
{
    if (!hesitating)
        return false;
    if (++hesitations % 3 == 0) {
        errno = EINTR;
        return true;
    }
    if (*length > 7)
        *length = 7;
    return false;
}

static int
bad_open(const char *path, int flags, mode_t mode)
{
    size_t one = 1;

    if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) != 0 &&
        fails_with(CALL_READ_ONLY, EROFS))
        return -1;
    if (interrupted(&one))
        return -1;
    return fails_with(CALL_OPEN, EMFILE) ? -1 : real.open(path, flags, mode);
}

static ssize_t
bad_read(int fd, void *bytes, size_t length)
{
    if (interrupted(&length))
        return -1;
    return fails_with(CALL_READ, EIO) ? -1 : real.read(fd, bytes, length);
}

static ssize_t
bad_pread(int fd, void *bytes, size_t length, off_t at)
{
    if (interrupted(&length))
        return -1;
    return fails_with(CALL_PREAD, EIO) ? -1 : real.pread(fd, bytes, length, at);
}

/* What comes before the bytes; -1: it failed, with half of them written. */
static int
before_write(size_t *length)
{
    if (fails_with(CALL_READ_ONLY, EROFS) || fails_with(CALL_WRITE, ENOSPC))
        return -2;
    if (interrupted(length))
        return -2;
    if (fails(CALL_TORN)) {
        *length /= 2;
        return -1;
    }
    if (disk_room != UINT64_MAX) {
        if (disk_room == 0) {
            errno = ENOSPC;
            return -2;
        }
        if (*length > disk_room)
            *length = (size_t)disk_room;
        disk_room -= *length;
    }
    return 0;
}

static ssize_t
bad_write(int fd, const void *bytes, size_t length)
{
    int before = before_write(&length);

    if (before == 0)
        return real.write(fd, bytes, length);
    if (before == -1) {
        (void)!real.write(fd, bytes, length);
        errno = EIO;
    }
    return -1;
}

static ssize_t
bad_pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    int before = before_write(&length);

    if (before == 0)
        return real.pwrite(fd, bytes, length, at);
    if (before == -1) {
        (void)!real.pwrite(fd, bytes, length, at);
        errno = EIO;
    }
    return -1;
}

static int
bad_fdatasync(int fd)
{
    return fails_with(CALL_FDATASYNC, EIO) ? -1 : real.fdatasync(fd);
}

static int
bad_fsync(int fd)
{
    return fails_with(CALL_FSYNC, EIO) ? -1 : real.fsync(fd);
}

static int
bad_ftruncate(int fd, off_t length)
{
    if (fails_with(CALL_READ_ONLY, EROFS) || fails_with(CALL_TRUNCATE, EIO))
        return -1;
    return real.ftruncate(fd, length);
}

static int
bad_rename(const char *from, const char *to)
{
    if (fails_with(CALL_READ_ONLY, EROFS) || fails_with(CALL_RENAME, EIO))
        return -1;
    return real.rename(from, to);
}

static int
bad_unlink(const char *path)
{
    if (fails_with(CALL_READ_ONLY, EROFS) || fails_with(CALL_UNLINK, EIO))
        return -1;
    return real.unlink(path);
}

static int
bad_mkdir(const char *path, mode_t mode)
{
    if (fails_with(CALL_READ_ONLY, EROFS) || fails_with(CALL_MKDIR, EROFS))
        return -1;
    return real.mkdir(path, mode);
}

static void *
bad_mmap(void *at, size_t length, int prot, int flags, int fd, off_t offset)
{
    return fails_with(CALL_MMAP, ENOMEM)
               ? MAP_FAILED
               : real.mmap(at, length, prot, flags, fd, offset);
}

static void
arm(enum call call, unsigned long at, bool ever)
{
    calls = 0;
    fail_at = at;
    for_ever = ever;
    failing = call;
}

static void
disarm(void)
{
    failing = CALL_COUNT;
}

static void
bad_calls_start(void)
{
    real = file_table;
    file_table.open = bad_open;
    file_table.read = bad_read;
    file_table.pread = bad_pread;
    file_table.write = bad_write;
    file_table.pwrite = bad_pwrite;
    file_table.fdatasync = bad_fdatasync;
    file_table.fsync = bad_fsync;
    file_table.ftruncate = bad_ftruncate;
    file_table.rename = bad_rename;
    file_table.unlink = bad_unlink;
    file_table.mkdir = bad_mkdir;
    file_table.mmap = bad_mmap;
}

#endif
