/* SPDX-License-Identifier: EUPL-1.2 */
/* Records on their way to core, with this test as core. */
#include "proc/intake_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/time.h"
#include "wire/answer.h"
#include "wire/greet.h"

struct pair {
    struct intake_queue *queue;
    int ends[2]; /* ours as core: 1 */
    unsigned stored, refused;
    uint64_t last;
};

static uint8_t packet[WIRE_PACKET_BYTES_MAX];

static int
setup(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));

    assert_int_equal(hash_start(), OK);
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair->ends), 0);
    assert_int_equal(intake_queue_new(pair->ends[0], &pair->queue), OK);
    *state = pair;
    return 0;
}

static int
teardown(void **state)
{
    struct pair *pair = *state;

    intake_queue_free(pair->queue);
    (void)close(pair->ends[0]);
    (void)close(pair->ends[1]);
    free(pair);
    return 0;
}

static void
on_told(void *context, uint64_t token, bool stored)
{
    struct pair *pair = context;

    pair->stored += stored;
    pair->refused += !stored;
    pair->last = token;
}

static void
add(struct pair *pair, uint64_t token)
{
    struct wire_record record = {.occurrence = 1, .content = TEXT("packed")};
    struct intake_owner owner = {on_told, pair, token};

    assert_int_equal(intake_queue_add(pair->queue, &record, &owner), OK);
}

/* The number of the next record that came; 0: none is there. */
static uint64_t
next(struct pair *pair)
{
    struct wire_record record;
    ssize_t got = recv(pair->ends[1], packet, sizeof(packet), 0);

    if (got <= 0)
        return 0;
    assert_int_equal(wire_record_read(packet, (size_t)got, &record), OK);
    return record.number;
}

static void
answer(struct pair *pair, uint64_t number, enum answer_decision decision)
{
    struct wire_answer given = {.number = number, .decision = decision};
    size_t length;

    assert_int_equal(wire_answer_write(&given, packet, &length), OK);
    assert_int_equal(send(pair->ends[1], packet, length, 0), length);
    assert_int_equal(intake_queue_receive(pair->queue), OK);
}

static void
what_no_packet_holds_is_refused_and_not_queued(void **state)
{
    struct pair *pair = *state;
    char *big = calloc(1, WIRE_PACKET_BYTES_MAX + 1);
    struct wire_record record = {.content = {big, WIRE_PACKET_BYTES_MAX}};

    assert_int_equal(intake_queue_add(pair->queue, &record, NULL), E_LIMIT);
    assert_true(intake_queue_empty(pair->queue));
    free(big);
}

static void
an_answer_of_another_number_tells_nobody(void **state)
{
    struct pair *pair = *state;

    add(pair, 1);
    intake_queue_send(pair->queue, TIME_SECOND_US);
    uint64_t number = next(pair);
    answer(pair, number + 1, ANSWER_RELEASE);
    assert_int_equal(pair->stored + pair->refused, 0);
    assert_false(intake_queue_empty(pair->queue));
    answer(pair, number, ANSWER_RELEASE);
    assert_int_equal(pair->stored, 1);
    assert_true(intake_queue_empty(pair->queue));
}

static void
each_is_told_what_became_of_it_in_its_order(void **state)
{
    struct pair *pair = *state;

    for (uint64_t i = 1; i <= 3; i++)
        add(pair, i);
    intake_queue_send(pair->queue, TIME_SECOND_US);
    for (uint64_t i = 1; i <= 3; i++) {
        answer(pair, next(pair), i == 2 ? ANSWER_REFUSE : ANSWER_RELEASE);
        assert_int_equal(pair->last, i);
    }
    assert_int_equal(pair->stored, 2);
    assert_int_equal(pair->refused, 1);
    assert_int_equal(next(pair), 0);
}

static void
a_core_that_is_there_anew_gets_all_that_it_did_not_answer(void **state)
{
    struct pair *pair = *state;
    struct wire_welcome welcome = {.version = WIRE_VERSION};
    uint64_t first, second;
    size_t length;

    add(pair, 1);
    add(pair, 2);
    intake_queue_send(pair->queue, TIME_SECOND_US);
    first = next(pair);
    second = next(pair);
    answer(pair, first, ANSWER_RELEASE);
    assert_int_equal(wire_welcome_write(&welcome, packet, &length), OK);
    assert_int_equal(send(pair->ends[1], packet, length, 0), length);
    assert_int_equal(intake_queue_receive(pair->queue), OK);
    intake_queue_send(pair->queue, 2 * TIME_SECOND_US);
    assert_int_equal(next(pair), second);
    assert_int_equal(next(pair), 0);
}

static void
what_core_leaves_unanswered_is_sent_again(void **state)
{
    struct pair *pair = *state;
    uint64_t number;

    add(pair, 1);
    intake_queue_send(pair->queue, TIME_SECOND_US);
    number = next(pair);
    intake_queue_send(pair->queue, 5 * TIME_SECOND_US);
    assert_int_equal(next(pair), 0);
    intake_queue_send(pair->queue, 30 * TIME_SECOND_US);
    assert_int_equal(next(pair), number);
}

static void
who_was_forgotten_is_told_nothing_and_the_record_goes_on(void **state)
{
    struct pair *pair = *state;

    add(pair, 1);
    intake_queue_forget(pair->queue, pair);
    intake_queue_send(pair->queue, TIME_SECOND_US);
    answer(pair, next(pair), ANSWER_RELEASE);
    assert_int_equal(pair->stored + pair->refused, 0);
    assert_true(intake_queue_empty(pair->queue));
}

static void
a_full_queue_asks_for_no_more(void **state)
{
    struct pair *pair = *state;
    static char bytes[32768];
    struct wire_record record = {.content = {bytes, sizeof(bytes)}};
    size_t count = 0;

    for (; intake_queue_room(pair->queue); count++)
        assert_int_equal(intake_queue_add(pair->queue, &record, NULL), OK);
    assert_true(count * sizeof(bytes) <= INTAKE_QUEUE_BYTES_MAX);
    intake_queue_send(pair->queue, TIME_SECOND_US);
    answer(pair, next(pair), ANSWER_RELEASE);
    assert_true(intake_queue_room(pair->queue));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_no_packet_holds_is_refused_and_not_queued),
        TEST(an_answer_of_another_number_tells_nobody),
        TEST(each_is_told_what_became_of_it_in_its_order),
        TEST(a_core_that_is_there_anew_gets_all_that_it_did_not_answer),
        TEST(what_core_leaves_unanswered_is_sent_again),
        TEST(who_was_forgotten_is_told_nothing_and_the_record_goes_on),
        TEST(a_full_queue_asks_for_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
