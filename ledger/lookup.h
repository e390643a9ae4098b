/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The look-up beside the ledger (LMDB, DIR/lookup): from a name to its id
 * and back. Names lie under HMAC-SHA-256 (first 16 bytes); the value as given
 * stands beside, XChaCha20-Poly1305 under a batch key: operators' kinds under
 * the machine key, persons under batch keys sealed to the vault's public key.
 * Keys live in the keys folder (0600), never in the data folder.
 *
 * One writer; readers at any time. Writes gather in one LMDB transaction
 * until lookup_commit. Nothing here is ever logged.
 */
#ifndef VIGIE_LEDGER_LOOKUP_H
#define VIGIE_LEDGER_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/text.h"

struct lookup;

/* Stored numbers: never renumber. */
enum alias_kind {
    ALIAS_PROFESSIONAL = 1,
    ALIAS_PERSON = 2, /* the only kind under the vault's keys */
    ALIAS_SESSION = 3,
    ALIAS_ADDRESS = 4,
    ALIAS_DEVICE = 5,
    ALIAS_NETWORK = 6,
};

/* Small numbers with a name (stored in rows as uint16). 0 is "unknown". */
enum name_kind {
    NAME_SERVICE = 1,
    NAME_CONTROLLER = 2, /* FINESS */
    NAME_SOURCE = 3,
};

struct alias {
    uint64_t id;        /* of this very name; random, never 0 */
    uint64_t canonical; /* of what it names: equal to id, or the first name's
                           id (joined sessions, persons with an INS) */
};

enum lookup_mode { LOOKUP_READ, LOOKUP_WRITE };

/* keys_dir NULL: the default beside the user's other keys
 * ($XDG_DATA_HOME/vigie/keys/<digest of the data folder's path>, or
 * /var/lib/vigie-keys when root and it exists). WRITE makes what is missing:
 * machine.key, vault.pub, and a local vault.key pair (*ret_made_vault then
 * tells, so that the caller can say it). A vault.key that is not there only
 * makes persons' values unreadable: lookup_value gives E_DENIED for them. */
enum result lookup_open(const char *data_dir, const char *keys_dir,
                        enum lookup_mode mode, bool *ret_made_vault,
                        struct lookup **ret_lookup) MUST_USE;
void lookup_free(struct lookup *lookup); /* drops what was not committed */
const char *lookup_keys_dir(const struct lookup *lookup);

/* E_NOTFOUND where the name was never seen. `key` is the normal form. A
 * fixed-size cache in front makes repeated finds cheap (about 60 ns). */
enum result lookup_find(struct lookup *lookup, enum alias_kind kind,
                        struct text key, struct alias *ret_alias) MUST_USE;
/* Finds or makes. `shown` is kept (encrypted) for lookup_value; canonical 0
 * means "itself". Where the name exists already its canonical stays;
 * *ret_made (NULL ok) tells. */
enum result lookup_add(struct lookup *lookup, enum alias_kind kind,
                       struct text key, struct text shown, uint64_t canonical,
                       struct alias *ret_alias, bool *ret_made) MUST_USE;
/* The value as given of an alias id. E_NOTFOUND, E_DENIED (vault shut),
 * E_CORRUPT. Appends to `out`. */
enum result lookup_value(struct lookup *lookup, uint64_t id,
                         struct buffer *out) MUST_USE;
/* Kind of an alias id. */
enum result lookup_kind(struct lookup *lookup, uint64_t id,
                        enum alias_kind *ret_kind) MUST_USE;

/* Two persons are one from now on; finds give the older canonical id. */
enum result lookup_join(struct lookup *lookup, uint64_t a, uint64_t b) MUST_USE;
/* The id under which an id stands today (itself where never joined). */
uint64_t lookup_canonical(struct lookup *lookup, uint64_t id);
/* Every id that stands under `canonical`, itself first. At most `room`;
 * *ret_count may be larger than room. */
enum result lookup_members(struct lookup *lookup, uint64_t canonical,
                           uint64_t *ret_ids, size_t room,
                           size_t *ret_count) MUST_USE;

/* Small numbers. Makes the name where it is new (WRITE), else E_NOTFOUND. */
enum result lookup_number(struct lookup *lookup, enum name_kind kind,
                          struct text name, uint16_t *ret_number) MUST_USE;
enum result lookup_number_name(struct lookup *lookup, enum name_kind kind,
                               uint16_t number, struct buffer *out) MUST_USE;

/* Many names, each in another place of a large memory: where one will be
 * looked for a little later, that is fetched meanwhile. `kind` is right. */
struct hash128 lookup_expect(const struct lookup *lookup, enum alias_kind kind,
                             struct text key);
