/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Checkpoints of core's own ledger: docs/evidence.md. Knows no destination:
 * who sends them is told what there is.
 */
#ifndef VIGIE_CORE_EVIDENCE_H
#define VIGIE_CORE_EVIDENCE_H

#include "core/core.h"
#include "ledger/checkpoints.h"

/* Commits, then signs a checkpoint over all rows, where there are new ones.
 * E_CORRUPT: what was signed before is no part of this ledger; nothing is
 * signed, and `why` says more. */
enum result core_checkpoint(struct core *core, struct reason *why,
                            bool *ret_made) MUST_USE;
/* NULL before the first core_checkpoint. */
struct checkpoints *core_checkpoints(struct core *core);

#endif
