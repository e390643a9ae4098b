/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The fingerprint of a content under a secret key (AES-256-GMAC, then the
 * length): equal contents are equal, and who does not have the key cannot
 * make two that are. Faster than a hash of the whole, which would be a third
 * of the time of an import.
 */
#ifndef VIGIE_CORE_FINGERPRINT_H
#define VIGIE_CORE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/result.h"

struct fingerprint;

enum result fingerprint_new(const uint8_t key[32],
                            struct fingerprint **ret_fingerprint) MUST_USE;
void fingerprint_free(struct fingerprint *fingerprint);
void fingerprint_reset(struct fingerprint *fingerprint);
void fingerprint_add(struct fingerprint *fingerprint, const uint8_t *bytes,
                     size_t length);
/* Of all bytes since the reset; then reset again. */
void fingerprint_end(struct fingerprint *fingerprint,
                     uint8_t ret_digest[HASH_BYTES], uint64_t *ret_bytes);

#endif
