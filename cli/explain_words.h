/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The words of an explanation that text and JSON share: what decided, what a
 * sign was compared with. Knows no names.
 */
#ifndef VIGIE_CLI_EXPLAIN_WORDS_H
#define VIGIE_CLI_EXPLAIN_WORDS_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/result.h"
#include "model/verdict.h"
#include "scope/alert_read.h"

#define EXPLAIN_DECISIONS 9

/* Of bit `at` of enum decision: its stable word, and a sentence. */
const char *explain_decision_name(size_t at);
const char *explain_decision_text(size_t at);

/* The stable word of an enum sign_basis; NULL: not said. */
const char *explain_basis_name(unsigned basis);
/* "habit known since 03/06/2026 (21 active days)": a local date. */
enum result explain_basis_text(const struct sign *sign,
                               const struct alert_past *past,
                               struct buffer *out) MUST_USE;

#endif
