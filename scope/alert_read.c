/* SPDX-License-Identifier: EUPL-1.2 */
#include "scope/alert_read.h"

#include <stdlib.h>

#include "base/time.h"
#include "scope/grow.h"
#include "scope/step.h"

struct alert_run {
    struct alert_list *list;
    const struct walk_query *query; /* for the times of a whole reading */
    uint64_t only;
};

void
alert_list_free(struct alert_list *list)
{
    free(list->alerts);
    id_map_free(&list->places);
    *list = (struct alert_list){0};
}

/* A sign may stand before its verdict: whichever comes first makes it. */
static enum result
alert_of(struct alert_list *list, uint64_t id, struct alert **ret_alert)
{
    uint32_t place;
    enum result result;

    if (id_map_find(&list->places, id, 0, &place)) {
        *ret_alert = &list->alerts[place];
        return OK;
    }
    result =
        grow(&list->alerts, &list->room, list->count, sizeof(*list->alerts));
    if (result != OK)
        return result;
    result = id_map_put(&list->places, id, 0, (uint32_t)list->count);
    if (result != OK)
        return result;
    list->alerts[list->count] = (struct alert){.id = id};
    *ret_alert = &list->alerts[list->count++];
    return OK;
}

static void
take_verdict(struct alert *alert, const struct row *row)
{
    if (row->source == VERDICT_CLEARED) {
        alert->cleared_us = row->time_source_us;
        return;
    }
    alert->cleared_us = 0; /* raised again */
    alert->time_us = row->time_source_us;
    alert->professional = row->professional;
    alert->session = row->session;
    alert->session_alias = row->person;
    alert->verdict = row->categories <= VERDICT_CUT
                         ? (enum verdict)row->categories
                         : VERDICT_WATCH;
    alert->score_centinats = (int32_t)row->detail;
    alert->decided = row->source;
    alert->signs_off = row->service | (uint32_t)row->controller << 16;
}

static void
take_sign(struct alert *alert, const struct row *row)
{
    if (alert->sign_count == ALERT_SIGNS_MAX)
        return;
    alert->signs[alert->sign_count++] =
        (struct sign){.code = row->categories,
                      .weight_centinats = (int16_t)row->service,
                      .observed = (uint32_t)(row->person >> 32),
                      .usual = (uint32_t)row->person,
                      .window = row->detail,
                      .since_day = row->controller,
                      .known_days = row->source & SIGN_KNOWN_DAYS_MAX,
                      .basis = (uint8_t)(row->source >> 13)};
}

static enum result
alert_row(struct alert_run *run, const struct row *row)
{
    struct alert *alert = NULL;
    enum result result;

    if ((row->kind != ROW_VERDICT && row->kind != ROW_SIGN) ||
        (run->only != 0 && row->request != run->only))
        return OK;
    result = alert_of(run->list, row->request, &alert);
    if (result != OK)
        return result;
    if (row->kind == ROW_VERDICT)
        take_verdict(alert, row);
    else
        take_sign(alert, row);
    return OK;
}

static enum result
walked_row(void *context, const struct walk_row *at)
{
    return alert_row(context, at->row);
}

static enum result
log_row(void *context, uint64_t number, const struct row *row)
{
    (void)number;
    return alert_row(context, row);
}

static int
alert_compare(const void *a, const void *b)
{
    const struct alert *left = a, *right = b;

    if (left->time_us != right->time_us)
        return left->time_us < right->time_us ? -1 : 1;
    return (left->id > right->id) - (left->id < right->id);
}

/* Signs without a verdict (a torn tail between them) are no alert; times are
 * those of the verdict. */
static void
keep_whole(struct alert_list *list, const struct walk_query *query)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct alert *alert = &list->alerts[i];

        if (alert->verdict != VERDICT_ALLOW &&
            alert->time_us >= query->from_us && alert->time_us < query->to_us)
            list->alerts[kept++] = *alert;
    }
    list->count = kept;
    id_map_free(&list->places);
    if (kept > 0)
        qsort(list->alerts, kept, sizeof(*list->alerts), alert_compare);
}

