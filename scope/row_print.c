/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Both forms have the same columns, filled once (struct cells); an empty cell
 * is null in JSON, nothing in CSV. docs/ledger.md lists them.
 */
#include "scope/row_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/time.h"
#include "ledger/open_index.h"
#include "model/category.h"
#include "model/event.h"
#include "scope/alias_print.h"
#include "scope/scope_print.h"
#include "scope/step.h"

static const char *const flag_names[16] = {
    "time-from-file", "time-zone-assumed",
    "time-doubtful",  "time-disagrees",
    "emergency",      "test-ins",
    "write",          "search",
    "late",           "context-health",
    "derived",        "alias-session",
    "same-request",   "sid",
    "withheld",       "15",
};

enum column {
    COLUMN_ROW,
    COLUMN_RECEIVED_US,
    COLUMN_TIME_US,
    COLUMN_TIME,
    COLUMN_KIND,
    COLUMN_SESSION,
    COLUMN_PROFESSIONAL,
    COLUMN_PERSON,
    COLUMN_ADDRESS,
    COLUMN_DEVICE,
    COLUMN_REQUEST,
    COLUMN_ALERT,
    COLUMN_SERVICE,
    COLUMN_CONTROLLER,
    COLUMN_SOURCE,
    COLUMN_CATEGORIES,
    COLUMN_POSSIBLE,
    COLUMN_GRADE,
    COLUMN_FLAGS,
    COLUMN_DETAIL,
    COLUMN_RAW,
    COLUMNS,
};

static const struct {
    const char *name;
    bool number; /* without quotes in JSON */
} columns[COLUMNS] = {
    {"row", true},           {"received_us", true}, {"time_us", true},
    {"time", false},         {"kind", false},       {"session", false},
    {"professional", false}, {"person", false},     {"address", false},
    {"device", false},       {"request", false},    {"alert", false},
    {"service", false},      {"controller", false}, {"source", false},
    {"categories", false},   {"possible", false},   {"grade", false},
    {"flags", false},        {"detail", true},      {"raw", false},
};

static unsigned
column_count(bool raw)
{
    return raw ? COLUMNS : COLUMN_RAW;
}

struct cells {
    struct buffer text;  /* all of them, one behind the other */
    size_t end[COLUMNS]; /* of each */
};

enum result
row_print_flags(uint16_t flags, const char *between, struct buffer *out)
{
    enum result result = OK;
    bool any = false;

    for (unsigned bit = 0; bit < 16; bit++) {
        if ((flags >> bit & 1) == 0)
            continue;
        STEP(buffer_string(out, any ? between : ""));
        STEP(buffer_string(out, flag_names[bit]));
        any = true;
    }
    return result;
}

static enum result
put_id(struct buffer *out, bool stands, uint64_t id)
{
    return stands && id != 0 ? buffer_format(out, "%016" PRIx64, id) : OK;
}

static enum result
put_categories(struct buffer *out, unsigned set)
{
    enum result result = OK;
    bool any = false;

    for (unsigned i = 0; i < CATEGORY_COUNT; i++) {
        if ((set >> i & 1) == 0)
            continue;
        STEP(buffer_string(out, any ? " " : ""));
        STEP(buffer_string(out, category_name(i)));
        any = true;
    }
    return result;
}

/* The name, else the number with a #. */
static enum result
put_number(struct lookup *lookup, enum name_kind kind, uint16_t number,
           struct buffer *out)
{
    enum result result = E_NOTFOUND;

    if (number == 0)
        return OK;
    if (lookup != NULL)
        result = lookup_number_name(lookup, kind, number, out);
    if (result == E_NOTFOUND || result == E_DENIED)
        result = buffer_format(out, "#%u", number);
    return result;
}

/* Kinds that tell of one access or step of a session; in the others the
 * small fields mean something else (model/row.h). */
static bool
is_event(const struct row *row)
{
    switch ((enum row_kind)row->kind) {
    case ROW_DISCLOSURE:
    case ROW_SIGHTING:
    case ROW_LOGIN:
    case ROW_LOGOUT:
    case ROW_REFUSAL:
    case ROW_UNLABELLED:
    case ROW_REFUSED_INPUT:
    case ROW_QUERY:
        return true;
    default:
        return false;
    }
}

static bool
has_categories(const struct row *row)
{
    return row->kind == ROW_DISCLOSURE || row->kind == ROW_UNLABELLED ||
           row->kind == ROW_REFUSAL;
}

static enum result
fill_who(struct lookup *lookup, const struct row *row, enum column column,
         struct buffer *out)
{
    const bool sighting = row->kind == ROW_SIGHTING;
    uint64_t person = row_key(row, LEDGER_BY_PERSON);

