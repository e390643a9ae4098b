/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A region's events as the rows that a ledger would hold, for measuring the
 * detector without files: ids from names, a sighting before the first access
 * of a session and after every silence. No I/O; knows no detector.
 */
#ifndef VIGIE_DEMO_REGION_ROWS_H
#define VIGIE_DEMO_REGION_ROWS_H

#include "demo/region.h"
#include "model/row.h"

struct region_rows;
enum result region_rows_new(const struct region *region,
                            struct region_rows **ret_rows) MUST_USE;
void region_rows_free(struct region_rows *rows);
#define REGION_ROWS_MAX 3
/* The rows of an event, a sighting and a search's step before the rest:
 * *ret_count of ret_rows. */
enum result region_rows_make(struct region_rows *rows,
                             const struct region_event *event,
                             struct row ret_rows[REGION_ROWS_MAX],
                             size_t *ret_count) MUST_USE;
uint64_t region_rows_session(const struct region_session *session);
uint64_t region_rows_professional(uint32_t professional);

#endif
