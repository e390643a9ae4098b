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

struct inspection {
    struct ledger_statistics statistics;
    uint64_t groups;  /* in open.rows */
    uint64_t damages; /* how often `found` was called */
    bool root_known;  /* false where rows could not be read */
    uint8_t root[HASH_BYTES];
};

/* `file` is the name in the ledger's folder; the reason has rule, place and
 * offset (a row, a byte, a segment: the rule says which). */
typedef void inspect_found(void *context, const char *file,
                           const struct reason *reason);

/* OK where the inspection came to its end, whatever it found; E_NOTFOUND
 * where there is no ledger; E_IO, E_NOMEM. */
enum result ledger_inspect(const char *data_dir, inspect_found *found,
                           void *context,
                           struct inspection *ret_inspection) MUST_USE;

#endif
