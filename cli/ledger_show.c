/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie ledger stat, dump, export: the rows themselves, for people and for
 * others' tools. Ids only; names of persons come from scope --list.
 */
#include "cli/ledger_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "scope/row_print.h"
#include "scope/scope_print.h"
#include "scope/step.h"

#define SHOW_OPTIONS (QUERY_TIME | QUERY_CSV | QUERY_ALL | QUERY_ROWS)

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie ledger stat   --data DIR [--json]\n"
          "       vigie ledger dump   --data DIR [--first N] [--rows N]\n"
          "       vigie ledger export --data DIR (--json | --csv) [--all]\n"
          "\n"
          "What is inside: stat counts rows by day, source and kind, and says "
          "what lacks;\n"
          "dump shows rows; export writes them for other tools (DuckDB, "
          "ClickHouse,\n"
          "docs/ledger.md). Persons, professionals, sessions, addresses are "
          "ids, never\n"
          "names.\n"
          "\n"
          "  --from T, --to T   event time; --to is not included\n"
          "  --first N          from that row of the log on (0)\n"
          "  --rows N           at most so many (dump: 40)\n"
          "  --json             one JSON object a row\n"
          "  --csv              one record a row\n"
          "  --all              the 64 bytes of the row too, in hexadecimal\n"
          "  --keys DIR         where the keys are: for names of services\n"
          "  --tz ZONE          of times without one, and of days "
          "(Europe/Paris)"));
}

enum result
ledger_show_open(struct query *query)
{
    struct reason why = {.rule = ""};
    enum result result =
        ledger_open(query->data_dir, LEDGER_READ, &why, NULL, &query->ledger);

    if (result != OK) {
        query->said = true;
        if (result == E_NOTFOUND)
            say_error(query->data_dir, "%s", _("there is no ledger here"));
        else
            say_error(query->data_dir, "%s (%s %s)",
                      _("the ledger cannot be opened"), _(result_name(result)),
                      why.rule == NULL ? "" : why.rule);
        return result;
    }
    ledger_go_on(query->ledger);
    if (lookup_open(query->data_dir, query->keys_dir, LOOKUP_READ, NULL,
                    &query->lookup) != OK) {
        query->lookup = NULL;
        say_error("ledger", "%s",
                  _("without the keys: services are numbers, and persons "
                    "joined later stand under several ids"));
    }
    return OK;
}

struct showing {
    struct query *query;
    struct buffer out;
    int64_t from_us, to_us;
    uint64_t left;
};

/* For people: what one row is in one line. */
static enum result
row_line(uint64_t number, const struct row *row, struct buffer *out)
{
    char time[TIME_TEXT_BYTES];
    enum result result = buffer_format(
        out,
        "%10" PRIu64 "  %s  %-13s  s=%016" PRIx64 " a=%016" PRIx64
        " p=%016" PRIx64 " r=%016" PRIx64 "  %s %08" PRIx32 " ",
        number, time_format_local(row->time_source_us, time),
        row_kind_name(row->kind), row->session, row->professional, row->person,
        row->request, grade_name((enum grade)row->grade), row->detail);

    STEP(row_print_flags(row->flags, ",", out));
    STEP(buffer_byte(out, '\n'));
    return result;
}

/* E_END: enough. */
static enum result
show_row(void *context, uint64_t number, const struct row *row)
{
    struct showing *showing = context;
    const struct query *query = showing->query;
    enum result result = OK;

    if (row->time_source_us < showing->from_us ||
        row->time_source_us >= showing->to_us)
        return OK;
    if (showing->left == 0)
        return E_END;
    showing->left--;
    if (query->json)
        result = row_print_json(query->lookup, number, row, query->all,
                                &showing->out);
    else if (query->csv)
        result = row_print_csv(query->lookup, number, row, query->all,
                               &showing->out);
    else
        result = row_line(number, row, &showing->out);
    return result == OK ? query_flush(&showing->out, true) : result;
}

static bool
take_number(const struct query *query, const char *given, uint64_t *number)
{
    if (given == NULL || text_to_u64(text_of(given), INT64_MAX, number) == OK)
        return true;
    say_error(query->command, "%s", _("--first and --rows take a number"));
    return false;
}

static enum result
show_rows(struct query *query, uint64_t most)
{
    struct showing showing = {.query = query, .left = most};
    struct walk_query walk;
    uint64_t first = 0;
    enum result result;

    walk_query_start(&walk);
    if (!take_number(query, query->first, &first) ||
        !take_number(query, query->rows, &showing.left))
        return E_ARGUMENT;
    result = query_times(query, &walk);
    STEP(ledger_show_open(query));
    showing.from_us = walk.from_us;
    showing.to_us = walk.to_us;
    if (query->csv)
        STEP(row_print_header(query->all, &showing.out));
    STEP(ledger_each(query->ledger, first, UINT64_MAX, show_row, &showing));
    if (result == E_END)
        result = OK;
    STEP(query_flush(&showing.out, false));
    buffer_free(&showing.out);
    walk_query_free(&walk);
    return result;
}

static enum result
dump(struct query *query)
{
    return show_rows(query, 40);
}

static enum result export(struct query *query) {
    if (query->json == query->csv){
        say_error("export", "%s", _("either --json or --csv is needed"));
        return E_ARGUMENT;}
return show_rows(query, UINT64_MAX);
}

int
cli_ledger(int argc, char **argv)
{
    static const struct {
        const char *name;
        enum result (*answer)(struct query *query);
    } parts[] = {
        {"stat", ledger_show_stat}, {"dump", dump}, {"export", export}};

    if (argc > 1 &&
        (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        usage();
        return EXIT_DONE;
    }
    for (size_t i = 0; argc > 1 && i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(argv[1], parts[i].name) == 0)
            return query_run(argc - 1, argv + 1, SHOW_OPTIONS, usage,
                             parts[i].answer);
    }
    say_error("ledger", "%s", _("stat, dump or export? (--help)"));
    return EXIT_REFUSED;
}
