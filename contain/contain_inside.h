/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files of contain/ share. Nothing outside includes it. */
#ifndef VIGIE_CONTAIN_CONTAIN_INSIDE_H
#define VIGIE_CONTAIN_CONTAIN_INSIDE_H

#include <stdint.h>

/* Spreads an id over all its bits; a bijection, so nothing is lost. */
static inline uint64_t
contain_mix(uint64_t id)
{
    id = (id ^ id >> 31) * UINT64_C(0x9fb21c651e98df25);
    id = (id ^ id >> 28) * UINT64_C(0xd6e8feb86659fd93);
    return id ^ id >> 32;
}

#endif
