/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A consistent copy of the look-up while its writer works (LMDB's own).
 * Needs no key and reads no name: values are copied as they are, encrypted.
 */
#ifndef VIGIE_LEDGER_LOOKUP_COPY_H
#define VIGIE_LEDGER_LOOKUP_COPY_H

#include <stdint.h>

#include "base/result.h"

/* Writes DIR/lookup's data.mdb, as of its last commit and without what was
 * freed, to an open file; not synced. E_NOTFOUND where there is none. */
enum result lookup_copy(const char *data_dir, int fd) MUST_USE;
/* How many contents are noted as read to their end: each was, only once its
 * rows were durable. 0 where there is no look-up. */
enum result lookup_copy_imports(const char *data_dir,
                                uint64_t *ret_count) MUST_USE;

#endif
