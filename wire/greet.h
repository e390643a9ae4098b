/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Hello and welcome: a worker connects, says its version, and is told the key
 * under which names become tags. After the welcome come the standing orders
 * (wire/order.h), the last of them marked; only then may the worker ask.
 */
#ifndef VIGIE_WIRE_GREET_H
#define VIGIE_WIRE_GREET_H

#include "wire/packet.h"

#define WIRE_MAGIC 0x65696776u /* "vgie" */
#define WIRE_TAG_KEY_BYTES 16

struct wire_hello {
    uint16_t version;
    uint32_t pid;
    uint64_t started_us; /* of the worker: tells two with one pid apart */
};

enum result wire_hello_write(const struct wire_hello *hello, void *bytes,
                             size_t *ret_length) MUST_USE;
/* E_FORMAT also for another magic; another version is read, so that core can
 * say which it speaks. */
enum result wire_hello_read(const void *bytes, size_t length,
                            struct wire_hello *ret_hello) MUST_USE;

struct wire_welcome {
    uint16_t version; /* core's; another than the worker's: closed next */
    uint8_t tag_key[WIRE_TAG_KEY_BYTES];
};

enum result wire_welcome_write(const struct wire_welcome *welcome, void *bytes,
                               size_t *ret_length) MUST_USE;
enum result wire_welcome_read(const void *bytes, size_t length,
                              struct wire_welcome *ret_welcome) MUST_USE;

/* What an order names a professional or a session by: SipHash-2-4 of the name
 * as given in an ask, under the key of the welcome. Never 0. */
uint64_t wire_tag(const uint8_t key[WIRE_TAG_KEY_BYTES], struct text name);

#endif
