/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One way for every index: each row passes walk_one(), which keeps the last
 * sighting of each session it meets. That is right for every index, since
 * sightings are found by session and by professional, and each gives a
 * session's rows in the order of the log.
 */
#include "scope/walk.h"

#include <stdlib.h>

struct sighting {
    uint64_t address, device;
};

struct walk {
    const struct walk_query *query;
    walk_visit *visit;
    void *context;
    struct id_list sessions; /* met so far; place → its last sighting */
    struct sighting *sightings;
    size_t sighting_room;
};

void
walk_query_start(struct walk_query *query)
{
    *query = (struct walk_query){.from_us = INT64_MIN, .to_us = INT64_MAX};
}

void
walk_query_free(struct walk_query *query)
{
    id_list_free(&query->sessions);
    id_list_free(&query->professionals);
    id_list_free(&query->addresses);
    id_list_free(&query->services);
    id_list_free(&query->controllers);
}

static bool
asked(const struct id_list *list, uint64_t id)
{
    return list->count == 0 || id_list_has(list, id);
}

static bool
walk_matches(const struct walk_query *query, const struct row *row,
             uint64_t address)
{
    return row->time_source_us >= query->from_us &&
           row->time_source_us < query->to_us &&
           asked(&query->sessions, row->session) &&
           asked(&query->professionals, row->professional) &&
           asked(&query->addresses, address) &&
           asked(&query->services, row->service) &&
           asked(&query->controllers, row->controller);
}

static enum result
sighting_of(struct walk *walk, uint64_t session, struct sighting **ret)
{
    uint32_t place;
    enum result result;

    if (!id_list_place(&walk->sessions, session, &place)) {
        result = id_list_add(&walk->sessions, session);
        if (result != OK)
            return result;
        place = (uint32_t)walk->sessions.count - 1;
        if (place >= walk->sighting_room) {
            size_t room = walk->sessions.room;
            struct sighting *larger =
                reallocarray(walk->sightings, room, sizeof(*larger));

            if (larger == NULL)
                return E_NOMEM;
            walk->sightings = larger;
            walk->sighting_room = room;
        }
        walk->sightings[place] = (struct sighting){0, 0};
    }
    *ret = &walk->sightings[place];
    return OK;
}

static enum result
walk_give(struct walk *walk, uint64_t number, const struct row *row,
          const struct sighting *sighting)
{
    if (!walk_matches(walk->query, row, sighting->address))
        return OK;
    return walk->visit(
        walk->context,
        &(struct walk_row){row, number, sighting->address, sighting->device});
}

static enum result
walk_one(void *context, uint64_t number, const struct row *row)
{
    static const struct sighting nowhere = {0, 0};
    struct walk *walk = context;
    struct sighting *sighting = NULL;
    enum result result;

    if (row->session != 0) {
        result = sighting_of(walk, row->session, &sighting);
        if (result != OK)
            return result;
        if (row->kind == ROW_SIGHTING)
            *sighting = (struct sighting){row->person, row->request};
    }
    return walk_give(walk, number, row, sighting == NULL ? &nowhere : sighting);
}

struct address_sessions {
    const struct walk_query *query;
    struct id_list found;
};

static enum result
collect_session(void *context, uint64_t number, const struct row *row)
{
    struct address_sessions *sessions = context;

    (void)number;
    if (row->session == 0 ||
        !asked(&sessions->query->professionals, row->professional))
        return OK;
    return id_list_add(&sessions->found, row->session);
}

static enum result
walk_by(struct ledger *ledger, enum ledger_key key, const struct id_list *list,
        ledger_visit *visit, void *context)
{
    enum result result = OK;

    for (size_t i = 0; result == OK && i < list->count; i++)
        result = ledger_find(ledger, key, list->ids[i], visit, context);
    return result;
}

static enum result
walk_by_address(struct ledger *ledger, struct walk *walk)
{
    struct address_sessions sessions = {.query = walk->query};
    enum result result =
        walk_by(ledger, LEDGER_BY_ADDRESS, &walk->query->addresses,
                collect_session, &sessions);

    if (result == OK)
        result =
            walk_by(ledger, LEDGER_BY_SESSION, &sessions.found, walk_one, walk);
    id_list_free(&sessions.found);
    return result;
}

enum result
walk_rows(struct ledger *ledger, const struct walk_query *query,
          walk_visit *visit, void *context)
{
    struct walk walk = {.query = query, .visit = visit, .context = context};
    enum result result;

    if (query->sessions.count > 0)
        result = walk_by(ledger, LEDGER_BY_SESSION, &query->sessions, walk_one,
                         &walk);
    else if (query->addresses.count > 0)
        result = walk_by_address(ledger, &walk);
    else if (query->professionals.count > 0)
        result = walk_by(ledger, LEDGER_BY_PROFESSIONAL, &query->professionals,
                         walk_one, &walk);
    else
        result = walk_log(ledger, walk_one, &walk);
    id_list_free(&walk.sessions);
    free(walk.sightings);
    return result;
}

enum result
walk_general(struct ledger *ledger, ledger_visit *visit, void *context)
{
    return ledger_find(ledger, LEDGER_BY_SESSION, 0, visit, context);
}

enum result
walk_log(struct ledger *ledger, ledger_visit *visit, void *context)
{
    return ledger_each(ledger, 0, ledger_count(ledger), visit, context);
}
