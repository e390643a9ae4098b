/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The vault's private half, split in two: each share is one file for one
 * holder, enciphered under a passphrase of theirs (argon2id). Both are needed;
 * one alone says nothing about the key, not even to who knows its passphrase.
 * Knows no folder and asks nobody.
 *
 *   offset  bytes  what (numbers little-endian)
 *        0      8  "VIGIESH1"
 *        8      1  which half: 1 or 2
 *        9      1  length of the holder's name, 1 to 63
 *       10      2  zero
 *       12      4  argon2id: operations, 1 to 64
 *       16      8  argon2id: bytes of memory, 8 KiB to 1 GiB
 *       24     32  public key of the pair (vault.pub)
 *       56     16  salt
 *       72     24  nonce
 *       96     48  the half under XChaCha20-Poly1305; all other bytes are
 *                  its associated data
 *      144     64  the holder's name, UTF-8, filled up with zeros
 */
#ifndef VIGIE_LEDGER_VAULT_SHARE_H
#define VIGIE_LEDGER_VAULT_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "ledger/keys.h"

#define VAULT_SHARE_BYTES 208
#define VAULT_HOLDERS 2
#define VAULT_HOLDER_BYTES_MAX 63
/* A passphrase that a person can keep and a thief of the file cannot try. */
#define VAULT_PASSPHRASE_BYTES_MIN 12
#define VAULT_PASSPHRASE_BYTES_MAX 1024

/* What trying one passphrase costs. */
struct vault_cost {
    uint32_t operations;
    uint64_t memory_bytes;
};
extern const struct vault_cost vault_cost_usual;

struct vault_share {
    unsigned which; /* 1 or 2 */
    uint8_t public_key[KEY_BYTES];
    char holder[VAULT_HOLDER_BYTES_MAX + 1];
};

/* One half each, both new at every call. E_ARGUMENT: a name or passphrase
 * too short or too long, or two holders of one name; E_NOMEM. */
enum result
vault_share_make(const uint8_t private_key[KEY_BYTES],
                 const struct text holders[VAULT_HOLDERS],
                 const struct text passphrases[VAULT_HOLDERS],
                 const struct vault_cost *cost,
                 uint8_t ret_shares[VAULT_HOLDERS][VAULT_SHARE_BYTES]) MUST_USE;
/* What a share says of itself, believed only once it is opened. E_FORMAT. */
enum result vault_share_read(const void *bytes, size_t length,
                             struct vault_share *ret_share) MUST_USE;
/* E_FORMAT; E_DENIED: another passphrase, or changed bytes; E_NOMEM. */
enum result vault_share_open(const void *bytes, size_t length,
                             struct text passphrase,
                             uint8_t ret_half[KEY_BYTES]) MUST_USE;
/* E_DENIED where the two do not make the private half of that public key. */
enum result vault_share_join(const uint8_t first[KEY_BYTES],
                             const uint8_t second[KEY_BYTES],
                             const uint8_t public_key[KEY_BYTES],
                             uint8_t ret_private[KEY_BYTES]) MUST_USE;

#endif
