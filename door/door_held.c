/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The bytes that are held: copies in pieces, which come back once they are
 * sent. Pieces go from request to request: memory that is given back to the
 * system and taken anew costs more than all that is done with it. Knows no
 * label and no decision.
 */
#include "door/door.h"

#define DOOR_PIECE_BYTES 32768u
#define DOOR_PIECES_KEPT 128

struct door_piece_s {
    door_piece_t *next;
    u_char bytes[DOOR_PIECE_BYTES];
};

static door_piece_t *door_pieces;
static ngx_uint_t door_pieces_count;


static u_char *
door_piece_take(ngx_http_request_t *r, door_ctx_t *ctx)
{
    door_piece_t *piece = door_pieces;

    if (piece != NULL) {
        door_pieces = piece->next;
        door_pieces_count--;

    } else {
        piece = ngx_alloc(sizeof(door_piece_t), r->connection->log);
        if (piece == NULL) {
            return NULL;
        }
    }

    piece->next = ctx->pieces;
    ctx->pieces = piece;

    return piece->bytes;
}


void
door_held_free(door_ctx_t *ctx)
{
    door_piece_t *piece;

    while ((piece = ctx->pieces) != NULL) {
        ctx->pieces = piece->next;

        if (door_pieces_count == DOOR_PIECES_KEPT) {
            ngx_free(piece);
            continue;
        }

        piece->next = door_pieces;
        door_pieces = piece;
        door_pieces_count++;
    }
}


ngx_int_t
door_held_keep(ngx_http_request_t *r, door_ctx_t *ctx, const u_char *bytes,
          size_t length)
{
    ngx_chain_t *cl;
    ngx_buf_t *b;
    size_t n;

    while (length > 0) {
        cl = ctx->held == NULL ? NULL : (ngx_chain_t *)
             ((u_char *) ctx->held_last - offsetof(ngx_chain_t, next));

        if (cl == NULL || cl->buf->last == cl->buf->end) {
            cl = ngx_chain_get_free_buf(r->pool, &ctx->free);
            if (cl == NULL) {
                return NGX_ERROR;
            }

            b = cl->buf;
            if (b->start == NULL) {
                b->start = door_piece_take(r, ctx);
                if (b->start == NULL) {
                    return NGX_ERROR;
                }
                b->end = b->start + DOOR_PIECE_BYTES;
                b->temporary = 1;
                b->tag = (ngx_buf_tag_t) &ngx_http_vigie_module;
            }

            b->pos = b->start;
            b->last = b->start;
            b->last_buf = 0;
            b->last_in_chain = 0;
            b->flush = 0;
            cl->next = NULL;
            *ctx->held_last = cl;
            ctx->held_last = &cl->next;
        }

        b = cl->buf;
        n = ngx_min(length, (size_t) (b->end - b->last));
        b->last = ngx_cpymem(b->last, bytes, n);
        bytes += n;
        length -= n;
        ctx->held_bytes += n;
    }

    return NGX_OK;
}


void
door_held_consume(ngx_buf_t *b, size_t length)
{
    b->pos += length;
    if (b->pos == b->last && b->in_file) {
        b->file_pos = b->file_last;
    }
}


/* What was not taken goes nowhere; its owner gets the buffers back. */
void
door_held_drop(door_ctx_t *ctx)
{
    ngx_chain_t *cl;

    for (cl = ctx->pending; cl != NULL; cl = cl->next) {
        door_held_consume(cl->buf, (size_t) (cl->buf->last - cl->buf->pos));
        if (cl->buf->in_file) {
            cl->buf->file_pos = cl->buf->file_last;
        }
    }

    ctx->pending = NULL;
    ctx->held = NULL;
    ctx->held_last = &ctx->held;
    ctx->held_bytes = 0;
}


/* The first window_bytes of what is held; the rest of the piece where they
 * end moves into one of its own. */
ngx_int_t
door_held_window(ngx_http_request_t *r, door_ctx_t *ctx, ngx_chain_t **ret_out)
{
    ngx_chain_t *cl = ctx->held, **last = &ctx->held, *rest;
    size_t left = ctx->window_bytes, n;
    ngx_buf_t *b = NULL;

    for ( /* void */ ; cl != NULL && left > 0; cl = cl->next) {
        b = cl->buf;
        n = (size_t) (b->last - b->pos);
        last = &cl->next;
        if (n > left) {
            break;
        }
        left -= n;
    }

    *ret_out = last == &ctx->held ? NULL : ctx->held;
    rest = *last;
    *last = NULL;
    ctx->held_bytes -= ctx->window_bytes;
    ctx->released_bytes += ctx->window_bytes;
    ctx->held = NULL;
    ctx->held_last = &ctx->held;

    if (left > 0 && b != NULL) {
        n = (size_t) (b->last - b->pos) - left;
        b->last -= n;
        if (door_held_keep(r, ctx, b->last, n) != NGX_OK) {
            return NGX_ERROR;
        }
        ctx->held_bytes -= n;
        ctx->held_last = &ctx->held->next;
    }

    *ctx->held_last = rest;
    while (*ctx->held_last != NULL) {
        ctx->held_last = &(*ctx->held_last)->next;
    }

    return NGX_OK;
}
