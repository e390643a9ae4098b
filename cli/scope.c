/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie scope: whose data was seen, and which. Options in, scope/ asked,
 * JSON, CSV or a page for people out.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/query_options.h"
#include "cli/table_cells.h"
#include "cli/table_print.h"
#include "scope/alias_print.h"
#include "scope/scope_print.h"
#include "scope/scope_run.h"
#include "scope/step.h"

#define SCOPE_OPTIONS                                                      \
    (QUERY_SESSION | QUERY_PROFESSIONAL | QUERY_ADDRESS | QUERY_INCIDENT | \
     QUERY_TIME | QUERY_CONTROLLER | QUERY_SERVICE | QUERY_BY_CONTROLLER | \
     QUERY_CSV | QUERY_LIST | QUERY_ALL | QUERY_VAULT)

/* Persons shown on a terminal: a screen; --all shows every one. */
#define SCOPE_SHOWN 20

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie scope --data DIR SELECTION [--json | --csv | --list]\n"
          "\n"
          "Whose data was seen, in which categories, and how that is known.\n"
          "\n"
          "  --session S        sessions, by sid, jti or ~derived name\n"
          "  --professional P   accounts\n"
          "  --address A        IP addresses: what was seen from there\n"
          "  --from T, --to T   event time; --to is not included\n"
          "  --controller F     establishments (FINESS)\n"
          "  --service NAME     services\n"
          "Options of different kinds intersect, repeated ones unite; a value "
          "may be a list with commas.\n"
          "\n"
          "  --by-controller    also for each establishment\n"
          "  --json             the summary, one object\n"
          "  --list             one JSON object a person\n"
          "  --csv              one record a person\n"
          "  --all              every person, also on a terminal\n"
          "  --share FILE       the vault's two shares, one after the other, "
          "and\n"
          "  --passphrase-fd N  where their passphrases are read, a line each\n"
          "  --vault SOCKET     asks the running core that was lent the "
          "vault\n"
          "  --keys DIR         where the keys are\n"
          "  --tz ZONE          of times without one (Europe/Paris)"));
}

/* What one pass over all persons needs. */
struct scope_output {
    struct query *query;
    struct buffer out;
};

static enum result
persons_json(struct scope_output *to, const struct tally *tally,
             const struct scope_label *label)
{
    enum result result = OK;

    for (size_t i = 0; i < tally->person_count; i++) {
        STEP(scope_person_json(to->query->lookup, tally, &tally->persons[i],
                               label, &to->out));
        STEP(query_flush(&to->out, true));
    }
    return result;
}

static enum result
persons_csv(struct scope_output *to, const struct tally *tally,
            const struct scope_label *label)
{
    enum result result = OK;

    for (size_t i = 0; i < tally->person_count; i++) {
        STEP(scope_person_csv(to->query->lookup, tally, &tally->persons[i],
                              label, &to->out));
        STEP(query_flush(&to->out, true));
    }
    return result;
}

typedef enum result print_tally(struct scope_output *to,
                                const struct tally *tally,
                                const struct scope_label *label);

/* Once for each controller, or once without a label. */
static enum result
for_each_part(struct scope_output *to, const struct scope *scope,
              print_tally *print)
{
    enum result result = OK;

    if (!to->query->by_controller)
        return print(to, &scope->whole, NULL);
    for (size_t i = 0; i < scope->part_count; i++) {
        struct scope_label label = {scope->parts[i].controller};

        STEP(print(to, &scope->parts[i].tally, &label));
    }
    return result;
}

static enum result
summary_json(struct scope_output *to, const struct tally *tally,
             const struct scope_label *label)
{
    return scope_summary_json(to->query->lookup, tally, label,
                              to->query->unknown_values, &to->out);
}

static enum result
print_json(struct scope_output *to, const struct scope *scope)
{
    enum result result = OK;

    if (to->query->list)
        STEP(for_each_part(to, scope, persons_json));
    if (!to->query->json)
        return result;
    if (to->query->by_controller)
        STEP(for_each_part(to, scope, summary_json));
    STEP(summary_json(to, &scope->whole, NULL));
    return result;
}

static enum result
print_csv(struct scope_output *to, const struct scope *scope)
{
    enum result result = scope_header_csv(to->query->by_controller, &to->out);

    STEP(for_each_part(to, scope, persons_csv));
    return result;
}

