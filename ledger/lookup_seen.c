/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Counting once: a set of (day, digest) with the row noted for it. Records
 * come in the order of time, so one cursor stays on one day; the entries of
 * a day are of fixed size, sorted, without headers (16 bytes each).
 */
#include <string.h>

#include "ledger/lookup_inside.h"

#define ENTRY_BYTES 16
/* A page of 4096 bytes is at least half full. */
#define ENTRIES_A_PAGE 127
/* How often the entries of the day are counted again. */
#define COUNT_EVERY 256

/* Big-endian, so that bytes sort as numbers do. */
static void
put_be64(uint8_t *bytes, uint64_t number)
{
    number = __builtin_bswap64(number);
    memcpy(bytes, &number, sizeof(number));
}

static uint64_t
get_be64(const uint8_t *bytes)
{
    uint64_t number;

    memcpy(&number, bytes, sizeof(number));
    return __builtin_bswap64(number);
}

static void
day_key(int32_t day, uint8_t ret_key[4])
{
    uint32_t turned = __builtin_bswap32((uint32_t)day ^ UINT32_C(0x80000000));

    memcpy(ret_key, &turned, sizeof(turned));
}

static enum result
open_cursor(struct lookup *lookup)
{
    if (lookup->seen != NULL)
        return OK;
    return lookup_result(
        lookup,
        mdb_cursor_open(lookup->txn, lookup->table[TABLE_SEEN], &lookup->seen));
}

void
lookup_seen_forget(struct lookup *lookup)
{
    if (lookup->seen != NULL)
        mdb_cursor_close(lookup->seen);
    lookup->seen = NULL;
    lookup->absent = false;
}

/* The cursor to the entry; E_NOTFOUND where there is none. */
static enum result
seek(struct lookup *lookup, int32_t day, uint64_t digest, uint64_t *ret_row)
{
    uint8_t day_bytes[4];
    uint8_t entry[ENTRY_BYTES];
    MDB_val key = {sizeof(day_bytes), day_bytes};
    MDB_val value = {sizeof(entry), entry};
    int code;

    day_key(day, day_bytes);
    put_be64(entry, digest);
    put_be64(entry + 8, 0);
    code = mdb_cursor_get(lookup->seen, &key, &value, MDB_GET_BOTH_RANGE);
    if (code != MDB_SUCCESS)
        return lookup_result(lookup, code);
    if (value.mv_size != ENTRY_BYTES)
        return E_CORRUPT;
    if (get_be64(value.mv_data) != digest)
        return E_NOTFOUND;
    *ret_row = get_be64((const uint8_t *)value.mv_data + 8);
    return OK;
}

enum result
lookup_seen(struct lookup *lookup, int32_t day, uint64_t digest,
            uint64_t *ret_row)
{
    enum result result = lookup_begin(lookup);

    if (result != OK)
        return result;
    result = open_cursor(lookup);
    if (result == OK)
        result = seek(lookup, day, digest, ret_row);
    lookup->absent = result == E_NOTFOUND;
    lookup->day = day;
    lookup->digest = digest;
    if (!lookup->writer)
        lookup_seen_forget(lookup);
    lookup_end(lookup);
    return result;
}

/* What the notes of the day before have made dirty is settled. */
static void
start_day(struct lookup *lookup)
{
    lookup->pages += lookup_seen_pages(lookup);
    lookup->day_notes = 0;
}

uint64_t
lookup_seen_pages(const struct lookup *lookup)
{
    uint64_t pages = lookup->day_entries / ENTRIES_A_PAGE + 4;

    return pages < lookup->day_notes ? pages : lookup->day_notes;
}

/* The cursor stands on the entry just put. */
static void
count_day(struct lookup *lookup)
{
    size_t entries = 0;

    if (lookup->day_notes++ % COUNT_EVERY == 0 &&
        mdb_cursor_count(lookup->seen, &entries) == MDB_SUCCESS)
        lookup->day_entries = entries + COUNT_EVERY;
}

static enum result
put(struct lookup *lookup, int32_t day, uint64_t digest, uint64_t row)
{
    uint8_t day_bytes[4];
    uint8_t entry[ENTRY_BYTES];
    MDB_val key = {sizeof(day_bytes), day_bytes};
    MDB_val value = {sizeof(entry), entry};

    day_key(day, day_bytes);
    put_be64(entry, digest);
    put_be64(entry + 8, row);
    return lookup_result(lookup, mdb_cursor_put(lookup->seen, &key, &value, 0));
}

enum result
lookup_note(struct lookup *lookup, int32_t day, uint64_t digest, uint64_t row)
{
    bool is_new =
        lookup->absent && lookup->day == day && lookup->digest == digest;
    uint64_t old_row;
    enum result result;

    if (lookup->noted_day != day) {
        start_day(lookup);
        lookup->noted_day = day;
    }
    result = lookup_room(lookup, 0);
    if (result == OK)
        result = open_cursor(lookup);
    if (result == OK && !is_new) {
        result = seek(lookup, day, digest, &old_row);
        if (result == OK)
            result = lookup_result(lookup, mdb_cursor_del(lookup->seen, 0));
        else if (result == E_NOTFOUND)
            result = OK;
    }
    if (result == OK)
        result = put(lookup, day, digest, row);
    lookup->absent = false;
    if (result == OK)
        count_day(lookup);
    return result;
}
