/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Connections of core: workers and operators, each bounded in number, in what
 * they may leave unread and in how long they may stay silent at the start.
 * Knows no message.
 */
#ifndef VIGIE_PROC_CONNECTIONS_H
#define VIGIE_PROC_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/result.h"
#include "core/live.h"

enum peer_kind { PEER_WORKER, PEER_OPERATOR };

struct peer {
    enum peer_kind kind;
    int fd;          /* -1: free */
    uint64_t serial; /* tells it from who had its place and number before */
    uid_t uid;
    int64_t since_us;
    bool greeted;      /* a worker said hello */
    bool closing;      /* once what waits is sent */
    bool waiting;      /* asked to be told when it may send */
    struct buffer out; /* length (4 bytes, ours), packet; … */
    /* parts of a window that is not complete */
    struct buffer parts;
    size_t part_lengths[LIVE_PARTS_MAX];
    size_t part_count;
};

struct peers;

enum result peers_new(int epoll, struct peers **ret_peers) MUST_USE;
void peers_free(struct peers *peers);
/* E_LIMIT where there are too many: the caller closes `fd`. */
enum result peers_add(struct peers *peers, enum peer_kind kind, int fd,
                      int64_t now_us, struct peer **ret_peer) MUST_USE;
/* Closes it now, or once what waits was sent. */
void peers_drop(struct peers *peers, struct peer *peer);
void peers_end(struct peers *peers, struct peer *peer);
/* Sends, or keeps until the peer reads; one that does not read is dropped. */
void peers_send(struct peers *peers, struct peer *peer, const void *bytes,
                size_t length);
/* The peer may send again. */
void peers_flush(struct peers *peers, struct peer *peer);
/* To all workers that were greeted. */
void peers_send_workers(struct peers *peers, const void *bytes, size_t length);
/* Drops workers that have not said hello by now. */
void peers_sweep(struct peers *peers, int64_t now_us);
size_t peers_workers(const struct peers *peers);

#endif
