/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which rows a question is about: ids of several kinds that intersect, times,
 * and the walk over them by the best index, with the address and device that
 * hold for each row. Reads the ledger; knows no names and no categories.
 *
 * A row's address and device are those of its session's last sighting before
 * it in the log (docs/design.md, Identifiers).
 */
#ifndef VIGIE_SCOPE_WALK_H
#define VIGIE_SCOPE_WALK_H

#include <stdint.h>

#include "base/result.h"
#include "ledger/ledger.h"
#include "scope/id_map.h"

/* An empty list asks nothing; ids within one list unite, lists intersect. */
struct walk_query {
    struct id_list sessions, professionals, addresses;
    struct id_list services, controllers; /* small numbers */
    int64_t from_us; /* event time, inclusive; INT64_MIN: open */
    int64_t to_us;   /* exclusive; INT64_MAX: open */
};

void walk_query_start(struct walk_query *query);
void walk_query_free(struct walk_query *query);

struct walk_row {
    const struct row *row;
    uint64_t number;  /* in the log */
    uint64_t address; /* alias ids; 0 where no sighting came before */
    uint64_t device;
};

/* Rows of every kind, sightings included; the visitor picks. Stops at the
 * first result that is not OK. */
typedef enum result walk_visit(void *context, const struct walk_row *row);

/* In the order of the log within each session. Cost: by session or address,
 * the rows of those sessions; by professional, the rows of those accounts;
 * with none of the three, the whole ledger. */
enum result walk_rows(struct ledger *ledger, const struct walk_query *query,
                      walk_visit *visit, void *context) MUST_USE;

/* Rows that belong to no session: gaps, clock jumps, refused input. */
enum result walk_general(struct ledger *ledger, ledger_visit *visit,
                         void *context) MUST_USE;

/* Every row in the order of the log, read in large pieces. */
enum result walk_log(struct ledger *ledger, ledger_visit *visit,
                     void *context) MUST_USE;

#endif
