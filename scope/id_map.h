/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A hash table from (id, extra) to a small number: which persons, sessions,
 * accounts a question has met. Knows nothing of what the ids name. Starts as
 * {0}; 16 bytes an entry at most 2/3 full.
 */
#ifndef VIGIE_SCOPE_ID_MAP_H
#define VIGIE_SCOPE_ID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct id_map_entry {
    uint64_t id;
    uint32_t extra;
    uint32_t value; /* one more than what was put; 0 marks a free place */
};

struct id_map {
    struct id_map_entry *entries;
    size_t room; /* a power of two, or 0 */
    size_t count;
};

void id_map_free(struct id_map *map); /* leaves {0} */
/* *ret_value is untouched where the pair is not there. */
bool id_map_find(const struct id_map *map, uint64_t id, uint32_t extra,
                 uint32_t *ret_value);
/* Adds, or replaces. value below UINT32_MAX. E_NOMEM, E_LIMIT over 2^31
 * entries. */
enum result id_map_put(struct id_map *map, uint64_t id, uint32_t extra,
                       uint32_t value) MUST_USE;
/* Puts `value` unless the pair is there; *ret_new tells. */
enum result id_map_once(struct id_map *map, uint64_t id, uint32_t extra,
                        uint32_t value, bool *ret_new) MUST_USE;

/* A list without repetitions, in the order of coming. Starts as {0}. */
struct id_list {
    uint64_t *ids;
    size_t count, room;
    struct id_map places;
};

void id_list_free(struct id_list *list); /* leaves {0} */
enum result id_list_add(struct id_list *list, uint64_t id) MUST_USE;
bool id_list_has(const struct id_list *list, uint64_t id);
/* Place of the id in the list; false where it is not there. */
bool id_list_place(const struct id_list *list, uint64_t id,
                   uint32_t *ret_place);

#endif
