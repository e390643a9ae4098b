/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Signs notes: a log's checkpoint or a witness's cosignature (C2SP
 * signed-note, tlog-cosignature). The key is a 32-byte seed in the keys
 * folder, 0600. Reads no note and checks none.
 */
#ifndef VIGIE_LEDGER_NOTE_H
#define VIGIE_LEDGER_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/result.h"

struct note_signer;

/* `name` becomes the key's; `file` is in the keys folder, made where `make`.
 * `cosigner`: of type 0x04, else 0x01. E_NOTFOUND, E_DENIED (readable by
 * others), E_CORRUPT, E_ARGUMENT (no name for a key). */
enum result note_signer_open(const char *keys_dir, const char *file,
                             const char *name, bool cosigner, bool make,
                             struct note_signer **ret_signer) MUST_USE;
void note_signer_free(struct note_signer *signer); /* wipes */
/* "name+hex+base64" */
enum result note_signer_key(const struct note_signer *signer,
                            struct buffer *out) MUST_USE;
/* The three lines of a checkpoint. */
enum result note_write_checkpoint(const char *origin, uint64_t size,
                                  const uint8_t root[HASH_BYTES],
                                  struct buffer *out) MUST_USE;
/* Appends the signature line over `text`; `seconds` is of a cosigner's. */
enum result note_sign(const struct note_signer *signer, struct text text,
                      uint64_t seconds, struct buffer *out) MUST_USE;

#endif
