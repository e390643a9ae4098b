/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie hunt: what else the same hands touched, and a timeline that can be
 * read aloud and pasted in a complaint.
 */
#include "scope/hunt_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/query_options.h"
#include "cli/table_cells.h"
#include "cli/table_print.h"
#include "model/category.h"
#include "scope/alias_print.h"
#include "scope/hunt_print.h"
#include "scope/rhythm.h"
#include "scope/step.h"

#define HUNT_OPTIONS                                                     \
    (QUERY_SESSION | QUERY_PROFESSIONAL | QUERY_ADDRESS | QUERY_DEVICE | \
     QUERY_VAULT | QUERY_TIME | QUERY_ALL)

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie hunt --data DIR START [--json]\n"
          "\n"
          "Which accounts and sessions share an address, a device or a rhythm "
          "with the\n"
          "start, how strongly, how many persons each saw, and a timeline.\n"
          "\n"
          "  --session S, --professional P, --address A, --device D\n"
          "                     the start; several unite\n"
          "  --from T, --to T   event time; --to is not included\n"
          "  --json             objects of kind context, account, session, "
          "timeline, summary\n"
          "  --all              weakly linked sessions in the timeline, too\n"
          "  --keys DIR         where the keys are\n"
          "  --tz ZONE          of times without one (Europe/Paris)\n"
          "\n"
          "Addresses and devices of many accounts (portals, kiosks) are named "
          "and not\n"
          "followed. The whole log is read once."));
}

static enum result
print_json(struct query *query, const struct hunt *hunt, struct buffer *out)
{
    struct lookup *lookup = query->lookup;
    enum result result = OK;

    for (size_t i = 0; i < hunt->context_count; i++)
        STEP(hunt_context_json(lookup, &hunt->contexts[i], out));
    for (size_t i = 0; i < hunt->account_count; i++)
        STEP(hunt_account_json(lookup, &hunt->accounts[i], out));
    for (size_t i = 0; i < hunt->session_count; i++) {
        STEP(hunt_session_json(lookup, &hunt->sessions[i], out));
        STEP(query_flush(out, true));
    }
    for (size_t i = 0; i < hunt->line_count; i++) {
        STEP(hunt_line_json(lookup, hunt, &hunt->lines[i], out));
        STEP(query_flush(out, true));
    }
    STEP(hunt_summary_json(hunt, out));
    return result;
}

static enum result
reasons_cell(unsigned reasons, struct table_print *table)
{
    struct buffer cell = {0};
    enum result result = hunt_reasons_text(reasons, &cell);

    STEP(table_print_buffer(table, &cell));
    buffer_free(&cell);
    return result;
}

static const char *
context_remark(const struct hunt_context *context)
{
    if (context->shared)
        return context->asked
                   ? _("used by many accounts: a portal, a kiosk, an exit?")
                   : _("used by many accounts: not followed");
    if (context->habitual)
        return _("usual for the account");
    return context->browser ? _("a browser, not one machine: weighs little")
                            : "";
}

static enum result
contexts_table(struct lookup *lookup, const struct hunt *hunt,
               struct buffer *out)
{
    const struct table_column columns[] = {{_("Kind"), false, 0},
                                           {_("Accounts"), true, 0},
                                           {_("Start's sessions"), true, 0},
                                           {_("Remark"), false, 0},
                                           {_("Value"), false, 0}};
    struct table_print *table = NULL;
    enum result result = table_print_new(columns, 5, &table);

    for (size_t i = 0; i < hunt->context_count; i++) {
        const struct hunt_context *context = &hunt->contexts[i];

        STEP(table_print_format(table, "%s",
                                context->device ? _("device") : _("address")));
        STEP(table_print_format(table, "%u", context->accounts));
        STEP(table_print_format(table, "%u", context->start_sessions));
        STEP(table_print_format(table, "%s", context_remark(context)));
        STEP(table_alias(table, lookup, context->id));
    }
    STEP(table_print_end(table, out));
    table_print_free(table);
    return result;
}

static enum result
accounts_table(struct lookup *lookup, const struct hunt *hunt,
               struct buffer *out)
{
    const struct table_column columns[] = {
        {_("Account"), false, 0}, {_("Strength"), true, 0},
        {_("Sessions"), true, 0}, {_("Persons"), true, 0},
        {_("Accesses"), true, 0}, {_("First"), false, 0},
        {_("Last"), false, 0},    {_("Why"), false, 0}};
    struct table_print *table = NULL;
    enum result result = table_print_new(columns, 8, &table);

