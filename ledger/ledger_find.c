/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading rows by number and finding them by a key: the sealed segments in
 * their order, then the open rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_state.h"

enum result
ledger_open_row(struct ledger *ledger, size_t i, struct row *ret_row)
{
    const struct open_run *run;

    if (ledger->mode == LEDGER_WRITE) {
        *ret_row = ledger->rows[i];
        return OK;
    }
    run = &ledger->runs[ledger->run_at];
    if (i < run->first || i - run->first >= run->count) {
        size_t low = 0, high = ledger->run_count;

        while (high - low > 1) {
            size_t middle = (low + high) / 2;

            if (ledger->runs[middle].first <= i)
                low = middle;
            else
                high = middle;
        }
        ledger->run_at = low;
        run = &ledger->runs[low];
    }
    return row_decode(run->rows + (i - run->first) * ROW_BYTES, ret_row);
}

static enum result
fill_index(struct ledger *ledger, enum ledger_key key)
{
    struct open_index *index = &ledger->index[key];
    enum result result = open_index_grow(index, ledger->open_count);

    while (result == OK && index->filled < ledger->open_count) {
        struct row row;

        result = ledger_open_row(ledger, index->filled, &row);
        if (result == OK) {
            uint64_t id = row_key(&row, key);

            open_index_add(index, key_stands(key, id), id);
        }
    }
    return result;
}

struct numbers {
    uint32_t *number;
    size_t count, room;
};

static enum result
numbers_add(struct numbers *numbers, uint32_t number)
{
    if (numbers->count == numbers->room) {
        size_t room = numbers->room * 2 + 64;
        uint32_t *grown = realloc(numbers->number, room * sizeof(*grown));

        if (grown == NULL)
            return E_NOMEM;
        numbers->number = grown;
        numbers->room = room;
    }
    numbers->number[numbers->count++] = number;
    return OK;
}

static enum result
find_open(struct ledger *ledger, enum ledger_key key, uint64_t id,
          ledger_visit *visit, void *context)
{
    const struct open_index *index = &ledger->index[key];
    const uint64_t sealed = ledger->manifest.tree.count;
    struct numbers numbers = {0};
    struct row row;
    enum result result = fill_index(ledger, key);
    uint32_t i = result == OK ? open_index_newest(index, id) : 0;

    for (; i != 0 && result == OK; i = index->before[i - 1]) {
        result = ledger_open_row(ledger, i - 1, &row);
        if (result == OK && row_key(&row, key) == id)
            result = numbers_add(&numbers, i - 1);
    }
    /* the chain has the newest first */
    while (numbers.count > 0 && result == OK) {
        uint32_t number = numbers.number[--numbers.count];

        result = ledger_open_row(ledger, number, &row);
        if (result == OK)
            result = visit(context, sealed + number, &row);
    }
    free(numbers.number);
    return result;
}

static enum result
map_segment(struct ledger *ledger, size_t i)
{
    const struct manifest_segment *entry = &ledger->manifest.segments[i];
    const size_t count = ledger->manifest.segment_count;
    char name[32], path[LEDGER_PATH_BYTES];
    enum result result;

    if (ledger->segment_room < count) {
        size_t room = count * 2;
        struct segment **grown =
            realloc(ledger->segments, room * sizeof(*grown));

        if (grown == NULL)
            return E_NOMEM;
        memset(grown + ledger->segment_room, 0,
               (room - ledger->segment_room) * sizeof(*grown));
        ledger->segments = grown;
        ledger->segment_room = room;
    }
    if (ledger->segments[i] != NULL)
        return OK;
    (void)snprintf(name, sizeof(name), "%08llu.seg",
                   (unsigned long long)entry->number);
    result = ledger_path(ledger, name, path);
    return result == OK ? segment_map(path, entry, &ledger->segments[i])
                        : result;
}

/* *ret_next: behind the last row that was visited. Where it is the visitor
 * who ends it, *ret_ended. */
