/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Little-endian words in files, and a 64-bit checksum of about 10 GB/s for
 * what is read again and again: it finds rot and torn writes, not forgery
 * (that is what the SHA-256 digests are for).
 */
#ifndef VIGIE_LEDGER_CHECKSUM_H
#define VIGIE_LEDGER_CHECKSUM_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Chains: the sum of one run may be the seed of the next. Any one changed
 * bit changes the sum. */
uint64_t checksum64(const void *bytes, size_t length, uint64_t seed);

static inline uint64_t
le64_get(const uint8_t *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof(value));
    return le64toh(value);
}

static inline uint32_t
le32_get(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return le32toh(value);
}

static inline uint16_t
le16_get(const uint8_t *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof(value));
    return le16toh(value);
}

static inline void
le64_put(uint8_t *at, uint64_t value)
{
    value = htole64(value);
    memcpy(at, &value, sizeof(value));
}

static inline void
le32_put(uint8_t *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof(value));
}

static inline void
le16_put(uint8_t *at, uint16_t value)
{
    value = htole16(value);
    memcpy(at, &value, sizeof(value));
}

#endif
