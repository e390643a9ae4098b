/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One loop: what is there is read from all, recorded and judged, written
 * together, and then answered (core_answers.c). A thread syncs beside it.
 */
#include "proc/core_process.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/say.h"
#include "base/time.h"
#include "core/live_vault.h"
#include "proc/core_loop.h"
#include "proc/seqpacket.h"

#define EVENTS_AT_ONCE 64
#define ACCEPTS_AT_ONCE 16

static void
on_push(void *context, const struct live_push *push)
{
    struct core_loop *loop = context;
    struct wire_order order = {
        .scope = push->scope,
        .verdict = push->verdict,
        .tag = wire_tag(loop->tag_key, push->name),
        .since_s = push->since_us / TIME_SECOND_US + 1,
    };
    size_t length;

    if (wire_order_write(&order, loop->packet, &length) == OK)
        peers_send_workers(loop->peers, loop->packet, length);
}

#define ALERT_BYTES 17

static const char *
alert_name(uint64_t alert, char out[ALERT_BYTES])
{
    (void)snprintf(out, ALERT_BYTES, "%016" PRIx64, alert);
    return out;
}

/* No name of anybody: an alert is looked up by its id. */
static void
on_alert(void *context, const struct alert *alert)
{
    char name[ALERT_BYTES];

    (void)context;
    say_error("core", _("alert %s: %s, score %.2f"),
              alert_name(alert->id, name), verdict_name(alert->verdict),
              alert->score_centinats / 100.0);
}

static void
on_page(void *context, const char *what, uint64_t alert)
{
    char name[ALERT_BYTES];

    (void)context;
    if (alert == 0)
        say_error("core", _("PAGE: %s"), what);
    else
        say_error("core", _("PAGE: %s (alert %s)"), what,
                  alert_name(alert, name));
}

static enum result
add(struct core_loop *loop, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};

    return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? OK : E_IO;
}

static enum result
open_signals(struct core_loop *loop)
{
    struct itimerspec second = {{1, 0}, {1, 0}};
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return E_IO;
    loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (loop->signals < 0 || loop->timer < 0 ||
        timerfd_settime(loop->timer, 0, &second, NULL) != 0)
        return E_IO;
    return OK;
}

static enum result
start_syncer(void *threads)
{
    return syncer_start(threads);
}

static enum result
confine(struct core_loop *loop)
{
    const struct core_process *process = loop->process;

    return process->confine == NULL
               ? start_syncer(loop->syncer)
               : process->confine(process->confine_context, start_syncer,
                                  loop->syncer);
}

static enum result
open_loop(struct core_loop *loop)
{
    struct live_options options = *loop->process->live;
    struct reason why = {0};
    enum result result;

    options.context = loop;
    options.push = on_push;
    options.alert = on_alert;
    options.page = on_page;
    hash_random(loop->tag_key, sizeof(loop->tag_key));
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0)
        return E_IO;
    result = peers_new(loop->epoll, &loop->peers);
    if (result == OK)
        result = syncer_new(&loop->syncer);
    if (result == OK)
        result = open_signals(loop);
    if (result == OK)
        result = live_open(&options, time_now_us(), &why, &loop->live);
    if (result != OK && why.rule != NULL)
        say_error("core", "%s: %s %s", _(result_name(result)), why.rule,
                  why.field);
    if (result == OK)
        result = add(loop, loop->process->workers, &loop->workers_mark);
    if (result == OK)
        result = add(loop, loop->process->operators, &loop->operators_mark);
    if (result == OK && loop->process->intake >= 0)
        result = add(loop, loop->process->intake, &loop->intake_mark);
    if (result == OK && loop->process->outside >= 0)
        result = add(loop, loop->process->outside, &loop->outside_mark);
    if (result == OK)
        result = add(loop, loop->signals, &loop->signals);
    if (result == OK)
        result = add(loop, loop->timer, &loop->timer);
    if (result == OK)
        result = add(loop, syncer_fd(loop->syncer), loop->syncer);
    return result == OK ? confine(loop) : result;
}

static void
beat(const struct core_loop *loop)
{
    if (loop->process->parent >= 0 &&
        write(loop->process->parent, "1", 1) < 0 && errno == EPIPE)
        (void)raise(SIGTERM); /* main has died: it starts us again */
}

