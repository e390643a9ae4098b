/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Digests and random bytes: OpenSSL and libsodium behind plain functions.
 * Failure to have them is failure to start: hash_start() checks once.
 */
#ifndef VIGIE_BASE_HASH_H
#define VIGIE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

#define HASH_BYTES 32

/* Once per process, before any other. Safe to call again. */
enum result hash_start(void) MUST_USE;

struct hash; /* an incremental SHA-256 */
enum result hash_new(struct hash **ret_hash) MUST_USE;
void hash_free(struct hash *hash);
void hash_reset(struct hash *hash);
void hash_add(struct hash *hash, const void *bytes, size_t length);
void hash_end(struct hash *hash, uint8_t ret_digest[HASH_BYTES]);

/* SHA-256 of one run of bytes. */
void hash_sha256(const void *bytes, size_t length,
                 uint8_t ret_digest[HASH_BYTES]);
/* HMAC-SHA-256 (RFC 2104). */
void hash_hmac(const uint8_t key[32], const void *bytes, size_t length,
               uint8_t ret_digest[HASH_BYTES]);
/* SipHash-2-4, 128 bits: fast, keyed, for tables only. */
struct hash128 {
    uint64_t low, high;
};
struct hash128 hash_sip(const uint8_t key[16], const void *bytes,
                        size_t length);

void hash_random(void *ret_bytes, size_t length);
uint64_t hash_random_u64(void); /* never 0 */
void hash_wipe(void *bytes, size_t length);

/* "0a1f…" lower case; out needs 2 * length + 1. */
void hash_hex(const uint8_t *bytes, size_t length, char *ret_hex);
/* RFC 4648 §4 and §5 alphabets, padding optional, white space passed over.
 * *ret_length at most 3/4 of length. E_FORMAT. */
enum result hash_base64_decode(struct text text, uint8_t *ret_bytes,
                               size_t room, size_t *ret_length) MUST_USE;

#endif
