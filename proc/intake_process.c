/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One loop. Connections are told of once by the kernel (edges) and remembered
 * as readable, so that one whose bytes must wait for core makes no noise.
 */
#include "proc/intake_process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/say.h"
#include "base/time.h"
#include "proc/intake_follow.h"
#include "proc/intake_loop.h"

#define EVENTS_AT_ONCE 64
#define ACCEPTS_AT_ONCE 16
#define END_US (5 * TIME_SECOND_US)

enum result
intake_refused(struct intake_loop *loop, struct text bytes, uint32_t records,
               const struct reason *why)
{
    uint8_t digest[HASH_BYTES];
    struct wire_record record = {
        .refused = records,
        .content = {(const char *)digest, sizeof(digest)},
    };

    hash_sha256(bytes.bytes, bytes.length, digest);
    loop->unsaid += records;
    if (loop->now_us - loop->said_us >= 10 * TIME_SECOND_US) {
        say_error("intake", _("%llu records refused, the last one: %s %s"),
                  (unsigned long long)loop->unsaid, why->rule, why->field);
        loop->said_us = loop->now_us;
        loop->unsaid = 0;
    }
    return intake_queue_add(loop->queue, &record, NULL);
}

enum result
intake_hand_on(struct intake_loop *loop, const struct intake_parsed *parsed,
               bool vouched, const struct intake_owner *owner)
{
    struct text events = parsed->events;
    struct wire_record record = {
        .flags = vouched ? RECORD_VOUCHED : 0,
        .occurrence = 1,
    };
    enum result result = OK;

    while (result == OK && intake_next_event(&events, &record.content))
        result = intake_queue_add(loop->queue, &record, owner);
    return result;
}

void
intake_drop(struct intake_loop *loop, struct connection *connection)
{
    (void)loop;
    if (connection->fd < 0)
        return;
    intake_tls_close(connection->tls);
    connection->tls = NULL;
    (void)close(connection->fd);
    connection->fd = -1;
    connection->pending = 0;
    buffer_free(&connection->in);
    buffer_free(&connection->out);
}

void
intake_flush(struct intake_loop *loop, struct connection *connection)
{
    struct buffer *out = &connection->out;

    while (connection->fd >= 0 && out->length > 0) {
        ssize_t sent =
            send(connection->fd, out->bytes, out->length, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0) {
            intake_drop(loop, connection);
            return;
        }
        memmove(out->bytes, out->bytes + sent, out->length - (size_t)sent);
        out->length -= (size_t)sent;
    }
    if (connection->fd >= 0 && connection->closing)
        intake_drop(loop, connection);
}

static enum result
receive(struct intake_loop *loop, struct connection *connection,
        size_t *ret_length)
{
    ssize_t got;

    if (connection->tls != NULL)
        return intake_tls_read(connection->tls, loop->chunk,
                               sizeof(loop->chunk), ret_length);
    do
        got = recv(connection->fd, loop->chunk, sizeof(loop->chunk), 0);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        return E_NOTFOUND;
    if (got <= 0)
        return E_END;
    *ret_length = (size_t)got;
    return OK;
}

static enum result
take(struct intake_loop *loop, struct connection *connection)
{
    return connection->kind == INTAKE_FEED
               ? intake_feed_take(loop, connection)
               : intake_syslog_take(loop, connection);
}

/* Once through: reads a chunk where there is room for what it becomes. */
static enum result
step(struct intake_loop *loop, struct connection *connection)
{
    size_t length = 0;
    enum result result = E_NOTFOUND;

    if (connection->ended) {
        connection->readable = !intake_queue_room(loop->queue);
        return take(loop, connection);
    }
    result = receive(loop, connection, &length);
    if (connection->tls != NULL && intake_tls_ready(connection->tls))
        connection->vouched = intake_tls_vouched(connection->tls);
    if (result == E_NOTFOUND) {
        connection->readable = false;
        return connection->in.length > 0 ? take(loop, connection) : OK;
    }
    if (result == E_END)
        connection->ended = true;
    else
        result = buffer_append(&connection->in, loop->chunk, length);
    if (result == E_NOMEM || result == E_LIMIT) {
        intake_drop(loop, connection);
        return OK;
    }
    return take(loop, connection);
}

static bool
may_step(const struct intake_loop *loop, const struct connection *connection)
{
    return connection->fd >= 0 && connection->readable &&
           intake_queue_room(loop->queue) && connection->pending == 0 &&
           !connection->closing && !(loop->ending && !connection->ended);
}

static struct connection *
find_place(struct intake_loop *loop)
{
    struct connection *silent = NULL;

    for (size_t i = 0; i < INTAKE_CONNECTIONS_MAX; i++) {
        struct connection *at = &loop->connections[i];

        if (at->fd < 0)
            return at;
        if (at->in.length == 0 && at->pending == 0 && !at->readable &&
            (silent == NULL || at->since_us < silent->since_us))
            silent = at;
    }
    /* the longest silent one makes room; it may connect again */
    if (silent != NULL)
        intake_drop(loop, silent);
    return silent;
}

static void
accept_one(struct intake_loop *loop, enum intake_kind kind, int fd)
{
    struct epoll_event event = {.events =
                                    EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
    struct connection *place = find_place(loop);
    struct intake_tls_stream *tls = NULL;

    if (place == NULL ||
        (kind == INTAKE_TLS &&
         intake_tls_accept(loop->process->tls_context, fd, &tls) != OK)) {
        (void)close(fd);
        return;
    }
    loop->serial += INTAKE_CONNECTIONS_MAX;
    *place = (struct connection){
        .kind = kind,
        .fd = fd,
        .tls = tls,
        .serial = loop->serial + (uint64_t)(place - loop->connections),
        .since_us = loop->now_us,
        /* nobody but this machine's own comes there */
        .vouched = kind != INTAKE_TLS,
        .readable = true,
    };
    event.data.ptr = place;
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        intake_drop(loop, place);
}

static void
accept_all(struct intake_loop *loop, enum intake_kind kind)
{
    const int listeners[] = {loop->process->tls, loop->process->plain,
                             loop->process->feed};

    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        int fd =
            accept4(listeners[kind], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd < 0)
            return;
        accept_one(loop, kind, fd);
    }
}

