/* SPDX-License-Identifier: EUPL-1.2 */
/* Bins: one a number up to 16, then four an octave up to 65,535. */
#include "detect/state.h"

/* Account-days without which the peers' habit is not known. */
#define PEER_DAYS_MIN 300

static unsigned
bin_of(uint32_t value)
{
    if (value < 16)
        return value;
    if (value > 65535)
        value = 65535;
    unsigned octave = 31u - (unsigned)__builtin_clz(value);
    return 16 + (octave - 4) * 4 + (value >> (octave - 2) & 3);
}

/* The largest number of a bin. */
static uint32_t
bin_top(unsigned bin)
{
    if (bin < 16)
        return bin;
    unsigned octave = (bin - 16) / 4 + 4, quarter = (bin - 16) % 4;
    return (1u << octave) + ((quarter + 1) << (octave - 2)) - 1;
}

void
peers_learn(struct peers *peers, uint32_t day_persons, uint32_t hour_persons)
{
    peers->days++;
    peers->bins[0][bin_of(day_persons)]++;
    peers->bins[1][bin_of(hour_persons)]++;
}

uint32_t
peers_limit(const struct peers *peers, unsigned which, uint32_t share)
{
    if (peers->days < PEER_DAYS_MIN)
        return 0;
    uint32_t above = peers->days / share, seen = 0;
    for (unsigned bin = PEER_BINS; bin-- > 0;) {
        seen += peers->bins[which][bin];
        if (seen > above)
            return bin_top(bin);
    }
    return 0;
}
