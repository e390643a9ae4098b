/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie bench detection: the detector and the plain rules on simulated
 * regions. Exit 0 whatever the figures; 2 where it was used wrongly or
 * failed.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "cli/bench_print.h"
#include "cli/cli.h"
#include "cli/thief_list.h"

#define SEEDS 24
#define CEILING_DAYS 365

struct bench {
    struct bench_options options;
    unsigned ceiling_days; /* 0: not looked for */
    bool warm_up_given, json, list;
};

static void
usage(void)
{
    (void)puts(_(
        "Usage: vigie bench detection [OPTION]…\n"
        "Runs the detector and the plain rules “more than N persons in a "
        "window” on\nsimulated regions and says what each caught, what was "
        "lost, and who was\ndisturbed without need.\n\n"
        "  --seeds N          regions with thieves, and as many without (24)\n"
        "  --first-seed S     their first seed; without thieves S + 100 "
        "(30001)\n"
        "  --professionals N  of a region (400)\n"
        "  --days N           of a region (28)\n"
        "  --thieves LIST     in each region: kinds of vigie simulate, or "
        "the classes\n                     @loud, @quiet, @reported; none; all "
        "(all)\n"
        "  --first-theft-day D  thefts begin on that day of the region or "
        "later\n"
        "  --warm-up D        days whose false alerts are counted apart (the "
        "detector's)\n"
        "  --detect N=V       a number of the detector, or a sign on or off\n"
        "  --no-campaigns     announced campaigns are not told\n"
        "  --ceiling-days N   habit of the mimicry ceiling; 0: leave it out "
        "(365)\n"
        "  --list             every thief and every false alert too\n"
        "  --json             one JSON object a line"));
}

static int
refused(const char *what, const char *why)
{
    say_error(what, "%s", why);
    return EXIT_REFUSED;
}

enum option_code {
    OPTION_SEEDS = 256,
    OPTION_FIRST,
    OPTION_PROFESSIONALS,
    OPTION_DAYS,
    OPTION_THIEVES,
    OPTION_THEFT_DAY,
    OPTION_WARM_UP,
    OPTION_DETECT,
    OPTION_NO_CAMPAIGNS,
    OPTION_CEILING,
    OPTION_LIST,
    OPTION_JSON,
    OPTION_HELP,
};

