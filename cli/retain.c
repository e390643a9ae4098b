/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie retain: names that the ledger may no longer say go. For data that no
 * core serves.
 */
#include "core/retention.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/query_options.h"
#include "cli/secrecy_data.h"
#include "proc/settings.h"

#define COMMAND "retain"

enum option_code {
    OPTION_DATA = 256,
    OPTION_KEYS,
    OPTION_MONTHS,
    OPTION_BEFORE,
    OPTION_DRY,
};

static const struct option options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"keys", required_argument, NULL, OPTION_KEYS},
    {"months", required_argument, NULL, OPTION_MONTHS},
    {"before", required_argument, NULL, OPTION_BEFORE},
    {"dry-run", no_argument, NULL, OPTION_DRY},
    {"conf", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct retain_run {
    const char *data, *keys, *conf, *before;
    uint64_t months;
    bool dry;
    struct settings *settings;
};

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie retain (--data DIR | -c FILE) [--months N | --before "
          "T] [--dry-run]\n"
          "\n"
          "Whoever was last in a row longer ago is no longer named: persons, "
          "accounts,\n"
          "sessions, addresses, devices. The rows stay, as ids, and prove "
          "what they proved.\n"
          "Holds (vigie hold) and whoever an order was given on stay. No core "
          "may be running.\n"
          "\n"
          "  --months N         since the row was received (12, or retention "
          "of the\n"
          "                     configuration)\n"
          "  --before T         the day itself\n"
          "  --dry-run          only counts\n"
          "  --keys DIR         where the keys are\n"
          "  -c, --conf FILE    data, keys and retention from there"));
}

static int
refuse(const char *why)
{
    say_error(COMMAND, "%s", why);
    return EXIT_REFUSED;
}

static int
take_option(struct retain_run *run, int code, const char *value)
{
    switch (code) {
    case OPTION_DATA:
        run->data = value;
        return -1;
    case OPTION_KEYS:
        run->keys = value;
        return -1;
    case 'c':
        run->conf = value;
        return -1;
    case OPTION_BEFORE:
        run->before = value;
        return -1;
    case OPTION_DRY:
        run->dry = true;
        return -1;
    case OPTION_MONTHS:
        return text_to_u64(text_of(value), RETENTION_MONTHS_MAX,
                           &run->months) == OK &&
                       run->months > 0
                   ? -1
                   : refuse(_("--months: 1 to 120"));
    case 'h':
        usage();
        return EXIT_DONE;
    default:
        return refuse(_("unknown option, or one without its value (--help "
                        "lists them)"));
    }
}

static void
on_wrong(void *context, uint32_t line, const char *directive, const char *what)
{
    say_error(context, _("line %u: %s: %s"), line, directive, _(what));
}

static int
read_conf(struct retain_run *run)
{
    char path[4096];
    const struct settings_teller teller = {path, on_wrong};

    if (run->conf == NULL)
        return run->data == NULL ? refuse(_("--data DIR is missing")) : -1;
    (void)snprintf(path, sizeof(path), "%s", run->conf);
    if (settings_load(run->conf, &teller, &run->settings) != OK)
        return refuse(_("the configuration cannot be read"));
    if (run->data == NULL)
        run->data = run->settings->data;
    if (run->keys == NULL)
        run->keys = run->settings->keys;
    if (run->months == 0)
        run->months = run->settings->retention_months;
    return -1;
}

static int
retain(const struct retain_run *run)
{
    struct secrecy_data data = {0};
    struct erasing erasing;
    struct retention_found found = {0};
    int64_t before_us = retention_before(
        time_now_us(),
        run->months == 0 ? RETENTION_MONTHS_USUAL : (unsigned)run->months);
    enum result result;

    if (run->before != NULL && (time_zone_set("Europe/Paris") != OK ||
                                query_time(run->before, &before_us) != OK))
        return refuse(_("--before: no time that can be read"));
    if (!secrecy_data_open(COMMAND, run->data, run->keys, &data))
        return EXIT_REFUSED;
    secrecy_data_erasing(&data, &erasing);
    result = retention_run(&erasing, data.ledger, before_us, (uint32_t)getuid(),
                           run->dry, &found);
    result = secrecy_data_close(&data, result);
    if (result != OK)
        return refuse(_(result_name(result)));
    (void)printf(run->dry
                     ? _("Would no longer be named: %zu persons, %zu accounts, "
                         "%zu sessions, %zu addresses, %zu devices; rows "
                         "under a hold: %ju\n")
                     : _("No longer named: %zu persons, %zu accounts, %zu "
                         "sessions, %zu addresses, %zu devices; rows under a "
                         "hold: %ju\n"),
                 found.persons, found.professionals, found.sessions,
                 found.addresses, found.devices, (uintmax_t)found.rows_held);
    return EXIT_DONE;
}

int
cli_retain(int argc, char **argv)
{
    struct retain_run run = {0};
    int exit_code = -1, code;

    optind = 0;
    opterr = 0;
    while (exit_code < 0 &&
           (code = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
        exit_code = take_option(&run, code, optarg);
    if (exit_code < 0 && optind < argc)
        exit_code = refuse(_("too many words (--help says which)"));
    if (exit_code < 0)
        exit_code = read_conf(&run);
    if (exit_code < 0)
        exit_code = retain(&run);
    settings_free(run.settings);
    return exit_code;
}
