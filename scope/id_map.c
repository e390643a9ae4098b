/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Open addressing with linear probing. Ids are random numbers of our own
 * making, so that nobody outside can choose keys that collide.
 */
#include "scope/id_map.h"

#include <stdlib.h>

#define ID_MAP_ROOM_FIRST 64
#define ID_MAP_ROOM_MAX ((size_t)1 << 31)
#define ID_LIST_ROOM_FIRST 16

static size_t
id_map_place(const struct id_map *map, uint64_t id, uint32_t extra)
{
    /* 2^64 / golden ratio spreads small numbers (services) too */
    uint64_t mixed = (id ^ ((uint64_t)extra << 17)) * 0x9e3779b97f4a7c15u;
    size_t place = (size_t)(mixed >> 32) & (map->room - 1);

    while (map->entries[place].value != 0 &&
           (map->entries[place].id != id || map->entries[place].extra != extra))
        place = (place + 1) & (map->room - 1);
    return place;
}

static enum result
id_map_grow(struct id_map *map)
{
    struct id_map larger = {.count = map->count};

    larger.room = map->room == 0 ? ID_MAP_ROOM_FIRST : 2 * map->room;
    if (larger.room > ID_MAP_ROOM_MAX)
        return E_LIMIT;
    larger.entries = calloc(larger.room, sizeof(*larger.entries));
    if (larger.entries == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < map->room; i++) {
        const struct id_map_entry *entry = &map->entries[i];

        if (entry->value != 0)
            larger.entries[id_map_place(&larger, entry->id, entry->extra)] =
                *entry;
    }
    free(map->entries);
    *map = larger;
    return OK;
}

void
id_map_free(struct id_map *map)
{
    free(map->entries);
    *map = (struct id_map){0};
}

bool
id_map_find(const struct id_map *map, uint64_t id, uint32_t extra,
            uint32_t *ret_value)
{
    size_t place;

    if (map->room == 0)
        return false;
    place = id_map_place(map, id, extra);
    if (map->entries[place].value == 0)
        return false;
    if (ret_value != NULL)
        *ret_value = map->entries[place].value - 1;
    return true;
}

enum result
id_map_put(struct id_map *map, uint64_t id, uint32_t extra, uint32_t value)
{
    size_t place;

    if (value == UINT32_MAX)
        return E_LIMIT;
    if (3 * (map->count + 1) > 2 * map->room) {
        enum result result = id_map_grow(map);

        if (result != OK)
            return result;
    }
    place = id_map_place(map, id, extra);
    if (map->entries[place].value == 0)
        map->count++;
    map->entries[place] = (struct id_map_entry){id, extra, value + 1};
    return OK;
}

enum result
id_map_once(struct id_map *map, uint64_t id, uint32_t extra, uint32_t value,
            bool *ret_new)
{
    enum result result;

    if (id_map_find(map, id, extra, NULL)) {
        *ret_new = false;
        return OK;
    }
    result = id_map_put(map, id, extra, value);
    if (result == OK)
        *ret_new = true;
    return result;
}

void
id_list_free(struct id_list *list)
{
    free(list->ids);
    id_map_free(&list->places);
    *list = (struct id_list){0};
}

enum result
id_list_add(struct id_list *list, uint64_t id)
{
    bool is_new = false;
    enum result result;

    if (list->count == list->room) {
        size_t room = list->room == 0 ? ID_LIST_ROOM_FIRST : 2 * list->room;
        uint64_t *ids = reallocarray(list->ids, room, sizeof(*ids));

        if (ids == NULL)
            return E_NOMEM;
        list->ids = ids;
        list->room = room;
    }
    if (list->count >= UINT32_MAX - 1)
        return E_LIMIT;
    result = id_map_once(&list->places, id, 0, (uint32_t)list->count, &is_new);
    if (result == OK && is_new)
        list->ids[list->count++] = id;
    return result;
}

bool
id_list_has(const struct id_list *list, uint64_t id)
{
    return id_map_find(&list->places, id, 0, NULL);
}

bool
id_list_place(const struct id_list *list, uint64_t id, uint32_t *ret_place)
{
    return id_map_find(&list->places, id, 0, ret_place);
}
