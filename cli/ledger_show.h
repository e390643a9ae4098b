/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the parts of vigie ledger share: opening, where keys need not be here.
 */
#ifndef VIGIE_CLI_LEDGER_SHOW_H
#define VIGIE_CLI_LEDGER_SHOW_H

#include "cli/query_options.h"

/* The ledger, and the look-up where its keys are here: else query->lookup is
 * NULL and stderr says what that costs. */
enum result ledger_show_open(struct query *query) MUST_USE;
/* vigie ledger stat */
enum result ledger_show_stat(struct query *query) MUST_USE;

#endif
