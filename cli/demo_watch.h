/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The live demo's quarter of a minute: everybody acts, what changes is told as
 * it happens, the officer on duty cuts one account.
 */
#ifndef VIGIE_CLI_DEMO_WATCH_H
#define VIGIE_CLI_DEMO_WATCH_H

#include "cli/demo_actors.h"
#include "cli/demo_stand.h"
#include "cli/demo_steps.h"

/* E_END after a signal; E_IO where the door fails. */
enum result demo_watch(struct demo *demo, struct demo_stand *stand,
                       struct actor *actors, size_t count) MUST_USE;

#endif
