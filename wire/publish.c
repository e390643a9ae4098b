/* SPDX-License-Identifier: EUPL-1.2 */
#include "wire/publish.h"

enum result
wire_publish_write(const struct wire_publish *publish, void *bytes,
                   size_t *ret_length)
{
    struct packet p;

    packet_start(&p, bytes, WIRE_PUBLISH);
    packet_put(&p, publish->destination, 2);
    packet_put(&p, publish->size, 8);
    packet_put_text(&p, publish->note, WIRE_PUBLISH_BYTES_MAX);
    packet_put_text(&p, publish->proof, WIRE_PUBLISH_BYTES_MAX);
    return packet_end(&p, ret_length);
}

enum result
wire_publish_read(const void *bytes, size_t length,
                  struct wire_publish *ret_publish)
{
    struct unpacked p;
    struct wire_publish publish;
    enum result result;

    unpack_start(&p, bytes, length, WIRE_PUBLISH);
    publish.destination = (uint16_t)unpack(&p, 2);
    publish.size = unpack(&p, 8);
    publish.note = unpack_text(&p, WIRE_PUBLISH_BYTES_MAX);
    publish.proof = unpack_text(&p, WIRE_PUBLISH_BYTES_MAX);
    result = unpack_end(&p);
    if (result == OK)
        *ret_publish = publish;
    return result;
}

enum result
wire_published_write(const struct wire_published *published, void *bytes,
                     size_t *ret_length)
{
    struct packet p;

    packet_start(&p, bytes, WIRE_PUBLISHED);
    packet_put(&p, published->destination, 2);
    packet_put(&p, published->size, 8);
    packet_put(&p, published->outcome, 1);
    packet_put(&p, published->known, 8);
    packet_put_text(&p, published->bytes, WIRE_PUBLISH_BYTES_MAX);
    return packet_end(&p, ret_length);
}

enum result
wire_published_read(const void *bytes, size_t length,
                    struct wire_published *ret_published)
{
    struct unpacked p;
    struct wire_published published;
    enum result result;

    unpack_start(&p, bytes, length, WIRE_PUBLISHED);
    published.destination = (uint16_t)unpack(&p, 2);
    published.size = unpack(&p, 8);
    published.outcome = (uint8_t)unpack_most(&p, 1, PUBLISH_UNREACHABLE);
    published.known = unpack(&p, 8);
    published.bytes = unpack_text(&p, WIRE_PUBLISH_BYTES_MAX);
    result = unpack_end(&p);
    if (result == OK)
        *ret_published = published;
    return result;
}
