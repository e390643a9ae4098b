/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Aliases just made, waiting to go into the tables in order: put one by one
 * they would each touch two pages at random. And a filter that knows most
 * names that were never there. Both of fixed size. A writer's only.
 */
#ifndef VIGIE_LEDGER_LOOKUP_FRESH_H
#define VIGIE_LEDGER_LOOKUP_FRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

struct lookup;
struct lookup_fresh;
struct alias;

/* Of a key in table hash, and of an entry in table id. */
#define HASH_KEY_BYTES 17
#define ID_HEAD_BYTES 13

enum result fresh_new(struct lookup_fresh **ret_fresh) MUST_USE;
/* Fewer wait at a time from here on: nobody waits for thousands. */
void fresh_hurry(struct lookup_fresh *fresh);
void fresh_free(struct lookup_fresh *fresh);
/* Fills the filter from the table; once, at opening. */
enum result fresh_learn(struct lookup *lookup) MUST_USE;

/* The name's alias, as at its birth, where it waits here. *ret_never: it is
 * in no table either. */
bool fresh_find(const struct lookup_fresh *fresh,
                const uint8_t key[HASH_KEY_BYTES], struct alias *ret_alias,
                bool *ret_never);
enum result fresh_add(struct lookup *lookup, const uint8_t key[HASH_KEY_BYTES],
                      const uint8_t head[ID_HEAD_BYTES],
                      const struct alias *alias) MUST_USE;
/* Writes all into the transaction. E_EXISTS, which sticks, where an id was
 * drawn twice: nothing of it was durable yet, and another try draws others. */
enum result fresh_write(struct lookup *lookup) MUST_USE;

#endif
