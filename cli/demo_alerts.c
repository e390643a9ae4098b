/* SPDX-License-Identifier: EUPL-1.2 */
/* The alerts of the demo's ledger, one account after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "cli/alert_print.h"
#include "cli/demo_steps.h"
#include "cli/query_options.h"
#include "scope/alert_read.h"

static enum result
name_of(struct lookup *lookup, uint64_t id, char ret_name[REGION_NAME_BYTES])
{
    struct buffer value = {0};
    enum result r = lookup_value(lookup, id, &value);
    if (r == OK && value.length >= REGION_NAME_BYTES)
        r = E_LIMIT;
    if (r == OK) {
        memcpy(ret_name, value.bytes, value.length);
        ret_name[value.length] = '\0';
    }
    buffer_free(&value);
    return r;
}

static enum result
keep(struct demo *demo, struct lookup *lookup, const struct alert *alert)
{
    if (demo->stopped_count == DEMO_SESSIONS_MAX)
        return OK;
    struct demo_session *s = &demo->stopped[demo->stopped_count];
    uint64_t session =
        alert->session_alias != 0 ? alert->session_alias : alert->session;
    s->time_us = alert->time_us;
    enum result r = name_of(lookup, session, s->session);
    if (r == OK)
        r = name_of(lookup, alert->professional, s->professional);
    if (r == OK)
        demo->stopped_count++;
    return r;
}

/* Worst first. */
static int
by_score(const void *left, const void *right)
{
    const struct alert *a = left, *b = right;
    if (a->score_centinats != b->score_centinats)
        return a->score_centinats > b->score_centinats ? -1 : 1;
    return a->time_us < b->time_us ? -1 : a->time_us > b->time_us;
}

static bool
is_first(const struct alert_list *list, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (list->alerts[i].verdict == VERDICT_STEP_UP &&
            list->alerts[i].professional == list->alerts[at].professional)
            return false;
    return true;
}

/* The account's first moment stands for it, wherever its worst one was. */
static enum result
print_account(struct lookup *lookup, const struct alert_list *list, size_t at)
{
    struct buffer out = {0};
    size_t first = at;
    unsigned more = 0;
    for (size_t i = at + 1; i < list->count; i++) {
        const struct alert *alert = &list->alerts[i];
        if (alert->verdict != VERDICT_STEP_UP ||
            alert->professional != list->alerts[at].professional)
            continue;
        more++;
        if (alert->time_us < list->alerts[first].time_us)
            first = i;
    }
    enum result r = alert_text(lookup, &list->alerts[first], &out);
    if (r == OK)
        (void)printf("%.*s", (int)out.length, out.bytes);
    if (more == 1)
        (void)printf("    %s\n", _("and 1 more session of this account"));
    else if (more > 1)
        (void)printf(_("    and %u more sessions of this account\n"), more);
    (void)printf("\n");
    buffer_free(&out);
    return r;
}

static enum result
print_all(struct demo *demo, struct query *query, struct alert_list *list)
{
    enum result r = OK;
    unsigned accounts = 0, watched = 0;
    for (size_t i = 0; i < list->count; i++) {
        accounts +=
            list->alerts[i].verdict == VERDICT_STEP_UP && is_first(list, i);
        watched += list->alerts[i].verdict == VERDICT_WATCH;
    }
    (void)printf(_("%u accounts would have been asked to sign in again, at the "
                   "moment shown, before\nthe next person was opened. The "
                   "worst comes first; the reasons come with what is usual\n"
                   "for the account. Some may be honest: a call to the holder "
                   "tells.\n\n"),
                 accounts);
    for (size_t i = 0; i < list->count && r == OK; i++) {
        if (list->alerts[i].verdict != VERDICT_STEP_UP)
            continue;
        r = keep(demo, query->lookup, &list->alerts[i]);
        if (r == OK && is_first(list, i))
            r = print_account(query->lookup, list, i);
    }
    if (r == OK)
        (void)printf(_("%u sessions were only to be watched (nobody is "
                       "interrupted): vigie alerts lists them.\n"),
                     watched);
    return r;
}

enum result
demo_alerts(struct demo *demo)
{
    char *arguments[] = {(char[]){"demo"},   (char[]){"--data"}, demo->data,
                         (char[]){"--keys"}, demo->keys,         NULL};
    struct alert_list list = {0};
    struct walk_query everything;
    struct query query;
    demo_heading(demo, _("Which accounts are not in their holder's hands?"));
    walk_query_start(&everything);
    enum result r = query_parse(5, arguments, 0, &query);
    if (r == OK)
        r = query_open(&query);
    if (r == OK)
        r = alert_read(query.ledger, &everything, 0, &list);
    if (r == OK && list.count > 0)
        qsort(list.alerts, list.count, sizeof(*list.alerts), by_score);
    if (r == OK)
        r = print_all(demo, &query, &list);
    alert_list_free(&list);
    walk_query_free(&everything);
    query_free(&query);
    return r;
}
