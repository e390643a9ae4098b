/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which rows bear which key: the rule that sealed indexes and the open one
 * share, and the chains that find the open rows. Memory only.
 */
#ifndef VIGIE_LEDGER_OPEN_INDEX_H
#define VIGIE_LEDGER_OPEN_INDEX_H

#include "base/result.h"
#include "ledger/ledger.h"

#define LEDGER_KEYS 4

/* The id under which a row is found by `key`; 0: it has none. Part of the
 * format, as the next one: sealed indexes are built by them. */
uint64_t row_key(const struct row *row, enum ledger_key key);
/* Whether rows are found under this id: under 0 only those of no session
 * (gaps, clock jumps, refused input: coverage is read so). */
bool key_stands(enum ledger_key key, uint64_t id);
/* A bijection that spreads ids which are not random after all. */
uint64_t key_mix(uint64_t id);

/* One hash table with chains, filled up to a row when it is asked, so that
 * appending costs nothing where nobody looks. */
struct open_index {
    uint32_t *heads;  /* row + 1 of the newest row of a chain; 0: none */
    uint32_t *before; /* row + 1 of the row before it in its chain */
    size_t bits, filled, room;
};

void open_index_free(struct open_index *index); /* leaves {0} */
/* Makes room for `count` rows in all, under 2^31; may begin anew (then filled
 * is 0). */
enum result open_index_grow(struct open_index *index, size_t count) MUST_USE;
/* Row number index->filled, found under the id where it is `keyed`. */
void open_index_add(struct open_index *index, bool keyed, uint64_t id);
/* Number + 1 of the newest row in the id's chain, 0 where it is empty; go on
 * by `before`. Other ids may share the chain. */
uint32_t open_index_newest(const struct open_index *index, uint64_t id);

#endif
