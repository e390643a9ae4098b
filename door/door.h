/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The door: an nginx module that labels every answer of a protected location,
 * asks core, and releases or refuses it (docs/door.md). Follows nginx's idiom.
 * Knows how to ask, never how to judge: no detection, no ledger, no budgets
 * but the crude private cap that holds while core is away.
 */
#ifndef VIGIE_DOOR_DOOR_H
#define VIGIE_DOOR_DOOR_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>

#include "label/label.h"
#include "wire/answer.h"
#include "wire/ask.h"
#include "wire/greet.h"
#include "wire/missed.h"
#include "wire/order.h"

#define DOOR_OFF 0
#define DOOR_ON 1
#define DOOR_OBSERVE 2

#define DOOR_OPEN 0
#define DOOR_CLOSED 1

/* SSI, sub_filter and copy have 1, 2, 4 of r->buffered; image_filter, which
 * reads no text, has this one too. */
#define DOOR_BUFFERED 0x08

/* How a declared content type is read. */
typedef enum {
    DOOR_READ_FHIR = LABEL_FHIR,
    DOOR_READ_LINES = LABEL_FHIR_LINES,
    DOOR_READ_JSON = LABEL_JSON, /* by vigie_rules */
    DOOR_READ_ROUTE, /* not read: by vigie_person and vigie_shows */
    DOOR_READ_NOT, /* cannot be read: unlabelled, billed */
    DOOR_READ_NONE /* declared to hold nobody's data */
} door_read_t;

typedef struct {
    ngx_str_t name; /* lower case, without parameters */
    ngx_uint_t read;
} door_type_t;

typedef struct {
    int64_t from_us, to_us; /* 0: nothing was missed */
    uint64_t released, refused, persons;
    uint64_t number; /* of the message on its way; 0: none */
} door_missed_t;

typedef struct {
    ngx_uint_t mode;
    ngx_http_complex_value_t *professional, *session, *auth_time, *reason;
    ngx_str_t service, controller, contact, login;
    ngx_array_t *types; /* door_type_t */
    struct label_rules *rules;
    ngx_http_complex_value_t *person;
    ngx_uint_t shows; /* categories */
    size_t hold;
    ngx_uint_t failure;
    ngx_msec_t timeout;
    ngx_queue_t late;  /* door_ctx_t that wait for core: one timer for all */
    ngx_event_t timer; /* of the first; or later, where that was answered */
    ngx_flag_t durable, break_glass;
    ngx_uint_t private_cap, worst_case;
    door_missed_t missed, telling;
} door_loc_conf_t;

typedef struct {
    ngx_str_t socket;
    ngx_array_t locations; /* door_loc_conf_t *, of those that protect */
    ngx_int_t request_id;  /* index of $request_id */
} door_main_conf_t;

typedef enum {
    DOOR_IDLE = 0, /* no header of an answer yet */
    DOOR_PASS,     /* what comes is released, or our own */
    DOOR_HOLD,
    DOOR_DISCARD, /* refused: the rest of the answer goes nowhere */
    DOOR_ENDED    /* cut in the middle: nothing more leaves */
} door_state_t;

typedef struct door_ctx_s door_ctx_t;
typedef struct door_piece_s door_piece_t;

struct door_ctx_s {
    ngx_http_request_t *request;
    door_loc_conf_t *conf;
    door_state_t state;
    ngx_queue_t flight; /* all of this worker, for orders */

    struct text professional, session, address, device, request_id, reason;
    struct text person; /* as the location names it */
    int64_t auth_time_s;
    uint8_t interaction;
    struct query_place place; /* of a search: in an order, never its text */
    uint16_t resource;

    /* the ask that waits for its answer */
    uint64_t number;
    ngx_queue_t waiting;
    ngx_queue_t late; /* of its location, the first one asked first */
    ngx_msec_t deadline;
    enum ask_phase phase;
    uint64_t *shown; /* hashes of the persons of this ask, for the cap */
    ngx_uint_t shown_count;
    uint32_t persons, billed;
    /* the decision that came */
    enum answer_decision decision;
    int64_t since_s;
    ngx_uint_t missing; /* no decision of core's: 503 where refused */

