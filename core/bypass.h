/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Disclosures of which a service's audit trail tells and the door knows
 * nothing, though the operator said that the service is behind the door.
 * Reads the ledger alone, some way behind its end: what waits to be looked at
 * are rows, so that nothing is lost by a restart and no memory grows. Knows no
 * process and no clock. docs/run.md.
 */
#ifndef VIGIE_CORE_BYPASS_H
#define VIGIE_CORE_BYPASS_H

#include "core/core_inside.h"

/* The door's row may be so much older than the trail's, and so late. */
#define BYPASS_BEFORE_US (180 * TIME_SECOND_US)
#define BYPASS_AFTER_US (60 * TIME_SECOND_US)
/* Rows read in one go, and searches in the whole ledger: what is left waits
 * for the next time. */
#define BYPASS_ROWS_MAX 131072
#define BYPASS_SEARCHES_MAX 64

struct bypass;

/* Without services: nothing is looked at, and what waited is forgotten. */
enum result bypass_new(struct core *core, const char *const *services,
                       size_t count, struct bypass **ret_bypass) MUST_USE;
void bypass_free(struct bypass *bypass);
/* Looks at what came until 60 s before `now_us`, and calls `found` for each
 * disclosure that passed no door; `found` may append. *ret_changed: the
 * look-up has to be committed. */
enum result bypass_look(struct bypass *bypass, int64_t now_us, void *context,
                        enum result (*found)(void *context,
                                             const struct row *row),
                        bool *ret_changed) MUST_USE;

#endif
