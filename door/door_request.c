/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Before the answer: whose request it is, what the upstream may not be asked
 * for (ranges, compression, "if it changed", an upgrade), and the judgement
 * of unsafe methods.
 */
#include "door/door.h"

#include "label/label_query.h"
#include "model/resource.h"

/* What would make an answer one that cannot be labelled, or none at all. */
static ngx_str_t door_dropped[] = {
    ngx_string("range"),
    ngx_string("if-range"),
    ngx_string("if-modified-since"),
    ngx_string("if-unmodified-since"),
    ngx_string("if-none-match"),
    ngx_string("accept-encoding"),
    ngx_string("upgrade"),
    ngx_string("http2-settings"),
    /* one method is judged, and no other is done */
    ngx_string("x-http-method-override"),
    ngx_string("x-http-method"),
    ngx_string("x-method-override"),
    ngx_null_string
};

/* Others that are unsafe or unknown (PROPFIND, QUERY) may read as well as
 * write: judged before, and their answers too. */
#define DOOR_WRITING \
    (NGX_HTTP_POST|NGX_HTTP_PUT|NGX_HTTP_PATCH|NGX_HTTP_DELETE \
     |NGX_HTTP_MKCOL|NGX_HTTP_COPY|NGX_HTTP_MOVE|NGX_HTTP_PROPPATCH \
     |NGX_HTTP_LOCK|NGX_HTTP_UNLOCK)

/* Operations that read, though they may be sent by POST: their answers are
 * judged like those of a GET. Any other POST is a write. */
static const char *const door_reading[] = {
    "_search", "$everything", "$match", "$lastn", "$summary", "$docref",
    "$graphql", "$document", "$stats", "$lookup", "$expand", "$export", NULL
};


static ngx_int_t
door_value(ngx_http_request_t *r, ngx_http_complex_value_t *value,
           struct text *ret_text)
{
    ngx_str_t string;

    if (value == NULL) {
        return NGX_OK;
    }

    if (ngx_http_complex_value(r, value, &string) != NGX_OK) {
        return NGX_ERROR;
    }

    ret_text->bytes = (const char *) string.data;
    ret_text->length = string.len;

    return NGX_OK;
}


static struct text
door_string(const ngx_str_t *string, size_t most)
{
    return (struct text){(const char *) string->data,
                         ngx_min(string->len, most)};
}


static ngx_table_elt_t *
door_header(ngx_http_request_t *r, const char *name)
{
    ngx_list_part_t *part = &r->headers_in.headers.part;
    ngx_table_elt_t *h = part->elts;
    ngx_uint_t i;

    for (i = 0; /* void */ ; i++) {
        if (i >= part->nelts) {
            part = part->next;
            if (part == NULL) {
                return NULL;
            }
            h = part->elts;
            i = 0;
            if (part->nelts == 0) {
                continue;
            }
        }

        if (h[i].key.len == ngx_strlen(name)
            && ngx_strcasecmp(h[i].key.data, (u_char *) (uintptr_t) name) == 0)
        {
            return &h[i];
        }
    }
}


static ngx_uint_t
door_reads_by(struct text segment)
{
    ngx_uint_t i;

    for (i = 0; door_reading[i] != NULL; i++) {
        if (text_is(segment, door_reading[i])) {
            return 1;
        }
    }

    return 0;
}


/* …/Patient, …/Patient/1, …/Patient/1/$everything, …/Patient/_search */
static void
door_know_path(ngx_http_request_t *r, door_ctx_t *ctx)
{
    struct text rest = door_string(&r->uri, r->uri.len), segment, last;
    ngx_uint_t behind = 0;
    uint16_t number;

    last = (struct text){0};
    while (rest.length > 0) {
        (void) text_split(rest, '/', &segment, &rest);
        if (segment.length == 0) {
            continue;
        }

        last = segment;
        number = resource_number(segment);
        if (number != RESOURCE_UNKNOWN) {
            ctx->resource = number;
            behind = 0;
        } else if (ctx->resource != RESOURCE_UNKNOWN) {
            behind++;
        }
    }

    ctx->unsafe = !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_OPTIONS));
    ctx->write = (r->method & DOOR_WRITING)
                 && !(r->method == NGX_HTTP_POST && door_reads_by(last));

    ctx->may_be_batch = ctx->write && r->method == NGX_HTTP_POST
                        && r == r->main && !text_starts(last, "$")
                        && resource_number(last) == RESOURCE_UNKNOWN;

    if (text_starts(last, "$")) {
        ctx->interaction = text_is(last, "$everything")
                           || text_is(last, "$export")
                           ? INTERACTION_EXPORT : INTERACTION_OTHER;
        ctx->search = 1;
    } else if (text_is(last, "_search")
               || (text_is(last, "_history") && behind < 2)
               || (!ctx->unsafe && ctx->resource != RESOURCE_UNKNOWN
                   && behind == 0))
    {
        ctx->interaction = INTERACTION_SEARCH;
        ctx->search = 1;
    } else if (ctx->resource == RESOURCE_UNKNOWN) {
        ctx->interaction = INTERACTION_UNKNOWN;
    } else if (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) {
        ctx->interaction = INTERACTION_READ;
    } else if (r->method == NGX_HTTP_POST) {
        ctx->interaction = INTERACTION_CREATE;
    } else if (r->method & (NGX_HTTP_PUT|NGX_HTTP_PATCH)) {
        ctx->interaction = INTERACTION_UPDATE;
    } else if (r->method == NGX_HTTP_DELETE) {
        ctx->interaction = INTERACTION_DELETE;
    } else {
        ctx->interaction = INTERACTION_OTHER;
    }

    if (!ctx->write) {
        label_query((struct text){(char *) r->unparsed_uri.data,
                                  r->unparsed_uri.len}, &ctx->place);
    }
}


