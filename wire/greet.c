/* SPDX-License-Identifier: EUPL-1.2 */
#include "wire/greet.h"

#include "base/hash.h"

enum result
wire_hello_write(const struct wire_hello *hello, void *bytes,
                 size_t *ret_length)
{
    struct packet p;
    packet_start(&p, bytes, WIRE_HELLO);
    packet_put(&p, WIRE_MAGIC, 4);
    packet_put(&p, hello->version, 2);
    packet_put(&p, hello->pid, 4);
    packet_put(&p, hello->started_us, 8);
    return packet_end(&p, ret_length);
}

enum result
wire_hello_read(const void *bytes, size_t length, struct wire_hello *ret_hello)
{
    struct unpacked p;
    struct wire_hello hello;
    unpack_start(&p, bytes, length, WIRE_HELLO);
    if (unpack(&p, 4) != WIRE_MAGIC)
        return E_FORMAT;
    hello.version = (uint16_t)unpack(&p, 2);
    hello.pid = (uint32_t)unpack(&p, 4);
    hello.started_us = unpack(&p, 8);
    enum result r = unpack_end(&p);
    if (r == OK)
        *ret_hello = hello;
    return r;
}

enum result
wire_welcome_write(const struct wire_welcome *welcome, void *bytes,
                   size_t *ret_length)
{
    struct packet p;
    packet_start(&p, bytes, WIRE_WELCOME);
    packet_put(&p, welcome->version, 2);
    for (unsigned i = 0; i < WIRE_TAG_KEY_BYTES; i++)
        packet_put(&p, welcome->tag_key[i], 1);
    return packet_end(&p, ret_length);
}

enum result
wire_welcome_read(const void *bytes, size_t length,
                  struct wire_welcome *ret_welcome)
{
    struct unpacked p;
    struct wire_welcome welcome;
    unpack_start(&p, bytes, length, WIRE_WELCOME);
    welcome.version = (uint16_t)unpack(&p, 2);
    for (unsigned i = 0; i < WIRE_TAG_KEY_BYTES; i++)
        welcome.tag_key[i] = (uint8_t)unpack(&p, 1);
    enum result r = unpack_end(&p);
    if (r == OK)
        *ret_welcome = welcome;
    return r;
}

uint64_t
wire_tag(const uint8_t key[WIRE_TAG_KEY_BYTES], struct text name)
{
    uint64_t tag = hash_sip(key, name.bytes, name.length).low;
    return tag == 0 ? 1 : tag;
}
