/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * core → outside: a checkpoint for one of the destinations of vigie.conf;
 * outside → core: what came of it. One at a time for each destination.
 */
#ifndef VIGIE_WIRE_PUBLISH_H
#define VIGIE_WIRE_PUBLISH_H

#include "wire/packet.h"

#define WIRE_PUBLISH_BYTES_MAX (WIRE_PACKET_BYTES_MAX - 64)

struct wire_publish {
    uint16_t destination; /* its place in vigie.conf, from 0 */
    uint64_t size;        /* of the tree */
    struct text note;     /* the checkpoint */
    struct text proof;    /* to a witness: "old N" and hashes, each a line */
};

enum publish_outcome {
    PUBLISH_DONE = 0,
    PUBLISH_CONFLICT = 1,    /* the witness knows another size: `known` */
    PUBLISH_REFUSED = 2,     /* by the other end, or its answer by us */
    PUBLISH_UNREACHABLE = 3, /* no answer */
};

struct wire_published {
    uint16_t destination;
    uint64_t size;
    uint8_t outcome;
    uint64_t known;    /* the witness's size; or a status of HTTP */
    struct text bytes; /* done: cosignature lines, timestamp; else a rule */
};

enum result wire_publish_write(const struct wire_publish *publish, void *bytes,
                               size_t *ret_length) MUST_USE;
enum result wire_publish_read(const void *bytes, size_t length,
                              struct wire_publish *ret_publish) MUST_USE;
enum result wire_published_write(const struct wire_published *published,
                                 void *bytes, size_t *ret_length) MUST_USE;
enum result wire_published_read(const void *bytes, size_t length,
                                struct wire_published *ret_published) MUST_USE;

#endif
