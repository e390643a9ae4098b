/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What DIR/checkpoints (and checkpoints from elsewhere) say of the ledger,
 * held against the tree while ledger_inspect computes it row by row: each
 * checkpoint ever signed must be the root at its size. Writes nothing.
 */
#ifndef VIGIE_LEDGER_HISTORY_H
#define VIGIE_LEDGER_HISTORY_H

#include "base/result.h"
#include "ledger/inspect.h"
#include "ledger/merkle.h"

struct history;

/* Everything that is wrong by itself is told: sums, signatures, order. No
 * folder is an empty history. */
enum result history_load(const char *data_dir, const uint8_t *ledger_id,
                         const struct inspect_options *options,
                         struct history **ret_history) MUST_USE;
void history_free(struct history *history);

/* The tree begins again, or goes on, at that many rows; `known`: it is that
 * of all rows before. */
void history_seek(struct history *history, uint64_t rows, bool known);
/* A leaf was added. */
void history_pass(struct history *history, const struct merkle *tree);
/* What lies beyond the last row is told. */
void history_end(struct history *history, uint64_t rows,
                 struct inspection *inspection);

#endif
