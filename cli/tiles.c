/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie tiles: the ledger as static files that any web server can serve and
 * others' tools can read (C2SP tlog-tiles). Ids only: no name is in a row.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/say.h"
#include "cli/cli.h"
#include "cli/key_files.h"
#include "cli/options_read.h"
#include "ledger/tiles.h"

struct options {
    const char *data_dir, *to;
    bool json;
};

static void
usage(void)
{
    (void)puts(_(
        "Usage: vigie tiles --data DIR --to FOLDER\n"
        "\n"
        "Writes what the last checkpoint covers as static files (C2SP\n"
        "tlog-tiles): checkpoint, tile/L/N, tile/entries/N. Files that are "
        "there\n"
        "already stay. Rows hold random ids and times, no name: whoever gets\n"
        "them learns how much is done and when.\n"
        "\n"
        "  --to FOLDER  where any web server finds them\n"
        "  --json       one object"));
}

static bool
take_option(void *context, int option)
{
    struct options *options = context;

    switch (option) {
    case 'd':
        options->data_dir = optarg;
        return true;
    case 't':
        options->to = optarg;
        return true;
    case 'j':
        options->json = true;
        return true;
    default:
        return false;
    }
}

static bool
parse(int argc, char **argv, struct options *options, int *ret_exit)
{
    static const struct option known[] = {
        {"data", required_argument, NULL, 'd'},
        {"to", required_argument, NULL, 't'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const struct options_reader reader = {"tiles", known, usage, take_option,
                                          options};

    if (!options_read(&reader, argc, argv, ret_exit))
        return false;
    if (options->data_dir == NULL || options->to == NULL || optind < argc) {
        say_error("tiles", "%s",
                  _("--data DIR and --to FOLDER are needed, and nothing else"));
        return false;
    }
    return true;
}

static enum result
write_tiles(const struct options *options, uint64_t *ret_size,
            uint64_t *ret_written)
{
    char path[4096];
    struct given_checkpoint latest = {0};
    struct ledger *ledger = NULL;
    struct reason why = {0};
    enum result result;

    if (snprintf(path, sizeof(path), "%s/checkpoints/latest",
                 options->data_dir) >= (int)sizeof(path))
        return E_LIMIT;
    result = key_files_checkpoint("tiles", path, NULL, &latest);
    if (result != OK)
        return result;
    result = ledger_open(options->data_dir, LEDGER_READ, &why, NULL, &ledger);
    if (result == OK)
        result =
            tiles_write(options->data_dir, ledger, buffer_as_text(&latest.text),
                        latest.checkpoint.size, options->to, ret_written);
    *ret_size = latest.checkpoint.size;
    if (result != OK)
        say_error(options->to, "%s %s", _(result_name(result)),
                  why.rule == NULL ? "" : why.rule);
    ledger_free(ledger);
    buffer_free(&latest.text);
    return result;
}

int
cli_tiles(int argc, char **argv)
{
    struct options options = {0};
    uint64_t size = 0, written = 0;
    int code;

    if (!parse(argc, argv, &options, &code))
        return code;
    if (write_tiles(&options, &size, &written) != OK)
        return EXIT_REFUSED;
    if (options.json)
        (void)printf("{\"kind\":\"tiles\",\"size\":%" PRIu64
                     ",\"files\":%" PRIu64 "}\n",
                     size, written);
    else
        (void)printf(_("%llu rows, %llu new files in %s\n"),
                     (unsigned long long)size, (unsigned long long)written,
                     options.to);
    return EXIT_DONE;
}
