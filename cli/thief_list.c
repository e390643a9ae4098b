/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/thief_list.h"

#include <stdbool.h>

static enum result
add_word(struct thief_list *list, struct text word)
{
    bool class = text_starts(word, "@"), found = false;

    for (unsigned k = THIEF_NONE + 1; k < REGION_THIEF_KINDS; k++) {
        enum region_thief kind = (enum region_thief)k;
        const char *name = class ? region_class_name(region_thief_class(kind))
                                 : region_thief_name(kind);

        if (!text_is(word, "all") && !text_is(text_after(word, class), name))
            continue;
        if (list->count == REGION_THIEVES_MAX)
            return E_LIMIT;
        list->kinds[list->count++] = kind;
        found = true;
    }
    return found ? OK : E_FORMAT;
}

enum result
thief_list_parse(struct text list, struct thief_list *ret_list)
{
    struct thief_list made = {.count = 0};
    struct text head, tail = list;
    enum result result = OK;

    if (!text_is(list, "none")) {
        bool more = true;

        while (result == OK && more) {
            more = text_split(tail, ',', &head, &tail);
            result = add_word(&made, head);
        }
    }
    if (result == OK)
        *ret_list = made;
    return result;
}
