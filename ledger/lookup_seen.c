/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Counting once: a set of (day, digest) with the row noted for it. Records
 * come in the order of time, nearly all of them new, so that
 *  - a filter (blocked Bloom) for each of the last days says "never seen"
 *    without a look into the table;
 *  - notes of one day wait; sorted they go into the table, a few at each note
 *    that follows, so that nobody waits for thousands. Whoever needs all of
 *    the table writes them out first; a filter knows them at once.
 * The entries of a day are of fixed size, sorted, without headers.
 */
#include "ledger/lookup_seen.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/lookup_inside.h"

#define ENTRY_BYTES 16
/* A page of 4096 bytes is at least half full. */
#define ENTRIES_A_PAGE 127

/* 2 MiB of filters, whatever the ledger's size: at 250,000 records a day one
 * in a thousand asks the table in vain; past FILTERED_MAX all do. */
#define FILTER_DAYS 4
#define FILTER_BLOCKS 8192
#define FILTERED_MAX 1000000
/* A live core's, with a door at full load behind it: 8 MiB a day. */
#define FILTER_BLOCKS_LIVE 131072
#define FILTERED_MAX_LIVE 16000000
/* A filter is worth its making when a day is asked for again and again. */
#define FILTER_AFTER 64

/* The more there are, the more of them go into one page of the table. */
#define WAITING_MAX 65536
#define BUCKET_BITS 12
/* Each so many notes, twice as many that were sorted go into the table: they
 * are gone before as many wait again. */
#define SLICE_NOTES 32

struct note {
    uint64_t digest, row;
};

struct filter {
    int32_t day;
    bool in_use;
    uint64_t entries;
    uint64_t mask;         /* of their number, a power of two */
    uint64_t (*blocks)[8]; /* one cache line each */
};

struct lookup_seen {
    MDB_cursor *cursor;
    struct filter filters[FILTER_DAYS];
    size_t filter_blocks; /* of each: a power of two */
    uint64_t filtered_max;
    unsigned next_filter; /* the one to be reused */
    int32_t asked_day;
    unsigned asked;

    /* The digest below was just looked for and not there. */
    bool absent;
    int32_t absent_day;
    uint64_t absent_digest;

    int32_t day; /* of the waiting notes and of what follows */
    size_t waiting;
    uint32_t index[2 * WAITING_MAX]; /* of the note, plus one; by its digest */
    size_t sorted_at, sorted_end;    /* those that are not in the table yet */
    struct note notes[WAITING_MAX], sorted[WAITING_MAX];
    uint64_t day_notes, day_entries;
};

/* Empty ones; they are filled again from the table when they are needed. */
static enum result
make_filters(struct lookup_seen *seen, size_t blocks, uint64_t filtered_max)
{
    for (size_t i = 0; i < FILTER_DAYS; i++) {
        void *made = cache_memory(blocks * sizeof(uint64_t[8]));

        if (made == NULL)
            return E_NOMEM;
        free(seen->filters[i].blocks);
        seen->filters[i] = (struct filter){.blocks = made, .mask = blocks - 1};
    }
    seen->filter_blocks = blocks;
    seen->filtered_max = filtered_max;
    return OK;
}

enum result
seen_new(struct lookup_seen **ret_seen)
{
    struct lookup_seen *seen = calloc(1, sizeof(*seen));

    if (seen == NULL)
        return E_NOMEM;
    if (make_filters(seen, FILTER_BLOCKS, FILTERED_MAX) != OK) {
        seen_free(seen);
        return E_NOMEM;
    }
    *ret_seen = seen;
    return OK;
}

enum result
seen_enlarge(struct lookup_seen *seen)
{
    return make_filters(seen, FILTER_BLOCKS_LIVE, FILTERED_MAX_LIVE);
}

void
seen_free(struct lookup_seen *seen)
{
    if (seen == NULL)
        return;
    for (size_t i = 0; i < FILTER_DAYS; i++)
        free(seen->filters[i].blocks);
    free(seen);
}

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

/* --------------------------------------------------------------- table */

static enum result
open_cursor(struct lookup *lookup)
{
    struct lookup_seen *seen = lookup->seen;

    if (seen->cursor != NULL)
        return OK;
    return lookup_result(
        lookup,
        mdb_cursor_open(lookup->txn, lookup->table[TABLE_SEEN], &seen->cursor));
}

