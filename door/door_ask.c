/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The asks of this worker: written from what the labeller tells, kept until
 * core answers, decided by the location's policy where it does not.
 */
#include "door/door.h"

#include "base/time.h"
#include "model/event.h"

#define DOOR_WAITING_BUCKETS 256

/* A packet is sent on before it could grow past its limit. */
#define DOOR_PACKET_PERSONS_BYTES (WIRE_PACKET_BYTES_MAX - (12u << 10))

/* One at a time is being written. */
static struct {
    door_ctx_t *ctx;
    struct wire_ask ask;
    uint8_t packet[WIRE_PACKET_BYTES_MAX];
    size_t persons_bytes;
    ngx_uint_t lost; /* core cannot be told */
} door_now;

static ngx_queue_t door_waiting[DOOR_WAITING_BUCKETS];
static uint64_t door_number;


uint64_t
door_ask_number(void)
{
    return ++door_number;
}


static void
door_ask_fill(door_ctx_t *ctx, enum ask_phase phase, ngx_uint_t status,
              uint32_t flags)
{
    door_loc_conf_t *lcf = ctx->conf;
    struct wire_ask *ask = &door_now.ask;

    door_now.ctx = ctx;
    door_now.persons_bytes = 0;
    door_now.lost = 0;

    ask->number = door_ask_number();
    ask->phase = phase;
    ask->flags = flags | (ctx->write ? ASK_WRITE : 0)
                 | (ctx->search ? ASK_SEARCH : 0)
                 | (lcf->durable ? ASK_DURABLE : 0)
                 | (lcf->mode == DOOR_OBSERVE ? ASK_OBSERVE : 0)
                 | (lcf->break_glass ? ASK_BREAK_GLASS : 0)
                 | (ctx->cut_short ? ASK_CUT_SHORT : 0)
                 | (ctx->route && phase != ASK_BEFORE ? ASK_REQUESTED : 0);
    ask->status = (uint16_t) status;
    ask->time_us = time_now_us();
    ask->auth_time_s = ctx->auth_time_s;
    ask->worst_case = 0;
    ask->interaction = ctx->interaction;
    ask->place = ctx->place;
    ask->resource = ctx->resource;
    ask->professional = ctx->professional;
    ask->session = ctx->session;
    ask->address = ctx->address;
    ask->device = ctx->device;
    ask->request = ctx->request_id;
    ask->service = (struct text){(char *) lcf->service.data,
                                 lcf->service.len};
    ask->controller = (struct text){(char *) lcf->controller.data,
                                    lcf->controller.len};
    ask->reason = ctx->reason;
    ask->attempts = 0;
    ask->person_count = 0;
    ask->join_count = 0;
}


static void
door_ask_send(uint32_t more)
{
    struct wire_ask *ask = &door_now.ask;
    uint32_t flags = ask->flags;
    size_t length;

    ask->flags |= more;
    if (!door_now.lost
        && (wire_ask_write(ask, door_now.packet, &length) != OK
            || door_link_send(door_now.packet, length) != NGX_OK))
    {
        door_now.lost = 1;
    }

    ask->flags = flags;
    ask->person_count = 0;
    ask->join_count = 0;
    door_now.persons_bytes = 0;
}


/* Names come from a body that nobody vouches for. */
static ngx_uint_t
door_ask_can_say(struct text name)
{
    return name.length <= ASK_PERSON_BYTES_MAX
           && text_utf8_check(name) == name.length;
}


/* For the private cap, which is wanted only when core does not answer. */
static void
door_ask_remember(door_ctx_t *ctx, const struct ask_person *person)
{
    ngx_uint_t most = ctx->conf->private_cap + 1;

    ctx->persons++;
    if (ctx->shown == NULL) {
        ctx->shown = ngx_palloc(ctx->request->pool, most * sizeof(uint64_t));
    }

    if (ctx->shown != NULL && ctx->shown_count < most) {
        ctx->shown[ctx->shown_count++] = door_cap_person(person);
    } else {
        ctx->shown_count = most;
    }
}


static enum result
door_ask_person(void *context, const struct label_person *told)
{
    struct wire_ask *ask = &door_now.ask;
    struct ask_person *person;
    size_t bytes;

    (void) context;
    bytes = told->name.length + told->identifier.length + 8;
    if (ask->person_count == ASK_PERSONS_MAX
        || door_now.persons_bytes + bytes > DOOR_PACKET_PERSONS_BYTES)
    {
        door_ask_send(ASK_MORE);
    }

    person = &ask->persons[ask->person_count++];
    person->name = told->name;
    person->identifier = told->identifier;
    person->categories = told->categories;
    person->third_persons = told->third_persons;

    /* a name that no message can hold is shown, and not read */
    if (!door_ask_can_say(person->name)
        || !door_ask_can_say(person->identifier))
    {
        bytes = 8;
        door_now.ctx->unnamed = 1;
        person->name = (struct text){0};
        person->identifier = (struct text){0};
    }

    door_now.persons_bytes += bytes;
    door_ask_remember(door_now.ctx, person);

    return OK;
}


