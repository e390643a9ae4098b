/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * For functions that write a line in many small appends: each runs only
 * while `result`, a local of the caller, is OK. Nothing returns in here.
 */
#ifndef VIGIE_SCOPE_STEP_H
#define VIGIE_SCOPE_STEP_H

#define STEP(call)           \
    do {                     \
        if (result == OK)    \
            result = (call); \
    } while (0)

#endif
