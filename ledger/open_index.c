/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/open_index.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/invariant.h"

#define INDEX_BITS_MIN 12

uint64_t
row_key(const struct row *row, enum ledger_key key)
{
    switch (key) {
    case LEDGER_BY_SESSION:
        return row->session;
    case LEDGER_BY_PROFESSIONAL:
        return row->professional;
    case LEDGER_BY_PERSON:
        switch ((enum row_kind)row->kind) {
        case ROW_DISCLOSURE:
        case ROW_REFUSAL:
        case ROW_UNLABELLED:
        case ROW_JOIN:
        case ROW_CONSOLE_READ:
        case ROW_ERASURE:
            return row->person;
        default: /* their person field means something else */
            return 0;
        }
    case LEDGER_BY_ADDRESS:
        return row->kind == ROW_SIGHTING ? row->person : 0;
    }
    return 0;
}

bool
key_stands(enum ledger_key key, uint64_t id)
{
    return id != 0 || key == LEDGER_BY_SESSION;
}

uint64_t
key_mix(uint64_t id)
{
    id = (id ^ id >> 32) * UINT64_C(0xd6e8feb86659fd93);
    id = (id ^ id >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return id ^ id >> 32;
}

void
open_index_free(struct open_index *index)
{
    free(index->heads);
    free(index->before);
    memset(index, 0, sizeof(*index));
}

static size_t
slot(const struct open_index *index, uint64_t id)
{
    return (size_t)(key_mix(id) >> (64 - index->bits));
}

enum result
open_index_grow(struct open_index *index, size_t count)
{
    size_t bits = index->bits < INDEX_BITS_MIN ? INDEX_BITS_MIN : index->bits;
    uint32_t *heads, *before;

    while (((size_t)1 << bits) < count)
        bits++;
    if (index->heads != NULL && bits == index->bits)
        return OK;
    heads = calloc((size_t)1 << bits, sizeof(*heads));
    before = malloc(sizeof(*before) << bits);
    if (heads == NULL || before == NULL) {
        free(heads);
        free(before);
        return E_NOMEM;
    }
    open_index_free(index);
    *index = (struct open_index){
        .heads = heads,
        .before = before,
        .bits = bits,
        .room = (size_t)1 << bits,
    };
    return OK;
}

void
open_index_add(struct open_index *index, bool keyed, uint64_t id)
{
    const size_t i = index->filled++;
    size_t at;

    INVARIANT(4, i < index->room && i < UINT32_MAX / 2);
    if (!keyed)
        return;
    at = slot(index, id);
    index->before[i] = index->heads[at];
    index->heads[at] = (uint32_t)i + 1;
}

uint32_t
open_index_newest(const struct open_index *index, uint64_t id)
{
    return index->heads[slot(index, id)];
}
