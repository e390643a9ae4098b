/* SPDX-License-Identifier: EUPL-1.2 */
/* Answers that wait, of a loop whose rows are on a real ledger: where there is
 * no room for one more. The worker is the other end of a socket. */
#include "proc/core_loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "proc/seqpacket.h"
#include "test/help/live_place.h"

struct stand {
    struct place *place;
    struct core_loop *loop;
    struct peer *peer;
    int worker;
    uint64_t got; /* answers that the worker read, in order */
};

static int
setup(void **state)
{
    struct stand *stand = calloc(1, sizeof(*stand));
    struct core_loop *loop = calloc(1, sizeof(*loop));
    void *place = NULL;
    int pair[2], room = 4 << 20;

    assert_int_equal(live_place_setup(&place), 0);
    stand->place = place;
    stand->loop = loop;
    loop->live = stand->place->live;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->answers.sync_fds[0] = loop->answers.sync_fds[1] = -1;
    assert_int_equal(peers_new(loop->epoll, &loop->peers), OK);
    assert_int_equal(syncer_new(&loop->syncer), OK);
    assert_int_equal(syncer_start(loop->syncer), OK);
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
    (void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
    stand->worker = pair[1];
    assert_int_equal(
        peers_add(loop->peers, PEER_WORKER, pair[0], 1, &stand->peer), OK);
    *state = stand;
    return 0;
}

static int
teardown(void **state)
{
    struct stand *stand = *state;
    void *place = stand->place;

    syncer_free(stand->loop->syncer);
    core_answers_close(&stand->loop->answers);
    peers_free(stand->loop->peers);
    (void)close(stand->loop->epoll);
    (void)close(stand->worker);
    free(stand->loop);
    free(stand);
    return live_place_teardown(&place);
}

/* What lies in the worker's socket, and what is still kept for it: each is
 * the number that comes next. */
static uint64_t
read_answers(struct stand *stand)
{
    static uint8_t packet[WIRE_PACKET_BYTES_MAX];
    struct text messages[WIRE_BATCH_MAX];

    for (;;) {
        size_t length = 0, count = 0;
        enum result result =
            seqpacket_receive(stand->worker, packet, sizeof(packet), &length);

        if (result == E_NOTFOUND && stand->peer->out.length > 0) {
            peers_flush(stand->loop->peers, stand->peer);
            continue;
        }
        if (result == E_NOTFOUND)
            return stand->got;
        assert_int_equal(result, OK);
        assert_int_equal(wire_batch_read(packet, length, messages, &count), OK);
        for (size_t i = 0; i < count; i++) {
            struct wire_answer answer;

            assert_int_equal(wire_answer_read(messages[i].bytes,
                                              messages[i].length, &answer),
                             OK);
            assert_int_equal(answer.number, ++stand->got);
        }
    }
}

static void
reply(struct stand *stand, uint64_t number, enum core_when when)
{
    const struct wire_answer answer = {.number = number,
                                       .decision = ANSWER_RELEASE};
    uint8_t bytes[CORE_ANSWER_BYTES];
    size_t length = 0;

    assert_int_equal(wire_answer_write(&answer, bytes, &length), OK);
    assert_int_equal(
        core_loop_reply(stand->loop, stand->peer, when, bytes, length), OK);
}

/* A row that is in no file yet. */
static void
show(struct stand *stand, unsigned person)
{
    static uint8_t packet[WIRE_PACKET_BYTES_MAX];
    struct live_part part = {packet, 0};
    struct live_asked asked;

    live_place_fill(person, 1, 0);
    assert_int_equal(wire_ask_write(&live_place_ask, packet, &part.length), OK);
    stand->place->now_us += TIME_SECOND_US;
    assert_int_equal(
        live_ask(stand->loop->live, &part, 1, stand->place->now_us, &asked),
        OK);
    stand->loop->changed = true;
}

static uint64_t
rows_unsynced(struct stand *stand)
{
    struct core_unsynced unsynced;
    uint64_t rows;

    assert_int_equal(live_unsynced(stand->loop->live, &unsynced), OK);
    rows = unsynced.rows_fd >= 0 ? unsynced.rows : 0;
    if (unsynced.rows_fd >= 0)
        (void)close(unsynced.rows_fd);
    if (unsynced.names_fd >= 0)
        (void)close(unsynced.names_fd);
    return rows;
}

static void
an_answer_longer_than_its_place_is_refused(void **state)
{
    struct stand *stand = *state;
    const uint8_t bytes[CORE_ANSWER_BYTES + 1] = {0};

    assert_int_equal(core_loop_reply(stand->loop, stand->peer, CORE_WRITTEN,
                                     bytes, sizeof(bytes)),
                     E_LIMIT);
}

static void
where_no_written_answer_fits_the_turn_is_written_and_all_are_sent(void **state)
{
    struct stand *stand = *state;

    show(stand, 1);
    for (uint64_t i = 1; i <= CORE_WRITTEN_MAX; i++)
        reply(stand, i, CORE_WRITTEN);
    assert_int_equal(read_answers(stand), 0); /* before its row is written */
    assert_int_equal(rows_unsynced(stand), 0);
    reply(stand, CORE_WRITTEN_MAX + 1, CORE_WRITTEN);
    assert_true(rows_unsynced(stand) > 0);
    assert_int_equal(read_answers(stand), CORE_WRITTEN_MAX);
    assert_int_equal(core_answers_turn_end(stand->loop), OK);
    assert_int_equal(read_answers(stand), CORE_WRITTEN_MAX + 1);
}

static void
where_no_durable_answer_fits_all_is_synced_and_sent(void **state)
{
    struct stand *stand = *state;

    show(stand, 1);
    for (uint64_t i = 1; i <= CORE_DURABLE_MAX; i++)
        reply(stand, i, CORE_DURABLE);
    assert_int_equal(read_answers(stand), 0);
    reply(stand, CORE_DURABLE_MAX + 1, CORE_DURABLE);
    assert_int_equal(rows_unsynced(stand), 0); /* nothing is left to sync */
    (void)read_answers(stand);
    /* the last one waits for nothing: its row was synced with the others */
    assert_int_equal(core_answers_turn_end(stand->loop), OK);
    assert_int_equal(read_answers(stand), CORE_DURABLE_MAX + 1);
}

static void
a_durable_answer_waits_for_the_sync_and_a_written_one_does_not(void **state)
{
    struct stand *stand = *state;

    show(stand, 1);
    reply(stand, 1, CORE_WRITTEN);
    reply(stand, 2, CORE_DURABLE);
    assert_int_equal(core_answers_turn_end(stand->loop), OK);
    assert_int_equal(read_answers(stand), 1);
    while (stand->loop->answers.durable_count > 0)
        assert_int_equal(core_answers_synced(stand->loop), OK);
    assert_int_equal(read_answers(stand), 2);
    assert_int_equal(rows_unsynced(stand), 0);
}

static void
an_answer_to_a_worker_that_has_gone_is_nobodys(void **state)
{
    struct stand *stand = *state;

    show(stand, 1);
    reply(stand, 1, CORE_DURABLE);
    stand->peer->serial++; /* its place was given to another */
    assert_int_equal(core_answers_commit(stand->loop), OK);
    assert_int_equal(read_answers(stand), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_answer_longer_than_its_place_is_refused),
        TEST(where_no_written_answer_fits_the_turn_is_written_and_all_are_sent),
        TEST(where_no_durable_answer_fits_all_is_synced_and_sent),
        TEST(a_durable_answer_waits_for_the_sync_and_a_written_one_does_not),
        TEST(an_answer_to_a_worker_that_has_gone_is_nobodys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
