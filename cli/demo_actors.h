/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who works in the live demo, honest or not: each asks the door in their own
 * session at their own pace, one request at a time, and remembers what came
 * back. Nothing here knows why the door refuses.
 */
#ifndef VIGIE_CLI_DEMO_ACTORS_H
#define VIGIE_CLI_DEMO_ACTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "demo/live_past.h"

#define ACTORS_HONEST 9
#define ACTORS_THIEVES 3
#define ACTORS_MAX (ACTORS_HONEST + ACTORS_THIEVES)
#define ACTOR_SEEN_MAX 2048
#define ACTOR_SESSION_BYTES 48

enum actor_role { ACTOR_HONEST, ACTOR_SCRIPT, ACTOR_PAGES, ACTOR_SLOW };

struct actor {
    const struct live_past *past; /* borrowed */
    struct live_holder holder;
    enum actor_role role;
    char session[ACTOR_SESSION_BYTES];
    const char *address, *device;
    int64_t next_us, step_us, auth_time;
    unsigned turn;
    uint64_t seen[ACTOR_SEEN_MAX]; /* persons that came back, distinct */
    size_t seen_count;
    unsigned answered, stepped, cut, other; /* requests, by status */
    size_t seen_before;         /* persons when it was first refused */
    int64_t stepped_us, cut_us; /* the first such answer; 0: none */
};

/* Who does what: thieves use the accounts of the first holders. */
enum result actors_start(struct live_past *past, int64_t now_us,
                         struct actor *ret_actors, size_t *ret_count) MUST_USE;
/* One request of an actor, and when the next one is due. */
enum result actor_act(struct actor *actor, uint16_t port, struct buffer *body,
                      unsigned *ret_status) MUST_USE;
/* Another authentication of the same session. */
void actor_sign_in(struct actor *actor, int64_t now_us);

#endif
