/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Disclosures of a trail that no row of the door has answered yet and that one
 * may still answer: a long download leaves the door minutes after its record.
 * Those of a request that the door was asked about wait without an alert; of
 * the others an alert was raised, which a late row clears. Knows no service
 * and no account: who may be whom is asked (`answers`).
 */
#ifndef VIGIE_CORE_BYPASS_LATE_H
#define VIGIE_CORE_BYPASS_LATE_H

#include "core/core_inside.h"

/* So long a row of the door may come. */
#define BYPASS_LATE_US (60 * TIME_MINUTE_US)

struct bypass_late;

enum result bypass_late_new(struct core *core,
                            struct bypass_late **ret_late) MUST_USE;
void bypass_late_free(struct bypass_late *late);
/* The door was asked about this request; a trail told of it in the row. */
void bypass_late_asked(struct bypass_late *late, struct text request,
                       int64_t now_us);
void bypass_late_told(struct bypass_late *late, struct text request,
                      const struct row *row);
/* The row's request is one that the door was asked about lately. */
bool bypass_late_stands(const struct bypass_late *late, const struct row *row);
/* alert 0: none was raised yet. False where there is no room for one more
 * without an alert; one with an alert takes the oldest one's place. */
bool bypass_late_add(struct bypass_late *late, uint64_t number,
                     const struct row *row, uint64_t alert);
typedef bool bypass_answers(void *context, const struct row *told,
                            const struct row *door);
/* A row of the door: takes away what it answers. */
void bypass_late_row(struct bypass_late *late, const struct row *door,
                     void *context, bypass_answers *answers);
/* An alert of which nothing waits any more, once each; false: none. */
bool bypass_late_cleared(struct bypass_late *late, uint64_t *ret_alert,
                         struct row *ret_row);
/* One that waited in vain and without an alert; false: none. */
bool bypass_late_overdue(struct bypass_late *late, int64_t now_us,
                         uint64_t *ret_number, struct row *ret_row);
/* Where anything changed since. */
enum result bypass_late_save(struct bypass_late *late) MUST_USE;

#endif
