/* SPDX-License-Identifier: EUPL-1.2 */
/* vigie demo: its options and its folder. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "cli/cli.h"
#include "cli/demo_steps.h"

static void
usage(void)
{
    (void)printf(_("Usage: vigie demo [--offline] [--dir DIR] [--keep]\n"
                   "Live, on this machine: a small FHIR service of invented "
                   "persons, nginx with the\ndoor before it, professionals "
                   "at work, and three thieves who are stopped. Ctrl-C\nends "
                   "it and removes everything.\n\n"
                   "  --offline   instead, the audit trail of an invented "
                   "region with three stolen\n"
                   "              accounts among %u professionals, and what "
                   "vigie says of it\n"
                   "  --dir DIR   an empty or new folder for the files (else "
                   "a new one under /tmp)\n"
                   "  --keep      keep the trail too (offline about 500 MB)"
                   "\n"),
                 DEMO_PROFESSIONALS);
}

static bool
path_of(char *out, size_t room, const struct demo *demo, const char *name)
{
    int length = snprintf(out, room, "%s/%s", demo->folder, name);
    return length > 0 && (size_t)length < room;
}

/* Nothing of anybody else's lies where the demo removes its own. */
static bool
is_empty(const char *path)
{
    DIR *folder = opendir(path);
    unsigned entries = 0;

    while (folder != NULL && readdir(folder) != NULL)
        entries++;
    if (folder != NULL)
        (void)closedir(folder);
    return entries <= 2; /* itself and its parent */
}

static enum result
folder_open(struct demo *demo, const char *given)
{
    if (given != NULL) {
        if (strlen(given) >= DEMO_PATH_BYTES)
            return E_LIMIT;
        (void)snprintf(demo->folder, sizeof(demo->folder), "%s", given);
        enum result r = file_make_folder(demo->folder);
        if (r != OK)
            return r;
        if (!is_empty(demo->folder))
            return E_EXISTS;
    } else {
        const char *base = getenv("TMPDIR");
        int length =
            snprintf(demo->folder, sizeof(demo->folder), "%s/vigie-demo-XXXXXX",
                     base != NULL && base[0] != '\0' ? base : "/tmp");
        if (length < 0 || (size_t)length >= sizeof(demo->folder))
            return E_LIMIT;
        if (mkdtemp(demo->folder) == NULL)
            return E_IO;
    }
    bool fits =
        path_of(demo->trail, sizeof(demo->trail), demo, "region.ndjson") &&
        path_of(demo->truth, sizeof(demo->truth), demo, "truth.ndjson") &&
        path_of(demo->data, sizeof(demo->data), demo, "data") &&
        path_of(demo->keys, sizeof(demo->keys), demo, "keys") &&
        path_of(demo->report, sizeof(demo->report), demo, "replay.txt") &&
        path_of(demo->list, sizeof(demo->list), demo, "persons.ndjson") &&
        path_of(demo->hunt, sizeof(demo->hunt), demo, "hunt.txt") &&
        path_of(demo->scope, sizeof(demo->scope), demo, "scope.txt");
    return fits ? OK : E_LIMIT;
}

int
cli_demo(int argc, char **argv)
{
    static const struct option names[] = {{"dir", required_argument, NULL, 'd'},
                                          {"keep", no_argument, NULL, 'k'},
                                          {"offline", no_argument, NULL, 'o'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    static struct demo demo;
    const char *folder = NULL;
    bool offline = false;
    int letter;
    optind = 0;
    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":", names, NULL)) != -1) {
        if (letter == 'h') {
            usage();
            return EXIT_DONE;
        }
        if (letter == '?' || letter == ':') {
            say_error("demo", "%s",
                      letter == '?' ? _("unknown option (--help lists them)")
                                    : _("an option lacks its value"));
            return EXIT_REFUSED;
        }
        if (letter == 'd')
            folder = optarg;
        else if (letter == 'o')
            offline = true;
        else
            demo.keep = true;
    }
    if (optind < argc) {
        say_error("demo", "%s", _("a word that belongs to no option (--help)"));
        return EXIT_REFUSED;
    }
    enum result r = folder_open(&demo, folder);
    if (r == E_EXISTS) {
        say_error(folder, "%s", _("this folder is not empty"));
        return EXIT_REFUSED;
    }
    if (r != OK) {
        say_error(folder == NULL ? "demo" : folder, "%s: %s", result_name(r),
                  strerror(errno));
        return EXIT_REFUSED;
    }
    demo.made = folder == NULL;
    return offline ? demo_offline(&demo) : demo_live(&demo);
}
