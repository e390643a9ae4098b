/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/bench_loss.h"

#include <stdlib.h>

void
bench_thefts_free(struct bench_thefts *thefts)
{
    bench_pairs_free(&thefts->sessions);
    free(thefts->stops);
    *thefts = (struct bench_thefts){0};
}

enum result
bench_thefts_add(struct bench_thefts *thefts, uint64_t session,
                 uint32_t account)
{
    struct bench_pair *pair;
    bool made;
    struct bench_stop *stops =
        reallocarray(thefts->stops, thefts->count + 1, sizeof(*thefts->stops));

    if (stops == NULL)
        return E_NOMEM;
    thefts->stops = stops;
    enum result result = bench_pairs_put(&thefts->sessions, session,
                                         thefts->count, &made, &pair);
    if (result != OK)
        return result;
    stops[thefts->count] =
        (struct bench_stop){.account = account, .watch_us = BENCH_NEVER};
    for (unsigned w = 0; w < BENCH_WATCHERS; w++)
        stops[thefts->count].stop_us[w] = BENCH_NEVER;
    thefts->count++;
    return OK;
}

struct bench_stop *
bench_thefts_named(const struct bench_thefts *thefts,
                   const struct region_theft *truth, uint64_t session,
                   int64_t time_us)
{
    const struct bench_pair *pair =
        bench_pairs_find(&thefts->sessions, session);

    if (pair == NULL || truth[pair->value].person_count == 0 ||
        time_us < truth[pair->value].first_us)
        return NULL;
    return &thefts->stops[pair->value];
}

/* The thefts of one loss, while it is summed up. */
struct group {
    const struct bench_thefts *thefts;
    const struct region_theft *truth;
    struct bench_pairs seen; /* (watcher, person) */
    struct bench_loss *loss;
};

static bool
same(const struct group *g, size_t a, size_t b, bool whole)
{
    return g->truth[a].number == g->truth[b].number &&
           (whole ||
            g->thefts->stops[a].account == g->thefts->stops[b].account);
}

/* When the account was stopped that the theft was done with. */
static int64_t
account_stop(const struct group *g, size_t theft, unsigned watcher)
{
    int64_t stop_us = BENCH_NEVER;

    for (size_t i = 0; i < g->thefts->count; i++) {
        int64_t at_us = g->thefts->stops[i].stop_us[watcher];

        if (same(g, theft, i, false) && at_us < stop_us)
            stop_us = at_us;
    }
    return stop_us;
}

/* Counts the theft's persons that nobody had counted for this watcher. */
static enum result
count_persons(struct group *g, size_t theft, unsigned watcher, int64_t until_us,
              uint32_t *count)
{
    const struct region_theft *truth = &g->truth[theft];
    struct bench_pair *pair;
    bool made;

    for (uint32_t p = 0; p < truth->person_count; p++) {
        enum result result;

        if (truth->times_us[p] > until_us)
            continue;
        result = bench_pairs_put(&g->seen,
                                 bench_pair_key(watcher, truth->persons[p]), 0,
                                 &made, &pair);
        if (result != OK)
            return result;
        *count += made;
    }
    return OK;
}

static enum result
sum_theft(struct group *g, size_t theft)
{
    struct bench_loss *loss = g->loss;
    const struct bench_stop *stop = &g->thefts->stops[theft];
    enum result result = OK;

    for (unsigned w = 0; w < BENCH_WATCHERS && result == OK; w++) {
        int64_t until_us = account_stop(g, theft, w);

        loss->stopped[w] = loss->stopped[w] && until_us != BENCH_NEVER;
        result = count_persons(g, theft, w, until_us, &loss->lost[w]);
        if (w != BENCH_VIGIE || until_us == BENCH_NEVER ||
            stop->stop_us[w] != until_us)
            continue;
        loss->signs |= stop->signs;
        if (until_us < loss->stop_us)
            loss->stop_us = until_us;
    }
    loss->watched = loss->watched || stop->watch_us != BENCH_NEVER;
    if (g->truth[theft].first_us < loss->first_us)
        loss->first_us = g->truth[theft].first_us;
    if (result == OK)
        result = count_persons(g, theft, BENCH_WATCHERS, BENCH_NEVER,
                               &loss->persons);
    return result;
}

static enum result
sum_group(struct group *g, size_t first, bool whole)
{
    struct bench_loss *loss = g->loss;
    enum result result = OK;

    *loss = (struct bench_loss){.number = g->truth[first].number,
                                .account = g->thefts->stops[first].account,
                                .kind = g->truth[first].thief,
                                .first_us = BENCH_NEVER,
                                .stop_us = BENCH_NEVER};
    for (unsigned w = 0; w < BENCH_WATCHERS; w++)
        loss->stopped[w] = true;
    for (size_t i = first; i < g->thefts->count && result == OK; i++) {
        bool again = false;

        if (!same(g, first, i, whole))
            continue;
        for (size_t k = first; k < i; k++)
            again = again || same(g, k, i, false);
        loss->accounts += !again;
        result = sum_theft(g, i);
    }
    bench_pairs_free(&g->seen);
    return result;
}

enum result
bench_losses(const struct bench_thefts *thefts,
             const struct region_theft *truth, bool whole,
             struct bench_loss **ret_losses, size_t *ret_count)
{
    struct group g = {.thefts = thefts, .truth = truth};
    struct bench_loss *losses = calloc(thefts->count + 1, sizeof(*losses));
    size_t count = 0;
    enum result result = losses == NULL ? E_NOMEM : OK;

    for (size_t i = 0; i < thefts->count && result == OK; i++) {
        bool done = false;

        for (size_t k = 0; k < i; k++)
            done = done || same(&g, k, i, whole);
        if (done)
            continue;
        g.loss = &losses[count++];
        result = sum_group(&g, i, whole);
    }
    if (result != OK) {
        free(losses);
        return result;
    }
    *ret_losses = losses;
    *ret_count = count;
    return OK;
}
