/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * All file access of the program goes through one table of functions, so
 * that tests can make the nth call fail. Callers use the file_* wrappers.
 */
#ifndef VIGIE_BASE_FILE_H
#define VIGIE_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/result.h"

struct file_table {
    int (*open)(const char *path, int flags, mode_t mode);
    int (*close)(int fd);
    ssize_t (*read)(int fd, void *bytes, size_t length);
    ssize_t (*pread)(int fd, void *bytes, size_t length, off_t at);
    ssize_t (*write)(int fd, const void *bytes, size_t length);
    ssize_t (*pwrite)(int fd, const void *bytes, size_t length, off_t at);
    int (*fdatasync)(int fd);
    int (*fsync)(int fd);
    int (*ftruncate)(int fd, off_t length);
    int (*rename)(const char *from, const char *to);
    int (*exchange)(const char *a, const char *b);
    int (*unlink)(const char *path);
    int (*mkdir)(const char *path, mode_t mode);
    void *(*mmap)(void *at, size_t length, int prot, int flags, int fd,
                  off_t offset);
    int (*munmap)(void *at, size_t length);
};

/* The table in force; tests put their own here. */
extern struct file_table file_table;

/* E_NOTFOUND, E_DENIED, E_EXISTS (O_EXCL) or E_IO; errno is kept.
 * O_CLOEXEC is always added. */
enum result file_open(const char *path, int flags, mode_t mode, int *ret_fd)
    MUST_USE;
/* A file that one holds (flock), made where it is not there, until it is
 * closed: a second holder is refused within one process too, and a killed one
 * leaves nothing behind. E_DENIED: somebody holds it. */
enum result file_lock(const char *path, int *ret_fd) MUST_USE;
void file_close(int *fd); /* leaves -1; safe on -1 */
/* Reads until length or the end; *ret_length says how much. */
enum result file_read(int fd, void *bytes, size_t length, size_t *ret_length)
    MUST_USE;
/* Exactly length bytes at the offset, else E_END. */
enum result file_read_at(int fd, void *bytes, size_t length, uint64_t at)
    MUST_USE;
enum result file_write(int fd, const void *bytes, size_t length) MUST_USE;
enum result file_write_at(int fd, const void *bytes, size_t length,
                          uint64_t at) MUST_USE;
enum result file_sync_data(int fd) MUST_USE;
enum result file_truncate(int fd, uint64_t length) MUST_USE;
/* fsync of the folder that holds `path`. */
enum result file_sync_folder(const char *path) MUST_USE;
enum result file_rename(const char *from, const char *to) MUST_USE;
/* Two paths of one folder change places, in one step. */
enum result file_exchange(const char *a, const char *b) MUST_USE;
enum result file_unlink(const char *path) MUST_USE;
/* mode 0700; OK where it is already there. Parents too. */
enum result file_make_folder(const char *path) MUST_USE;
/* Read-only, shared. A length of 0 gives NULL. */
enum result file_map(int fd, size_t length, const uint8_t **ret_bytes)
    MUST_USE;
void file_unmap(const uint8_t *bytes, size_t length);
/* The whole file, at most `maximum` bytes (E_LIMIT). */
enum result file_load(const char *path, size_t maximum,
                      struct buffer *ret_buffer) MUST_USE;
/* Written beside, synced, renamed over: whole or not at all. */
enum result file_replace(const char *path, const void *bytes, size_t length,
                         mode_t mode) MUST_USE;
/* Tree under path (files and folders); for temporary folders only. */
enum result file_remove_tree(const char *path) MUST_USE;

#endif
