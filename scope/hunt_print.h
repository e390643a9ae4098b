/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A hunt as JSON, one object a line, and the words of its reasons. Appends
 * whole lines.
 */
#ifndef VIGIE_SCOPE_HUNT_PRINT_H
#define VIGIE_SCOPE_HUNT_PRINT_H

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/lookup.h"
#include "scope/hunt_run.h"

enum result hunt_context_json(struct lookup *lookup,
                              const struct hunt_context *context,
                              struct buffer *out) MUST_USE;
enum result hunt_account_json(struct lookup *lookup,
                              const struct hunt_account *account,
                              struct buffer *out) MUST_USE;
enum result hunt_session_json(struct lookup *lookup,
                              const struct hunt_session *session,
                              struct buffer *out) MUST_USE;
enum result hunt_line_json(struct lookup *lookup, const struct hunt *hunt,
                           const struct hunt_line *line,
                           struct buffer *out) MUST_USE;
enum result hunt_summary_json(const struct hunt *hunt,
                              struct buffer *out) MUST_USE;

/* The reasons in words, joined by "; ". */
enum result hunt_reasons_text(unsigned reasons, struct buffer *out) MUST_USE;

#endif
