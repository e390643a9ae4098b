/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/keys.h"

#include <fcntl.h>
#include <pwd.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"

#define MACHINE_KEY "machine.key"
#define STAGED_KEY "machine.key.next"
#define SYSTEM_DIR "/var/lib/vigie-keys"
/* Eight bytes of context are libsodium's; ours names the program. */
#define KDF_CONTEXT "vigiekey"

#define MAGIC "VIGIEKY2"
#define HEAD_BYTES (KEY_BYTES + 16)
#define ENTRY_BYTES (8 + KEY_BYTES)
#define FROZEN UINT32_MAX
/* Every use of every epoch. */
#define ENTRIES_MAX (KEYS_EPOCHS_MAX * 32)
#define FILE_BYTES_MAX (HEAD_BYTES + ENTRIES_MAX * ENTRY_BYTES)

struct entry {
    uint32_t use, epoch;
    uint8_t key[KEY_BYTES];
};

struct keys {
    char *dir;
    uint8_t machine[KEY_BYTES];
    struct entry *entries;
    size_t entry_count;
};

static enum result
home_dir(struct buffer *dir)
{
    const char *data_home = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");

    /* The base-directory rules say: relative paths are to be ignored. */
    if (data_home != NULL && data_home[0] == '/')
        return buffer_format(dir, "%s/vigie/keys", data_home);
    if (home == NULL || home[0] != '/') {
        const struct passwd *user = getpwuid(geteuid());

        if (user == NULL || user->pw_dir == NULL)
            return E_NOTFOUND;
        home = user->pw_dir;
    }
    return buffer_format(dir, "%s/.local/share/vigie/keys", home);
}

static bool
is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

enum result
keys_default_dir(const char *data_dir, struct buffer *ret_dir)
{
    struct buffer dir = {.ceiling = 3 * 4096};
    uint8_t digest[HASH_BYTES];
    char hex[2 * 8 + 1];
    char *real = realpath(data_dir, NULL);
    enum result result;

    if (real == NULL)
        return E_NOTFOUND;
    hash_sha256(real, strlen(real), digest);
    free(real);
    hash_hex(digest, 8, hex);
    if (geteuid() == 0 && is_folder(SYSTEM_DIR))
        result = buffer_string(&dir, SYSTEM_DIR);
    else
        result = home_dir(&dir);
    if (result == OK)
        result = buffer_format(&dir, "/%s", hex);
    if (result == OK)
        result = buffer_byte(&dir, '\0');
    if (result != OK) {
        buffer_free(&dir);
        return result;
    }
    dir.length--;
    buffer_free(ret_dir);
    *ret_dir = dir;
    return OK;
}

static enum result
key_path(const char *dir, const char *name, struct buffer *path)
{
    enum result result = buffer_format(path, "%s/%s", dir, name);

    if (result == OK)
        result = buffer_byte(path, '\0');
    return result;
}

/* Whoever can read the file has the key; whoever can replace it can make us
 * write under a key of theirs. */
