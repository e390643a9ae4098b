/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One index of a sealed segment: from an id to the chunks (64 rows in the
 * segment's own order) in which it occurs. The format is drawn in
 * segment_index.c. An answer may name a chunk too many (two ids that look
 * alike to it), never one too few.
 */
#ifndef VIGIE_LEDGER_SEGMENT_INDEX_H
#define VIGIE_LEDGER_SEGMENT_INDEX_H

#include "base/buffer.h"
#include "base/result.h"

#define CHUNK_ROWS 64

/* One occurrence; made in rising order of chunks. */
struct index_entry {
    uint64_t mixed; /* key_mix(id) */
    uint32_t chunk;
};

struct index_shape {
    uint32_t entries;
    uint32_t buckets; /* a power of two */
};
/* Sorts `entries` in place, drops repeated ones, appends the pages to `out`
 * and their offsets (4 bytes each, one more than there are pages) to
 * `directory`. `scratch` has room for `count` entries too. */
enum result index_pack(struct index_entry *entries, size_t count,
                       struct index_entry *scratch, uint32_t chunks,
                       struct buffer *out, struct buffer *directory,
                       struct index_shape *ret_shape) MUST_USE;

/* Pages of an index; also of one read from a file. */
uint32_t index_pages(uint32_t buckets);

struct index {
    struct index_shape shape;
    uint32_t chunks;
    const uint8_t *directory; /* (pages + 1) × 4 bytes */
    const uint8_t *pages;
    size_t length;
    uint8_t *checked; /* a byte a page: its sum held; or NULL */
};
/* E_CORRUPT for a shape that index_pack does not make. */
enum result index_check(const struct index *index) MUST_USE;
/* Offset of the page that index_find looks at, and its length. */
size_t index_page(const struct index *index, uint64_t mixed,
                  size_t *ret_length);
typedef enum result index_visit(void *context, uint32_t chunk);
/* Chunks in rising order. E_CORRUPT where the page does not hold. */
enum result index_find(const struct index *index, uint64_t mixed,
                       index_visit *visit, void *context) MUST_USE;

#endif
