/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whose data was seen: the rows of a question, counted once for the whole
 * and, where asked, once for each controller. Prints nothing.
 */
#ifndef VIGIE_SCOPE_SCOPE_RUN_H
#define VIGIE_SCOPE_SCOPE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "scope/tally.h"
#include "scope/walk.h"

struct scope_part {
    uint16_t controller; /* 0: not known */
    struct tally tally;
};

struct scope {
    struct tally whole;
    struct scope_part *parts; /* by controller, ascending number */
    size_t part_count;
};

/* *ret_scope is to be freed with scope_free(), also where it is {0}. */
enum result scope_run(struct ledger *ledger, struct lookup *lookup,
                      const struct walk_query *query, bool by_controller,
                      struct scope *ret_scope) MUST_USE;
void scope_free(struct scope *scope);

#endif
