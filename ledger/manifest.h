/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * MANIFEST: which sealed segments make up the ledger, their digests, and the
 * frontier of the Merkle tree over their rows. Text, read and written whole;
 * the format is drawn in manifest.c. Knows nothing of what is in a segment.
 */
#ifndef VIGIE_LEDGER_MANIFEST_H
#define VIGIE_LEDGER_MANIFEST_H

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"

/* About 100 bytes a segment: half a million segments. */
#define MANIFEST_BYTES_MAX (64u << 20)

struct manifest_segment {
    uint64_t number; /* of its file, from 1 */
    uint64_t first;  /* row */
    uint64_t rows;
    uint64_t bytes;             /* of the file */
    uint8_t digest[HASH_BYTES]; /* SHA-256 of the file */
};

/* Further files that belong to the ledger (none are made today): readers
 * pass over kinds that they do not know, verify checks every digest. */
struct manifest_file {
    char kind[24];
    char name[64];
    uint64_t bytes;
    uint8_t digest[HASH_BYTES];
};

struct manifest {
    uint8_t id[LEDGER_ID_BYTES]; /* random, made with the ledger */
    int64_t last_us;             /* time received of the last sealed row */
    struct merkle tree;          /* over the sealed rows; count is theirs */
    uint8_t root[HASH_BYTES];
    struct manifest_segment *segments;
    size_t segment_count, segment_room;
    struct manifest_file *files;
    size_t file_count;
};

void manifest_free(struct manifest *manifest); /* leaves {0} */
/* E_CORRUPT with rule and offset in `why`; E_NOMEM. */
enum result manifest_parse(struct text text, struct reason *why,
                           struct manifest *ret_manifest) MUST_USE;
enum result manifest_write(const struct manifest *manifest,
                           struct buffer *out) MUST_USE;
enum result manifest_add(struct manifest *manifest,
                         const struct manifest_segment *segment) MUST_USE;

#endif
