/* SPDX-License-Identifier: EUPL-1.2 */
/* core while it is live, on a real ledger in a temporary folder, the time
 * given: for cmocka tests. */
#ifndef VIGIE_TEST_LIVE_PLACE_H
#define VIGIE_TEST_LIVE_PLACE_H

#include "base/time.h"
#include "core/live.h"

#define PLACE_START (20000 * TIME_DAY_US)

struct place {
    char data[64], keys[80];
    struct live *live;
    int64_t now_us;
    int alerts, pages, pushes;
    struct live_push last;
    struct alert alert; /* the last one */
    const char *page;   /* the last one */
    struct live_options options;
};

/* What will be asked next; live_place_fill sets all of it. */
extern struct wire_ask live_place_ask;

/* cmocka's setup and teardown. */
int live_place_setup(void **state);
int live_place_teardown(void **state);
/* With place->options, as they are now. */
void live_place_open(struct place *place);
/* One person, or `count` of them from `first` on. */
void live_place_fill(unsigned first, unsigned count, uint32_t flags);
/* A second later. */
struct live_asked live_place_send(struct place *place);
struct live_asked live_place_show(struct place *place, unsigned first,
                                  unsigned count, uint32_t flags);
/* Rows of a kind; flags: those that have all of them. */
unsigned live_place_rows(struct place *place, enum row_kind kind,
                         uint16_t flags, struct row *ret_last);
/* An audit record of service `dossier`, told now. */
struct event live_place_event(struct place *place, const char *person);
bool live_place_record(struct place *place, const struct event *event,
                       uint32_t flags);
/* Seconds go by, each with its tick. */
void live_place_wait(struct place *place, unsigned seconds);

#endif
