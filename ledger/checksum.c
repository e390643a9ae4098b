/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/checksum.h"

/*
 * Four lanes of (xor, odd multiplication, rotation). Each step is a
 * bijection of the lane for a fixed word and of the word for a fixed lane,
 * so one changed word always changes its lane, and the lanes are joined by
 * bijections too. The length goes in last: zero padding cannot hide.
 */
#define PRIME_1 UINT64_C(0x9e3779b97f4a7c15)
#define PRIME_2 UINT64_C(0xd6e8feb86659fd93)

static inline uint64_t
rotate(uint64_t value, unsigned by)
{
    return value << by | value >> (64 - by);
}

static inline uint64_t
mix(uint64_t lane, uint64_t word)
{
    return rotate((lane ^ word) * PRIME_1, 29);
}

uint64_t
checksum64(const void *bytes, size_t length, uint64_t seed)
{
    const uint8_t *at = bytes;
    size_t left = length;
    uint64_t a = seed ^ PRIME_1, b = seed ^ PRIME_2;
    uint64_t c = seed + PRIME_1, d = seed + PRIME_2;
    uint64_t sum;
    uint8_t tail[32] = {0};

    for (; left >= 32; left -= 32, at += 32) {
        a = mix(a, le64_get(at));
        b = mix(b, le64_get(at + 8));
        c = mix(c, le64_get(at + 16));
        d = mix(d, le64_get(at + 24));
    }
    if (left > 0) {
        memcpy(tail, at, left);
        a = mix(a, le64_get(tail));
        b = mix(b, le64_get(tail + 8));
        c = mix(c, le64_get(tail + 16));
        d = mix(d, le64_get(tail + 24));
    }
    sum = mix(mix(mix(mix(length, a), b), c), d);
    sum = (sum ^ sum >> 32) * PRIME_2;
    return sum ^ sum >> 29;
}
