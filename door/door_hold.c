/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The two filters. The header filter holds the header; the body filter
 * labels and copies what comes, up to vigie_hold, asks, and lets go or
 * refuses. Longer answers go window by window: while one is being asked
 * about or sent, what comes next is not taken, so that upstream waits.
 *
 * Whatever reaches a client passes door_release() or door_refuse().
 */
#include "door/door.h"

static ngx_http_output_header_filter_pt door_next_header;
static ngx_http_output_body_filter_pt door_next_body;


static ngx_int_t
door_header_filter(ngx_http_request_t *r)
{
    door_ctx_t *ctx;
    ngx_uint_t read;

    if (door_request_guard(r, &ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx == NULL || ctx->state == DOOR_PASS) {
        return door_next_header(r);
    }

    if (ctx->state != DOOR_IDLE) {
        return NGX_ERROR;
    }

    if (r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS) {
        if (ctx->conf->mode != DOOR_OBSERVE) {
            return NGX_ERROR;
        }

        door_ask_tell(ctx, r->headers_out.status, ASK_UNLABELLED);
        ctx->state = DOOR_PASS;
        return door_next_header(r);
    }

    if (door_header_no_store(r) != NGX_OK) {
        return NGX_ERROR;
    }

    read = door_header_type(r, ctx);
    if (r->header_only || r->method == NGX_HTTP_HEAD
        || (read == DOOR_READ_NONE && !ctx->write))
    {
        ctx->state = DOOR_PASS;
        return door_next_header(r);
    }

    if (door_header_reader(r, ctx, read) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->own_page = r->err_status != 0 && !r->internal;
    ctx->state = DOOR_HOLD;
    ctx->header_held = 1;
    r->filter_need_in_memory = 1;

    return NGX_OK;
}


/* -- taking -- */

/* The upstream broke off: nginx ends such an answer with a flush. */
static ngx_uint_t
door_broke_off(ngx_http_request_t *r, const ngx_buf_t *b)
{
    return b->flush && !b->last_buf && !b->last_in_chain
           && r->upstream != NULL && r->upstream->cleanup == NULL;
}


static ngx_int_t
door_take_bytes(ngx_http_request_t *r, door_ctx_t *ctx, ngx_buf_t *b)
{
    size_t n = ngx_min((size_t) (b->last - b->pos),
                       ctx->conf->hold - ctx->held_bytes);

    if (!b->memory || b->temporary) {
        ctx->own_page = 0;
    }

    if (ctx->label != NULL && !ctx->blind
        && label_feed(ctx->label, b->pos, n) != OK)
    {
        ctx->blind = 1;
    }

    if (door_held_keep(r, ctx, b->pos, n) != NGX_OK) {
        return NGX_ERROR;
    }

    door_held_consume(b, n);

    return NGX_OK;
}


/* The hold is full, or the labeller's tables are getting so. */
static ngx_uint_t
door_full(door_ctx_t *ctx)
{
    return ctx->held_bytes == ctx->conf->hold
           || (ctx->label != NULL && !ctx->blind && label_pressed(ctx->label)
               && label_settled(ctx->label) > ctx->released_bytes);
}


/* NGX_OK: all is taken, and more will come. NGX_DONE: something has to be
 * asked (ctx->last_seen, or a full window), or it broke off. */
static ngx_int_t
door_take(ngx_http_request_t *r, door_ctx_t *ctx)
{
    ngx_chain_t *cl;
    ngx_buf_t *b;

    while ((cl = ctx->pending) != NULL) {
        b = cl->buf;
        if (ngx_buf_in_memory(b) && b->pos < b->last) {
            if (door_take_bytes(r, ctx, b) != NGX_OK) {
                return NGX_ERROR;
            }

            if (b->pos < b->last) {
                return NGX_DONE;
            }

        } else if (b->in_file && b->file_pos < b->file_last) {
            ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                          "vigie: a part of the answer is not in memory");
            return NGX_ERROR;
        }

        if (b->last_buf || (r != r->main && b->last_in_chain)) {
            ctx->last_seen = 1;
        } else if (door_broke_off(r, b)) {
            ctx->cut_short = 1;
        }

        /* An empty buffer is filled anew by whoever lent it: it is not
         * looked at again. */
        ctx->pending = cl->next;
        ngx_free_chain(r->pool, cl);
        if (ctx->last_seen || ctx->cut_short || door_full(ctx)) {
            return NGX_DONE;
        }
    }

    return NGX_OK;
}


/* -- letting go -- */

static ngx_int_t
door_send_header(ngx_http_request_t *r, door_ctx_t *ctx)
{
    if (!ctx->header_held) {
        return NGX_OK;
    }

    ctx->header_held = 0;

    return door_next_header(r);
}


static ngx_int_t
door_release(ngx_http_request_t *r, door_ctx_t *ctx)
{
    ngx_chain_t *out, **last, *cl;
    ngx_int_t rc;

    rc = door_send_header(r, ctx);
    if (rc == NGX_ERROR || rc > NGX_OK) {
        return NGX_ERROR;
    }

    if (r->header_only) {
        ctx->state = DOOR_PASS;
        door_held_drop(ctx);
        return rc;
    }

    if (door_held_window(r, ctx, &out) != NGX_OK) {
        return NGX_ERROR;
    }

    for (last = &out; *last != NULL; last = &(*last)->next) { /* void */ }

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->next = NULL;
    cl->buf = ngx_calloc_buf(r->pool);
    if (cl->buf == NULL) {
        return NGX_ERROR;
    }

    if (ctx->phase == ASK_LAST) {
        ctx->state = DOOR_PASS;
        cl->buf->last_buf = r == r->main;
        cl->buf->last_in_chain = 1;
        cl->buf->sync = r != r->main;
    } else {
        cl->buf->flush = 1;
    }

    *last = cl;
    rc = door_next_body(r, out);
    ngx_chain_update_chains(r->pool, &ctx->free, &ctx->busy, &out,
                            (ngx_buf_tag_t) &ngx_http_vigie_module);

    return rc;
}


static ngx_int_t
door_refuse_page(ngx_http_request_t *r, door_ctx_t *ctx)
{
    ngx_chain_t *page;
    ngx_int_t rc;

    /* An upstream that has not ended is left, and the connection with it. */
    if (!ctx->last_seen) {
        r->keepalive = 0;
    }

    if ((ctx->cut_short ? door_refusal_plain(r, NGX_HTTP_BAD_GATEWAY, &page)
                        : door_refusal_make(r, ctx, &page)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = door_send_header(r, ctx);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return door_next_body(r, page);
}


static ngx_int_t
door_refuse(ngx_http_request_t *r, door_ctx_t *ctx)
{
    ngx_chain_t *cl;

    door_held_drop(ctx);
    r->buffered &= ~DOOR_BUFFERED;

    if (r != r->main) {
        ctx->state = DOOR_DISCARD;
        cl = ngx_alloc_chain_link(r->pool);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        cl->next = NULL;
        cl->buf = ngx_calloc_buf(r->pool);
        if (cl->buf == NULL) {
            return NGX_ERROR;
        }

        cl->buf->last_in_chain = 1;
        cl->buf->sync = 1;
        (void) door_send_header(r, ctx);
        return door_next_body(r, cl);
    }

    if (!ctx->header_held) {
        ctx->state = DOOR_ENDED;
        r->keepalive = 0;
        return NGX_ERROR;
    }

    ctx->state = DOOR_DISCARD;

    return door_refuse_page(r, ctx);
}


/* -- windows -- */

static void
door_ask_window(ngx_http_request_t *r, door_ctx_t *ctx)
{
    uint64_t settled = 0;
    ngx_uint_t kept;

    ctx->reach_all = 0;
    if (ctx->last_seen) {
        ctx->window_bytes = ctx->held_bytes;

        /* an error page made of constants: nobody's data is in it */
        if (ctx->own_page && ctx->held_bytes > 0) {
            ctx->phase = ASK_LAST;
            ctx->decided = 1;
            ctx->decision = ANSWER_RELEASE;
            return;
        }

        if (ctx->released_bytes + ctx->held_bytes == 0) {
            /* shows nothing, of whatever type; but what a 304 brings back */
            kept = r->headers_out.status == NGX_HTTP_NOT_MODIFIED;
            ctx->blind = kept && !ctx->route;
            ctx->route &= kept;
        } else if (ctx->label != NULL && !ctx->blind
                   && label_end(ctx->label) != OK)
        {
            ctx->blind = 1;
        }

        door_ask(ctx, ASK_LAST, r->headers_out.status);
        return;
    }

    if (ctx->label != NULL && !ctx->blind) {
        settled = label_settled(ctx->label);
    }

    if (settled > ctx->released_bytes) {
        ctx->window_bytes = (size_t) (settled - ctx->released_bytes);
    } else {
        ctx->window_bytes = ctx->held_bytes;
        /* who is not read in the bytes is known all the same */
        ctx->reach_all = ctx->label != NULL;
    }

    door_ask(ctx, ASK_WINDOW, r->headers_out.status);
}


/* While a window waits for room in the socket, nobody else may have a reason
 * to call this filter: upstream's own write handler waits for upstream. */
static void
door_write_handler(ngx_http_request_t *r)
{
    door_ctx_t *ctx = ngx_http_get_module_ctx(r, ngx_http_vigie_module);
    void (*handler)(ngx_http_request_t *);

    handler = ctx->write_handler;
    ctx->write_handler = NULL;
    r->write_event_handler = handler;

    if (r->connection->write->timedout
        || ngx_http_output_filter(r, NULL) != NGX_ERROR)
    {
        handler(r);
        return;
    }

    r->connection->close = 1;
    ngx_post_event(r->connection->read, &ngx_posted_events);
}


static ngx_int_t
door_drain(ngx_http_request_t *r, door_ctx_t *ctx)
{
    ngx_chain_t *out = NULL;
    ngx_int_t rc = door_next_body(r, NULL);

    ngx_chain_update_chains(r->pool, &ctx->free, &ctx->busy, &out,
                            (ngx_buf_tag_t) &ngx_http_vigie_module);
    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (ctx->busy == NULL) {
        return NGX_OK;
    }

    if (ctx->write_handler == NULL) {
        ctx->write_handler = r->write_event_handler;
        r->write_event_handler = door_write_handler;
    }

    return NGX_AGAIN;
}


/* Something of an answer that broke off is never let out after all. */
static ngx_int_t
door_cut_short(ngx_http_request_t *r, door_ctx_t *ctx)
{
    door_ask_tell(ctx, NGX_HTTP_BAD_GATEWAY, 0);

    return door_refuse(r, ctx);
}


static ngx_int_t
door_pump(ngx_http_request_t *r, door_ctx_t *ctx)
{
    ngx_int_t rc;

    for ( ;; ) {
        if (ctx->asked) {
            break;
        }

        if (ctx->decided) {
            ctx->decided = 0;
            if (ctx->decision != ANSWER_RELEASE) {
                return door_refuse(r, ctx);
            }

            rc = door_release(r, ctx);
            if (rc == NGX_ERROR || ctx->state == DOOR_PASS) {
                r->buffered &= ~DOOR_BUFFERED;
                return rc;
            }
        }

        if (ctx->busy != NULL) {
            rc = door_drain(r, ctx);
            if (rc == NGX_ERROR) {
                return NGX_ERROR;
            }
            if (rc == NGX_AGAIN) {
                break;
            }
        }

        rc = door_take(r, ctx);
        if (rc == NGX_OK) {
            r->buffered &= ~DOOR_BUFFERED;
            return NGX_OK;
        }
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }
        if (ctx->cut_short) {
            return door_cut_short(r, ctx);
        }

        door_ask_window(r, ctx);
    }

    r->buffered |= DOOR_BUFFERED;

    return NGX_AGAIN;
}


static ngx_int_t
door_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    door_ctx_t *ctx = door_find(r);

    if (ctx == NULL || ctx->state == DOOR_PASS) {
        return door_next_body(r, in);
    }

    if (ctx->state == DOOR_IDLE || ctx->state == DOOR_ENDED) {
        return in == NULL && ctx->state == DOOR_IDLE ? door_next_body(r, in)
                                                     : NGX_ERROR;
    }

    if (in != NULL
        && ngx_chain_add_copy(r->pool, &ctx->pending, in) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->state == DOOR_DISCARD) {
        door_held_drop(ctx);
        return door_next_body(r, NULL);
    }

    return door_pump(r, ctx);
}


void
door_hold_resume(door_ctx_t *ctx)
{
    ngx_http_request_t *r = ctx->request;
    ngx_connection_t *c = r->connection;
    ngx_int_t rc;

    ngx_http_set_log_request(c->log, r);

    if (ctx->state == DOOR_HOLD) {
        rc = door_pump(r, ctx);
    } else {
        /* released already, and on its way to a slow client */
        ctx->state = DOOR_ENDED;
        rc = NGX_ERROR;
    }

    if (rc == NGX_ERROR || ctx->state == DOOR_ENDED
        || (ctx->state == DOOR_DISCARD && r == r->main && !ctx->last_seen
            && !c->buffered))
    {
        c->close = 1;
        c->read->handler(c->read);
        return;
    }

    r->write_event_handler(r);
    ngx_http_run_posted_requests(c);
}


void
door_hold_start(void)
{
    door_next_header = ngx_http_top_header_filter;
    ngx_http_top_header_filter = door_header_filter;
    door_next_body = ngx_http_top_body_filter;
    ngx_http_top_body_filter = door_body_filter;
}
