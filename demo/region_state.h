/* SPDX-License-Identifier: EUPL-1.2 */
/* What the region is made of. Private to demo/region*.c. */
#ifndef VIGIE_DEMO_REGION_STATE_H
#define VIGIE_DEMO_REGION_STATE_H

#include "demo/region.h"
#include "demo/region_random.h"

#define DAY_US INT64_C(86400000000)
#define SECOND_US INT64_C(1000000)
/* Local time of the region: an hour before UTC, all year. */
#define LOCAL_SECONDS 3600

/* What the trail's device field shows of the machine. */
enum software {
    SOFTWARE_STATION = 0, /* a name of the machine */
    SOFTWARE_PORTAL = 1,  /* one client_id for everybody */
    SOFTWARE_APP = 2,     /* a number of the installation */
    SOFTWARE_BROWSER = 3, /* the browser and its version */
};

struct holder {
    uint8_t kind;
    uint8_t software;
    uint8_t moved;      /* how often the machine was replaced */
    uint8_t start_hour; /* local */
    uint32_t site;
    uint32_t panel; /* which persons */
    uint32_t panel_size;
    uint32_t shift;    /* where in the panel the holder's own begin */
    uint32_t ward[32]; /* in-patients of a hospital doctor's ward list */
    uint8_t ward_count;
    int16_t leave_from, leave_to; /* days of the region */
    int16_t campaign_day;         /* -1: none */
    int16_t machine_day;          /* a new machine from this day on; -1 */
    int16_t provider_day;         /* a new line from this day on; -1 */
};

struct visit_place {
    uint64_t device;
    uint32_t address;
    uint8_t software;
};

struct theft_plan {
    enum region_thief kind;
    uint32_t victim;
    unsigned day;
    struct visit_place place;
    uint64_t token;
};

struct region {
    struct region_options options;
    struct holder *holders;
    uint32_t population;
    unsigned day;
    int update_day, exit_day;
    struct region_session *sessions;
    uint32_t session_count, session_room;
    struct region_event *events; /* pending ones, of today and later */
    size_t event_count, event_room;
    size_t event_given; /* of the last call */
    uint64_t order;
    struct theft_plan plans[REGION_THIEVES_MAX];
    struct region_campaign *campaigns;
    size_t campaign_count;
    struct region_theft *thefts;
    size_t theft_count, theft_room;
    enum result failed;
};

/* region.c */
uint32_t region_open(struct region *region, uint32_t professional,
                     const struct visit_place *place, uint64_t token,
                     enum region_thief thief);
void region_put(struct region *region, const struct region_event *event);
/* A person of the whole region, and one of a holder's own. */
uint32_t region_anybody(const struct region *region, struct chance *chance);
uint32_t region_panel(const struct region *region, const struct holder *holder,
                      struct chance *chance);
uint32_t region_private_address(uint64_t number);

/* region_work.c: what a holder does in a day */
void region_work(struct region *region, uint32_t professional);
/* region_thief.c */
void region_steal(struct region *region, const struct theft_plan *plan);
void region_plan(struct region *region);

#endif
