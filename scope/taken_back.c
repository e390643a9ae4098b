/* SPDX-License-Identifier: EUPL-1.2 */
#include "scope/taken_back.h"

#include "model/event.h"

void
taken_back_free(struct taken_back *taken)
{
    id_map_free(&taken->rows);
    taken->more = false;
}

enum result
taken_back_note(struct taken_back *taken, const struct row *row)
{
    bool is_new = false;
    enum result result;

    if (!row_is_taken_back(row))
        return OK;
    result = id_map_once(&taken->rows, row->request, (uint32_t)row->person, 0,
                         &is_new);
    if (result == OK && is_new)
        taken->more = true;
    return result;
}

bool
taken_back_has(const struct taken_back *taken, const struct row *row)
{
    return row->kind == ROW_DISCLOSURE && row->grade != GRADE_SENT &&
           taken->rows.count > 0 &&
           id_map_find(&taken->rows, row->request, (uint32_t)row->person, NULL);
}

bool
taken_back_again(struct taken_back *taken)
{
    bool more = taken->more;

    taken->more = false;
    return more;
}
