/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows of an answer that waits: the judge has seen them before it is known
 * whether the answer leaves, and what did not leave must not be told as a
 * disclosure. They reach the ledger together, marked or not, before the
 * answer is given.
 */
#include <stdlib.h>
#include <string.h>

#include "core/core_inside.h"

static enum result
hold_rows(struct core *core, const struct row *rows, size_t count)
{
    if (core->held_count + count > core->held_room) {
        size_t room = core->held_room * 2 + count + 64;
        struct row *held = realloc(core->held, room * sizeof(held[0]));

        if (held == NULL)
            return E_NOMEM;
        core->held = held;
        core->held_room = room;
    }
    memcpy(core->held + core->held_count, rows, count * sizeof(rows[0]));
    core->held_count += count;
    return OK;
}

enum result
core_append(struct core *core, const struct row *rows, size_t count,
            uint64_t *ret_first)
{
    uint64_t first;
    enum result result;

    if (!core->holding)
        return ledger_append(core->ledger, rows, count, ret_first);
    first = ledger_count(core->ledger) + core->held_count;
    result = hold_rows(core, rows, count);
    if (result == OK && ret_first != NULL)
        *ret_first = first;
    return result;
}

void
core_hold(struct core *core)
{
    core->holding = true;
    core->held_count = 0;
}

static enum result
withhold(struct core *core)
{
    size_t count = core->held_count;
    enum result result = OK;

    for (size_t i = 0; i < count && result == OK; i++) {
        struct row *row = &core->held[i];
        struct row kept;

        if (row->kind != ROW_DISCLOSURE && row->kind != ROW_UNLABELLED)
            continue;
        row->flags |= ROW_WITHHELD;
        kept = *row; /* what is held may move */
        if (row->kind == ROW_DISCLOSURE)
            result = core_take_back(core, &kept);
    }
    return result;
}

enum result
core_let(struct core *core, bool withheld)
{
    enum result result = withheld ? withhold(core) : OK;

    core->holding = false;
    if (result != OK || core->held_count == 0)
        return result;
    return ledger_append(core->ledger, core->held, core->held_count, NULL);
}
