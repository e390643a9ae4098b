/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

static int
table_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags, mode);
}

static int
table_exchange(const char *a, const char *b)
{
    return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

struct file_table file_table = {
    .open = table_open,
    .close = close,
    .read = read,
    .pread = pread,
    .write = write,
    .pwrite = pwrite,
    .fdatasync = fdatasync,
    .fsync = fsync,
    .ftruncate = ftruncate,
    .rename = rename,
    .exchange = table_exchange,
    .unlink = unlink,
    .mkdir = mkdir,
    .mmap = mmap,
    .munmap = munmap,
};

static enum result
of_errno(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return E_NOTFOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return E_DENIED;
    case EEXIST:
        return E_EXISTS;
    case ENOMEM:
        return E_NOMEM;
    default:
        return E_IO;
    }
}

enum result
file_open(const char *path, int flags, mode_t mode, int *ret_fd)
{
    int fd;

    do {
        fd = file_table.open(path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return of_errno();
    *ret_fd = fd;
    return OK;
}

enum result
file_lock(const char *path, int *ret_fd)
{
    int fd = -1;
    enum result result = file_open(path, O_RDWR | O_CREAT, 0600, &fd);

    if (result == OK && flock(fd, LOCK_EX | LOCK_NB) != 0)
        result = errno == EWOULDBLOCK ? E_DENIED : E_IO;
    if (result == OK)
        *ret_fd = fd;
    else
        file_close(&fd);
    return result;
}

void
file_close(int *fd)
{
    if (*fd >= 0)
        (void)file_table.close(*fd);
    *fd = -1;
}

enum result
file_read(int fd, void *bytes, size_t length, size_t *ret_length)
{
    size_t done = 0;

    while (done < length) {
        ssize_t got = file_table.read(fd, (char *)bytes + done, length - done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return of_errno();
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *ret_length = done;
    return OK;
}

enum result
file_read_at(int fd, void *bytes, size_t length, uint64_t at)
{
    size_t done = 0;

    while (done < length) {
        ssize_t got = file_table.pread(fd, (char *)bytes + done, length - done,
                                       (off_t)(at + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return of_errno();
        if (got == 0)
            return E_END;
        done += (size_t)got;
    }
    return OK;
}

enum result
file_write(int fd, const void *bytes, size_t length)
{
    size_t done = 0;

    while (done < length) {
        ssize_t put = file_table.write(fd, (const char *)bytes + done,
                                       length - done);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? of_errno() : E_IO;
        done += (size_t)put;
    }
    return OK;
}

enum result
file_write_at(int fd, const void *bytes, size_t length, uint64_t at)
{
    size_t done = 0;

    while (done < length) {
        ssize_t put = file_table.pwrite(fd, (const char *)bytes + done,
                                        length - done, (off_t)(at + done));

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? of_errno() : E_IO;
        done += (size_t)put;
    }
    return OK;
}

enum result
file_sync_data(int fd)
{
    return file_table.fdatasync(fd) == 0 ? OK : of_errno();
}

enum result
file_truncate(int fd, uint64_t length)
{
    return file_table.ftruncate(fd, (off_t)length) == 0 ? OK : of_errno();
}

enum result
file_sync_folder(const char *path)
{
    char folder[4096];
    char *slash;
    enum result result;
    int fd = -1;

    if (strlen(path) >= sizeof(folder))
        return E_LIMIT;
    (void)snprintf(folder, sizeof(folder), "%s", path);
    slash = strrchr(folder, '/');
    if (slash == NULL)
        (void)snprintf(folder, sizeof(folder), ".");
    else if (slash == folder)
        folder[1] = '\0';
    else
        *slash = '\0';
    result = file_open(folder, O_RDONLY | O_DIRECTORY, 0, &fd);
    if (result == OK && file_table.fsync(fd) != 0)
        result = of_errno();
    file_close(&fd);
    return result;
}

enum result
file_rename(const char *from, const char *to)
{
    return file_table.rename(from, to) == 0 ? OK : of_errno();
}

enum result
file_exchange(const char *a, const char *b)
{
    return file_table.exchange(a, b) == 0 ? OK : of_errno();
}

enum result
file_unlink(const char *path)
{
    return file_table.unlink(path) == 0 ? OK : of_errno();
}

enum result
file_make_folder(const char *path)
{
    char part[4096];
    struct stat status;

    if (path[0] == '\0' || strlen(path) >= sizeof(part))
        return E_LIMIT;
    (void)snprintf(part, sizeof(part), "%s", path);
    for (char *at = part + 1;; at++) {
        char kept = *at;

        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        if (file_table.mkdir(part, 0700) != 0 && errno != EEXIST)
            return of_errno();
        *at = kept;
        if (kept == '\0')
            break;
    }
    if (stat(path, &status) != 0)
        return of_errno();
    return S_ISDIR(status.st_mode) ? OK : E_EXISTS;
}

enum result
file_map(int fd, size_t length, const uint8_t **ret_bytes)
{
    void *bytes;

    if (length == 0) {
        *ret_bytes = NULL;
        return OK;
    }
    bytes = file_table.mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return of_errno();
    *ret_bytes = bytes;
    return OK;
}

void
file_unmap(const uint8_t *bytes, size_t length)
{
    union {
        const uint8_t *constant;
        void *plain;
    } at = {.constant = bytes};

    if (bytes != NULL)
        (void)file_table.munmap(at.plain, length);
}

enum result
file_load(const char *path, size_t maximum, struct buffer *ret_buffer)
{
    struct buffer loaded = {.ceiling = maximum + 1};
    enum result result;
    size_t got = 0;
    int fd = -1;

    result = file_open(path, O_RDONLY, 0, &fd);
    if (result != OK)
        return result;
    do {
        size_t want = maximum + 1 - loaded.length;

        if (want > 65536)
            want = 65536;
        result = buffer_reserve(&loaded, want);
        if (result != OK)
            goto out;
        result = file_read(fd, loaded.bytes + loaded.length, want, &got);
        if (result != OK)
            goto out;
        loaded.length += got;
        if (loaded.length > maximum) {
            result = E_LIMIT;
            goto out;
        }
    } while (got > 0);
    buffer_free(ret_buffer);
    *ret_buffer = loaded;
    loaded = (struct buffer){0};
out:
    file_close(&fd);
    buffer_free(&loaded);
    return result;
}

enum result
file_replace(const char *path, const void *bytes, size_t length, mode_t mode)
{
    char beside[4096];
    enum result result;
    int fd = -1;

    if (snprintf(beside, sizeof(beside), "%s.new", path) >=
        (int)sizeof(beside))
        return E_LIMIT;
    result = file_open(beside, O_WRONLY | O_CREAT | O_TRUNC, mode, &fd);
    if (result != OK)
        return result;
    result = file_write(fd, bytes, length);
    if (result == OK)
        result = file_sync_data(fd);
    file_close(&fd);
    if (result == OK)
        result = file_rename(beside, path);
    if (result == OK)
        return file_sync_folder(path);
    (void)file_table.unlink(beside);
    return result;
}

static int
remove_one(const char *path, const struct stat *status, int kind,
           struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

enum result
file_remove_tree(const char *path)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        return of_errno();
    return OK;
}
