/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the lookup_*.c files share; nobody else includes it. Tables of the
 * LMDB environment DIR/lookup (numbers big-endian unless said native):
 *
 *   table    key                          value
 *   hash     kind 1, HMAC 16              id 8 native, canonical at birth 8
 *   id       id 8 native                  kind 1, batch 4, birth 8
 *   values   birth 8 native               nonce 24, sealed value
 *   canon    id 8 native, only the joined canonical 8 native
 *   members  canonical 8 native           the ids joined under it, 8 native
 *   names    kind 1, HMAC 16              number 2
 *            kind 1, number 2             nonce 24, sealed name
 *   seen     day 4, sign bit turned       digest 8, row 8 (fixed, sorted)
 *   imports  HMAC 32 of the digest        bytes 8, records 8, time 8
 *   settings name                         nonce 24, sealed value
 *   batch    number 4                     vault's sealed box (vault.h)
 *
 * Sealed: XChaCha20-Poly1305. Its associated data is the id and what table id
 * says of it, or the key; so nothing sealed can be moved elsewhere. Batch 0
 * is the machine key. `birth` counts aliases: the older of two is known, and
 * values are appended to full pages, while only small entries lie at random.
 */
#ifndef VIGIE_LEDGER_LOOKUP_INSIDE_H
#define VIGIE_LEDGER_LOOKUP_INSIDE_H

#include <lmdb.h>

#include "ledger/keys.h"
#include "ledger/lookup.h"
#include "ledger/lookup_cache.h"
#include "ledger/lookup_cipher.h"
#include "ledger/lookup_fresh.h"
#include "ledger/lookup_journal.h"
#include "ledger/lookup_overlay.h"
#include "ledger/lookup_seen.h"
#include "ledger/vault.h"

/* Stored by name. */
enum lookup_table {
    TABLE_HASH,
    TABLE_ID,
    TABLE_VALUES,
    TABLE_CANON,
    TABLE_MEMBERS,
    TABLE_NAMES,
    TABLE_SEEN,
    TABLE_IMPORTS,
    TABLE_SETTINGS,
    TABLE_BATCH,
    TABLE_COUNT,
};

#define ALIAS_KIND_MAX 6
#define NAME_KIND_MAX 3
/* Kinds of name share the cache and the HMAC keys with the aliases. */
#define NAME_KIND_BASE 8
#define LOOKUP_KINDS (NAME_KIND_BASE + NAME_KIND_MAX + 1)

/* A setting of our own: how many aliases were made (callers' settings never
 * start with a dot). */
#define SETTING_BIRTHS TEXT(".births")

/* Batch keys that were unsealed lately; a scope's persons come from few. */
#define BATCHES_OPEN 64

struct lookup_batch {
    uint32_t number; /* 0: empty */
    uint32_t used;   /* values under it; the one being written only */
    uint8_t key[KEY_BYTES];
};

struct lookup {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi table[TABLE_COUNT];
    bool writer;
    bool in_txn;  /* a reader's txn is renewed and reset around each call */
    bool changed; /* the write txn holds something */
    enum result failed; /* a write was lost: no further one until reopened */
    int lock_fd;
    char *folder;
    struct keys *keys;
    struct vault *vault; /* NULL: a reader without vault.pub */
    uint8_t values_key[KEY_BYTES];
    uint8_t imports_key[KEY_BYTES];
    uint8_t digest_key[16];
    struct cipher_mac mac[LOOKUP_KINDS];
    /* of the keys before these, the oldest first */
    struct cipher_mac (*past_mac)[LOOKUP_KINDS];
    uint8_t (*past_imports)[KEY_BYTES];
    size_t past_count;
    struct lookup_cache cache;
    /* The name last looked for and not there, as a find is often followed by
     * an add; zero: none. */
    struct hash128 absent;
    uint8_t absent_key[HASH_KEY_BYTES];
    uint64_t births; /* aliases made so far */
    uint64_t births_stored;
    struct lookup_batch writing;
    struct lookup_batch reading[BATCHES_OPEN];

