/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Alerts and suspects in JSON (one object a line, docs/design.md) and in
 * words for people. Reads names from the look-up; must not know the ledger,
 * nor how a sign came about. Each function appends to `out` and leaves it as
 * it was on failure.
 */
#ifndef VIGIE_CLI_ALERT_PRINT_H
#define VIGIE_CLI_ALERT_PRINT_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "detect/detect.h"
#include "ledger/lookup.h"
#include "model/verdict.h"
#include "scope/alias_print.h"

/* {"kind":"alert",…}\n — `reasons` are the signs that speak against the
 * session; `session` is the value on the triggering event. */
enum result alert_json(struct lookup *lookup, const struct alert *alert,
                       struct buffer *out) MUST_USE;
/* Some lines in the language of base/say.h, each ending in a newline. */
enum result alert_text(struct lookup *lookup, const struct alert *alert,
                       struct buffer *out) MUST_USE;

/* {"kind":"suspect",…}\n with persons, new_persons and reasons. */
enum result suspect_json(struct lookup *lookup, const struct suspect *suspect,
                         struct buffer *out) MUST_USE;
enum result suspect_text(struct lookup *lookup, const struct suspect *suspect,
                         struct buffer *out) MUST_USE;

/* Centinats as nats with two decimals: "9.31", "-0.70". */
enum result score_print(int32_t centinats, struct buffer *out) MUST_USE;
/* The verdict in words ("have the holder sign in again"). */
const char *verdict_title(enum verdict verdict);

#endif
