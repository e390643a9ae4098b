/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Proofs as text files (C2SP tlog-proof; proof_read.c draws both forms).
 * Hashes come from prover.h, checkpoints as they are.
 */
#ifndef VIGIE_LEDGER_PROOF_WRITE_H
#define VIGIE_LEDGER_PROOF_WRITE_H

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"
#include "ledger/prover.h"

enum result proof_write_inclusion(uint64_t row_number, const struct row *row,
                                  const struct proof *proof, struct text note,
                                  struct buffer *out) MUST_USE;
enum result proof_write_consistency(struct text old_note, uint64_t old_size,
                                    const struct proof *proof, struct text note,
                                    struct buffer *out) MUST_USE;
/* Lines of base64, as a witness wants them too. */
enum result proof_write_hashes(const struct proof *proof,
                               struct buffer *out) MUST_USE;

#endif
