/* SPDX-License-Identifier: EUPL-1.2 */
#include "demo/region_random.h"

static uint64_t
split(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t
chance_mix(uint64_t a, uint64_t b)
{
    uint64_t state = a ^ b * UINT64_C(0xd6e8feb86659fd93);
    (void)split(&state);
    return split(&state);
}

void
chance_start(struct chance *chance, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t state = chance_mix(chance_mix(a, b), c);
    for (int i = 0; i < 4; i++)
        chance->state[i] = split(&state);
}

static uint64_t
turn(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

uint64_t
chance_next(struct chance *chance)
{
    uint64_t *s = chance->state;
    uint64_t result = turn(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = turn(s[3], 45);
    return result;
}

uint32_t
chance_below(struct chance *chance, uint32_t below)
{
    return (uint32_t)((chance_next(chance) >> 32) * below >> 32);
}

uint32_t
chance_between(struct chance *chance, uint32_t least, uint32_t most)
{
    return least + chance_below(chance, most - least + 1);
}

bool
chance_of(struct chance *chance, uint32_t part, uint32_t whole)
{
    return chance_below(chance, whole) < part;
}

/* -ln(u) by halving: the number of leading halvings times ln 2, and a
 * straight line between (the error, under 6 %, does not matter here). */
uint32_t
chance_wait(struct chance *chance, uint32_t mean)
{
    uint64_t u = chance_next(chance) >> 16 | 1; /* 48 bits */
    unsigned zeros = 47u - (63u - (unsigned)__builtin_clzll(u));
    if (zeros > 10)
        zeros = 10;
    uint64_t within = u << (zeros + 16);         /* top bit set */
    uint64_t line = (UINT64_MAX - within) >> 40; /* 0 … 2^23 for 1 … 1/2 */
    uint64_t nats = (uint64_t)zeros * 693147 + line * 693147 / 8388608;
    return (uint32_t)(nats * mean / 1000000);
}

uint32_t
chance_rank(struct chance *chance, uint32_t below)
{
    uint64_t u = chance_next(chance) >> 32, v = chance_next(chance) >> 32;
    uint64_t w = u * u >> 32;
    w = w * (v > u ? v : u) >> 32;
    return (uint32_t)(w * below >> 32);
}

uint32_t
chance_count(struct chance *chance, uint32_t mean)
{
    /* A mean that itself varies by a half, then half of twice as many. */
    uint32_t wide = mean / 2;
    uint32_t around = wide == 0 ? mean
                                : mean - wide +
                                      (chance_below(chance, wide + 1) +
                                       chance_below(chance, wide + 1));
    uint32_t count = 0;
    for (uint32_t left = 2 * around; left > 0;) {
        uint32_t bits = left > 64 ? 64 : left;
        uint64_t coins = chance_next(chance);
        if (bits < 64)
            coins &= (UINT64_C(1) << bits) - 1;
        count += (uint32_t)__builtin_popcountll(coins);
        left -= bits;
    }
    return count;
}