ngx_int_t
door_request_know(ngx_http_request_t *r, door_ctx_t *ctx)
{
    door_loc_conf_t *lcf = ctx->conf;
    door_main_conf_t *mcf;
    ngx_http_variable_value_t *vv;
    ngx_table_elt_t *accept;
    struct text auth_time = {0};
    uint64_t seconds = 0;

    if (ctx->known) {
        return NGX_OK;
    }

    ctx->known = 1;
    if (door_value(r, lcf->professional, &ctx->professional) != NGX_OK
        || door_value(r, lcf->session, &ctx->session) != NGX_OK
        || door_value(r, lcf->reason, &ctx->reason) != NGX_OK
        || door_value(r, lcf->person, &ctx->person) != NGX_OK
        || door_value(r, lcf->auth_time, &auth_time) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->too_long = ctx->professional.length > ASK_NAME_BYTES_MAX
                    || ctx->session.length > ASK_NAME_BYTES_MAX;
    if (ctx->too_long) {
        ctx->professional.length = 0;
        ctx->session.length = 0;
    }
    ctx->reason.length = ngx_min(ctx->reason.length, ASK_NAME_BYTES_MAX);

    if (text_to_u64(auth_time, INT64_MAX / 2, &seconds) == OK) {
        ctx->auth_time_s = (int64_t) seconds;
    }

    ctx->address = door_string(&r->connection->addr_text, ASK_NAME_BYTES_MAX);
    if (r->headers_in.user_agent != NULL) {
        ctx->device = door_string(&r->headers_in.user_agent->value,
                                  ASK_DEVICE_BYTES_MAX);
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_vigie_module);
    door_id_make(r, (ngx_uint_t) mcf->request_id);
    vv = ngx_http_get_indexed_variable(r, (ngx_uint_t) mcf->request_id);
    if (vv != NULL && !vv->not_found) {
        ctx->request_id.bytes = (const char *) vv->data;
        ctx->request_id.length = ngx_min(vv->len, ASK_NAME_BYTES_MAX);
    }

    accept = door_header(r, "accept");
    ctx->wants_page = accept != NULL
                      && ngx_strlcasestrn(accept->value.data,
                                          accept->value.data
                                          + accept->value.len,
                                          (u_char *) "text/html", 9 - 1)
                         != NULL;
    door_know_path(r, ctx);

    return NGX_OK;
}


ngx_int_t
door_request_guard(ngx_http_request_t *r, door_ctx_t **ret_ctx)
{
    door_loc_conf_t *lcf, *conf = NULL;
    door_ctx_t *ctx = door_find(r), *above;
    ngx_http_request_t *parent;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_vigie_module);
    if (lcf->mode != DOOR_OFF) {
        conf = lcf;
    }

    if (ctx == NULL) {
        for (parent = r->parent; conf == NULL && parent != NULL;
             parent = parent->parent)
        {
            above = door_find(parent);
            conf = above == NULL ? NULL : above->conf;
        }

        if (conf == NULL) {
            *ret_ctx = NULL;
            return NGX_OK;
        }

        ctx = door_create(r, conf);
        if (ctx == NULL) {
            return NGX_ERROR;
        }

    } else if (ctx->conf->mode == DOOR_OBSERVE && lcf->mode == DOOR_ON) {
        ctx->conf = lcf;
    }

    *ret_ctx = ctx;

    return door_request_know(r, ctx);
}


