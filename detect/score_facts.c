/* SPDX-License-Identifier: EUPL-1.2 */
/* Signs from what the operator told us: they hold without any habit. */
#include "detect/scoring.h"

/* Nobody follows a lure: there is no care in which it comes up. */
static void
judge_lure(struct scoring *s)
{
    if (!(s->facts->bits & FACT_LURE))
        return;
    scoring_add(s, SIGN_LURE, SIGN_WEIGHT_MAX, 1, 0, 0);
    if (scoring_is_on(s, SIGN_LURE))
        scoring_raise(s, VERDICT_STEP_UP);
}

void
score_facts(struct scoring *s)
{
    judge_lure(s);
}
