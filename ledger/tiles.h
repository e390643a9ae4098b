/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A ledger as static files (C2SP tlog-tiles), for any web server: checkpoint,
 * tile/L/N, tile/entries/N. Entries are the rows. tiles_check is the other
 * end and shares nothing with tiles_write but the names of the files.
 */
#ifndef VIGIE_LEDGER_TILES_H
#define VIGIE_LEDGER_TILES_H

#include "base/result.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "ledger/note_check.h"
#include "ledger/proof_check.h"

#define TILES_PATH_BYTES 4096
#define TILES_WIDTH 256
#define TILES_ENTRIES (-1) /* the level of entry bundles */

/* "DIR/tile/L/x001/234" or "….p/W"; width TILES_WIDTH is a full one. */
enum result tiles_path(const char *dir, int level, uint64_t number,
                       unsigned width,
                       char ret_path[TILES_PATH_BYTES]) MUST_USE;

/* What the checkpoint `note` of `size` rows covers; full files that are there
 * are left as they are, the checkpoint is written last. *ret_written counts
 * files. */
enum result tiles_write(const char *data_dir, struct ledger *ledger,
                        struct text note, uint64_t size, const char *dir,
                        uint64_t *ret_written) MUST_USE;

typedef void tiles_found(void *context, const char *path,
                         const struct reason *reason);
/* Every entry hashed, every tile compared, the root that of the checkpoint
 * (`size`, `root`). What is wrong is told. */
enum result tiles_check(const char *dir, uint64_t size,
                        const uint8_t root[HASH_BYTES], tiles_found *found,
                        void *context) MUST_USE;

/* A bundle of `width` entries into leaf hashes. E_FORMAT. */
enum result tiles_check_bundle(struct text bytes, unsigned width,
                               struct reason *why,
                               uint8_t (*ret_leaves)[HASH_BYTES]) MUST_USE;

#endif
