/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Chance, the same on every machine: xoshiro256** (Blackman and Vigna, public
 * domain algorithm) seeded by splitmix64, and whole-number draws from it. No
 * floating point.
 */
#ifndef VIGIE_DEMO_REGION_RANDOM_H
#define VIGIE_DEMO_REGION_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t state[4];
};

uint64_t chance_mix(uint64_t a, uint64_t b);
void chance_start(struct chance *chance, uint64_t a, uint64_t b, uint64_t c);
uint64_t chance_next(struct chance *chance);
/* 0 … below - 1 */
uint32_t chance_below(struct chance *chance, uint32_t below);
/* least … most, both included */
uint32_t chance_between(struct chance *chance, uint32_t least, uint32_t most);
/* True `part` times in `whole`. */
bool chance_of(struct chance *chance, uint32_t part, uint32_t whole);
/* Waiting time with that mean, memoryless, at most eight means. */
uint32_t chance_wait(struct chance *chance, uint32_t mean);
/* A rank below `below`, the first far more often than the last (a power law
 * such as the returns of patients follow). */
uint32_t chance_rank(struct chance *chance, uint32_t below);
/* A count around the mean: sum of coin throws, a little wider than Poisson. */
uint32_t chance_count(struct chance *chance, uint32_t mean);

#endif
