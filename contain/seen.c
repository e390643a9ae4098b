/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Open addressing over a 64-bit digest of the pair: two pairs share one
 * digest once in some 10^12 for ten million pairs. Ids are random, so that
 * nobody outside can aim at a digest.
 */
#include "contain/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "contain/contain_inside.h"

#define FIRST_ROOM 1024

struct pair {
    uint64_t digest; /* 0: free */
    int64_t first_us;
};

struct seen {
    struct pair *pairs;
    size_t room, count, most; /* room: a power of two */
};

enum result
seen_new(size_t pairs_max, struct seen **ret_seen)
{
    struct seen *seen = calloc(1, sizeof(*seen));

    if (seen == NULL)
        return E_NOMEM;
    seen->most = pairs_max;
    seen->room = FIRST_ROOM;
    seen->pairs = calloc(seen->room, sizeof(seen->pairs[0]));
    if (seen->pairs == NULL) {
        free(seen);
        return E_NOMEM;
    }
    *ret_seen = seen;
    return OK;
}

void
seen_free(struct seen *seen)
{
    if (seen == NULL)
        return;
    free(seen->pairs);
    free(seen);
}

void
seen_clear(struct seen *seen)
{
    memset(seen->pairs, 0, seen->room * sizeof(seen->pairs[0]));
    seen->count = 0;
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
seen_first(const struct seen *seen, uint64_t who, uint64_t person,
           int64_t *ret_first_us)
{
    const struct pair *pair =
        slot_of(seen->pairs, seen->room, digest_of(who, person));

    if (pair->digest == 0)
        return false;
    *ret_first_us = pair->first_us;
    return true;
}

static enum result
seen_grow(struct seen *seen)
{
    size_t room = seen->room * 2;
    struct pair *pairs = calloc(room, sizeof(pairs[0]));

    if (pairs == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < seen->room; i++) {
        if (seen->pairs[i].digest != 0)
            *slot_of(pairs, room, seen->pairs[i].digest) = seen->pairs[i];
    }
    free(seen->pairs);
    seen->pairs = pairs;
    seen->room = room;
    return OK;
}

enum result
seen_add(struct seen *seen, uint64_t who, uint64_t person, int64_t time_us,
         bool *ret_new)
{
    uint64_t digest = digest_of(who, person);
    struct pair *pair = slot_of(seen->pairs, seen->room, digest);
    bool is_new = pair->digest == 0;

    if (is_new && seen->count >= seen->most)
        return E_LIMIT;
    if (is_new && seen->count + 1 > seen->room / 4 * 3) {
        enum result result = seen_grow(seen);

        if (result != OK)
            return result;
        pair = slot_of(seen->pairs, seen->room, digest);
    }
    if (is_new) {
        *pair = (struct pair){digest, time_us};
        seen->count++;
    } else if (time_us < pair->first_us) {
        pair->first_us = time_us;
    }
    if (ret_new != NULL)
        *ret_new = is_new;
    return OK;
}

size_t
seen_count(const struct seen *seen)
{
    return seen->count;
}