/* Whoever cannot be said was told of as such, under the other name. */
static enum result
door_ask_join(void *context, struct text name, const struct label_person *as)
{
    struct wire_ask *ask = &door_now.ask;
    size_t bytes = name.length + as->name.length + as->identifier.length + 8;

    (void) context;
    if (!door_ask_can_say(name) || !door_ask_can_say(as->name)
        || !door_ask_can_say(as->identifier))
    {
        door_now.ctx->unnamed = 1;
        return OK;
    }

    if (ask->join_count == ASK_JOINS_MAX
        || door_now.persons_bytes + bytes > DOOR_PACKET_PERSONS_BYTES)
    {
        door_ask_send(ASK_MORE);
    }

    ask->joins[ask->join_count++] = (struct ask_join){
        .name = name,
        .as = as->name,
        .identifier = as->identifier,
        .categories = as->categories,
    };
    door_now.persons_bytes += bytes;

    return OK;
}


/* The one whom the request names: once an answer. */
static void
door_ask_route(door_ctx_t *ctx)
{
    struct label_person person = { .name = ctx->person,
                                   .categories = (uint16_t) ctx->conf->shows };
    struct text system, value;
    bool test;

    if (ctx->route_told) {
        return;
    }

    if (text_split(ctx->person, '|', &system, &value)
        && event_system_is_ins(system, &test))
    {
        person.identifier = ctx->person;
    }

    ctx->route_told = 1;
    (void) door_ask_person(NULL, &person);
}


/* Texts that the labeller lent hold until its next call: what is told has
 * to be in a packet by then. */
static void
door_ask_persons(door_ctx_t *ctx, enum ask_phase phase)
{
    struct label_sink sink = { NULL, door_ask_person, door_ask_join };
    enum label_reach reach = phase == ASK_LAST || ctx->reach_all
                             ? LABEL_ALL : LABEL_SETTLED;

    if (phase == ASK_BEFORE) {
        return;
    }

    if (ctx->route) {
        door_ask_route(ctx);
        return;
    }

    if (ctx->label == NULL) {
        return;
    }

    if (label_window(ctx->label, reach, &sink) != OK) {
        ctx->blind = 1;
    }
}


/* -- without core -- */

static void
door_ask_missed(door_ctx_t *ctx)
{
    ctx->missing = 1;
    ctx->decision = door_away_decide(ctx);
    ctx->decided = 1;
    door_away_count(ctx);
    door_link_missed();
}


/* -- waiting -- */

void
door_ask_forget(door_ctx_t *ctx)
{
    if (!ctx->asked) {
        return;
    }

    ctx->asked = 0;
    ngx_queue_remove(&ctx->waiting);
    ngx_queue_remove(&ctx->late);

    /* a worker that ends waits for no timer but those of asks */
    ctx->conf->timer.cancelable = ngx_queue_empty(&ctx->conf->late);
}


static void
door_ask_resume(door_ctx_t *ctx)
{
    if (ctx->phase == ASK_BEFORE) {
        door_request_resume(ctx);
    } else {
        door_hold_resume(ctx);
    }
}


static void
door_ask_late(ngx_event_t *ev)
{
    door_loc_conf_t *lcf = ev->data;
    door_ctx_t *ctx;
    ngx_msec_int_t left;

    while (!ngx_queue_empty(&lcf->late)) {
        ctx = ngx_queue_data(ngx_queue_head(&lcf->late), door_ctx_t, late);
        left = (ngx_msec_int_t) (ctx->deadline - ngx_current_msec);
        if (left > 0) {
            ngx_add_timer(ev, (ngx_msec_t) left);
            return;
        }

        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "vigie: core did not answer in time");
        door_ask_forget(ctx);
        door_ask_missed(ctx);
        door_ask_resume(ctx);
    }
}


void
door_ask_start(door_main_conf_t *conf, ngx_log_t *log)
{
    door_loc_conf_t **lcf = conf->locations.elts;
    ngx_uint_t i;

    for (i = 0; i < DOOR_WAITING_BUCKETS; i++) {
        ngx_queue_init(&door_waiting[i]);
    }

    for (i = 0; i < conf->locations.nelts; i++) {
        ngx_queue_init(&lcf[i]->late);
        lcf[i]->timer.handler = door_ask_late;
        lcf[i]->timer.data = lcf[i];
        lcf[i]->timer.log = log;
    }
}


static void
door_ask_wait(door_ctx_t *ctx)
{
    ngx_queue_insert_tail(&door_waiting[ctx->number % DOOR_WAITING_BUCKETS],
                          &ctx->waiting);
    ctx->asked = 1;
    ctx->deadline = ngx_current_msec + ctx->conf->timeout;
    ngx_queue_insert_tail(&ctx->conf->late, &ctx->late);
    ctx->conf->timer.cancelable = 0;
    if (!ctx->conf->timer.timer_set) {
        ngx_add_timer(&ctx->conf->timer, ctx->conf->timeout);
    }
}


