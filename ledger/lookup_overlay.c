/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The journal is read between two looks at the generation that the tables
 * name: where they say the same, what was read is whole. Later commits of the
 * writer put the same entries into the tables; a reader may then find an
 * entry here and there, which say the same, but for joins made since.
 */
#include "ledger/lookup_overlay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "ledger/checksum.h"
#include "ledger/lookup_inside.h"

/* A commit between the two looks; there is at most one in a while. */
#define TRIES_MAX 8

struct overlay {
    struct buffer bytes; /* of the journal; the entries point into it */
    struct journal_entry *entries;
    size_t count, room;
    uint32_t *index; /* last entry of a table and key, plus one */
    size_t index_room;
    uint32_t *members; /* entries of that table, in order */
    size_t member_count, member_room;
};

void
overlay_free(struct overlay *overlay)
{
    if (overlay == NULL)
        return;
    buffer_free(&overlay->bytes);
    free(overlay->entries);
    free(overlay->index);
    free(overlay->members);
    free(overlay);
}

static uint32_t *
slot_of(const struct overlay *overlay, unsigned table, const void *key,
        size_t length)
{
    size_t mask = overlay->index_room - 1;
    size_t at = (size_t)checksum64(key, length, table) & mask;

    for (;; at = (at + 1) & mask) {
        const struct journal_entry *entry;

        if (overlay->index[at] == 0)
            return &overlay->index[at];
        entry = &overlay->entries[overlay->index[at] - 1];
        if (entry->table == table && entry->key_length == length &&
            memcmp(entry->key, key, length) == 0)
            return &overlay->index[at];
    }
}

static enum result
take_entry(void *context, const struct journal_entry *entry)
{
    struct overlay *overlay = context;

    if (overlay->count == overlay->room) {
        size_t room = overlay->room * 2 + 1024;
        struct journal_entry *grown =
            realloc(overlay->entries, room * sizeof(grown[0]));

        if (grown == NULL)
            return E_NOMEM;
        overlay->entries = grown;
        overlay->room = room;
    }
    if (entry->act != JOURNAL_NOTE)
        overlay->entries[overlay->count++] = *entry;
    return OK;
}

static enum result
add_member(struct overlay *overlay, uint32_t entry)
{
    if (overlay->member_count == overlay->member_room) {
        size_t room = overlay->member_room * 2 + 64;
        uint32_t *grown = realloc(overlay->members, room * sizeof(grown[0]));

        if (grown == NULL)
            return E_NOMEM;
        overlay->members = grown;
        overlay->member_room = room;
    }
    overlay->members[overlay->member_count++] = entry;
    return OK;
}

static enum result
make_index(struct overlay *overlay)
{
    enum result result = OK;

    for (overlay->index_room = 1024; overlay->index_room / 2 < overlay->count;)
        overlay->index_room *= 2;
    overlay->index = calloc(overlay->index_room, sizeof(overlay->index[0]));
    if (overlay->index == NULL)
        return E_NOMEM;
    for (uint32_t i = 0; i < overlay->count && result == OK; i++) {
        const struct journal_entry *entry = &overlay->entries[i];

        if (entry->table == TABLE_MEMBERS)
            result = add_member(overlay, i);
        else
            *slot_of(overlay, entry->table, entry->key, entry->key_length) =
                i + 1;
    }
    return result;
}

/* E_END: the writer committed in between. */
static enum result
try_load(struct lookup *lookup, struct overlay *overlay)
{
    uint64_t before = 0, after = 0;
    char path[4096];
    size_t end;
    enum result result = journal_generation(lookup, &before);

    if (result == OK && snprintf(path, sizeof(path), "%s/journal",
                                 lookup->folder) >= (int)sizeof(path))
        result = E_LIMIT;
    if (result == OK)
        result = file_load(path, LOOKUP_JOURNAL_BYTES_MAX, &overlay->bytes);
    if (result == OK)
        result = journal_generation(lookup, &after);
    if (result != OK)
        return result;
    overlay->count = 0;
    return before != after ? E_END
                           : journal_scan((const uint8_t *)overlay->bytes.bytes,
                                          overlay->bytes.length, before,
                                          take_entry, overlay, &end);
}

enum result
overlay_load(struct lookup *lookup)
{
    struct overlay *overlay = calloc(1, sizeof(*overlay));
    enum result result = E_END;

    if (overlay == NULL)
        return E_NOMEM;
    for (int i = 0; i < TRIES_MAX && result == E_END; i++)
        result = try_load(lookup, overlay);
    if (result == OK && overlay->count > 0)
        result = make_index(overlay);
    if (result != OK || overlay->count == 0) {
        overlay_free(overlay);
        /* no live core was ever here; or its names are seen in a while */
        return result == E_NOTFOUND || result == E_END ? OK : result;
    }
    lookup->overlay = overlay;
    return OK;
}

enum result
lookup_get(struct lookup *lookup, unsigned table, MDB_val *key,
           MDB_val *ret_value)
{
    const struct overlay *overlay = lookup->overlay;

    if (overlay != NULL) {
        uint32_t entry = *slot_of(overlay, table, key->mv_data, key->mv_size);

        if (entry != 0) {
            const struct journal_entry *found = &overlay->entries[entry - 1];

            ret_value->mv_size = found->value_length;
            ret_value->mv_data = (void *)(uintptr_t)found->value;
            return found->act == JOURNAL_PUT ? OK : E_NOTFOUND;
        }
    }
    return lookup_result(
        lookup, mdb_get(lookup->txn, lookup->table[table], key, ret_value));
}

static void
change_members(const struct journal_entry *entry, uint64_t *ids, size_t room,
               size_t *count)
{
    size_t held = *count < room ? *count : room, at = 0;
    uint64_t id;

    memcpy(&id, entry->value, sizeof(id));
    while (at < held && ids[at] != id)
        at++;
    if (entry->act == JOURNAL_PUT && at == held) {
        if (*count < room)
            ids[*count] = id;
        ++*count;
    } else if (entry->act == JOURNAL_DELETE && at < held && at > 0) {
        ids[at] = ids[held - 1];
        --*count;
    }
}

void
overlay_members(const struct overlay *overlay, uint64_t canonical,
                uint64_t *ids, size_t room, size_t *count)
{
    for (size_t i = 0; overlay != NULL && i < overlay->member_count; i++) {
        const struct journal_entry *entry =
            &overlay->entries[overlay->members[i]];

        if (entry->key_length == sizeof(canonical) &&
            entry->value_length == sizeof(canonical) &&
            memcmp(entry->key, &canonical, sizeof(canonical)) == 0)
            change_members(entry, ids, room, count);
    }
}
