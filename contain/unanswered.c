/* SPDX-License-Identifier: EUPL-1.2 */
#include "contain/unanswered.h"

#include <stdlib.h>

#include "contain/contain_inside.h"

#define PROBES 8u

struct asker {
    uint64_t session; /* 0: free */
    uint64_t professional;
    int64_t since_us; /* of the step-up */
    int64_t latest_us;
    struct unanswered_counts counts;
    uint64_t persons[UNANSWERED_PERSONS_MAX];
    uint32_t known; /* of persons */
};

struct unanswered {
    struct asker *askers;
    size_t room;
};

enum result
unanswered_new(size_t sessions, struct unanswered **ret_unanswered)
{
    struct unanswered *unanswered = calloc(1, sizeof(*unanswered));

    if (unanswered == NULL)
        return E_NOMEM;
    unanswered->room = PROBES;
    while (unanswered->room < sessions)
        unanswered->room *= 2;
    unanswered->askers =
        calloc(unanswered->room, sizeof(unanswered->askers[0]));
    if (unanswered->askers == NULL) {
        free(unanswered);
        return E_NOMEM;
    }
    *ret_unanswered = unanswered;
    return OK;
}

void
unanswered_free(struct unanswered *unanswered)
{
    if (unanswered == NULL)
        return;
    free(unanswered->askers);
    free(unanswered);
}

static struct asker *
probe(const struct unanswered *unanswered, uint64_t session, unsigned at)
{
    return &unanswered
                ->askers[(contain_mix(session) + at) & (unanswered->room - 1)];
}

static struct asker *
find(const struct unanswered *unanswered, uint64_t session)
{
    for (unsigned i = 0; i < PROBES; i++) {
        struct asker *asker = probe(unanswered, session, i);

        if (asker->session == session)
            return asker;
    }
    return NULL;
}

/* Finds or makes. */
static struct asker *
asker_of(struct unanswered *unanswered, uint64_t session, int64_t since_us)
{
    struct asker *asker = find(unanswered, session);

    if (asker == NULL) {
        asker = probe(unanswered, session, 0);
        for (unsigned i = 0; i < PROBES; i++) {
            struct asker *other = probe(unanswered, session, i);

            if (other->session == 0 ||
                (asker->session != 0 && other->latest_us < asker->latest_us))
                asker = other;
        }
        asker->session = 0;
    }
    if (asker->session == 0 || asker->since_us != since_us)
        *asker = (struct asker){.session = session, .since_us = since_us};
    return asker;
}

/* True for one that was not asked for before. */
static bool
note_person(struct asker *asker, uint64_t person)
{
    for (uint32_t i = 0; i < asker->known; i++) {
        if (asker->persons[i] == person)
            return false;
    }
    if (asker->known == UNANSWERED_PERSONS_MAX)
        return true;
    asker->persons[asker->known++] = person;
    return true;
}

void
unanswered_ask(struct unanswered *unanswered, uint64_t session,
               uint64_t professional, int64_t since_us, uint64_t person,
               bool refused, int64_t time_us)
{
    struct asker *asker;
    struct unanswered_counts *counts;

    if (session == 0 || (!refused && find(unanswered, session) == NULL))
        return; /* who was never refused anything was told nothing */
    asker = asker_of(unanswered, session, since_us);
    counts = &asker->counts;
    asker->professional = professional;
    asker->latest_us = time_us;
    if ((!refused && counts->refused == 0) || !note_person(asker, person))
        return;
    counts->persons++;
    if (counts->refused > 0 && time_us - counts->last_us < UNANSWERED_APART_US)
        return;
    if (refused && counts->refused++ == 0)
        counts->first_us = time_us;
    counts->asks++;
    counts->last_us = time_us;
}

void
unanswered_spare(struct unanswered *unanswered, uint64_t session,
                 uint64_t professional)
{
    for (size_t i = 0; i < unanswered->room; i++) {
        struct asker *asker = &unanswered->askers[i];

        if (asker->session != 0 &&
            (session != 0 ? asker->session == session
                          : asker->professional == professional))
            asker->counts.spared = true;
    }
}

struct unanswered_counts
unanswered_of(const struct unanswered *unanswered, uint64_t session,
              int64_t since_us)
{
    const struct asker *asker = session == 0 ? NULL : find(unanswered, session);

    return asker == NULL || asker->since_us != since_us
               ? (struct unanswered_counts){0}
               : asker->counts;
}
