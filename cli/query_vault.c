/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/query_vault.h"

#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/say.h"
#include "base/time.h"
#include "cli/share_files.h"
#include "core/secrecy_reason.h"
#include "ledger/vault.h"
#include "proc/operator_client.h"

/* {"kind":"key","key":"<64 hex>"} */
#define KEY_LINE "{\"kind\":\"key\",\"key\":\""

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum result
take_key(void *context, struct text line)
{
    uint8_t *key = context;

    if (!text_starts(line, KEY_LINE) ||
        line.length < sizeof(KEY_LINE) - 1 + (size_t)2 * KEY_BYTES)
        return E_FORMAT;
    line = text_after(line, sizeof(KEY_LINE) - 1);
    for (size_t i = 0; i < KEY_BYTES; i++) {
        int high = hex_digit(line.bytes[2 * i]);
        int low = hex_digit(line.bytes[2 * i + 1]);

        if (high < 0 || low < 0)
            return E_FORMAT;
        key[i] = (uint8_t)(high << 4 | low);
    }
    return OK;
}

/* A refusal leaves the values shut, as where nobody was asked. */
static enum result
ask_core(void *context, const uint8_t *sealed, uint8_t *ret_key)
{
    struct query *query = context;
    struct wire_command command = {
        .kind = COMMAND_VAULT_UNSEAL,
        .name = {(const char *)sealed, VAULT_SEALED_BYTES}};
    uint8_t key[KEY_BYTES];
    enum result outcome = OK;
    enum result result = operator_client_ask(query->vault_socket, &command, key,
                                             take_key, &outcome);

    if (result == OK)
        result = outcome;
    if (result == OK)
        memcpy(ret_key, key, sizeof(key));
    else if (!query->vault_said)
        say_error(query->command, "%s (%s)",
                  _("the running core does not open the vault"),
                  _(result_name(result)));
    if (result != OK)
        query->vault_said = true;
    hash_wipe(key, sizeof(key));
    return result == OK ? OK : E_DENIED;
}

/* Where somebody opens the names, the ledger says so, as far as it can: one
 * that another writes into cannot be written by us. */
static enum result
note_opening(struct query *query)
{
    struct secrecy secrecy = {.act = SECRECY_VAULT_SHARES,
                              .uid = (uint32_t)getuid(),
                              .number = hash_random_u64(),
                              .time_us = time_now_us()};
    struct ledger *ledger = NULL;
    struct row row;
    enum result result =
        ledger_open(query->data_dir, LEDGER_WRITE, NULL, NULL, &ledger);

    secrecy_row(&secrecy, &row);
    if (result == OK)
        result = ledger_append(ledger, &row, 1, NULL);
    if (result == OK)
        result = ledger_close(ledger);
    else
        ledger_free(ledger);
    if (result != OK) {
        say_error(query->command, "%s (%s)",
                  _("the opening of the vault could not be written into the "
                    "ledger, so it stays shut; beside a running core: vigie "
                    "vault open, and --vault SOCKET here"),
                  _(result_name(result)));
        query->said = true;
    }
    return result;
}

static enum result
open_shares(struct query *query)
{
    uint8_t private_key[KEY_BYTES];
    enum result result = share_files_open(
        query->command, query->shares.items, query->shares.count,
        query->passphrase_fd, lookup_vault_public(query->lookup), private_key);

    if (result != OK) {
        query->said = true;
        return result;
    }
    result = note_opening(query);
    if (result == OK)
        result = lookup_vault_lend(query->lookup, private_key);
    hash_wipe(private_key, sizeof(private_key));
    return result;
}

enum result
query_vault_open(struct query *query)
{
    if (query->shares.count > 0)
        return open_shares(query);
    if (query->vault_socket != NULL)
        return lookup_vault_ask(query->lookup, ask_core, query);
    return OK;
}
