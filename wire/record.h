/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One audit record that intake read, for core: the event as bytes
 * (event_pack), or that a record was refused. Core's WIRE_ANSWER with the
 * same number says that it is stored (ANSWER_RELEASE), or that it never can
 * be (ANSWER_REFUSE).
 */
#ifndef VIGIE_WIRE_RECORD_H
#define VIGIE_WIRE_RECORD_H

#include "wire/packet.h"

/* What a packet leaves beside the numbers. */
#define WIRE_RECORD_BYTES_MAX (WIRE_PACKET_BYTES_MAX - 64)

/* Bits of wire_record.flags. */
enum record_flag {
    RECORD_VOUCHED = 1 << 0, /* the sender proved who it is; others' events
                                raise no verdict over watch */
};
#define RECORD_FLAGS 1u

struct wire_record {
    uint64_t number;
    uint32_t flags;
    uint32_t occurrence; /* tells apart records that say the same */
    uint32_t refused;    /* records that were refused; 0: one event */
    struct text content; /* packed event, or the refused bytes' digest */
};

enum result wire_record_write(const struct wire_record *record, void *bytes,
                              size_t *ret_length) MUST_USE;
enum result wire_record_read(const void *bytes, size_t length,
                             struct wire_record *ret_record) MUST_USE;

#endif
