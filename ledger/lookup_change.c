/* SPDX-License-Identifier: EUPL-1.2 */
/* What needs the look-up to be written anew: names that go, keys that come. */
#include <stdlib.h>
#include <string.h>

#include "ledger/lookup_anew.h"
#include "ledger/lookup_inside.h"
#include "ledger/lookup_rewrite.h"

static enum result
count_names(struct lookup *lookup, const uint64_t *ids, size_t count,
            size_t *ret_names)
{
    size_t names = 0;
    enum result result = OK;

    for (size_t i = 0; i < count && result == OK; i++) {
        enum alias_kind kind;

        result = lookup_kind(lookup, ids[i], &kind);
        names += result == OK;
        if (result == E_NOTFOUND)
            result = OK;
    }
    *ret_names = names;
    return result;
}

enum result
lookup_erase(struct lookup *lookup, const uint64_t *ids, size_t count,
             size_t *ret_names)
{
    struct lookup_change change = {.erased_count = count};
    uint64_t *sorted;
    size_t names = 0;
    enum result result;

    if (!lookup->writer)
        return E_DENIED;
    sorted = calloc(count + 1, sizeof(sorted[0]));
    if (sorted == NULL)
        return E_NOMEM;
    if (count > 0)
        memcpy(sorted, ids, count * sizeof(sorted[0]));
    qsort(sorted, count, sizeof(sorted[0]), anew_compare_ids);
    change.erased = sorted;
    result = count_names(lookup, sorted, count, &names);
    if (result == OK && names > 0)
        result = lookup_rewrite(lookup, &change);
    free(sorted);
    if (result == OK)
        *ret_names = names;
    return result;
}

enum result
lookup_rotate(struct lookup *lookup)
{
    /* rows carry these digests for ever */
    static const uint64_t frozen[] = {KEYS_DIGEST};
    uint64_t past[LOOKUP_KINDS + 1];
    struct lookup_change change = {0};
    struct keys *next = NULL;
    enum result result;

    if (!lookup->writer)
        return E_DENIED;
    for (unsigned kind = 0; kind < LOOKUP_KINDS; kind++)
        past[kind] = KEYS_HASH + kind;
    past[LOOKUP_KINDS] = KEYS_IMPORTS;
    result = keys_next(lookup->keys, frozen, 1, past, LOOKUP_KINDS + 1, &next);
    if (result == OK)
        result = keys_stage(next);
    if (result == OK) {
        change.keys = next;
        result = lookup_rewrite(lookup, &change);
    }
    if (lookup->keys != next)
        keys_free(next);
    return result;
}

size_t
lookup_key_epochs(const struct lookup *lookup)
{
    return lookup->past_count;
}

enum result
lookup_each(struct lookup *lookup, void *context,
            enum result (*visit)(void *context, enum alias_kind kind,
                                 uint64_t id))
{
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    enum result result = OK;
    int code;

    if (lookup->fresh != NULL) {
        result = lookup_begin(lookup);
        if (result == OK)
            result = fresh_write(lookup);
    } else {
        result = lookup_begin(lookup);
    }
    if (result != OK)
        return result;
    code = mdb_cursor_open(lookup->txn, lookup->table[TABLE_ID], &cursor);
    while (code == MDB_SUCCESS && result == OK) {
        uint64_t id;

        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        if (code != MDB_SUCCESS)
            break;
        if (key.mv_size != sizeof(id) || value.mv_size != ID_HEAD_BYTES) {
            result = E_CORRUPT;
            break;
        }
        memcpy(&id, key.mv_data, sizeof(id));
        result = visit(context,
                       (enum alias_kind)(*(const uint8_t *)value.mv_data), id);
    }
    mdb_cursor_close(cursor);
    lookup_end(lookup);
    if (result != OK)
        return result;
    return code == MDB_NOTFOUND ? OK : lookup_result(lookup, code);
}
