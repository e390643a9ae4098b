/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie run: the daemon, in the foreground. vigie doctor: what is wrong with a
 * set-up.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "cli/cli.h"
#include "proc/doctor.h"
#include "proc/main_process.h"
#include "proc/settings.h"

static const struct option options[] = {
    {"conf", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void
usage_run(void)
{
    (void)puts(_("Usage: vigie run [-c FILE]\n"
                 "\n"
                 "The daemon, in the foreground: records and judges what the "
                 "doors are about to\n"
                 "show, and answers them. TERM ends it, HUP reads the "
                 "configuration again.\n"
                 "\n"
                 "  -c, --conf FILE  the configuration "
                 "(/etc/vigie/vigie.conf; docs/run.md)"));
}

static void
usage_doctor(void)
{
    (void)puts(_("Usage: vigie doctor [-c FILE]\n"
                 "\n"
                 "Names each wrong line of the configuration, each missing "
                 "right, and what else\n"
                 "would keep vigie run from working.\n"
                 "Exit code 0: nothing found; 1: something; 2: used wrongly.\n"
                 "\n"
                 "  -c, --conf FILE  the configuration "
                 "(/etc/vigie/vigie.conf; docs/run.md)"));
}

/* -1: go on with *ret_path; else the exit code. */
static int
take_options(int argc, char **argv, void (*usage)(void), const char **ret_path)
{
    int code;

    *ret_path = SETTINGS_DEFAULT_PATH;
    optind = 0;
    opterr = 0;
    while ((code = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        if (code == 'c') {
            *ret_path = optarg;
        } else if (code == 'h') {
            usage();
            return EXIT_DONE;
        } else {
            say_error(argv[0], "%s",
                      _("unknown option, or one without its value (--help "
                        "lists them)"));
            return EXIT_REFUSED;
        }
    }
    if (optind < argc) {
        say_error(argv[0], "%s", _("takes no argument"));
        return EXIT_REFUSED;
    }
    return -1;
}

int
cli_run(int argc, char **argv)
{
    const char *path;
    int code = take_options(argc, argv, usage_run, &path);

    if (code >= 0)
        return code;
    return main_process_run(path) == OK ? EXIT_DONE : EXIT_REFUSED;
}

static void
on_found(void *context, const char *what, const char *why)
{
    (void)context;
    (void)printf("%s: %s\n", what, why);
}

int
cli_doctor(int argc, char **argv)
{
    const struct doctor_teller teller = {NULL, on_found};
    const char *path;
    size_t found = 0;
    int code = take_options(argc, argv, usage_doctor, &path);

    if (code >= 0)
        return code;
    if (doctor_look(path, &teller, &found) != OK) {
        say_error(path, "%s", _("cannot be read"));
        return EXIT_REFUSED;
    }
    if (found == 0)
        (void)puts(_("nothing found"));
    return found == 0 ? EXIT_DONE : EXIT_FOUND;
}
