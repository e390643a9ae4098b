/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Of the professionals active in the last 10 minutes, everywhere and at one
 * site: how many there are, and how many automation stopped. A number of
 * professionals that no attack has means that detection is wrong.
 */
#ifndef VIGIE_CONTAIN_SHARE_H
#define VIGIE_CONTAIN_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

#define SHARE_MINUTES 10

struct share;

struct share_counts {
    uint32_t active, stopped;
};

enum result share_new(struct share **ret_share) MUST_USE;
void share_free(struct share *share);
/* `site` 0 is everywhere; a professional of a site is noted under both. */
void share_active(struct share *share, uint16_t site, uint64_t professional,
                  int64_t time_us);
void share_stopped(struct share *share, uint16_t site, uint64_t professional,
                   int64_t time_us);
struct share_counts share_count(const struct share *share, uint16_t site,
                                int64_t time_us);

#endif