static const struct option names[] = {
    {"seeds", required_argument, NULL, OPTION_SEEDS},
    {"first-seed", required_argument, NULL, OPTION_FIRST},
    {"professionals", required_argument, NULL, OPTION_PROFESSIONALS},
    {"days", required_argument, NULL, OPTION_DAYS},
    {"thieves", required_argument, NULL, OPTION_THIEVES},
    {"first-theft-day", required_argument, NULL, OPTION_THEFT_DAY},
    {"warm-up", required_argument, NULL, OPTION_WARM_UP},
    {"detect", required_argument, NULL, OPTION_DETECT},
    {"no-campaigns", no_argument, NULL, OPTION_NO_CAMPAIGNS},
    {"ceiling-days", required_argument, NULL, OPTION_CEILING},
    {"list", no_argument, NULL, OPTION_LIST},
    {"json", no_argument, NULL, OPTION_JSON},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static bool
number(const char *text, unsigned least, unsigned most, unsigned *ret_number)
{
    uint64_t value;

    if (text_to_u64(text_of(text), most, &value) != OK || value < least)
        return false;
    *ret_number = (unsigned)value;
    return true;
}

static bool
thieves(struct bench_options *options, const char *given)
{
    struct thief_list list;

    if (thief_list_parse(text_of(given), &list) != OK)
        return false;
    memcpy(options->thieves, list.kinds, sizeof(options->thieves));
    options->thief_count = list.count;
    return true;
}

static bool
detect_number(struct bench_options *options, const char *assignment)
{
    struct text name, value;

    return text_split(text_of(assignment), '=', &name, &value) &&
           detect_options_set(&options->detect, name, value) == OK;
}

/* False: the value is not understood. */
static bool
take_option(struct bench *bench, int code, const char *value)
{
    struct bench_options *o = &bench->options;

    switch (code) {
    case OPTION_SEEDS:
        return number(value, 1, BENCH_SEEDS_MAX, &o->seeds);
    case OPTION_FIRST:
        return text_to_u64(text_of(value), UINT32_MAX, &o->first_seed) == OK;
    case OPTION_PROFESSIONALS:
        return number(value, 1, REGION_PROFESSIONALS_MAX, &o->professionals);
    case OPTION_DAYS:
        return number(value, 1, REGION_DAYS_MAX, &o->days);
    case OPTION_THIEVES:
        return thieves(o, value);
    case OPTION_THEFT_DAY:
        return number(value, 0, REGION_DAYS_MAX, &o->theft_day);
    case OPTION_WARM_UP:
        bench->warm_up_given = true;
        return number(value, 0, REGION_DAYS_MAX, &o->warm_up);
    case OPTION_DETECT:
        return detect_number(o, value);
    case OPTION_NO_CAMPAIGNS:
        o->campaigns = false;
        return true;
    case OPTION_CEILING:
        return number(value, 0, REGION_DAYS_MAX, &bench->ceiling_days);
    case OPTION_LIST:
        bench->list = true;
        return true;
    default:
        bench->json = true;
        return true;
    }
}

/* -1: go on; else the exit code. */
static int
take_options(struct bench *bench, int argc, char **argv)
{
    int code, index = 0;

    optind = 0;
    opterr = 0;
    while ((code = getopt_long(argc, argv, ":", names, &index)) != -1) {
        if (code == OPTION_HELP) {
            usage();
            return EXIT_DONE;
        }
        if (code == '?')
            return refused("bench", _("unknown option (--help lists them)"));
        if (code == ':')
            return refused("bench", _("an option lacks its value"));
        if (!take_option(bench, code, optarg)) {
            say_error("bench", _("--%s: “%s” is not understood"),
                      names[index].name, optarg);
            return EXIT_REFUSED;
        }
    }
    if (argc - optind != 1 || strcmp(argv[optind], "detection") != 0)
        return refused("bench", _("what is to be measured: detection"));
    if (!bench->warm_up_given)
        bench->options.warm_up = bench->options.detect.warm_up_days;
    return -1;
}

static enum result
measure(const struct bench *bench, struct bench_totals *totals,
        struct bench_ceiling *ceiling)
{
    const struct bench_options *o = &bench->options;
    enum result result = OK;

    for (unsigned i = 0; i < o->seeds && result == OK; i++) {
        if (o->thief_count > 0)
            result = bench_region(o, o->first_seed + i, false, totals);
        if (result == OK)
            result = bench_region(o, o->first_seed + BENCH_CALM_SEED + i, true,
                                  totals);
    }
    if (result == OK && bench->ceiling_days > 0)
        result = bench_ceiling(o, bench->ceiling_days, ceiling);
    return result;
}

static enum result
run(const struct bench *bench)
{
    struct bench_totals totals = {0};
    struct bench_ceiling ceiling = {0};
    struct buffer out = {0};
    struct bench_report report = {
        .options = &bench->options, .totals = &totals, .list = bench->list};
    enum result result = measure(bench, &totals, &ceiling);

    if (bench->ceiling_days > 0 && ceiling.count > 0)
        report.ceiling = &ceiling;
    if (result == OK)
        result = bench->json ? bench_json(&report, &out)
                             : bench_print(&report, &out);
    if (result == OK &&
        (fwrite(out.bytes, 1, out.length, stdout) != out.length ||
         fflush(stdout) != 0))
        result = E_IO;
    buffer_free(&out);
    bench_totals_free(&totals);
    bench_ceiling_free(&ceiling);
    return result;
}

int
cli_bench(int argc, char **argv)
{
    struct bench bench = {.options = {.first_seed = BENCH_FIRST_SEED,
                                      .seeds = SEEDS,
                                      .professionals = 400,
                                      .days = 28,
                                      .campaigns = true},
                          .ceiling_days = CEILING_DAYS};
    enum result result;
    int done;

    detect_options_default(&bench.options.detect);
    (void)thieves(&bench.options, "all");
    done = take_options(&bench, argc, argv);
    if (done >= 0)
        return done;
    result = run(&bench);
    if (result != OK)
        return refused("bench", _(result_name(result)));
    return EXIT_DONE;
}
