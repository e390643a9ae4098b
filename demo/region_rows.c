/* SPDX-License-Identifier: EUPL-1.2 */
#include "demo/region_rows.h"

#include <stdlib.h>
#include <string.h>

#include "demo/region_random.h"
#include "model/event.h"
#include "model/resource.h"

#define SAID_AGAIN_US (INT64_C(1000000) * 60 * SESSION_IDLE_MINUTES)

#define PLACE_KEPT_US (INT64_C(1000000) * 60 * 120)

/* What is kept of a token: when and where it was last used, and its last
 * places in the order of searches and of pages. */
struct kept {
    int64_t last_us, asked_us;
    struct query_place asked, page;
    uint32_t session;
};

struct region_rows {
    const struct region *region;
    struct kept *kept; /* by the session that first had the token */
    uint32_t room;
};

enum result
region_rows_new(const struct region *region, struct region_rows **ret_rows)
{
    struct region_rows *rows = calloc(1, sizeof(*rows));
    if (rows == NULL)
        return E_NOMEM;
    rows->region = region;
    *ret_rows = rows;
    return OK;
}

void
region_rows_free(struct region_rows *rows)
{
    if (rows == NULL)
        return;
    free(rows->kept);
    free(rows);
}

uint64_t
region_rows_session(const struct region_session *session)
{
    /* Before there is a token, where and with what one is stands for it. */
    uint64_t name = session->token != 0
                        ? session->token
                        : chance_mix(session->device ^ session->professional,
                                     session->address);
    return chance_mix(name, 0x73657373) | 1;
}

uint64_t
region_rows_professional(uint32_t professional)
{
    return chance_mix(professional, 0x70726f66) | 1;
}

static uint64_t
name_id(const char *name, size_t length, uint64_t kind)
{
    uint64_t id = kind;
    for (size_t i = 0; i < length; i++)
        id = chance_mix(id, (uint8_t)name[i]);
    return id | 1;
}

static void
sighting(const struct region_session *session, const struct row *row,
         struct row *ret)
{
    char device[REGION_NAME_BYTES];
    region_device_name(session, device);
    *ret = *row;
    ret->kind = ROW_SIGHTING;
    ret->grade = GRADE_NONE;
    ret->categories = 0;
    ret->flags = 0;
    ret->person = chance_mix(session->address, 0x61646472) | 1;
    ret->request = name_id(device, strlen(device), 0x646576);
    ret->detail =
        (uint32_t)(chance_mix(session->address >> 8, 0x6e6574) >> 32) | 1;
}

static enum result
kept_of(struct region_rows *rows, uint32_t session, struct kept **ret_kept)
{
    if (session >= rows->room) {
        uint32_t room = session + session / 2 + 1024;
        struct kept *at = reallocarray(rows->kept, room, sizeof(*at));
        if (at == NULL)
            return E_NOMEM;
        for (uint32_t i = rows->room; i < room; i++)
            at[i] = (struct kept){.last_us = INT64_MIN / 2,
                                  .asked_us = INT64_MIN / 2};
        rows->kept = at;
        rows->room = room;
    }
    *ret_kept = &rows->kept[session];
    return OK;
}

/* How the search follows the token's one before, as an import says it: pages
 * have an order of their own; 0: nothing to say. */
static uint32_t
step_detail(struct kept *kept, const struct region_event *event)
{
    const struct query_place *place = &event->place;
    struct query_place before, *at;
    uint16_t size;

    if (event->action != ACTION_SEARCH || event->hit != 0 ||
        place->kind == QUERY_NONE)
        return 0;
    if (event->time_us - kept->asked_us > PLACE_KEPT_US)
        kept->asked = kept->page = (struct query_place){0};
    kept->asked_us = event->time_us;
    at = place->kind == QUERY_OFFSET ? &kept->page : &kept->asked;
    before = *at;
    *at = *place;
    enum query_step step = query_step_of(&before, place, &size);
    return step == STEP_SAME ? 0 : QUERY_DETAIL(place->kind, step, size);
}

static struct row
row_of(const struct region_event *event, const struct region_session *session)
{
    static const char *const types[REGION_RESOURCES] = {
        "Patient",           "Observation", "DocumentReference", "Appointment",
        "MedicationRequest", "Condition",   "Encounter"};
    static const uint8_t interactions[] = {
        INTERACTION_READ, INTERACTION_SEARCH, INTERACTION_CREATE,
        INTERACTION_UPDATE, INTERACTION_UNKNOWN};
    uint16_t type = resource_number(text_of(types[event->resource]));
    bool login = event->action == ACTION_LOGIN;
    struct row row = {
        .time_received_us = event->time_us,
        .time_source_us = event->time_us,
        .session = region_rows_session(session),
        .professional = region_rows_professional(session->professional),
        .person = login ? 0 : chance_mix(event->person, 0x706572) | 1,
        .request = event->request,
        .grade = event->refused ? GRADE_NONE : GRADE_DECLARED,
        .kind = event->refused ? ROW_REFUSAL : ROW_DISCLOSURE,
        .flags = session->token == 0              ? ROW_SESSION_DERIVED
                 : event->action == ACTION_SEARCH ? ROW_SEARCH
                 : event->action != ACTION_READ   ? ROW_WRITE
                                                  : 0};

    if (!login) {
        row.categories = resource_categories(type);
        row.detail = ROW_DETAIL(type, interactions[event->action], SIDE_SERVER);
    }
    return row;
}

enum result
region_rows_make(struct region_rows *rows, const struct region_event *event,
                 struct row ret_rows[REGION_ROWS_MAX], size_t *ret_count)
{
    const struct region_session *session =
        region_session(rows->region, event->session);
    struct row row = row_of(event, session);
    struct kept *kept;
    uint32_t detail;
    enum result r = kept_of(rows, session->twin, &kept);

    if (r != OK)
        return r;
    *ret_count = 0;
    if (event->time_us - kept->last_us >= SAID_AGAIN_US ||
        kept->session != event->session)
        sighting(session, &row, &ret_rows[(*ret_count)++]);
    kept->last_us = event->time_us;
    kept->session = event->session;
    detail = step_detail(kept, event);
    if (detail != 0) {
        ret_rows[*ret_count] = row;
        ret_rows[*ret_count].kind = ROW_QUERY;
        ret_rows[*ret_count].person = 0;
        ret_rows[*ret_count].categories = 0;
        ret_rows[*ret_count].grade = GRADE_NONE;
        ret_rows[*ret_count].flags = 0;
        ret_rows[(*ret_count)++].detail = detail;
    }
    ret_rows[(*ret_count)++] = row;
    return OK;
}
