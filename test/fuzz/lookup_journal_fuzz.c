/* SPDX-License-Identifier: EUPL-1.2 */
/* journal_scan over a journal that may be anything: what it calls with lies
 * within the bytes, and it stops. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/checksum.h"
#include "ledger/lookup_journal.h"

#define HEAD_BYTES 24

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

static uint64_t
scan(const uint8_t *bytes, size_t length)
{
    struct seen seen = {.bytes = bytes, .length = length};
    size_t end = 0;
    enum result result = journal_scan(bytes, length, 1, visit, &seen, &end);

    assert(result == OK || result == E_CORRUPT);
    assert(end <= length);
    return seen.sum;
}

/* What is behind a head whose sum holds: nobody but a writer that went wrong
 * makes such, and by chance no fuzzer. */
static uint64_t
scan_entries(const uint8_t *entries, size_t length)
{
    size_t padded = (length + 7) & ~(size_t)7;
    uint8_t *group = calloc(1, HEAD_BYTES + padded);
    uint64_t sum;

    if (group == NULL)
        return 0;
    memcpy(group, "VJG1", 4);
    le32_put(group + 4, (uint32_t)length);
    le64_put(group + 8, 1);
    memcpy(group + HEAD_BYTES, entries, length);
    le64_put(group + 16,
             checksum64(group + HEAD_BYTES, padded, checksum64(group, 16, 0)));
    sum = scan(group, HEAD_BYTES + padded);
    free(group);
    return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    uint64_t sum = scan(bytes, length);

    if (length > 0)
        sum += scan_entries(bytes, length);
    return sum == 1 ? 1 : 0;
}