static enum result
categories_table(const struct tally *tally, struct buffer *out)
{
    const struct table_column columns[] = {
        {_("Category"), false, 0}, {_("Persons"), true, 0},
        {_("sent"), true, 0},      {_("declared"), true, 0},
        {_("requested"), true, 0}, {_("not excluded"), true, 0}};
    struct table_print *table = NULL;
    enum result result = table_print_new(columns, 6, &table);

    for (unsigned i = 0; i < CATEGORY_COUNT; i++) {
        uint8_t bit = (uint8_t)(1u << i);
        uint64_t counts[TALLY_GRADES + 1];
        uint64_t possible = tally_possible_count(tally, bit);

        tally_by_category(tally, bit, counts);
        if (counts[TALLY_GRADES] == 0 && possible == 0)
            continue;
        STEP(table_print_format(table, "%s", category_title(i)));
        STEP(table_print_format(table, "%ju", (uintmax_t)counts[TALLY_GRADES]));
        for (unsigned grade = 0; grade < TALLY_GRADES; grade++)
            STEP(table_print_format(table, "%ju", (uintmax_t)counts[grade]));
        STEP(table_print_format(table, "%ju", (uintmax_t)possible));
    }
    STEP(table_print_end(table, out));
    table_print_free(table);
    return result;
}

static enum result
person_row(struct lookup *lookup, const struct tally *tally,
           const struct tally_person *person, struct table_print *table)
{
    struct buffer cell = {0};
    enum result result = alias_text(lookup, person->person, &cell);

    STEP(table_print_buffer(table, &cell));
    STEP(scope_services(lookup, tally, person, " ", &cell));
    STEP(table_print_buffer(table, &cell));
    STEP(table_categories(table, tally_seen(person)));
    STEP(table_categories(table, tally_possible(person)));
    STEP(table_print_format(table, "%s", grade_title(tally_grade(person))));
    STEP(table_print_format(table, "%u", tally_disclosures(person)));
    STEP(table_time(table, person->first_us));
    STEP(table_time(table, person->last_us));
    buffer_free(&cell);
    return result;
}

static enum result
persons_table(struct scope_output *to, const struct tally *tally)
{
    const struct table_column columns[] = {
        {_("Person"), false, 48},    {_("Service"), false, 32},
        {_("Categories"), false, 0}, {_("not excluded"), false, 0},
        {_("Grade"), false, 0},      {_("Accesses"), true, 0},
        {_("First"), false, 0},      {_("Last"), false, 0}};
    bool cut = !to->query->all && isatty(STDOUT_FILENO) == 1 &&
               tally->person_count > SCOPE_SHOWN;
    size_t shown = cut ? SCOPE_SHOWN : tally->person_count;
    struct table_print *table = NULL;
    enum result result = table_print_new(columns, 8, &table);

    for (size_t i = 0; result == OK && i < shown; i++)
        result =
            person_row(to->query->lookup, tally, &tally->persons[i], table);
    STEP(table_print_end(table, &to->out));
    if (cut)
        STEP(buffer_format(&to->out,
                           _("… and %zu more (--all shows them, --csv gives "
                             "them to a spreadsheet)\n"),
                           tally->person_count - shown));
    table_print_free(table);
    return result;
}

static enum result
coverage_text(struct scope_output *to, const struct tally *tally)
{
    const struct tally_coverage *coverage = &tally->coverage;
    const struct {
        uint64_t count;
        const char *words;
    } lines[] = {
        {coverage->lost_rows, _("rows that have rotted (stderr says where)")},
        {coverage->unlabelled,
         _("accesses that do not say whose data was shown")},
        {coverage->gaps, _("gaps in the record")},
        {coverage->refused_input, _("records refused at import")},
        {coverage->clock_jumps, _("jumps of the clock")},
        {coverage->late, _("accesses that arrived late")},
        {coverage->time_doubtful, _("accesses whose hour is doubtful")},
        {coverage->time_from_file, _("accesses dated by their file")},
        {coverage->time_zone_assumed, _("accesses without a time zone")},
        {coverage->derived_sessions,
         _("sessions put together from account, address and pauses")},
        {coverage->unclassified, _("accesses to data of unknown kind")},
        {coverage->test_ins, _("accesses under a test INS")},
        {coverage->third_persons,
         _("relatives shown with the persons, at least")},
        {coverage->names_gone,
         _("names gone from this ledger by retention")},
        {to->query->unknown_values,
         _("values of this question that are not in this ledger")},
    };
    enum result result = OK;
    bool any = false;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (lines[i].count == 0)
            continue;
        if (!any)
            STEP(buffer_format(&to->out, "\n%s\n", _("To be kept in mind:")));
        STEP(buffer_format(&to->out, _("  %s: %ju\n"), lines[i].words,
                           (uintmax_t)lines[i].count));
        any = true;
    }
    return result;
}

