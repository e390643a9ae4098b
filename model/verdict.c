/* SPDX-License-Identifier: EUPL-1.2 */
#include "model/verdict.h"

const char *
verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_ALLOW:
        return "allow";
    case VERDICT_WATCH:
        return "watch";
    case VERDICT_STEP_UP:
        return "step_up";
    case VERDICT_CUT:
        return "cut";
    }
    return "";
}
