/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which professional saw which person first when: pairs of ids, kept within a
 * fixed number. Knows no name, and nothing of why anybody asks.
 */
#ifndef VIGIE_CONTAIN_KNOWN_H
#define VIGIE_CONTAIN_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct known;

/* At most `pairs_max` pairs; memory grows with what is there. */
enum result known_new(size_t pairs_max, struct known **ret_known) MUST_USE;
void known_free(struct known *known);
/* False: never seen, or forgotten because the table was full: then a known
 * person is taken for a new one, never the other way round. */
bool known_first(const struct known *known, uint64_t who, uint64_t person,
                 int64_t *ret_first_us);
/* A little before the pair is looked for: its place in a large table is
 * fetched meanwhile. */
void known_expect(const struct known *known, uint64_t who, uint64_t person);
/* Keeps the earliest time. *ret_new (NULL ok): the pair was not there.
 * E_LIMIT where the table is full, E_NOMEM. */
enum result known_add(struct known *known, uint64_t who, uint64_t person,
                      int64_t time_us, bool *ret_new) MUST_USE;
/* Whether the pair is there by hearsay alone, and marking it so or not. */
bool known_is_told(const struct known *known, uint64_t who, uint64_t person);
void known_tell(struct known *known, uint64_t who, uint64_t person, bool told);
/* False: it was not there. */
bool known_forget(struct known *known, uint64_t who, uint64_t person);
size_t known_count(const struct known *known);
void known_clear(struct known *known);

#endif
