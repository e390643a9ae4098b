/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>

#include "core/core_inside.h"

/* ids are random: their low bits are as good as a hash */
static size_t
slot_of(const uint64_t *ids, size_t room, uint64_t id)
{
    size_t at = (size_t)id & (room - 1);

    while (ids[at] != 0 && ids[at] != id)
        at = (at + 1) & (room - 1);
    return at;
}

static enum result
grow(struct id_set *set)
{
    size_t room = set->room == 0 ? 64 : set->room * 2;
    uint64_t *ids = calloc(room, sizeof(*ids));
    uint32_t *numbers = calloc(room, sizeof(*numbers));

    if (ids == NULL || numbers == NULL) {
        free(ids);
        free(numbers);
        return E_NOMEM;
    }
    for (size_t i = 0; i < set->room; i++) {
        size_t at;

        if (set->ids[i] == 0)
            continue;
        at = slot_of(ids, room, set->ids[i]);
        ids[at] = set->ids[i];
        numbers[at] = set->numbers[i];
    }
    free(set->ids);
    free(set->numbers);
    set->ids = ids;
    set->numbers = numbers;
    set->room = room;
    return OK;
}

enum result
id_set_add(struct id_set *set, uint64_t id, bool *ret_made)
{
    size_t at;

    if (set->count >= set->room / 2) {
        enum result result = grow(set);

        if (result != OK)
            return result;
    }
    at = slot_of(set->ids, set->room, id);
    *ret_made = set->ids[at] == 0;
    if (*ret_made) {
        set->ids[at] = id;
        set->count++;
    }
    return OK;
}

uint32_t *
id_set_number(struct id_set *set, uint64_t id)
{
    size_t at;

    if (set->room == 0)
        return NULL;
    at = slot_of(set->ids, set->room, id);
    return set->ids[at] == id ? &set->numbers[at] : NULL;
}

bool
id_set_has(const struct id_set *set, uint64_t id)
{
    return set->room != 0 && set->ids[slot_of(set->ids, set->room, id)] == id;
}

void
id_set_free(struct id_set *set)
{
    free(set->ids);
    free(set->numbers);
    *set = (struct id_set){0};
}
