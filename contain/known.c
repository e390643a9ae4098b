/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Open addressing over a 64-bit digest of the pair: two pairs share one
 * digest once in some 10^12 for ten million pairs. Ids are random, so that
 * nobody outside can aim at a digest.
 */
#include "contain/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "contain/contain_inside.h"

#define FIRST_ROOM 1024

struct pair {
    uint64_t digest; /* 0: free */
    int64_t first_us;
};

struct known {
    struct pair *pairs;
    size_t room, count, most; /* room: a power of two */
};

enum result
known_new(size_t pairs_max, struct known **ret_known)
{
    struct known *known = calloc(1, sizeof(*known));

    if (known == NULL)
        return E_NOMEM;
    known->most = pairs_max;
    known->room = FIRST_ROOM;
    known->pairs = calloc(known->room, sizeof(known->pairs[0]));
    if (known->pairs == NULL) {
        free(known);
        return E_NOMEM;
    }
    *ret_known = known;
    return OK;
}

void
known_free(struct known *known)
{
    if (known == NULL)
        return;
    free(known->pairs);
    free(known);
}

void
known_clear(struct known *known)
{
    memset(known->pairs, 0, known->room * sizeof(known->pairs[0]));
    known->count = 0;
}

static uint64_t
digest_of(uint64_t who, uint64_t person)
{
    uint64_t digest = contain_mix(contain_mix(who) + person);

    return digest == 0 ? 1 : digest;
}

/* Where the digest is, or where it would go: one slot is always free. */
static struct pair *
slot_of(struct pair *pairs, size_t room, uint64_t digest)
{
    size_t at = (size_t)digest & (room - 1);

    while (pairs[at].digest != 0 && pairs[at].digest != digest)
        at = (at + 1) & (room - 1);
    return &pairs[at];
}

bool
known_first(const struct known *known, uint64_t who, uint64_t person,
            int64_t *ret_first_us)
{
    const struct pair *pair =
        slot_of(known->pairs, known->room, digest_of(who, person));

    if (pair->digest == 0)
        return false;
    *ret_first_us = pair->first_us;
    return true;
}

static enum result
seen_grow(struct known *known)
{
    size_t room = known->room * 2;
    struct pair *pairs = calloc(room, sizeof(pairs[0]));

    if (pairs == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < known->room; i++) {
        if (known->pairs[i].digest != 0)
            *slot_of(pairs, room, known->pairs[i].digest) = known->pairs[i];
    }
    free(known->pairs);
    known->pairs = pairs;
    known->room = room;
    return OK;
}

enum result
known_add(struct known *known, uint64_t who, uint64_t person, int64_t time_us,
          bool *ret_new)
{
    uint64_t digest = digest_of(who, person);
    struct pair *pair = slot_of(known->pairs, known->room, digest);
    bool is_new = pair->digest == 0;

    if (is_new && known->count >= known->most)
        return E_LIMIT;
    if (is_new && known->count + 1 > known->room / 4 * 3) {
        enum result result = seen_grow(known);

        if (result != OK)
            return result;
        pair = slot_of(known->pairs, known->room, digest);
    }
    if (is_new) {
        *pair = (struct pair){digest, time_us};
        known->count++;
    } else if (time_us < pair->first_us) {
        pair->first_us = time_us;
    }
    if (ret_new != NULL)
        *ret_new = is_new;
    return OK;
}

size_t
known_count(const struct known *known)
{
    return known->count;
}