    struct lookup_seen *seen;
    struct lookup_fresh *fresh; /* NULL: a reader */
    struct journal *journal;    /* NULL: a reader */
    bool journaled;             /* goes on when it is opened anew */
    struct overlay *overlay;    /* a reader's, and only where needed */

    /* Of the write txn: lookup_map.c. */
    struct lookup_map {
        uint64_t room;    /* pages that it may take */
        uint64_t live;    /* pages of the aliases' tables at its start */
        uint64_t aliases; /* made */
        uint64_t pages;   /* that everything else can have made dirty */
        uint64_t bytes;   /* that can have been added */
    } map;
};

/* A transaction to read in: the write one, or a reader's. */
enum result lookup_begin(struct lookup *lookup) MUST_USE;
void lookup_end(struct lookup *lookup);
/* A transaction to write in, with room for an operation that adds so many
 * bytes; what it makes dirty is counted by the caller in map. E_DENIED for
 * readers, E_IO after a failure. */
enum result lookup_room(struct lookup *lookup, size_t bytes) MUST_USE;
/* LMDB's code to ours; a writer's errors stick. */
enum result lookup_result(struct lookup *lookup, int code) MUST_USE;

/* One sealed small value (names, settings) under the machine key. */
enum result lookup_put_sealed(struct lookup *lookup, enum lookup_table table,
                              struct text key, struct text value) MUST_USE;
enum result lookup_get_sealed(struct lookup *lookup, enum lookup_table table,
                              struct text key, struct buffer *out) MUST_USE;

/* The HMAC under which a name lies: one for each machine key there was, the
 * oldest first, so that all of them are needed to try a name. */
void lookup_hash(const struct lookup *lookup, unsigned kind, struct text name,
                 uint8_t ret_hash[16]);

/* lookup_open.c: environment, tables, caches; keys that came after others. */
/* Larger tables, and the journal. */
enum result lookup_live_start(struct lookup *lookup) MUST_USE;
enum result lookup_data_open(struct lookup *lookup) MUST_USE;
void lookup_data_close(struct lookup *lookup);
enum result lookup_keys_derive(struct lookup *lookup) MUST_USE;
void lookup_keys_free(struct lookup *lookup);
/* Takes them over, and makes them machine.key. */
enum result lookup_keys_change(struct lookup *lookup,
                               struct keys *keys) MUST_USE;
const char *lookup_table_name(enum lookup_table table);
unsigned lookup_table_flags(enum lookup_table table);

/* lookup_batch.c: the key to write a person's value under, and the one to
 * read any value. */
enum result
lookup_batch_current(struct lookup *lookup,
                     const struct lookup_batch **ret_batch) MUST_USE;
enum result lookup_batch_key(struct lookup *lookup, uint32_t number,
                             const uint8_t **ret_key) MUST_USE;
/* lookup_alias.c: what kind, and when made (counted in aliases). */
enum result lookup_birth(struct lookup *lookup, uint64_t id,
                         enum alias_kind *ret_kind,
                         uint64_t *ret_birth) MUST_USE;
/* lookup_join.c */
enum result lookup_canon_get(struct lookup *lookup, uint64_t id,
                             uint64_t *ret_canonical) MUST_USE;
enum result lookup_canon_put(struct lookup *lookup, uint64_t id,
                             uint64_t canonical) MUST_USE;
/* lookup_map.c: the file and its map, larger where a transaction needs it;
 * before one. `fresh`: nothing of the file is allocated yet. */
enum result lookup_map_grow(struct lookup *lookup, bool fresh) MUST_USE;
/* Starts the counts of a new transaction. */
enum result lookup_map_start(struct lookup *lookup) MUST_USE;
/* Whether the transaction must be committed before its next operation. */
bool lookup_map_full(const struct lookup *lookup);
/* Cuts the unused end off, after everything was closed. */
void lookup_map_trim(const char *folder, uint64_t pages, uint64_t page_bytes);

#endif
