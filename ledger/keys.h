/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The keys folder: machine.key and what is derived from it. The folder is
 * 0700 and the key 0600, outside the data folder and never in its backups.
 * Knows nothing of what the keys are used for, and nothing of the vault.
 *
 *   machine.key   32 random bytes
 *
 * Refused with E_DENIED: a folder that others may write to, a key file that
 * group or others may read or write, or one that belongs to another user.
 */
#ifndef VIGIE_LEDGER_KEYS_H
#define VIGIE_LEDGER_KEYS_H

#include <stdbool.h>
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

/* A key file in that folder: exactly KEY_BYTES bytes. `is_secret` checks
 * owner and mode. E_NOTFOUND, E_DENIED, E_CORRUPT (another length), E_IO. */
enum result keys_load(const char *dir, const char *name, bool is_secret,
                      uint8_t ret_key[KEY_BYTES]) MUST_USE;
/* Whole and durable, or not at all. */
enum result keys_store(const char *dir, const char *name, bool is_secret,
                       const uint8_t key[KEY_BYTES]) MUST_USE;

#endif
