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

#define TOWN 40         /* professionals of one town */
#define RING_ACCOUNTS 3 /* that one ring steals */
#define NEVER INT16_MAX /* a day that no region reaches */
#define LIST_PERSONS 64 /* of one list or page, at most */

/* What the trail's device field shows of the machine. */
enum software {
    SOFTWARE_STATION = 0, /* a name of the machine */
    SOFTWARE_PORTAL = 1,  /* one client_id for everybody */
    SOFTWARE_APP = 2,     /* a number of the installation, and its version */
    SOFTWARE_BROWSER = 3, /* the browser and its version */
};

/* How a holder looks persons up. */
enum habit { HABIT_CARD = 0, HABIT_NAME = 1, HABIT_DATE = 2, HABIT_LIST = 3 };

struct holder {
    uint8_t kind;
    uint8_t software;
    uint8_t habit;         /* enum habit: the usual one */
    uint8_t start_hour;    /* local */
    uint8_t new_percent;   /* persons never seen here before */
    uint8_t lag_days;      /* after a new browser came out */
    uint8_t home_evenings; /* of six */
    bool reception;        /* works at the reception's machine */
    uint16_t pace_percent; /* of the kind's persons a day */
    uint32_t site;
    uint32_t panel; /* which persons */
    uint32_t panel_size;
    uint32_t shift;       /* where in the panel the holder's own begin */
    int16_t machine_day;  /* a new machine from this day on */
    int16_t provider_day; /* a new line from this day on */
    int16_t from, until;  /* days: the account's first, and the one after
                             its last */
    int16_t idle_from;    /* not used from here until idle_to */
    int16_t idle_to;
};

/* Days of the region, both included. */
struct span {
    int from, to;
};

/* A span in every window of days, `part` times in `whole`. */
struct span_rule {
    unsigned window, part, whole, least, most;
};

struct visit_place {
    uint64_t device;
    uint32_t address;
    uint8_t software;
    uint8_t lag_days;
};

/* How a thief looks for persons. */
enum order { ORDER_NONE = 0, ORDER_NAMES, ORDER_DATES, ORDER_NUMBERS, ORDERS };

struct theft_plan {
    enum region_thief kind;
    uint32_t victims[RING_ACCOUNTS];
    uint8_t accounts;
    int16_t day, days; /* first, and how many */
    int16_t training;  /* days among them before the taking */
    struct visit_place place;
    uint64_t token;
    /* What makes this one unlike the others of its kind. */
    uint8_t order;           /* enum order */
    uint8_t near_percent;    /* of the persons, from the victim's town */
    uint8_t search_percent;  /* of the persons, looked up first */
    uint8_t care_percent;    /* of the persons, care data read too */
    uint8_t jitter_percent;  /* of the pace */
    uint8_t hour;            /* local, of the first day */
    uint8_t wrong_passwords; /* typed before the first session */
    bool one_network;        /* a ring's accounts share a /24, not a line */
    bool done;               /* what is done once has been done */
};

/* One who acts in a session: holder or thief. */
struct visit {
    struct region *region;
    struct chance chance;
    uint32_t session;
    size_t theft; /* 1 + index of region->thefts; 0: an honest one */
    int64_t now_us;
};

/* What a search asks for. */
struct asked {
    struct query_place place;
    uint64_t query; /* letters of a name (region_query.c), or a number */
    uint8_t search; /* enum query_kind */
    uint8_t resource;
    uint8_t page; /* hits asked for; 0: all there are */
};

struct region {
    struct region_options options;
    struct holder *holders;
    uint32_t population, towns;
    uint32_t turn_back; /* of file numbers to persons (region_query.c) */
    unsigned day;
    int update_day, app_day, exit_day;
    struct region_session *sessions;
    uint32_t session_count, session_room;
    uint32_t today;              /* first session of the day */
    struct region_event *events; /* pending ones, of today and later */
    size_t event_count, event_room;
    size_t event_given; /* of the last call */
    size_t morning;     /* first event made today */
    uint64_t order;
    struct theft_plan plans[REGION_THIEVES_MAX];
    struct region_campaign *campaigns;
    size_t campaign_count, campaign_room;
    struct region_theft *thefts;
    size_t theft_count, theft_room;
    enum result failed;
};

/* region.c */
bool region_room(void **items, uint64_t count, uint64_t *room, size_t bytes);
uint32_t region_open(struct region *region, uint32_t professional,
                     const struct visit_place *place, uint64_t token,
                     enum region_thief thief);
void region_put(struct region *region, const struct region_event *event);
/* UTC of an hour and second of the region's local day. */
int64_t region_local_us(const struct region *region, unsigned day,
                        unsigned hour, uint32_t second);

/* region_persons.c: a person of the whole region, of one town, of a holder's
 * own; one who is new to the holder; who lies in a ward's bed. None of
 * a panel or in a bed is a lure. */
bool region_is_lure(const struct region *region, uint32_t person);
/* That one, or who comes next and is no lure. */
uint32_t region_treated(const struct region *region, uint32_t person);
uint32_t region_anybody(const struct region *region, struct chance *chance);
uint32_t region_neighbour(const struct region *region, uint32_t town,
                          struct chance *chance);
uint32_t region_panel(const struct region *region, const struct holder *holder,
                      struct chance *chance);
uint32_t region_stranger(const struct region *region,
                         const struct holder *holder, struct chance *chance);
#define WARD_BEDS 24
uint32_t region_bed(const struct region *region, uint32_t ward, unsigned bed);

/* region_holder.c: who works in the region; works and hours:
 * region_calendar.c */
void region_holder_make(struct region *region, uint32_t professional);
/* How long after a new version came out this machine has it. */
uint8_t region_lag_days(struct chance *chance);
bool region_works(const struct region *region, uint32_t professional,
                  unsigned day);
