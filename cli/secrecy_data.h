/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Ledger and look-up of data that no core serves, both open for writing, for
 * the commands that change what names there are. Errors are said.
 */
#ifndef VIGIE_CLI_SECRECY_DATA_H
#define VIGIE_CLI_SECRECY_DATA_H

#include <stdbool.h>

#include "core/erasing.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"

struct secrecy_data {
    struct ledger *ledger;
    struct lookup *lookup;
};

bool secrecy_data_open(const char *command, const char *data_dir,
                       const char *keys_dir, struct secrecy_data *ret_data);
void secrecy_data_erasing(struct secrecy_data *data,
                          struct erasing *ret_erasing);
/* Look-up first, then rows, where `result` is OK. Gives it back, or what went
 * wrong at the end. */
enum result secrecy_data_close(struct secrecy_data *data,
                               enum result result) MUST_USE;

#endif
