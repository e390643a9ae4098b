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

#define LEDGER_PATH_BYTES 4096
/* Rows of the open segment at which a sync seals it (measured: bench). */
#define LEDGER_SEAL_ROWS (256u << 10)
/* The open rows never get more than this, whatever another version left. */
#define LEDGER_OPEN_ROWS_MAX (16u << 20)

struct ledger {
    enum ledger_mode mode;
    bool failed; /* invariant 6: nothing is written any more */
    int lock_fd, open_fd;
    char folder[LEDGER_PATH_BYTES];
    struct manifest manifest;
    uint64_t torn;

    struct row *rows; /* the open ones, by number - manifest.tree.count */
    size_t open_count, open_room;
    size_t written;    /* of them, durable in open.rows */
    uint64_t open_end; /* offset for the next group */
    int64_t last_us;   /* time received of the last row */

    struct merkle tree;           /* over all rows but those not yet hashed */
    uint8_t (*tiles)[HASH_BYTES]; /* completed since the last seal */
    size_t tile_count, tile_room;
    struct open_index index[LEDGER_KEYS];
};

/* "FOLDER/name" */
enum result ledger_path(const struct ledger *ledger, const char *name,
                        char ret_path[LEDGER_PATH_BYTES]) MUST_USE;
/* Makes room for `more` open rows. */
enum result ledger_reserve(struct ledger *ledger, size_t more) MUST_USE;
/* Brings the tree up to the last row. */
enum result ledger_hash(struct ledger *ledger) MUST_USE;

/* recover.c: MANIFEST and open.rows as they stand, repaired where the mode
 * is WRITE. */
enum result ledger_recover(struct ledger *ledger, struct reason *why) MUST_USE;

#endif
