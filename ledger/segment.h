/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A sealed segment: a run of the log's rows, stored once, clustered by
 * session, with what restores the log's order and an index for each key. The
 * format is drawn in segment.c; segment_seal.c writes it. Two orders: a
 * row's *position* is its place in the log from the segment's first row, its
 * *place* is where it is stored.
 */
#ifndef VIGIE_LEDGER_SEGMENT_H
#define VIGIE_LEDGER_SEGMENT_H

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/ledger.h"
#include "ledger/manifest.h"
#include "ledger/segment_column.h"

#define SEGMENT_ROWS_MAX (4u << 20)

/* Appends the whole file. `tiles`: the roots of the complete aligned
 * subtrees of 256 leaves that end in this segment. */
enum result segment_seal(const struct row *rows, size_t count, uint64_t first,
                         const uint8_t id[LEDGER_ID_BYTES],
                         const uint8_t (*tiles)[HASH_BYTES], size_t tile_count,
                         struct buffer *out) MUST_USE;

struct segment;

/* Maps the file, whose end the kernel then begins to read. E_CORRUPT where
 * it is not there or of another size. */
enum result segment_map(const char *path, const struct manifest_segment *entry,
                        struct segment **ret_segment) MUST_USE;
/* To be called before anything else; at once where it was before. Checks foot
 * and directory; the rest is checked when it is first read. E_CORRUPT with
 * the part in `why`. */
enum result segment_check(struct segment *segment,
                          const struct manifest *manifest,
                          const struct manifest_segment *entry,
                          struct reason *why) MUST_USE;
/* Lets the kernel read what segment_find will look at first. */
void segment_advise(const struct segment *segment, enum ledger_key key,
                    uint64_t id);
void segment_free(struct segment *segment);

/* The row at a position of the log. The first call after segment_check or
 * segment_forget reads the whole order (4 bytes a row of memory). */
enum result segment_read(struct segment *segment, uint32_t position,
                         struct row *ret_row) MUST_USE;
void segment_forget(struct segment *segment);
/* As segment_read's order, past blocks that have rotted: afterwards
 * segment_read gives E_CORRUPT for the rows in them alone. *ret_lost says
 * how many they are. After segment_check. */
enum result segment_order_despite(struct segment *segment,
                                  uint32_t *ret_lost) MUST_USE;
/* The earliest and latest times of its rows, as the foot has them. */
struct segment_times {
    int64_t source_from_us, source_to_us, received_from_us, received_to_us;
};
struct segment_times segment_times(const struct segment *segment);
/* "index-person", … */
const char *segment_index_name(enum ledger_key key);

struct segment_match {
    uint32_t position, place;
};
/* The rows that bear the id under the key, in the order of the log. The
 * caller frees. */
enum result segment_find(struct segment *segment, enum ledger_key key,
                         uint64_t id, struct segment_match **ret_matches,
                         size_t *ret_count) MUST_USE;
/* Where the last match was read: the next one mostly lies beside it. Starts
 * as {0} for each run through the matches of one segment. */
struct segment_cursor {
    struct block block;
    uint32_t number; /* + 1; 0: none */
};
/* The row of a match. */
enum result segment_row(struct segment *segment,
                        const struct segment_match *match,
                        struct segment_cursor *cursor,
                        struct row *ret_row) MUST_USE;

/* Everything that segment_check does not check: digests of the parts, every
 * row (visited in the order of the log), that each index leads to each row
 * that it should. `scratch`, empty, holds the rows (64 bytes each) and may be
 * used for the next segment. */
typedef enum result segment_visit(void *context, uint64_t number,
                                  const struct row *row);
enum result segment_verify(struct segment *segment, segment_visit *visit,
                           void *context, struct buffer *scratch,
                           struct reason *why) MUST_USE;
/* Borrowed until segment_free. */
const uint8_t *segment_tiles(const struct segment *segment, size_t *ret_count);

#endif
