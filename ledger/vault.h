/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The vault: what seals the persons' batch keys. Sealing needs only the
 * public key (vault.pub, 32 bytes of X25519); opening needs the private half
 * (vault.key, 0600), which belongs off the machine. Where no vault.pub is
 * given, a pair is made in the keys folder, and the caller is told. Knows
 * nothing of aliases.
 */
#ifndef VIGIE_LEDGER_VAULT_H
#define VIGIE_LEDGER_VAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "ledger/keys.h"

/* The public key that it was sealed to, then libsodium's sealed box. */
#define VAULT_SEALED_BYTES (KEY_BYTES + 48 + KEY_BYTES)

struct vault;

/* `make`: a pair is made where there is no vault.pub (*ret_made). E_NOTFOUND
 * without `make`; E_DENIED where vault.key is readable by others or does not
 * belong to vault.pub; E_CORRUPT. */
enum result vault_open(const char *keys_dir, bool make, bool *ret_made,
                       struct vault **ret_vault) MUST_USE;
void vault_free(struct vault *vault); /* wipes */
bool vault_can_open(const struct vault *vault);

enum result vault_seal(const struct vault *vault, const uint8_t key[KEY_BYTES],
                       uint8_t ret_sealed[VAULT_SEALED_BYTES]) MUST_USE;
/* E_DENIED where the private half is not here or is another's; E_CORRUPT
 * where it is the right one and the box does not open. */
enum result vault_unseal(const struct vault *vault,
                         const uint8_t sealed[VAULT_SEALED_BYTES],
                         uint8_t ret_key[KEY_BYTES]) MUST_USE;

#endif
