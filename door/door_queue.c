/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What core is to be told, until the socket takes it: messages of one turn
 * share a packet. Bounded. Knows no connection and no message.
 */
#include "door/door.h"

#include "wire/batch.h"

#define DOOR_BATCHES_KEPT 4

typedef struct {
    ngx_queue_t queue;
    struct wire_batch batch;
    u_char bytes[WIRE_PACKET_BYTES_MAX];
} door_batch_t;

static struct {
    ngx_queue_t batches, free;
    ngx_uint_t free_count;
    size_t bytes;
} door_queue;


void
door_queue_start(void)
{
    ngx_queue_init(&door_queue.batches);
    ngx_queue_init(&door_queue.free);
    door_queue.free_count = 0;
    door_queue.bytes = 0;
}


static void
door_queue_drop_one(door_batch_t *batch)
{
    ngx_queue_remove(&batch->queue);
    door_queue.bytes -= batch->batch.length;

    if (door_queue.free_count == DOOR_BATCHES_KEPT) {
        ngx_free(batch);
        return;
    }

    ngx_queue_insert_head(&door_queue.free, &batch->queue);
    door_queue.free_count++;
}


void
door_queue_drop(void)
{
    while (!ngx_queue_empty(&door_queue.batches)) {
        door_queue_drop_one(ngx_queue_data(
                                ngx_queue_head(&door_queue.batches),
                                door_batch_t, queue));
    }
}


static door_batch_t *
door_queue_new(ngx_log_t *log)
{
    door_batch_t *batch;

    if (ngx_queue_empty(&door_queue.free)) {
        batch = ngx_alloc(sizeof(door_batch_t), log);
        if (batch == NULL) {
            return NULL;
        }

    } else {
        batch = ngx_queue_data(ngx_queue_head(&door_queue.free), door_batch_t,
                               queue);
        ngx_queue_remove(&batch->queue);
        door_queue.free_count--;
    }

    wire_batch_start(&batch->batch, batch->bytes);
    door_queue.bytes += batch->batch.length;
    ngx_queue_insert_tail(&door_queue.batches, &batch->queue);

    return batch;
}


static ngx_int_t
door_queue_put(door_batch_t *batch, const void *message, size_t length)
{
    size_t before = batch->batch.length;

    if (wire_batch_add(&batch->batch, message, length) != OK) {
        return NGX_DECLINED;
    }

    door_queue.bytes += batch->batch.length - before;

    return NGX_OK;
}


ngx_int_t
door_queue_add(const void *message, size_t length, ngx_log_t *log)
{
    door_batch_t *batch;

    if (door_queue.bytes + length > DOOR_QUEUE_BYTES_MAX) {
        return NGX_ERROR;
    }

    if (!ngx_queue_empty(&door_queue.batches)) {
        batch = ngx_queue_data(ngx_queue_last(&door_queue.batches),
                               door_batch_t, queue);
        if (door_queue_put(batch, message, length) == NGX_OK) {
            return NGX_OK;
        }
    }

    batch = door_queue_new(log);
    if (batch == NULL) {
        return NGX_ERROR;
    }

    if (door_queue_put(batch, message, length) != NGX_OK) {
        door_queue_drop_one(batch);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
door_queue_send(ngx_socket_t fd)
{
    door_batch_t *batch;
    struct text packet;
    ssize_t sent;

    while (!ngx_queue_empty(&door_queue.batches)) {
        batch = ngx_queue_data(ngx_queue_head(&door_queue.batches),
                               door_batch_t, queue);
        packet = wire_batch_end(&batch->batch);
        sent = send(fd, packet.bytes, packet.length,
                    MSG_DONTWAIT|MSG_NOSIGNAL);

        if (sent == -1 && ngx_errno == NGX_EINTR) {
            continue;
        }

        if (sent == -1 && ngx_errno == NGX_EAGAIN) {
            return NGX_AGAIN;
        }

        if (sent <= 0) {
            return NGX_ERROR;
        }

        door_queue_drop_one(batch);
    }

    return NGX_OK;
}
