/* SPDX-License-Identifier: EUPL-1.2 */
/* Texts with numbers from 1 on, in the order in which they came. */
#ifndef VIGIE_CORE_CONTEXT_NAMES_H
#define VIGIE_CORE_CONTEXT_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

struct context_names { /* starts as {0} */
    struct buffer bytes;
    struct {
        uint32_t at, length;
    } * items;       /* by number - 1 */
    uint32_t *slots; /* numbers; 0: free */
    uint32_t count;
    size_t item_room, slot_room;
    uint8_t key[16];
};

void context_names_free(struct context_names *names);
enum result context_names_add(struct context_names *names, struct text name,
                              uint32_t *ret_number, bool *ret_made) MUST_USE;
uint32_t context_names_find(const struct context_names *names,
                            struct text name); /* 0: not there */
/* Borrowed until the next is added. */
struct text context_names_at(const struct context_names *names,
                             uint32_t number);

#endif