static enum result
find_by_index(struct ledger *ledger, size_t number,
              const struct ledger_search *search, uint32_t *ret_next,
              bool *ret_ended)
{
    struct segment *segment = NULL;
    struct segment_match *matches = NULL;
    struct segment_cursor cursor;
    size_t count = 0;
    enum result result = ledger_segment(ledger, number, &segment);

    if (result == OK)
        result =
            segment_find(segment, search->key, search->id, &matches, &count);
    cursor.number = 0;
    for (size_t i = 0; i < count && result == OK; i++) {
        struct row row;

        result = segment_row(segment, &matches[i], &cursor, &row);
        if (result != OK)
            break;
        result = search->visit(search->context,
                               ledger->manifest.segments[number].first +
                                   matches[i].position,
                               &row);
        *ret_ended = result != OK;
        *ret_next = matches[i].position + 1;
    }
    free(matches);
    return result;
}

static enum result
find_sealed(struct ledger *ledger, size_t number,
            const struct ledger_search *search)
{
    uint32_t next = 0;
    bool ended = false;
    enum result result;

    if (ledger_lost(ledger, number))
        return OK;
    result = find_by_index(ledger, number, search, &next, &ended);
    if (result != E_CORRUPT || ended || !ledger->goes_on)
        return result;
    return ledger_search_despite(ledger, number, next, UINT32_MAX, search);
}

/* What a question will touch in each segment is asked for before the first
 * is waited for; later questions find it in memory. */
static enum result
read_ahead(struct ledger *ledger, enum ledger_key key, uint64_t id)
{
    enum result result = OK;

    if (ledger->read_ahead == LEDGER_READ_AHEAD_MAX)
        return OK;
    ledger->read_ahead++;
    for (size_t i = 0; i < ledger->manifest.segment_count && result == OK;
         i++) {
        result = map_segment(ledger, i);
        if (result == E_CORRUPT && ledger->goes_on)
            result = OK;
    }
    for (size_t i = 0; i < ledger->manifest.segment_count && result == OK;
         i++) {
        struct segment *segment = NULL;

        result = ledger_segment(ledger, i, &segment);
        if (result == OK)
            segment_advise(segment, key, id);
        else if (result == E_CORRUPT && ledger->goes_on)
            result = OK; /* told when it is read */
    }
    return result;
}

enum result
ledger_find(struct ledger *ledger, enum ledger_key key, uint64_t id,
            ledger_visit *visit, void *context)
{
    const struct ledger_search search = {
        .key = key, .id = id, .visit = visit, .context = context};
    enum result result;

    if (!key_stands(key, id))
        return OK;
    result = read_ahead(ledger, key, id);
    for (size_t i = 0; i < ledger->manifest.segment_count && result == OK; i++)
        result = find_sealed(ledger, i, &search);
    return result == OK ? find_open(ledger, key, id, visit, context) : result;
}

enum result
ledger_segment(struct ledger *ledger, size_t i, struct segment **ret_segment)
{
    enum result result = map_segment(ledger, i);

    if (result == OK)
        result = segment_check(ledger->segments[i], &ledger->manifest,
                               &ledger->manifest.segments[i], NULL);
    if (result == OK)
        *ret_segment = ledger->segments[i];
    return result;
}

void
ledger_drop_segments(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->segment_room; i++)
        segment_free(ledger->segments[i]);
    free(ledger->segments);
    ledger->segments = NULL;
    ledger->segment_room = 0;
    memset(ledger->ordered, 0, sizeof(ledger->ordered));
}

/* The segment's order is about to be in memory: the one that was used least
 * recently makes place. */
void
ledger_note_order(struct ledger *ledger, size_t number)
{
    size_t *ordered = ledger->ordered;
    size_t at = 0;

    while (at < LEDGER_ORDERS_MAX - 1 && ordered[at] != number + 1)
        at++;
    if (ordered[at] != number + 1 && ordered[at] != 0)
        segment_forget(ledger->segments[ordered[at] - 1]);
    memmove(ordered + 1, ordered, at * sizeof(*ordered));
    ordered[0] = number + 1;
}

