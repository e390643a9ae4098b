/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie verify --against OTHER: whether two copies of a ledger are one
 * history.
 */
#ifndef VIGIE_CLI_VERIFY_AGAINST_H
#define VIGIE_CLI_VERIFY_AGAINST_H

#include <stdbool.h>

/* `other`: a data folder or a backup. Prints what it finds; the exit code. */
int verify_against(const char *data_dir, const char *other, bool json);

#endif