    /* the answer that is held */
    struct label *label;
    ngx_chain_t *held, **held_last, *pending, *busy, *free;
    door_piece_t *pieces; /* of this request, until it ends */
    size_t held_bytes, window_bytes;
    uint64_t released_bytes;
    void (*write_handler)(ngx_http_request_t *r);

    unsigned known:1;      /* who asks has been found out */
    unsigned too_long:1;   /* a name that no message can hold */
    unsigned write:1;      /* the answer is released whatever is said */
    unsigned unsafe:1;     /* judged before proxying */
    unsigned may_be_batch:1; /* its body says whether it reads */
    unsigned mixed:1;      /* it reads, or may, and writes */
    unsigned search:1;
    unsigned before_done:1;
    unsigned stripped:1;
    unsigned asked:1;      /* and not answered yet */
    unsigned decided:1;
    unsigned header_held:1;
    unsigned last_seen:1;  /* the end of the answer is held */
    unsigned cut_short:1;
    unsigned blind:1;      /* it cannot be read, or not any more */
    unsigned own_page:1;   /* all so far is a page of nginx's own */
    unsigned worst_billed:1;
    unsigned reach_all:1;  /* the window ends inside a resource */
    unsigned unnamed:1;    /* a person of it has a name too long */
    unsigned route:1;      /* whose answer it is says the request */
    unsigned route_told:1;
    unsigned wants_page:1; /* a browser */
};

extern ngx_module_t ngx_http_vigie_module;

/* -- door_module.c -- */
door_ctx_t *door_find(ngx_http_request_t *r);
door_ctx_t *door_create(ngx_http_request_t *r, door_loc_conf_t *conf);
/* Ends every request under way whose session or professional is cut now. */
void door_flight_cut(void);