static enum result
totals_text(const struct tally *tally, struct buffer *out)
{
    char first[TIME_TEXT_BYTES], last[TIME_TEXT_BYTES];
    unsigned doubts = 0;
    enum tally_medical medical = tally_medical(tally, &doubts);
    size_t persons = tally->person_count;
    size_t sessions = tally->sessions.count;
    size_t accounts = tally->professionals.count;
    uint64_t accesses = tally->disclosures;
    enum result result = buffer_format(
        out, "%zu %s, %ju %s, %zu %s, %zu %s\n", persons,
        ngettext("person", "persons", persons), (uintmax_t)accesses,
        ngettext("access", "accesses", accesses), sessions,
        ngettext("session", "sessions", sessions), accounts,
        ngettext("account", "accounts", accounts));

    if (tally->first_us <= tally->last_us)
        STEP(buffer_format(out, _("From %s to %s (%s)\n"),
                           time_format_local(tally->first_us, first),
                           time_format_local(tally->last_us, last),
                           time_zone_name()));
    STEP(buffer_format(out, _("Medical data: %s\n"), medical_title(medical)));
    for (unsigned bit = 1; medical == MEDICAL_UNKNOWN && bit <= DOUBT_LAST;
         bit <<= 1)
        if ((doubts & bit) != 0)
            STEP(buffer_format(out, "  - %s\n", doubt_title(bit)));
    return result;
}

static enum result
page_text(struct scope_output *to, const struct tally *tally,
          const struct scope_label *label)
{
    enum result result = OK;

    if (label != NULL) {
        STEP(buffer_format(&to->out, "\n== %s ", _("Establishment")));
        if (label->controller == 0)
            STEP(buffer_string(&to->out, _("not known")));
        else
            STEP(number_text(to->query->lookup, NAME_CONTROLLER,
                             label->controller, &to->out));
        STEP(buffer_string(&to->out, " ==\n"));
    }
    STEP(totals_text(tally, &to->out));
    if (tally->person_count > 0) {
        STEP(buffer_byte(&to->out, '\n'));
        STEP(categories_table(tally, &to->out));
        if (label != NULL || !to->query->by_controller) {
            STEP(buffer_byte(&to->out, '\n'));
            STEP(persons_table(to, tally));
        }
    }
    STEP(coverage_text(to, tally));
    STEP(query_flush(&to->out, true));
    return result;
}

static enum result
print_text(struct scope_output *to, const struct scope *scope)
{
    enum result result = page_text(to, &scope->whole, NULL);

    if (to->query->by_controller)
        STEP(for_each_part(to, scope, page_text));
    return result;
}

static bool
selects(const struct query *query)
{
    return query->sessions.count + query->professionals.count +
                   query->addresses.count + query->controllers.count +
                   query->services.count >
               0 ||
           query->from != NULL || query->to != NULL;
}

static enum result
answer(struct query *query)
{
    struct walk_query walk = {0};
    struct scope scope = {0};
    struct scope_output to = {.query = query};
    enum result result = OK;

    if (!selects(query)) {
        say_error(query->command, "%s",
                  _("which accesses? Name a session, an account, an address, "
                    "an establishment, a service or a time"));
        return E_ARGUMENT;
    }
    STEP(query_open(query));
    STEP(query_select(query, &walk));
    STEP(scope_run(query->ledger, query->lookup, &walk, query->by_controller,
                   &scope));
    if (query->csv)
        STEP(print_csv(&to, &scope));
    else if (query->json || query->list)
        STEP(print_json(&to, &scope));
    else
        STEP(print_text(&to, &scope));
    STEP(query_flush(&to.out, false));
    buffer_free(&to.out);
    scope_free(&scope);
    walk_query_free(&walk);
    return result;
}

int
cli_scope(int argc, char **argv)
{
    return query_run(argc, argv, SCOPE_OPTIONS, usage, answer);
}
