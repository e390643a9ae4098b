/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The vault for a command that reads: both shares given to it, or the core
 * that was lent them.
 */
#ifndef VIGIE_CLI_QUERY_VAULT_H
#define VIGIE_CLI_QUERY_VAULT_H

#include "cli/query_options.h"

/* After the look-up was opened. OK where nothing was given. Said. */
enum result query_vault_open(struct query *query) MUST_USE;

#endif
