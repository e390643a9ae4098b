/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Loop and thread hand `fds` and `result` to each other by the two eventfds:
 * whoever has not written last to the other's leaves them alone.
 */
#include "proc/syncer.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/file.h"

#define STACK_BYTES (128u << 10)

struct syncer {
    pthread_t thread;
    bool started, busy;
    int asked, done; /* eventfds */
    _Atomic bool ending;
    int fds[SYNCER_FDS_MAX];
    enum result result;
};

static enum result
sync_all(const int fds[SYNCER_FDS_MAX])
{
    enum result result = OK;

    for (size_t i = 0; i < SYNCER_FDS_MAX && result == OK; i++) {
        if (fds[i] >= 0)
            result = file_sync_data(fds[i]);
    }
    return result;
}

static void
ring(int fd)
{
    const uint64_t one = 1;

    /* a counter of 64 bits never fills */
    (void)!write(fd, &one, sizeof(one));
}

static void *
work(void *context)
{
    struct syncer *syncer = context;
    uint64_t count;

    while (read(syncer->asked, &count, sizeof(count)) == sizeof(count) &&
           !atomic_load(&syncer->ending)) {
        atomic_thread_fence(memory_order_acquire);
        syncer->result = sync_all(syncer->fds);
        atomic_thread_fence(memory_order_release);
        ring(syncer->done);
    }
    return NULL;
}

enum result
syncer_new(struct syncer **ret_syncer)
{
    struct syncer *syncer = calloc(1, sizeof(*syncer));

    if (syncer == NULL)
        return E_NOMEM;
    syncer->asked = eventfd(0, EFD_CLOEXEC);
    syncer->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (syncer->asked < 0 || syncer->done < 0) {
        syncer_free(syncer);
        return E_IO;
    }
    *ret_syncer = syncer;
    return OK;
}

enum result
syncer_start(struct syncer *syncer)
{
    size_t stack = STACK_BYTES > PTHREAD_STACK_MIN ? STACK_BYTES
                                                   : (size_t)PTHREAD_STACK_MIN;
    pthread_attr_t attributes;
    sigset_t all, before;
    int code = pthread_attr_init(&attributes);

    if (code != 0)
        return E_NOMEM;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    code = pthread_attr_setstacksize(&attributes, stack);
    if (code == 0)
        code = pthread_create(&syncer->thread, &attributes, work, syncer);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    syncer->started = code == 0;
    return code == 0 ? OK : E_NOMEM;
}

void
syncer_free(struct syncer *syncer)
{
    if (syncer == NULL)
        return;
    if (syncer->started) {
        atomic_store(&syncer->ending, true);
        ring(syncer->asked);
        (void)pthread_join(syncer->thread, NULL);
    }
    if (syncer->asked >= 0)
        (void)close(syncer->asked);
    if (syncer->done >= 0)
        (void)close(syncer->done);
    free(syncer);
}

int
syncer_fd(const struct syncer *syncer)
{
    return syncer->done;
}

bool
syncer_is_busy(const struct syncer *syncer)
{
    return syncer->busy;
}

void
syncer_ask(struct syncer *syncer, const int fds[SYNCER_FDS_MAX])
{
    for (size_t i = 0; i < SYNCER_FDS_MAX; i++)
        syncer->fds[i] = fds[i];
    syncer->busy = true;
    atomic_thread_fence(memory_order_release);
    ring(syncer->asked);
}

bool
syncer_take(struct syncer *syncer, enum result *ret_result)
{
    uint64_t count;

    if (read(syncer->done, &count, sizeof(count)) != sizeof(count))
        return false;
    atomic_thread_fence(memory_order_acquire);
    syncer->busy = false;
    *ret_result = syncer->result;
    return true;
}
