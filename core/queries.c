/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An open-addressing table of sessions; what is idle is dropped when it is
 * half full. Saved, a session is 72 bytes, little endian:
 *
 *    0  8  session
 *    8  8  last_us
 *   16  8  at: place of the last name, date or identifier
 *   24  8  page: place of the last page
 *   32  4  rest of the page
 *   36  1  kind of the first, 0: none
 *   37  1  4 where there is a page, else 0
 *   38  1  which of the searches comes next, 0 … 3
 *   39  1  zero
 *   40 32  the last four searches
 */
#include "core/queries.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/time.h"

#define IDLE_US (QUERIES_IDLE_MINUTES * TIME_MINUTE_US)
/* Beyond what a record may say; differences of times stay numbers. */
#define TIME_FAR_US (INT64_MAX / 4)
#define ROOM_MIN 256
#define ROOM_MAX (2 * QUERIES_SESSIONS_MAX)
/* Searches whose reports may lie between each other. */
#define SEARCHES 4

struct asked {
    uint64_t session; /* 0: free */
    int64_t last_us;
    uint64_t at, page;
    uint32_t rest;
    uint8_t kind, page_kind, next, zero;
    uint64_t searches[SEARCHES];
};
_Static_assert(sizeof(struct asked) == QUERIES_SAVED_BYTES,
               "saved as it stands, on machines of little endian");

struct queries {
    struct asked *table;
    size_t room, count;
    int64_t latest_us;
};

static void
drop_table(struct queries *queries)
{
    if (queries->table != NULL)
        hash_wipe(queries->table, queries->room * sizeof(queries->table[0]));
    free(queries->table);
}

enum result
queries_new(struct queries **ret_queries)
{
    struct queries *queries = calloc(1, sizeof(*queries));

    if (queries == NULL)
        return E_NOMEM;
    queries->room = ROOM_MIN;
    queries->latest_us = INT64_MIN;
    queries->table = calloc(queries->room, sizeof(queries->table[0]));
    if (queries->table == NULL) {
        queries_free(queries);
        return E_NOMEM;
    }
    *ret_queries = queries;
    return OK;
}

void
queries_free(struct queries *queries)
{
    if (queries == NULL)
        return;
    drop_table(queries);
    free(queries);
}

/* Session ids are random: any bits of them do. */
static struct asked *
slot(struct asked *table, size_t room, uint64_t session)
{
    size_t at = (size_t)(session ^ session >> 32) & (room - 1);

    while (table[at].session != 0 && table[at].session != session)
        at = (at + 1) & (room - 1);
    return &table[at];
}

static size_t
alive_within(const struct queries *queries, int64_t idle_us)
{
    size_t alive = 0;

    for (size_t i = 0; i < queries->room; i++) {
        const struct asked *asked = &queries->table[i];

        alive += asked->session != 0 &&
                 queries->latest_us - asked->last_us <= idle_us;
    }
    return alive;
}

/* The longest silence under which at most `most` are alive. */
static int64_t
idle_for(const struct queries *queries, size_t most)
{
    int64_t idle_us = IDLE_US;

    while (idle_us > 0 && alive_within(queries, idle_us) > most)
        idle_us /= 2;
    return idle_us > 0 ? idle_us : -1;
}

static enum result
sweep(struct queries *queries)
{
    int64_t idle_us = idle_for(queries, QUERIES_SESSIONS_MAX / 2);
    size_t alive = alive_within(queries, idle_us), room = queries->room;
    struct asked *table;

    if (alive > room / 4 && room < ROOM_MAX)
        room *= 2;
    table = calloc(room, sizeof(table[0]));
    if (table == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < queries->room; i++) {
        const struct asked *asked = &queries->table[i];

        if (asked->session != 0 &&
            queries->latest_us - asked->last_us <= idle_us)
            *slot(table, room, asked->session) = *asked;
    }
    drop_table(queries);
    queries->table = table;
    queries->room = room;
    queries->count = alive;
    return OK;
}

