/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * DIR/lookup/journal. All numbers little endian. Groups one behind another,
 * each the changes of one turn:
 *
 *    0  4  "VJG1"
 *    4  4  bytes of the entries, padding not counted
 *    8  8  generation
 *   16  8  checksum64 of the entries, seed: that of the 16 bytes before
 *   24  …  entries, then zeros up to a multiple of 8
 *
 * and an entry:
 *
 *    0  1  1 put, 2 delete, 3 note
 *    1  1  table
 *    2  2  bytes of the key
 *    4  4  bytes of the value
 *    8  …  key, value
 *
 * Invariants:
 *  1. Each LMDB commit names, in the same transaction, the generation of what
 *     follows it; then the file is written from its beginning again. So the
 *     groups of the named generation are what the tables lack, and groups of
 *     another one are old.
 *  2. Entries say what a table holds, not what was done: put into tables that
 *     hold some of them already, in order, they give the same tables.
 *  3. The file is written before the rows that use its names, and synced
 *     before them (the caller's part). What a power cut tears off belongs to
 *     rows that were not durable.
 */
#include "ledger/lookup_journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "ledger/checksum.h"
#include "ledger/lookup_inside.h"

#define MAGIC "VJG1"
#define GROUP_HEAD_BYTES 24
#define ENTRY_HEAD_BYTES 8
#define KEY_BYTES_MAX 511
/* Of one turn; past it the turn is committed to the tables. */
#define GROUP_BYTES_MAX (8u << 20)
#define SETTING_JOURNAL TEXT(".journal")
#define NOTE_KEY_BYTES 4
#define NOTE_VALUE_BYTES 16

struct journal {
    int fd;
    uint64_t generation, end;
    bool on, hurry;
    bool full;           /* the group got too large to be written */
    struct buffer group; /* head and entries of the next one */
};

void
journal_free(struct journal *journal)
{
    if (journal == NULL)
        return;
    file_close(&journal->fd);
    buffer_free(&journal->group);
    free(journal);
}

enum result
journal_add(struct lookup *lookup, const struct journal_entry *entry)
{
    struct journal *journal = lookup->journal;
    uint8_t head[ENTRY_HEAD_BYTES];
    size_t length = entry->key_length + entry->value_length;
    struct buffer *group;
    uint8_t *at;
    enum result result;

    if (journal == NULL || !journal->on || journal->full)
        return OK;
    group = &journal->group;
    if (group->length + length > GROUP_BYTES_MAX) {
        journal->full = true;
        return OK;
    }
    result = buffer_reserve(group, GROUP_HEAD_BYTES + sizeof(head) + length);
    if (result != OK)
        return result;
    if (group->length == 0) {
        memset(group->bytes, 0, GROUP_HEAD_BYTES);
        group->length = GROUP_HEAD_BYTES;
    }
    at = (uint8_t *)group->bytes + group->length;
    at[0] = (uint8_t)entry->act;
    at[1] = entry->table;
    le16_put(at + 2, (uint16_t)entry->key_length);
    le32_put(at + 4, (uint32_t)entry->value_length);
    memcpy(at + sizeof(head), entry->key, entry->key_length);
    if (entry->value_length > 0)
        memcpy(at + sizeof(head) + entry->key_length, entry->value,
               entry->value_length);
    group->length += sizeof(head) + length;
    return OK;
}

static struct journal_entry
entry_of(enum journal_act act, unsigned table, const MDB_val *key,
         const MDB_val *value)
{
    return (struct journal_entry){
        .act = act,
        .table = (uint8_t)table,
        .key = key->mv_data,
        .key_length = key->mv_size,
        .value = value == NULL ? NULL : value->mv_data,
        .value_length = value == NULL ? 0 : value->mv_size,
    };
}

enum result
journal_put(struct lookup *lookup, unsigned table, const MDB_val *key,
            const MDB_val *value)
{
    struct journal_entry entry = entry_of(JOURNAL_PUT, table, key, value);

    return journal_add(lookup, &entry);
}

enum result
journal_delete(struct lookup *lookup, unsigned table, const MDB_val *key,
               const MDB_val *value)
{
    struct journal_entry entry = entry_of(JOURNAL_DELETE, table, key, value);

    return journal_add(lookup, &entry);
}

enum result
journal_note(struct lookup *lookup, int32_t day, uint64_t digest, uint64_t row)
{
    uint8_t key[NOTE_KEY_BYTES], value[NOTE_VALUE_BYTES];
    struct journal_entry entry = {.act = JOURNAL_NOTE,
                                  .table = TABLE_SEEN,
                                  .key = key,
                                  .key_length = sizeof(key),
                                  .value = value,
                                  .value_length = sizeof(value)};

    le32_put(key, (uint32_t)day);
    le64_put(value, digest);
    le64_put(value + 8, row);
    return journal_add(lookup, &entry);
}

void
journal_hurry(struct lookup *lookup)
{
    if (lookup->journal != NULL)
        lookup->journal->hurry = true;
}

static uint64_t
sum_of(const uint8_t *group, size_t length)
{
    size_t padded = (length + 7) & ~(size_t)7;

    return checksum64(group + GROUP_HEAD_BYTES, padded,
                      checksum64(group, 16, 0));
}

enum result
journal_write(struct lookup *lookup, bool *ret_full)
{
    static const uint8_t zeros[8];
    struct journal *journal = lookup->journal;
    size_t length;
    uint8_t *bytes;
    enum result result;

    if (lookup->failed != OK)
        return lookup->failed;
    *ret_full = false;
    if (journal == NULL || journal->group.length == 0)
        return OK;
    *ret_full = journal->full || journal->end + journal->group.length + 8 >
                                     LOOKUP_JOURNAL_BYTES_MAX;
    if (*ret_full)
        return OK;
    length = journal->group.length - GROUP_HEAD_BYTES;
    result = buffer_append(&journal->group, zeros, -length & 7);
    if (result != OK)
        return result;
    bytes = (uint8_t *)journal->group.bytes;
    memcpy(bytes, MAGIC, 4);
    le32_put(bytes + 4, (uint32_t)length);
    le64_put(bytes + 8, journal->generation);
    le64_put(bytes + 16, sum_of(bytes, length));
    result =
        file_write_at(journal->fd, bytes, journal->group.length, journal->end);
    if (result == OK && journal->hurry)
        result = file_sync_data(journal->fd);
    if (result != OK) {
        lookup->failed = result;
        return result;
    }
    journal->end += journal->group.length;
    journal->hurry = false;
    buffer_clear(&journal->group);
    return OK;
}

enum result
journal_turn(struct lookup *lookup)
{
    uint64_t next;

    if (lookup->journal == NULL || !lookup->journal->on)
        return OK;
    next = lookup->journal->generation + 1;
    return lookup_put_sealed(lookup, TABLE_SETTINGS, SETTING_JOURNAL,
                             (struct text){(const char *)&next, sizeof(next)});
}

void
journal_restart(struct lookup *lookup)
{
    struct journal *journal = lookup->journal;

    if (journal == NULL || !journal->on)
        return;
    journal->generation++;
    journal->end = 0;
    journal->hurry = journal->full = false;
    buffer_clear(&journal->group);
}

/* ------------------------------------------------------------- reading */

static enum result
entry_read(const uint8_t *bytes, size_t length, struct journal_entry *ret_entry,
           size_t *ret_length)
{
    struct journal_entry entry;

    if (length < ENTRY_HEAD_BYTES)
        return E_CORRUPT;
    entry.act = bytes[0];
    entry.table = bytes[1];
    entry.key_length = le16_get(bytes + 2);
    entry.value_length = le32_get(bytes + 4);
    length -= ENTRY_HEAD_BYTES;
    if (entry.key_length > length ||
        entry.value_length > length - entry.key_length)
        return E_CORRUPT;
    if (entry.act < JOURNAL_PUT || entry.act > JOURNAL_NOTE ||
        entry.table >= TABLE_COUNT || entry.key_length == 0 ||
        entry.key_length > KEY_BYTES_MAX)
        return E_CORRUPT;
    if (entry.act == JOURNAL_NOTE && (entry.key_length != NOTE_KEY_BYTES ||
                                      entry.value_length != NOTE_VALUE_BYTES))
        return E_CORRUPT;
    entry.key = bytes + ENTRY_HEAD_BYTES;
    entry.value = entry.key + entry.key_length;
    *ret_entry = entry;
    *ret_length = ENTRY_HEAD_BYTES + entry.key_length + entry.value_length;
    return OK;
}

static enum result
group_visit(const uint8_t *entries, size_t length, journal_visit *visit,
            void *context)
{
    while (length > 0) {
        struct journal_entry entry;
        size_t taken = 0;
        enum result result = entry_read(entries, length, &entry, &taken);

        if (result == OK)
            result = visit(context, &entry);
        if (result != OK)
            return result;
        entries += taken;
        length -= taken;
    }
    return OK;
}

enum result
journal_scan(const uint8_t *bytes, size_t length, uint64_t generation,
             journal_visit *visit, void *context, size_t *ret_end)
{
    size_t at = 0;

    while (length - at >= GROUP_HEAD_BYTES) {
        const uint8_t *group = bytes + at;
        size_t entries = le32_get(group + 4);
        size_t padded = (entries + 7) & ~(size_t)7;
        enum result result;

        if (memcmp(group, MAGIC, 4) != 0 || le64_get(group + 8) != generation ||
            padded < entries || padded > length - at - GROUP_HEAD_BYTES ||
            sum_of(group, entries) != le64_get(group + 16))
            break;
        result = group_visit(group + GROUP_HEAD_BYTES, entries, visit, context);
        if (result != OK)
            return result;
        at += GROUP_HEAD_BYTES + padded;
    }
    *ret_end = at;
    return OK;
}

/* ----------------------------------------------------------- replaying */

static MDB_val
as_value(const uint8_t *bytes, size_t length)
{
    /* LMDB's type has no const; it does not write to what it is given */
    return (MDB_val){length, (void *)(uintptr_t)bytes};
}

/* Aliases are counted by the keys of their values; the count itself is
 * stored with the commits only. */
static void
count_births(struct lookup *lookup, const struct journal_entry *entry)
{
    uint64_t birth;

    if (entry->table != TABLE_VALUES || entry->key_length != sizeof(birth))
        return;
    memcpy(&birth, entry->key, sizeof(birth));
    if (birth > lookup->births)
        lookup->births = birth;
}

static enum result
apply_note(struct lookup *lookup, const struct journal_entry *entry)
{
    return lookup_note(lookup, (int32_t)le32_get(entry->key),
                       le64_get(entry->value), le64_get(entry->value + 8));
}

static enum result
apply(void *context, const struct journal_entry *entry)
{
    struct lookup *lookup = context;
    MDB_dbi table = lookup->table[entry->table];
    MDB_val key = as_value(entry->key, entry->key_length);
    MDB_val value = as_value(entry->value, entry->value_length);
    enum result result;

    if (entry->act == JOURNAL_NOTE)
        return apply_note(lookup, entry);
    result = lookup_room(lookup, entry->key_length + entry->value_length + 64);
    if (result != OK)
        return result;
    lookup->map.pages += 4;
    if (entry->act == JOURNAL_DELETE) {
        result = lookup_result(
            lookup, mdb_del(lookup->txn, table, &key,
                            entry->value_length > 0 ? &value : NULL));
        return result == E_NOTFOUND ? OK : result;
    }
    count_births(lookup, entry);
    return lookup_result(lookup, mdb_put(lookup->txn, table, &key, &value, 0));
}

enum result
journal_generation(struct lookup *lookup, uint64_t *ret_generation)
{
    struct buffer value = {0};
    enum result result =
        lookup_get_sealed(lookup, TABLE_SETTINGS, SETTING_JOURNAL, &value);

    if (result == OK && value.length != sizeof(*ret_generation))
        result = E_CORRUPT;
    if (result == OK)
        memcpy(ret_generation, value.bytes, sizeof(*ret_generation));
    if (result == E_NOTFOUND) {
        *ret_generation = 0; /* no commit of a look-up with a journal */
        result = OK;
    }
    buffer_free(&value);
    return result;
}

static enum result
open_file(struct lookup *lookup, int flags, struct buffer *ret_bytes)
{
    char path[4096];
    enum result result = OK;

    if (snprintf(path, sizeof(path), "%s/journal", lookup->folder) >=
        (int)sizeof(path))
        return E_LIMIT;
    result = file_open(path, O_RDWR | flags, 0600, &lookup->journal->fd);
    if (result == OK && (flags & O_CREAT) != 0)
        result = file_sync_folder(path);
    if (result == OK && ret_bytes != NULL)
        result = file_load(path, LOOKUP_JOURNAL_BYTES_MAX, ret_bytes);
    return result;
}

static enum result
next_generation(struct lookup *lookup)
{
    enum result result = lookup_room(lookup, 64);

    lookup->journal->on = true;
    return result == OK ? lookup_commit(lookup) : result;
}

/* Entries go in while the journal is off: none is written again. An early
 * commit in the midst of it keeps the generation, so that all of it is put
 * in again. Only the last commit names the next one. */
enum result
journal_replay(struct lookup *lookup)
{
    struct journal *journal = calloc(1, sizeof(*journal));
    struct buffer bytes = {0};
    size_t end = 0;
    enum result result = OK;

    if (journal == NULL)
        return E_NOMEM;
    journal->fd = -1;
    lookup->journal = journal;
    result = journal_generation(lookup, &journal->generation);
    if (result == OK)
        result = open_file(lookup, 0, &bytes);
    if (result == E_NOTFOUND)
        return OK;
    if (result == OK)
        result = journal_scan((const uint8_t *)bytes.bytes, bytes.length,
                              journal->generation, apply, lookup, &end);
    buffer_free(&bytes);
    if (result == OK && end > 0)
        result = next_generation(lookup);
    journal->on = false;
    return result;
}

/* Also where nothing was replayed: behind a torn group there may be whole
 * ones of the generation that the tables name. */
enum result
journal_start(struct lookup *lookup)
{
    enum result result = OK;

    if (lookup->journal->fd < 0)
        result = open_file(lookup, O_CREAT, NULL);
    return result == OK ? next_generation(lookup) : result;
}

int
journal_fd(const struct lookup *lookup)
{
    return lookup->journal == NULL ? -1 : lookup->journal->fd;
}

uint64_t
journal_bytes(const struct lookup *lookup)
{
    return lookup->journal == NULL ? 0 : lookup->journal->end;
}
