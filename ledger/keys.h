/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The keys folder: machine.key and what is derived from it. The folder is
 * 0700 and the key 0600, outside the data folder and never in its backups.
 * Knows nothing of what the keys are used for, and nothing of the vault.
 *
 *   machine.key   32 random bytes; once there were other ones before:
 *       offset  bytes
 *            0     32  the key
 *           32      8  "VIGIEKY2"
 *           40      4  entries, numbers little-endian
 *           44      4  zero
 *           48 40 * n  use 4, epoch 4, key 32 derived from the machine key of
 *                      that epoch (the first is 0); epoch ~0: still in use
 *   machine.key.next   the same, while the data are written anew under it
 *
 * Refused with E_DENIED: a folder that others may write to, a key file that
 * group or others may read or write, or one that belongs to another user.
 */
#ifndef VIGIE_LEDGER_KEYS_H
#define VIGIE_LEDGER_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"

#define KEY_BYTES 32

struct keys;

/* Stored numbers (libsodium's subkey ids): never renumber. */
enum keys_use {
    KEYS_HASH = 0x100,    /* plus the kind of name: HMAC keys */
    KEYS_VALUES = 0x201,  /* operators' values, settings, names */
    KEYS_IMPORTS = 0x202, /* HMAC of contents already read */
    KEYS_DIGEST = 0x203,  /* lookup_digest */
};

/* Where the keys of a data folder lie if nothing else is said. The data
 * folder must exist. E_NOTFOUND where the user has no home. */
enum result keys_default_dir(const char *data_dir,
                             struct buffer *ret_dir) MUST_USE;
/* `make`: the folder and machine.key are made where missing. Else
 * E_NOTFOUND. */
enum result keys_open(const char *dir, bool make,
                      struct keys **ret_keys) MUST_USE;
void keys_free(struct keys *keys); /* wipes */
const char *keys_dir(const struct keys *keys);
void keys_derive(const struct keys *keys, uint64_t use,
                 uint8_t ret_key[KEY_BYTES]);

/* New keys after these: those of `frozen` uses stay what they are, of `past`
 * uses the present ones go on under the number of their epoch. E_LIMIT after
 * KEYS_EPOCHS_MAX. */
#define KEYS_EPOCHS_MAX 32
enum result keys_next(const struct keys *keys, const uint64_t *frozen,
                      size_t frozen_count, const uint64_t *past,
                      size_t past_count, struct keys **ret_next) MUST_USE;
/* How many came before these. */
size_t keys_epochs(const struct keys *keys);
enum result keys_past(const struct keys *keys, uint64_t use, size_t epoch,
                      uint8_t ret_key[KEY_BYTES]) MUST_USE;
/* Durable as machine.key.next; then in the place of machine.key, which is
 * written over; or gone again (OK where there is none). */
enum result keys_stage(const struct keys *next) MUST_USE;
enum result keys_promote(const char *dir) MUST_USE;
enum result keys_unstage(const char *dir) MUST_USE;
/* Those of machine.key.next. E_NOTFOUND. */
enum result keys_open_staged(const char *dir, struct keys **ret_keys) MUST_USE;

/* A key file in that folder: exactly KEY_BYTES bytes. `is_secret` checks
 * owner and mode. E_NOTFOUND, E_DENIED, E_CORRUPT (another length), E_IO. */
enum result keys_load(const char *dir, const char *name, bool is_secret,
                      uint8_t ret_key[KEY_BYTES]) MUST_USE;
/* Whole and durable, or not at all. */
enum result keys_store(const char *dir, const char *name, bool is_secret,
                       const uint8_t key[KEY_BYTES]) MUST_USE;

#endif
