/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The private cap: how many distinct persons this worker shows to one session
 * while core is away. Crude on purpose: exact within an hour from the first,
 * closed where its table is full. It outlasts a core that comes and goes.
 */
#include "door/door.h"

#include "base/hash.h"

#define DOOR_CAP_SECONDS 3600

typedef struct {
    uint64_t session; /* 0: free */
    time_t since;
    ngx_uint_t count, billed;
    uint64_t *persons; /* DOOR_PRIVATE_CAP_MAX */
} door_cap_t;

static door_cap_t *door_caps;
static uint8_t door_cap_key[16];


ngx_int_t
door_cap_start(ngx_log_t *log)
{
    hash_random(door_cap_key, sizeof(door_cap_key));
    door_caps = ngx_calloc(DOOR_CAP_SESSIONS_MAX * sizeof(door_cap_t), log);

    return door_caps == NULL ? NGX_ERROR : NGX_OK;
}


static uint64_t
door_cap_hash(struct text text)
{
    uint64_t hash = hash_sip(door_cap_key, text.bytes, text.length).low;

    return hash == 0 ? 1 : hash;
}


uint64_t
door_cap_person(const struct ask_person *person)
{
    return door_cap_hash(person->identifier.length > 0 ? person->identifier
                                                       : person->name);
}


static door_cap_t *
door_cap_find(const door_ctx_t *ctx)
{
    uint64_t session;
    ngx_uint_t i;
    door_cap_t *cap, *room = NULL;

    session = door_cap_hash(ctx->session.length > 0 ? ctx->session
                            : ctx->professional.length > 0 ? ctx->professional
                            : ctx->address);

    for (i = 0; i < DOOR_CAP_SESSIONS_MAX; i++) {
        cap = &door_caps[i];

        if (cap->session != 0 && ngx_time() - cap->since > DOOR_CAP_SECONDS) {
            cap->session = 0;
        }

        if (cap->session == session) {
            return cap;
        }

        if (cap->session == 0 && room == NULL) {
            room = cap;
        }
    }

    if (room == NULL) {
        return NULL;
    }

    if (room->persons == NULL) {
        room->persons = ngx_alloc(DOOR_PRIVATE_CAP_MAX * sizeof(uint64_t),
                                  ngx_cycle->log);
        if (room->persons == NULL) {
            return NULL;
        }
    }

    room->session = session;
    room->since = ngx_time();
    room->count = 0;
    room->billed = 0;

    return room;
}


static ngx_uint_t
door_cap_knows(const door_cap_t *cap, ngx_uint_t count, uint64_t person)
{
    ngx_uint_t i;

    for (i = 0; i < count; i++) {
        if (cap->persons[i] == person) {
            return 1;
        }
    }

    return 0;
}


/* New persons stand behind cap->count until all of them are allowed. */
ngx_uint_t
door_cap_allows(const door_ctx_t *ctx)
{
    ngx_uint_t most = ctx->conf->private_cap, count, i;
    door_cap_t *cap;

    if (ctx->persons == 0 && ctx->billed == 0) {
        return 1;
    }

    cap = door_cap_find(ctx);
    if (cap == NULL || ctx->shown_count > most
        || (ctx->shown_count > 0 && ctx->shown == NULL))
    {
        return 0;
    }

    count = cap->count;
    for (i = 0; i < ctx->shown_count; i++) {
        if (door_cap_knows(cap, count, ctx->shown[i])) {
            continue;
        }

        if (count >= most) {
            return 0;
        }

        cap->persons[count++] = ctx->shown[i];
    }

    if (count + cap->billed + ctx->billed > most) {
        return 0;
    }

    cap->count = count;
    cap->billed += ctx->billed;

    return 1;
}
