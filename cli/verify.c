/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie verify: the ledger checked from its files alone, the root computed
 * anew. Reads no look-up and no key.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/say.h"
#include "cli/cli.h"
#include "ledger/inspect.h"

struct options {
    const char *data_dir;
    bool json;
};

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie verify --data DIR [--json]\n"
          "\n"
          "Checks the ledger from its files alone: the digest of every file, "
          "every\n"
          "row, every index, and the root of the Merkle tree over the rows, "
          "computed\n"
          "anew. Changes nothing, needs no key.\n"
          "\n"
          "  --json    one object for each damage, then a summary\n"
          "\n"
          "0: all of it holds; 1: something does not; 2: it could not be "
          "read."));
}

static void
print_found(void *context, const char *file, const struct reason *reason)
{
    const struct options *options = context;
    struct buffer line = {0};
    enum result result;

    if (!options->json) {
        (void)printf(_("damaged: %s: %s (%s, %llu)\n"), file, reason->rule,
                     reason->field, (unsigned long long)reason->offset);
        return;
    }
    result = buffer_string(&line, "{\"kind\":\"damage\",\"file\":");
    if (result == OK)
        result = buffer_json_string(&line, text_of(file));
    if (result == OK)
        result = buffer_format(
            &line, ",\"rule\":\"%s\",\"field\":\"%s\",\"offset\":%" PRIu64 "}",
            reason->rule, reason->field, reason->offset);
    /* with no memory for the line the count in the summary still tells */
    if (result == OK)
        (void)printf("%.*s\n", (int)line.length, line.bytes);
    buffer_free(&line);
}

static void
print_json(const struct inspection *inspection, const char *root)
{
    const struct ledger_statistics *statistics = &inspection->statistics;

    (void)printf("{\"kind\":\"verify\",\"whole\":%s,\"damages\":%" PRIu64
                 ",\"rows\":%" PRIu64 ",\"sealed_rows\":%" PRIu64
                 ",\"segments\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"root\":",
                 inspection->damages == 0 ? "true" : "false",
                 inspection->damages, statistics->rows, statistics->sealed_rows,
                 statistics->segments,
                 statistics->sealed_bytes + statistics->open_bytes);
    if (inspection->root_known)
        (void)printf("\"%s\"}\n", root);
    else
        (void)printf("null}\n");
}

static void
print_words(const struct inspection *inspection, const char *root)
{
    const struct ledger_statistics *statistics = &inspection->statistics;

    (void)printf(_("rows:      %llu (%llu in %llu sealed segments)\n"),
                 (unsigned long long)statistics->rows,
                 (unsigned long long)statistics->sealed_rows,
                 (unsigned long long)statistics->segments);
    if (inspection->root_known)
        (void)printf(_("root:      %s\n"), root);
    else
        (void)printf(_("root:      cannot be computed\n"));
    if (inspection->damages == 0)
        (void)printf(_("The ledger is whole.\n"));
    else
        (void)printf(_("Damages found: %llu.\n"),
                     (unsigned long long)inspection->damages);
}

/* True where the command is to go on; else *ret_exit. */
static bool
parse(int argc, char **argv, struct options *options, int *ret_exit)
{
    static const struct option known[] = {
        {"data", required_argument, NULL, 'd'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    *ret_exit = EXIT_REFUSED;
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'd':
            options->data_dir = optarg;
            break;
        case 'j':
            options->json = true;
            break;
        case 'h':
            usage();
            *ret_exit = EXIT_DONE;
            return false;
        default:
            say_error("verify", "%s",
                      _("unknown option, or one without its "
                        "value (--help lists them)"));
            return false;
        }
    }
    if (options->data_dir == NULL || optind < argc) {
        say_error("verify", "%s", _("--data DIR is needed, and nothing else"));
        return false;
    }
    return true;
}

int
cli_verify(int argc, char **argv)
{
    struct options options = {0};
    struct inspection inspection = {0};
    char root[2 * HASH_BYTES + 1];
    enum result result;
    int code;

    if (!parse(argc, argv, &options, &code))
        return code;
    result =
        ledger_inspect(options.data_dir, print_found, &options, &inspection);
    if (result != OK) {
        if (result == E_NOTFOUND)
            say_error("verify", "%s: %s", options.data_dir,
                      _("there is no ledger"));
        else
            say_error("verify", "%s: %s", options.data_dir,
                      result_name(result));
        return EXIT_REFUSED;
    }
    hash_hex(inspection.root, HASH_BYTES, root);
    if (options.json)
        print_json(&inspection, root);
    else
        print_words(&inspection, root);
    return inspection.damages == 0 ? EXIT_DONE : EXIT_FOUND;
}
