/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A witness of others' logs (C2SP tlog-witness, add-checkpoint): cosigns a
 * checkpoint only if the one that it cosigned before is a part of it. Keeps
 * the last checkpoint of each log, durable before the cosignature is given
 * away. Takes bytes and gives bytes; knows no socket.
 *
 * Folder: LOCK, and a file a log, named by the SHA-256 of its origin: the
 * last cosigned note.
 */
#ifndef VIGIE_LEDGER_WITNESS_H
#define VIGIE_LEDGER_WITNESS_H

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"
#include "ledger/note.h"
#include "ledger/note_check.h"

#define WITNESS_BODY_MAX (2 * NOTE_BYTES_MAX)

struct witness;

/* `logs` are the logs' own keys; a log's origin is its key's name. They and
 * the signer stay the caller's. E_DENIED: another one has the folder. */
enum result witness_open(const char *folder, const struct note_signer *signer,
                         const struct note_key *logs, size_t log_count,
                         struct witness **ret_witness) MUST_USE;
void witness_free(struct witness *witness);

struct witness_answer {
    unsigned status;    /* of HTTP */
    const char *type;   /* Content-Type */
    const char *rule;   /* why it was refused; NULL */
    struct buffer body; /* the caller's */
};

/* The body of POST add-checkpoint. Fails only where it cannot answer: E_IO
 * (then it answers nothing more until it is opened again), E_NOMEM. */
enum result witness_add(struct witness *witness, struct text body,
                        uint64_t seconds,
                        struct witness_answer *ret_answer) MUST_USE;
/* GET HASH/checkpoint */
enum result witness_get(struct witness *witness, struct text hash,
                        struct witness_answer *ret_answer) MUST_USE;

#endif
