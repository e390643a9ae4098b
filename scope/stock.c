/* SPDX-License-Identifier: EUPL-1.2 */
#include "scope/stock.h"

#include <stdlib.h>

#include "base/time.h"
#include "model/event.h"
#include "scope/grow.h"

struct counting {
    struct stock *stock;
    int64_t from_us, to_us;
    int64_t hour; /* that `day` was computed for */
    int32_t day;
};

void
stock_free(struct stock *stock)
{
    free(stock->days);
    id_map_free(&stock->places);
    *stock = (struct stock){0};
}

/* Zones change at whole quarters of an hour; most rows share the last one. */
static int32_t
day_of(struct counting *counting, int64_t time_us)
{
    int64_t quarter = time_us / (TIME_HOUR_US / 4);
    struct civil civil;

    if (quarter == counting->hour && counting->day != STOCK_DAY_OTHER)
        return counting->day;
    time_to_civil_local(time_us, &civil);
    counting->hour = quarter;
    counting->day = (int32_t)time_days(civil.year, civil.month, civil.day);
    return counting->day;
}

static enum result
day_place(struct stock *stock, int32_t day, uint16_t source,
          uint32_t *ret_place)
{
    uint64_t key = (uint64_t)(uint32_t)day << 16 | source;
    enum result result;

    if (id_map_find(&stock->places, key, 0, ret_place))
        return OK;
    if (stock->count >= STOCK_DAYS_MAX && day != STOCK_DAY_OTHER)
        return day_place(stock, STOCK_DAY_OTHER, source, ret_place);
    result =
        grow(&stock->days, &stock->room, stock->count, sizeof(*stock->days));
    if (result == OK)
        result = id_map_put(&stock->places, key, 0, (uint32_t)stock->count);
    if (result != OK)
        return result;
    stock->days[stock->count] =
        (struct stock_day){.day = day, .source = source};
    *ret_place = (uint32_t)stock->count++;
    return OK;
}

static bool
has_source(const struct row *row)
{
    return row->kind != ROW_VERDICT && row->kind != ROW_SIGN &&
           row->kind != ROW_ORDER;
}

static enum result
count_row(void *context, uint64_t number, const struct row *row)
{
    struct counting *counting = context;
    struct stock *stock = counting->stock;
    const uint8_t kind = row->kind < STOCK_KINDS ? row->kind : 0;
    uint32_t place = 0;
    enum result result;

    (void)number;
    if (row->time_source_us < counting->from_us ||
        row->time_source_us >= counting->to_us)
        return OK;
    result = day_place(stock, day_of(counting, row->time_source_us),
                       has_source(row) ? row->source : 0, &place);
    if (result != OK)
        return result;
    stock->days[place].rows[kind]++;
    stock->rows++;
    stock->kinds[kind]++;
    for (unsigned bit = 0; bit < 16; bit++)
        stock->flags[bit] += row->flags >> bit & 1;
    if (row->kind == ROW_REFUSED_INPUT)
        stock->refused_input += row->detail;
    if (row->kind == ROW_DISCLOSURE || row->kind == ROW_UNLABELLED) {
        if (row->time_source_us < stock->first_us)
            stock->first_us = row->time_source_us;
        if (row->time_source_us > stock->last_us)
            stock->last_us = row->time_source_us;
    }
    return OK;
}

static int
day_compare(const void *a, const void *b)
{
    const struct stock_day *left = a, *right = b;

    if (left->day != right->day)
        return left->day < right->day ? -1 : 1;
    return (int)left->source - (int)right->source;
}

enum result
stock_count(struct ledger *ledger, int64_t from_us, int64_t to_us,
            struct stock *ret_stock)
{
    struct stock stock = {.first_us = INT64_MAX, .last_us = INT64_MIN};
    struct counting counting = {.stock = &stock,
                                .from_us = from_us,
                                .to_us = to_us,
                                .day = STOCK_DAY_OTHER};
    enum result result =
        ledger_each(ledger, 0, UINT64_MAX, count_row, &counting);

    if (result != OK) {
        stock_free(&stock);
        return result;
    }
    id_map_free(&stock.places);
    if (stock.count > 1)
        qsort(stock.days, stock.count, sizeof(*stock.days), day_compare);
    *ret_stock = stock;
    return OK;
}
