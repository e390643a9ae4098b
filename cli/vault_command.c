/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie vault: the key of the persons' names, split between two holders.
 * init, split and status work on the keys folder; open and close ask the
 * running core (cli/vault_live.c).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/say.h"
#include "cli/cli.h"
#include "cli/share_files.h"
#include "cli/vault_run.h"
#include "ledger/vault.h"

#define COMMAND "vault"

enum option_code {
    OPTION_DATA = 256,
    OPTION_KEYS,
    OPTION_HOLDER,
    OPTION_OUT,
    OPTION_FD,
    OPTION_SHARE,
    OPTION_REASON,
    OPTION_MINUTES,
    OPTION_SOCKET,
};

static const struct option options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"keys", required_argument, NULL, OPTION_KEYS},
    {"holder", required_argument, NULL, OPTION_HOLDER},
    {"out", required_argument, NULL, OPTION_OUT},
    {"passphrase-fd", required_argument, NULL, OPTION_FD},
    {"share", required_argument, NULL, OPTION_SHARE},
    {"reason", required_argument, NULL, OPTION_REASON},
    {"minutes", required_argument, NULL, OPTION_MINUTES},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"conf", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void
usage(void)
{
    (void)puts(_(
        "Usage: vigie vault init|split --data DIR --holder A --holder B "
        "[--out DIR]\n"
        "       vigie vault status --data DIR\n"
        "       vigie vault open --share FILE [--share FILE] --reason R "
        "[--minutes N]\n"
        "       vigie vault close --reason R\n"
        "\n"
        "Persons' names open only with a key whose two halves two holders "
        "keep off the\n"
        "machine, each under a passphrase.\n"
        "\n"
        "  init               before the first rows: a new pair; A.share and "
        "B.share are\n"
        "                     written, nothing that opens the vault stays\n"
        "  split              the same for data whose vault.key lies beside "
        "them; it is\n"
        "                     then removed\n"
        "  status             where the key is\n"
        "  open               lends it to the running core, in memory, for a "
        "time; each\n"
        "                     holder may bring their half alone, within 10 "
        "minutes\n"
        "  close              takes it back\n"
        "\n"
        "  --out DIR          where the shares are written (here); not in the "
        "data or keys\n"
        "  --passphrase-fd N  reads one line a holder there instead of "
        "asking\n"
        "  --minutes N        60 unless said, 480 at most\n"
        "  --keys DIR         where the keys are\n"
        "  -c, --conf FILE    the configuration, for the socket\n"
        "  --socket PATH      the operators' socket itself"));
}

int
vault_refuse(const char *why)
{
    say_error(COMMAND, "%s", why);
    return EXIT_REFUSED;
}

static int
take_one(struct vault_run *run, int code, const char *value)
{
    switch (code) {
    case OPTION_HOLDER:
        if (run->holder_count == VAULT_HOLDERS)
            return vault_refuse(_("two holders, no more"));
        run->holders[run->holder_count++] = value;
        return -1;
    case OPTION_SHARE:
        if (run->share_count == VAULT_HOLDERS)
            return vault_refuse(_("two shares, no more"));
        run->shares[run->share_count++] = value;
        return -1;
    case OPTION_FD:
        run->passphrase_fd = passphrase_fd_parse(value);
        return run->passphrase_fd < 0
                   ? vault_refuse(_("--passphrase-fd: no descriptor"))
                   : -1;
    case OPTION_MINUTES:
        if (text_to_u64(text_of(value), VAULT_MINUTES_MAX, &run->minutes) !=
                OK ||
            run->minutes == 0)
            return vault_refuse(_("--minutes: 1 to 480"));
        return -1;
    case 'h':
        usage();
        return EXIT_DONE;
    default:
        return vault_refuse(_("unknown option, or one without its value "
                              "(--help lists them)"));
    }
}

static int
take_option(struct vault_run *run, int code, const char *value)
{
    const struct {
        int code;
        const char **text;
    } texts[] = {{OPTION_DATA, &run->data},     {OPTION_KEYS, &run->keys},
                 {OPTION_OUT, &run->out},       {OPTION_REASON, &run->reason},
                 {OPTION_SOCKET, &run->socket}, {'c', &run->conf}};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].code == code) {
            *texts[i].text = value;
            return -1;
        }
    }
    return take_one(run, code, value);
}

static enum result
find_keys(const struct vault_run *run, struct buffer *ret_dir)
{
    struct buffer dir = {.ceiling = 4096};
    enum result result;

    if (run->keys == NULL)
        return keys_default_dir(run->data, ret_dir);
    result = buffer_string(&dir, run->keys);
    if (result == OK)
        result = buffer_byte(&dir, '\0');
    if (result != OK) {
        buffer_free(&dir);
        return result;
    }
    dir.length--;
    *ret_dir = dir;
    return OK;
}

/* Whether `inside` is, or lies in, the folder. */
static bool
lies_in(const char *inside, const char *folder)
{
    char *real = realpath(inside, NULL), *above = realpath(folder, NULL);
    size_t length = above == NULL ? 0 : strlen(above);
    bool lies = real != NULL && above != NULL &&
                strncmp(real, above, length) == 0 &&
                (real[length] == '/' || real[length] == '\0');

    free(real);
    free(above);
    return lies;
}