static enum result
find(struct queries *queries, uint64_t session, struct asked **ret_asked)
{
    struct asked *asked = slot(queries->table, queries->room, session);

    if (asked->session == 0 && queries->count >= queries->room / 2) {
        enum result result = sweep(queries);

        if (result != OK)
            return result;
        asked = slot(queries->table, queries->room, session);
    }
    if (asked->session == 0) {
        asked->session = session;
        queries->count++;
    }
    *ret_asked = asked;
    return OK;
}

static bool
is_known(const struct asked *asked, uint64_t search)
{
    for (size_t i = 0; i < SEARCHES; i++)
        if (asked->searches[i] == search)
            return true;
    return false;
}

/* The places as they were before this search; and as they are now. */
static struct query_place
exchange(struct asked *asked, const struct query_place *now)
{
    struct query_place before;

    if (now->kind == QUERY_OFFSET) {
        before =
            (struct query_place){asked->page_kind, asked->page, asked->rest};
        asked->page_kind = QUERY_OFFSET;
        asked->page = now->at;
        asked->rest = now->rest;
    } else {
        before = (struct query_place){asked->kind, asked->at, 0};
        asked->kind = now->kind;
        asked->at = now->at;
    }
    return before;
}

enum result
queries_next(struct queries *queries, uint64_t session, int64_t time_us,
             uint64_t search, const struct query_place *place,
             uint32_t *ret_detail)
{
    struct asked *asked;
    struct query_place before;
    uint16_t size;
    enum query_step step;
    enum result result;

    *ret_detail = 0;
    if (session == 0 || place->kind == QUERY_NONE)
        return OK;
    if (time_us > queries->latest_us)
        queries->latest_us = time_us;
    result = find(queries, session, &asked);
    if (result != OK)
        return result;
    /* time goes back where an import reads what another one had read: what
     * is known came later, and nothing follows from it */
    if (time_us < asked->last_us || time_us - asked->last_us > IDLE_US)
        *asked = (struct asked){.session = session};
    asked->last_us = time_us;
    if (is_known(asked, search))
        return OK;
    asked->searches[asked->next++ % SEARCHES] = search;
    asked->next %= SEARCHES;
    before = exchange(asked, place);
    step = query_step_of(&before, place, &size);
    if (step != STEP_SAME)
        *ret_detail = QUERY_DETAIL(place->kind, step, size);
    return OK;
}

enum result
queries_save(const struct queries *queries, size_t room, struct buffer *out)
{
    int64_t idle_us = idle_for(queries, room / QUERIES_SAVED_BYTES);
    enum result result = OK;

    for (size_t i = 0; i < queries->room && result == OK; i++) {
        const struct asked *asked = &queries->table[i];

        if (asked->session != 0 &&
            queries->latest_us - asked->last_us <= idle_us)
            result = buffer_append(out, asked, sizeof(*asked));
    }
    return result;
}

static bool
holds(const struct asked *asked)
{
    return asked->session != 0 && asked->last_us > -TIME_FAR_US &&
           asked->last_us < TIME_FAR_US && asked->kind <= QUERY_IDENTIFIER &&
           (asked->page_kind == QUERY_NONE ||
            asked->page_kind == QUERY_OFFSET) &&
           asked->next < SEARCHES && asked->zero == 0;
}

enum result
queries_load(struct queries *queries, struct text saved)
{
    struct asked one, *asked;

    if (saved.length % sizeof(one) != 0)
        return E_CORRUPT;
    for (size_t at = 0; at < saved.length; at += sizeof(one)) {
        memcpy(&one, saved.bytes + at, sizeof(one));
        if (!holds(&one))
            return E_CORRUPT;
    }
    for (size_t at = 0; at < saved.length; at += sizeof(one)) {
        enum result result;

        memcpy(&one, saved.bytes + at, sizeof(one));
        if (one.last_us > queries->latest_us)
            queries->latest_us = one.last_us;
        result = find(queries, one.session, &asked);
        if (result != OK)
            return result;
        *asked = one;
    }
    return OK;
}
