/* SPDX-License-Identifier: EUPL-1.2 */
/* The vault of a look-up, opened and shut while it is in use. */
#include "ledger/lookup_inside.h"

enum result
lookup_vault_lend(struct lookup *lookup, const uint8_t private_key[KEY_BYTES])
{
    return lookup->vault == NULL ? E_NOTFOUND
                                 : vault_lend(lookup->vault, private_key);
}

void
lookup_vault_shut(struct lookup *lookup)
{
    if (lookup->vault != NULL)
        vault_shut(lookup->vault);
    /* what it opened goes with it; the batch being written was made here */
    hash_wipe(lookup->reading, sizeof(lookup->reading));
}

enum result
lookup_vault_ask(struct lookup *lookup,
                 enum result (*unsealer)(void *context, const uint8_t *sealed,
                                         uint8_t *ret_key),
                 void *context)
{
    if (lookup->vault == NULL)
        return E_NOTFOUND;
    vault_ask(lookup->vault, unsealer, context);
    return OK;
}

enum result
lookup_vault_unseal(struct lookup *lookup, struct text sealed,
                    uint8_t ret_key[KEY_BYTES])
{
    if (lookup->vault == NULL)
        return E_DENIED;
    if (sealed.length != VAULT_SEALED_BYTES)
        return E_FORMAT;
    return vault_unseal(lookup->vault, (const uint8_t *)sealed.bytes, ret_key);
}

bool
lookup_vault_is_open(const struct lookup *lookup)
{
    return lookup->vault != NULL && vault_can_open(lookup->vault);
}

const uint8_t *
lookup_vault_public(const struct lookup *lookup)
{
    return lookup->vault == NULL ? NULL : vault_public(lookup->vault);
}
