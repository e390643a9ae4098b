/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The vault while core is live: two halves come, from one operator or from
 * two, make the private key in locked memory, and it goes by itself when its
 * time is over. Never on a disk. Each of these is a row.
 */
#ifndef VIGIE_CORE_LIVE_VAULT_H
#define VIGIE_CORE_LIVE_VAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

struct live;

#define VAULT_MINUTES_USUAL 60
#define VAULT_MINUTES_MAX 480
/* A half waits so long for the other one. */
#define VAULT_HALF_MINUTES 10
#define VAULT_HALF_BYTES 32

struct live_half {
    unsigned which; /* 1 or 2 */
    const uint8_t *half;
    unsigned minutes; /* those of the second half count */
    uint32_t uid;
    struct text reason;
};

/* *ret_until_us: open until then; 0: waits for the other half. E_ARGUMENT;
 * E_DENIED: the two do not make the key of this vault, both are forgotten. */
enum result live_vault_half(struct live *live, const struct live_half *half,
                            int64_t now_us, int64_t *ret_until_us) MUST_USE;
/* E_NOTFOUND where it is not open and no half waits. */
enum result live_vault_close(struct live *live, uint32_t uid,
                             struct text reason, int64_t now_us) MUST_USE;
/* What a sealed box of this look-up holds (VAULT_SEALED_BYTES). E_NOTFOUND:
 * the vault is shut. */
enum result live_vault_unseal(struct live *live, uint32_t uid,
                              struct text sealed, int64_t now_us,
                              uint8_t ret_key[VAULT_HALF_BYTES]) MUST_USE;
/* Every second: ends what is over. *ret_changed: rows were written. */
enum result live_vault_tick(struct live *live, int64_t now_us,
                            bool *ret_changed) MUST_USE;

#endif