void
seen_close(struct lookup_seen *seen)
{
    if (seen->cursor != NULL)
        mdb_cursor_close(seen->cursor);
    seen->cursor = NULL;
    seen->absent = false;
    seen->day_notes = 0;
}

/* The cursor to the entry; E_NOTFOUND where there is none. */
static enum result
seek(struct lookup *lookup, int32_t day, uint64_t digest, uint64_t *ret_row)
{
    uint8_t day_bytes[4];
    uint8_t entry[ENTRY_BYTES];
    MDB_val key = {sizeof(day_bytes), day_bytes};
    MDB_val value = {sizeof(entry), entry};
    enum result result = open_cursor(lookup);

    if (result != OK)
        return result;
    day_key(day, day_bytes);
    put_be64(entry, digest);
    put_be64(entry + 8, 0);
    result = lookup_result(lookup, mdb_cursor_get(lookup->seen->cursor, &key,
                                                  &value, MDB_GET_BOTH_RANGE));
    if (result != OK)
        return result;
    if (value.mv_size != ENTRY_BYTES)
        return E_CORRUPT;
    if (get_be64(value.mv_data) != digest)
        return E_NOTFOUND;
    *ret_row = get_be64((const uint8_t *)value.mv_data + 8);
    return OK;
}

static void
count_day(struct lookup_seen *seen)
{
    size_t entries = 0;

    if (mdb_cursor_count(seen->cursor, &entries) == MDB_SUCCESS)
        seen->day_entries = entries;
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
    return lookup_result(lookup,
                         mdb_cursor_put(lookup->seen->cursor, &key, &value, 0));
}

/* ------------------------------------------------------- waiting notes */

/* Digests are as good as random: their first bits put each note nearly in
 * its place, the rest is done by insertion. */
static void
sort_waiting(struct lookup_seen *seen)
{
    uint32_t starts[1 << BUCKET_BITS] = {0};
    uint32_t start = 0;

    for (size_t i = 0; i < seen->waiting; i++)
        starts[seen->notes[i].digest >> (64 - BUCKET_BITS)]++;
    for (size_t i = 0; i < 1 << BUCKET_BITS; i++) {
        uint32_t count = starts[i];

        starts[i] = start;
        start += count;
    }
    for (size_t i = 0; i < seen->waiting; i++) {
        uint64_t bucket = seen->notes[i].digest >> (64 - BUCKET_BITS);

        seen->sorted[starts[bucket]++] = seen->notes[i];
    }
    for (size_t i = 1; i < seen->waiting; i++) {
        struct note note = seen->sorted[i];
        size_t at = i;

        for (; at > 0 && seen->sorted[at - 1].digest > note.digest; at--)
            seen->sorted[at] = seen->sorted[at - 1];
        seen->sorted[at] = note;
    }
    seen->sorted_at = 0;
    seen->sorted_end = seen->waiting;
    seen->waiting = 0;
    memset(seen->index, 0, sizeof(seen->index));
}

/* The next `most` of the sorted ones, to the table. */
static enum result
write_sorted(struct lookup *lookup, size_t most)
{
    struct lookup_seen *seen = lookup->seen;
    struct note *first = &seen->sorted[seen->sorted_at];
    size_t count = seen->sorted_end - seen->sorted_at;
    uint8_t day_bytes[4];
    MDB_val key = {sizeof(day_bytes), day_bytes};
    MDB_val values[2];
    enum result result = open_cursor(lookup);

    if (result != OK || count == 0)
        return result;
    count = count < most ? count : most;
    for (size_t i = 0; i < count; i++) {
        struct note note = first[i];
        uint8_t *entry = (uint8_t *)&first[i];

        put_be64(entry, note.digest);
        put_be64(entry + 8, note.row);
    }
    day_key(seen->day, day_bytes);
    values[0] = (MDB_val){ENTRY_BYTES, first};
    values[1] = (MDB_val){count, NULL};
    result = lookup_result(
        lookup, mdb_cursor_put(seen->cursor, &key, values, MDB_MULTIPLE));
    seen->sorted_at += count;
    if (result == OK)
        count_day(seen);
    return result;
}

enum result
seen_write(struct lookup *lookup)
{
    struct lookup_seen *seen = lookup->seen;
    enum result result = OK;

    if (seen->sorted_at < seen->sorted_end)
        result = write_sorted(lookup, WAITING_MAX);
    if (result != OK || seen->waiting == 0)
        return result;
    sort_waiting(seen);
    return write_sorted(lookup, WAITING_MAX);
}