/* On leave, but not quite. */
bool region_looks_in(const struct region *region, uint32_t professional,
                     unsigned day);
bool region_on_leave(const struct region *region, uint32_t professional,
                     unsigned day, struct span *ret_span);
bool region_in_campaign(const struct region *region, uint32_t professional,
                        unsigned day, struct span *ret_span);
/* The ward of the day: another one for a week now and then. */
uint32_t region_ward(const struct region *region, uint32_t professional,
                     unsigned day);
/* Whose patients are taken over today; `professional` itself: nobody's. */
uint32_t region_covered(const struct region *region, uint32_t professional,
                        unsigned day);
/* Local hour at which the day of work begins, and its length. */
void region_hours(const struct region *region, uint32_t professional,
                  unsigned day, unsigned *ret_start, unsigned *ret_hours);
/* The practice of a substitute's week. */
uint32_t region_replaced(const struct region *region, uint32_t professional,
                         unsigned day);
enum result region_plan_campaigns(struct region *region) MUST_USE;

/* region_place.c: from where */
enum whereabouts { AT_WORK = 0, AT_HOME, ON_THE_MOVE };
void region_place(const struct region *region, uint32_t professional,
                  enum whereabouts where, struct chance *chance,
                  struct visit_place *ret_place);
uint32_t region_line(const struct region *region, uint64_t number);
uint32_t region_mobile(const struct region *region, struct chance *chance);
uint32_t region_site_line(const struct region *region, uint32_t site, bool ward,
                          unsigned day);
uint8_t region_version(const struct region *region, unsigned software,
                       unsigned lag_days);

/* region_query.c: what searches ask for, and what they show */
void region_number_start(struct region *region);
/* The number of a person's file, and whose a number is. */
uint64_t region_number_of(const struct region *region, uint32_t person);
uint32_t region_numbered(const struct region *region, uint64_t number);
struct asked asked_name(const struct region *region, uint32_t person,
                        unsigned letters);
struct asked asked_letters(uint64_t letters);
struct asked asked_date(uint64_t day_of_1925);
struct asked asked_birth(const struct region *region, uint32_t person);
struct asked asked_number(uint64_t number);
struct asked asked_list(enum region_resource resource, uint64_t number);
/* Another page of the same. */
struct asked asked_page(const struct asked *first, uint32_t offset,
                        uint8_t page);
uint32_t region_hit(const struct region *region, const struct asked *asked,
                    uint32_t which);
/* Names by their first two letters, whose place in the alphabet is 0 … 675:
 * all that begin so, and one of them. */
#define PREFIXES 676
struct asked asked_begins(unsigned place);
struct asked asked_surname(const struct region *region, unsigned place);

/* region_visit.c: what is done in a session */
void visit_wait(struct visit *visit, uint32_t mean_s);
void visit_show(struct visit *visit, enum region_action action,
                enum region_resource resource, uint32_t person);
void visit_hits(struct visit *visit, const struct asked *asked,
                const uint32_t *persons, uint32_t count);
/* A search that shows the sought person and others who answer to it. */
void visit_search(struct visit *visit, const struct asked *asked,
                  uint32_t person, uint32_t others);
void visit_page(struct visit *visit, const struct asked *asked, uint32_t count);
/* Care data of a person, some of it. */
void visit_care(struct visit *visit, uint32_t person, unsigned reads);
void visit_write(struct visit *visit, uint32_t person);
void visit_wrong_passwords(struct visit *visit, uint32_t professional,
                           const struct visit_place *place,
                           enum region_thief thief, unsigned count);

/* region_work.c: what a holder does in a day */
void region_work(struct region *region, uint32_t professional);
/* The same day as somebody else would do it at `visit`'s place and theft. */
void region_imitate(const struct visit *visit, uint32_t professional,
                    const struct holder *holder);

/* region_thief.c */
void region_plan(struct region *region);
void region_steal(struct region *region, struct theft_plan *plan);
/* region_theft.c: 1 + index; 0 where memory is short */
size_t theft_open(struct region *region, uint32_t session,
                  const struct theft_plan *plan);
void theft_note(struct region *region, size_t theft, uint32_t person,
                int64_t time_us);

/* region_raid.c: what all thieves have in common */
struct raid {
    struct visit visit;
    struct theft_plan *plan;
    uint32_t victim;
    unsigned nth;     /* day of the theft */
    unsigned account; /* of a ring */
    uint64_t cursor;  /* place in the order of the searches */
    uint32_t step;    /* of numbers and dates */
};
/* A session of the raid from a place; false: memory is short. */
bool raid_open(struct raid *raid, const struct visit_place *place,
               uint64_t token, bool new_theft);
uint32_t raid_stranger(struct raid *raid);
/* One person, looked up or not, care data or not; others among the hits at
 * most. */
void raid_take(struct raid *raid, uint32_t others_most);
/* Persons until `end_us` or `count`, one every `step_ms`. */
void raid_run(struct raid *raid, uint32_t count, uint32_t step_ms,
              int64_t end_us, uint32_t others_most);
struct asked raid_next_search(struct raid *raid, uint32_t person);

/* region_raid_loud.c, region_raid_quiet.c, region_raid_near.c */
void raid_night(struct raid *raid);
void raid_fast(struct raid *raid);
void raid_paged(struct raid *raid);
void raid_slow_pages(struct raid *raid);
void raid_ring(struct raid *raid);
void raid_hijack(struct raid *raid);
void raid_quiet(struct raid *raid);
void raid_exits(struct raid *raid);
void raid_evenings(struct raid *raid);
void raid_poisoner(struct raid *raid);
void raid_mimic(struct raid *raid);
void raid_insider(struct raid *raid);

#endif