static enum result
accept_peers(struct core_loop *loop, int listener, enum peer_kind kind)
{
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct peer *peer;
        int fd = -1;
        enum result result = seqpacket_accept(listener, &fd);

        if (result == E_END)
            return OK;
        if (result != OK)
            return OK; /* no descriptor is left: others go on */
        result = peers_add(loop->peers, kind, fd, loop->now_us, &peer);
        if (result != OK)
            (void)close(fd);
    }
    return OK;
}

static enum result
on_second(struct core_loop *loop)
{
    bool changed = false;
    enum result result = live_tick(loop->live, loop->now_us, &changed);

    if (result == OK)
        result = live_vault_tick(loop->live, loop->now_us, &changed);
    loop->changed = loop->changed || changed;
    peers_sweep(loop->peers, loop->now_us);
    beat(loop);
    return result;
}

static enum result
on_event(struct core_loop *loop, const struct epoll_event *event)
{
    struct peer *peer = event->data.ptr;
    uint64_t ticks;

    if (event->data.ptr == &loop->workers_mark)
        return accept_peers(loop, loop->process->workers, PEER_WORKER);
    if (event->data.ptr == &loop->operators_mark)
        return accept_peers(loop, loop->process->operators, PEER_OPERATOR);
    if (event->data.ptr == &loop->intake_mark)
        return intake_read(loop);
    if (event->data.ptr == loop->syncer)
        return core_answers_synced(loop);
    if (event->data.ptr == &loop->outside_mark)
        return evidence_read(loop);
    if (event->data.ptr == &loop->signals) {
        loop->ending = true;
        return OK;
    }
    if (event->data.ptr == &loop->timer) {
        return read(loop->timer, &ticks, sizeof(ticks)) > 0 ? on_second(loop)
                                                            : OK;
    }
    if (peer->fd < 0)
        return OK; /* dropped in this very turn */
    if ((event->events & EPOLLOUT) != 0)
        peers_flush(loop->peers, peer);
    if (peer->fd >= 0 && (event->events & (EPOLLIN | EPOLLHUP)) != 0)
        return peer->kind == PEER_WORKER ? worker_read(loop, peer)
                                         : operator_read(loop, peer);
    return OK;
}

static enum result
turn(struct core_loop *loop)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE,
                           core_answers_timeout_ms(loop));
    enum result result = OK, ended;

    if (count < 0)
        return errno == EINTR ? OK : E_IO;
    loop->now_us = time_now_us();
    for (int i = 0; i < count && result == OK; i++)
        result = on_event(loop, &events[i]);
    ended = core_answers_turn_end(loop);
    if (ended == OK)
        evidence_turn(loop);
    return result == OK ? ended : result;
}

static void
close_loop(struct core_loop *loop)
{
    syncer_free(loop->syncer);
    core_answers_close(&loop->answers);
    peers_free(loop->peers);
    live_free(loop->live);
    if (loop->signals >= 0)
        (void)close(loop->signals);
    if (loop->timer >= 0)
        (void)close(loop->timer);
    if (loop->epoll >= 0)
        (void)close(loop->epoll);
    free(loop);
}

enum result
core_process_run(const struct core_process *process)
{
    struct core_loop *loop = calloc(1, sizeof(*loop));
    enum result result;

    if (loop == NULL)
        return E_NOMEM;
    loop->process = process;
    loop->epoll = loop->signals = loop->timer = -1;
    loop->answers.sync_fds[0] = loop->answers.sync_fds[1] = -1;
    result = open_loop(loop);
    if (result == OK)
        beat(loop);
    if (result == OK)
        intake_greet(loop);
    while (result == OK && !loop->ending)
        result = turn(loop);
    if (result == OK)
        result = core_answers_commit(loop);
    /* in the loop too: what the disk refuses may be what was written before */
    if (result == E_IO && loop->live != NULL)
        live_sync_failed(loop->live);
    if (result == OK)
        result = live_close(loop->live);
    if (result == OK)
        evidence_end(loop);
    close_loop(loop);
    return result;
}
