/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/table_cells.h"

#include "base/time.h"
#include "model/category.h"
#include "scope/alias_print.h"
#include "scope/step.h"

enum result
table_alias(struct table_print *table, struct lookup *lookup, uint64_t id)
{
    struct buffer cell = {0};
    enum result result = alias_text(lookup, id, &cell);

    STEP(table_print_buffer(table, &cell));
    buffer_free(&cell);
    return result;
}

enum result
table_time(struct table_print *table, int64_t time_us)
{
    char text[TIME_TEXT_BYTES];

    return table_print_format(table, "%s", time_format_local(time_us, text));
}

enum result
table_categories(struct table_print *table, uint8_t set)
{
    struct buffer cell = {0};
    enum result result = OK;

    for (unsigned i = 0; i < CATEGORY_COUNT; i++)
        if ((set & 1u << i) != 0)
            STEP(buffer_format(&cell, "%s%s", cell.length == 0 ? "" : ", ",
                               category_title(i)));
    STEP(table_print_buffer(table, &cell));
    buffer_free(&cell);
    return result;
}
