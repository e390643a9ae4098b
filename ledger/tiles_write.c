/* SPDX-License-Identifier: EUPL-1.2 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "ledger/merkle.h"
#include "ledger/prover.h"
#include "ledger/tiles.h"

struct writer {
    const char *dir;
    struct ledger *ledger;
    struct prover *prover;
    uint64_t size, written;
    struct row rows[TILES_WIDTH];
    struct buffer bytes;
};

static bool
has_file(const char *path, size_t bytes)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           (uint64_t)status.st_size == bytes;
}

/* Beside and renamed: a web server never sees half of one. All of them are
 * synced together before the checkpoint. */
static enum result
put(struct writer *self, const char *path)
{
    char beside[TILES_PATH_BYTES + 8], folder[TILES_PATH_BYTES];
    char *slash;
    int fd = -1;
    enum result result;

    (void)snprintf(folder, sizeof(folder), "%s", path);
    slash = strrchr(folder, '/');
    if (slash == NULL)
        return E_ARGUMENT;
    *slash = '\0';
    (void)snprintf(beside, sizeof(beside), "%s.new", path);
    result = file_open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0644, &fd);
    if (result == E_NOTFOUND) {
        result = file_make_folder(folder);
        if (result == OK)
            result = file_open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0644, &fd);
    }
    if (result == OK)
        result = file_write(fd, self->bytes.bytes, self->bytes.length);
    file_close(&fd);
    if (result == OK)
        result = file_rename(beside, path);
    self->written += result == OK ? 1 : 0;
    return result;
}

static enum result
fill_entries(struct writer *self, uint64_t number, unsigned width)
{
    enum result result =
        ledger_read(self->ledger, number * TILES_WIDTH, width, self->rows);

    buffer_clear(&self->bytes);
    for (unsigned i = 0; i < width && result == OK; i++) {
        uint8_t entry[2 + ROW_BYTES] = {0, ROW_BYTES};

        row_encode(&self->rows[i], entry + 2);
        result = buffer_append(&self->bytes, entry, sizeof(entry));
    }
    return result;
}

/* From the rows just read. */
static enum result
fill_leaves(struct writer *self, unsigned width)
{
    enum result result = OK;

    buffer_clear(&self->bytes);
    for (unsigned i = 0; i < width && result == OK; i++) {
        uint8_t bytes[ROW_BYTES], leaf[HASH_BYTES];

        row_encode(&self->rows[i], bytes);
        merkle_leaf(bytes, leaf);
        result = buffer_append(&self->bytes, leaf, HASH_BYTES);
    }
    return result;
}

static enum result
write_entries(struct writer *self, uint64_t number, unsigned width)
{
    char entries[TILES_PATH_BYTES], leaves[TILES_PATH_BYTES];
    enum result result =
        tiles_path(self->dir, TILES_ENTRIES, number, width, entries);

    if (result == OK)
        result = tiles_path(self->dir, 0, number, width, leaves);
    if (result != OK || (has_file(entries, width * (2 + ROW_BYTES)) &&
                         has_file(leaves, width * HASH_BYTES)))
        return result;
    result = fill_entries(self, number, width);
    if (result == OK)
        result = put(self, entries);
    if (result == OK)
        result = fill_leaves(self, width);
    return result == OK ? put(self, leaves) : result;
}

static enum result
write_hashes(struct writer *self, int level, uint64_t number, unsigned width)
{
    char path[TILES_PATH_BYTES];
    enum result result = tiles_path(self->dir, level, number, width, path);

    if (result != OK || has_file(path, width * HASH_BYTES))
        return result;
    buffer_clear(&self->bytes);
    for (unsigned i = 0; i < width && result == OK; i++) {
        const unsigned bits = 8 * (unsigned)level;
        const uint64_t at = number * TILES_WIDTH + i;
        uint8_t hash[HASH_BYTES];

        result =
            prove_root(self->prover, at << bits, UINT64_C(1) << bits, hash);
        if (result == OK)
            result = buffer_append(&self->bytes, hash, HASH_BYTES);
    }
    return result == OK ? put(self, path) : result;
}

static enum result
write_level(struct writer *self, int level)
{
    const uint64_t hashes = self->size >> (8 * level);
    enum result result = OK;

    for (uint64_t at = 0; at < hashes && result == OK; at += TILES_WIDTH) {
        unsigned width =
            hashes - at < TILES_WIDTH ? (unsigned)(hashes - at) : TILES_WIDTH;

        result = level == 0
                     ? write_entries(self, at / TILES_WIDTH, width)
                     : write_hashes(self, level, at / TILES_WIDTH, width);
    }
    return result;
}

static enum result
sync_all(const char *dir)
{
    int fd = -1;
    enum result result = file_open(dir, O_RDONLY | O_DIRECTORY, 0, &fd);

    if (result == OK && syncfs(fd) != 0)
        result = E_IO;
    file_close(&fd);
    return result;
}

static enum result
write_all(struct writer *self, struct text note)
{
    char path[TILES_PATH_BYTES];
    enum result result = file_make_folder(self->dir);

    for (int level = 0; level < 8 && result == OK; level++)
        result = write_level(self, level);
    if (result == OK)
        result = sync_all(self->dir);
    if (result == OK && snprintf(path, sizeof(path), "%s/checkpoint",
                                 self->dir) >= (int)sizeof(path))
        result = E_LIMIT;
    if (result == OK)
        result = file_replace(path, note.bytes, note.length, 0644);
    return result;
}

enum result
tiles_write(const char *data_dir, struct ledger *ledger, struct text note,
            uint64_t size, const char *dir, uint64_t *ret_written)
{
    struct writer *self = calloc(1, sizeof(*self));
    enum result result = self == NULL ? E_NOMEM : OK;

    if (result == OK && size > ledger_count(ledger))
        result = E_ARGUMENT;
    if (result != OK)
        goto out;
    self->dir = dir;
    self->ledger = ledger;
    self->size = size;
    result = prover_new(data_dir, ledger, true, &self->prover);
    if (result == OK)
        result = write_all(self, note);
    if (result == OK)
        *ret_written = self->written;
    prover_free(self->prover);
    buffer_free(&self->bytes);
out:
    free(self);
    return result;
}
