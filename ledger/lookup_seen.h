/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What lookup.c needs of the set of records already counted. Its calls for
 * others, lookup_seen and lookup_note, are in lookup.h.
 */
#ifndef VIGIE_LEDGER_LOOKUP_SEEN_H
#define VIGIE_LEDGER_LOOKUP_SEEN_H

#include <stdint.h>

#include "base/result.h"

struct lookup;
struct lookup_seen;

enum result seen_new(struct lookup_seen **ret_seen) MUST_USE;
/* A live core's filters; before anything is asked or noted. */
enum result seen_enlarge(struct lookup_seen *seen) MUST_USE;
void seen_free(struct lookup_seen *seen);
/* Writes waiting notes into the transaction (before it is committed). */
enum result seen_write(struct lookup *lookup) MUST_USE;
/* Lets go of the transaction, which ends. */
void seen_close(struct lookup_seen *seen);
/* Pages that the notes of the current day can make dirty. */
uint64_t seen_pages(const struct lookup_seen *seen);

#endif