/* -- door_declared.c: what a location declares of its answers -- */
char *door_declared_types(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *door_declared_rules(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *door_declared_shows(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/* Inherits; then says what is missing. */
char *door_declared_merge(ngx_conf_t *cf, door_loc_conf_t *prev,
                          door_loc_conf_t *lcf);
char *door_declared_check(ngx_conf_t *cf, door_loc_conf_t *lcf);

/* -- door_request.c: what is asked -- */
ngx_int_t door_request_handler(ngx_http_request_t *r);
/* Who, what, with which device; once a request. */
ngx_int_t door_request_know(ngx_http_request_t *r, door_ctx_t *ctx);
/* *ret_ctx: NULL where nothing protects this request. */
ngx_int_t door_request_guard(ngx_http_request_t *r, door_ctx_t **ret_ctx);
/* The ask before proxying is decided: from an event. */
void door_request_resume(door_ctx_t *ctx);

/* -- door_batch.c: what a POST to a base URL asks for -- */
/* NGX_DECLINED: known, go on. NGX_DONE: its body comes, then the handler is
 * called again. */
ngx_int_t door_batch_look(ngx_http_request_t *r, door_ctx_t *ctx);

/* -- door_header.c: headers of the answer -- */
ngx_int_t door_header_no_store(ngx_http_request_t *r);
/* door_read_t of its content type. */
ngx_uint_t door_header_type(ngx_http_request_t *r, door_ctx_t *ctx);
/* How the body will be read: by a labeller, or not, and then ctx->blind. */
ngx_int_t door_header_reader(ngx_http_request_t *r, door_ctx_t *ctx,
                             ngx_uint_t read);

/* -- door_held.c: the bytes that are held -- */
ngx_int_t door_held_keep(ngx_http_request_t *r, door_ctx_t *ctx,
                         const u_char *bytes, size_t length);
void door_held_consume(ngx_buf_t *b, size_t length);
void door_held_drop(door_ctx_t *ctx);
/* Only once nothing of the request can be sent any more. */
void door_held_free(door_ctx_t *ctx);
/* The first ctx->window_bytes of them. */
ngx_int_t door_held_window(ngx_http_request_t *r, door_ctx_t *ctx,
                           ngx_chain_t **ret_out);

/* -- door_hold.c: the two filters -- */
void door_hold_start(void);
/* A decision came, or an order cut: from an event, never from a filter. */
void door_hold_resume(door_ctx_t *ctx);

/* -- door_label.c: labellers are large, and used again -- */
struct label *door_label_take(ngx_log_t *log);
void door_label_give(struct label *label);

/* -- door_ask.c: the messages of one request -- */
/* Fills in ctx->asked, or ctx->decided where no answer will come. */
void door_ask(door_ctx_t *ctx, enum ask_phase phase, ngx_uint_t status);
/* The same, without waiting for what core says. */
void door_ask_tell(door_ctx_t *ctx, ngx_uint_t status, uint32_t flags);
/* A standing cut refused it before proxying: told at once. */
void door_ask_refused(door_ctx_t *ctx);
/* The same, kept to be told later, with a number; 0: no memory. */
size_t door_ask_keep(door_ctx_t *ctx, u_char **ret_bytes);
ngx_int_t door_ask_again(const u_char *bytes, size_t length,
                         uint32_t attempts);
void door_ask_forget(door_ctx_t *ctx);
/* What core said; false where nobody waits for it any more. */
ngx_uint_t door_ask_answered(const struct wire_answer *answer);
/* Core is gone: all that wait are decided by their location's policy. */
void door_ask_lost(void);
void door_ask_start(door_main_conf_t *conf, ngx_log_t *log);
uint64_t door_ask_number(void);

/* -- door_id.c: the request's id -- */
void door_id_start(void);
void door_id_make(ngx_http_request_t *r, ngx_uint_t index);

/* -- door_away.c: without core -- */
enum answer_decision door_away_decide(door_ctx_t *ctx);
/* What was decided, for the row of the gap. */
void door_away_count(door_ctx_t *ctx);
/* So many were refused, and core cannot be told who asked. */
void door_away_untold(door_loc_conf_t *conf, uint32_t attempts);

/* -- door_link.c: the worker's connection to core -- */
ngx_int_t door_link_start(ngx_cycle_t *cycle, door_main_conf_t *conf);
void door_link_stop(void);
ngx_int_t door_link_send(const void *message, size_t length);
/* Something was missed: said as soon as core is there. */
void door_link_missed(void);

/* -- door_queue.c: what waits to be sent -- */
void door_queue_start(void);
void door_queue_drop(void);
/* NGX_ERROR: more waits than may. */
ngx_int_t door_queue_add(const void *message, size_t length, ngx_log_t *log);
/* NGX_AGAIN: no room now. NGX_ERROR: the connection is no more. */
ngx_int_t door_queue_send(ngx_socket_t fd);

/* -- door_orders.c: standing verdicts -- */
ngx_int_t door_orders_start(ngx_log_t *log);
/* New ones come: they are gathered until the last, then take over. */
void door_orders_begin(const uint8_t *key);
void door_orders_add(const struct wire_order *order, ngx_log_t *log);
/* Of the session or the professional, the worse one. */
enum verdict door_orders_verdict(const door_ctx_t *ctx, int64_t *ret_since_s);
/* More stand than are remembered. */
ngx_uint_t door_orders_overflown(void);

/* -- door_refused.c: attempts of those who are cut -- */
void door_refused_start(ngx_log_t *log);
void door_refused_stop(void);
void door_refused_note(door_ctx_t *ctx);

/* -- door_cap.c: the private cap -- */
ngx_int_t door_cap_start(ngx_log_t *log);
uint64_t door_cap_person(const struct ask_person *person);
/* True where the session may be shown these too, and then they count. */
ngx_uint_t door_cap_allows(const door_ctx_t *ctx);

/* -- door_refusal.c: what the refused one reads -- */
/* Sets status, headers and *ret_page; the caller sends. */
ngx_int_t door_refusal_make(ngx_http_request_t *r, door_ctx_t *ctx,
                            ngx_chain_t **ret_page);
/* A plain page of nginx's kind, for 502. */
ngx_int_t door_refusal_plain(ngx_http_request_t *r, ngx_uint_t status,
                             ngx_chain_t **ret_page);

#endif