/* The one that lookup_expect gave. False: lookup_find has to be asked. */
bool lookup_expected(struct lookup *lookup, struct hash128 name,
                     struct alias *ret_alias);

/* Counting once. `digest` is row.request, `day` the UTC day of the event.
 * Finds the row number noted for it; E_NOTFOUND. The caller checks that the
 * row is really there and the same, since a crash may leave notes of rows
 * that were lost. */
enum result lookup_seen(struct lookup *lookup, int32_t day, uint64_t digest,
                        uint64_t *ret_row) MUST_USE;
/* A little before lookup_seen, as lookup_expect. */
void lookup_seen_expect(struct lookup *lookup, int32_t day, uint64_t digest);
enum result lookup_note(struct lookup *lookup, int32_t day, uint64_t digest,
                        uint64_t row) MUST_USE;

/* Files already read: by digest of the content as decompressed. `bytes` of
 * it were read, `records` came of it. */
struct import {
    uint8_t digest[HASH_BYTES]; /* of the whole content */
    uint64_t bytes;
    uint64_t records;
    int64_t time_us;
};
/* The whole content seen before? Or (grown file) an import whose digest is
 * that of the first *bytes* of a content? Keyed by digest. */
enum result lookup_import_find(struct lookup *lookup,
                               const uint8_t digest[HASH_BYTES],
                               struct import *ret_import) MUST_USE;
enum result lookup_import_add(struct lookup *lookup,
                              const struct import *import) MUST_USE;

/* Small settings of the ledger's owner ("core.row_judged" …). */
enum result lookup_setting_get(struct lookup *lookup, const char *name,
                               struct buffer *out) MUST_USE;
enum result lookup_setting_set(struct lookup *lookup, const char *name,
                               struct text value) MUST_USE;

/* Keyed 64-bit digest under the machine key, for row.request. Never 0. */
uint64_t lookup_digest(const struct lookup *lookup, const void *bytes,
                       size_t length);

/* The names of these ids go, and no byte of them stays in the data folder,
 * unless another process was still reading it (it then goes with the next
 * writer). Finds give E_NOTFOUND, lookup_value too; which of the ids are one
 * stays known; a name that comes again is a new id. *ret_names: those that
 * had one. Writes the whole look-up anew. */
enum result lookup_erase(struct lookup *lookup, const uint64_t *ids,
                         size_t count, size_t *ret_names) MUST_USE;
/* A new machine.key: values under it, names found under it and those before.
 * Ids, persons' values and lookup_digest stay. Killed at any point, the next
 * opening has the one or the other, whole. */
enum result lookup_rotate(struct lookup *lookup) MUST_USE;
size_t lookup_key_epochs(const struct lookup *lookup); /* keys there were */
/* Every id that has a name, in no order; the look-up is not to be used
 * meanwhile. */
enum result lookup_each(struct lookup *lookup, void *context,
                        enum result (*visit)(void *context,
                                             enum alias_kind kind,
                                             uint64_t id)) MUST_USE;

/* The vault of these data: the private half, lent until it is shut, or who
 * unseals in our place (vault.h). E_NOTFOUND: a reader without vault.pub;
 * E_DENIED: another pair's half. */
enum result lookup_vault_lend(struct lookup *lookup,
                              const uint8_t private_key[32]) MUST_USE;
void lookup_vault_shut(struct lookup *lookup);
enum result lookup_vault_ask(struct lookup *lookup,
                             enum result (*unsealer)(void *context,
                                                     const uint8_t *sealed,
                                                     uint8_t *ret_key),
                             void *context) MUST_USE;
/* For another process: the key in a sealed box. As vault_unseal. */
enum result lookup_vault_unseal(struct lookup *lookup, struct text sealed,
                                uint8_t ret_key[32]) MUST_USE;
bool lookup_vault_is_open(const struct lookup *lookup);
/* Of vault.pub; NULL where there is none. */
const uint8_t *lookup_vault_public(const struct lookup *lookup);

/* All writes so far become durable together, and visible to all readers. */
enum result lookup_commit(struct lookup *lookup) MUST_USE;

/* For a writer that stays (a live core): from here on lookup_write makes all
 * writes so far survive the end of the process, by a journal that the next
 * writer reads, and readers when they open. */
enum result lookup_journal_start(struct lookup *lookup) MUST_USE;
enum result lookup_write(struct lookup *lookup) MUST_USE;
/* What must be fdatasynced for a power cut too (-1: nothing is kept there);
 * borrowed until the next call. */
int lookup_journal_fd(const struct lookup *lookup);
/* Bytes written to it since the last commit. */
uint64_t lookup_journal_bytes(const struct lookup *lookup);

#endif
