/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Names that stand for one thing: tokens of one session, identifiers of one
 * person. Table canon is flat (an id gives its canonical in one step), table
 * members is its inverse; both change in the same transaction.
 */
#include <string.h>

#include "ledger/lookup_inside.h"

/* What a join takes in both tables. */
#define JOIN_BYTES 200

enum result
lookup_canon_get(struct lookup *lookup, uint64_t id, uint64_t *ret_canonical)
{
    MDB_val key = {sizeof(id), &id};
    MDB_val value;
    enum result result = lookup_get(lookup, TABLE_CANON, &key, &value);

    if (result == E_NOTFOUND) {
        *ret_canonical = id;
        return OK;
    }
    if (result == OK && value.mv_size != 8)
        result = E_CORRUPT;
    if (result == OK)
        memcpy(ret_canonical, value.mv_data, 8);
    return result;
}

enum result
lookup_canon_put(struct lookup *lookup, uint64_t id, uint64_t canonical)
{
    MDB_val key = {sizeof(id), &id};
    MDB_val value = {sizeof(canonical), &canonical};
    enum result result;
    int code =
        mdb_put(lookup->txn, lookup->table[TABLE_CANON], &key, &value, 0);

    /* the other way round: the same two, key and value exchanged */
    if (code == MDB_SUCCESS)
        code =
            mdb_put(lookup->txn, lookup->table[TABLE_MEMBERS], &value, &key, 0);
    result = lookup_result(lookup, code);
    if (result == OK)
        result = journal_put(lookup, TABLE_CANON, &key, &value);
    if (result == OK)
        result = journal_put(lookup, TABLE_MEMBERS, &value, &key);
    return result;
}

/* All ids under `from` go under `to`; then `from` itself. One at a time,
 * since a cursor does not outlive changes made beside it. */
static enum result
move_members(struct lookup *lookup, uint64_t from, uint64_t to)
{
    MDB_val key = {sizeof(from), &from};
    MDB_val value;
    enum result result;

    for (;;) {
        uint64_t id;
        MDB_val member = {sizeof(id), &id};

        result = lookup_get(lookup, TABLE_MEMBERS, &key, &value);
        if (result == E_NOTFOUND)
            break;
        if (result == OK && value.mv_size != sizeof(id))
            result = E_CORRUPT;
        if (result != OK)
            return result;
        memcpy(&id, value.mv_data, sizeof(id));
        result = lookup_result(
            lookup,
            mdb_del(lookup->txn, lookup->table[TABLE_MEMBERS], &key, &member));
        if (result == OK)
            result = journal_delete(lookup, TABLE_MEMBERS, &key, &member);
        if (result == OK)
            result = lookup_canon_put(lookup, id, to);
        if (result != OK)
            return result;
        lookup->map.bytes += JOIN_BYTES;
        lookup->map.pages += 4;
    }
    return lookup_canon_put(lookup, from, to);
}

static enum result
join(struct lookup *lookup, uint64_t a, uint64_t b)
{
    enum alias_kind kind_a, kind_b;
    uint64_t birth_a = 0, birth_b = 0, older, younger;
    enum result result = lookup_canon_get(lookup, a, &a);

    if (result == OK)
        result = lookup_canon_get(lookup, b, &b);
    if (result == OK)
        result = lookup_birth(lookup, a, &kind_a, &birth_a);
    if (result == OK)
        result = lookup_birth(lookup, b, &kind_b, &birth_b);
    if (result != OK)
        return result;
    if (kind_a != kind_b)
        return E_ARGUMENT;
    if (a == b)
        return OK;
    older = birth_a < birth_b ? a : b;
    younger = birth_a < birth_b ? b : a;
    result = move_members(lookup, younger, older);
    if (result == OK)
        cache_move(&lookup->cache, younger, older);
    return result;
}

enum result
lookup_join(struct lookup *lookup, uint64_t a, uint64_t b)
{
    enum result result = lookup_room(lookup, JOIN_BYTES);

    if (result != OK)
        return result;
    lookup->map.pages += 4;
    return join(lookup, a, b);
}

uint64_t
lookup_canonical(struct lookup *lookup, uint64_t id)
{
    uint64_t canonical = id;

    if (lookup_begin(lookup) != OK)
        return id;
    if (lookup_canon_get(lookup, id, &canonical) != OK)
        canonical = id;
    lookup_end(lookup);
    return canonical;
}

static enum result
list_members(struct lookup *lookup, uint64_t canonical, uint64_t *ret_ids,
             size_t room, size_t *ret_count)
{
    MDB_cursor *cursor = NULL;
    MDB_val key = {sizeof(canonical), &canonical};
    MDB_val value;
    size_t count = 1;
    int code =
        mdb_cursor_open(lookup->txn, lookup->table[TABLE_MEMBERS], &cursor);

    if (room > 0)
        ret_ids[0] = canonical;
    if (code == MDB_SUCCESS)
        code = mdb_cursor_get(cursor, &key, &value, MDB_SET_KEY);
    while (code == MDB_SUCCESS) {
        if (value.mv_size != sizeof(uint64_t)) {
            code = MDB_CORRUPTED;
            break;
        }
        if (count < room)
            memcpy(&ret_ids[count], value.mv_data, sizeof(uint64_t));
        count++;
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT_DUP);
    }
    mdb_cursor_close(cursor);
    if (code != MDB_NOTFOUND)
        return lookup_result(lookup, code);
    overlay_members(lookup->overlay, canonical, ret_ids, room, &count);
    *ret_count = count;
    return OK;
}

enum result
lookup_members(struct lookup *lookup, uint64_t canonical, uint64_t *ret_ids,
               size_t room, size_t *ret_count)
{
    enum result result = lookup_begin(lookup);

    if (result != OK)
        return result;
    result = list_members(lookup, canonical, ret_ids, room, ret_count);
    lookup_end(lookup);
    return result;
}
