/* SPDX-License-Identifier: EUPL-1.2 */
#include "wire/packet.h"

#include <endian.h>
#include <string.h>

unsigned
wire_type_of(const void *packet, size_t length)
{
    return length == 0 ? 0 : *(const uint8_t *)packet;
}

void
packet_start(struct packet *packet, void *bytes, enum wire_type type)
{
    *packet = (struct packet){.bytes = bytes};
    packet_put(packet, type, 1);
}

void
packet_put(struct packet *packet, uint64_t number, unsigned bytes)
{
    if (packet->full || packet->length + bytes > WIRE_PACKET_BYTES_MAX ||
        (bytes < 8 && number >> (8 * bytes) != 0)) {
        packet->full = true;
        return;
    }
    const uint64_t little = htole64(number);
    uint8_t *to = packet->bytes + packet->length;

    if (bytes == 8)
        memcpy(to, &little, 8);
    else if (bytes == 4)
        memcpy(to, &little, 4);
    else if (bytes == 2)
        memcpy(to, &little, 2);
    else
        *to = (uint8_t)number;
    packet->length += bytes;
}

void
packet_put_text(struct packet *packet, struct text text, size_t most)
{
    if (text.length > most || text.length > UINT16_MAX ||
        packet->length + 2 + text.length > WIRE_PACKET_BYTES_MAX) {
        packet->full = true;
        return;
    }
    packet_put(packet, text.length, 2);
    if (packet->full || text.length == 0)
        return;
    memcpy(packet->bytes + packet->length, text.bytes, text.length);
    packet->length += text.length;
}

enum result
packet_end(const struct packet *packet, size_t *ret_length)
{
    if (packet->full)
        return E_LIMIT;
    *ret_length = packet->length;
    return OK;
}

void
unpack_start(struct unpacked *packet, const void *bytes, size_t length,
             enum wire_type type)
{
    *packet = (struct unpacked){.bytes = bytes, .length = length};
    if (length > WIRE_PACKET_BYTES_MAX || unpack(packet, 1) != (uint64_t)type)
        packet->bad = true;
}

uint64_t
unpack(struct unpacked *packet, unsigned bytes)
{
    uint64_t number = 0;
    if (packet->bad || packet->length - packet->at < bytes) {
        packet->bad = true;
        return 0;
    }
    for (unsigned i = 0; i < bytes; i++)
        number |= (uint64_t)packet->bytes[packet->at++] << (8 * i);
    return number;
}

uint64_t
unpack_most(struct unpacked *packet, unsigned bytes, uint64_t most)
{
    uint64_t number = unpack(packet, bytes);
    if (number <= most)
        return number;
    packet->bad = true;
    return 0;
}

struct text
unpack_text(struct unpacked *packet, size_t most)
{
    size_t length = (size_t)unpack_most(packet, 2, most);
    if (packet->bad || packet->length - packet->at < length) {
        packet->bad = true;
        return (struct text){0};
    }
    struct text text = {(const char *)packet->bytes + packet->at, length};
    packet->at += length;
    return text;
}

enum result
unpack_end(const struct unpacked *packet)
{
    return packet->bad || packet->at != packet->length ? E_FORMAT : OK;
}