    for (size_t i = 0; i < hunt->account_count; i++) {
        const struct hunt_account *account = &hunt->accounts[i];

        STEP(table_alias(table, lookup, account->professional));
        STEP(table_print_format(table, "%u", account->strength));
        STEP(table_print_format(table, "%u", account->sessions));
        STEP(table_print_format(table, "%u", account->persons));
        STEP(table_print_format(table, "%u", account->accesses));
        STEP(table_time(table, account->first_us));
        STEP(table_time(table, account->last_us));
        STEP(reasons_cell(account->reasons, table));
    }
    STEP(table_print_end(table, out));
    table_print_free(table);
    return result;
}

static enum result
step_cell(const struct hunt_session *session, struct table_print *table)
{
    if (session->step_us == 0)
        return table_print_format(table, "-");
    return table_print_format(
        table,
        rhythm_regular(session->step_us, session->accesses_regular) ? "%.1f s ="
                                                                    : "%.1f s",
        (double)session->step_us / 1e6);
}

static enum result
sessions_table(struct lookup *lookup, const struct hunt *hunt,
               struct buffer *out)
{
    const struct table_column columns[] = {
        {_("Session"), false, 48}, {_("Account"), false, 0},
        {_("Strength"), true, 0},  {_("Persons"), true, 0},
        {_("Step"), true, 0},      {_("First"), false, 0},
        {_("Last"), false, 0},     {_("Why"), false, 0}};
    struct table_print *table = NULL;
    enum result result = table_print_new(columns, 8, &table);

    for (size_t i = 0; i < hunt->session_count; i++) {
        const struct hunt_session *session = &hunt->sessions[i];

        STEP(table_alias(table, lookup, session->session));
        STEP(table_alias(table, lookup, session->professional));
        STEP(table_print_format(table, "%u", session->strength));
        STEP(table_print_format(table, "%u", session->persons));
        STEP(step_cell(session, table));
        STEP(table_time(table, session->first_us));
        STEP(table_time(table, session->last_us));
        STEP(reasons_cell(session->reasons, table));
    }
    STEP(table_print_end(table, out));
    table_print_free(table);
    return result;
}

/* ": 41 persons, 43 accesses (identity, contact), 2 refused" */
static enum result
line_acts(const struct hunt_line *line, struct buffer *out)
{
    const struct {
        uint32_t count;
        const char *words;
    } others[] = {{line->unlabelled, _("searches or accesses without a name")},
                  {line->writes, _("of them writing")},
                  {line->refusals, _("refused")},
                  {line->logins, _("sign-ins")},
                  {line->logouts, _("sign-outs")}};
    enum result result = buffer_format(
        out, _(": %u %s, %u %s"), (unsigned)line->persons,
        ngettext("person", "persons", line->persons), (unsigned)line->accesses,
        ngettext("access", "accesses", line->accesses));
    bool first = true;

    for (unsigned i = 0; i < CATEGORY_COUNT; i++) {
        if ((line->categories & 1u << i) == 0)
            continue;
        STEP(
            buffer_format(out, "%s%s", first ? " (" : ", ", category_title(i)));
        first = false;
    }
    STEP(buffer_string(out, first ? "" : ")"));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (others[i].count > 0)
            STEP(buffer_format(out, _(", %s: %u"), others[i].words,
                               (unsigned)others[i].count));
    STEP(buffer_byte(out, '\n'));
    return result;
}

/* "02/03/2026 02:54:39–02:59:59 (2026-03-02T01:54:39Z)": a line stays
 * within an hour, so that its end needs no date. */
static enum result
line_times(const struct hunt_line *line, struct buffer *out)
{
    char local[TIME_TEXT_BYTES], end[TIME_TEXT_BYTES], utc[TIME_TEXT_BYTES];
    int64_t second_us = line->first_us / TIME_SECOND_US * TIME_SECOND_US;
    const char *clock = strrchr(time_format_local(line->last_us, end), ' ');

    return buffer_format(
        out, "%s–%s (%s)", time_format_local(line->first_us, local),
        clock == NULL ? end : clock + 1, time_format_utc(second_us, utc));
}

