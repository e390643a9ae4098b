/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie verify: the ledger checked from its files alone, the root computed
 * anew; proofs and checkpoints, with the keys of who signed them. Reads no
 * look-up and no secret key.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/options_read.h"
#include "cli/verify_against.h"
#include "cli/verify_files.h"
#include "ledger/inspect.h"
#include "ledger/timestamp.h"

struct options {
    const char *data_dir, *tsa_ca, *against;
    bool json;
    struct verify_files files;
};

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie verify --data DIR [FILE…] [--key KEY] [--json]\n"
          "       vigie verify --key KEY FILE…\n"
          "\n"
          "Checks the ledger from its files alone: the digest of every file, "
          "every\n"
          "row, every index, and the root of the Merkle tree over the rows, "
          "computed\n"
          "anew; that each checkpoint ever signed is the root at its size. "
          "Changes\n"
          "nothing, needs no secret key.\n"
          "\n"
          "FILE is a proof (vigie prove), a checkpoint or a folder of "
          "tiles; with\n"
          "--data DIR each checkpoint is held against the ledger.\n"
          "\n"
          "  --key KEY          a verifier key, or a file with one a line: of "
          "the\n"
          "                     ledger (vigie checkpoint --vkey) and of "
          "witnesses;\n"
          "                     without it the one that lies in DIR is "
          "believed\n"
          "  --checkpoint FILE  the same as FILE\n"
          "  --tsa-ca FILE      checks each timestamp under these CAs (PEM)\n"
          "  --json             one object for each damage, then a summary\n"
          "\n"
          "0: all of it holds; 1: something does not; 2: it could not be "
          "read."));
    (void)puts(
        _("\n"
          "  --against OTHER    a data folder or a backup: is it one history "
          "with this\n"
          "                     ledger, or a copy that went on elsewhere?"));
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
        (void)printf("\"%s\"", root);
    else
        (void)printf("null");
    (void)printf(",\"checkpoints\":%" PRIu64 ",\"cosignatures\":%" PRIu64
                 ",\"timestamps\":%" PRIu64 "}\n",
                 inspection->checkpoints, inspection->cosignatures,
                 inspection->timestamps);
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
    if (inspection->checkpoints > 0)
        (void)printf(_("checkpoints: %llu agree with the rows\n"),
                     (unsigned long long)inspection->checkpoints);
    if (inspection->cosignatures + inspection->timestamps > 0)
        (void)printf(_("           %llu cosignatures (%llu by keys that were "
                       "not given), %llu timestamps\n"),
                     (unsigned long long)inspection->cosignatures,
                     (unsigned long long)inspection->unknown_cosignatures,
                     (unsigned long long)inspection->timestamps);
    if (inspection->damages == 0)
        (void)printf(_("The ledger is whole.\n"));
    else
        (void)printf(_("Damages found: %llu.\n"),
                     (unsigned long long)inspection->damages);
}

static bool
add_file(struct options *options, const char *path)
{
    if (options->files.count == VERIFY_FILES_MAX) {
        say_error("verify", "%s", _("too many files"));
        return false;
    }
    options->files.paths[options->files.count++] = path;
    return true;
}

static bool
take_option(void *context, int option)
{
    struct options *options = context;

    switch (option) {
    case 'd':
        options->data_dir = optarg;
        return true;
    case 'j':
        options->json = options->files.json = true;
        return true;
    case 'k':
        return key_files_add("verify", optarg, &options->files.keys) == OK;
    case 'c':
        return add_file(options, optarg);
    case 'a':
        options->against = optarg;
        return true;
    case 't':
        options->tsa_ca = optarg;
        return true;
    default:
        return false;
    }
}

/* True where the command is to go on; else *ret_exit. */
static bool
parse(int argc, char **argv, struct options *options, int *ret_exit)
{
    static const struct option known[] = {
        {"data", required_argument, NULL, 'd'},
        {"json", no_argument, NULL, 'j'},
        {"key", required_argument, NULL, 'k'},
        {"checkpoint", required_argument, NULL, 'c'},
        {"tsa-ca", required_argument, NULL, 't'},
        {"against", required_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const struct options_reader reader = {"verify", known, usage, take_option,
                                          options};

    if (!options_read(&reader, argc, argv, ret_exit))
        return false;
    for (int i = optind; i < argc; i++) {
        if (!add_file(options, argv[i]))
            return false;
    }
    if (options->data_dir == NULL && options->files.count == 0) {
        say_error("verify", "%s",
                  _("--data DIR is needed, or proofs and checkpoints"));
        return false;
    }
    if (options->data_dir == NULL && options->files.keys.count == 0) {
        say_error("verify", "%s",
                  _("whose signature is to be believed? --key KEY, or --data "
                    "DIR"));
        return false;
    }
    return true;
}

static enum result
check_timestamp(void *context, struct text text, struct text response,
                struct reason *why)
{
    const struct options *options = context;
    char time[TIME_TEXT_BYTES];
    int64_t seconds = 0;
    enum result result = timestamp_check(text, response, TEXT(""),
                                         options->tsa_ca, why, &seconds);

    if (result == OK && !options->json && seconds > 0 &&
        seconds < INT64_MAX / TIME_SECOND_US)
        (void)printf(_("timestamp: a checkpoint was there at %s\n"),
                     time_format_utc(seconds * TIME_SECOND_US, time));
    return result;
}

static int
inspect(struct options *options)
{
    const struct verify_files *files = &options->files;
    const struct inspect_options inspect_options = {
        .found = print_found,
        .context = options,
        .keys = files->keys.keys,
        .key_count = files->keys.count,
        .points = files->points,
        .point_count = files->point_count,
        .timestamp = options->tsa_ca != NULL ? check_timestamp : NULL,
    };
    struct inspection inspection = {0};
    char root[2 * HASH_BYTES + 1];
    enum result result =
        ledger_inspect_with(options->data_dir, &inspect_options, &inspection);

    if (result != OK) {
        if (result == E_NOTFOUND)
            say_error("verify", "%s: %s", options->data_dir,
                      _("there is no ledger"));
        else
            say_error("verify", "%s: %s", options->data_dir,
                      result_name(result));
        return EXIT_REFUSED;
    }
    hash_hex(inspection.root, HASH_BYTES, root);
    if (options->json)
        print_json(&inspection, root);
    else
        print_words(&inspection, root);
    return inspection.damages == 0 ? EXIT_DONE : EXIT_FOUND;
}

int
cli_verify(int argc, char **argv)
{
    struct options *options = calloc(1, sizeof(*options));
    enum result result = OK;
    int code;

    if (options == NULL || !parse(argc, argv, options, &code)) {
        code = options == NULL ? EXIT_REFUSED : code;
        free(options);
        return code;
    }
    if (options->files.count > 0 && options->files.keys.count == 0)
        result = key_files_add_own("verify", options->data_dir,
                                   &options->files.keys);
    if (result == OK)
        result = verify_files(&options->files, options->data_dir == NULL);
    if (result != OK)
        code = EXIT_REFUSED;
    else if (options->data_dir != NULL)
        code = inspect(options);
    else
        code = EXIT_DONE;
    if (code == EXIT_DONE && options->files.wrong > 0)
        code = EXIT_FOUND;
    if (code != EXIT_REFUSED && options->against != NULL &&
        options->data_dir != NULL) {
        int told =
            verify_against(options->data_dir, options->against, options->json);

        code = told > code ? told : code;
    }
    verify_files_free(&options->files);
    free(options);
    return code;
}