void
door_ask(door_ctx_t *ctx, enum ask_phase phase, ngx_uint_t status)
{
    ctx->phase = phase;
    ctx->persons = 0;
    ctx->billed = 0;
    ctx->shown_count = 0;
    ctx->decided = 0;
    ctx->missing = 0;
    ctx->unnamed = 0;

    door_ask_fill(ctx, phase, status, 0);
    door_ask_persons(ctx, phase);

    if (ctx->mixed && phase == ASK_BEFORE) {
        /* what it will show nobody knows, and its answer is never held back */
        door_now.ask.flags |= ASK_UNLABELLED;
        ctx->billed = (uint32_t) ctx->conf->worst_case;
        door_now.ask.worst_case = ctx->billed;
    }

    if ((ctx->blind || ctx->reach_all || ctx->unnamed)
        && phase != ASK_BEFORE)
    {
        door_now.ask.flags |= ASK_UNLABELLED;

        if (!ctx->worst_billed) {
            ctx->worst_billed = 1;
            ctx->billed = (uint32_t) ctx->conf->worst_case;
            door_now.ask.worst_case = ctx->billed;
        }
    }

    ctx->number = door_now.ask.number;
    door_ask_send(0);

    if (door_now.lost) {
        door_ask_missed(ctx);
    } else {
        door_ask_wait(ctx);
    }
}


void
door_ask_tell(door_ctx_t *ctx, ngx_uint_t status, uint32_t flags)
{
    door_ask_fill(ctx, ASK_LAST, status, flags);
    if (flags & ASK_UNLABELLED) {
        door_now.ask.worst_case = (uint32_t) ctx->conf->worst_case;
    }

    door_ask_send(0);
    if (door_now.lost) {
        ctx->phase = ASK_LAST;
        ctx->decision = flags & ASK_CUT_SHORT ? ANSWER_REFUSE : ANSWER_RELEASE;
        ctx->persons = 0;
        ctx->billed = door_now.ask.worst_case;
        door_away_count(ctx);
        door_link_missed();
    }
}


/* -- attempts of those who are cut -- */

static void
door_ask_refused_fill(door_ctx_t *ctx, uint32_t attempts)
{
    door_ask_fill(ctx, ASK_BEFORE, 0, ASK_REFUSED);
    door_now.ask.attempts = attempts;
}


void
door_ask_refused(door_ctx_t *ctx)
{
    door_ask_refused_fill(ctx, 1);
    door_ask_send(0);

    if (door_now.lost) {
        door_away_untold(ctx->conf, 1);
    }
}


size_t
door_ask_keep(door_ctx_t *ctx, u_char **ret_bytes)
{
    size_t length;

    door_ask_refused_fill(ctx, 1);
    if (wire_ask_write(&door_now.ask, door_now.packet, &length) != OK) {
        return 0;
    }

    *ret_bytes = ngx_alloc(length, ctx->request->connection->log);
    if (*ret_bytes == NULL) {
        return 0;
    }

    ngx_memcpy(*ret_bytes, door_now.packet, length);

    return length;
}


ngx_int_t
door_ask_again(const u_char *bytes, size_t length, uint32_t attempts)
{
    if (wire_ask_read(bytes, length, &door_now.ask) != OK) {
        return NGX_ERROR;
    }

    door_now.lost = 0;
    door_now.ask.number = door_ask_number();
    door_now.ask.attempts = attempts;
    door_ask_send(0);

    return door_now.lost ? NGX_ERROR : NGX_OK;
}


ngx_uint_t
door_ask_answered(const struct wire_answer *answer)
{
    ngx_queue_t *bucket, *q;
    door_ctx_t *ctx;

    bucket = &door_waiting[answer->number % DOOR_WAITING_BUCKETS];
    for (q = ngx_queue_head(bucket); q != ngx_queue_sentinel(bucket);
         q = ngx_queue_next(q))
    {
        ctx = ngx_queue_data(q, door_ctx_t, waiting);
        if (ctx->number != answer->number) {
            continue;
        }

        door_ask_forget(ctx);
        ctx->decided = 1;
        ctx->decision = ctx->conf->mode == DOOR_OBSERVE
                        || (ctx->write && ctx->phase != ASK_BEFORE)
                        ? ANSWER_RELEASE : answer->decision;
        ctx->since_s = answer->since_s;
        door_ask_resume(ctx);

        return 1;
    }

    return 0;
}


void
door_ask_lost(void)
{
    ngx_uint_t i;
    door_ctx_t *ctx;

    for (i = 0; i < DOOR_WAITING_BUCKETS; i++) {
        while (!ngx_queue_empty(&door_waiting[i])) {
            ctx = ngx_queue_data(ngx_queue_head(&door_waiting[i]), door_ctx_t,
                                 waiting);
            door_ask_forget(ctx);
            door_ask_missed(ctx);
            door_ask_resume(ctx);
        }
    }
}
