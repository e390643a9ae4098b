/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files of contain/ share. Nothing outside includes it. */
#ifndef VIGIE_CONTAIN_CONTAIN_INSIDE_H
#define VIGIE_CONTAIN_CONTAIN_INSIDE_H

#include <stdint.h>

#include "contain/contain.h"
#include "contain/unanswered.h"

/* Spreads an id over all its bits; a bijection, so nothing is lost. */
static inline uint64_t
contain_mix(uint64_t id)
{
    id = (id ^ id >> 31) * UINT64_C(0x9fb21c651e98df25);
    id = (id ^ id >> 28) * UINT64_C(0xd6e8feb86659fd93);
    return id ^ id >> 32;
}

struct contain {
    struct contain_options options;
    struct known *seen;
    struct standings *standings;
    struct budgets *budgets;
    struct budgets *glasses; /* uses of break-glass, by professional */
    struct share *share;
    struct unanswered *unanswered;
    enum posture posture;
    int64_t posture_us;
    bool automation_stopped;
};

/* What stands and is not lifted by the authentication; NULL. */
const struct standing *contain_in_force(const struct contain *contain,
                                        enum order_target target, uint64_t id,
                                        int64_t authenticated_us);

#endif
