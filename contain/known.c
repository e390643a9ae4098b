/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Open addressing over a 64-bit digest of the pair: two pairs share one
 * digest once in some 10^12 for ten million pairs. Ids are random, so that
 * nobody outside can aim at a digest.
 *
 * A full table moves into one of twice its size a few pairs at a time, so that
 * nobody waits for millions of them. Invariant: what both tables have is right
 * in the new one; the old one only forgets.
 */
#include "contain/known.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/time.h"
#include "contain/contain_inside.h"

#define FIRST_ROOM 1024
#define HUGE_BYTES (2u << 20)
/* At each pair that is added or seen again. */
#define PLACES_MOVED 8
#define TOLD (UINT64_C(1) << 63)

struct pair {
    uint64_t digest; /* 0: free; its highest bit: TOLD; that alone: it was
                        forgotten in the old table */
    int64_t first_us;
};

struct known {
    struct pair *pairs, *old; /* old: NULL where nothing has to move */
    size_t room, old_room;    /* powers of two */
    size_t moved;             /* places of `old` that were looked at */
    size_t count, most;
};

/* Random places in a large table: in pages of the usual size nearly every look
 * would cost a walk of the page table too. Large ones are a wish. */
static struct pair *
pairs_new(size_t room)
{
    size_t bytes = room * sizeof(struct pair);
    void *pairs;

    if (bytes < HUGE_BYTES)
        return calloc(room, sizeof(struct pair));
    pairs = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pairs == MAP_FAILED)
        return NULL;
    (void)madvise(pairs, bytes, MADV_HUGEPAGE);
    return pairs;
}

static void
pairs_free(struct pair *pairs, size_t room)
{
    if (pairs != NULL && room * sizeof(struct pair) >= HUGE_BYTES)
        (void)munmap(pairs, room * sizeof(struct pair));
    else
        free(pairs);
}

enum result
known_new(size_t pairs_max, struct known **ret_known)
{
    struct known *known = calloc(1, sizeof(*known));

    if (known == NULL)
        return E_NOMEM;
    known->most = pairs_max;
    known->room = FIRST_ROOM;
    known->pairs = pairs_new(known->room);
    if (known->pairs == NULL) {
        free(known);
        return E_NOMEM;
    }
    *ret_known = known;
    return OK;
}

static void
drop_old(struct known *known)
{
    pairs_free(known->old, known->old_room);
    known->old = NULL;
}

void
known_free(struct known *known)
{
    if (known == NULL)
        return;
    drop_old(known);
    pairs_free(known->pairs, known->room);
    free(known);
}

void
known_clear(struct known *known)
{
    drop_old(known);
    memset(known->pairs, 0, known->room * sizeof(known->pairs[0]));
    known->count = 0;
}

static uint64_t
digest_of(uint64_t who, uint64_t person)
{
    uint64_t digest = contain_mix(contain_mix(who) + person) & ~TOLD;

    return digest == 0 ? 1 : digest;
}

/* Where the digest is, or where it would go: one slot is always free. */
static struct pair *
slot_of(struct pair *pairs, size_t room, uint64_t digest)
{
    size_t at = (size_t)digest & (room - 1);

    while (pairs[at].digest != 0 && (pairs[at].digest & ~TOLD) != digest)
        at = (at + 1) & (room - 1);
    return &pairs[at];
}

static const struct pair *
find(const struct known *known, uint64_t digest)
{
    const struct pair *pair = slot_of(known->pairs, known->room, digest);

    return pair->digest != 0 || known->old == NULL
               ? pair
               : slot_of(known->old, known->old_room, digest);
}

void
known_expect(const struct known *known, uint64_t who, uint64_t person)
{
    size_t digest = (size_t)digest_of(who, person);

    __builtin_prefetch(&known->pairs[digest & (known->room - 1)], 1);
    if (known->old != NULL)
        __builtin_prefetch(&known->old[digest & (known->old_room - 1)]);
}

bool
known_first(const struct known *known, uint64_t who, uint64_t person,
            int64_t *ret_first_us)
{
    const struct pair *pair = find(known, digest_of(who, person));

    if (pair->digest == 0)
        return false;
    *ret_first_us = pair->first_us;
    return true;
}

/* The old table is empty long before the new one is full. */
static void
move_some(struct known *known, size_t places)
{
    while (known->old != NULL && places-- > 0) {
        const struct pair *pair = &known->old[known->moved++];
        struct pair *to;

        if ((pair->digest & ~TOLD) != 0) {
            to = slot_of(known->pairs, known->room, pair->digest & ~TOLD);
            if (to->digest == 0)
                *to = *pair;
        }
        if (known->moved == known->old_room)
            drop_old(known);
    }
}

static enum result
grow(struct known *known)
{
    struct pair *pairs;

    move_some(known, SIZE_MAX);
    pairs = pairs_new(known->room * 2);
    if (pairs == NULL)
        return E_NOMEM;
    known->old = known->pairs;
    known->old_room = known->room;
    known->moved = 0;
    known->pairs = pairs;
    known->room *= 2;
    return OK;
}

enum result
known_add(struct known *known, uint64_t who, uint64_t person, int64_t time_us,
          bool *ret_new)
{
    uint64_t digest = digest_of(who, person);
    const struct pair *found = find(known, digest);
    struct pair pair = {digest, time_us};
    bool is_new = found->digest == 0;

    if (is_new && known->count >= known->most)
        return E_LIMIT;
    if (is_new && known->count + 1 > known->room / 4 * 3) {
        enum result result = grow(known);

        if (result != OK)
            return result;
    }
    if (!is_new)
        pair.digest = found->digest;
    if (!is_new && found->first_us <= time_us)
        pair.first_us = found->first_us;
    if (is_new || pair.first_us != found->first_us)
        *slot_of(known->pairs, known->room, digest) = pair;
    known->count += is_new ? 1 : 0;
    move_some(known, PLACES_MOVED);
    if (ret_new != NULL)
        *ret_new = is_new;
    return OK;
}

bool
known_is_told(const struct known *known, uint64_t who, uint64_t person)
{
    return (find(known, digest_of(who, person))->digest & TOLD) != 0;
}

void
known_tell(struct known *known, uint64_t who, uint64_t person, bool told)
{
    uint64_t digest = digest_of(who, person);
    struct pair pair = *find(known, digest);

    if (pair.digest == 0 || ((pair.digest & TOLD) != 0) == told)
        return;
    pair.digest ^= TOLD;
    *slot_of(known->pairs, known->room, digest) = pair;
}

/* Those behind it that it had pushed on move up. */
static void
take_out(struct known *known, struct pair *pair)
{
    size_t mask = known->room - 1, hole = (size_t)(pair - known->pairs);

    for (size_t at = (hole + 1) & mask; known->pairs[at].digest != 0;
         at = (at + 1) & mask) {
        size_t home = (size_t)known->pairs[at].digest & mask;

        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        known->pairs[hole] = known->pairs[at];
        hole = at;
    }
    known->pairs[hole] = (struct pair){0, 0};
}

bool
known_forget(struct known *known, uint64_t who, uint64_t person)
{
    uint64_t digest = digest_of(who, person);
    struct pair *pair = slot_of(known->pairs, known->room, digest);
    bool found = pair->digest != 0;

    if (found)
        take_out(known, pair);
    pair = known->old == NULL ? NULL
                              : slot_of(known->old, known->old_room, digest);
    if (pair != NULL && pair->digest != 0) {
        pair->digest = TOLD;
        found = true;
    }
    known->count -= found ? 1 : 0;
    return found;
}

size_t
known_count(const struct known *known)
{
    return known->count;
}
