/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The vault: what seals the persons' batch keys. Sealing needs only the
 * public key (vault.pub, 32 bytes of X25519); opening needs the private half
 * (vault.key, 0600), which belongs off the machine: split between two
 * holders (vault_share.h) and lent while it is needed, in locked memory, or
 * asked of another process that was lent it. Where no vault.pub is given, a
 * pair is made in the keys folder, and the caller is told. Knows nothing of
 * aliases.
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
const uint8_t *vault_public(const struct vault *vault); /* KEY_BYTES */

/* A new pair, kept nowhere yet. */
enum result vault_new(uint8_t ret_private[KEY_BYTES]) MUST_USE;
/* Keeps its vault.pub. E_EXISTS where the folder has one. */
enum result vault_adopt(const char *keys_dir,
                        const uint8_t private_key[KEY_BYTES]) MUST_USE;
/* vault.key itself, of a local pair. E_NOTFOUND, E_DENIED, E_CORRUPT. */
enum result vault_local_key(const char *keys_dir,
                            uint8_t ret_private[KEY_BYTES]) MUST_USE;
/* Written over, then removed, and the folder synced. E_NOTFOUND, E_IO. */
enum result vault_forget(const char *keys_dir) MUST_USE;

/* The private half, until vault_shut. E_DENIED: of another pair. */
enum result vault_lend(struct vault *vault,
                       const uint8_t private_key[KEY_BYTES]) MUST_USE;
void vault_shut(struct vault *vault); /* wipes what was lent */
/* Who unseals where the private half is elsewhere; NULL: nobody. */
typedef enum result vault_unsealer(void *context,
                                   const uint8_t sealed[VAULT_SEALED_BYTES],
                                   uint8_t ret_key[KEY_BYTES]);
void vault_ask(struct vault *vault, vault_unsealer *unsealer, void *context);

enum result vault_seal(const struct vault *vault, const uint8_t key[KEY_BYTES],
                       uint8_t ret_sealed[VAULT_SEALED_BYTES]) MUST_USE;
/* E_DENIED where the private half is not here or is another's; E_CORRUPT
 * where it is the right one and the box does not open. */
enum result vault_unseal(const struct vault *vault,
                         const uint8_t sealed[VAULT_SEALED_BYTES],
                         uint8_t ret_key[KEY_BYTES]) MUST_USE;

#endif
