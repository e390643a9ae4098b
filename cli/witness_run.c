/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie witness: cosigns the checkpoints of other regions' ledgers (C2SP
 * tlog-witness), so that none of them can show two histories.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "cli/cli.h"
#include "cli/key_files.h"
#include "cli/options_read.h"
#include "proc/witness_process.h"

#define WITNESS_KEY_FILE "witness.key"

struct options {
    const char *state, *keys, *name, *listen;
    struct key_list logs;
    bool vkey;
};

static void
usage(void)
{
    (void)puts(_(
        "Usage: vigie witness --state DIR --keys DIR --name NAME --log KEY…\n"
        "                     --listen unix:PATH | 127.0.0.1:PORT\n"
        "       vigie witness --keys DIR --name NAME --vkey\n"
        "\n"
        "Cosigns checkpoints of other regions' ledgers, each only if the one\n"
        "before is a part of it (C2SP tlog-witness). Run it behind nginx, on\n"
        "another machine, by another operator than the ledger's.\n"
        "\n"
        "  --state DIR     the last checkpoint of each log\n"
        "  --keys DIR      where the witness's own key is, made where missing\n"
        "  --name NAME     of that key: a URL without schema\n"
        "  --log KEY       a log's verifier key, or a file with one a line\n"
        "  --listen PLACE  a unix socket, or a port of the loopback\n"
        "  --vkey          prints the witness's verifier key"));
}

static bool
take_option(void *context, int option)
{
    struct options *options = context;

    switch (option) {
    case 's':
        options->state = optarg;
        return true;
    case 'k':
        options->keys = optarg;
        return true;
    case 'n':
        options->name = optarg;
        return true;
    case 'l':
        options->listen = optarg;
        return true;
    case 'v':
        options->vkey = true;
        return true;
    case 'g':
        return key_files_add("witness", optarg, &options->logs) == OK;
    default:
        return false;
    }
}

static bool
parse(int argc, char **argv, struct options *options, int *ret_exit)
{
    static const struct option known[] = {
        {"state", required_argument, NULL, 's'},
        {"keys", required_argument, NULL, 'k'},
        {"name", required_argument, NULL, 'n'},
        {"listen", required_argument, NULL, 'l'},
        {"log", required_argument, NULL, 'g'},
        {"vkey", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const struct options_reader reader = {"witness", known, usage, take_option,
                                          options};

    if (!options_read(&reader, argc, argv, ret_exit))
        return false;
    if (options->keys != NULL && options->name != NULL && optind == argc &&
        (options->vkey || (options->state != NULL && options->listen != NULL &&
                           options->logs.count > 0)))
        return true;
    say_error("witness", "%s",
              _("--state, --keys, --name, --listen and one --log are needed"));
    return false;
}

static enum result
print_key(const struct note_signer *signer)
{
    struct buffer key = {0};
    enum result result = note_signer_key(signer, &key);

    if (result == OK)
        (void)printf("%.*s\n", (int)key.length, key.bytes);
    buffer_free(&key);
    return result;
}

static enum result
run(const struct options *options, const struct note_signer *signer)
{
    struct witness *witness = NULL;
    int listener = -1;
    enum result result =
        witness_open(options->state, signer, options->logs.keys,
                     options->logs.count, &witness);

    if (result != OK) {
        say_error(options->state, "%s",
                  result == E_DENIED ? _("another witness has this folder")
                                     : _(result_name(result)));
        return result;
    }
    result = witness_listen(options->listen, &listener);
    if (result != OK)
        say_error(options->listen, "%s", _(result_name(result)));
    if (result == OK) {
        say_error("witness", "%s", _("ready"));
        result = witness_process_run(listener, witness, options->state);
        if (strncmp(options->listen, "unix:", 5) == 0)
            (void)unlink(options->listen + 5);
        if (result != OK)
            say_error("witness", "%s", _(result_name(result)));
    }
    file_close(&listener);
    witness_free(witness);
    return result;
}

int
cli_witness(int argc, char **argv)
{
    struct options *options = calloc(1, sizeof(*options));
    struct note_signer *signer = NULL;
    enum result result;
    int code = EXIT_REFUSED;

    if (options == NULL || !parse(argc, argv, options, &code)) {
        free(options);
        return code;
    }
    result = note_signer_open(options->keys, WITNESS_KEY_FILE, options->name,
                              true, true, &signer);
    if (result != OK)
        say_error(options->keys, "%s", _(result_name(result)));
    else
        result = options->vkey ? print_key(signer) : run(options, signer);
    note_signer_free(signer);
    free(options);
    return result == OK ? EXIT_DONE : EXIT_REFUSED;
}
