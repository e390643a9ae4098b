/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The look-up's cryptography: HMAC-SHA-256 with both pads hashed beforehand
 * (two compressions a name instead of four), and XChaCha20-Poly1305 with
 * random nonces. Knows no table.
 */
#ifndef VIGIE_LEDGER_LOOKUP_CIPHER_H
#define VIGIE_LEDGER_LOOKUP_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/text.h"
#include "ledger/keys.h"

#define CIPHER_NONCE_BYTES 24
#define CIPHER_TAG_BYTES 16
/* What sealing adds: the nonce before, the tag behind. */
#define CIPHER_MORE_BYTES (CIPHER_NONCE_BYTES + CIPHER_TAG_BYTES)

/* SHA-256 states after the inner and the outer pad. */
struct cipher_mac {
    uint32_t inner[8], outer[8];
};

void cipher_mac_start(struct cipher_mac *mac, const uint8_t key[KEY_BYTES]);
/* The first 16 bytes of the HMAC. */
void cipher_mac_hash(const struct cipher_mac *mac, struct text text,
                     uint8_t ret_hash[16]);

/* Writes nonce, ciphertext and tag: value.length + CIPHER_MORE_BYTES. */
void cipher_seal(const uint8_t key[KEY_BYTES], struct text associated,
                 struct text value, uint8_t *ret_sealed);
/* False where it does not open. `ret_value` takes sealed.length -
 * CIPHER_MORE_BYTES. */
bool cipher_open(const uint8_t key[KEY_BYTES], struct text associated,
                 struct text sealed, uint8_t *ret_value);

#endif
