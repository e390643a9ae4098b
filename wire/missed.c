/* SPDX-License-Identifier: EUPL-1.2 */
#include "wire/missed.h"

#include "wire/ask.h"

enum result
wire_missed_write(const struct wire_missed *missed, void *bytes,
                  size_t *ret_length)
{
    struct packet p;
    packet_start(&p, bytes, WIRE_MISSED);
    packet_put(&p, missed->number, 8);
    packet_put(&p, (uint64_t)missed->from_us, 8);
    packet_put(&p, (uint64_t)missed->to_us, 8);
    packet_put(&p, missed->released, 8);
    packet_put(&p, missed->refused, 8);
    packet_put(&p, missed->persons, 8);
    packet_put_text(&p, missed->service, ASK_NAME_BYTES_MAX);
    return packet_end(&p, ret_length);
}

enum result
wire_missed_read(const void *bytes, size_t length,
                 struct wire_missed *ret_missed)
{
    struct unpacked p;
    struct wire_missed missed;
    unpack_start(&p, bytes, length, WIRE_MISSED);
    missed.number = unpack(&p, 8);
    missed.from_us = (int64_t)unpack_most(&p, 8, INT64_MAX);
    missed.to_us = (int64_t)unpack_most(&p, 8, INT64_MAX);
    missed.released = unpack(&p, 8);
    missed.refused = unpack(&p, 8);
    missed.persons = unpack(&p, 8);
    missed.service = unpack_text(&p, ASK_NAME_BYTES_MAX);
    if (missed.number == 0 || missed.to_us < missed.from_us)
        return E_FORMAT;
    enum result r = unpack_end(&p);
    if (r == OK)
        *ret_missed = missed;
    return r;
}
