/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie ledger stat: rows by day, source and kind, and what the ledger itself
 * says that it lacks.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/ledger_show.h"
#include "cli/table_print.h"
#include "model/event.h"
#include "scope/alias_print.h"
#include "scope/row_print.h"
#include "scope/step.h"
#include "scope/stock.h"

static const char *
day_text(int32_t day, char text[TIME_TEXT_BYTES])
{
    char whole[TIME_TEXT_BYTES];

    if (day == STOCK_DAY_OTHER)
        return "-";
    (void)snprintf(text, TIME_TEXT_BYTES, "%.10s",
                   time_format_utc(day * TIME_DAY_US, whole));
    return text;
}

static enum result
kinds_json(const uint64_t rows[STOCK_KINDS], struct buffer *out)
{
    enum result result = buffer_byte(out, '{');
    bool any = false;

    for (unsigned kind = 0; kind < STOCK_KINDS; kind++) {
        if (rows[kind] == 0)
            continue;
        STEP(buffer_format(out, "%s\"%s\":%" PRIu64, any ? "," : "",
                           row_kind_name(kind), rows[kind]));
        any = true;
    }
    STEP(buffer_byte(out, '}'));
    return result;
}

static enum result
source_json(struct lookup *lookup, uint16_t source, struct buffer *out)
{
    if (lookup == NULL || source == 0)
        return source == 0 ? buffer_string(out, "null")
                           : buffer_format(out, "\"#%u\"", source);
    return number_json(lookup, NAME_SOURCE, source, out);
}

static enum result
days_json(const struct query *query, const struct stock *stock,
          struct buffer *out)
{
    char day[TIME_TEXT_BYTES];
    enum result result = OK;

    for (size_t i = 0; i < stock->count; i++) {
        const struct stock_day *at = &stock->days[i];

        STEP(buffer_format(out, "{\"kind\":\"day\",\"day\":\"%s\",\"source\":",
                           day_text(at->day, day)));
        STEP(source_json(query->lookup, at->source, out));
        STEP(buffer_string(out, ",\"rows\":"));
        STEP(kinds_json(at->rows, out));
        STEP(buffer_string(out, "}\n"));
        STEP(query_flush(out, true));
    }
    return result;
}

static uint64_t
lost_rows(const struct query *query)
{
    size_t count = 0;
    const struct ledger_damage *damages = ledger_damages(query->ledger, &count);
    uint64_t lost = 0;

    for (size_t i = 0; i < count; i++)
        lost += damages[i].lost;
    return lost;
}

static enum result
flags_json(const struct stock *stock, struct buffer *out)
{
    enum result result = buffer_byte(out, '{');
    bool any = false;

    for (unsigned bit = 0; bit < 16; bit++) {
        if (stock->flags[bit] == 0)
            continue;
        STEP(buffer_string(out, any ? ",\"" : "\""));
        STEP(row_print_flags((uint16_t)(1u << bit), "", out));
        STEP(buffer_format(out, "\":%" PRIu64, stock->flags[bit]));
        any = true;
    }
    STEP(buffer_byte(out, '}'));
    return result;
}

static enum result
sum_json(const struct query *query, const struct stock *stock,
         struct buffer *out)
{
    char first[TIME_TEXT_BYTES], last[TIME_TEXT_BYTES];
    struct ledger_statistics statistics;
    enum result result;

    ledger_statistics(query->ledger, &statistics);
    result = buffer_format(
        out,
        "{\"kind\":\"ledger\",\"rows\":%" PRIu64 ",\"sealed_rows\":%" PRIu64
        ",\"segments\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"counted\":%" PRIu64,
        statistics.rows, statistics.sealed_rows, statistics.segments,
        statistics.sealed_bytes + statistics.open_bytes, stock->rows);
    if (stock->first_us <= stock->last_us)
        STEP(buffer_format(out, ",\"first\":\"%s\",\"last\":\"%s\"",
                           time_format_utc(stock->first_us, first),
                           time_format_utc(stock->last_us, last)));
    STEP(buffer_string(out, ",\"kinds\":"));
    STEP(kinds_json(stock->kinds, out));
    STEP(buffer_string(out, ",\"flags\":"));
    STEP(flags_json(stock, out));
    STEP(buffer_format(
        out,
        ",\"coverage\":{\"lost_rows\":%" PRIu64 ",\"gaps\":%" PRIu64
        ",\"clock_jumps\":%" PRIu64 ",\"unlabelled\":%" PRIu64
        ",\"refused_input\":%" PRIu64 ",\"recoveries\":%" PRIu64 "}}\n",
        lost_rows(query), stock->kinds[ROW_GAP], stock->kinds[ROW_CLOCK_JUMP],
        stock->kinds[ROW_UNLABELLED], stock->refused_input,
        stock->kinds[ROW_LINEAGE]));
    return result;
}

