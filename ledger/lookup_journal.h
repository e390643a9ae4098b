/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a look-up's write transaction holds and is not committed yet, as a
 * file that only grows: written before the rows that use the names, and put
 * into the tables again when a process that died is followed by another. A
 * live core's only; the format is drawn in lookup_journal.c. Knows tables and
 * bytes, no meaning; values in it are sealed as in the tables.
 */
#ifndef VIGIE_LEDGER_LOOKUP_JOURNAL_H
#define VIGIE_LEDGER_LOOKUP_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct lookup;
struct journal;
struct MDB_val;

enum journal_act { JOURNAL_PUT = 1, JOURNAL_DELETE = 2, JOURNAL_NOTE = 3 };

/* One change; a note's key is its day, its value digest and row. */
struct journal_entry {
    enum journal_act act;
    uint8_t table;
    const uint8_t *key, *value;
    size_t key_length, value_length;
};

void journal_free(struct journal *journal);
/* Adds a change to what is written next. Nothing where there is no journal. */
enum result journal_add(struct lookup *lookup,
                        const struct journal_entry *entry) MUST_USE;
/* What was added reaches the file, synced where something asked for it.
 * *ret_full: it did not, and a commit has to take its place. */
enum result journal_write(struct lookup *lookup, bool *ret_full) MUST_USE;
/* lmdb's own types: an entry of the table was put, or (value NULL: all of
 * the key) deleted. */
enum result journal_put(struct lookup *lookup, unsigned table,
                        const struct MDB_val *key,
                        const struct MDB_val *value) MUST_USE;
enum result journal_delete(struct lookup *lookup, unsigned table,
                           const struct MDB_val *key,
                           const struct MDB_val *value) MUST_USE;
enum result journal_note(struct lookup *lookup, int32_t day, uint64_t digest,
                         uint64_t row) MUST_USE;
/* The next journal_write syncs: a small number must not be given twice. */
void journal_hurry(struct lookup *lookup);
/* The generation of what follows the commit that is being made. */
enum result journal_turn(struct lookup *lookup) MUST_USE;
/* The commit is made: the file begins anew. */
void journal_restart(struct lookup *lookup);
/* Puts what the file holds into the tables, committed; where there is one. */
enum result journal_replay(struct lookup *lookup) MUST_USE;
/* From here on changes are added. Makes the file. */
enum result journal_start(struct lookup *lookup) MUST_USE;
/* That the tables name now; 0: none. For readers too. */
enum result journal_generation(struct lookup *lookup,
                               uint64_t *ret_generation) MUST_USE;
/* -1: no journal. Stays the same. */
int journal_fd(const struct lookup *lookup);
uint64_t journal_bytes(const struct lookup *lookup);

typedef enum result journal_visit(void *context,
                                  const struct journal_entry *entry);
/* Goes through the whole groups of a generation in `bytes`, which may be
 * anything. Stops at the first that is not whole, which is no error; an entry
 * of a whole group that makes no sense is E_CORRUPT. *ret_end: where the next
 * group goes. */
enum result journal_scan(const uint8_t *bytes, size_t length,
                         uint64_t generation, journal_visit *visit,
                         void *context, size_t *ret_end) MUST_USE;

#endif
