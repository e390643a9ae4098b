/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files of vigie vault share. */
#ifndef VIGIE_CLI_VAULT_RUN_H
#define VIGIE_CLI_VAULT_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "core/live_vault.h"
#include "ledger/vault_share.h"

struct vault_run {
    const char *data, *keys, *out, *reason, *socket, *conf;
    const char *holders[VAULT_HOLDERS];
    size_t holder_count;
    const char *shares[VAULT_HOLDERS];
    size_t share_count;
    int passphrase_fd;
    uint64_t minutes;
};

int vault_refuse(const char *why);
int vault_live_open(struct vault_run *run);
int vault_live_close(struct vault_run *run);

#endif