/* Of the waiting note, or the free one where it would be. */
static uint32_t *
index_slot(struct lookup_seen *seen, uint64_t digest)
{
    size_t at = (size_t)digest % (2 * WAITING_MAX);

    while (seen->index[at] != 0 &&
           seen->notes[seen->index[at] - 1].digest != digest)
        at = (at + 1) % (2 * WAITING_MAX);
    return &seen->index[at];
}

/* A note more: some of the sorted ones make room. */
static enum result
wait_for_table(struct lookup *lookup, uint64_t digest, uint64_t row)
{
    struct lookup_seen *seen = lookup->seen;
    enum result result = OK;

    if (seen->waiting == WAITING_MAX) {
        if (seen->sorted_at < seen->sorted_end)
            result = write_sorted(lookup, WAITING_MAX);
        if (result != OK)
            return result;
        sort_waiting(seen);
    }
    seen->notes[seen->waiting] = (struct note){digest, row};
    *index_slot(seen, digest) = (uint32_t)++seen->waiting;
    if (seen->sorted_at < seen->sorted_end && seen->waiting % SLICE_NOTES == 0)
        result = write_sorted(lookup, 2 * SLICE_NOTES);
    return result;
}

/* Among those that the table does not have yet; each is there once. */
static bool
find_waiting(struct lookup_seen *seen, int32_t day, uint64_t digest,
             uint64_t *ret_row)
{
    size_t low = seen->sorted_at, high = seen->sorted_end;
    uint32_t waiting = *index_slot(seen, digest);

    if (day != seen->day)
        return false;
    if (waiting != 0) {
        *ret_row = seen->notes[waiting - 1].row;
        return true;
    }
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (seen->sorted[middle].digest < digest)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == seen->sorted_end || seen->sorted[low].digest != digest)
        return false;
    *ret_row = seen->sorted[low].row;
    return true;
}

uint64_t
seen_pages(const struct lookup_seen *seen)
{
    uint64_t notes = seen->waiting + seen->sorted_end - seen->sorted_at;
    uint64_t pages = (seen->day_entries + notes) / ENTRIES_A_PAGE + 4;

    return pages < seen->day_notes ? pages : seen->day_notes;
}

/* -------------------------------------------------------------- filter */

/* Six bits of one block. */
static uint64_t *
filter_block(const struct filter *filter, uint64_t digest)
{
    /* bits other than those that are set in it */
    uint64_t mixed = (digest ^ digest >> 32) * UINT64_C(0x9e3779b97f4a7c15);

    return filter->blocks[mixed >> 32 & filter->mask];
}

static void
filter_add(struct filter *filter, uint64_t digest)
{
    uint64_t *block = filter_block(filter, digest);

    for (uint64_t bits = digest >> 10, i = 0; i < 6; i++, bits >>= 9)
        block[bits >> 6 & 7] |= UINT64_C(1) << (bits & 63);
    filter->entries++;
}

/* Whether the filter knows that the digest was never noted. */
static bool
is_never(const struct lookup_seen *seen, const struct filter *filter,
         uint64_t digest)
{
    const uint64_t *block;
    uint64_t all = 1;

    if (filter == NULL || filter->entries > seen->filtered_max)
        return false;
    block = filter_block(filter, digest);
    for (uint64_t bits = digest >> 10, i = 0; i < 6; i++, bits >>= 9)
        all &= block[bits >> 6 & 7] >> (bits & 63);
    return all == 0;
}

static struct filter *
filter_of(struct lookup_seen *seen, int32_t day)
{
    for (size_t i = 0; i < FILTER_DAYS; i++)
        if (seen->filters[i].in_use && seen->filters[i].day == day)
            return &seen->filters[i];
    return NULL;
}

/* From what the table holds of that day; waiting notes were written out. */
static enum result
fill_filter(struct lookup *lookup, struct filter *filter)
{
    MDB_cursor *cursor = lookup->seen->cursor;
    uint8_t day_bytes[4];
    MDB_val key = {sizeof(day_bytes), day_bytes};
    MDB_val value;
    int code;

    memset(filter->blocks, 0,
           lookup->seen->filter_blocks * sizeof(filter->blocks[0]));
    filter->entries = 0;
    day_key(filter->day, day_bytes);
    code = mdb_cursor_get(cursor, &key, &value, MDB_SET_KEY);
    while (code == MDB_SUCCESS &&
           filter->entries <= lookup->seen->filtered_max) {
        if (value.mv_size != ENTRY_BYTES)
            return E_CORRUPT;
        filter_add(filter, get_be64(value.mv_data));
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT_DUP);
    }
    return code == MDB_NOTFOUND ? OK : lookup_result(lookup, code);
}