static bool
is_private(int fd)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    if (status.st_uid != geteuid() && status.st_uid != 0)
        return false;
    return (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

enum result
keys_load(const char *dir, const char *name, bool is_secret,
          uint8_t ret_key[KEY_BYTES])
{
    struct buffer path = {.ceiling = 3 * 4096};
    uint8_t bytes[KEY_BYTES + 1];
    size_t length = 0;
    int fd = -1;
    enum result result = key_path(dir, name, &path);

    if (result == OK)
        result = file_open(path.bytes, O_RDONLY | O_NOFOLLOW, 0, &fd);
    if (result == OK && is_secret && !is_private(fd))
        result = E_DENIED;
    if (result == OK)
        result = file_read(fd, bytes, sizeof(bytes), &length);
    if (result == OK && length != KEY_BYTES)
        result = E_CORRUPT;
    if (result == OK)
        memcpy(ret_key, bytes, KEY_BYTES);
    file_close(&fd);
    hash_wipe(bytes, sizeof(bytes));
    buffer_free(&path);
    return result;
}

enum result
keys_store(const char *dir, const char *name, bool is_secret,
           const uint8_t key[KEY_BYTES])
{
    struct buffer path = {.ceiling = 3 * 4096};
    enum result result = key_path(dir, name, &path);

    if (result == OK)
        result =
            file_replace(path.bytes, key, KEY_BYTES, is_secret ? 0600 : 0644);
    buffer_free(&path);
    return result;
}

/* ---------------------------------------------------- machine.key itself */

static void
put_le(uint8_t *bytes, uint32_t number)
{
    for (size_t i = 0; i < 4; i++, number >>= 8)
        bytes[i] = (uint8_t)number;
}

static uint32_t
get_le(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static enum result
keys_parse(struct keys *keys, const uint8_t *bytes, size_t length)
{
    size_t count;

    if (length != KEY_BYTES &&
        (length < HEAD_BYTES || memcmp(bytes + KEY_BYTES, MAGIC, 8) != 0))
        return E_CORRUPT;
    memcpy(keys->machine, bytes, KEY_BYTES);
    if (length == KEY_BYTES)
        return OK;
    count = get_le(bytes + KEY_BYTES + 8);
    if (count > ENTRIES_MAX || get_le(bytes + KEY_BYTES + 12) != 0 ||
        length != HEAD_BYTES + count * ENTRY_BYTES)
        return E_CORRUPT;
    keys->entries = calloc(count + 1, sizeof(keys->entries[0]));
    if (keys->entries == NULL)
        return E_NOMEM;
    keys->entry_count = count;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = bytes + HEAD_BYTES + i * ENTRY_BYTES;
        struct entry *entry = &keys->entries[i];

        entry->use = get_le(at);
        entry->epoch = get_le(at + 4);
        memcpy(entry->key, at + 8, KEY_BYTES);
        if (entry->epoch != FROZEN && entry->epoch >= KEYS_EPOCHS_MAX)
            return E_CORRUPT;
    }
    return OK;
}

static enum result
load_machine(struct keys *keys, const char *name)
{
    struct buffer path = {.ceiling = 3 * 4096};
    uint8_t *bytes = malloc(FILE_BYTES_MAX + 1);
    size_t length = 0;
    int fd = -1;
    enum result result =
        bytes == NULL ? E_NOMEM : key_path(keys->dir, name, &path);

    if (result == OK)
        result = file_open(path.bytes, O_RDONLY | O_NOFOLLOW, 0, &fd);
    if (result == OK && !is_private(fd))
        result = E_DENIED;
    if (result == OK)
        result = file_read(fd, bytes, FILE_BYTES_MAX + 1, &length);
    if (result == OK)
        result = keys_parse(keys, bytes, length);
    file_close(&fd);
    if (bytes != NULL)
        hash_wipe(bytes, FILE_BYTES_MAX + 1);
    free(bytes);
    buffer_free(&path);
    return result;
}

static enum result
check_folder(const char *dir)
{
    struct stat status;

    if (stat(dir, &status) != 0 || !S_ISDIR(status.st_mode))
        return E_NOTFOUND;
    if (status.st_uid != geteuid() && status.st_uid != 0)
        return E_DENIED;
    return (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 ? OK : E_DENIED;
}

enum result
keys_open(const char *dir, bool make, struct keys **ret_keys)
{
    struct keys *keys = calloc(1, sizeof(*keys));
    enum result result = E_NOMEM;

    if (keys == NULL)
        return E_NOMEM;
    keys->dir = strdup(dir);
    if (keys->dir == NULL)
        goto out;
    if (make && (result = file_make_folder(dir)) != OK)
        goto out;
    if ((result = check_folder(dir)) != OK)
        goto out;
    result = load_machine(keys, MACHINE_KEY);
    if (result == E_NOTFOUND && make) {
        hash_random(keys->machine, KEY_BYTES);
        result = keys_store(dir, MACHINE_KEY, true, keys->machine);
    }
    if (result != OK)
        goto out;
    *ret_keys = keys;
    keys = NULL;
out:
    keys_free(keys);
    return result;
}

void
keys_free(struct keys *keys)
{
    if (keys == NULL)
        return;
    free(keys->dir);
    if (keys->entries != NULL)
        hash_wipe(keys->entries,
                  keys->entry_count * sizeof(keys->entries[0]));
    free(keys->entries);
    hash_wipe(keys, sizeof(*keys));
    free(keys);
}

const char *
keys_dir(const struct keys *keys)
{
    return keys->dir;
}

void
keys_derive(const struct keys *keys, uint64_t use, uint8_t ret_key[KEY_BYTES])
{
    for (size_t i = 0; i < keys->entry_count; i++) {
        if (keys->entries[i].epoch == FROZEN && keys->entries[i].use == use) {
            memcpy(ret_key, keys->entries[i].key, KEY_BYTES);
            return;
        }
    }
    /* Fails only for lengths it does not know. */
    (void)crypto_kdf_derive_from_key(ret_key, KEY_BYTES, use, KDF_CONTEXT,
                                     keys->machine);
}

/* ------------------------------------------------------------- new keys */

size_t
keys_epochs(const struct keys *keys)
{
    size_t epochs = 0;

    for (size_t i = 0; i < keys->entry_count; i++) {
        uint32_t epoch = keys->entries[i].epoch;

        if (epoch != FROZEN && epoch + 1 > epochs)
            epochs = (size_t)epoch + 1;
    }
    return epochs;
}

enum result
keys_past(const struct keys *keys, uint64_t use, size_t epoch,
          uint8_t ret_key[KEY_BYTES])
{
    for (size_t i = 0; i < keys->entry_count; i++) {
        const struct entry *entry = &keys->entries[i];

        if (entry->epoch == epoch && entry->use == use) {
            memcpy(ret_key, entry->key, KEY_BYTES);
            return OK;
        }
    }
    return E_NOTFOUND;
}

static void
add_entry(struct keys *next, const struct keys *keys, uint64_t use,
          uint32_t epoch)
{
    struct entry *entry = &next->entries[next->entry_count++];

    entry->use = (uint32_t)use;
    entry->epoch = epoch;
    keys_derive(keys, use, entry->key);
}

static bool
is_frozen(const struct keys *keys, uint64_t use)
{
    for (size_t i = 0; i < keys->entry_count; i++) {
        if (keys->entries[i].epoch == FROZEN && keys->entries[i].use == use)
            return true;
    }
    return false;
}

enum result
keys_next(const struct keys *keys, const uint64_t *frozen, size_t frozen_count,
          const uint64_t *past, size_t past_count, struct keys **ret_next)
{
    struct keys *next = calloc(1, sizeof(*next));
    size_t epochs = keys_epochs(keys);
    size_t room = keys->entry_count + frozen_count + past_count;
    enum result result = OK;

    if (next == NULL)
        return E_NOMEM;
    next->dir = strdup(keys->dir);
    next->entries = calloc(room + 1, sizeof(next->entries[0]));
    if (epochs == KEYS_EPOCHS_MAX || room > ENTRIES_MAX)
        result = E_LIMIT;
    else if (next->dir == NULL || next->entries == NULL)
        result = E_NOMEM;
    if (result != OK) {
        keys_free(next);
        return result;
    }
    hash_random(next->machine, KEY_BYTES);
    for (size_t i = 0; i < keys->entry_count; i++)
        next->entries[next->entry_count++] = keys->entries[i];
    for (size_t i = 0; i < frozen_count; i++) {
        if (!is_frozen(keys, frozen[i]))
            add_entry(next, keys, frozen[i], FROZEN);
    }
    for (size_t i = 0; i < past_count; i++)
        add_entry(next, keys, past[i], (uint32_t)epochs);
    *ret_next = next;
    return OK;
}

enum result
keys_stage(const struct keys *next)
{
    struct buffer path = {.ceiling = 3 * 4096};
    size_t length = HEAD_BYTES + next->entry_count * ENTRY_BYTES;
    uint8_t *bytes = calloc(1, length);
    enum result result =
        bytes == NULL ? E_NOMEM : key_path(next->dir, STAGED_KEY, &path);

    if (result == OK) {
        memcpy(bytes, next->machine, KEY_BYTES);
        memcpy(bytes + KEY_BYTES, MAGIC, 8);
        put_le(bytes + KEY_BYTES + 8, (uint32_t)next->entry_count);
        for (size_t i = 0; i < next->entry_count; i++) {
            uint8_t *at = bytes + HEAD_BYTES + i * ENTRY_BYTES;

            put_le(at, next->entries[i].use);
            put_le(at + 4, next->entries[i].epoch);
            memcpy(at + 8, next->entries[i].key, KEY_BYTES);
        }
        result = file_replace(path.bytes, bytes, length, 0600);
    }
    if (bytes != NULL)
        hash_wipe(bytes, length);
    free(bytes);
    buffer_free(&path);
    return result;
}

/* The old file has no name any more when it is written over. */
static void
write_over(int fd)
{
    static const uint8_t zeros[KEY_BYTES];

    if (fd >= 0 && file_write_at(fd, zeros, sizeof(zeros), 0) == OK &&
        file_sync_data(fd) != OK)
        return; /* a wish: the new keys are in place */
}

enum result
keys_promote(const char *dir)
{
    struct buffer from = {.ceiling = 3 * 4096}, to = {.ceiling = 3 * 4096};
    int fd = -1;
    enum result result = key_path(dir, STAGED_KEY, &from);

    if (result == OK)
        result = key_path(dir, MACHINE_KEY, &to);
    if (result == OK &&
        file_open(to.bytes, O_WRONLY | O_NOFOLLOW, 0, &fd) != OK)
        fd = -1;
    if (result == OK)
        result = file_rename(from.bytes, to.bytes);
    if (result == OK)
        result = file_sync_folder(to.bytes);
    if (result == OK)
        write_over(fd);
    file_close(&fd);
    buffer_free(&from);
    buffer_free(&to);
    return result;
}

enum result
keys_unstage(const char *dir)
{
    struct buffer path = {.ceiling = 3 * 4096};
    enum result result = key_path(dir, STAGED_KEY, &path);

    if (result == OK)
        result = file_unlink(path.bytes);
    buffer_free(&path);
    return result == E_NOTFOUND ? OK : result;
}

enum result
keys_open_staged(const char *dir, struct keys **ret_keys)
{
    struct keys *keys = calloc(1, sizeof(*keys));
    enum result result = E_NOMEM;

    if (keys == NULL)
        return E_NOMEM;
    keys->dir = strdup(dir);
    if (keys->dir != NULL)
        result = load_machine(keys, STAGED_KEY);
    if (result != OK) {
        keys_free(keys);
        return result;
    }
    *ret_keys = keys;
    return OK;
}
