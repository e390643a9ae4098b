/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Reads and checks proofs that somebody hands us. Outside bytes. Shares
 * nothing with what makes them (see proof_check.h).
 */
#ifndef VIGIE_LEDGER_PROOF_READ_H
#define VIGIE_LEDGER_PROOF_READ_H

#include "base/result.h"
#include "base/text.h"
#include "ledger/note_check.h"
#include "ledger/proof_check.h"

/* Two checkpoints, one of them in base64, and the hashes. */
#define PROOF_BYTES_MAX (3 * NOTE_BYTES_MAX)

enum proof_kind { PROOF_INCLUSION, PROOF_CONSISTENCY };

struct proof_read { /* borrows the text */
    enum proof_kind kind;
    struct text extra; /* base64; empty where there is none */
    uint64_t number;   /* of the entry, or the old size */
    uint8_t hash[PROOF_STEPS_MAX][HASH_BYTES];
    size_t count;
    struct text note;
};

/* Whether a text begins as a proof does. */
bool proof_read_begins(struct text text);
/* The first proof of a text that may hold several, and what is behind it.
 * E_FORMAT, E_LIMIT. */
enum result proof_read(struct text text, struct reason *why,
                       struct proof_read *ret_proof,
                       struct text *ret_rest) MUST_USE;
/* The hashes up to an empty line: what a witness is sent. *at moves on. */
enum result proof_read_hashes(struct text text, size_t *at, struct reason *why,
                              uint8_t ret_hash[PROOF_STEPS_MAX][HASH_BYTES],
                              size_t *ret_count) MUST_USE;
/* "WORD N" LF, no leading zero. *at moves on. */
enum result proof_read_number(struct text text, const char *word, size_t *at,
                              struct reason *why,
                              uint64_t *ret_number) MUST_USE;

struct proof_checked {
    struct note note; /* new: the one that includes */
    struct checkpoint checkpoint;
    struct note_checked signatures;
    uint8_t entry[64]; /* of an inclusion proof: the row */
    struct checkpoint old;
    struct note_checked old_signatures;
};

/* Signatures under `keys`, then the hashes. E_FORMAT; E_DENIED: no known key,
 * or a wrong signature; E_CORRUPT: the proof does not lead to the root.
 * `room` keeps the old note of a consistency proof. */
enum result proof_read_check(const struct proof_read *proof,
                             const struct note_key *keys, size_t key_count,
                             char room[NOTE_BYTES_MAX], struct reason *why,
                             struct proof_checked *ret_checked) MUST_USE;

#endif