static enum result
make_filter(struct lookup *lookup, int32_t day)
{
    struct lookup_seen *seen = lookup->seen;
    struct filter *filter = &seen->filters[seen->next_filter];
    enum result result = seen_write(lookup);

    if (result == OK)
        result = open_cursor(lookup);
    if (result != OK)
        return result;
    seen->next_filter = (seen->next_filter + 1) % FILTER_DAYS;
    filter->day = day;
    filter->in_use = false;
    result = fill_filter(lookup, filter);
    filter->in_use = result == OK;
    return result;
}

/* --------------------------------------------------------------- calls */

void
lookup_seen_expect(struct lookup *lookup, int32_t day, uint64_t digest)
{
    const struct filter *filter = filter_of(lookup->seen, day);

    if (filter != NULL)
        __builtin_prefetch(filter_block(filter, digest), 1);
}

/* True where a filter knows that it was never noted. */
static enum result
ask_filter(struct lookup *lookup, int32_t day, uint64_t digest, bool *ret_never)
{
    struct lookup_seen *seen = lookup->seen;
    const struct filter *filter = filter_of(seen, day);

    *ret_never = false;
    if (filter == NULL) {
        if (seen->asked_day != day)
            seen->asked = 0;
        seen->asked_day = day;
        if (++seen->asked < FILTER_AFTER)
            return OK;
        seen->asked = 0;
        return make_filter(lookup, day);
    }
    *ret_never = is_never(seen, filter, digest);
    return OK;
}

static enum result
seen_writer(struct lookup *lookup, int32_t day, uint64_t digest,
            uint64_t *ret_row)
{
    struct lookup_seen *seen = lookup->seen;
    bool never = false;
    enum result result = ask_filter(lookup, day, digest, &never);

    if (result == OK && never)
        result = E_NOTFOUND;
    else if (result == OK && !find_waiting(seen, day, digest, ret_row))
        result = seek(lookup, day, digest, ret_row);
    seen->absent = result == E_NOTFOUND;
    seen->absent_day = day;
    seen->absent_digest = digest;
    return result;
}

enum result
lookup_seen(struct lookup *lookup, int32_t day, uint64_t digest,
            uint64_t *ret_row)
{
    enum result result = lookup_begin(lookup);

    if (result != OK)
        return result;
    if (lookup->writer)
        return seen_writer(lookup, day, digest, ret_row);
    result = seek(lookup, day, digest, ret_row);
    seen_close(lookup->seen);
    lookup_end(lookup);
    return result;
}

/* A digest that may be there already: its row is replaced. */
static enum result
note_again(struct lookup *lookup, int32_t day, uint64_t digest, uint64_t row)
{
    uint64_t old_row;
    enum result result = seen_write(lookup);

    if (result == OK)
        result = seek(lookup, day, digest, &old_row);
    if (result == OK)
        result = lookup_result(lookup, mdb_cursor_del(lookup->seen->cursor, 0));
    else if (result == E_NOTFOUND)
        result = OK;
    if (result == OK)
        result = put(lookup, day, digest, row);
    if (result == OK)
        count_day(lookup->seen);
    return result;
}

/* The day's notes end here: what they have made dirty is settled. */
static enum result
start_day(struct lookup *lookup, int32_t day)
{
    struct lookup_seen *seen = lookup->seen;
    enum result result = seen_write(lookup);

    lookup->map.pages += seen_pages(seen);
    seen->day = day;
    seen->day_notes = seen->day_entries = 0;
    return result;
}

enum result
lookup_note(struct lookup *lookup, int32_t day, uint64_t digest, uint64_t row)
{
    struct lookup_seen *seen = lookup->seen;
    bool is_new = seen->absent && seen->absent_day == day &&
                  seen->absent_digest == digest;
    struct filter *filter = filter_of(seen, day);
    enum result result = lookup_room(lookup, 0);

    if (result == OK && seen->day != day)
        result = start_day(lookup, day);
    if (result != OK)
        return result;
    seen->absent = false;
    seen->day_notes++;
    if (is_new || is_never(seen, filter, digest))
        result = wait_for_table(lookup, digest, row);
    else
        result = note_again(lookup, day, digest, row);
    if (filter != NULL)
        filter_add(filter, digest);
    return result == OK ? journal_note(lookup, day, digest, row) : result;
}
