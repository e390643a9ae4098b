/* SPDX-License-Identifier: EUPL-1.2 */
#include "wire/ask.h"

#include "model/resource.h"

enum result
wire_ask_write(const struct wire_ask *ask, void *bytes, size_t *ret_length)
{
    struct packet p;
    if (ask->person_count > ASK_PERSONS_MAX || ask->join_count > ASK_JOINS_MAX)
        return E_LIMIT;
    packet_start(&p, bytes, WIRE_ASK);
    packet_put(&p, ask->number, 8);
    packet_put(&p, ask->phase, 1);
    packet_put(&p, ask->flags, 2);
    packet_put(&p, ask->status, 2);
    packet_put(&p, (uint64_t)ask->time_us, 8);
    packet_put(&p, (uint64_t)ask->auth_time_s, 8);
    packet_put(&p, ask->worst_case, 4);
    packet_put(&p, ask->attempts, 4);
    packet_put(&p, ask->interaction, 1);
    packet_put(&p, ask->resource, 2);
    packet_put(&p, ask->place.kind, 1);
    packet_put(&p, ask->place.at, 8);
    packet_put(&p, ask->place.rest, 4);
    packet_put_text(&p, ask->professional, ASK_NAME_BYTES_MAX);
    packet_put_text(&p, ask->session, ASK_NAME_BYTES_MAX);
    packet_put_text(&p, ask->address, ASK_NAME_BYTES_MAX);
    packet_put_text(&p, ask->device, ASK_DEVICE_BYTES_MAX);
    packet_put_text(&p, ask->request, ASK_NAME_BYTES_MAX);
    packet_put_text(&p, ask->service, ASK_NAME_BYTES_MAX);
    packet_put_text(&p, ask->controller, ASK_NAME_BYTES_MAX);
    packet_put_text(&p, ask->reason, ASK_NAME_BYTES_MAX);
    packet_put(&p, ask->person_count, 2);
    for (uint32_t i = 0; i < ask->person_count; i++) {
        packet_put_text(&p, ask->persons[i].name, ASK_PERSON_BYTES_MAX);
        packet_put_text(&p, ask->persons[i].identifier, ASK_PERSON_BYTES_MAX);
        packet_put(&p, ask->persons[i].categories, 2);
        packet_put(&p, ask->persons[i].third_persons, 2);
    }
    packet_put(&p, ask->join_count, 2);
    for (uint32_t i = 0; i < ask->join_count; i++) {
        packet_put_text(&p, ask->joins[i].name, ASK_PERSON_BYTES_MAX);
        packet_put_text(&p, ask->joins[i].as, ASK_PERSON_BYTES_MAX);
        packet_put_text(&p, ask->joins[i].identifier, ASK_PERSON_BYTES_MAX);
        packet_put(&p, ask->joins[i].categories, 2);
    }
    return packet_end(&p, ret_length);
}

static void
read_texts(struct unpacked *p, struct wire_ask *ask)
{
    ask->professional = unpack_text(p, ASK_NAME_BYTES_MAX);
    ask->session = unpack_text(p, ASK_NAME_BYTES_MAX);
    ask->address = unpack_text(p, ASK_NAME_BYTES_MAX);
    ask->device = unpack_text(p, ASK_DEVICE_BYTES_MAX);
    ask->request = unpack_text(p, ASK_NAME_BYTES_MAX);
    ask->service = unpack_text(p, ASK_NAME_BYTES_MAX);
    ask->controller = unpack_text(p, ASK_NAME_BYTES_MAX);
    ask->reason = unpack_text(p, ASK_NAME_BYTES_MAX);
}

static void
read_joins(struct unpacked *p, struct wire_ask *ask)
{
    ask->join_count = (uint32_t)unpack_most(p, 2, ASK_JOINS_MAX);
    for (uint32_t i = 0; i < ask->join_count && !p->bad; i++) {
        ask->joins[i].name = unpack_text(p, ASK_PERSON_BYTES_MAX);
        ask->joins[i].as = unpack_text(p, ASK_PERSON_BYTES_MAX);
        ask->joins[i].identifier = unpack_text(p, ASK_PERSON_BYTES_MAX);
        ask->joins[i].categories = (uint16_t)unpack(p, 2);
    }
}

/* *ret_ask is written as it is read, and is nothing where E_FORMAT comes. */
enum result
wire_ask_read(const void *bytes, size_t length, struct wire_ask *ret_ask)
{
    struct wire_ask *ask = ret_ask;
    struct unpacked p;
    unpack_start(&p, bytes, length, WIRE_ASK);
    ask->number = unpack(&p, 8);
    ask->phase = (enum ask_phase)unpack_most(&p, 1, ASK_LAST);
    ask->flags = (uint32_t)unpack_most(&p, 2, ASK_FLAGS);
    ask->status = (uint16_t)unpack_most(&p, 2, 999);
    ask->time_us = (int64_t)unpack_most(&p, 8, INT64_MAX);
    ask->auth_time_s = (int64_t)unpack_most(&p, 8, INT64_MAX);
    ask->worst_case = (uint32_t)unpack(&p, 4);
    ask->attempts = (uint32_t)unpack(&p, 4);
    ask->interaction = (uint8_t)unpack(&p, 1);
    ask->resource = (uint16_t)unpack(&p, 2);
    ask->place.kind = (uint8_t)unpack_most(&p, 1, QUERY_OFFSET);
    ask->place.at = unpack(&p, 8);
    ask->place.rest = (uint32_t)unpack(&p, 4);
    read_texts(&p, ask);
    ask->person_count = (uint32_t)unpack_most(&p, 2, ASK_PERSONS_MAX);
    for (uint32_t i = 0; i < ask->person_count && !p.bad; i++) {
        ask->persons[i].name = unpack_text(&p, ASK_PERSON_BYTES_MAX);
        ask->persons[i].identifier = unpack_text(&p, ASK_PERSON_BYTES_MAX);
        ask->persons[i].categories = (uint16_t)unpack(&p, 2);
        ask->persons[i].third_persons = (uint16_t)unpack(&p, 2);
    }
    read_joins(&p, ask);
    if (p.bad || ask->phase == 0 || ask->number == 0 ||
        ((ask->flags & ASK_REFUSED) != 0) != (ask->attempts != 0)) {
        ask->person_count = 0;
        ask->join_count = 0;
        return E_FORMAT;
    }
    return unpack_end(&p);
}
