/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The tables of a look-up that is written anew (lookup_rewrite.h), entry by
 * entry: what is left out, and what comes under other keys. Knows no file.
 */
#ifndef VIGIE_LEDGER_LOOKUP_ANEW_H
#define VIGIE_LEDGER_LOOKUP_ANEW_H

#include "ledger/lookup_inside.h"
#include "ledger/lookup_rewrite.h"

struct rewrite {
    struct lookup *lookup;
    const struct lookup_change *change;
    uint64_t *births; /* of the erased: sorted */
    size_t birth_count;
    uint8_t values_key[KEY_BYTES], imports_key[KEY_BYTES];
    struct cipher_mac mac[LOOKUP_KINDS];
    MDB_txn *from, *to;
    MDB_env *env;
    MDB_dbi table[TABLE_COUNT];
    size_t puts;
    struct buffer value, sealed;
    char folder[4096];
    int lock_fd;
};

/* LMDB's code to ours; nothing sticks. */
enum result anew_result(int code) MUST_USE;
/* The order of struct rewrite's and struct lookup_change's ids. */
int anew_compare_ids(const void *a, const void *b);
/* The keys to come, and the births of what goes. */
void anew_keys(struct rewrite *rewrite);
enum result anew_births(struct rewrite *rewrite) MUST_USE;
/* A transaction of the new file. */
enum result anew_begin(struct rewrite *rewrite) MUST_USE;
/* All of one table; values under new keys need their own way. */
enum result anew_table(struct rewrite *rewrite,
                       enum lookup_table table) MUST_USE;
enum result anew_values(struct rewrite *rewrite) MUST_USE;

#endif