    switch (column) {
    case COLUMN_SESSION:
        return put_id(out, true, row->session);
    case COLUMN_PROFESSIONAL:
        return put_id(out, true, row->professional);
    case COLUMN_PERSON:
        if (person != 0 && lookup != NULL)
            person = lookup_canonical(lookup, person);
        return put_id(out, true, person);
    case COLUMN_ADDRESS:
        return put_id(out, sighting, row->person);
    case COLUMN_DEVICE:
        return put_id(out, sighting, row->request);
    case COLUMN_REQUEST:
        return put_id(out, is_event(row) && !sighting, row->request);
    case COLUMN_ALERT:
        return put_id(out, row->kind == ROW_VERDICT || row->kind == ROW_SIGN,
                      row->request);
    default:
        return OK;
    }
}

static enum result
fill_what(struct lookup *lookup, const struct row *row, enum column column,
          struct buffer *out)
{
    char hex[2 * ROW_BYTES + 1];
    uint8_t bytes[ROW_BYTES];
    const bool event = is_event(row);

    switch (column) {
    case COLUMN_SERVICE:
        return event ? put_number(lookup, NAME_SERVICE, row->service, out) : OK;
    case COLUMN_CONTROLLER:
        return event ? put_number(lookup, NAME_CONTROLLER, row->controller, out)
                     : OK;
    case COLUMN_SOURCE:
        return event ? put_number(lookup, NAME_SOURCE, row->source, out) : OK;
    case COLUMN_CATEGORIES:
        return has_categories(row)
                   ? put_categories(out, row->categories & CATEGORY_SEEN_MASK)
                   : OK;
    case COLUMN_POSSIBLE:
        return has_categories(row) ? put_categories(out, row->categories >> 8)
                                   : OK;
    case COLUMN_GRADE:
        return row->grade == GRADE_NONE
                   ? OK
                   : buffer_string(out, grade_name((enum grade)row->grade));
    case COLUMN_FLAGS:
        return row_print_flags(row->flags, " ", out);
    case COLUMN_DETAIL:
        return buffer_format(out, "%" PRIu32, row->detail);
    case COLUMN_RAW:
        row_encode(row, bytes);
        hash_hex(bytes, ROW_BYTES, hex);
        return buffer_string(out, hex);
    default:
        return fill_who(lookup, row, column, out);
    }
}

static enum result
fill_cells(struct lookup *lookup, uint64_t number, const struct row *row,
           bool raw, struct cells *cells)
{
    char time[TIME_TEXT_BYTES];
    struct buffer *out = &cells->text;
    enum result result = OK;

    for (unsigned i = 0; i < COLUMNS; i++) {
        switch ((enum column)i) {
        case COLUMN_ROW:
            STEP(buffer_format(out, "%" PRIu64, number));
            break;
        case COLUMN_RECEIVED_US:
            STEP(buffer_format(out, "%" PRId64, row->time_received_us));
            break;
        case COLUMN_TIME_US:
            STEP(buffer_format(out, "%" PRId64, row->time_source_us));
            break;
        case COLUMN_TIME:
            STEP(
                buffer_string(out, time_format_utc(row->time_source_us, time)));
            break;
        case COLUMN_KIND:
            STEP(buffer_string(out, row_kind_name(row->kind)));
            break;
        default:
            if (i != COLUMN_RAW || raw)
                STEP(fill_what(lookup, row, (enum column)i, out));
        }
        cells->end[i] = out->length;
    }
    return result;
}

static struct text
cell_at(const struct cells *cells, unsigned i)
{
    size_t start = i == 0 ? 0 : cells->end[i - 1];

    return (struct text){cells->text.bytes + start, cells->end[i] - start};
}

enum result
row_print_json(struct lookup *lookup, uint64_t number, const struct row *row,
               bool raw, struct buffer *out)
{
    struct cells cells = {0};
    enum result result = fill_cells(lookup, number, row, raw, &cells);

    for (unsigned i = 0; i < column_count(raw); i++) {
        struct text cell = cell_at(&cells, i);

        STEP(buffer_format(out, "%s\"%s\":", i == 0 ? "{" : ",",
                           columns[i].name));
        if (cell.length == 0)
            STEP(buffer_string(out, "null"));
        else if (columns[i].number)
            STEP(buffer_text(out, cell));
        else
            STEP(buffer_json_string(out, cell));
    }
    STEP(buffer_string(out, "}\n"));
    buffer_free(&cells.text);
    return result;
}

enum result
row_print_header(bool raw, struct buffer *out)
{
    enum result result = OK;

    for (unsigned i = 0; i < column_count(raw); i++) {
        STEP(buffer_string(out, i == 0 ? "" : ","));
        STEP(buffer_string(out, columns[i].name));
    }
    STEP(buffer_string(out, "\r\n"));
    return result;
}

enum result
row_print_csv(struct lookup *lookup, uint64_t number, const struct row *row,
              bool raw, struct buffer *out)
{
    struct cells cells = {0};
    enum result result = fill_cells(lookup, number, row, raw, &cells);

    for (unsigned i = 0; i < column_count(raw); i++) {
        STEP(buffer_string(out, i == 0 ? "" : ","));
        /* a number below 0 is no formula */
        STEP(columns[i].number ? buffer_text(out, cell_at(&cells, i))
                               : csv_field(out, cell_at(&cells, i)));
    }
    STEP(buffer_string(out, "\r\n"));
    buffer_free(&cells.text);
    return result;
}
