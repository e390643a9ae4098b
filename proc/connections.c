/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/connections.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.h"
#include "proc/seqpacket.h"

#define WORKERS_MAX 1024
#define OPERATORS_AT_ONCE 64
/* What a peer may leave unread: a worker's answers of some seconds. */
#define OUT_BYTES_MAX (1u << 20)
/* An operator reads lists of thousands of sessions. */
#define OPERATOR_OUT_BYTES_MAX (32u << 20)
#define HELLO_US (5 * TIME_SECOND_US)

struct peers {
    int epoll;
    uint64_t serial;
    size_t counts[2];
    struct peer peers[WORKERS_MAX + OPERATORS_AT_ONCE];
};

enum result
peers_new(int epoll, struct peers **ret_peers)
{
    struct peers *peers = calloc(1, sizeof(*peers));

    if (peers == NULL)
        return E_NOMEM;
    peers->epoll = epoll;
    for (size_t i = 0; i < WORKERS_MAX + OPERATORS_AT_ONCE; i++)
        peers->peers[i].fd = -1;
    *ret_peers = peers;
    return OK;
}

void
peers_free(struct peers *peers)
{
    if (peers == NULL)
        return;
    for (size_t i = 0; i < WORKERS_MAX + OPERATORS_AT_ONCE; i++) {
        if (peers->peers[i].fd >= 0)
            peers_drop(peers, &peers->peers[i]);
    }
    free(peers);
}

enum result
peers_add(struct peers *peers, enum peer_kind kind, int fd, int64_t now_us,
          struct peer **ret_peer)
{
    size_t first = kind == PEER_WORKER ? 0 : WORKERS_MAX;
    size_t end =
        first + (kind == PEER_WORKER ? WORKERS_MAX : OPERATORS_AT_ONCE);
    struct epoll_event event = {.events = EPOLLIN};
    pid_t pid;

    for (size_t i = first; i < end; i++) {
        struct peer *peer = &peers->peers[i];

        if (peer->fd >= 0)
            continue;
        *peer = (struct peer){.kind = kind,
                              .fd = fd,
                              .serial = ++peers->serial,
                              .since_us = now_us};
        peer->out.ceiling =
            kind == PEER_WORKER ? OUT_BYTES_MAX : OPERATOR_OUT_BYTES_MAX;
        event.data.ptr = peer;
        if (seqpacket_peer(fd, &peer->uid, &pid) != OK ||
            epoll_ctl(peers->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
            peer->fd = -1;
            return E_IO;
        }
        peers->counts[kind]++;
        *ret_peer = peer;
        return OK;
    }
    return E_LIMIT;
}

void
peers_drop(struct peers *peers, struct peer *peer)
{
    if (peer->fd < 0)
        return;
    (void)close(peer->fd); /* leaves the epoll set with it */
    peer->fd = -1;
    peers->counts[peer->kind]--;
    buffer_free(&peer->out);
    buffer_free(&peer->parts);
}

static void
watch(struct peers *peers, struct peer *peer, bool sending)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};

    if (sending)
        event.events |= EPOLLOUT;
    if (sending == peer->waiting)
        return;
    peer->waiting = sending;
    if (epoll_ctl(peers->epoll, EPOLL_CTL_MOD, peer->fd, &event) != 0)
        peers_drop(peers, peer);
}

void
peers_send(struct peers *peers, struct peer *peer, const void *bytes,
           size_t length)
{
    uint32_t size = (uint32_t)length;
    enum result result = E_LIMIT;

    if (peer->fd < 0 || peer->closing)
        return;
    if (peer->out.length == 0)
        result = seqpacket_send(peer->fd, bytes, length);
    if (result == OK)
        return;
    if (result == E_LIMIT) {
        result = buffer_reserve(&peer->out, sizeof(size) + length);
        if (result == OK)
            result = buffer_append(&peer->out, &size, sizeof(size));
        if (result == OK)
            result = buffer_append(&peer->out, bytes, length);
    }
    if (result != OK)
        peers_drop(peers, peer);
    else
        watch(peers, peer, true);
}

void
peers_flush(struct peers *peers, struct peer *peer)
{
    size_t at = 0;

    while (peer->fd >= 0 && at < peer->out.length) {
        uint32_t size;
        enum result result;

        memcpy(&size, peer->out.bytes + at, sizeof(size));
        result =
            seqpacket_send(peer->fd, peer->out.bytes + at + sizeof(size), size);
        if (result == E_LIMIT)
            break;
        if (result != OK) {
            peers_drop(peers, peer);
            return;
        }
        at += sizeof(size) + size;
    }
    if (peer->fd < 0)
        return;
    if (at > 0) {
        memmove(peer->out.bytes, peer->out.bytes + at, peer->out.length - at);
        peer->out.length -= at;
    }
    if (peer->out.length > 0)
        return;
    if (peer->closing)
        peers_drop(peers, peer);
    else
        watch(peers, peer, false);
}

void
peers_end(struct peers *peers, struct peer *peer)
{
    if (peer->fd >= 0 && peer->out.length == 0)
        peers_drop(peers, peer);
    else
        peer->closing = true;
}

void
peers_send_workers(struct peers *peers, const void *bytes, size_t length)
{
    for (size_t i = 0; i < WORKERS_MAX; i++) {
        if (peers->peers[i].fd >= 0 && peers->peers[i].greeted)
            peers_send(peers, &peers->peers[i], bytes, length);
    }
}

void
peers_sweep(struct peers *peers, int64_t now_us)
{
    for (size_t i = 0; i < WORKERS_MAX; i++) {
        struct peer *peer = &peers->peers[i];

        if (peer->fd >= 0 && !peer->greeted &&
            (now_us < peer->since_us || now_us - peer->since_us > HELLO_US))
            peers_drop(peers, peer);
    }
}

size_t
peers_workers(const struct peers *peers)
{
    return peers->counts[PEER_WORKER];
}
