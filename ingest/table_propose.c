/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A mapping to edit, for a table that none fits. It holds names of columns
 * and never a value: where the first line is not surely a header, columns are
 * told by their position.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "ingest/form.h"
#include "ingest/table_guess.h"

#define SAMPLE_ROWS 40
#define PROPOSED_MAX 64

struct proposed {
    char place[256]; /* `column "IPP"`, `path a.b`, `position 3` */
    enum mapping_field field;
    uint32_t content;
    bool name;
};

struct proposal {
    const char *format;
    char separator;
    bool no_header;
    bool has_date_hour; /* date and hour stand apart */
    uint32_t count;
    struct proposed columns[PROPOSED_MAX];
};

static bool
has_field(const struct proposal *proposal, enum mapping_field field)
{
    for (uint32_t i = 0; i < proposal->count; i++) {
        if (proposal->columns[i].field == field) {
            return true;
        }
    }
    return false;
}

/* A name as a quoted word of the syntax, cut where it is very long; false
 * where it cannot be written so. */
static bool
quote_name(struct text name, char *out, size_t room)
{
    size_t length = 0;

    if (name.length == 0 || name.length > 80) {
        return false;
    }
    out[length++] = '"';
    for (size_t i = 0; i < name.length && length + 4 < room; i++) {
        const char byte = name.bytes[i];

        if ((unsigned char)byte < 0x20) {
            return false;
        }
        if (byte == '"' || byte == '\\') {
            out[length++] = '\\';
        }
        out[length++] = byte;
    }
    out[length++] = '"';
    out[length] = '\0';
    return true;
}

/* What all the values of each column have in common, over the rows after
 * the first. */
static uint32_t
read_rows(struct text lines, char separator, struct csv_row *row,
          struct buffer *cells, uint32_t *common)
{
    uint32_t seen = 0, columns = 0;
    bool filled[CSV_COLUMNS_MAX] = {false};

    for (uint32_t i = 0; i < CSV_COLUMNS_MAX; i++) {
        common[i] = GUESS_ANY;
    }
    while (lines.length > 0 && seen < SAMPLE_ROWS) {
        const size_t end = csv_record_end(lines, separator);
        const struct text record = {lines.bytes, end == 0 ? lines.length : end};

        lines = text_after(lines, record.length);
        if (text_trim(record).length == 0) {
            continue;
        }
        buffer_clear(cells);
        if (csv_split(record, separator, cells, NULL, row) != OK) {
            break;
        }
        seen++;
        columns = row->count > columns ? row->count : columns;
        for (uint32_t i = 0; i < row->count; i++) {
            if (row->cells[i].length > 0) {
                filled[i] = true;
                common[i] &= guess_content(row->cells[i]);
            }
        }
    }
    for (uint32_t i = 0; i < CSV_COLUMNS_MAX; i++) {
        common[i] = filled[i] ? common[i] : 0;
    }
    return columns;
}

/* Surely a header: no cell is data, and some column below is. */
static bool
is_header(const struct csv_row *row, const uint32_t *below)
{
    bool data_below = false;

    for (uint32_t i = 0; i < row->count; i++) {
        if (guess_content(row->cells[i]) != 0) {
            return false;
        }
        data_below |= below[i] != 0;
    }
    return data_below;
}

static void
propose_column(struct proposal *proposal, uint32_t i, struct text name,
               uint32_t content)
{
    struct proposed *column;
    char quoted[128];

    if (proposal->count == PROPOSED_MAX) {
        return;
    }
    column = &proposal->columns[proposal->count];
    if (proposal->no_header) {
        (void)snprintf(column->place, sizeof(column->place), "position %u",
                       i + 1);
        name = (struct text){"", 0};
    } else {
        if (!quote_name(name, quoted, sizeof(quoted))) {
            return;
        }
        (void)snprintf(column->place, sizeof(column->place), "column %s",
                       quoted);
    }
    column->content = content;
    column->field = guess_field(name, content, &column->name);
    proposal->count++;
}

static enum result
propose_csv(struct text lines, struct proposal *proposal)
{
    struct csv_row *row = malloc(2 * sizeof(*row));
    uint32_t common[CSV_COLUMNS_MAX];
    struct buffer cells = {0}, first = {0};
    const char separator = csv_separator(lines);
    const size_t end = csv_record_end(lines, separator);
    enum result result = row == NULL ? E_NOMEM : E_NOTFOUND;

    if (row == NULL || separator == 0 || end == 0 ||
        csv_split((struct text){lines.bytes, end}, separator, &first, NULL,
                  &row[0]) != OK) {
        goto out;
    }
    proposal->format = "csv";
    proposal->separator = separator;
    uint32_t columns =
        read_rows(text_after(lines, end), separator, &row[1], &cells, common);

    columns = row[0].count > columns ? row[0].count : columns;
    proposal->no_header = !is_header(&row[0], common);
    for (uint32_t i = 0; i < columns && i < CSV_COLUMNS_MAX; i++) {
        propose_column(proposal, i,
                       i < row[0].count ? row[0].cells[i]
                                        : (struct text){"", 0},
                       common[i]);
    }
    result = OK;
out:
    buffer_free(&cells);
    buffer_free(&first);
    free(row);
    return result;
}

