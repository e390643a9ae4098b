/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From an event's search to the row that says how it follows. The last
 * places outlast a restart under two names that take turns, each with the
 * number of rows that the ledger had: names are durable before rows, so that
 * after a crash the newer one may speak of searches that the ledger lost.
 */
#include <string.h>

#include "base/limits.h"
#include "core/core_inside.h"

static const char *const names[2] = {"core.queries.0", "core.queries.1"};

/* Reports of one search have its request id and its place; without an id,
 * its time. The place is in it, since some clients send one id for ever. */
static uint64_t
search_of(const struct core *core, const struct event *event)
{
    struct {
        char mark[8];
        uint64_t request;
        int64_t time_us;
        uint64_t at;
        uint32_t rest, kind;
    } words = {"search",         0, 0, event->place.at, event->place.rest,
               event->place.kind};

    if (event->request.length > 0)
        words.request = lookup_digest(core->lookup, event->request.bytes,
                                      event->request.length);
    else
        words.time_us = event->time_us;
    return lookup_digest(core->lookup, &words, sizeof(words));
}

static enum result
next_step(struct core *core, const struct event *event, uint64_t session,
          uint32_t *ret_detail)
{
    *ret_detail = 0;
    if (event->kind != EVENT_ACCESS || event->place.kind == QUERY_NONE ||
        session == 0)
        return OK;
    core->queries_changed = true;
    return queries_next(core->queries, session, event->time_us,
                        search_of(core, event), &event->place, ret_detail);
}

static bool
is_unanswered(const struct core *core, const struct row *row)
{
    const struct row *left = &core->unanswered;

    return left->kind == ROW_QUERY && left->session == row->session &&
           left->time_source_us == row->time_source_us &&
           left->request == row->request && left->detail == row->detail;
}

enum result
core_search_row(struct core *core, const struct event *event,
                const struct row *common, uint64_t request, struct row *ret_row,
                size_t *ret_count)
{
    struct row row = *common;
    enum result result = next_step(core, event, row.session, &row.detail);

    *ret_count = 0;
    if (result != OK || row.detail == 0)
        return result;
    row.kind = ROW_QUERY;
    row.request = request;
    if (is_unanswered(core, &row)) {
        core->unanswered.kind = 0;
        return OK;
    }
    *ret_row = row;
    *ret_count = 1;
    return OK;
}

enum result
core_search_again(struct core *core, const struct event *event,
                  uint64_t session)
{
    uint32_t detail;

    return next_step(core, event, session, &detail);
}

enum result
core_searches_save(struct core *core)
{
    struct buffer out = {0};
    uint64_t count = ledger_count(core->ledger);
    enum result result;

    if (!core->queries_changed)
        return OK;
    result = buffer_append(&out, &count, sizeof(count));
    if (result == OK)
        result =
            queries_save(core->queries, CONF_BYTES_MAX - sizeof(count), &out);
    if (result == OK)
        result = lookup_setting_set(
            core->lookup, names[core->queries_saved % 2], buffer_as_text(&out));
    if (result == OK) {
        core->queries_saved++;
        core->queries_changed = false;
    }
    if (out.length > 0)
        hash_wipe(out.bytes, out.length);
    buffer_free(&out);
    return result;
}

/* The one of the two that is newest and not ahead of the ledger. */
static enum result
choose(struct core *core, struct buffer found[2], size_t *ret_chosen)
{
    uint64_t best = 0;

    *ret_chosen = 2;
    for (size_t i = 0; i < 2; i++) {
        uint64_t count;
        enum result result =
            lookup_setting_get(core->lookup, names[i], &found[i]);

        if (result == E_NOTFOUND)
            continue;
        if (result == OK && found[i].length < sizeof(count))
            result = E_CORRUPT;
        if (result != OK)
            return result;
        memcpy(&count, found[i].bytes, sizeof(count));
        if (count > ledger_count(core->ledger) ||
            (*ret_chosen != 2 && count < best))
            continue;
        best = count;
        *ret_chosen = i;
    }
    return OK;
}

static enum result
find_unanswered(struct core *core)
{
    uint64_t count = ledger_count(core->ledger);

    core->unanswered.kind = 0;
    return count == 0
               ? OK
               : ledger_read(core->ledger, count - 1, 1, &core->unanswered);
}

enum result
core_searches_load(struct core *core)
{
    struct buffer found[2] = {{0}, {0}};
    size_t chosen = 2;
    enum result result = choose(core, found, &chosen);

    if (result == OK && chosen < 2) {
        result = queries_load(
            core->queries,
            text_after(buffer_as_text(&found[chosen]), sizeof(uint64_t)));
        core->queries_saved = chosen + 1;
    }
    for (size_t i = 0; i < 2; i++) {
        if (found[i].length > 0)
            hash_wipe(found[i].bytes, found[i].length);
        buffer_free(&found[i]);
    }
    return result == OK ? find_unanswered(core) : result;
}
