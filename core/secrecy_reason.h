/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One act of secrecy written down: the reason in the look-up, then the row.
 * Commits nothing.
 */
#ifndef VIGIE_CORE_SECRECY_REASON_H
#define VIGIE_CORE_SECRECY_REASON_H

#include "base/buffer.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "model/secrecy.h"

#define SECRECY_REASON_BYTES_MAX 1024

/* Fills secrecy->number where it is 0. An empty reason is none. */
enum result secrecy_reason_keep(struct lookup *lookup, struct secrecy *secrecy,
                                struct text reason) MUST_USE;
/* Both, and received at secrecy->time_us. */
enum result secrecy_note(struct ledger *ledger, struct lookup *lookup,
                         struct secrecy *secrecy, struct text reason) MUST_USE;
/* Appends; nothing where none was given. */
enum result secrecy_reason_get(struct lookup *lookup, uint64_t number,
                               struct buffer *out) MUST_USE;

#endif
