/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A reader's view of what a live core has written to its journal and not yet
 * committed: taken once, when the look-up is opened. Changes no file.
 */
#ifndef VIGIE_LEDGER_LOOKUP_OVERLAY_H
#define VIGIE_LEDGER_LOOKUP_OVERLAY_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct lookup;
struct overlay;
struct MDB_val;

void overlay_free(struct overlay *overlay);
/* Into lookup->overlay, which stays NULL where there is nothing. */
enum result overlay_load(struct lookup *lookup) MUST_USE;
/* From the overlay, else from the table. Not for table members. */
enum result lookup_get(struct lookup *lookup, unsigned table,
                       struct MDB_val *key, struct MDB_val *ret_value) MUST_USE;
/* What joins since then changed in the list of `canonical`: as
 * lookup_members. */
void overlay_members(const struct overlay *overlay, uint64_t canonical,
                     uint64_t *ids, size_t room, size_t *count);

#endif
