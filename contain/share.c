/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who was last active, and last stopped, in which minute; a count for each of
 * the last minutes and sites follows it. A professional whose place another
 * took is counted once more when they come back: active ones are then too
 * many by one, in a table far larger than a region's ten minutes.
 */
#include "contain/share.h"

#include <stdlib.h>

#include "base/time.h"
#include "contain/contain_inside.h"

#define WAYS 8u
#define SETS 8192u /* times WAYS professionals and sites */
#define SITES 256u /* 0 is everywhere; those beyond share a place */
#define RING 16

struct place {
    uint64_t key;
    int32_t active, stopped; /* minutes; 0: never */
};

struct minute {
    int32_t number;
    uint32_t active, stopped;
};

struct share {
    struct place places[SETS][WAYS];
    struct minute minutes[SITES][RING];
};

enum result
share_new(struct share **ret_share)
{
    struct share *share = calloc(1, sizeof(*share));

    if (share == NULL)
        return E_NOMEM;
    *ret_share = share;
    return OK;
}

void
share_free(struct share *share)
{
    free(share);
}

static uint16_t
site_place(uint16_t site)
{
    return site == 0 ? 0 : (uint16_t)(1 + (site - 1) % (SITES - 1));
}

static struct minute *
minute_of(struct share *share, uint16_t site, int32_t number)
{
    struct minute *minute = &share->minutes[site_place(site)][number % RING];

    if (minute->number != number)
        *minute = (struct minute){.number = number};
    return minute;
}

/* The one of its set that was active longest ago makes room. */
static struct place *
place_of(struct share *share, uint16_t site, uint64_t professional)
{
    uint64_t key = contain_mix(professional + site_place(site)) | 1;
    struct place *set = share->places[key >> 1 & (SETS - 1)];
    struct place *oldest = &set[0];

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].active < oldest->active)
            oldest = &set[i];
    }
    *oldest = (struct place){.key = key};
    return oldest;
}

static void
note(struct share *share, uint16_t site, uint64_t professional, int64_t time_us,
     bool stopped)
{
    int32_t number = (int32_t)(time_us / TIME_MINUTE_US);
    struct place *place = place_of(share, site, professional);
    int32_t *last = stopped ? &place->stopped : &place->active;
    struct minute *minute;

    if (time_us <= 0 || *last >= number)
        return;
    if (*last > number - SHARE_MINUTES) {
        minute = minute_of(share, site, *last);
        uint32_t *before = stopped ? &minute->stopped : &minute->active;

        *before -= *before > 0 ? 1 : 0;
    }
    *last = number;
    minute = minute_of(share, site, number);
    if (stopped)
        minute->stopped++;
    else
        minute->active++;
}

void
share_active(struct share *share, uint16_t site, uint64_t professional,
             int64_t time_us)
{
    note(share, site, professional, time_us, false);
}

void
share_stopped(struct share *share, uint16_t site, uint64_t professional,
              int64_t time_us)
{
    note(share, site, professional, time_us, true);
}

struct share_counts
share_count(const struct share *share, uint16_t site, int64_t time_us)
{
    int32_t number = (int32_t)(time_us / TIME_MINUTE_US);
    struct share_counts counts = {0, 0};

    for (int i = 0; i < RING; i++) {
        const struct minute *minute = &share->minutes[site_place(site)][i];

        if (minute->number > number - SHARE_MINUTES &&
            minute->number <= number) {
            counts.active += minute->active;
            counts.stopped += minute->stopped;
        }
    }
    return counts;
}