/* The device is long: it is said where it is not what the session's line
 * before said (`devices`, by session). */
static enum result
line_text(struct lookup *lookup, const struct hunt *hunt,
          const struct hunt_line *line, uint64_t *devices, struct buffer *out)
{
    const struct hunt_session *session = &hunt->sessions[line->session];
    bool same = devices[line->session] == line->device;
    const struct {
        const char *words;
        uint64_t id;
    } names[] = {{ngettext("account", "accounts", 1), session->professional},
                 {ngettext("session", "sessions", 1), session->session},
                 {_("address"), line->address},
                 {_("device"), same ? 0 : line->device}};
    enum result result = line_times(line, out);

    devices[line->session] = line->device;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].id == 0)
            continue;
        STEP(buffer_format(out, ", %s ", names[i].words));
        STEP(alias_text(lookup, names[i].id, out));
    }
    STEP(line_acts(line, out));
    return result;
}

static enum result
timeline_text(struct query *query, const struct hunt *hunt, struct buffer *out)
{
    uint64_t *devices = calloc(hunt->session_count + 1, sizeof(*devices));
    enum result result = devices == NULL ? E_NOMEM : OK;
    size_t left_out = 0;

    STEP(buffer_format(out, _("\nTimeline, hour by hour (%s, then UTC)\n"),
                       time_zone_name()));
    for (size_t i = 0; result == OK && i < hunt->line_count; i++) {
        const struct hunt_line *line = &hunt->lines[i];
        const struct hunt_session *session = &hunt->sessions[line->session];

        if (!query->all && (session->reasons & HUNT_START) == 0 &&
            session->strength < HUNT_STRENGTH_WEAK) {
            left_out++;
            continue;
        }
        result = line_text(query->lookup, hunt, line, devices, out);
        STEP(query_flush(out, true));
    }
    if (left_out > 0)
        STEP(buffer_format(out,
                           _("(lines of weakly linked sessions left out: %zu; "
                             "--all shows them)\n"),
                           left_out));
    free(devices);
    return result;
}

static enum result
print_text(struct query *query, const struct hunt *hunt, struct buffer *out)
{
    enum result result = buffer_format(
        out, _("%zu %s, %zu %s, %u %s (active in these times: %u)\n"),
        hunt->account_count,
        ngettext("account", "accounts", hunt->account_count),
        hunt->session_count,
        ngettext("session", "sessions", hunt->session_count),
        (unsigned)hunt->persons, ngettext("person", "persons", hunt->persons),
        (unsigned)hunt->all_accounts);

    STEP(buffer_format(out, "\n%s\n", _("Where the start was seen")));
    STEP(contexts_table(query->lookup, hunt, out));
    STEP(buffer_format(out, "\n%s\n", _("Accounts")));
    STEP(accounts_table(query->lookup, hunt, out));
    STEP(buffer_format(out, "\n%s\n", _("Sessions (= : a regular step)")));
    STEP(sessions_table(query->lookup, hunt, out));
    STEP(timeline_text(query, hunt, out));
    return result;
}

static enum result
answer(struct query *query)
{
    struct walk_query start = {0};
    struct id_list devices = {0};
    struct hunt hunt = {0};
    struct buffer out = {0};
    enum result result = OK;

    if (query->sessions.count + query->professionals.count +
            query->addresses.count + query->devices.count ==
        0) {
        say_error(query->command, "%s",
                  _("from where? Name a session, an account, an address or a "
                    "device"));
        return E_ARGUMENT;
    }
    STEP(query_open(query));
    STEP(query_select(query, &start));
    STEP(query_names(query, ALIAS_DEVICE, &query->devices, &devices));
    STEP(hunt_run(query->ledger, query->lookup, &start, &devices, &hunt));
    if (result == OK && hunt.session_count == 0 && !query->json)
        STEP(buffer_format(&out, "%s\n",
                           _("Nothing is recorded for this start in these "
                             "times.")));
    else if (query->json)
        STEP(print_json(query, &hunt, &out));
    else
        STEP(print_text(query, &hunt, &out));
    STEP(query_flush(&out, false));
    buffer_free(&out);
    hunt_free(&hunt);
    id_list_free(&devices);
    walk_query_free(&start);
    return result;
}

int
cli_hunt(int argc, char **argv)
{
    return query_run(argc, argv, HUNT_OPTIONS, usage, answer);
}
