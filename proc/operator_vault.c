/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What operators ask about the vault. The half in a packet is wiped once it
 * was taken; what is answered was made durable first.
 */
#include <stdio.h>

#include "base/hash.h"
#include "base/time.h"
#include "core/live_vault.h"
#include "proc/core_loop.h"
#include "wire/command.h"

enum result
operator_commit(struct core_loop *loop)
{
    loop->changed = true;
    return core_answers_commit(loop);
}

static enum result
take_half(struct core_loop *loop, struct peer *peer,
          const struct wire_command *command)
{
    const uint8_t *bytes = (const uint8_t *)command->name.bytes;
    struct live_half half = {.uid = peer->uid, .reason = command->reason};
    char line[128], time[TIME_TEXT_BYTES];
    int64_t until_us = 0;
    enum result result;

    if (command->name.length != COMMAND_HALF_BYTES)
        return E_ARGUMENT;
    half.which = bytes[0];
    half.minutes = bytes[1] | (unsigned)bytes[2] << 8;
    half.half = bytes + 3;
    result = live_vault_half(loop->live, &half, loop->now_us, &until_us);
    if (result == OK)
        result = operator_commit(loop);
    if (result != OK)
        return result;
    if (until_us == 0)
        (void)snprintf(line, sizeof(line),
                       "{\"kind\":\"vault\",\"state\":\"waiting\"}");
    else
        (void)snprintf(line, sizeof(line),
                       "{\"kind\":\"vault\",\"state\":\"open\",\"until\":"
                       "\"%s\"}",
                       time_format_utc(until_us, time));
    return operator_line(loop, peer, text_of(line));
}

static enum result
unseal(struct core_loop *loop, struct peer *peer,
       const struct wire_command *command)
{
    char line[128], hex[2 * VAULT_HALF_BYTES + 1];
    uint8_t key[VAULT_HALF_BYTES];
    enum result result = live_vault_unseal(loop->live, peer->uid, command->name,
                                           loop->now_us, key);

    if (result == OK)
        result = operator_commit(loop);
    if (result == OK) {
        hash_hex(key, sizeof(key), hex);
        (void)snprintf(line, sizeof(line), "{\"kind\":\"key\",\"key\":\"%s\"}",
                       hex);
        result = operator_line(loop, peer, text_of(line));
    }
    hash_wipe(key, sizeof(key));
    hash_wipe(hex, sizeof(hex));
    hash_wipe(line, sizeof(line));
    return result;
}

enum result
operator_vault(struct core_loop *loop, struct peer *peer,
               const struct wire_command *command)
{
    enum result result;

    if (command->kind == COMMAND_VAULT_UNSEAL)
        return unseal(loop, peer, command);
    if (command->reason.length == 0)
        return E_ARGUMENT;
    if (command->kind == COMMAND_VAULT_HALF) {
        result = take_half(loop, peer, command);
        hash_wipe(loop->received, sizeof(loop->received));
        return result;
    }
    result =
        live_vault_close(loop->live, peer->uid, command->reason, loop->now_us);
    return result == OK ? operator_commit(loop) : result;
}
