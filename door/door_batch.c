/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A POST that may be a FHIR batch or transaction: its body is read, as
 * upstream will get it, to know whether it reads. Behind it the request goes
 * on where it was. Nothing of the body is kept.
 */
#include "door/door.h"

#include "label/label_batch.h"
#include "model/resource.h"

#define DOOR_BATCH_PIECE 16384

static const struct {
    const char *part;
    ngx_uint_t bit;
} door_batch_types[] = {
    { "json", 1 }, { "fhir", 1 }, { "xml", 2 }
};


/* Upstream may read any of several content types. */
static ngx_uint_t
door_batch_type(ngx_http_request_t *r)
{
    ngx_list_part_t *part;
    ngx_table_elt_t *h;
    ngx_uint_t i, n, bits = 0, count = 0;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == 16 && ngx_strncasecmp(h[i].key.data,
                                          (u_char *) "content-encoding", 16)
                                      == 0)
            {
                bits |= 2;
            }

            if (h[i].key.len != 12
                || ngx_strncasecmp(h[i].key.data, (u_char *) "content-type",
                                   12) != 0)
            {
                continue;
            }

            count++;
            for (n = 0; n < 3; n++) {
                if (ngx_strlcasestrn(h[i].value.data,
                                     h[i].value.data + h[i].value.len,
                                     (u_char *) (uintptr_t)
                                     door_batch_types[n].part,
                                     ngx_strlen(door_batch_types[n].part) - 1)
                    != NULL)
                {
                    bits |= door_batch_types[n].bit;
                }
            }
        }
    }

    return count == 0 ? bits | 1 : bits;
}


static ngx_int_t
door_batch_feed(struct label *label, ngx_buf_t *b)
{
    static u_char piece[DOOR_BATCH_PIECE];
    off_t at;
    ssize_t n;

    if (ngx_buf_in_memory(b)) {
        return label_feed(label, b->pos, (size_t) (b->last - b->pos)) == OK
               ? NGX_OK : NGX_ERROR;
    }

    for (at = b->file_pos; at < b->file_last; at += n) {
        n = ngx_read_file(b->file, piece,
                          (size_t) ngx_min(b->file_last - at,
                                           DOOR_BATCH_PIECE), at);
        if (n <= 0 || label_feed(label, piece, (size_t) n) != OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static enum label_batch
door_batch_read(ngx_http_request_t *r)
{
    enum label_batch batch = LABEL_BATCH_MIXED;
    struct label *label;
    ngx_chain_t *cl;
    off_t length = 0;

    if (r->request_body == NULL) {
        return LABEL_BATCH_NONE;
    }

    for (cl = r->request_body->bufs; cl != NULL; cl = cl->next) {
        length += ngx_buf_size(cl->buf);
    }

    if (length == 0) {
        return LABEL_BATCH_NONE;
    }

    label = length > (off_t) DOOR_BATCH_BYTES_MAX
            ? NULL : door_label_take(r->connection->log);
    if (label == NULL) {
        return LABEL_BATCH_MIXED;
    }

    label_batch_begin(label);
    for (cl = r->request_body->bufs; cl != NULL; cl = cl->next) {
        if (door_batch_feed(label, cl->buf) != NGX_OK) {
            break;
        }
    }

    if (cl == NULL) {
        batch = label_batch_end(label);
    }

    door_label_give(label);

    return batch;
}


static void
door_batch_known(door_ctx_t *ctx, enum label_batch batch)
{
    if (batch == LABEL_BATCH_READS || batch == LABEL_BATCH_MIXED) {
        ctx->search = 1;
        ctx->interaction = INTERACTION_OTHER;
    }

    ctx->write = batch != LABEL_BATCH_READS;
    ctx->mixed = batch == LABEL_BATCH_MIXED;
}


static void
door_batch_body(ngx_http_request_t *r)
{
    door_ctx_t *ctx = door_find(r);

    if (ctx != NULL) {
        door_batch_known(ctx, door_batch_read(r));
    }

    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}


ngx_int_t
door_batch_look(ngx_http_request_t *r, door_ctx_t *ctx)
{
    ngx_uint_t type;
    ngx_int_t rc;

    if (!ctx->may_be_batch) {
        return NGX_DECLINED;
    }

    ctx->may_be_batch = 0;
    type = door_batch_type(r);
    if (type & 2) {
        door_batch_known(ctx, LABEL_BATCH_MIXED);
        return NGX_DECLINED;
    }

    if (type == 0) {
        return NGX_DECLINED;
    }

    rc = ngx_http_read_client_request_body(r, door_batch_body);
    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}