static ngx_uint_t
door_is_dropped(const ngx_table_elt_t *h)
{
    ngx_uint_t i;

    for (i = 0; door_dropped[i].len != 0; i++) {
        if (h->key.len == door_dropped[i].len
            && ngx_strncasecmp(h->key.data, door_dropped[i].data,
                               h->key.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* The list is made anew, since others point into the old one: gzip reads
 * there what the client accepts. */
static ngx_int_t
door_strip(ngx_http_request_t *r)
{
    ngx_list_part_t *part, old = r->headers_in.headers.part;
    ngx_table_elt_t *h, *to;
    ngx_uint_t i;

    if (ngx_list_init(&r->headers_in.headers, r->pool, 20,
                      sizeof(ngx_table_elt_t)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (part = &old; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (door_is_dropped(&h[i])) {
                continue;
            }

            to = ngx_list_push(&r->headers_in.headers);
            if (to == NULL) {
                return NGX_ERROR;
            }

            *to = h[i];
        }
    }

    to = ngx_list_push(&r->headers_in.headers);
    if (to == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(to, sizeof(*to));
    ngx_str_set(&to->key, "Accept-Encoding");
    ngx_str_set(&to->value, "identity");
    to->lowcase_key = (u_char *) "accept-encoding";
    to->hash = ngx_hash_key(to->lowcase_key, to->key.len);

    r->headers_in.range = NULL;
    r->headers_in.if_range = NULL;
    r->headers_in.if_modified_since = NULL;
    r->headers_in.if_unmodified_since = NULL;
    r->headers_in.if_none_match = NULL;
    r->headers_in.upgrade = NULL;

    return NGX_OK;
}


static ngx_int_t
door_request_send(ngx_http_request_t *r, door_ctx_t *ctx)
{
    ngx_chain_t *page;
    ngx_int_t rc;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (door_refusal_make(r, ctx, &page) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->state = DOOR_PASS;
    ctx->write = 0;
    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, page);
}


static ngx_int_t
door_request_refuse(ngx_http_request_t *r, door_ctx_t *ctx,
                    enum answer_decision decision)
{
    if (r != r->main) {
        return NGX_HTTP_FORBIDDEN;
    }

    ctx->decision = decision;

    /* NGX_OK would go on to the next phase, and to upstream */
    ngx_http_finalize_request(r, door_request_send(r, ctx));

    return NGX_DONE;
}


static ngx_int_t
door_judge_before(ngx_http_request_t *r, door_ctx_t *ctx)
{
    ngx_int_t rc = door_batch_look(r, ctx);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (!ctx->asked && !ctx->decided) {
        door_ask(ctx, ASK_BEFORE, 0);
    }

    if (ctx->asked) {
        r->read_event_handler = ngx_http_test_reading;
        r->write_event_handler = ngx_http_request_empty_handler;

        if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return NGX_AGAIN;
    }

    ctx->decided = 0;
    ctx->before_done = 1;
    if (ctx->decision == ANSWER_RELEASE) {
        return NGX_DECLINED;
    }

    return door_request_refuse(r, ctx, ctx->decision);
}


ngx_int_t
door_request_handler(ngx_http_request_t *r)
{
    door_ctx_t *ctx;
    ngx_uint_t upgrade;

    if (door_request_guard(r, &ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx == NULL) {
        return NGX_DECLINED;
    }

    /* An upgraded connection passes by all filters: refused, and where
     * nothing is blocked, billed when it comes (door_hold.c). */
    upgrade = door_header(r, "upgrade") != NULL
              && ngx_strncasecmp(door_header(r, "upgrade")->value.data,
                                 (u_char *) "h2c", 3) != 0;
    if (!(upgrade && ctx->conf->mode == DOOR_OBSERVE) && !ctx->stripped
        && door_strip(r) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->stripped = 1;
    if (ctx->conf->mode != DOOR_ON) {
        return ctx->unsafe && r == r->main && !ctx->before_done
               ? door_judge_before(r, ctx) : NGX_DECLINED;
    }

    if (ctx->too_long) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "vigie: the name of a professional or session is "
                      "longer than %d bytes", ASK_NAME_BYTES_MAX);
        return NGX_HTTP_BAD_REQUEST;
    }

    if (upgrade) {
        return door_request_refuse(r, ctx, ANSWER_REFUSE);
    }

    if (door_orders_verdict(ctx, &ctx->since_s) == VERDICT_CUT) {
        door_refused_note(ctx);
        return door_request_refuse(r, ctx, ANSWER_CUT);
    }

    if (ctx->unsafe && r == r->main && !ctx->before_done) {
        return door_judge_before(r, ctx);
    }

    return NGX_DECLINED;
}


void
door_request_resume(door_ctx_t *ctx)
{
    ngx_http_request_t *r = ctx->request;
    ngx_connection_t *c = r->connection;

    ngx_http_set_log_request(c->log, r);
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
    ngx_http_run_posted_requests(c);
}
