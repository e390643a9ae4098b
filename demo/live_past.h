/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the live demo's people did before it began: an honest region's trail,
 * moved in time so that it ends a moment ago, and who of it goes on working:
 * name, machine, line, the persons of late. No I/O; knows no detector.
 */
#ifndef VIGIE_DEMO_LIVE_PAST_H
#define VIGIE_DEMO_LIVE_PAST_H

#include "demo/region.h"

#define LIVE_PERSONS 48 /* of late, of one professional */

struct live_holder {
    uint32_t professional; /* of the region */
    unsigned days;         /* with at least one person */
    char name[REGION_NAME_BYTES];
    char device[REGION_NAME_BYTES], address[REGION_NAME_BYTES];
    uint32_t persons[LIVE_PERSONS]; /* distinct; a ring */
    uint32_t person_count;
    uint32_t last_day, last_session;
};

struct live_past;
enum result live_past_new(uint64_t seed, unsigned professionals, int64_t now_us,
                          struct live_past **ret_past) MUST_USE;
void live_past_free(struct live_past *past);
/* The next day's lines of the trail, appended; E_END after the last. */
enum result live_past_day(struct live_past *past, struct buffer *out) MUST_USE;
/* After the last day: those who know many of their persons, the steadiest
 * first; at most `room`. */
size_t live_past_cast(struct live_past *past, struct live_holder *ret_holders,
                      size_t room);
const struct region *live_past_region(const struct live_past *past);
uint32_t live_past_persons(const struct live_past *past);
/* Somebody whom this professional has not seen of late. */
uint32_t live_past_stranger(const struct live_past *past,
                            const struct live_holder *holder, uint64_t draw);
/* The digits of Patient/… */
uint64_t live_past_number(const struct live_past *past, uint32_t person);

#endif
