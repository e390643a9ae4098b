/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Packets between the processes: one message a packet (SOCK_SEQPACKET, or
 * whatever else keeps them whole), or several of one turn (wire/batch.h). Numbers little-endian, texts as two bytes
 * of length and the bytes. The reader treats its peer as hostile: a packet
 * that is short, long or senseless is E_FORMAT and nothing of it is used.
 * Knows no socket.
 */
#ifndef VIGIE_WIRE_PACKET_H
#define VIGIE_WIRE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/* Agreed at connect; another one is refused, never guessed at. */
#define WIRE_VERSION 4

/* Under the send buffer that every Linux gives a local socket. */
#define WIRE_PACKET_BYTES_MAX (60u << 10)

/* Never renumber. The first byte of a packet. */
enum wire_type {
    WIRE_HELLO = 1,   /* worker → core, first */
    WIRE_WELCOME = 2, /* core → worker, its answer */
    WIRE_ASK = 3,     /* worker → core: what is about to be shown */
    WIRE_ANSWER = 4,  /* core → worker */
    WIRE_ORDER = 5,   /* core → worker, pushed: a verdict on somebody */
    WIRE_MISSED = 6,  /* worker → core: served while core was not there */
    WIRE_COMMAND = 7, /* operator → core: sessions, cut, restore, … */
    WIRE_REPLY = 8,   /* core → operator, one or more */
    WIRE_EVENT = 9,   /* intake → core: an audit record (record.h) */
    WIRE_PUBLISH = 11,   /* core → outside: a checkpoint (publish.h) */
    WIRE_PUBLISHED = 12, /* outside → core: what came of it */
    WIRE_BATCH = 10,  /* worker ↔ core: several of them (batch.h) */
};

/* 0 where the packet is empty. */
unsigned wire_type_of(const void *packet, size_t length);

/* Writing: what does not fit any more marks the packet, and wire_packet_end
 * says so. The bytes are the caller's, WIRE_PACKET_BYTES_MAX of them. */
struct packet {
    uint8_t *bytes;
    size_t length;
    bool full;
};

void packet_start(struct packet *packet, void *bytes, enum wire_type type);
void packet_put(struct packet *packet, uint64_t number, unsigned bytes);
/* Longer than `most` marks the packet as full. */
void packet_put_text(struct packet *packet, struct text text, size_t most);
/* E_LIMIT where something did not fit. */
enum result packet_end(const struct packet *packet,
                       size_t *ret_length) MUST_USE;

/* Reading: what is not there reads as 0 and marks the packet. Texts borrow
 * its bytes. */
struct unpacked {
    const uint8_t *bytes;
    size_t length, at;
    bool bad;
};

void unpack_start(struct unpacked *packet, const void *bytes, size_t length,
                  enum wire_type type);
uint64_t unpack(struct unpacked *packet, unsigned bytes);
/* A number over `most` marks the packet. */
uint64_t unpack_most(struct unpacked *packet, unsigned bytes, uint64_t most);
struct text unpack_text(struct unpacked *packet, size_t most);
/* E_FORMAT where something was missing, senseless, or is left over. */
enum result unpack_end(const struct unpacked *packet) MUST_USE;

#endif
