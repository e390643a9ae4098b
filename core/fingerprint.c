/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GMAC under one nonce for ever is a keyed universal hash: sound as long as
 * tags stay secret. They are: the digest given out is a hash of tag and key.
 */
#include "core/fingerprint.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct fingerprint {
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *context;
    uint8_t key[32];
    uint64_t bytes;
};

/* These calls fail only where the library is broken; a wrong digest would
 * hide a file. */
static void
must(int one)
{
    if (one != 1)
        abort();
}

void
fingerprint_reset(struct fingerprint *fingerprint)
{
    static const uint8_t nonce[12] = {0};

    must(EVP_EncryptInit_ex2(fingerprint->context, fingerprint->cipher,
                             fingerprint->key, nonce, NULL));
    fingerprint->bytes = 0;
}

enum result
fingerprint_new(const uint8_t key[32], struct fingerprint **ret_fingerprint)
{
    struct fingerprint *fingerprint = calloc(1, sizeof(*fingerprint));

    if (fingerprint == NULL)
        return E_NOMEM;
    memcpy(fingerprint->key, key, 32);
    fingerprint->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    fingerprint->context = EVP_CIPHER_CTX_new();
    if (fingerprint->cipher == NULL || fingerprint->context == NULL) {
        fingerprint_free(fingerprint);
        return E_NOMEM;
    }
    fingerprint_reset(fingerprint);
    *ret_fingerprint = fingerprint;
    return OK;
}

void
fingerprint_free(struct fingerprint *fingerprint)
{
    if (fingerprint == NULL)
        return;
    EVP_CIPHER_CTX_free(fingerprint->context);
    EVP_CIPHER_free(fingerprint->cipher);
    hash_wipe(fingerprint->key, sizeof(fingerprint->key));
    free(fingerprint);
}

void
fingerprint_add(struct fingerprint *fingerprint, const uint8_t *bytes,
                size_t length)
{
    fingerprint->bytes += length;
    while (length > 0) {
        int part = length > (1u << 30) ? 1 << 30 : (int)length;
        int done;

        must(EVP_EncryptUpdate(fingerprint->context, NULL, &done, bytes,
                               part));
        bytes += part;
        length -= (size_t)part;
    }
}

void
fingerprint_end(struct fingerprint *fingerprint,
                uint8_t ret_digest[HASH_BYTES], uint64_t *ret_bytes)
{
    uint8_t tag[16 + 8], none[16];
    int done;

    must(EVP_EncryptFinal_ex(fingerprint->context, none, &done));
    must(EVP_CIPHER_CTX_ctrl(fingerprint->context, EVP_CTRL_AEAD_GET_TAG, 16,
                             tag));
    memcpy(tag + 16, &fingerprint->bytes, 8);
    hash_hmac(fingerprint->key, tag, sizeof(tag), ret_digest);
    *ret_bytes = fingerprint->bytes;
    fingerprint_reset(fingerprint);
}
