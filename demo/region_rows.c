/* SPDX-License-Identifier: EUPL-1.2 */
#include "demo/region_rows.h"

#include <stdlib.h>
#include <string.h>

#include "demo/region_random.h"
#include "model/event.h"
#include "model/resource.h"

#define SAID_AGAIN_US (INT64_C(1000000) * 60 * SESSION_IDLE_MINUTES)

struct region_rows {
    const struct region *region;
    int64_t *last_us; /* by session */
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
    free(rows->last_us);
    free(rows);
}

uint64_t
region_rows_session(const struct region_session *session)
{
    return chance_mix(session->token, 0x73657373) | 1;
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
last_of(struct region_rows *rows, uint32_t session, int64_t **ret_last)
{
    if (session >= rows->room) {
        uint32_t room = session + session / 2 + 1024;
        int64_t *at = realloc(rows->last_us, room * sizeof(*at));
        if (at == NULL)
            return E_NOMEM;
        for (uint32_t i = rows->room; i < room; i++)
            at[i] = INT64_MIN / 2;
        rows->last_us = at;
        rows->room = room;
    }
    *ret_last = &rows->last_us[session];
    return OK;
}

enum result
region_rows_make(struct region_rows *rows, const struct region_event *event,
                 struct row ret_rows[REGION_ROWS_MAX], size_t *ret_count)
{
    static const char *const types[REGION_RESOURCES] = {
        "Patient",           "Observation", "DocumentReference", "Appointment",
        "MedicationRequest", "Condition",   "Encounter"};
    static const uint8_t interactions[] = {INTERACTION_READ, INTERACTION_SEARCH,
                                           INTERACTION_CREATE,
                                           INTERACTION_UPDATE};
    const struct region_session *session =
        region_session(rows->region, event->session);
    uint16_t type = resource_number(text_of(types[event->resource]));
    int64_t *last;
    enum result r = last_of(rows, event->session, &last);
    if (r != OK)
        return r;
    struct row row = {
        .time_received_us = event->time_us,
        .time_source_us = event->time_us,
        .session = region_rows_session(session),
        .professional = region_rows_professional(session->professional),
        .person = chance_mix(event->person, 0x706572) | 1,
        .request = event->request,
        .categories = resource_categories(type),
        .grade = event->refused ? GRADE_NONE : GRADE_DECLARED,
        .kind = event->refused ? ROW_REFUSAL : ROW_DISCLOSURE,
        .flags = event->action == ACTION_SEARCH ? ROW_SEARCH
                 : event->action != ACTION_READ ? ROW_WRITE
                                                : 0,
        .detail = ROW_DETAIL(type, interactions[event->action], SIDE_SERVER)};
    *ret_count = 0;
    if (event->time_us - *last >= SAID_AGAIN_US)
        sighting(session, &row, &ret_rows[(*ret_count)++]);
    *last = event->time_us;
    ret_rows[(*ret_count)++] = row;
    return OK;
}
