/* SPDX-License-Identifier: EUPL-1.2 */
/* All events of a small region with thieves of one kind, for tests that look
 * at behaviour. */
#ifndef VIGIE_TEST_HELP_TALE_H
#define VIGIE_TEST_HELP_TALE_H

#include "demo/region.h"

#define TALE_PROFESSIONALS 80
#define TALE_PERSONS (TALE_PROFESSIONALS * 150 + 5000)

struct tale {
    struct region *region;
    struct region_event *events; /* in order of time */
    size_t count;
    struct region_event *stolen; /* those of the thief, logins aside */
    size_t stolen_count;
};

/* One thief of the kind; THIEF_NONE: none. Asserts. */
void tale_open(struct tale *tale, enum region_thief kind, uint64_t seed);
void tale_close(struct tale *tale);
const struct region_session *tale_session(const struct tale *tale,
                                          const struct region_event *event);
/* Day of the region and second of it, local. */
int tale_day(const struct region_event *event);
int tale_second(const struct region_event *event);
/* The stolen event behind `at`, or NULL; the first: NULL. */
const struct region_event *tale_stolen(const struct tale *tale,
                                       const struct region_event *at);
/* Distinct persons that were stolen, on one day or (-1) on all. */
unsigned tale_persons(const struct tale *tale, int day);
/* Whether an honest event of the account used the machine (or the line)
 * before the first stolen one. */
bool tale_knows_device(const struct tale *tale, uint32_t professional,
                       uint64_t device);
bool tale_knows_address(const struct tale *tale, uint32_t professional,
                        uint32_t address);

#endif
