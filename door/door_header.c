/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the header of an answer says of its body, and what is taken out of it
 * so that nobody stores the body.
 */
#include "door/door.h"


static ngx_uint_t
door_is(const ngx_table_elt_t *h, const char *name)
{
    return h->key.len == ngx_strlen(name)
           && ngx_strncasecmp(h->key.data, (u_char *) (uintptr_t) name,
                              h->key.len) == 0;
}


/* Nothing of a protected answer is kept by whoever gets it, so that the next
 * look is an answer again, and not a 304. */
ngx_int_t
door_header_no_store(ngx_http_request_t *r)
{
    ngx_list_part_t *part;
    ngx_table_elt_t *h;
    ngx_uint_t i;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (door_is(&h[i], "cache-control") || door_is(&h[i], "expires")
                || door_is(&h[i], "etag") || door_is(&h[i], "last-modified")
                || door_is(&h[i], "pragma") || door_is(&h[i], "accept-ranges"))
            {
                h[i].hash = 0;
            }
        }
    }

    r->headers_out.etag = NULL;
    r->headers_out.expires = NULL;
    r->headers_out.last_modified = NULL;
    r->headers_out.last_modified_time = -1;
    r->headers_out.accept_ranges = NULL;
    ngx_memzero(&r->headers_out.cache_control,
                sizeof(r->headers_out.cache_control));
    r->headers_in.range = NULL;
    r->allow_ranges = 0;
    r->disable_not_modified = 1;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(*h));
    h->hash = 1;
    ngx_str_set(&h->key, "Cache-Control");
    ngx_str_set(&h->value, "no-store");

    return NGX_OK;
}


ngx_uint_t
door_header_type(ngx_http_request_t *r, door_ctx_t *ctx)
{
    door_type_t *type = ctx->conf->types->elts;
    ngx_str_t *name = &r->headers_out.content_type;
    ngx_uint_t i;
    size_t length;

    for (length = 0; length < name->len; length++) {
        if (name->data[length] == ';' || name->data[length] == ' ') {
            break;
        }
    }

    for (i = 0; i < ctx->conf->types->nelts; i++) {
        if (type[i].name.len == length
            && ngx_strncasecmp(type[i].name.data, name->data, length) == 0)
        {
            return type[i].read;
        }
    }

    return DOOR_READ_NOT;
}


static ngx_uint_t
door_is_plain(ngx_http_request_t *r)
{
    ngx_table_elt_t *encoding = r->headers_out.content_encoding;

    return encoding == NULL || encoding->value.len == 0
           || (encoding->value.len == sizeof("identity") - 1
               && ngx_strncasecmp(encoding->value.data, (u_char *) "identity",
                                  encoding->value.len) == 0);
}


/* How the body will be read: a labeller, or none and "unlabelled". */
ngx_int_t
door_header_reader(ngx_http_request_t *r, door_ctx_t *ctx, ngx_uint_t read)
{
    ngx_uint_t status = r->headers_out.status;

    if (read == DOOR_READ_NONE) {
        return NGX_OK;
    }

    if (read == DOOR_READ_ROUTE && ctx->person.length > 0
        && ctx->person.length <= ASK_PERSON_BYTES_MAX
        && text_utf8_check(ctx->person) == ctx->person.length)
    {
        ctx->route = 1;
        return NGX_OK;
    }

    if (read == DOOR_READ_NOT || read == DOOR_READ_ROUTE || !door_is_plain(r)
        || status == NGX_HTTP_PARTIAL_CONTENT
        || status == NGX_HTTP_NOT_MODIFIED || r->headers_out.content_range)
    {
        ctx->blind = 1;
        return NGX_OK;
    }

    if (ctx->label == NULL) {
        ctx->label = door_label_take(r->connection->log);
        if (ctx->label == NULL) {
            return NGX_ERROR;
        }
    }

    label_begin(ctx->label, (enum label_body) read,
                read == DOOR_READ_JSON ? ctx->conf->rules : NULL);

    return NGX_OK;
}
