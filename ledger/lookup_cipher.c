/* SPDX-License-Identifier: EUPL-1.2 */
/* The plain SHA-256 functions let a state be kept; EVP copies of a context
 * cost more than the hashing of a name. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/lookup_cipher.h"

#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>

#define BLOCK_BYTES 64

static void
pad_state(uint32_t state[8], const uint8_t key[KEY_BYTES], uint8_t pad)
{
    uint8_t block[BLOCK_BYTES];
    SHA256_CTX context;

    memset(block, pad, sizeof(block));
    for (size_t i = 0; i < KEY_BYTES; i++)
        block[i] ^= key[i];
    SHA256_Init(&context);
    SHA256_Update(&context, block, sizeof(block));
    memcpy(state, context.h, sizeof(context.h));
    hash_wipe(block, sizeof(block));
    hash_wipe(&context, sizeof(context));
}

void
cipher_mac_start(struct cipher_mac *mac, const uint8_t key[KEY_BYTES])
{
    _Static_assert(sizeof(((SHA256_CTX *)0)->h) == sizeof(mac->inner),
                   "a SHA-256 state has eight words");
    pad_state(mac->inner, key, 0x36);
    pad_state(mac->outer, key, 0x5c);
}

static void
resume(SHA256_CTX *context, const uint32_t state[8])
{
    SHA256_Init(context);
    memcpy(context->h, state, sizeof(context->h));
    context->Nl = BLOCK_BYTES * 8; /* bits already hashed */
}

void
cipher_mac_hash(const struct cipher_mac *mac, struct text text,
                uint8_t ret_hash[16])
{
    uint8_t digest[HASH_BYTES];
    SHA256_CTX context;

    resume(&context, mac->inner);
    SHA256_Update(&context, text.bytes, text.length);
    SHA256_Final(digest, &context);
    resume(&context, mac->outer);
    SHA256_Update(&context, digest, sizeof(digest));
    SHA256_Final(digest, &context);
    memcpy(ret_hash, digest, 16);
}

void
cipher_seal(const uint8_t key[KEY_BYTES], struct text associated,
            struct text value, uint8_t *ret_sealed)
{
    /* 192 random bits: no two are ever the same. */
    for (size_t i = 0; i < CIPHER_NONCE_BYTES; i += sizeof(uint64_t)) {
        uint64_t part = hash_random_u64();

        memcpy(ret_sealed + i, &part, sizeof(part));
    }
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        ret_sealed + CIPHER_NONCE_BYTES, NULL,
        (const unsigned char *)value.bytes, value.length,
        (const unsigned char *)associated.bytes, associated.length, NULL,
        ret_sealed, key);
}

bool
cipher_open(const uint8_t key[KEY_BYTES], struct text associated,
            struct text sealed, uint8_t *ret_value)
{
    const unsigned char *bytes = (const unsigned char *)sealed.bytes;

    if (sealed.length < CIPHER_MORE_BYTES)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
               ret_value, NULL, NULL, bytes + CIPHER_NONCE_BYTES,
               sealed.length - CIPHER_NONCE_BYTES,
               (const unsigned char *)associated.bytes, associated.length,
               bytes, key) == 0;
}
