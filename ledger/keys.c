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
#define SYSTEM_DIR "/var/lib/vigie-keys"
/* Eight bytes of context are libsodium's; ours names the program. */
#define KDF_CONTEXT "vigiekey"

struct keys {
    char *dir;
    uint8_t machine[KEY_BYTES];
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
    result = keys_load(dir, MACHINE_KEY, true, keys->machine);
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
    /* Fails only for lengths it does not know. */
    (void)crypto_kdf_derive_from_key(ret_key, KEY_BYTES, use, KDF_CONTEXT,
                                     keys->machine);
}
