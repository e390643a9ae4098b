/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The last search of every session that is alive, as a place in an order, so
 * that the next one can be said as a step from it. What is kept here is
 * never in a row; between two imports it lies in the look-up's settings,
 * under the machine key, for sessions alive in the last two hours.
 *
 * Every event of an import passes here in event time, also those that the
 * ledger has already: an import that was stopped and is run again finds the
 * places that it had.
 */
#ifndef VIGIE_CORE_QUERIES_H
#define VIGIE_CORE_QUERIES_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"
#include "model/query_step.h"

struct queries;

/* Two hours: as long as the judge keeps a silent session. */
#define QUERIES_IDLE_MINUTES 120
/* Sessions kept; beyond, those longest silent are forgotten sooner. */
#define QUERIES_SESSIONS_MAX 65536
/* A session in queries_save(). */
#define QUERIES_SAVED_BYTES 72

enum result queries_new(struct queries **ret_queries) MUST_USE;
void queries_free(struct queries *queries);

/* The session asked for `place`. `search` names the request, or the time of
 * one without a name: reports of the same search, also with others between,
 * are one. *ret_detail is that of a ROW_QUERY, 0 where there is nothing to
 * say: the search is known, is in no order, or asks for the same again.
 * Pages have an order of their own beside names, dates and identifiers, so
 * that who reads the pages of each name still goes from name to name. */
enum result queries_next(struct queries *queries, uint64_t session,
                         int64_t time_us, uint64_t search,
                         const struct query_place *place,
                         uint32_t *ret_detail) MUST_USE;

/* What outlasts a restart, appended to `out`: at most `room` bytes, those
 * silent for longest left out. */
enum result queries_save(const struct queries *queries, size_t room,
                         struct buffer *out) MUST_USE;
/* E_CORRUPT, and nothing is taken in. */
enum result queries_load(struct queries *queries, struct text saved) MUST_USE;

#endif
