/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An array, and an index by target and id over it. What is lifted leaves a
 * hole that the last one fills, and the index is made anew: that is seldom.
 */
#include "contain/standing.h"

#include <stdlib.h>
#include <string.h>

#include "contain/contain_inside.h"

struct standings {
    struct standing *items;
    uint32_t *index; /* item + 1; 0: free */
    size_t count, room, index_room, most;
};

enum result
standings_new(size_t most, struct standings **ret)
{
    struct standings *standings = calloc(1, sizeof(*standings));

    if (standings == NULL)
        return E_NOMEM;
    standings->most = most;
    standings->index_room = 64;
    standings->index = calloc(standings->index_room, sizeof(uint32_t));
    if (standings->index == NULL) {
        free(standings);
        return E_NOMEM;
    }
    *ret = standings;
    return OK;
}

void
standings_free(struct standings *standings)
{
    if (standings == NULL)
        return;
    free(standings->items);
    free(standings->index);
    free(standings);
}

static uint32_t *
slot_of(const struct standings *standings, enum order_target target,
        uint64_t id)
{
    size_t mask = standings->index_room - 1;
    size_t at = (size_t)contain_mix(id + (uint64_t)target) & mask;

    for (; standings->index[at] != 0; at = (at + 1) & mask) {
        const struct standing *item =
            &standings->items[standings->index[at] - 1];

        if (item->id == id && item->target == target)
            break;
    }
    return &standings->index[at];
}

static struct standing *
find(const struct standings *standings, enum order_target target, uint64_t id)
{
    uint32_t item = *slot_of(standings, target, id);

    return item == 0 ? NULL : &standings->items[item - 1];
}

const struct standing *
standings_find(const struct standings *standings, enum order_target target,
               uint64_t id)
{
    return id == 0 ? NULL : find(standings, target, id);
}

static void
index_again(struct standings *standings)
{
    memset(standings->index, 0, standings->index_room * sizeof(uint32_t));
    for (size_t i = 0; i < standings->count; i++)
        *slot_of(standings, standings->items[i].target,
                 standings->items[i].id) = (uint32_t)i + 1;
}

static enum result
make_room(struct standings *standings)
{
    size_t room = standings->room == 0 ? 32 : standings->room * 2;
    struct standing *items;
    uint32_t *index;

    if (standings->count < standings->room)
        return OK;
    items = realloc(standings->items, room * sizeof(items[0]));
    if (items == NULL)
        return E_NOMEM;
    standings->items = items;
    index = calloc(room * 2, sizeof(index[0]));
    if (index == NULL)
        return E_NOMEM;
    free(standings->index);
    standings->index = index;
    standings->index_room = room * 2;
    standings->room = room;
    index_again(standings);
    return OK;
}

static void
drop(struct standings *standings, size_t item)
{
    standings->items[item] = standings->items[--standings->count];
    index_again(standings);
}

static bool
may_be_dropped(const struct standing *item)
{
    return item->by == ORDER_BY_AUTOMATION && item->verdict != VERDICT_CUT;
}

static enum result
drop_oldest(struct standings *standings)
{
    size_t oldest = standings->count;

    for (size_t i = 0; i < standings->count; i++) {
        if (may_be_dropped(&standings->items[i]) &&
            (oldest == standings->count ||
             standings->items[i].since_us < standings->items[oldest].since_us))
            oldest = i;
    }
    if (oldest == standings->count)
        return E_LIMIT;
    drop(standings, oldest);
    return OK;
}

enum result
standings_set(struct standings *standings, const struct standing *standing)
{
    struct standing *known = find(standings, standing->target, standing->id);
    enum result result = OK;

    if (standing->id == 0)
        return E_ARGUMENT;
    if (standing->verdict == VERDICT_ALLOW) {
        if (known != NULL)
            drop(standings, (size_t)(known - standings->items));
        return OK;
    }
    if (known != NULL) {
        *known = *standing;
        return OK;
    }
    if (standings->count == standings->most)
        result = drop_oldest(standings);
    if (result == OK)
        result = make_room(standings);
    if (result != OK)
        return result;
    standings->items[standings->count] = *standing;
    *slot_of(standings, standing->target, standing->id) =
        (uint32_t)++standings->count;
    return OK;
}

bool
standing_has_admitted(const struct standing *standing, uint64_t person)
{
    uint32_t count = standing->admitted_count;

    if (count > STANDING_ADMITTED_MAX)
        count = STANDING_ADMITTED_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (standing->admitted[i] == person)
            return true;
    }
    return false;
}

void
standings_admit(struct standings *standings, enum order_target target,
                uint64_t id, uint64_t person, int64_t time_us)
{
    struct standing *item = find(standings, target, id);

    if (item == NULL || standing_has_admitted(item, person))
        return;
    item->admitted[item->admitted_count % STANDING_ADMITTED_MAX] = person;
    item->admitted_count++;
    item->admitted_us = time_us;
}

size_t
standings_count(const struct standings *standings)
{
    return standings->count;
}

const struct standing *
standings_at(const struct standings *standings, size_t index)
{
    return &standings->items[index];
}

void
standings_clock(struct standings *standings, int64_t time_us)
{
    for (size_t i = 0; i < standings->count; i++) {
        struct standing *item = &standings->items[i];

        if (item->since_us > time_us)
            item->since_us = time_us;
        if (item->admitted_us > time_us)
            item->admitted_us = time_us;
    }
}
