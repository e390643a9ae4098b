/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One alert explained: every sign for and against with its weight, what was
 * observed and usual, and since when the account's habit is known. Appends
 * to `out`.
 */
#ifndef VIGIE_CLI_EXPLAIN_PRINT_H
#define VIGIE_CLI_EXPLAIN_PRINT_H

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/lookup.h"
#include "scope/alert_read.h"

/* {"kind":"explanation",…}\n */
enum result explain_json(struct lookup *lookup, const struct alert *alert,
                         const struct alert_past *past,
                         struct buffer *out) MUST_USE;
enum result explain_text(struct lookup *lookup, const struct alert *alert,
                         const struct alert_past *past,
                         struct buffer *out) MUST_USE;

#endif