/* Paths of scalars, in the order of the record. */
struct paths {
    struct proposal *proposal;
    struct json_reader reader;
    struct buffer scratch;
    char path[160];
    size_t lengths[8]; /* of the path, by level */
    bool is_array[8];
    uint32_t depth;
};

static void
push_key(struct paths *paths, struct text key)
{
    size_t length = paths->lengths[paths->depth];

    if (paths->is_array[paths->depth]) {
        (void)snprintf(paths->path + length, sizeof(paths->path) - length,
                       "[*]");
        return;
    }
    if (length > 0 && length + 1 < sizeof(paths->path)) {
        paths->path[length++] = '.';
    }
    for (size_t i = 0; i < key.length; i++) {
        if (length + 3 >= sizeof(paths->path)) {
            break;
        }
        if (strchr(".[\\", key.bytes[i]) != NULL) {
            paths->path[length++] = '\\';
        }
        paths->path[length++] = key.bytes[i];
    }
    paths->path[length] = '\0';
}

static void
propose_path(struct paths *paths, struct text key, struct text value)
{
    struct proposal *const proposal = paths->proposal;
    struct proposed *column;

    if (proposal->count == PROPOSED_MAX || strchr(paths->path, '\'') != NULL) {
        return;
    }
    column = &proposal->columns[proposal->count++];
    /* '…' has no escapes, so that a backslash of the path stays one */
    (void)snprintf(column->place, sizeof(column->place), "path '%s'",
                   paths->path);
    column->content = guess_content(value);
    column->field = guess_field(key, column->content, &column->name);
}

static enum result
path_value(struct paths *paths, struct text key)
{
    struct json_string string;
    struct text value = {"", 0};
    enum json_type type;
    enum result result = json_peek(&paths->reader, &type);

    if (result != OK) {
        return result;
    }
    push_key(paths, key);
    if ((type == JSON_OBJECT || type == JSON_ARRAY) && paths->depth < 6) {
        paths->depth++;
        paths->lengths[paths->depth] = strlen(paths->path);
        paths->is_array[paths->depth] = type == JSON_ARRAY;
        return type == JSON_OBJECT ? json_enter_object(&paths->reader)
                                   : json_enter_array(&paths->reader);
    }
    if (type == JSON_STRING) {
        result = json_read_string(&paths->reader, &string);
        value = string.raw;
    } else if (type == JSON_NUMBER) {
        result = json_read_number(&paths->reader, &value);
    } else {
        return json_skip(&paths->reader);
    }
    if (result == OK) {
        propose_path(paths, key, value);
    }
    return result;
}

static enum result
propose_json(struct text lines, struct proposal *proposal)
{
    struct paths paths = {.proposal = proposal};
    struct json_string key = {{"", 0}, false};
    bool more;
    enum result result;

    proposal->format = "json";
    json_start(&paths.reader, lines);
    result = json_enter_object(&paths.reader);
    while (result == OK) {
        result = paths.is_array[paths.depth]
                     ? json_next_element(&paths.reader, &more)
                     : json_next_member(&paths.reader, &key, &more);
        if (result != OK) {
            break;
        }
        if (more) {
            /* of an array one element shows the shape of all */
            result = path_value(&paths, key.raw);
            continue;
        }
        if (paths.depth == 0) {
            break;
        }
        paths.depth--;
    }
    buffer_free(&paths.scratch);
    return proposal->count > 0 ? OK : E_NOTFOUND;
}

static enum result
print_column(const struct proposed *column, struct buffer *out)
{
    switch (column->field) {
    case MAPPING_ACTION:
        return buffer_format(
            out,
            "    action %s {\n"
            "        refusal \"*refus*\" \"*echec*\";\n"
            "        logout \"*deconnexion*\" \"logout*\";\n"
            "        login \"connexion*\" \"login*\";\n"
            "        search \"*recherche*\" \"search*\";\n"
            "        export \"*export*\" \"*impression*\";\n"
            "        update \"*modif*\" \"*creation*\" \"update*\";\n"
            "        default read;\n"
            "    }\n",
            column->place);
    case MAPPING_OUTCOME:
        return buffer_format(out,
                             "    outcome %s {\n"
                             "        refusal \"*refus*\" \"*echec*\" \"ko\" "
                             "\"*error*\";\n"
                             "        default access;\n"
                             "    }\n",
                             column->place);
    case MAPPING_PERSON:
        return (column->content & GUESS_INS) != 0
                   ? buffer_format(out,
                                   "    person %s system "
                                   "\"urn:oid:1.2.250.1.213.1.4.8\" "
                                   "compact;\n",
                                   column->place)
                   : buffer_format(out, "    person %s;\n", column->place);
    default:
        return buffer_format(out, "    %s %s;\n",
                             mapping_field_name(column->field), column->place);
    }
}

