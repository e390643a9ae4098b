/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What reading does not look at: the digests of the parts, and whether each
 * index leads to every row. That an index names a chunk too many is no
 * fault (its answers are checked against the rows).
 */
#include <string.h>

#include "ledger/segment_state.h"

struct expected {
    uint32_t chunk;
    bool there;
};

static enum result
note_chunk(void *context, uint32_t chunk)
{
    struct expected *expected = context;

    expected->there = expected->there || chunk == expected->chunk;
    return OK;
}

static enum result
verify_parts(const struct segment *segment, struct reason *why)
{
    for (unsigned part = 0; part < PART_COUNT; part++) {
        uint8_t digest[HASH_BYTES];

        hash_sha256(segment->part[part].bytes, segment->part[part].length,
                    digest);
        if (memcmp(digest, segment->part[part].digest, HASH_BYTES) != 0)
            return reason_set(
                why, E_CORRUPT, "ledger-part", segment_part_name(part),
                (uint64_t)(segment->part[part].bytes - segment->bytes));
    }
    return OK;
}

/* The row at a place is found by each key under which it stands. */
static enum result
verify_found(struct segment *segment, const struct row *row, uint32_t place,
             uint64_t last[LEDGER_KEYS])
{
    enum result result = OK;

    for (unsigned key = 0; key < LEDGER_KEYS && result == OK; key++) {
        struct expected expected = {.chunk = place / CHUNK_ROWS};
        const uint64_t id = row_key(row, key);

        /* neighbours in one chunk are mostly alike */
        if (!key_stands(key, id) ||
            (place % CHUNK_ROWS != 0 && id == last[key]))
            continue;
        result = index_find(&segment->index[key], key_mix(id), note_chunk,
                            &expected);
        if (result == OK && !expected.there)
            result = E_CORRUPT;
        last[key] = id;
    }
    return result;
}

enum result
segment_verify(struct segment *segment, segment_visit *visit, void *context,
               struct reason *why)
{
    uint64_t last[LEDGER_KEYS] = {0};
    enum result result = verify_parts(segment, why);
    struct row row;

    if (result != OK)
        return result;
    for (uint32_t position = 0; position < segment->rows; position++) {
        result = segment_read(segment, position, &row);
        if (result == OK)
            result = visit(context, segment->first + position, &row);
        if (result != OK)
            return reason_set(why, result, "ledger-row", "rows", position);
    }
    for (uint32_t place = 0; place < segment->rows; place++) {
        result = segment_at(segment, place, &row);
        if (result == OK)
            result = verify_found(segment, &row, place, last);
        if (result != OK)
            return reason_set(why, result, "ledger-index", "place", place);
    }
    segment_forget(segment);
    return OK;
}