enum result
alert_read(struct ledger *ledger, const struct walk_query *query, uint64_t only,
           struct alert_list *ret_list)
{
    struct alert_list list = {0};
    struct alert_run run = {.list = &list, .query = query, .only = only};
    enum result result;

    if (query->sessions.count + query->professionals.count +
            query->addresses.count >
        0)
        result = walk_rows(ledger, query, walked_row, &run);
    else
        result = walk_log(ledger, log_row, &run);
    if (result != OK) {
        alert_list_free(&list);
        return result;
    }
    keep_whole(&list, query);
    *ret_list = list;
    return OK;
}

struct past_run {
    const struct alert *alert;
    struct alert_past past;
    int64_t session_start_us;
    struct id_list days, before, within;
};

static enum result
past_session(void *context, const struct walk_row *at)
{
    struct past_run *run = context;

    if (at->row->time_source_us > run->alert->time_us)
        return OK;
    if (at->row->time_source_us < run->session_start_us)
        run->session_start_us = at->row->time_source_us;
    if (at->address != 0) {
        run->past.address = at->address;
        run->past.device = at->device;
    }
    if (at->row->kind == ROW_SIGHTING)
        run->past.network = at->row->detail;
    if (at->row->kind == ROW_DISCLOSURE)
        return id_list_add(&run->within, at->row->person);
    return OK;
}

static void
earliest(int64_t *at, int64_t time_us)
{
    if (time_us < *at)
        *at = time_us;
}

static enum result
past_account(void *context, const struct walk_row *at)
{
    struct past_run *run = context;
    const struct row *row = at->row;
    struct alert_past *past = &run->past;
    enum result result = OK;

    if (row->session == run->alert->session ||
        row->time_source_us >= run->session_start_us)
        return OK;
    earliest(&past->account_since_us, row->time_source_us);
    if (at->address != 0 && at->address == past->address)
        earliest(&past->address_since_us, row->time_source_us);
    if (at->device != 0 && at->device == past->device)
        earliest(&past->device_since_us, row->time_source_us);
    if (row->kind == ROW_SIGHTING && row->detail != 0 &&
        row->detail == past->network)
        earliest(&past->network_since_us, row->time_source_us);
    if (row->kind != ROW_DISCLOSURE)
        return OK;
    STEP(id_list_add(&run->before, row->person));
    STEP(
        id_list_add(&run->days, (uint64_t)(row->time_source_us / TIME_DAY_US)));
    return result;
}

enum result
alert_past(struct ledger *ledger, const struct alert *alert,
           struct alert_past *ret_past)
{
    struct past_run run = {.alert = alert,
                           .past = {.account_since_us = INT64_MAX,
                                    .address_since_us = INT64_MAX,
                                    .device_since_us = INT64_MAX,
                                    .network_since_us = INT64_MAX},
                           .session_start_us = INT64_MAX};
    struct walk_query query;
    enum result result = OK;

    walk_query_start(&query);
    if (alert->session != 0) {
        STEP(id_list_add(&query.sessions, alert->session));
        STEP(walk_rows(ledger, &query, past_session, &run));
    }
    walk_query_free(&query);
    walk_query_start(&query);
    if (alert->professional != 0) {
        STEP(id_list_add(&query.professionals, alert->professional));
        STEP(walk_rows(ledger, &query, past_account, &run));
    }
    walk_query_free(&query);
    if (result == OK) {
        run.past.days = (uint32_t)run.days.count;
        run.past.persons = (uint32_t)run.before.count;
        run.past.session_persons = (uint32_t)run.within.count;
        for (size_t i = 0; i < run.within.count; i++)
            run.past.session_new +=
                !id_list_has(&run.before, run.within.ids[i]);
        *ret_past = run.past;
    }
    id_list_free(&run.days);
    id_list_free(&run.before);
    id_list_free(&run.within);
    return result;
}
