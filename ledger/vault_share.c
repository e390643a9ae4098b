/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/vault_share.h"

#include <sodium.h>
#include <string.h>

#include "base/hash.h"

#define MAGIC "VIGIESH1"
#define AT_WHICH 8
#define AT_LENGTH 9
#define AT_ZERO 10
#define AT_OPERATIONS 12
#define AT_MEMORY 16
#define AT_PUBLIC 24
#define AT_SALT 56
#define AT_NONCE 72
#define AT_SEALED 96
#define AT_HOLDER 144
#define SEALED_BYTES (AT_HOLDER - AT_SEALED)

/* A share comes from outside: it must not make us take all memory. */
#define OPERATIONS_MAX 64
#define MEMORY_MIN (UINT64_C(8) << 10)
#define MEMORY_MAX (UINT64_C(1) << 30)

_Static_assert(AT_NONCE - AT_SALT == crypto_pwhash_SALTBYTES &&
                   AT_SEALED - AT_NONCE ==
                       crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
                   SEALED_BYTES ==
                       KEY_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "the table in vault_share.h has libsodium's lengths");

/* libsodium's "moderate": 0.7 s and 256 MiB on a machine of 2018. */
const struct vault_cost vault_cost_usual = {3, UINT64_C(256) << 20};

static void
put_le(uint8_t *bytes, uint64_t number, size_t length)
{
    for (size_t i = 0; i < length; i++, number >>= 8)
        bytes[i] = (uint8_t)number;
}

static uint64_t
get_le(const uint8_t *bytes, size_t length)
{
    uint64_t number = 0;

    for (size_t i = length; i-- > 0;)
        number = number << 8 | bytes[i];
    return number;
}

/* Everything but the sealed bytes themselves. */
static void
associated_of(const uint8_t share[VAULT_SHARE_BYTES],
              uint8_t ret_associated[VAULT_SHARE_BYTES])
{
    memcpy(ret_associated, share, VAULT_SHARE_BYTES);
    memset(ret_associated + AT_SEALED, 0, SEALED_BYTES);
}

static enum result
stretch(const uint8_t share[VAULT_SHARE_BYTES], struct text passphrase,
        uint8_t ret_key[KEY_BYTES])
{
    return crypto_pwhash(ret_key, KEY_BYTES, passphrase.bytes,
                         passphrase.length, share + AT_SALT,
                         get_le(share + AT_OPERATIONS, 4),
                         (size_t)get_le(share + AT_MEMORY, 8),
                         crypto_pwhash_ALG_ARGON2ID13) == 0
               ? OK
               : E_NOMEM;
}

static enum result
make_one(uint8_t share[VAULT_SHARE_BYTES], const uint8_t half[KEY_BYTES],
         struct text passphrase)
{
    uint8_t associated[VAULT_SHARE_BYTES];
    uint8_t key[KEY_BYTES];
    enum result result = stretch(share, passphrase, key);

    if (result != OK)
        return result;
    associated_of(share, associated);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        share + AT_SEALED, NULL, half, KEY_BYTES, associated,
        sizeof(associated), NULL, share + AT_NONCE, key);
    hash_wipe(key, sizeof(key));
    return OK;
}

static bool
is_usable(const struct text *holders, const struct text *passphrases)
{
    for (size_t i = 0; i < VAULT_HOLDERS; i++) {
        if (holders[i].length < 1 ||
            holders[i].length > VAULT_HOLDER_BYTES_MAX ||
            memchr(holders[i].bytes, '\0', holders[i].length) != NULL ||
            passphrases[i].length < VAULT_PASSPHRASE_BYTES_MIN ||
            passphrases[i].length > VAULT_PASSPHRASE_BYTES_MAX)
            return false;
    }
    return !text_equal(holders[0], holders[1]);
}

