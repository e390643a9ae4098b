/* SPDX-License-Identifier: EUPL-1.2 */
#include "scope/grow.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GROW_ROOM_FIRST 16

enum result
grow(void *array, size_t *room, size_t count, size_t item_bytes)
{
    size_t larger_room = *room == 0 ? GROW_ROOM_FIRST : 2 * *room;
    void *items;

    if (count < *room)
        return OK;
    if (count >= UINT32_MAX / 2)
        return E_LIMIT;
    memcpy(&items, array, sizeof(items));
    items = reallocarray(items, larger_room, item_bytes);
    if (items == NULL)
        return E_NOMEM;
    memcpy(array, &items, sizeof(items));
    *room = larger_room;
    return OK;
}
