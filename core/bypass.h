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

#include "core/bypass_late.h"
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
struct bypass_teller {
    void *context;
    /* A disclosure that passed no door. May append. *ret_alert: what was
     * raised; 0: nothing. */
    enum result (*found)(void *context, const struct row *row,
                         uint64_t *ret_alert);
    /* The door's rows came late: the alert, and a row that it was about. */
    enum result (*cleared)(void *context, uint64_t alert,
                           const struct row *row);
};
/* Looks at what came until 60 s before `now_us`. *ret_changed: the look-up
 * has to be committed. */
enum result bypass_look(struct bypass *bypass, int64_t now_us,
                        const struct bypass_teller *teller,
                        bool *ret_changed) MUST_USE;
/* For what live hears of requests; NULL where no service is behind the door. */
struct bypass_late *bypass_late_of(struct bypass *bypass);

#endif