enum result
vault_share_make(const uint8_t private_key[KEY_BYTES],
                 const struct text holders[VAULT_HOLDERS],
                 const struct text passphrases[VAULT_HOLDERS],
                 const struct vault_cost *cost,
                 uint8_t ret_shares[VAULT_HOLDERS][VAULT_SHARE_BYTES])
{
    uint8_t shares[VAULT_HOLDERS][VAULT_SHARE_BYTES] = {{0}};
    uint8_t halves[VAULT_HOLDERS][KEY_BYTES];
    uint8_t public_key[KEY_BYTES];
    enum result result = OK;

    if (!is_usable(holders, passphrases))
        return E_ARGUMENT;
    if (crypto_scalarmult_base(public_key, private_key) != 0)
        return E_CORRUPT;
    /* the first is random, so that each alone is as good as random */
    hash_random(halves[0], KEY_BYTES);
    for (size_t i = 0; i < KEY_BYTES; i++)
        halves[1][i] = halves[0][i] ^ private_key[i];
    for (size_t i = 0; i < VAULT_HOLDERS && result == OK; i++) {
        uint8_t *share = shares[i];

        memcpy(share, MAGIC, 8);
        share[AT_WHICH] = (uint8_t)(i + 1);
        share[AT_LENGTH] = (uint8_t)holders[i].length;
        put_le(share + AT_OPERATIONS, cost->operations, 4);
        put_le(share + AT_MEMORY, cost->memory_bytes, 8);
        memcpy(share + AT_PUBLIC, public_key, KEY_BYTES);
        hash_random(share + AT_SALT, AT_SEALED - AT_SALT);
        memcpy(share + AT_HOLDER, holders[i].bytes, holders[i].length);
        result = make_one(share, halves[i], passphrases[i]);
    }
    hash_wipe(halves, sizeof(halves));
    if (result == OK)
        memcpy(ret_shares, shares, sizeof(shares));
    return result;
}

enum result
vault_share_read(const void *bytes, size_t length,
                 struct vault_share *ret_share)
{
    const uint8_t *share = bytes;
    struct vault_share read = {0};
    size_t name;

    if (length != VAULT_SHARE_BYTES || memcmp(share, MAGIC, 8) != 0)
        return E_FORMAT;
    name = share[AT_LENGTH];
    if (share[AT_WHICH] < 1 || share[AT_WHICH] > VAULT_HOLDERS || name < 1 ||
        name > VAULT_HOLDER_BYTES_MAX || get_le(share + AT_ZERO, 2) != 0)
        return E_FORMAT;
    if (get_le(share + AT_OPERATIONS, 4) < 1 ||
        get_le(share + AT_OPERATIONS, 4) > OPERATIONS_MAX ||
        get_le(share + AT_MEMORY, 8) < MEMORY_MIN ||
        get_le(share + AT_MEMORY, 8) > MEMORY_MAX)
        return E_FORMAT;
    for (size_t i = AT_HOLDER; i < VAULT_SHARE_BYTES; i++) {
        if ((share[i] == 0) == (i < AT_HOLDER + name))
            return E_FORMAT;
    }
    read.which = share[AT_WHICH];
    memcpy(read.public_key, share + AT_PUBLIC, KEY_BYTES);
    memcpy(read.holder, share + AT_HOLDER, name);
    *ret_share = read;
    return OK;
}

enum result
vault_share_open(const void *bytes, size_t length, struct text passphrase,
                 uint8_t ret_half[KEY_BYTES])
{
    const uint8_t *share = bytes;
    uint8_t associated[VAULT_SHARE_BYTES];
    uint8_t key[KEY_BYTES], half[KEY_BYTES];
    struct vault_share read;
    enum result result = vault_share_read(bytes, length, &read);

    if (result == OK)
        result = stretch(share, passphrase, key);
    if (result != OK)
        return result;
    associated_of(share, associated);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            half, NULL, NULL, share + AT_SEALED, SEALED_BYTES, associated,
            sizeof(associated), share + AT_NONCE, key) != 0)
        result = E_DENIED;
    if (result == OK)
        memcpy(ret_half, half, KEY_BYTES);
    hash_wipe(key, sizeof(key));
    hash_wipe(half, sizeof(half));
    return result;
}

enum result
vault_share_join(const uint8_t first[KEY_BYTES],
                 const uint8_t second[KEY_BYTES],
                 const uint8_t public_key[KEY_BYTES],
                 uint8_t ret_private[KEY_BYTES])
{
    uint8_t joined[KEY_BYTES], check[KEY_BYTES];
    enum result result = OK;

    for (size_t i = 0; i < KEY_BYTES; i++)
        joined[i] = first[i] ^ second[i];
    if (crypto_scalarmult_base(check, joined) != 0 ||
        sodium_memcmp(check, public_key, KEY_BYTES) != 0)
        result = E_DENIED;
    if (result == OK)
        memcpy(ret_private, joined, KEY_BYTES);
    hash_wipe(joined, sizeof(joined));
    return result;
}