static size_t
segment_of(const struct manifest *manifest, uint64_t row)
{
    size_t low = 0, high = manifest->segment_count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (manifest->segments[middle].first <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Rows of one segment, at most `count`; how many there were. */
static enum result
read_sealed(struct ledger *ledger, uint64_t first, size_t count,
            struct row *ret_rows, size_t *ret_read)
{
    const size_t number = segment_of(&ledger->manifest, first);
    const struct manifest_segment *entry = &ledger->manifest.segments[number];
    const uint64_t at = first - entry->first;
    const size_t n =
        entry->rows - at < count ? (size_t)(entry->rows - at) : count;
    struct segment *segment = NULL;
    enum result result = ledger_segment(ledger, number, &segment);

    if (result == OK)
        ledger_note_order(ledger, number);
    for (size_t i = 0; i < n && result == OK; i++)
        result = segment_read(segment, (uint32_t)(at + i), &ret_rows[i]);
    if (result == OK)
        *ret_read = n;
    return result;
}

enum result
ledger_read(struct ledger *ledger, uint64_t first, size_t count,
            struct row *ret_rows)
{
    const uint64_t rows = ledger_count(ledger);
    const uint64_t sealed = ledger->manifest.tree.count;

    if (first > rows || count > rows - first)
        return E_NOTFOUND;
    while (count > 0 && first < sealed) {
        size_t n = 0;
        enum result result = read_sealed(ledger, first, count, ret_rows, &n);

        if (result != OK)
            return result;
        first += n;
        ret_rows += n;
        count -= n;
    }
    for (size_t i = 0; i < count; i++) {
        enum result result =
            ledger_open_row(ledger, (size_t)(first - sealed) + i, &ret_rows[i]);

        if (result != OK)
            return result;
    }
    return OK;
}

/* Rows per read; a whole number of blocks. */
#define EACH_ROWS 4096

/* Row by row past what cannot be read: only segments do that. */
static enum result
each_despite(struct ledger *ledger, uint64_t first, uint64_t end,
             const struct ledger_search *search)
{
    const struct manifest *manifest = &ledger->manifest;
    enum result result = OK;

    while (first < end && result == OK) {
        const size_t i = segment_of(manifest, first);
        const struct manifest_segment *entry = &manifest->segments[i];
        const uint64_t stop =
            entry->first + entry->rows < end ? entry->first + entry->rows : end;

        result =
            ledger_search_despite(ledger, i, (uint32_t)(first - entry->first),
                                  (uint32_t)(stop - entry->first), search);
        first = stop;
    }
    return result;
}

enum result
ledger_each(struct ledger *ledger, uint64_t first, uint64_t count,
            ledger_visit *visit, void *context)
{
    const uint64_t sealed = ledger->manifest.tree.count;
    const uint64_t rows = ledger_count(ledger);
    const struct ledger_search search = {
        .every = true, .visit = visit, .context = context};
    struct row *piece = malloc(EACH_ROWS * sizeof(*piece));
    enum result result = piece == NULL ? E_NOMEM : OK;

    count = first > rows ? 0 : count < rows - first ? count : rows - first;
    while (result == OK && count > 0) {
        size_t n = count < EACH_ROWS ? (size_t)count : EACH_ROWS;

        if (first < sealed && n > sealed - first)
            n = (size_t)(sealed - first);
        result = ledger_read(ledger, first, n, piece);
        if (result == E_CORRUPT && ledger->goes_on && first < sealed) {
            result = each_despite(ledger, first, first + n, &search);
        } else {
            for (size_t i = 0; i < n && result == OK; i++)
                result = visit(context, first + i, &piece[i]);
        }
        first += n;
        count -= n;
    }
    free(piece);
    return result;
}
