/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What an open ledger holds in memory; shared by the files that implement
 * ledger.h and by nobody else.
 */
#ifndef VIGIE_LEDGER_LEDGER_STATE_H
#define VIGIE_LEDGER_LEDGER_STATE_H

#include "ledger/ledger.h"
#include "ledger/manifest.h"
#include "ledger/merkle.h"
#include "ledger/open_index.h"
#include "ledger/segment.h"

#define LEDGER_PATH_BYTES 4096
/* Rows of the open segment at which a sync seals it (measured: bench). */
#define LEDGER_SEAL_ROWS (256u << 10)
/* … and at which a rest does: a reader takes about 2 ms for so many. */
#define LEDGER_REST_ROWS (32u << 10)
/* The open rows never get more than this, whatever another version left. */
#define LEDGER_OPEN_ROWS_MAX (16u << 20)
/* Finds of a process that ask the kernel ahead. */
#define LEDGER_READ_AHEAD_MAX 16
/* Segments whose order is held in memory (4 bytes a row) for ledger_read. */
#define LEDGER_ORDERS_MAX 2

struct open_run {
    size_t first, count;
    const uint8_t *rows;
};

struct ledger {
    enum ledger_mode mode;
    bool failed; /* invariant 6: nothing is written any more */
    int lock_fd, open_fd;
    char folder[LEDGER_PATH_BYTES];
    struct manifest manifest;
    uint64_t torn;

    /* The open rows, by number - manifest.tree.count. A writer holds them
     * as rows, a reader as groups of the mapped file. */
    struct row *rows;
    const uint8_t *map;
    size_t map_length;
    struct open_run *runs;
    size_t run_count, run_room, run_at; /* run_at: where the last one was */
    size_t open_count, open_room;
    size_t written;    /* of them, in open.rows */
    size_t durable;    /* of those, synced; for certain */
    uint64_t found;    /* rows that were durable for certain at opening */
    uint64_t open_end; /* offset for the next group */
    int64_t last_us;   /* time received of the last row */

    struct merkle tree;           /* over all rows but those not yet hashed */
    uint8_t (*tiles)[HASH_BYTES]; /* completed since the last seal */
    size_t tile_count, tile_room;
    struct open_index index[LEDGER_KEYS];

    struct segment **segments; /* as in the manifest; NULL: not yet opened */
    size_t segment_room;
    unsigned read_ahead;               /* finds that read ahead so far */
    size_t ordered[LEDGER_ORDERS_MAX]; /* segment + 1 whose order is in
                                          memory, the latest first; 0: none */

    bool goes_on; /* ledger_damage.c */
    struct ledger_damage *damages;
    size_t damage_count, damage_room;
};

/* "FOLDER/name" */
enum result ledger_path(const struct ledger *ledger, const char *name,
                        char ret_path[LEDGER_PATH_BYTES]) MUST_USE;
/* What a reader sees of open.rows becomes durable, whoever wrote it. */
enum result ledger_sync_open(const struct ledger *ledger) MUST_USE;
/* Makes room for `more` open rows. */
enum result ledger_reserve(struct ledger *ledger, size_t more) MUST_USE;
/* Open row `i`, checked. */
enum result ledger_open_row(struct ledger *ledger, size_t i,
                            struct row *ret_row) MUST_USE;
/* Brings the tree up to the last row. */
enum result ledger_hash(struct ledger *ledger) MUST_USE;

/* Segment `i` of the manifest, opened where it is not yet. */
enum result ledger_segment(struct ledger *ledger, size_t i,
                           struct segment **ret_segment) MUST_USE;
void ledger_drop_segments(struct ledger *ledger);

/* Segment `i` is about to be read in the order of the log. */
void ledger_note_order(struct ledger *ledger, size_t i);

/* ledger_damage.c: the rows of segment `i` from a position on whose id under
 * the key it is, in the order of the log, without index and past everything
 * that cannot be read. */
struct ledger_search {
    enum ledger_key key;
    uint64_t id;
    bool every; /* every row, whatever its ids */
    ledger_visit *visit;
    void *context;
};
enum result ledger_search_despite(struct ledger *ledger, size_t i,
                                  uint32_t from, uint32_t end,
                                  const struct ledger_search *search) MUST_USE;
/* Whether the segment was found to be lost as a whole. */
bool ledger_lost(const struct ledger *ledger, size_t i);

/* seal.c: every open row into a new segment. */
enum result ledger_seal_rows(struct ledger *ledger) MUST_USE;

/* recover.c: MANIFEST and open.rows as they stand, repaired where the mode
 * is WRITE. */
enum result ledger_recover(struct ledger *ledger, struct reason *why) MUST_USE;

/* A fresh open.rows that begins behind the sealed rows; with `groups` its
 * whole content. */
enum result ledger_fresh_open(struct ledger *ledger, const uint8_t *groups,
                              size_t length) MUST_USE;
enum result ledger_reopen(struct ledger *ledger) MUST_USE;

#endif
