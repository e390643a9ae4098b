/* SPDX-License-Identifier: EUPL-1.2 */
/* Every message both ways, cut at every length, and with every byte wrong. */
#include "wire/answer.h"
#include "wire/ask.h"
#include "wire/batch.h"
#include "wire/command.h"
#include "wire/greet.h"
#include "wire/missed.h"
#include "wire/order.h"
#include "wire/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

static struct wire_ask ask_read;

/* Reads by the packet's own type. */
static enum result
read_any(const uint8_t *bytes, size_t length)
{
    struct wire_hello hello;
    struct wire_welcome welcome;
    struct wire_answer answer;
    struct wire_order order;
    struct wire_missed missed;
    struct wire_command command;
    struct wire_reply reply;
    struct wire_record record;
    switch (wire_type_of(bytes, length)) {
    case WIRE_HELLO:
        return wire_hello_read(bytes, length, &hello);
    case WIRE_WELCOME:
        return wire_welcome_read(bytes, length, &welcome);
    case WIRE_ASK:
        return wire_ask_read(bytes, length, &ask_read);
    case WIRE_ANSWER:
        return wire_answer_read(bytes, length, &answer);
    case WIRE_ORDER:
        return wire_order_read(bytes, length, &order);
    case WIRE_MISSED:
        return wire_missed_read(bytes, length, &missed);
    case WIRE_COMMAND:
        return wire_command_read(bytes, length, &command);
    case WIRE_REPLY:
        return wire_reply_read(bytes, length, &reply);
    case WIRE_EVENT:
        return wire_record_read(bytes, length, &record);
    default:
        return E_FORMAT;
    }
}

static struct wire_ask
some_ask(void)
{
    struct wire_ask ask = {.number = 7,
                           .phase = ASK_LAST,
                           .flags = ASK_SEARCH | ASK_DURABLE,
                           .status = 200,
                           .time_us = 1790000000000000,
                           .auth_time_s = 1789990000,
                           .worst_case = 50,
                           .interaction = 2,
                           .professional = TEXT("899700000001"),
                           .session = TEXT("s-1"),
                           .address = TEXT("192.0.2.7"),
                           .device = TEXT("agent"),
                           .request = TEXT("r1"),
                           .service = TEXT("dossier"),
                           .controller = TEXT("750000001"),
                           .person_count = 2,
                           .join_count = 1};
    ask.persons[0] = (struct ask_person){TEXT("Patient/1"), TEXT("a|b"), 3, 0};
    ask.persons[1] = (struct ask_person){TEXT("Patient/2"), {0}, 1, 4};
    ask.joins[0] =
        (struct ask_join){TEXT("urn:uuid:1"), TEXT("Patient/3"), {0}, 33};
    return ask;
}

static size_t
write_of(unsigned type, uint8_t *bytes)
{
    static struct wire_ask ask;
    size_t length = 0;
    enum result r = E_ARGUMENT;
    ask = some_ask();
    if (type == WIRE_HELLO)
        r = wire_hello_write(&(struct wire_hello){1, 42, 99}, bytes, &length);
    if (type == WIRE_WELCOME)
        r = wire_welcome_write(&(struct wire_welcome){1, {1, 2, 3}}, bytes,
                               &length);
    if (type == WIRE_ASK)
        r = wire_ask_write(&ask, bytes, &length);
    if (type == WIRE_ANSWER)
        r = wire_answer_write(&(struct wire_answer){7, ANSWER_STEP_UP, 5, 6},
                              bytes, &length);
    if (type == WIRE_ORDER)
        r = wire_order_write(
            &(struct wire_order){ORDER_SESSION, VERDICT_CUT, false, 77, 5},
            bytes, &length);
    if (type == WIRE_MISSED)
        r = wire_missed_write(
            &(struct wire_missed){8, 10, 20, 3, 1, 9, TEXT("dossier")}, bytes,
            &length);
    if (type == WIRE_COMMAND)
        r = wire_command_write(
            &(struct wire_command){COMMAND_CUT, TARGET_SESSION, TEXT("s-1"),
                                   TEXT("stolen"), 5, 9},
            bytes, &length);
    if (type == WIRE_REPLY)
        r = wire_reply_write(&(struct wire_reply){true, OK, TEXT("{}")}, bytes,
                             &length);
    if (type == WIRE_EVENT)
        r = wire_record_write(
            &(struct wire_record){9, RECORD_VOUCHED, 2, 0, TEXT("packed")},
            bytes, &length);
    assert_int_equal(r, OK);
    return length;
}

