/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Requests that a standing cut refuses before they are proxied: core is told
 * of the first at once, then of their number, at most once a second for each
 * session and professional, so that whoever hammers fills no ledger. What
 * does not fit the table, or cannot be said, counts as missed.
 */
#include "door/door.h"

#include "base/hash.h"

#define DOOR_REFUSED_MAX 256
#define DOOR_REFUSED_MS 1000

typedef struct {
    uint64_t who; /* 0: free */
    uint32_t attempts; /* not told yet */
    size_t length; /* of the ask that will tell them; 0: none */
    u_char *bytes;
    door_loc_conf_t *conf;
} door_refused_t;

static door_refused_t door_refused[DOOR_REFUSED_MAX];
static ngx_event_t door_refused_timer;
static uint8_t door_refused_key[16];


static uint64_t
door_refused_who(const door_ctx_t *ctx)
{
    uint64_t session, professional, who;

    session = hash_sip(door_refused_key, ctx->session.bytes,
                       ctx->session.length).low;
    professional = hash_sip(door_refused_key, ctx->professional.bytes,
                            ctx->professional.length).low;
    who = session * 3 + professional;

    return who == 0 ? 1 : who;
}


/* The one of them, or a free one; NULL: the table is full. */
static door_refused_t *
door_refused_find(uint64_t who)
{
    door_refused_t *room = NULL;
    ngx_uint_t i;

    for (i = 0; i < DOOR_REFUSED_MAX; i++) {
        if (door_refused[i].who == who) {
            return &door_refused[i];
        }

        if (door_refused[i].who == 0 && room == NULL) {
            room = &door_refused[i];
        }
    }

    return room;
}


static void
door_refused_tell(door_refused_t *one)
{
    if (one->length == 0
        || door_ask_again(one->bytes, one->length, one->attempts) != NGX_OK)
    {
        door_away_untold(one->conf, one->attempts);
    }

    if (one->bytes != NULL) {
        ngx_free(one->bytes);
    }

    one->bytes = NULL;
    one->length = 0;
    one->attempts = 0;
}


static void
door_refused_turn(ngx_event_t *ev)
{
    ngx_uint_t i, busy = 0;

    (void) ev;
    for (i = 0; i < DOOR_REFUSED_MAX; i++) {
        if (door_refused[i].who == 0) {
            continue;
        }

        if (door_refused[i].attempts == 0) {
            door_refused[i].who = 0; /* a second without any */
            continue;
        }

        door_refused_tell(&door_refused[i]);
        busy = 1;
    }

    if (busy) {
        ngx_add_timer(&door_refused_timer, DOOR_REFUSED_MS);
    }
}


void
door_refused_start(ngx_log_t *log)
{
    hash_random(door_refused_key, sizeof(door_refused_key));
    ngx_memzero(door_refused, sizeof(door_refused));
    door_refused_timer.handler = door_refused_turn;
    door_refused_timer.data = &door_refused_timer;
    door_refused_timer.log = log;
    door_refused_timer.cancelable = 1;
}


void
door_refused_stop(void)
{
    ngx_uint_t i;

    for (i = 0; i < DOOR_REFUSED_MAX; i++) {
        if (door_refused[i].attempts > 0) {
            door_refused_tell(&door_refused[i]);
        }
    }
}


void
door_refused_note(door_ctx_t *ctx)
{
    uint64_t who = door_refused_who(ctx);
    door_refused_t *one = door_refused_find(who);

    if (one == NULL) {
        door_away_untold(ctx->conf, 1);
        return;
    }

    if (one->who == 0) {
        one->who = who;
        one->conf = ctx->conf;
        door_ask_refused(ctx);

    } else {
        if (one->attempts == 0) {
            one->length = door_ask_keep(ctx, &one->bytes);
        }

        if (one->attempts < UINT32_MAX) {
            one->attempts++;
        }
    }

    if (!door_refused_timer.timer_set) {
        ngx_add_timer(&door_refused_timer, DOOR_REFUSED_MS);
    }
}
