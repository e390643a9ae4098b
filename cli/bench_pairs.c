/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Open addressing, linear steps, at most three quarters full. Nothing is
 * ever taken out.
 */
#include "cli/bench_pairs.h"

#include <stdlib.h>

#define ROOM_MIN 1024

void
bench_pairs_free(struct bench_pairs *pairs)
{
    free(pairs->items);
    *pairs = (struct bench_pairs){0};
}

/* Where the key is, or would be put. */
static size_t
place_of(const struct bench_pairs *pairs, uint64_t key)
{
    /* multiplied by the golden ratio: the high bits depend on all */
    size_t at = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 20) &
                (pairs->room - 1);

    while (pairs->items[at].key != 0 && pairs->items[at].key != key)
        at = (at + 1) & (pairs->room - 1);
    return at;
}

static enum result
grow(struct bench_pairs *pairs)
{
    struct bench_pairs larger = {.count = pairs->count,
                                 .room = pairs->room == 0 ? ROOM_MIN
                                                          : 2 * pairs->room};

    larger.items = calloc(larger.room, sizeof(*larger.items));
    if (larger.items == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < pairs->room; i++) {
        if (pairs->items[i].key != 0)
            larger.items[place_of(&larger, pairs->items[i].key)] =
                pairs->items[i];
    }
    free(pairs->items);
    *pairs = larger;
    return OK;
}

enum result
bench_pairs_put(struct bench_pairs *pairs, uint64_t key, uint64_t value,
                bool *ret_made, struct bench_pair **ret_pair)
{
    struct bench_pair *pair;

    if (4 * (pairs->count + 1) > 3 * pairs->room) {
        enum result result = grow(pairs);

        if (result != OK)
            return result;
    }
    pair = &pairs->items[place_of(pairs, key)];
    *ret_made = pair->key == 0;
    if (*ret_made) {
        *pair = (struct bench_pair){.key = key, .value = value};
        pairs->count++;
    }
    *ret_pair = pair;
    return OK;
}

const struct bench_pair *
bench_pairs_find(const struct bench_pairs *pairs, uint64_t key)
{
    const struct bench_pair *pair;

    if (pairs->room == 0)
        return NULL;
    pair = &pairs->items[place_of(pairs, key)];
    return pair->key == 0 ? NULL : pair;
}
