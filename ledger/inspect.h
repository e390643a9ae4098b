/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The whole ledger checked from its files alone, changing nothing: digests,
 * every row, every index, the root computed anew and compared with what is
 * written. All that is wrong is told, not only the first.
 */
#ifndef VIGIE_LEDGER_INSPECT_H
#define VIGIE_LEDGER_INSPECT_H

#include "base/hash.h"
#include "base/result.h"
#include "ledger/ledger.h"
#include "ledger/note_check.h"

struct inspection {
    struct ledger_statistics statistics;
    uint64_t groups;  /* in open.rows */
    uint64_t damages; /* how often `found` was called */
    bool root_known;  /* false where rows could not be read */
    uint8_t root[HASH_BYTES];
    /* that are the root at their size; and what was added to them */
    uint64_t checkpoints, cosignatures, unknown_cosignatures, timestamps;
};

/* `file` is the name in the ledger's folder; the reason has rule, place and
 * offset (a row, a byte, a segment: the rule says which). */
typedef void inspect_found(void *context, const char *file,
                           const struct reason *reason);

/* A checkpoint that came from elsewhere, its signature checked. */
struct inspect_point {
    struct checkpoint checkpoint;
    const char *file;
};

struct inspect_options {
    inspect_found *found;
    void *context;
    const struct note_key *keys; /* of the log and of witnesses */
    size_t key_count;
    const struct inspect_point *points;
    size_t point_count;
    /* Whether a stored timestamp is of that text. NULL: they are counted. */
    enum result (*timestamp)(void *context, struct text text,
                             struct text response, struct reason *why);
};

/* OK where the inspection came to its end, whatever it found; E_NOTFOUND
 * where there is no ledger; E_IO, E_NOMEM. */
enum result ledger_inspect(const char *data_dir, inspect_found *found,
                           void *context,
                           struct inspection *ret_inspection) MUST_USE;
enum result ledger_inspect_with(const char *data_dir,
                                const struct inspect_options *options,
                                struct inspection *ret_inspection) MUST_USE;

#endif
