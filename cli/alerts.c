/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie alerts: what was raised. vigie explain: every sign behind one alert.
 */
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "cli/alert_print.h"
#include "cli/cli.h"
#include "cli/explain_print.h"
#include "cli/query_options.h"
#include "scope/alert_read.h"
#include "scope/step.h"

#define ALERTS_OPTIONS \
    (QUERY_SESSION | QUERY_PROFESSIONAL | QUERY_ADDRESS | QUERY_TIME)

static void
usage_alerts(void)
{
    (void)puts(_("Usage: vigie alerts --data DIR [--json]\n"
                 "\n"
                 "The alerts in this ledger, in the order of their time.\n"
                 "\n"
                 "  --session S, --professional P, --address A\n"
                 "                     only theirs\n"
                 "  --from T, --to T   event time; --to is not included\n"
                 "  --json             one object an alert\n"
                 "  --keys DIR         where the keys are\n"
                 "  --tz ZONE          of times without one "
                 "(Europe/Paris)"));
}

static void
usage_explain(void)
{
    (void)puts(_("Usage: vigie explain --data DIR ALERT [--json]\n"
                 "\n"
                 "What decided; every sign that counted, for and against, "
                 "with its weight, what it\n"
                 "was compared with and since when that is known; what to "
                 "ask the holder. ALERT is\n"
                 "the 16 characters that `vigie alerts` shows.\n"
                 "\n"
                 "  --json             one object, with the numbers\n"
                 "  --keys DIR         where the keys are\n"
                 "  --tz ZONE          of the hours (Europe/Paris)"));
}

static enum result
print_alerts(struct query *query, const struct alert_list *list,
             struct buffer *out)
{
    enum result result = OK;

    for (size_t i = 0; i < list->count; i++) {
        if (query->json)
            STEP(alert_json(query->lookup, &list->alerts[i], out));
        else
            STEP(alert_text(query->lookup, &list->alerts[i], out));
        STEP(query_flush(out, true));
    }
    if (!query->json)
        STEP(buffer_format(out, "%zu %s\n", list->count,
                           ngettext("alert", "alerts", list->count)));
    if (!query->json && list->count > 0)
        STEP(buffer_format(
            out, _("Why, and what to ask: vigie explain --data %s ALERT\n"),
            query->data_dir));
    return result;
}

static enum result
answer_alerts(struct query *query)
{
    struct walk_query walk = {0};
    struct alert_list list = {0};
    struct buffer out = {0};
    enum result result = query_open(query);

    STEP(query_select(query, &walk));
    STEP(alert_read(query->ledger, &walk, 0, &list));
    STEP(print_alerts(query, &list, &out));
    STEP(query_flush(&out, false));
    buffer_free(&out);
    alert_list_free(&list);
    walk_query_free(&walk);
    return result;
}

int
cli_alerts(int argc, char **argv)
{
    return query_run(argc, argv, ALERTS_OPTIONS, usage_alerts, answer_alerts);
}

/* 16 hexadecimal digits, upper or lower case. */
static enum result
alert_number(const struct query *query, uint64_t *ret_id)
{
    const char *given = query->argument;
    uint64_t id = 0;

    for (size_t i = 0; i < 16; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = given[i] == '\0' ? NULL : strchr(digits, given[i]);

        if (digit == NULL) {
            say_error(query->command, "%s",
                      _("an alert is named by 16 hexadecimal digits"));
            return E_ARGUMENT;
        }
        id = id << 4 | ((uint64_t)(digit - digits) & 15);
    }
    if (given[16] != '\0') {
        say_error(query->command, "%s",
                  _("an alert is named by 16 hexadecimal digits"));
        return E_ARGUMENT;
    }
    *ret_id = id;
    return OK;
}

static enum result
answer_explain(struct query *query)
{
    struct walk_query everything;
    struct alert_list list = {0};
    struct alert_past past;
    struct buffer out = {0};
    uint64_t id = 0;
    enum result result = alert_number(query, &id);

    walk_query_start(&everything);
    STEP(query_open(query));
    STEP(alert_read(query->ledger, &everything, id, &list));
    if (result == OK && list.count == 0) {
        say_error(query->command, "%s", _("no such alert in this ledger"));
        result = E_NOTFOUND;
    }
    STEP(alert_past(query->ledger, &list.alerts[0], &past));
    if (query->json)
        STEP(explain_json(query->lookup, &list.alerts[0], &past, &out));
    else
        STEP(explain_text(query->lookup, &list.alerts[0], &past, &out));
    STEP(query_flush(&out, false));
    buffer_free(&out);
    alert_list_free(&list);
    return result;
}

int
cli_explain(int argc, char **argv)
{
    return query_run(argc, argv, QUERY_ARGUMENT, usage_explain, answer_explain);
}
