/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie who: every session that saw one person.
 */
#include "scope/who_run.h"

#include <stdio.h>
#include <unistd.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/query_options.h"
#include "cli/query_person.h"
#include "cli/table_cells.h"
#include "cli/table_print.h"
#include "scope/alias_print.h"
#include "scope/scope_print.h"
#include "scope/step.h"
#include "scope/who_print.h"

#define WHO_OPTIONS \
    (QUERY_ARGUMENT | QUERY_TIME | QUERY_SERVICE | QUERY_CSV | QUERY_PURPOSE | \
     QUERY_VAULT)

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie who --data DIR PERSON [--json | --csv]\n"
          "\n"
          "Every session that saw a person, for instance for a request of "
          "access.\n"
          "PERSON as the trails name it: system|value, Patient/42, a CX "
          "string,\n"
          "or the 15 characters of an INS.\n"
          "\n"
          "  --service NAME     the space of a relative reference\n"
          "  --from T, --to T   event time; --to is not included\n"
          "  --purpose TEXT     writes into the ledger that this was asked, by "
          "whom,\n"
          "                     and a keyed digest of why\n"
          "  --json             one object a session\n"
          "  --csv              one record a session\n"
          "  --share FILE       the vault's two shares, one after the other, "
          "and\n"
          "  --passphrase-fd N  where their passphrases are read, a line each\n"
          "  --vault SOCKET     asks the running core that was lent the "
          "vault\n"
          "  --keys DIR         where the keys are\n"
          "  --tz ZONE          of times without one (Europe/Paris)"));
}

/* The question itself becomes a row before the answer is printed. */
static enum result
note_purpose(struct query *query, uint64_t person)
{
    struct text purpose = text_of(query->purpose);
    struct row row = {.time_received_us = time_now_us(),
                      .time_source_us = time_now_us(),
                      .person = person,
                      .kind = ROW_CONSOLE_READ,
                      .detail = (uint32_t)getuid()};
    struct ledger *ledger = NULL;
    enum result result;

    if (query->purpose == NULL)
        return OK;
    row.request = lookup_digest(query->lookup, purpose.bytes, purpose.length);
    result = ledger_open(query->data_dir, LEDGER_WRITE, NULL, NULL, &ledger);
    STEP(ledger_append(ledger, &row, 1, NULL));
    if (result == OK)
        result = ledger_close(ledger);
    else
        ledger_free(ledger);
    if (result != OK) {
        say_error(query->command, "%s (%s)",
                  _("--purpose: the question could not be written into the "
                    "ledger, so it is not answered"),
                  _(result_name(result)));
        query->said = true;
    }
    return result;
}

static enum result
print_json(struct query *query, const struct who *who, struct buffer *out)
{
    enum result result = OK;

    for (size_t i = 0; i < who->count; i++) {
        STEP(who_entry_json(query->lookup, who, &who->entries[i], out));
        STEP(query_flush(out, true));
    }
    return result;
}

static enum result
print_csv(struct query *query, const struct who *who, struct buffer *out)
{
    enum result result = who_header_csv(out);

    for (size_t i = 0; i < who->count; i++) {
        STEP(who_entry_csv(query->lookup, who, &who->entries[i], out));
        STEP(query_flush(out, true));
    }
    return result;
}

static enum result
entry_row(struct lookup *lookup, const struct who_entry *entry,
          struct table_print *table)
{
    struct buffer cell = {0};
    enum result result = table_time(table, entry->first_us);

    STEP(table_time(table, entry->last_us));
    STEP(table_alias(table, lookup, entry->professional));
    STEP(table_alias(table, lookup, entry->session));
    STEP(alias_text(lookup, entry->address, &cell));
    STEP(buffer_string(&cell, entry->moved ? " +" : ""));
    STEP(table_print_buffer(table, &cell));
    STEP(table_alias(table, lookup, entry->device));
    STEP(table_categories(table, entry->seen));
    STEP(
        table_print_format(table, "%s", grade_title((enum grade)entry->grade)));
    STEP(table_print_format(table, "%u", entry->disclosures));
    buffer_free(&cell);
    return result;
}

static enum result
print_text(struct query *query, const struct who *who, struct buffer *out)
{
    const struct table_column columns[] = {
        {_("First"), false, 0},      {_("Last"), false, 0},
        {_("Account"), false, 0},    {_("Session"), false, 40},
        {_("Address"), false, 0},    {_("Device"), false, 32},
        {_("Categories"), false, 0}, {_("Grade"), false, 0},
        {_("Accesses"), true, 0}};
    struct table_print *table = NULL;
    enum result result = buffer_format(
        out, _("Seen by: %zu %s of %zu %s, %ju %s\n"), who->count,
        ngettext("session", "sessions", who->count), who->professionals,
        ngettext("account", "accounts", who->professionals),
        (uintmax_t)who->disclosures,
        ngettext("access", "accesses", who->disclosures));

    if (who->count == 0)
        return result;
    STEP(buffer_byte(out, '\n'));
    STEP(table_print_new(columns, 9, &table));
    for (size_t i = 0; i < who->count; i++)
        STEP(entry_row(query->lookup, &who->entries[i], table));
    STEP(table_print_end(table, out));
    table_print_free(table);
    return result;
}

static enum result
answer(struct query *query)
{
    struct walk_query times;
    struct id_list persons = {0};
    struct who who = {0};
    struct buffer out = {0};
    enum result result = OK;

    walk_query_start(&times);
    STEP(query_times(query, &times));
    STEP(query_open(query));
    STEP(query_person(query, &persons));
    STEP(note_purpose(query, result == OK ? persons.ids[0] : 0));
    STEP(who_run(query->ledger, &persons, times.from_us, times.to_us, &who));
    if (query->csv)
        STEP(print_csv(query, &who, &out));
    else if (query->json)
        STEP(print_json(query, &who, &out));
    else
        STEP(print_text(query, &who, &out));
    STEP(query_flush(&out, false));
    buffer_free(&out);
    who_free(&who);
    id_list_free(&persons);
    return result;
}

int
cli_who(int argc, char **argv)
{
    return query_run(argc, argv, WHO_OPTIONS, usage, answer);
}
