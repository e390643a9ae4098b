/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Makes and keeps the checkpoints of a ledger (C2SP tlog-checkpoint): signs
 * one only over rows that are durable and only if all that was signed before
 * is a part of it. Knows no network; what others answer comes in checked.
 *
 * Folder DIR/checkpoints: journal (journal_read.c), latest (the last signed
 * note with its cosignatures, for whoever serves it), tree.8 and tree.16
 * (prover.c), LOCK. The key is checkpoint.key in the keys folder.
 */
#ifndef VIGIE_LEDGER_CHECKPOINTS_H
#define VIGIE_LEDGER_CHECKPOINTS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/ledger.h"

#define CHECKPOINT_KEY_FILE "checkpoint.key"

struct checkpoints;

/* The ledger stays the caller's. E_DENIED: another process makes them, or a
 * key that others may read. E_NOTFOUND: no key, and `make` is false. Else
 * E_CORRUPT with the place, E_IO, E_NOMEM. */
enum result checkpoints_open(const char *data_dir, const char *keys_dir,
                             struct ledger *ledger, bool make,
                             struct reason *why,
                             struct checkpoints **ret_checkpoints) MUST_USE;
void checkpoints_free(struct checkpoints *checkpoints);

/* One over all rows, where there are new ones. Writes out the ledger first.
 * E_CORRUPT: what was signed before is no part of this ledger; then nothing
 * is signed. */
enum result checkpoints_make(struct checkpoints *checkpoints,
                             struct reason *why, bool *ret_made) MUST_USE;
/* The last one, with its cosignatures; empty where there is none. Borrowed
 * until the next call. */
struct text checkpoints_latest(const struct checkpoints *checkpoints,
                               uint64_t *ret_size);
/* "vigie/ID": origin and name of the key. */
const char *checkpoints_origin(const struct checkpoints *checkpoints);
enum result checkpoints_key(const struct checkpoints *checkpoints,
                            struct buffer *out) MUST_USE;
/* Signature lines, checked by the caller, of the checkpoint of that size. */
enum result checkpoints_cosigned(struct checkpoints *checkpoints, uint64_t size,
                                 struct text lines) MUST_USE;
enum result checkpoints_timestamped(struct checkpoints *checkpoints,
                                    uint64_t size,
                                    struct text response) MUST_USE;

/* Opens, makes one, closes: what a close does. */
enum result checkpoints_once(const char *data_dir, const char *keys_dir,
                             struct ledger *ledger,
                             struct reason *why) MUST_USE;

#endif