static uint64_t
sum_of(const struct stock_day *day)
{
    uint64_t sum = 0;

    for (unsigned kind = 0; kind < STOCK_KINDS; kind++)
        sum += day->rows[kind];
    return sum;
}

static enum result
days_table(const struct query *query, const struct stock *stock,
           struct buffer *out)
{
    const struct table_column columns[] = {
        {_("Day"), false, 0},       {_("Source"), false, 32},
        {_("Rows"), true, 0},       {_("Disclosures"), true, 0},
        {_("Unlabelled"), true, 0}, {_("Refusals"), true, 0},
        {_("Alerts"), true, 0}};
    struct table_print *table = NULL;
    struct buffer cell = {0};
    char day[TIME_TEXT_BYTES];
    enum result result = table_print_new(columns, 7, &table);

    for (size_t i = 0; i < stock->count && result == OK; i++) {
        const struct stock_day *at = &stock->days[i];

        STEP(table_print_format(table, "%s", day_text(at->day, day)));
        if (query->lookup != NULL)
            STEP(number_text(query->lookup, NAME_SOURCE, at->source, &cell));
        else
            STEP(buffer_format(&cell, "#%u", at->source));
        STEP(table_print_buffer(table, &cell));
        STEP(table_print_format(table, "%" PRIu64, sum_of(at)));
        STEP(table_print_format(table, "%" PRIu64, at->rows[ROW_DISCLOSURE]));
        STEP(table_print_format(table, "%" PRIu64, at->rows[ROW_UNLABELLED]));
        STEP(table_print_format(table, "%" PRIu64, at->rows[ROW_REFUSAL]));
        STEP(table_print_format(table, "%" PRIu64, at->rows[ROW_VERDICT]));
    }
    STEP(table_print_end(table, out));
    table_print_free(table);
    buffer_free(&cell);
    return result;
}

static enum result
sum_text(const struct query *query, const struct stock *stock,
         struct buffer *out)
{
    struct ledger_statistics statistics;
    enum result result;

    ledger_statistics(query->ledger, &statistics);
    result = buffer_format(
        out,
        _("%llu rows (%llu in %llu sealed segments), %llu bytes; counted here: "
          "%llu\n\n"),
        (unsigned long long)statistics.rows,
        (unsigned long long)statistics.sealed_rows,
        (unsigned long long)statistics.segments,
        (unsigned long long)(statistics.sealed_bytes + statistics.open_bytes),
        (unsigned long long)stock->rows);
    for (unsigned kind = 0; kind < STOCK_KINDS; kind++) {
        if (stock->kinds[kind] > 0)
            STEP(buffer_format(out, "  %-14s %12" PRIu64 "\n",
                               row_kind_name(kind), stock->kinds[kind]));
    }
    STEP(buffer_byte(out, '\n'));
    STEP(days_table(query, stock, out));
    if (lost_rows(query) > 0)
        STEP(buffer_format(out, _("\nRows that have rotted: %llu\n"),
                           (unsigned long long)lost_rows(query)));
    return result;
}

enum result
ledger_show_stat(struct query *query)
{
    struct walk_query walk;
    struct stock stock = {0};
    struct buffer out = {0};
    enum result result;

    walk_query_start(&walk);
    if (query->csv || query->first != NULL || query->rows != NULL) {
        say_error("stat", "%s", _("stat takes neither --csv nor rows"));
        return E_ARGUMENT;
    }
    result = query_times(query, &walk);
    STEP(ledger_show_open(query));
    STEP(stock_count(query->ledger, walk.from_us, walk.to_us, &stock));
    if (query->json) {
        STEP(days_json(query, &stock, &out));
        STEP(sum_json(query, &stock, &out));
    } else {
        STEP(sum_text(query, &stock, &out));
    }
    STEP(query_flush(&out, false));
    buffer_free(&out);
    stock_free(&stock);
    walk_query_free(&walk);
    return result;
}
