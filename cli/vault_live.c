/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie vault open, close: of the core that runs, over the operators' socket.
 * The halves are opened here and go there one by one.
 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/say.h"
#include "cli/cli.h"
#include "cli/operator_socket.h"
#include "cli/share_files.h"
#include "cli/vault_run.h"
#include "proc/operator_client.h"

#define COMMAND "vault"

static int
ask(struct vault_run *run, const struct wire_command *command)
{
    enum result outcome = OK;
    enum result result = operator_client_ask(run->socket, command, NULL,
                                             operator_socket_print, &outcome);

    if (result == OK && outcome == E_NOTFOUND)
        return vault_refuse(_("the vault is not open"));
    if (result == OK && outcome == E_DENIED)
        return vault_refuse(_("refused: you are no operator of this core, or "
                              "the two halves are not of this vault"));
    return operator_outcome(COMMAND, result, outcome);
}

static int
send_half(struct vault_run *run, const char *path)
{
    struct vault_share share;
    uint8_t packed[COMMAND_HALF_BYTES];
    struct wire_command command = {
        .kind = COMMAND_VAULT_HALF,
        .name = {(const char *)packed, sizeof(packed)},
        .reason = text_of(run->reason)};
    enum result result =
        share_file_open(COMMAND, path, run->passphrase_fd, &share, packed + 3);
    int code;

    if (result != OK)
        return EXIT_REFUSED;
    packed[0] = (uint8_t)share.which;
    packed[1] = (uint8_t)run->minutes;
    packed[2] = (uint8_t)(run->minutes >> 8);
    code = ask(run, &command);
    hash_wipe(packed, sizeof(packed));
    return code;
}

int
vault_live_open(struct vault_run *run)
{
    struct settings *settings = NULL;
    int code;

    if (run->share_count == 0)
        return vault_refuse(_("--share FILE is missing"));
    if (run->reason == NULL || run->reason[0] == '\0')
        return vault_refuse(_("--reason is missing"));
    code = operator_socket_find(COMMAND, run->conf, &run->socket, &settings);
    for (size_t i = 0; i < run->share_count && code < 0; i++) {
        code = send_half(run, run->shares[i]);
        if (code == EXIT_DONE && i + 1 < run->share_count)
            code = -1;
    }
    settings_free(settings);
    return code;
}

int
vault_live_close(struct vault_run *run)
{
    struct wire_command command = {.kind = COMMAND_VAULT_CLOSE};
    struct settings *settings = NULL;
    int code;

    if (run->reason == NULL || run->reason[0] == '\0')
        return vault_refuse(_("--reason is missing"));
    command.reason = text_of(run->reason);
    code = operator_socket_find(COMMAND, run->conf, &run->socket, &settings);
    if (code < 0)
        code = ask(run, &command);
    settings_free(settings);
    return code;
}