/* Fields that the format asks for come first, then the rest in the order of
 * the table; RPPS before other names of the professional. */
static enum result
print_fields(const struct proposal *proposal, struct buffer *out)
{
    enum result result = OK;

    for (int rpps = 1; rpps >= 0; rpps--) {
        for (uint32_t i = 0; result == OK && i < proposal->count; i++) {
            const struct proposed *const column = &proposal->columns[i];
            const bool first = column->field == MAPPING_PROFESSIONAL &&
                               (column->content & GUESS_RPPS) != 0;

            if (column->field != MAPPING_FIELDS && first == (rpps == 1)) {
                result = print_column(column, out);
            }
        }
    }
    for (uint32_t i = 0; result == OK && i < proposal->count; i++) {
        const struct proposed *const column = &proposal->columns[i];

        if (column->field == MAPPING_FIELDS) {
            result = buffer_format(
                out, "    # %s: %s\n", column->place,
                column->name ? _("says who a person is; never used as a key")
                             : _("not used"));
        }
    }
    return result;
}

/* A lone date is the whole time; of several the first counts. */
static void
settle_times(struct proposal *proposal)
{
    const bool hour = has_field(proposal, MAPPING_HOUR);
    bool date = false, clock = false;

    for (uint32_t i = 0; i < proposal->count; i++) {
        struct proposed *const column = &proposal->columns[i];

        if (column->field == MAPPING_DATE) {
            column->field = date   ? MAPPING_FIELDS
                            : hour ? MAPPING_DATE
                                   : MAPPING_TIME;
            date = true;
        } else if (column->field == MAPPING_HOUR) {
            column->field = clock ? MAPPING_FIELDS : MAPPING_HOUR;
            clock = true;
        }
    }
    for (uint32_t i = 0; !date && i < proposal->count; i++) {
        if (proposal->columns[i].field == MAPPING_HOUR) {
            proposal->columns[i].field = MAPPING_TIME;
        }
    }
}

static enum result
print_head(const struct proposal *proposal, struct buffer *out)
{
    const char separator[2] = {proposal->separator, '\0'};
    enum result result = buffer_format(
        out,
        "# %s\n# %s\n"
        "table %s {\n    format %s;\n",
        _("A proposal: read each line, correct it, save it, and give it "
          "with --map FILE."),
        _("The reference is docs/mapping.md."), "a-verifier", proposal->format);

    if (result == OK && proposal->separator != 0) {
        result = buffer_format(out, "    separator \"%s\";\n",
                               proposal->separator == '\t' ? "tab" : separator);
    }
    if (result == OK && proposal->no_header) {
        result = buffer_string(out, "    header none;\n");
    }
    return result;
}

static enum result
print_missing(const struct proposal *proposal, struct buffer *out)
{
    enum result result = OK;

    if (has_field(proposal, MAPPING_URL)) {
        result = buffer_string(out, "    person url fhir;\n");
    }
    if (result == OK && !has_field(proposal, MAPPING_PERSON) &&
        !has_field(proposal, MAPPING_URL)) {
        result = buffer_format(out, "    # person …;  %s\n",
                               _("which column tells the patient?"));
    }
    if (result == OK && !has_field(proposal, MAPPING_PROFESSIONAL)) {
        result = buffer_format(out, "    # professional …;  %s\n",
                               _("which column tells who asked?"));
    }
    if (result == OK && !has_field(proposal, MAPPING_DATE) &&
        !has_field(proposal, MAPPING_TIME)) {
        result = buffer_format(out, "    # time …;  %s\n",
                               _("which column tells when? (else --date)"));
    }
    return result == OK ? buffer_string(out, "}\n") : result;
}

static bool
has_some(const struct proposal *proposal)
{
    return has_field(proposal, MAPPING_PERSON) ||
           has_field(proposal, MAPPING_PROFESSIONAL) ||
           has_field(proposal, MAPPING_DATE) ||
           has_field(proposal, MAPPING_ADDRESS) ||
           has_field(proposal, MAPPING_URL);
}

enum result
table_propose(struct text first_lines, struct buffer *out)
{
    struct proposal *proposal = calloc(1, sizeof(*proposal));
    struct buffer utf8 = {0};
    struct text lines = {"", 0};
    enum result result = proposal == NULL ? E_NOMEM : OK;

    if (result == OK) {
        result = csv_utf8(first_lines, &utf8, &lines);
    }
    if (result == OK) {
        result = text_starts(text_trim(lines), "{")
                     ? propose_json(text_trim(lines), proposal)
                     : propose_csv(lines, proposal);
    }
    if (result == OK && !has_some(proposal)) {
        result = E_NOTFOUND; /* prose with commas in it */
    }
    if (result == OK) {
        settle_times(proposal);
        result = print_head(proposal, out);
    }
    if (result == OK) {
        result = print_fields(proposal, out);
    }
    if (result == OK) {
        result = print_missing(proposal, out);
    }
    buffer_free(&utf8);
    free(proposal);
    return result;
}
