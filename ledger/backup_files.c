/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/backup_files.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define PIECE_BYTES (256u << 10)

enum result
backup_path(char ret_path[BACKUP_PATH_BYTES], const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(ret_path, BACKUP_PATH_BYTES, format, arguments);
    va_end(arguments);
    return length > 0 && length < BACKUP_PATH_BYTES ? OK : E_LIMIT;
}

/* To `out` too, unless that is -1. */
static enum result
read_through(int in, int out, uint64_t *ret_bytes,
             uint8_t ret_digest[HASH_BYTES])
{
    struct hash *hash = NULL;
    uint8_t *piece = malloc(PIECE_BYTES);
    uint64_t bytes = 0;
    size_t got = 0;
    enum result result = piece == NULL ? E_NOMEM : hash_new(&hash);

    while (result == OK) {
        result = file_read(in, piece, PIECE_BYTES, &got);
        if (result != OK || got == 0)
            break;
        hash_add(hash, piece, got);
        bytes += got;
        if (out >= 0)
            result = file_write(out, piece, got);
    }
    if (result == OK) {
        hash_end(hash, ret_digest);
        *ret_bytes = bytes;
    }
    hash_free(hash);
    free(piece);
    return result;
}

enum result
backup_digest(const char *path, uint64_t *ret_bytes,
              uint8_t ret_digest[HASH_BYTES])
{
    int fd = -1;
    enum result result = file_open(path, O_RDONLY, 0, &fd);

    if (result == OK)
        result = read_through(fd, -1, ret_bytes, ret_digest);
    file_close(&fd);
    return result;
}

enum result
backup_copy(const char *from, const char *to, const uint8_t *wanted,
            uint64_t *ret_bytes, uint8_t *ret_digest)
{
    char beside[BACKUP_PATH_BYTES];
    uint8_t digest[HASH_BYTES];
    uint64_t bytes = 0;
    bool made = false;
    int in = -1, out = -1;
    enum result result = backup_path(beside, "%s.new", to);

    if (result == OK)
        result = file_open(from, O_RDONLY, 0, &in);
    if (result == OK)
        result = file_open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600, &out);
    if (result != OK)
        goto out;
    made = true;
    result = read_through(in, out, &bytes, digest);
    if (result == OK && wanted != NULL &&
        memcmp(wanted, digest, HASH_BYTES) != 0)
        result = E_CORRUPT;
    if (result == OK)
        result = file_sync_data(out);
    if (result == OK)
        result = file_rename(beside, to);
    if (result == OK)
        result = file_sync_folder(to);
out:
    file_close(&in);
    file_close(&out);
    if (result != OK) {
        if (made)
            (void)!file_unlink(beside);
        return result;
    }
    if (ret_bytes != NULL)
        *ret_bytes = bytes;
    if (ret_digest != NULL)
        memcpy(ret_digest, digest, HASH_BYTES);
    return OK;
}

enum result
backup_load(const char *to, struct reason *why, struct backup_list *ret_list)
{
    char path[BACKUP_PATH_BYTES];
    struct buffer text = {0};
    enum result result = backup_path(path, "%s/BACKUP", to);

    if (result == OK)
        result = file_load(path, BACKUP_LIST_BYTES_MAX, &text);
    if (result == E_LIMIT)
        result = reason_set(why, E_CORRUPT, "backup-list", "BACKUP", 0);
    if (result == OK)
        result = backup_list_parse(buffer_as_text(&text), why, ret_list);
    buffer_free(&text);
    return result;
}

enum result
backup_manifest(const char *to, const struct backup_list *list,
                struct reason *why, struct manifest *ret_manifest)
{
    const struct backup_state *state = backup_list_find(list, "manifest");
    char path[BACKUP_PATH_BYTES];
    uint8_t digest[HASH_BYTES];
    struct buffer text = {0};
    enum result result = backup_path(path, "%s/state-%" PRIu64 "/manifest", to,
                                     list->generation);

    if (result == OK && state == NULL)
        result = reason_set(why, E_CORRUPT, "backup-list", "manifest", 0);
    if (result == OK)
        result = file_load(path, MANIFEST_BYTES_MAX, &text);
    if (result == E_NOTFOUND)
        result = reason_set(why, E_CORRUPT, "backup-digest", "manifest", 0);
    if (result == OK) {
        hash_sha256(text.bytes, text.length, digest);
        if (memcmp(digest, state->digest, HASH_BYTES) != 0)
            result = reason_set(why, E_CORRUPT, "backup-digest", "manifest", 0);
    }
    if (result == OK)
        result = manifest_parse(buffer_as_text(&text), why, ret_manifest);
    if (result == OK &&
        memcmp(ret_manifest->id, list->id, LEDGER_ID_BYTES) != 0) {
        manifest_free(ret_manifest);
        result = reason_set(why, E_CORRUPT, "backup-list", "ledger", 0);
    }
    buffer_free(&text);
    return result;
}
