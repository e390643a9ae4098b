/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files of the intake process share. */
#ifndef VIGIE_PROC_INTAKE_LOOP_H
#define VIGIE_PROC_INTAKE_LOOP_H

#include "base/limits.h"
#include "proc/intake_parse.h"
#include "proc/intake_process.h"
#include "proc/intake_queue.h"

enum intake_kind { INTAKE_TLS, INTAKE_PLAIN, INTAKE_FEED };

struct intake_follow;

struct connection {
    enum intake_kind kind;
    int fd;          /* -1: free */
    uint64_t serial; /* tells it from who had its place before */
    struct intake_tls_stream *tls;
    struct buffer in, out;
    int64_t since_us; /* connected, or last at work */
    int64_t part_us;  /* when the frame under way began; 0: none is */
    bool vouched;
    bool readable; /* as far as we know */
    bool ended;    /* nothing more comes */
    bool closing;  /* once `out` is sent */
    /* of the feed's request under way */
    uint32_t pending; /* records that core has not answered */
    uint32_t records, entries;
    bool refused_by_core, bundle, keep_alive, continued;
};

struct intake_loop {
    const struct intake_process *process;
    struct intake_queue *queue;
    struct intake_parser *parser;
    struct intake_follow *follow; /* NULL: none */
    int epoll, signals, timer;
    char core_mark, listener_marks[3]; /* their addresses mark events */
    bool ending;
    int64_t now_us;
    uint64_t serial;
    int64_t said_us; /* a refusal was last said */
    uint64_t unsaid; /* refusals since then */
    struct connection connections[INTAKE_CONNECTIONS_MAX];
    char chunk[64 << 10];
};

/* intake_process.c */
void intake_drop(struct intake_loop *loop, struct connection *connection);
/* Sends what waits, as far as the socket takes it. */
void intake_flush(struct intake_loop *loop, struct connection *connection);
/* To core, as a count; and to stderr, now and then. */
enum result intake_refused(struct intake_loop *loop, struct text bytes,
                           uint32_t records, const struct reason *why) MUST_USE;
/* All events of what was parsed, to core. */
enum result intake_hand_on(struct intake_loop *loop,
                           const struct intake_parsed *parsed, bool vouched,
                           const struct intake_owner *owner) MUST_USE;

/* What stands in `in` is taken, as far as it is whole and core has room.
 * intake_syslog.c, intake_feed.c */
enum result intake_syslog_take(struct intake_loop *loop,
                               struct connection *connection) MUST_USE;
enum result intake_feed_take(struct intake_loop *loop,
                             struct connection *connection) MUST_USE;
/* Once a second. */
enum result intake_syslog_tick(struct intake_loop *loop,
                               struct connection *connection) MUST_USE;
void intake_feed_tick(struct intake_loop *loop, struct connection *connection);

#endif
