/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Batch keys: persons' values are encrypted under keys that only the vault
 * can bring back. A batch ends with the process, since its key then is gone
 * from memory, or when it is full: erasing one person means to write the
 * other values of the batch again.
 */
#include <string.h>

#include "ledger/lookup_inside.h"

#define BATCH_VALUES_MAX 16384

static void
number_bytes(uint32_t number, uint8_t ret_bytes[4])
{
    ret_bytes[0] = (uint8_t)(number >> 24);
    ret_bytes[1] = (uint8_t)(number >> 16);
    ret_bytes[2] = (uint8_t)(number >> 8);
    ret_bytes[3] = (uint8_t)number;
}

static enum result
last_number(struct lookup *lookup, uint32_t *ret_number)
{
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    int code =
        mdb_cursor_open(lookup->txn, lookup->table[TABLE_BATCH], &cursor);

    if (code == MDB_SUCCESS)
        code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    if (code == MDB_SUCCESS && key.mv_size == 4) {
        const uint8_t *bytes = key.mv_data;

        *ret_number = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                      (uint32_t)bytes[2] << 8 | bytes[3];
    } else if (code == MDB_NOTFOUND) {
        *ret_number = 0;
        code = MDB_SUCCESS;
    }
    mdb_cursor_close(cursor);
    return lookup_result(lookup, code);
}

enum result
lookup_batch_current(struct lookup *lookup,
                     const struct lookup_batch **ret_batch)
{
    struct lookup_batch *batch = &lookup->writing;
    uint8_t sealed[VAULT_SEALED_BYTES];
    uint8_t bytes[4];
    uint32_t number = 0;
    MDB_val key = {sizeof(bytes), bytes};
    MDB_val value = {sizeof(sealed), sealed};
    enum result result;

    if (batch->number == 0 || batch->used == BATCH_VALUES_MAX) {
        result = last_number(lookup, &number);
        if (result != OK)
            return result;
        hash_random(batch->key, sizeof(batch->key));
        result = vault_seal(lookup->vault, batch->key, sealed);
        if (result != OK)
            return result;
        number_bytes(number + 1, bytes);
        result = lookup_result(lookup,
                               mdb_put(lookup->txn, lookup->table[TABLE_BATCH],
                                       &key, &value, MDB_NOOVERWRITE));
        if (result == OK)
            result = journal_put(lookup, TABLE_BATCH, &key, &value);
        if (result != OK)
            return result;
        batch->number = number + 1;
        batch->used = 0;
    }
    batch->used++;
    *ret_batch = batch;
    return OK;
}

enum result
lookup_batch_key(struct lookup *lookup, uint32_t number,
                 const uint8_t **ret_key)
{
    struct lookup_batch *batch = &lookup->reading[number % BATCHES_OPEN];
    uint8_t bytes[4];
    MDB_val key = {sizeof(bytes), bytes};
    MDB_val value;
    enum result result;

    if (number == 0) {
        *ret_key = lookup->values_key;
        return OK;
    }
    if (lookup->vault == NULL || !vault_can_open(lookup->vault))
        return E_DENIED;
    if (batch->number != number) {
        number_bytes(number, bytes);
        result = lookup_get(lookup, TABLE_BATCH, &key, &value);
        /* Erased: the values are beyond recall. */
        if (result != OK)
            return result;
        if (value.mv_size != VAULT_SEALED_BYTES)
            return E_CORRUPT;
        batch->number = 0;
        result = vault_unseal(lookup->vault, value.mv_data, batch->key);
        if (result != OK)
            return result;
        batch->number = number;
    }
    *ret_key = batch->key;
    return OK;
}