static enum result
tick(struct intake_loop *loop)
{
    enum result result = OK;
    uint64_t ticks;

    if (read(loop->timer, &ticks, sizeof(ticks)) <= 0)
        return OK;
    for (size_t i = 0; i < INTAKE_CONNECTIONS_MAX && result == OK; i++) {
        struct connection *connection = &loop->connections[i];

        if (connection->fd < 0)
            continue;
        if (connection->kind == INTAKE_FEED)
            intake_feed_tick(loop, connection);
        else
            result = intake_syslog_tick(loop, connection);
    }
    if (result == OK && loop->follow != NULL && !loop->ending)
        result = intake_follow_tick(loop->follow, loop);
    return result;
}

static enum result
on_event(struct intake_loop *loop, const struct epoll_event *event)
{
    struct connection *connection = event->data.ptr;

    for (unsigned kind = 0; kind < 3; kind++) {
        if (event->data.ptr == &loop->listener_marks[kind]) {
            accept_all(loop, (enum intake_kind)kind);
            return OK;
        }
    }
    if (event->data.ptr == &loop->core_mark)
        return intake_queue_receive(loop->queue);
    if (event->data.ptr == &loop->timer)
        return tick(loop);
    if (event->data.ptr == &loop->signals) {
        loop->ending = true;
        return OK;
    }
    if (connection->fd < 0)
        return OK;
    connection->readable = true;
    if ((event->events & EPOLLOUT) != 0)
        intake_flush(loop, connection);
    return OK;
}

static enum result
turn(struct intake_loop *loop)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    bool busy = false;
    enum result result = OK;
    int count;

    for (size_t i = 0; i < INTAKE_CONNECTIONS_MAX && !busy; i++)
        busy = may_step(loop, &loop->connections[i]);
    count = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, busy ? 0 : -1);
    if (count < 0)
        return errno == EINTR ? OK : E_IO;
    loop->now_us = time_now_us();
    for (int i = 0; i < count && result == OK; i++)
        result = on_event(loop, &events[i]);
    for (size_t i = 0; i < INTAKE_CONNECTIONS_MAX && result == OK; i++) {
        if (may_step(loop, &loop->connections[i]))
            result = step(loop, &loop->connections[i]);
    }
    intake_queue_send(loop->queue, loop->now_us);
    return result;
}

static enum result
add(struct intake_loop *loop, int fd, void *mark)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};

    if (fd < 0)
        return OK;
    return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? OK : E_IO;
}

static enum result
open_loop(struct intake_loop *loop)
{
    const struct intake_process *process = loop->process;
    struct itimerspec second = {{1, 0}, {1, 0}};
    sigset_t set;
    enum result result = OK;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (loop->epoll < 0 || loop->signals < 0 || loop->timer < 0 ||
        sigprocmask(SIG_BLOCK, &set, NULL) != 0 ||
        timerfd_settime(loop->timer, 0, &second, NULL) != 0)
        return E_IO;
    result = intake_queue_new(process->core, &loop->queue);
    if (result == OK)
        result = intake_parser_new(&loop->parser);
    if (result == OK && process->folder != NULL)
        result = intake_follow_new(process->folder, process->followed,
                                   process->followed_count, &loop->follow);
    if (result == OK)
        result = add(loop, process->core, &loop->core_mark);
    if (result == OK)
        result = add(loop, process->tls, &loop->listener_marks[INTAKE_TLS]);
    if (result == OK)
        result = add(loop, process->plain, &loop->listener_marks[INTAKE_PLAIN]);
    if (result == OK)
        result = add(loop, process->feed, &loop->listener_marks[INTAKE_FEED]);
    if (result == OK)
        result = add(loop, loop->signals, &loop->signals);
    if (result == OK)
        result = add(loop, loop->timer, &loop->timer);
    if (result == OK && process->confine != NULL)
        result = process->confine(process->confine_context);
    return result;
}

static void
close_loop(struct intake_loop *loop)
{
    for (size_t i = 0; i < INTAKE_CONNECTIONS_MAX; i++)
        intake_drop(loop, &loop->connections[i]);
    intake_queue_free(loop->queue);
    intake_parser_free(loop->parser);
    intake_follow_free(loop->follow);
    if (loop->signals >= 0)
        (void)close(loop->signals);
    if (loop->timer >= 0)
        (void)close(loop->timer);
    if (loop->epoll >= 0)
        (void)close(loop->epoll);
    free(loop);
}

enum result
intake_process_run(const struct intake_process *process)
{
    struct intake_loop *loop = calloc(1, sizeof(*loop));
    int64_t until_us = 0;
    enum result result;

    if (loop == NULL)
        return E_NOMEM;
    loop->process = process;
    loop->epoll = loop->signals = loop->timer = -1;
    for (size_t i = 0; i < INTAKE_CONNECTIONS_MAX; i++)
        loop->connections[i].fd = -1;
    result = open_loop(loop);
    while (result == OK) {
        result = turn(loop);
        if (!loop->ending)
            continue;
        if (until_us == 0)
            until_us = loop->now_us + END_US;
        if (intake_queue_empty(loop->queue) || loop->now_us > until_us)
            break;
    }
    close_loop(loop);
    return result;
}
