/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From the ids of a row to what the operator told: values are read back from
 * the look-up once an id, and kept in tables of a fixed size. Lure persons
 * are found the other way round, since persons' values are sealed: each lure
 * is looked up under the names that it may have, and names made later are
 * compared as they come. Only rows and the operator's files decide, so that a
 * state rebuilt from the ledger gets the same facts.
 */
#ifndef VIGIE_CORE_CONTEXT_FACTS_H
#define VIGIE_CORE_CONTEXT_FACTS_H

#include "core/context_load.h"
#include "ledger/lookup.h"
#include "model/facts.h"
#include "model/row.h"

struct context_facts;

/* `load` and `lookup` are borrowed and outlive it. `space`: the service
 * number of relative references without one of their own. */
enum result context_facts_new(const struct context_load *load,
                              struct lookup *lookup, uint16_t space,
                              struct context_facts **ret_facts) MUST_USE;
void context_facts_free(struct context_facts *facts);

/* The values of ids that an event just brought: saves reading them back. */
void context_facts_professional(struct context_facts *facts, uint64_t id,
                                struct text value);
void context_facts_address(struct context_facts *facts, uint64_t id,
                           struct text value);
/* A person's name was just made; `canonical` is what rows will say. */
enum result context_facts_person(struct context_facts *facts, struct text key,
                                 uint64_t canonical) MUST_USE;
/* All lures are looked up anew, under all names that the look-up has. */
enum result context_facts_restart(struct context_facts *facts) MUST_USE;

/* What is told about a row; `address` is where its session is (0: unknown).
 * Rows of kind ROW_JOIN make the lures known under both ids. */
enum result context_facts_row(struct context_facts *facts,
                              const struct row *row, uint64_t address,
                              struct facts *ret_facts) MUST_USE;

struct context_statistics {
    uint32_t professionals_told, professionals_seen;
    uint32_t lures_told, lures_seen;
    uint64_t mmdb_errors; /* look-ups that a damaged database failed */
};
void context_facts_statistics(const struct context_facts *facts,
                              struct context_statistics *ret_statistics);

#endif
