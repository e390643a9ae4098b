/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a worker let out, or refused, while core could not be asked: said once
 * it is there again, and recorded as a gap. Counts only, of one location and
 * one failure policy.
 */
#ifndef VIGIE_WIRE_MISSED_H
#define VIGIE_WIRE_MISSED_H

#include "wire/packet.h"

struct wire_missed {
    uint64_t number; /* quoted by the answer that says it is recorded */
    int64_t from_us, to_us;
    uint64_t released, refused; /* answers */
    uint64_t persons;           /* labelled in the released ones, at least */
    struct text service;
};

enum result wire_missed_write(const struct wire_missed *missed, void *bytes,
                              size_t *ret_length) MUST_USE;
enum result wire_missed_read(const void *bytes, size_t length,
                             struct wire_missed *ret_missed) MUST_USE;

#endif