static int
make_shares(struct vault_run *run, const char *keys,
            const uint8_t private_key[KEY_BYTES])
{
    if (run->holder_count != VAULT_HOLDERS)
        return vault_refuse(_("--holder is needed twice"));
    if (lies_in(run->out, run->data) || lies_in(run->out, keys))
        return vault_refuse(_("--out: the shares do not belong beside the "
                              "data or the keys"));
    return share_files_make(COMMAND, private_key, run->holders, run->out,
                            run->passphrase_fd) == OK
               ? EXIT_DONE
               : EXIT_REFUSED;
}

static void
say_shares(const struct vault_run *run)
{
    (void)printf(_("The vault is split: %s/%s.share and %s/%s.share. Give "
                   "each to its holder,\noff this machine; both are needed, "
                   "and nothing replaces a lost one.\n"),
                 run->out, run->holders[0], run->out, run->holders[1]);
}

static int
init(struct vault_run *run, const char *keys)
{
    uint8_t private_key[KEY_BYTES], public_key[KEY_BYTES];
    enum result result = keys_load(keys, "vault.pub", false, public_key);
    int code;

    if (result == OK)
        return vault_refuse(_("there is a vault already (vigie vault split "
                              "for a local one)"));
    if (result == E_NOTFOUND)
        result = file_make_folder(keys);
    if (result == OK)
        result = vault_new(private_key);
    if (result != OK)
        return vault_refuse(_(result_name(result)));
    code = make_shares(run, keys, private_key);
    if (code == EXIT_DONE) {
        result = vault_adopt(keys, private_key);
        if (result != OK)
            code = vault_refuse(_(result_name(result)));
        else
            say_shares(run);
    }
    hash_wipe(private_key, sizeof(private_key));
    return code;
}

static int
split(struct vault_run *run, const char *keys)
{
    uint8_t private_key[KEY_BYTES];
    struct vault *vault = NULL;
    bool made;
    enum result result = vault_open(keys, false, &made, &vault);
    int code;

    if (result == OK)
        result = vault_local_key(keys, private_key);
    vault_free(vault);
    if (result == E_NOTFOUND)
        return vault_refuse(_("there is no vault.key to be split"));
    if (result != OK)
        return vault_refuse(_(result_name(result)));
    code = make_shares(run, keys, private_key);
    hash_wipe(private_key, sizeof(private_key));
    if (code != EXIT_DONE)
        return code;
    if (vault_forget(keys) != OK)
        return vault_refuse(_("vault.key could not be removed: do it now"));
    say_shares(run);
    (void)puts(_("vault.key is gone from the keys folder. A copy in a backup, "
                 "or blocks that the\ndisk kept, still open the vault: destroy "
                 "those backups."));
    return EXIT_DONE;
}

static int
status(const char *keys)
{
    uint8_t key[KEY_BYTES];
    enum result result = keys_load(keys, "vault.pub", false, key);

    if (result == E_NOTFOUND) {
        (void)puts(_("no vault yet"));
        return EXIT_DONE;
    }
    if (result == OK)
        result = vault_local_key(keys, key);
    hash_wipe(key, sizeof(key));
    if (result == OK) {
        (void)puts(_("local: vault.key lies beside machine.key, and opens "
                     "every name (vigie vault split)"));
        return EXIT_FOUND;
    }
    if (result != E_NOTFOUND)
        return vault_refuse(_(result_name(result)));
    (void)puts(_("split: nothing here opens it"));
    return EXIT_DONE;
}

static int
on_folder(struct vault_run *run, const char *word)
{
    struct buffer keys = {0};
    bool makes = strcmp(word, "init") == 0;
    enum result result = OK;
    int code;

    if (run->data == NULL)
        return vault_refuse(_("--data DIR is missing"));
    if (makes)
        result = file_make_folder(run->data);
    if (result == OK)
        result = find_keys(run, &keys);
    if (result != OK)
        return vault_refuse(_(result_name(result)));
    if (makes)
        code = init(run, keys.bytes);
    else if (strcmp(word, "split") == 0)
        code = split(run, keys.bytes);
    else
        code = status(keys.bytes);
    buffer_free(&keys);
    return code;
}

int
cli_vault(int argc, char **argv)
{
    struct vault_run run = {.passphrase_fd = -1,
                            .minutes = VAULT_MINUTES_USUAL,
                            .out = ".",
                            .conf = NULL};
    const char *word;
    int exit_code = -1, code;

    optind = 0;
    opterr = 0;
    while (exit_code < 0 &&
           (code = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
        exit_code = take_option(&run, code, optarg);
    if (exit_code >= 0)
        return exit_code;
    if (optind + 1 != argc)
        return vault_refuse(_("one of init, split, status, open, close"));
    word = argv[optind];
    if (strcmp(word, "open") == 0)
        return vault_live_open(&run);
    if (strcmp(word, "close") == 0)
        return vault_live_close(&run);
    if (strcmp(word, "init") != 0 && strcmp(word, "split") != 0 &&
        strcmp(word, "status") != 0)
        return vault_refuse(_("one of init, split, status, open, close"));
    return on_folder(&run, word);
}
