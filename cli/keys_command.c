/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie keys: a new machine key for data that no core serves.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/secrecy_data.h"
#include "core/secrecy_reason.h"
#include "scope/step.h"

#define COMMAND "keys"

enum option_code { OPTION_DATA = 256, OPTION_KEYS, OPTION_REASON };

static const struct option options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"keys", required_argument, NULL, OPTION_KEYS},
    {"reason", required_argument, NULL, OPTION_REASON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie keys rotate --data DIR --reason R\n"
          "\n"
          "A new machine.key: operators' values are enciphered anew, names "
          "lie under it and\n"
          "those before, so that a stolen older key opens nothing and tries "
          "nothing. Ids,\n"
          "habits and counts stay. No core may be running. Killed at any "
          "point, it was or\n"
          "was not.\n"
          "\n"
          "  --reason R         why\n"
          "  --keys DIR         where the keys are"));
}

static int
refuse(const char *why)
{
    say_error(COMMAND, "%s", why);
    return EXIT_REFUSED;
}

static int
rotate(const char *data_dir, const char *keys_dir, const char *reason)
{
    struct secrecy_data data = {0};
    struct secrecy secrecy = {.act = SECRECY_KEYS_ROTATED,
                              .uid = (uint32_t)getuid(),
                              .time_us = time_now_us()};
    enum result result;
    size_t epochs;

    if (!secrecy_data_open(COMMAND, data_dir, keys_dir, &data))
        return EXIT_REFUSED;
    result = lookup_rotate(data.lookup);
    epochs = lookup_key_epochs(data.lookup);
    secrecy.count = epochs;
    STEP(secrecy_note(data.ledger, data.lookup, &secrecy, text_of(reason)));
    result = secrecy_data_close(&data, result);
    if (result == E_LIMIT)
        return refuse(_("there were too many keys already, or the reason is "
                        "too long"));
    if (result != OK)
        return refuse(_(result_name(result)));
    (void)printf(_("There is a new machine.key; keys before it: %zu. Put it "
                   "where you keep its copy,\nand destroy the copies of the "
                   "old one.\n"),
                 epochs);
    return EXIT_DONE;
}

int
cli_keys(int argc, char **argv)
{
    const char *data = NULL, *keys = NULL, *reason = NULL;
    int code;

    optind = 0;
    opterr = 0;
    while ((code = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (code) {
        case OPTION_DATA:
            data = optarg;
            break;
        case OPTION_KEYS:
            keys = optarg;
            break;
        case OPTION_REASON:
            reason = optarg;
            break;
        case 'h':
            usage();
            return EXIT_DONE;
        default:
            return refuse(_("unknown option, or one without its value "
                            "(--help lists them)"));
        }
    }
    if (optind + 1 != argc || strcmp(argv[optind], "rotate") != 0)
        return refuse(_("one word: rotate"));
    if (data == NULL)
        return refuse(_("--data DIR is missing"));
    if (reason == NULL || reason[0] == '\0')
        return refuse(_("--reason is missing"));
    return rotate(data, keys, reason);
}
