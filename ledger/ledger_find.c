/* SPDX-License-Identifier: EUPL-1.2 */
/* Finding rows by a key: the sealed segments in their order, then the open
 * rows. */
#include <stdlib.h>

#include "ledger/ledger_state.h"

/* The numbers of the open rows under the id, oldest first. */
static enum result
open_matches(const struct ledger *ledger, enum ledger_key key, uint64_t id,
             uint32_t **ret_numbers, size_t *ret_count)
{
    const struct open_index *index = &ledger->index[key];
    uint32_t newest = open_index_newest(index, id);
    uint32_t *numbers = NULL;
    size_t count = 0, at;

    for (uint32_t i = newest; i != 0; i = index->before[i - 1])
        count += row_key(&ledger->rows[i - 1], key) == id;
    if (count > 0) {
        numbers = malloc(count * sizeof(*numbers));
        if (numbers == NULL)
            return E_NOMEM;
    }
    at = count;
    for (uint32_t i = newest; i != 0 && at > 0; i = index->before[i - 1]) {
        if (row_key(&ledger->rows[i - 1], key) == id)
            numbers[--at] = i - 1;
    }
    *ret_numbers = numbers;
    *ret_count = count;
    return OK;
}

static enum result
find_open(struct ledger *ledger, enum ledger_key key, uint64_t id,
          ledger_visit *visit, void *context)
{
    uint64_t sealed = ledger->manifest.tree.count;
    uint32_t *numbers = NULL;
    size_t count = 0;
    enum result result = open_index_fill(&ledger->index[key], key, ledger->rows,
                                         ledger->open_count);

    if (result == OK)
        result = open_matches(ledger, key, id, &numbers, &count);
    for (size_t i = 0; i < count && result == OK; i++) {
        /* a copy: the visitor may append */
        struct row row = ledger->rows[numbers[i]];

        result = visit(context, sealed + numbers[i], &row);
    }
    free(numbers);
    return result;
}

enum result
ledger_find(struct ledger *ledger, enum ledger_key key, uint64_t id,
            ledger_visit *visit, void *context)
{
    if (id == 0 && key != LEDGER_BY_SESSION)
        return OK;
    return find_open(ledger, key, id, visit, context);
}
