/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie backup: a copy of the data folder elsewhere, while core runs, or the
 * check of such a copy. Needs no key.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/options_read.h"
#include "ledger/backup.h"

struct options {
    const char *data_dir, *to;
    bool check, json;
};

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie backup --data DIR --to DIR [--json]\n"
          "       vigie backup --check --to DIR [--json]\n"
          "\n"
          "Copies ledger, look-up and checkpoints into the folder --to, while "
          "the daemon\n"
          "runs. Sealed segments are copied once; the rest is small and "
          "copied anew each\n"
          "time. Keys are never copied: keep the keys folder elsewhere. Back "
          "from it:\n"
          "vigie recover.\n"
          "\n"
          "  --check   reads the whole backup: is each byte what was copied?\n"
          "  --json    one object\n"
          "\n"
          "0: done; 1: --check found something; 2: refused or failed."));
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
    case 'c':
        options->check = true;
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
        {"check", no_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const struct options_reader reader = {"backup", known, usage, take_option,
                                          options};

    if (!options_read(&reader, argc, argv, ret_exit))
        return false;
    if (options->to == NULL || optind < argc ||
        (options->data_dir == NULL) != options->check) {
        say_error("backup", "%s",
                  _("--to DIR is needed, with --data DIR or with --check"));
        return false;
    }
    return true;
}

static void
print_found(void *context, const char *file, const struct reason *reason)
{
    (void)context;
    (void)fprintf(stderr, _("damaged: %s: %s (%s, %llu)\n"), file, reason->rule,
                  reason->field, (unsigned long long)reason->offset);
}

static void
print_json(const struct options *options, const struct backup_report *report,
           uint64_t damages)
{
    char taken[TIME_TEXT_BYTES], root[2 * HASH_BYTES + 1];

    hash_hex(report->root, HASH_BYTES, root);
    (void)printf("{\"kind\":\"backup\",\"generation\":%" PRIu64
                 ",\"taken\":\"%s\",\"rows\":%" PRIu64
                 ",\"root\":\"%s\",\"segments\":%" PRIu64,
                 report->generation, time_format_utc(report->taken_us, taken),
                 report->rows, root, report->segments);
    if (options->check)
        (void)printf(",\"damages\":%" PRIu64 "}\n", damages);
    else
        (void)printf(",\"segments_copied\":%" PRIu64
                     ",\"bytes_copied\":%" PRIu64 "}\n",
                     report->segments_copied, report->bytes_copied);
}

static void
print_words(const struct options *options, const struct backup_report *report,
            uint64_t damages)
{
    char taken[TIME_TEXT_BYTES], root[2 * HASH_BYTES + 1];

    hash_hex(report->root, HASH_BYTES, root);
    (void)printf(_("backup:    no. %llu, of %s\n"),
                 (unsigned long long)report->generation,
                 time_format_local(report->taken_us, taken));
    (void)printf(_("rows:      %llu (%llu sealed segments)\n"),
                 (unsigned long long)report->rows,
                 (unsigned long long)report->segments);
    (void)printf(_("root:      %s\n"), root);
    if (!options->check)
        (void)printf(_("copied:    %llu segments, %llu bytes in all\n"),
                     (unsigned long long)report->segments_copied,
                     (unsigned long long)report->bytes_copied);
    else if (damages == 0)
        (void)printf(_("The backup is whole.\n"));
    else
        (void)printf(_("Damages found: %llu.\n"), (unsigned long long)damages);
}

static void
say_failure(const struct options *options, enum result result,
            const struct reason *why)
{
    const char *folder = options->check ? options->to : options->data_dir;

    if (result == E_NOTFOUND && options->check)
        say_error("backup", "%s: %s", folder, _("there is no backup here"));
    else if (result == E_NOTFOUND)
        say_error("backup", "%s: %s", folder, _("there is no ledger"));
    else if (result == E_EXISTS && why->rule != NULL &&
             strcmp(why->rule, "backup-parted") == 0)
        say_error("backup", "%s: %s (%s, %llu)", options->to,
                  _("this backup has rows that the ledger has not: one of the "
                    "two is a copy that went on elsewhere, or went back; "
                    "nothing was copied"),
                  why->rule, (unsigned long long)why->offset);
    else if (result == E_EXISTS)
        say_error("backup", "%s: %s", options->to,
                  _("this folder has the backup of another ledger"));
    else if (why->rule != NULL)
        say_error("backup", "%s: %s (%s %s)", folder, _(result_name(result)),
                  why->rule, why->field);
    else
        say_error("backup", "%s: %s", folder, _(result_name(result)));
}

int
cli_backup(int argc, char **argv)
{
    struct options options = {0};
    struct backup_report report = {0};
    struct reason why = {0};
    uint64_t damages = 0;
    enum result result;
    int code;

    if (!parse(argc, argv, &options, &code))
        return code;
    result = time_zone_set("Europe/Paris");
    if (result == OK && options.check)
        result = backup_check(options.to, print_found, NULL, &report, &damages);
    else if (result == OK)
        result = backup_take(options.data_dir, options.to, &why, &report);
    if (result != OK) {
        say_failure(&options, result, &why);
        return EXIT_REFUSED;
    }
    if (options.json)
        print_json(&options, &report, damages);
    else
        print_words(&options, &report, damages);
    return damages == 0 ? EXIT_DONE : EXIT_FOUND;
}