static void
a_packet_cut_anywhere_or_longer_is_refused(void **state)
{
    static uint8_t bytes[WIRE_PACKET_BYTES_MAX + 1];
    (void)state;
    for (unsigned type = WIRE_HELLO; type <= WIRE_EVENT; type++) {
        size_t length = write_of(type, bytes);
        for (size_t cut = 0; cut < length; cut++) {
            uint8_t *exact = malloc(cut + 1); /* the sanitizer sees beyond */
            memcpy(exact, bytes, cut);
            assert_int_equal(read_any(exact, cut), E_FORMAT);
            free(exact);
        }
        assert_int_equal(read_any(bytes, length), OK);
        bytes[length] = 0;
        assert_int_equal(read_any(bytes, length + 1), E_FORMAT);
    }
}

/* Any byte may be any other: read or refused, never beyond the packet. */
static void
a_wrong_byte_is_read_or_refused(void **state)
{
    static uint8_t bytes[WIRE_PACKET_BYTES_MAX];
    (void)state;
    for (unsigned type = WIRE_HELLO; type <= WIRE_EVENT; type++) {
        size_t length = write_of(type, bytes);
        uint8_t *wrong = malloc(length);
        for (size_t at = 0; at < length; at++) {
            for (unsigned value = 0; value < 256; value += 15) {
                memcpy(wrong, bytes, length);
                wrong[at] = (uint8_t)value;
                enum result r = read_any(wrong, length);
                assert_true(r == OK || r == E_FORMAT);
            }
        }
        free(wrong);
    }
}

static void
an_ask_comes_back_as_it_was_written(void **state)
{
    static uint8_t bytes[WIRE_PACKET_BYTES_MAX];
    static struct wire_ask ask;
    size_t length;
    (void)state;
    ask = some_ask();
    assert_int_equal(wire_ask_write(&ask, bytes, &length), OK);
    assert_int_equal(wire_ask_read(bytes, length, &ask_read), OK);
    assert_int_equal(ask_read.number, 7);
    assert_int_equal(ask_read.phase, ASK_LAST);
    assert_int_equal(ask_read.flags, ASK_SEARCH | ASK_DURABLE);
    assert_int_equal(ask_read.time_us, ask.time_us);
    assert_int_equal(ask_read.worst_case, 50);
    assert_true(text_is(ask_read.professional, "899700000001"));
    assert_true(text_is(ask_read.controller, "750000001"));
    assert_int_equal(ask_read.person_count, 2);
    assert_true(text_is(ask_read.persons[0].identifier, "a|b"));
    assert_true(text_is(ask_read.persons[1].name, "Patient/2"));
    assert_int_equal(ask_read.persons[1].third_persons, 4);
    assert_int_equal(ask_read.join_count, 1);
    assert_true(text_is(ask_read.joins[0].name, "urn:uuid:1"));
    assert_true(text_is(ask_read.joins[0].as, "Patient/3"));
    assert_int_equal(ask_read.joins[0].categories, 33);
    ask.flags |= ASK_REFUSED; /* and no attempts */
    assert_int_equal(wire_ask_write(&ask, bytes, &length), OK);
    assert_int_equal(wire_ask_read(bytes, length, &ask_read), E_FORMAT);
    ask.attempts = 9;
    assert_int_equal(wire_ask_write(&ask, bytes, &length), OK);
    assert_int_equal(wire_ask_read(bytes, length, &ask_read), OK);
    assert_int_equal(ask_read.attempts, 9);
}

static void
what_does_not_fit_is_said_by_the_writer(void **state)
{
    static uint8_t bytes[WIRE_PACKET_BYTES_MAX];
    static char name[ASK_PERSON_BYTES_MAX + 1];
    static struct wire_ask ask;
    size_t length = 99;
    (void)state;
    memset(name, 'x', sizeof(name));
    ask = some_ask();
    ask.persons[0].name = (struct text){name, sizeof(name)};
    assert_int_equal(wire_ask_write(&ask, bytes, &length), E_LIMIT);
    ask.person_count = ASK_PERSONS_MAX;
    for (unsigned i = 0; i < ASK_PERSONS_MAX; i++)
        ask.persons[i].name = (struct text){name, ASK_PERSON_BYTES_MAX};
    assert_int_equal(wire_ask_write(&ask, bytes, &length), E_LIMIT);
    assert_int_equal(length, 99);
}

static void
a_tag_follows_the_key_and_the_name(void **state)
{
    static const uint8_t one[WIRE_TAG_KEY_BYTES] = {1}, two[16] = {2};
    (void)state;
    assert_int_equal(hash_start(), OK);
    assert_true(wire_tag(one, TEXT("a")) == wire_tag(one, TEXT("a")));
    assert_true(wire_tag(one, TEXT("a")) != wire_tag(one, TEXT("b")));
    assert_true(wire_tag(one, TEXT("a")) != wire_tag(two, TEXT("a")));
    assert_true(wire_tag(one, TEXT("")) != 0);
}

