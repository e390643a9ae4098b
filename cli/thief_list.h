/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * --thieves LIST of vigie simulate and vigie bench: which kinds a region has.
 * Knows no options.
 */
#ifndef VIGIE_CLI_THIEF_LIST_H
#define VIGIE_CLI_THIEF_LIST_H

#include "base/result.h"
#include "base/text.h"
#include "demo/region.h"

struct thief_list {
    enum region_thief kinds[REGION_THIEVES_MAX];
    unsigned count;
};

/* "none", or kinds, "all" and classes behind @ (since "quiet" names a kind
 * too), separated by commas; a kind named twice comes twice. E_FORMAT for
 * another word or an empty one, E_LIMIT for too many. */
enum result thief_list_parse(struct text list,
                             struct thief_list *ret_list) MUST_USE;

#endif
