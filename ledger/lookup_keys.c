/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The keys of a look-up: those derived from machine.key, and what stays of
 * the ones before. A name's HMAC goes through all of them, the oldest first:
 * rotating puts one more around what is stored, without knowing the names.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/lookup_inside.h"

static void
forget_past(struct lookup *lookup)
{
    if (lookup->past_mac != NULL)
        hash_wipe(lookup->past_mac,
                  lookup->past_count * sizeof(lookup->past_mac[0]));
    if (lookup->past_imports != NULL)
        hash_wipe(lookup->past_imports,
                  lookup->past_count * sizeof(lookup->past_imports[0]));
    free(lookup->past_mac);
    free(lookup->past_imports);
    lookup->past_mac = NULL;
    lookup->past_imports = NULL;
    lookup->past_count = 0;
}

static enum result
derive_past(struct lookup *lookup)
{
    size_t count = keys_epochs(lookup->keys);
    uint8_t key[KEY_BYTES];
    enum result result = OK;

    lookup->past_mac = calloc(count + 1, sizeof(lookup->past_mac[0]));
    lookup->past_imports = calloc(count + 1, sizeof(lookup->past_imports[0]));
    if (lookup->past_mac == NULL || lookup->past_imports == NULL)
        return E_NOMEM;
    lookup->past_count = count;
    for (size_t i = 0; i < count && result == OK; i++) {
        for (unsigned kind = 0; kind < LOOKUP_KINDS && result == OK; kind++) {
            result = keys_past(lookup->keys, KEYS_HASH + kind, i, key);
            if (result == OK)
                cipher_mac_start(&lookup->past_mac[i][kind], key);
        }
        if (result == OK)
            result = keys_past(lookup->keys, KEYS_IMPORTS, i,
                               lookup->past_imports[i]);
    }
    hash_wipe(key, sizeof(key));
    return result == E_NOTFOUND ? E_CORRUPT : result;
}

enum result
lookup_keys_derive(struct lookup *lookup)
{
    uint8_t key[KEY_BYTES];

    forget_past(lookup);
    for (unsigned kind = 0; kind < LOOKUP_KINDS; kind++) {
        keys_derive(lookup->keys, KEYS_HASH + kind, key);
        cipher_mac_start(&lookup->mac[kind], key);
    }
    keys_derive(lookup->keys, KEYS_VALUES, lookup->values_key);
    keys_derive(lookup->keys, KEYS_IMPORTS, lookup->imports_key);
    keys_derive(lookup->keys, KEYS_DIGEST, key);
    memcpy(lookup->digest_key, key, sizeof(lookup->digest_key));
    hash_wipe(key, sizeof(key));
    return derive_past(lookup);
}

void
lookup_keys_free(struct lookup *lookup)
{
    forget_past(lookup);
    keys_free(lookup->keys);
    lookup->keys = NULL;
}

enum result
lookup_keys_change(struct lookup *lookup, struct keys *keys)
{
    enum result result = keys_promote(keys_dir(keys));

    keys_free(lookup->keys);
    lookup->keys = keys;
    return result == OK ? lookup_keys_derive(lookup) : result;
}

void
lookup_hash(const struct lookup *lookup, unsigned kind, struct text name,
            uint8_t ret_hash[16])
{
    uint8_t before[16];

    for (size_t i = 0; i < lookup->past_count; i++) {
        cipher_mac_hash(&lookup->past_mac[i][kind], name, before);
        name = (struct text){(const char *)before, sizeof(before)};
    }
    cipher_mac_hash(&lookup->mac[kind], name, ret_hash);
}
