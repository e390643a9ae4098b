/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * DIR/checkpoints/journal: every checkpoint that this ledger signed, who
 * cosigned it and who timestamped it, in their order. Reads it record by
 * record in bounded memory; checks sums and chaining, no signature.
 */
#ifndef VIGIE_LEDGER_JOURNAL_READ_H
#define VIGIE_LEDGER_JOURNAL_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/result.h"
#include "base/text.h"

#define JOURNAL_ID_BYTES 16
/* A note with its signatures, or a timestamp with its certificates. */
#define JOURNAL_RECORD_MAX (64u << 10)

enum journal_kind {
    JOURNAL_KEY,         /* the vkey of the notes that follow */
    JOURNAL_NOTE,        /* a checkpoint with the log's own signature */
    JOURNAL_COSIGNATURE, /* signature lines of others */
    JOURNAL_TIMESTAMP,   /* RFC 3161 TimeStampResp, DER */
    JOURNAL_KINDS,
};

const char *journal_kind_name(enum journal_kind kind);

struct journal_record {
    enum journal_kind kind;
    uint64_t size;     /* of the tree that it is about; of a key: 0 */
    struct text bytes; /* until the next call */
    uint64_t offset;   /* of the record in the file */
};

struct journal_reader;

/* E_NOTFOUND; E_CORRUPT where the head is not of this ledger. */
enum result journal_read_open(const char *data_dir,
                              const uint8_t id[JOURNAL_ID_BYTES],
                              struct reason *why,
                              struct journal_reader **ret_reader) MUST_USE;
void journal_read_free(struct journal_reader *reader);
/* E_END behind the last; E_CORRUPT with the offset: what follows is no
 * record. */
enum result journal_read_next(struct journal_reader *reader, struct reason *why,
                              struct journal_record *ret_record) MUST_USE;
/* Where the next record would begin, and the digest that it continues. */
uint64_t journal_read_end(const struct journal_reader *reader,
                          uint8_t ret_digest[HASH_BYTES]);

/* The head line of a new journal. */
#define JOURNAL_HEAD_BYTES 53
void journal_head(const uint8_t id[JOURNAL_ID_BYTES],
                  char ret_head[JOURNAL_HEAD_BYTES + 1]);
/* SHA-256(before ‖ "KIND SIZE LENGTH" ‖ bytes) */
enum result journal_digest(const uint8_t before[HASH_BYTES],
                           enum journal_kind kind, uint64_t size,
                           struct text bytes,
                           uint8_t ret_digest[HASH_BYTES]) MUST_USE;

#endif