static size_t
some_batch(uint8_t *bytes, size_t count)
{
    struct wire_batch batch;

    wire_batch_start(&batch, bytes);
    for (size_t i = 0; i < count; i++) {
        const uint8_t message[3] = {WIRE_ANSWER, (uint8_t)i, 7};

        assert_int_equal(wire_batch_add(&batch, message, 1 + i % 3), OK);
    }
    return batch.length;
}

static void
a_batch_cut_longer_or_with_a_false_count_is_refused(void **state)
{
    static uint8_t bytes[WIRE_PACKET_BYTES_MAX];
    struct text messages[WIRE_BATCH_MAX];
    size_t length = some_batch(bytes, 5), count = 99;

    (void)state;
    for (size_t cut = 1; cut < length; cut++)
        assert_int_equal(wire_batch_read(bytes, cut, messages, &count),
                         E_FORMAT);
    assert_int_equal(wire_batch_read(bytes, length + 1, messages, &count),
                     E_FORMAT);
    assert_int_equal(wire_batch_read(bytes, 0, messages, &count), E_FORMAT);
    for (unsigned said = 0; said < 65536; said++) {
        bytes[1] = (uint8_t)said;
        bytes[2] = (uint8_t)(said >> 8);
        if (said != 5)
            assert_int_equal(wire_batch_read(bytes, length, messages, &count),
                             E_FORMAT);
    }
    assert_int_equal(count, 99);
}

static void
a_batch_within_a_batch_or_an_empty_message_is_refused(void **state)
{
    static uint8_t bytes[WIRE_PACKET_BYTES_MAX];
    const uint8_t inner[] = {WIRE_BATCH, 1, 0, 1, 0, WIRE_ANSWER};
    struct text messages[WIRE_BATCH_MAX];
    struct wire_batch batch;
    size_t count;

    (void)state;
    wire_batch_start(&batch, bytes);
    assert_int_equal(wire_batch_add(&batch, inner, 0), E_LIMIT);
    assert_int_equal(wire_batch_add(&batch, inner, sizeof(inner)), OK);
    assert_int_equal(wire_batch_read(bytes, batch.length, messages, &count),
                     E_FORMAT);
    memset(bytes + 3, 0, 2);
    assert_int_equal(wire_batch_read(bytes, 5, messages, &count), E_FORMAT);
}

static void
a_batch_gives_its_messages_in_their_order(void **state)
{
    static uint8_t bytes[WIRE_PACKET_BYTES_MAX];
    struct text messages[WIRE_BATCH_MAX];
    size_t length = some_batch(bytes, WIRE_BATCH_MAX), count;

    (void)state;
    assert_int_equal(wire_batch_read(bytes, length, messages, &count), OK);
    assert_int_equal(count, WIRE_BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(messages[i].length, 1 + i % 3);
        if (messages[i].length > 1)
            assert_int_equal(messages[i].bytes[1], i);
    }
}

static void
a_full_batch_takes_no_more_and_stays_as_it_is(void **state)
{
    static uint8_t bytes[WIRE_PACKET_BYTES_MAX], large[WIRE_PACKET_BYTES_MAX];
    struct text messages[WIRE_BATCH_MAX], packet;
    struct wire_batch batch;
    size_t count;

    (void)state;
    (void)some_batch(bytes, WIRE_BATCH_MAX);
    memset(large, WIRE_ASK, sizeof(large));
    batch = (struct wire_batch){bytes, 200, WIRE_BATCH_MAX};
    assert_int_equal(wire_batch_add(&batch, large, 1), E_LIMIT);
    wire_batch_start(&batch, bytes);
    assert_int_equal(wire_batch_add(&batch, large, sizeof(large) - 4), E_LIMIT);
    assert_int_equal(wire_batch_add(&batch, large, sizeof(large) - 5), OK);
    assert_int_equal(wire_batch_add(&batch, large, 1), E_LIMIT);
    /* one that is alone goes without its batch */
    packet = wire_batch_end(&batch);
    assert_int_equal(packet.length, sizeof(large) - 5);
    assert_int_equal(
        wire_batch_read(packet.bytes, packet.length, messages, &count), OK);
    assert_int_equal(count, 1);
    assert_memory_equal(messages[0].bytes, large, messages[0].length);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_cut_anywhere_or_longer_is_refused),
        cmocka_unit_test(a_wrong_byte_is_read_or_refused),
        cmocka_unit_test(an_ask_comes_back_as_it_was_written),
        cmocka_unit_test(what_does_not_fit_is_said_by_the_writer),
        cmocka_unit_test(a_tag_follows_the_key_and_the_name),
        cmocka_unit_test(a_batch_cut_longer_or_with_a_false_count_is_refused),
        cmocka_unit_test(a_batch_within_a_batch_or_an_empty_message_is_refused),
        cmocka_unit_test(a_batch_gives_its_messages_in_their_order),
        cmocka_unit_test(a_full_batch_takes_no_more_and_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
