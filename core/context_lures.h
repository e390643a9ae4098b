/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which person ids are lures. Knows the lures' names as keys of the look-up,
 * and the ids found under them so far.
 */
#ifndef VIGIE_CORE_CONTEXT_LURES_H
#define VIGIE_CORE_CONTEXT_LURES_H

#include <stdbool.h>

#include "core/context_load.h"
#include "ledger/lookup.h"

struct context_lures;

enum result context_lures_new(const struct context_load *load,
                              struct lookup *lookup, uint16_t space,
                              struct context_lures **ret_lures) MUST_USE;
void context_lures_free(struct context_lures *lures);
/* Finds all keys in the look-up, from nothing. */
enum result context_lures_restart(struct context_lures *lures) MUST_USE;
/* A name was made. */
enum result context_lures_made(struct context_lures *lures, struct text key,
                               uint64_t canonical) MUST_USE;
/* Two ids are one person from now on. */
enum result context_lures_join(struct context_lures *lures, uint64_t a,
                               uint64_t b) MUST_USE;
bool context_lures_has(const struct context_lures *lures, uint64_t person);
/* Lures of whom a name was ever seen. */
uint32_t context_lures_seen(const struct context_lures *lures);

#endif
