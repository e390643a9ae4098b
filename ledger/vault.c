/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/vault.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"

#define PUBLIC_KEY "vault.pub"
#define PRIVATE_KEY "vault.key"

_Static_assert(VAULT_SEALED_BYTES ==
                   KEY_BYTES + crypto_box_SEALBYTES + KEY_BYTES,
               "the sealed box has libsodium's length");

struct vault {
    bool has_private;
    uint8_t public_key[KEY_BYTES];
    uint8_t *private_key; /* in locked memory, and in no core dump */
    vault_unsealer *unsealer;
    void *context;
};

/* The private half first: a crash between the two leaves no public key whose
 * private half was lost. */
static enum result
make_pair(struct vault *vault, const char *keys_dir)
{
    enum result result;

    if (crypto_box_keypair(vault->public_key, vault->private_key) != 0)
        return E_IO;
    result = keys_store(keys_dir, PRIVATE_KEY, true, vault->private_key);
    if (result == OK)
        result = keys_store(keys_dir, PUBLIC_KEY, false, vault->public_key);
    vault->has_private = result == OK;
    return result;
}

static enum result
load_private(struct vault *vault, const char *keys_dir)
{
    uint8_t public_key[KEY_BYTES];
    enum result result =
        keys_load(keys_dir, PRIVATE_KEY, true, vault->private_key);

    if (result == E_NOTFOUND)
        return OK;
    if (result != OK)
        return result;
    if (crypto_scalarmult_base(public_key, vault->private_key) != 0)
        return E_CORRUPT;
    if (sodium_memcmp(public_key, vault->public_key, KEY_BYTES) != 0)
        return E_DENIED;
    vault->has_private = true;
    return OK;
}

enum result
vault_open(const char *keys_dir, bool make, bool *ret_made,
           struct vault **ret_vault)
{
    struct vault *vault = calloc(1, sizeof(*vault));
    bool made = false;
    enum result result;

    if (vault == NULL)
        return E_NOMEM;
    vault->private_key = sodium_malloc(KEY_BYTES);
    if (vault->private_key == NULL) {
        vault_free(vault);
        return E_NOMEM;
    }
    result = keys_load(keys_dir, PUBLIC_KEY, false, vault->public_key);
    if (result == OK) {
        result = load_private(vault, keys_dir);
    } else if (result == E_NOTFOUND && make) {
        result = make_pair(vault, keys_dir);
        made = true;
    }
    if (result != OK) {
        vault_free(vault);
        return result;
    }
    *ret_made = made;
    *ret_vault = vault;
    return OK;
}

void
vault_free(struct vault *vault)
{
    if (vault == NULL)
        return;
    sodium_free(vault->private_key); /* wipes; NULL is safe */
    hash_wipe(vault, sizeof(*vault));
    free(vault);
}

bool
vault_can_open(const struct vault *vault)
{
    return vault->has_private || vault->unsealer != NULL;
}

const uint8_t *
vault_public(const struct vault *vault)
{
    return vault->public_key;
}

enum result
vault_new(uint8_t ret_private[KEY_BYTES])
{
    uint8_t public_key[KEY_BYTES];

    return crypto_box_keypair(public_key, ret_private) == 0 ? OK : E_IO;
}

enum result
vault_adopt(const char *keys_dir, const uint8_t private_key[KEY_BYTES])
{
    uint8_t public_key[KEY_BYTES];
    enum result result = keys_load(keys_dir, PUBLIC_KEY, false, public_key);

    if (result == OK)
        return E_EXISTS;
    if (result != E_NOTFOUND)
        return result;
    if (crypto_scalarmult_base(public_key, private_key) != 0)
        return E_CORRUPT;
    return keys_store(keys_dir, PUBLIC_KEY, false, public_key);
}

enum result
vault_local_key(const char *keys_dir, uint8_t ret_private[KEY_BYTES])
{
    return keys_load(keys_dir, PRIVATE_KEY, true, ret_private);
}

enum result
vault_forget(const char *keys_dir)
{
    static const uint8_t zeros[KEY_BYTES];
    char path[4096];
    int fd = -1;
    enum result result;

    if (snprintf(path, sizeof(path), "%s/" PRIVATE_KEY, keys_dir) >=
        (int)sizeof(path))
        return E_LIMIT;
    result = file_open(path, O_WRONLY | O_NOFOLLOW, 0, &fd);
    if (result == OK)
        result = file_write_at(fd, zeros, sizeof(zeros), 0);
    if (result == OK)
        result = file_sync_data(fd);
    file_close(&fd);
    if (result == OK)
        result = file_unlink(path);
    return result == OK ? file_sync_folder(path) : result;
}

enum result
vault_lend(struct vault *vault, const uint8_t private_key[KEY_BYTES])
{
    uint8_t public_key[KEY_BYTES];

    if (crypto_scalarmult_base(public_key, private_key) != 0 ||
        sodium_memcmp(public_key, vault->public_key, KEY_BYTES) != 0)
        return E_DENIED;
    memcpy(vault->private_key, private_key, KEY_BYTES);
    vault->has_private = true;
    return OK;
}

void
vault_shut(struct vault *vault)
{
    sodium_memzero(vault->private_key, KEY_BYTES);
    vault->has_private = false;
    vault->unsealer = NULL;
}

void
vault_ask(struct vault *vault, vault_unsealer *unsealer, void *context)
{
    vault->unsealer = unsealer;
    vault->context = context;
}

enum result
vault_seal(const struct vault *vault, const uint8_t key[KEY_BYTES],
           uint8_t ret_sealed[VAULT_SEALED_BYTES])
{
    memcpy(ret_sealed, vault->public_key, KEY_BYTES);
    return crypto_box_seal(ret_sealed + KEY_BYTES, key, KEY_BYTES,
                           vault->public_key) == 0
               ? OK
               : E_CORRUPT;
}

enum result
vault_unseal(const struct vault *vault,
             const uint8_t sealed[VAULT_SEALED_BYTES],
             uint8_t ret_key[KEY_BYTES])
{
    uint8_t key[KEY_BYTES];

    if (!vault->has_private && vault->unsealer != NULL)
        return vault->unsealer(vault->context, sealed, ret_key);
    if (!vault->has_private ||
        memcmp(sealed, vault->public_key, KEY_BYTES) != 0)
        return E_DENIED;
    if (crypto_box_seal_open(key, sealed + KEY_BYTES,
                             VAULT_SEALED_BYTES - KEY_BYTES, vault->public_key,
                             vault->private_key) != 0)
        return E_CORRUPT;
    memcpy(ret_key, key, KEY_BYTES);
    hash_wipe(key, sizeof(key));
    return OK;
}
