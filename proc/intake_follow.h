/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Files that a service writes, one record a line, followed through rotation.
 * What core has stored is remembered as a position in the intake folder; what
 * was read and not yet remembered is read again, and core counts it once.
 */
#ifndef VIGIE_PROC_INTAKE_FOLLOW_H
#define VIGIE_PROC_INTAKE_FOLLOW_H

#include "proc/intake_loop.h"

struct intake_follow;

/* `folder` keeps the positions; paths are borrowed. */
enum result intake_follow_new(const char *folder, const char *const *paths,
                              size_t count,
                              struct intake_follow **ret_follow) MUST_USE;
void intake_follow_free(struct intake_follow *follow);
/* Once a second: opens, reads on, remembers. */
enum result intake_follow_tick(struct intake_follow *follow,
                               struct intake_loop *loop) MUST_USE;

#endif
