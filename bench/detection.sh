#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# The detector and the plain rules on regions that nothing was tuned on, with
# fewer seeds than docs/benchmarks.md (make bench-detection-docs).
"${VIGIE:-build/vigie}" bench detection --lang en --seeds "${SEEDS:-12}" \
    --ceiling-days 120
