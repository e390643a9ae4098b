/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>

#include "ledger/segment_state.h"

/* The column in which a key's id stands. */
static const unsigned key_column[LEDGER_KEYS] = {
    [LEDGER_BY_SESSION] = COLUMN_SESSION,
    [LEDGER_BY_PROFESSIONAL] = COLUMN_PROFESSIONAL,
    [LEDGER_BY_PERSON] = COLUMN_PERSON,
    [LEDGER_BY_ADDRESS] = COLUMN_PERSON,
};

struct finder {
    struct segment *segment;
    enum ledger_key key;
    uint64_t id;
    struct block block;
    uint32_t block_number;
    uint64_t positions[CHUNK_ROWS]; /* of a chunk that has a match */
    struct segment_match *matches;
    size_t count, room;
};

static enum result
finder_reserve(struct finder *finder)
{
    struct segment_match *grown;
    size_t room = finder->room;

    if (room - finder->count >= CHUNK_ROWS)
        return OK;
    room = room * 2 + 2 * CHUNK_ROWS;
    grown = realloc(finder->matches, room * sizeof(*grown));
    if (grown == NULL)
        return E_NOMEM;
    finder->matches = grown;
    finder->room = room;
    return OK;
}

/* Does a row of this kind stand under the key? (row_key's rule) */
static bool
kind_counts(enum ledger_key key, uint64_t what)
{
    const struct row row = {.kind = (uint8_t)(what >> 24), .person = 1};

    if (key != LEDGER_BY_PERSON && key != LEDGER_BY_ADDRESS)
        return true;
    return row_key(&row, key) != 0;
}

/* A row that bears the id. */
static enum result
take_row(struct finder *finder, uint32_t place, size_t i)
{
    const struct block *block = &finder->block;
    const uint64_t position = finder->positions[i % CHUNK_ROWS];
    uint64_t what = 0;

    if (!column_get(&block->column[COLUMN_WHAT], i, &what))
        return E_CORRUPT;
    if (!kind_counts(finder->key, what))
        return OK;
    if (position >= finder->segment->rows)
        return E_CORRUPT;
    finder->matches[finder->count++] =
        (struct segment_match){.position = (uint32_t)position, .place = place};
    return OK;
}

static enum result
scan_chunk(void *context, uint32_t chunk)
{
    struct finder *finder = context;
    const uint32_t first = chunk * CHUNK_ROWS;
    const uint32_t left = finder->segment->rows - first;
    const uint32_t rows = left < CHUNK_ROWS ? left : CHUNK_ROWS;
    uint64_t ids[CHUNK_ROWS];
    bool any = false;
    enum result result = finder_reserve(finder);

    if (result == OK && finder->block_number != first / BLOCK_ROWS) {
        result =
            segment_block(finder->segment, first / BLOCK_ROWS, &finder->block);
        if (result == OK)
            finder->block_number = first / BLOCK_ROWS;
    }
    if (result == OK &&
        !column_range(&finder->block.column[key_column[finder->key]],
                      first % BLOCK_ROWS, rows, ids))
        result = E_CORRUPT;
    for (uint32_t i = 0; i < rows && result == OK; i++) {
        if (ids[i] != finder->id)
            continue;
        if (!any && !column_range(&finder->block.column[COLUMN_POSITION],
                                  first % BLOCK_ROWS, rows, finder->positions))
            result = E_CORRUPT;
        any = true;
        if (result == OK)
            result = take_row(finder, first + i, first % BLOCK_ROWS + i);
    }
    return result;
}

static int
compare_positions(const void *a, const void *b)
{
    uint32_t left = ((const struct segment_match *)a)->position;
    uint32_t right = ((const struct segment_match *)b)->position;

    return (left > right) - (left < right);
}

enum result
segment_find(struct segment *segment, enum ledger_key key, uint64_t id,
             struct segment_match **ret_matches, size_t *ret_count)
{
    struct finder finder = {
        .segment = segment,
        .key = key,
        .id = id,
        .block_number = UINT32_MAX,
    };
    bool sorted = true;
    enum result result =
        index_find(&segment->index[key], key_mix(id), scan_chunk, &finder);

    if (result != OK) {
        free(finder.matches);
        return result;
    }
    for (size_t i = 1; i < finder.count; i++)
        sorted = sorted &&
                 finder.matches[i - 1].position < finder.matches[i].position;
    if (!sorted)
        qsort(finder.matches, finder.count, sizeof(*finder.matches),
              compare_positions);
    *ret_matches = finder.matches;
    *ret_count = finder.count;
    return OK;
}
