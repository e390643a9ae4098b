/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * When answers go out. What was read in one turn of the loop is written
 * together, then answered; what has to be durable waits for a sync that began
 * after it was written; answers of one peer go in one packet. Invariants:
 *  1. No answer leaves before its rows were written, none that has to be
 *     durable before they were synced.
 *  2. None is lost: where there is no room for one more, the loop itself
 *     writes, and syncs, and there is.
 *  3. Between write and sync lie CORE_SYNC_MS at most, and the sync that was
 *     going on meanwhile.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proc/core_loop.h"
#include "proc/seqpacket.h"

static int64_t
monotonic_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
send_batch(struct core_loop *loop, const struct core_answer *to,
           const struct wire_batch *batch)
{
    const struct text packet = wire_batch_end(batch);

    if (batch->count > 0 && to->peer->serial == to->serial)
        peers_send(loop->peers, to->peer, packet.bytes, packet.length);
}

/* Those of one peer that lie side by side in one packet. */
static void
send_all(struct core_loop *loop, const struct core_answer *answers,
         size_t count)
{
    const struct core_answer *first = answers;
    struct wire_batch batch;

    wire_batch_start(&batch, loop->packet);
    for (size_t i = 0; i < count; i++) {
        const struct core_answer *answer = &answers[i];

        if (answer->peer != NULL && answer->peer == first->peer &&
            answer->serial == first->serial && batch.count < WIRE_BATCH_MAX &&
            wire_batch_add(&batch, answer->bytes, answer->length) == OK)
            continue;
        send_batch(loop, first, &batch);
        first = answer;
        wire_batch_start(&batch, loop->packet);
        /* of intake: one that finds no room is asked for again by the record */
        if (answer->peer == NULL)
            (void)!seqpacket_send(loop->process->intake, answer->bytes,
                                  answer->length);
        else if (wire_batch_add(&batch, answer->bytes, answer->length) != OK)
            continue; /* never: an answer is short */
    }
    if (count > 0)
        send_batch(loop, first, &batch);
}

/* Those whose turn was synced; they lie in the order of their turns. */
static void
send_durable(struct core_loop *loop)
{
    struct core_answers *all = &loop->answers;
    size_t sent = 0;

    while (sent < all->durable_count &&
           all->durable[sent].turn <= all->turn_synced)
        sent++;
    send_all(loop, all->durable, sent);
    all->durable_count -= sent;
    memmove(all->durable, all->durable + sent,
            all->durable_count * sizeof(all->durable[0]));
}

static enum result
write_turn(struct core_loop *loop)
{
    struct core_answers *all = &loop->answers;
    enum result result = OK;

    if (loop->changed) {
        result = live_write(loop->live);
        all->written_ms = monotonic_ms();
        if (all->turn_synced == all->turn)
            all->unsynced_ms = all->written_ms;
        if (!all->journaled)
            all->journaled_ms = all->written_ms;
        all->journaled = true;
        all->turn++;
    }
    loop->changed = false;
    if (result == OK)
        send_all(loop, all->written, all->written_count);
    all->written_count = 0;
    return result;
}

enum result
core_answers_commit(struct core_loop *loop)
{
    struct core_answers *all = &loop->answers;
    enum result result = write_turn(loop);

    if (result == OK)
        result = live_commit(loop->live);
    if (result != OK)
        return result;
    all->turn_synced = all->turn;
    all->journaled = false;
    send_durable(loop);
    return OK;
}

/* Answers of the turn that is being read have its number plus one: it is
 * counted once it is written. */
enum result
core_loop_reply(struct core_loop *loop, struct peer *peer, enum core_when when,
                const void *bytes, size_t length)
{
    struct core_answers *all = &loop->answers;
    struct core_answer *answer;
    enum result result = OK;

    if (length > CORE_ANSWER_BYTES)
        return E_LIMIT;
    if (when == CORE_DURABLE && all->durable_count == CORE_DURABLE_MAX)
        result = core_answers_commit(loop);
    if (!loop->changed && all->turn_synced == all->turn)
        when = CORE_WRITTEN; /* nothing of it waits for a sync */
    if (result == OK && when == CORE_WRITTEN &&
        all->written_count == CORE_WRITTEN_MAX)
        result = write_turn(loop);
    if (result != OK)
        return result;
    answer = when == CORE_DURABLE ? &all->durable[all->durable_count++]
                                  : &all->written[all->written_count++];
    answer->turn = all->turn + (loop->changed ? 1 : 0);
    answer->peer = peer;
    answer->serial = peer == NULL ? 0 : peer->serial;
    answer->length = length;
    memcpy(answer->bytes, bytes, length);
    return OK;
}

static enum result
start_sync(struct core_loop *loop)
{
    struct core_answers *all = &loop->answers;
    struct core_unsynced unsynced;
    enum result result = live_unsynced(loop->live, &unsynced);

    if (result != OK)
        return result;
    all->turn_asked = all->turn;
    all->asked_ms = monotonic_ms();
    all->rows_asked = unsynced.rows;
    all->sync_fds[0] = unsynced.names_fd; /* names before their rows */
    all->sync_fds[1] = unsynced.rows_fd;
    syncer_ask(loop->syncer, all->sync_fds);
    return OK;
}

void
core_answers_close(struct core_answers *answers)
{
    for (size_t i = 0; i < SYNCER_FDS_MAX; i++) {
        if (answers->sync_fds[i] >= 0)
            (void)close(answers->sync_fds[i]);
        answers->sync_fds[i] = -1;
    }
}

enum result
core_answers_synced(struct core_loop *loop)
{
    struct core_answers *all = &loop->answers;
    enum result result = OK;

    if (!syncer_take(loop->syncer, &result))
        return OK;
    core_answers_close(all);
    if (result != OK) {
        live_sync_failed(loop->live);
        return result;
    }
    live_synced(loop->live, all->rows_asked);
    if (all->turn_asked > all->turn_synced)
        all->turn_synced = all->turn_asked;
    /* what was written since was so at the earliest when it began */
    all->unsynced_ms = all->asked_ms;
    send_durable(loop);
    return OK;
}

/* Whether it is time, and nobody is likely to wait for it. */
static bool
is_time_for_tables(const struct core_loop *loop, int64_t silent_ms,
                   int64_t now_ms)
{
    const struct core_answers *all = &loop->answers;

    return all->journaled && silent_ms >= CORE_IDLE_MS &&
           (now_ms - all->journaled_ms >= CORE_TABLES_MS ||
            live_journal_bytes(loop->live) >= CORE_TABLES_BYTES);
}

enum result
core_answers_turn_end(struct core_loop *loop)
{
    struct core_answers *all = &loop->answers;
    enum result result = write_turn(loop);
    bool unsynced = all->turn_synced < all->turn;
    int64_t now_ms, silent_ms;

    if (result != OK || !(unsynced || all->journaled))
        return result;
    now_ms = monotonic_ms();
    silent_ms = now_ms - all->written_ms;
    if (is_time_for_tables(loop, silent_ms, now_ms))
        return core_answers_commit(loop);
    if (unsynced && !syncer_is_busy(loop->syncer) &&
        (all->durable_count > 0 || silent_ms >= CORE_IDLE_MS ||
         now_ms - all->unsynced_ms >= CORE_SYNC_MS))
        result = start_sync(loop);
    return result;
}

/* What only waits for a silence waits for the loop's second. */
int
core_answers_timeout_ms(const struct core_loop *loop)
{
    const struct core_answers *all = &loop->answers;

    return all->turn_synced < all->turn && !syncer_is_busy(loop->syncer)
               ? CORE_IDLE_MS
               : -1;
}
