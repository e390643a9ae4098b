/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One row of the ledger as JSON or CSV, for others' tools. Ids only, in
 * hexadecimal: no name of a person, professional, session or address passes
 * here. Services, controllers and sources have their names where the look-up
 * is open (NULL: it is not); persons then stand under the id under which they
 * were joined.
 */
#ifndef VIGIE_SCOPE_ROW_PRINT_H
#define VIGIE_SCOPE_ROW_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/lookup.h"
#include "model/row.h"

/* `raw`: the 64 bytes too, the leaf of the log. Each appends a whole line. */
enum result row_print_json(struct lookup *lookup, uint64_t number,
                           const struct row *row, bool raw,
                           struct buffer *out) MUST_USE;
enum result row_print_header(bool raw, struct buffer *out) MUST_USE;
enum result row_print_csv(struct lookup *lookup, uint64_t number,
                          const struct row *row, bool raw,
                          struct buffer *out) MUST_USE;
/* "late same-request", the names of the bits that are set. */
enum result row_print_flags(uint16_t flags, const char *between,
                            struct buffer *out) MUST_USE;

#endif
