/* SPDX-License-Identifier: EUPL-1.2 */
/* journal_scan over a journal that may be anything: what it calls with lies
 * within the bytes, and it stops. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/lookup_journal.h"

struct seen {
    const uint8_t *bytes;
    size_t length;
    uint64_t sum;
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static enum result
visit(void *context, const struct journal_entry *entry)
{
    struct seen *seen = context;

    assert(entry->key >= seen->bytes && entry->key_length > 0);
    assert(entry->value + entry->value_length <= seen->bytes + seen->length);
    for (size_t i = 0; i < entry->key_length + entry->value_length; i++)
        seen->sum += entry->key[i];
    return OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct seen seen = {.bytes = bytes, .length = length};
    size_t end = 0;
    enum result result = journal_scan(bytes, length, 1, visit, &seen, &end);

    assert(result == OK || result == E_CORRUPT);
    assert(end <= length);
    return seen.sum == 1 ? 1 : 0;
}
