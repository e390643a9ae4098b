/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/vault.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define PUBLIC_KEY "vault.pub"
#define PRIVATE_KEY "vault.key"

_Static_assert(VAULT_SEALED_BYTES ==
                   KEY_BYTES + crypto_box_SEALBYTES + KEY_BYTES,
               "the sealed box has libsodium's length");

struct vault {
    bool has_private;
    uint8_t public_key[KEY_BYTES];
    uint8_t private_key[KEY_BYTES];
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
    hash_wipe(vault, sizeof(*vault));
    free(vault);
}

bool
vault_can_open(const struct vault *vault)
{
    return vault->has_private;
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
