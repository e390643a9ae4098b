/* SPDX-License-Identifier: EUPL-1.2 */
/* core/erasing.h over a core that is live: rows go core's way. */
#ifndef VIGIE_CORE_LIVE_ERASE_H
#define VIGIE_CORE_LIVE_ERASE_H

#include "core/erasing.h"

struct live;

/* Usable until something else is asked of live. */
enum result live_erasing(struct live *live, int64_t now_us,
                         struct erasing *ret_erasing) MUST_USE;

#endif
