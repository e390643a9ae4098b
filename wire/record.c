/* SPDX-License-Identifier: EUPL-1.2 */
#include "wire/record.h"

enum result
wire_record_write(const struct wire_record *record, void *bytes,
                  size_t *ret_length)
{
    struct packet p;

    packet_start(&p, bytes, WIRE_EVENT);
    packet_put(&p, record->number, 8);
    packet_put(&p, record->flags, 1);
    packet_put(&p, record->occurrence, 4);
    packet_put(&p, record->refused, 4);
    packet_put_text(&p, record->content, WIRE_RECORD_BYTES_MAX);
    return packet_end(&p, ret_length);
}

enum result
wire_record_read(const void *bytes, size_t length,
                 struct wire_record *ret_record)
{
    struct unpacked p;
    struct wire_record record;
    enum result result;

    unpack_start(&p, bytes, length, WIRE_EVENT);
    record.number = unpack(&p, 8);
    record.flags = (uint32_t)unpack_most(&p, 1, RECORD_FLAGS);
    record.occurrence = (uint32_t)unpack(&p, 4);
    record.refused = (uint32_t)unpack(&p, 4);
    record.content = unpack_text(&p, WIRE_RECORD_BYTES_MAX);
    if (p.bad || record.number == 0 || record.content.length == 0)
        return E_FORMAT;
    result = unpack_end(&p);
    if (result == OK)
        *ret_record = record;
    return result;
}
