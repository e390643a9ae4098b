/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/live_vault.h"

#include <sodium.h>
#include <string.h>

#include "base/time.h"
#include "core/live_inside.h"
#include "core/secrecy_reason.h"
#include "ledger/vault_share.h"

_Static_assert(VAULT_HALF_BYTES == KEY_BYTES, "a half is as long as the key");

/* In memory of libsodium's, locked and in no core dump: taken when core
 * starts, before it gives up the right to lock any. */
struct live_vault {
    int64_t until_us;      /* open; 0: shut */
    int64_t half_until_us; /* of the half that waits; 0: none */
    uint32_t half_uid;
    uint32_t which; /* 1 or 2 */
    uint8_t half[KEY_BYTES];
};

enum result
live_vault_new(struct live *live)
{
    live->vault = sodium_malloc(sizeof(*live->vault));
    if (live->vault == NULL)
        return E_NOMEM;
    sodium_memzero(live->vault, sizeof(*live->vault));
    return OK;
}

void
live_vault_free(struct live *live)
{
    sodium_free(live->vault);
    live->vault = NULL;
}

static enum result
note(struct live *live, struct secrecy *secrecy, struct text reason)
{
    struct row row;
    enum result result =
        secrecy_reason_keep(live->core->lookup, secrecy, reason);

    if (result != OK)
        return result;
    secrecy->time_us = live->now_us;
    secrecy_row(secrecy, &row);
    return core_append(live->core, &row, 1, NULL);
}

static void
forget_half(struct live_vault *vault)
{
    sodium_memzero(vault->half, sizeof(vault->half));
    vault->half_until_us = 0;
    vault->half_uid = vault->which = 0;
}

static enum result
keep_half(struct live *live, const struct live_half *half)
{
    struct live_vault *vault = live->vault;
    struct secrecy secrecy = {
        .act = SECRECY_VAULT_HALF, .count = half->minutes, .uid = half->uid};

    memcpy(vault->half, half->half, sizeof(vault->half));
    vault->which = half->which;
    vault->half_uid = half->uid;
    vault->half_until_us = live->now_us + VAULT_HALF_MINUTES * TIME_MINUTE_US;
    return note(live, &secrecy, half->reason);
}

static enum result
open_both(struct live *live, const struct live_half *half)
{
    struct live_vault *vault = live->vault;
    struct lookup *lookup = live->core->lookup;
    struct secrecy secrecy = {.act = SECRECY_VAULT_OPENED,
                              .count = half->minutes,
                              .uid = half->uid,
                              .second = vault->half_uid};
    uint8_t private_key[KEY_BYTES];
    const uint8_t *public_key = lookup_vault_public(lookup);
    enum result result = E_NOTFOUND;

    if (public_key != NULL)
        result =
            vault_share_join(vault->half, half->half, public_key, private_key);
    forget_half(vault);
    if (result == OK)
        result = note(live, &secrecy, half->reason);
    if (result == OK)
        result = lookup_vault_lend(lookup, private_key);
    if (result == OK)
        vault->until_us = live->now_us + half->minutes * TIME_MINUTE_US;
    sodium_memzero(private_key, sizeof(private_key));
    return result;
}

enum result
live_vault_half(struct live *live, const struct live_half *half, int64_t now_us,
                int64_t *ret_until_us)
{
    struct live_vault *vault = live->vault;
    enum result result;
    bool other;

    if (half->which < 1 || half->which > 2 || half->minutes < 1 ||
        half->minutes > VAULT_MINUTES_MAX || half->reason.length == 0)
        return E_ARGUMENT;
    result = live_clock(live, now_us);
    if (result != OK)
        return result;
    other = vault->half_until_us > live->now_us && vault->which != half->which;
    result = other ? open_both(live, half) : keep_half(live, half);
    if (result == OK)
        *ret_until_us = other ? vault->until_us : 0;
    return result;
}

static enum result
shut(struct live *live, enum secrecy_act act, uint32_t uid, struct text reason)
{
    struct secrecy secrecy = {.act = act, .uid = uid};

    /* first the key, whatever comes of the row */
    lookup_vault_shut(live->core->lookup);
    live->vault->until_us = 0;
    forget_half(live->vault);
    return note(live, &secrecy, reason);
}

enum result
live_vault_close(struct live *live, uint32_t uid, struct text reason,
                 int64_t now_us)
{
    enum result result;

    if (live->vault->until_us == 0 && live->vault->half_until_us == 0)
        return E_NOTFOUND;
    result = live_clock(live, now_us);
    return result == OK ? shut(live, SECRECY_VAULT_CLOSED, uid, reason)
                        : result;
}

enum result
live_vault_unseal(struct live *live, uint32_t uid, struct text sealed,
                  int64_t now_us, uint8_t ret_key[VAULT_HALF_BYTES])
{
    struct secrecy secrecy = {.act = SECRECY_VAULT_USED, .uid = uid};
    uint8_t key[KEY_BYTES];
    enum result result = live_clock(live, now_us);

    if (result == OK &&
        (live->vault->until_us == 0 || live->vault->until_us <= live->now_us))
        result = E_NOTFOUND;
    if (result == OK)
        result = lookup_vault_unseal(live->core->lookup, sealed, key);
    if (result == E_CORRUPT)
        result = E_FORMAT; /* an operator's bytes, not ours */
    if (result == OK)
        result = note(live, &secrecy, TEXT(""));
    if (result == OK)
        memcpy(ret_key, key, sizeof(key));
    sodium_memzero(key, sizeof(key));
    return result;
}

enum result
live_vault_tick(struct live *live, int64_t now_us, bool *ret_changed)
{
    struct live_vault *vault = live->vault;
    enum result result;

    if (vault->half_until_us != 0 && vault->half_until_us <= now_us)
        forget_half(vault);
    if (vault->until_us == 0 || vault->until_us > now_us)
        return OK;
    result = live_clock(live, now_us);
    if (result == OK)
        result = shut(live, SECRECY_VAULT_ENDED, 0, TEXT(""));
    if (result == OK)
        *ret_changed = true;
    return result;
}
