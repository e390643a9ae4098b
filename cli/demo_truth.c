/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the simulator knows, laid beside what was found. The region is made
 * once more from its seed; detection never saw it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/say.h"
#include "cli/demo_steps.h"

static enum result
make_again(const struct demo *demo, struct region **ret_region)
{
    const struct region_event *events;
    size_t count;
    enum result r = region_new(&demo->region, ret_region);
    while (r == OK)
        r = region_day(*ret_region, &events, &count);
    return r == E_END ? OK : r;
}

/* When the session was stopped; INT64_MAX: never. */
static int64_t
stopped_at(const struct demo *demo, const char *session)
{
    for (size_t i = 0; i < demo->stopped_count; i++)
        if (strcmp(demo->stopped[i].session, session) == 0)
            return demo->stopped[i].time_us;
    return INT64_MAX;
}

static const char *
thief_title(enum region_thief thief)
{
    switch (thief) {
    case THIEF_NIGHT:
        return _("script at night");
    case THIEF_PAGED:
        return _("searches page by page");
    case THIEF_QUIET:
        return _("eight an hour");
    default:
        return "?";
    }
}

static uint32_t
holder_of(const struct region *region, const struct region_theft *theft)
{
    return region_session(region, theft->session)->professional;
}

/* One account's thefts, all sessions: persons before the first stop, and in
 * all. False: said already with an earlier session. */
static bool
sum_thefts(const struct demo *demo, const struct region *region,
           const struct region_theft *thefts, size_t count, size_t at,
           uint32_t *ret_lost, uint32_t *ret_taken)
{
    uint32_t holder = holder_of(region, &thefts[at]), lost = 0, taken = 0;
    bool stopped = false;
    for (size_t t = 0; t < count; t++) {
        char token[REGION_NAME_BYTES];
        if (holder_of(region, &thefts[t]) != holder)
            continue;
        if (t < at)
            return false;
        region_session_name(region_session(region, thefts[t].session), token);
        int64_t stop_us = stopped_at(demo, token);
        for (uint32_t i = 0; i < thefts[t].person_count && !stopped; i++)
            lost += thefts[t].times_us[i] <= stop_us;
        stopped = stopped || stop_us != INT64_MAX;
        taken += thefts[t].person_count;
    }
    *ret_lost = lost;
    *ret_taken = taken;
    return true;
}

static void
print_theft(const struct demo *demo, const struct region *region,
            const struct region_theft *thefts, size_t count, size_t at)
{
    char professional[REGION_NAME_BYTES];
    uint32_t lost = 0, taken = 0;
    if (!sum_thefts(demo, region, thefts, count, at, &lost, &taken))
        return;
    region_professional_name(region, holder_of(region, &thefts[at]),
                             professional);
    (void)printf("  %s  ", professional);
    if (lost == taken)
        (void)printf(_("%s: not stopped, all %u persons lost\n"),
                     thief_title(thefts[at].thief), taken);
    else
        (void)printf(_("%s: stopped after %u persons, instead of %u\n"),
                     thief_title(thefts[at].thief), lost, taken);
}

static bool
is_theft(const struct region *region, const char *session)
{
    const struct region_theft *thefts;
    size_t count = region_thefts(region, &thefts);
    char token[REGION_NAME_BYTES];
    for (size_t i = 0; i < count; i++) {
        region_session_name(region_session(region, thefts[i].session), token);
        if (strcmp(token, session) == 0)
            return true;
    }
    return false;
}

static int
by_number(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* The number in "Patient/886840005297". */
static uint64_t
number_of(const char *name)
{
    return strtoull(name + strlen("Patient/"), NULL, 10);
}

/* The persons of all thefts, sorted, each once. */
static enum result
true_persons(const struct region *region, uint64_t **ret_numbers,
             size_t *ret_count)
{
    const struct region_theft *thefts;
    size_t count = region_thefts(region, &thefts), total = 0, kept = 0;
    char name[REGION_NAME_BYTES];
    for (size_t t = 0; t < count; t++)
        total += thefts[t].person_count;
    uint64_t *numbers = calloc(total + 1, sizeof(*numbers));
    if (numbers == NULL)
        return E_NOMEM;
    total = 0;
    for (size_t t = 0; t < count; t++)
        for (uint32_t i = 0; i < thefts[t].person_count; i++) {
            region_person_name(region, thefts[t].persons[i], name);
            numbers[total++] = number_of(name);
        }
    qsort(numbers, total, sizeof(*numbers), by_number);
    for (size_t i = 0; i < total; i++)
        if (i == 0 || numbers[i] != numbers[i - 1])
            numbers[kept++] = numbers[i];
    *ret_numbers = numbers;
    *ret_count = kept;
    return OK;
}

static enum result
print_scope(const struct demo *demo, const struct region *region)
{
    struct buffer list = {0};
    uint64_t *numbers = NULL;
    size_t count = 0, found = 0, shared = 0;
    enum result r = true_persons(region, &numbers, &count);
    if (r == OK)
        r = file_load(demo->list, 64u << 20, &list);
    if (r == OK)
        r = buffer_byte(&list, '\0');
    const char *at = r == OK ? list.bytes : NULL;
    while (at != NULL && (at = strstr(at, "\"Patient/")) != NULL) {
        uint64_t number = number_of(++at);
        found++;
        shared +=
            bsearch(&number, numbers, count, sizeof(number), by_number) != NULL;
    }
    if (r == OK)
        (void)printf(_("The thieves saw %zu persons; the scope names %zu "
                       "persons, %zu of them rightly, and\nmisses %zu.\n"),
                     count, found, shared, count - shared);
    free(numbers);
    buffer_free(&list);
    return r;
}

enum result
demo_truth(struct demo *demo)
{
    const struct region_theft *thefts;
    struct region *region = NULL;
    enum result r = make_again(demo, &region);
    demo_heading(demo, _("What really happened (the simulator's truth)"));
    if (r != OK)
        goto out;
    size_t count = region_thefts(region, &thefts);
    for (size_t i = 0; i < count; i++)
        print_theft(demo, region, thefts, count, i);
    unsigned innocent = 0;
    for (size_t i = 0; i < demo->stopped_count; i++)
        innocent += !is_theft(region, demo->stopped[i].session);
    (void)printf(_("\n%u honest sessions were asked to sign in again without "
                   "need.\n"),
                 innocent);
    if (demo->stopped_count > 0)
        r = print_scope(demo, region);
    if (r == OK)
        (void)printf("%s",
                     _("\nA simulated region proves nothing about yours: "
                       "docs/detection.md says what was\nmeasured, and which "
                       "thieves no behaviour gives away.\n"));
out:
    region_free(region);
    return r;
}
