/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The numbered invariants of docs/ledger.md, asserted in release builds too:
 * a ledger that would go on with one of them broken destroys evidence.
 */
#ifndef VIGIE_LEDGER_INVARIANT_H
#define VIGIE_LEDGER_INVARIANT_H

#include <stdio.h>
#include <stdlib.h>

#define INVARIANT(number, condition)                                       \
    do {                                                                   \
        if (!(condition)) {                                                \
            fprintf(stderr, "vigie: ledger: invariant %d is broken: %s\n", \
                    (number), #condition);                                 \
            abort();                                                       \
        }                                                                  \
    } while (0)

#endif
