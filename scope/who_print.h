/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The sessions that saw one person as JSON and CSV. Appends whole lines.
 */
#ifndef VIGIE_SCOPE_WHO_PRINT_H
#define VIGIE_SCOPE_WHO_PRINT_H

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/lookup.h"
#include "scope/who_run.h"

enum result who_entry_json(struct lookup *lookup, const struct who *who,
                           const struct who_entry *entry,
                           struct buffer *out) MUST_USE;
enum result who_header_csv(struct buffer *out) MUST_USE;
enum result who_entry_csv(struct lookup *lookup, const struct who *who,
                          const struct who_entry *entry,
                          struct buffer *out) MUST_USE;

#endif
