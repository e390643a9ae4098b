/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie recover: a data folder from a backup, or only the segments that have
 * rotted. Needs no key.
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
    const char *data_dir, *from;
    bool segments, json;
};

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie recover --from BACKUP --data DIR [--json]\n"
          "       vigie recover --segments --from BACKUP --data DIR [--json]\n"
          "\n"
          "Makes the data folder from a backup (vigie backup), every byte "
          "checked. Nothing\n"
          "is written over: DIR must have no ledger, look-up or checkpoints. "
          "Two rows are\n"
          "added: a gap from the last row on, and one that tells this ledger "
          "from whatever\n"
          "may have gone on elsewhere. The keys folder comes from its own "
          "copy.\n"
          "\n"
          "  --segments  only puts back sealed segments that have rotted or "
          "are gone;\n"
          "              the daemon may run\n"
          "  --json      one object"));
}

static bool
take_option(void *context, int option)
{
    struct options *options = context;

    switch (option) {
    case 'd':
        options->data_dir = optarg;
        return true;
    case 'f':
        options->from = optarg;
        return true;
    case 's':
        options->segments = true;
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
        {"from", required_argument, NULL, 'f'},
        {"segments", no_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const struct options_reader reader = {"recover", known, usage, take_option,
                                          options};

    if (!options_read(&reader, argc, argv, ret_exit))
        return false;
    if (options->from == NULL || options->data_dir == NULL || optind < argc) {
        say_error("recover", "%s",
                  _("--from BACKUP and --data DIR are needed"));
        return false;
    }
    return true;
}

static void
say_failure(const struct options *options, enum result result,
            const struct reason *why)
{
    const char *rule = why->rule == NULL ? "" : why->rule;

    if (strcmp(rule, "recover-exists") == 0)
        say_error("recover", "%s/%s: %s", options->data_dir, why->field,
                  _("it is there already; nothing is written over"));
    else if (strcmp(rule, "backup-lacks-segment") == 0)
        say_error("recover", "%s: %s (%08llu.seg)", options->from,
                  _("a segment that has rotted is not in this backup"),
                  (unsigned long long)why->offset);
    else if (result == E_NOTFOUND)
        say_error("recover", "%s: %s",
                  options->segments ? options->data_dir : options->from,
                  options->segments ? _("there is no ledger")
                                    : _("there is no backup here"));
    else if (why->rule != NULL)
        say_error("recover", "%s: %s (%s %s)", options->from,
                  _(result_name(result)), why->rule, why->field);
    else
        say_error("recover", "%s: %s", options->data_dir,
                  _(result_name(result)));
}

static void
print_words(const struct options *options, const struct backup_report *report)
{
    char taken[TIME_TEXT_BYTES];

    if (options->segments) {
        (void)printf(_("segments:  %llu put back, of %llu\n"),
                     (unsigned long long)report->segments_copied,
                     (unsigned long long)report->segments);
        return;
    }
    (void)printf(_("rows:      %llu, as of %s\n"),
                 (unsigned long long)report->rows,
                 time_format_local(report->taken_us, taken));
    (void)printf(_("What came after that is not here: a gap says so from now "
                   "on.\n"));
}

int
cli_recover(int argc, char **argv)
{
    struct options options = {0};
    struct backup_report report = {0};
    struct reason why = {0};
    char taken[TIME_TEXT_BYTES];
    enum result result;
    int code;

    if (!parse(argc, argv, &options, &code))
        return code;
    result = time_zone_set("Europe/Paris");
    if (result == OK)
        result =
            options.segments
                ? backup_mend(options.from, options.data_dir, &why, &report)
                : backup_recover(options.from, options.data_dir, &why, &report);
    if (result != OK)
        say_failure(&options, result, &why);
    if (result != OK && report.segments == 0)
        return EXIT_REFUSED;
    if (!options.json)
        print_words(&options, &report);
    else if (options.segments)
        (void)printf("{\"kind\":\"recover\",\"segments\":%" PRIu64
                     ",\"segments_put_back\":%" PRIu64 "}\n",
                     report.segments, report.segments_copied);
    else
        (void)printf("{\"kind\":\"recover\",\"rows\":%" PRIu64
                     ",\"segments\":%" PRIu64 ",\"taken\":\"%s\"}\n",
                     report.rows, report.segments,
                     time_format_utc(report.taken_us, taken));
    return result == OK ? EXIT_DONE : EXIT_REFUSED;
}
