/* SPDX-License-Identifier: EUPL-1.2 */
/* Open addressing under a random key: names are an operator's, yet come from
 * wherever the operator took them. */
#include "core/context_names.h"

#include <stdlib.h>

#include "base/hash.h"

void
context_names_free(struct context_names *names)
{
    buffer_free(&names->bytes);
    free(names->items);
    free(names->slots);
    *names = (struct context_names){0};
}

struct text
context_names_at(const struct context_names *names, uint32_t number)
{
    return (struct text){names->bytes.bytes + names->items[number - 1].at,
                         names->items[number - 1].length};
}

/* The slot of the name, or the free one where it would stand. */
static size_t
slot_of(const struct context_names *names, struct text name)
{
    size_t slot = hash_sip(names->key, name.bytes, name.length).low &
                  (names->slot_room - 1);

    while (names->slots[slot] != 0 &&
           !text_equal(context_names_at(names, names->slots[slot]), name))
        slot = (slot + 1) & (names->slot_room - 1);
    return slot;
}

uint32_t
context_names_find(const struct context_names *names, struct text name)
{
    return names->slot_room == 0 ? 0 : names->slots[slot_of(names, name)];
}

static enum result
make_slots(struct context_names *names)
{
    size_t room = names->slot_room == 0 ? 64 : names->slot_room * 2;
    uint32_t *slots = calloc(room, sizeof(*slots)), *old = names->slots;

    if (slots == NULL)
        return E_NOMEM;
    if (names->slot_room == 0)
        hash_random(names->key, sizeof(names->key));
    names->slots = slots;
    names->slot_room = room;
    for (uint32_t number = 1; number <= names->count; number++)
        slots[slot_of(names, context_names_at(names, number))] = number;
    free(old);
    return OK;
}

enum result
context_names_add(struct context_names *names, struct text name,
                  uint32_t *ret_number, bool *ret_made)
{
    size_t slot, at = names->bytes.length;
    enum result result = OK;

    if ((size_t)names->count * 2 >= names->slot_room)
        result = make_slots(names);
    if (result != OK)
        return result;
    slot = slot_of(names, name);
    if (names->slots[slot] != 0) {
        *ret_number = names->slots[slot];
        *ret_made = false;
        return OK;
    }
    if (names->count == names->item_room) {
        size_t room = names->item_room == 0 ? 64 : names->item_room * 2;
        void *items = realloc(names->items, room * sizeof(names->items[0]));

        if (items == NULL)
            return E_NOMEM;
        names->items = items;
        names->item_room = room;
    }
    result = buffer_text(&names->bytes, name);
    if (result != OK)
        return result;
    names->items[names->count].at = (uint32_t)at;
    names->items[names->count].length = (uint32_t)name.length;
    names->slots[slot] = ++names->count;
    *ret_number = names->count;
    *ret_made = true;
    return OK;
}
