/* SPDX-License-Identifier: EUPL-1.2 */
/* The old calls for SHA-256: for the messages of 65 bytes that leaves and
 * nodes of a log are, EVP's memory and dispatch cost a sixth (measured: 107
 * and 91 ns). */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct hash {
    EVP_MD_CTX *context;
};

/* Fetched once: OpenSSL 3 searches its providers at every use otherwise. */
static EVP_MD *sha256;
static EVP_MD_CTX *one_shot;

/* A pool, since each call to the system costs more than what it gives. */
static uint64_t pool[128];
static size_t pool_left;

/* A child that drew what its parent draws would repeat nonces. */
static void
empty_pool(void)
{
    pool_left = 0;
}

enum result
hash_start(void)
{
    if (sha256 != NULL)
        return OK;
    if (sodium_init() < 0 || pthread_atfork(NULL, NULL, empty_pool) != 0)
        return E_IO;
    one_shot = EVP_MD_CTX_new();
    if (one_shot == NULL)
        return E_NOMEM;
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    return sha256 == NULL ? E_NOTFOUND : OK;
}

enum result
hash_new(struct hash **ret_hash)
{
    struct hash *hash = calloc(1, sizeof(*hash));

    if (hash == NULL)
        return E_NOMEM;
    hash->context = EVP_MD_CTX_new();
    if (hash->context == NULL) {
        free(hash);
        return E_NOMEM;
    }
    hash_reset(hash);
    *ret_hash = hash;
    return OK;
}

void
hash_free(struct hash *hash)
{
    if (hash == NULL)
        return;
    EVP_MD_CTX_free(hash->context);
    free(hash);
}

/* With a fetched digest and memory at hand these calls have no way to fail
 * but a broken library; going on with a wrong digest would be worse. */
static void
must(int one)
{
    if (one != 1)
        abort();
}

void
hash_reset(struct hash *hash)
{
    must(EVP_DigestInit_ex2(hash->context, sha256, NULL));
}

void
hash_add(struct hash *hash, const void *bytes, size_t length)
{
    must(EVP_DigestUpdate(hash->context, bytes, length));
}

void
hash_end(struct hash *hash, uint8_t ret_digest[HASH_BYTES])
{
    must(EVP_DigestFinal_ex(hash->context, ret_digest, NULL));
    hash_reset(hash);
}

void
hash_sha256(const void *bytes, size_t length, uint8_t ret_digest[HASH_BYTES])
{
    SHA256_CTX context;

    must(SHA256_Init(&context));
    must(SHA256_Update(&context, bytes, length));
    must(SHA256_Final(ret_digest, &context));
}

void
hash_hmac(const uint8_t key[32], const void *bytes, size_t length,
          uint8_t ret_digest[HASH_BYTES])
{
    uint8_t pad[64];
    uint8_t inner[HASH_BYTES];

    memset(pad, 0x36, sizeof(pad));
    for (size_t i = 0; i < 32; i++)
        pad[i] ^= key[i];
    must(EVP_DigestInit_ex2(one_shot, sha256, NULL));
    must(EVP_DigestUpdate(one_shot, pad, sizeof(pad)));
    must(EVP_DigestUpdate(one_shot, bytes, length));
    must(EVP_DigestFinal_ex(one_shot, inner, NULL));
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36 ^ 0x5c;
    must(EVP_DigestInit_ex2(one_shot, sha256, NULL));
    must(EVP_DigestUpdate(one_shot, pad, sizeof(pad)));
    must(EVP_DigestUpdate(one_shot, inner, sizeof(inner)));
    must(EVP_DigestFinal_ex(one_shot, ret_digest, NULL));
    sodium_memzero(pad, sizeof(pad));
}

struct hash128
hash_sip(const uint8_t key[16], const void *bytes, size_t length)
{
    uint8_t out[16];
    struct hash128 hash;

    static_assert(crypto_shorthash_siphashx24_BYTES == 16, "128 bits");
    (void)crypto_shorthash_siphashx24(out, bytes, length, key);
    memcpy(&hash.low, out, 8);
    memcpy(&hash.high, out + 8, 8);
    return hash;
}

void
hash_random(void *ret_bytes, size_t length)
{
    randombytes_buf(ret_bytes, length);
}

uint64_t
hash_random_u64(void)
{
    uint64_t value = 0;

    while (value == 0) {
        if (pool_left == 0) {
            randombytes_buf(pool, sizeof(pool));
            pool_left = sizeof(pool) / sizeof(pool[0]);
        }
        pool_left--;
        value = pool[pool_left];
        pool[pool_left] = 0;
    }
    return value;
}

void
hash_wipe(void *bytes, size_t length)
{
    sodium_memzero(bytes, length);
}

void
hash_hex(const uint8_t *bytes, size_t length, char *ret_hex)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        ret_hex[2 * i] = digits[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_hex[2 * length] = '\0';
}

#define NONE 0xff /* no character of the alphabets */
#define SKIP 0xfe /* white space */
#define FILL 0xfd /* = */

static uint8_t base64_values[256];

static void
base64_table(void)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    memset(base64_values, NONE, sizeof(base64_values));
    for (size_t i = 0; i < 64; i++)
        base64_values[(uint8_t)alphabet[i]] = (uint8_t)i;
    base64_values['-'] = 62;
    base64_values['_'] = 63;
    base64_values[' '] = base64_values['\n'] = SKIP;
    base64_values['\r'] = base64_values['\t'] = SKIP;
    base64_values['='] = FILL;
}

enum result
hash_base64_decode(struct text text, uint8_t *ret_bytes, size_t room,
                   size_t *ret_length)
{
    uint32_t bits = 0;
    unsigned held = 0, padding = 0;
    size_t length = 0;

    if (base64_values['B'] == 0)
        base64_table();
    for (size_t i = 0; i < text.length; i++) {
        uint8_t value = base64_values[(uint8_t)text.bytes[i]];

        if (value == SKIP)
            continue;
        if (value == FILL) {
            padding++;
            continue;
        }
        if (value == NONE || padding > 0)
            return E_FORMAT;
        bits = bits << 6 | value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (length == room)
                return E_LIMIT;
            ret_bytes[length++] = (uint8_t)(bits >> held);
        }
    }
    /* one lone character cannot make a byte */
    if (held == 6 || padding > 2)
        return E_FORMAT;
    *ret_length = length;
    return OK;
}
