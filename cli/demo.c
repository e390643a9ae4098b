/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie demo: the main job on a region made here, by the same functions that
 * the commands call. For a reader who has never seen the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/demo_steps.h"

#define DEMO_PROFESSIONALS 200
#define DEMO_SEED 7
#define ARGUMENTS_MAX (2 * DEMO_SESSIONS_MAX + 16)

static void
usage(void)
{
    (void)printf(_("Usage: vigie demo [--dir DIR] [--keep]\n"
                   "Makes the audit trail of an invented region with three "
                   "stolen accounts among\n%u professionals, and shows what "
                   "vigie says of it.\n\n"
                   "  --dir DIR   an empty or new folder for the files (else "
                   "a new one under /tmp)\n"
                   "  --keep      keep the trail too (about 500 MB)\n"),
                 DEMO_PROFESSIONALS);
}

void
demo_heading(struct demo *demo, const char *title)
{
    bool bold = isatty(STDOUT_FILENO) == 1;
    (void)printf("\n%s%u. %s%s\n\n", bold ? "\033[1m" : "", ++demo->step, title,
                 bold ? "\033[0m" : "");
    (void)fflush(stdout);
}

static int
redirect(const char *path)
{
    int fd = -1, saved = dup(STDOUT_FILENO);
    if (saved < 0 ||
        file_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600, &fd) != OK ||
        dup2(fd, STDOUT_FILENO) < 0) {
        file_close(&fd);
        file_close(&saved);
        return -1;
    }
    file_close(&fd);
    return saved;
}

/* The command as one would type it; a long list of sessions is cut. */
static void
show_command(const char *const *arguments)
{
    (void)printf("$ vigie");
    for (int i = 0; arguments[i] != NULL; i++) {
        if (i > 10) {
            (void)printf(" …");
            break;
        }
        (void)printf(" %s", arguments[i]);
    }
    (void)printf("\n\n");
}

int
demo_run(int (*command)(int argc, char **argv), const char *path, bool shown,
         const char *const *arguments)
{
    static char copies[ARGUMENTS_MAX][DEMO_PATH_BYTES + 32];
    char *argv[ARGUMENTS_MAX + 1];
    int argc = 0, saved = -1;
    for (; arguments[argc] != NULL && argc < ARGUMENTS_MAX; argc++) {
        (void)snprintf(copies[argc], sizeof(copies[argc]), "%s",
                       arguments[argc]);
        argv[argc] = copies[argc];
    }
    argv[argc] = NULL;
    if (shown)
        show_command(arguments);
    (void)fflush(stdout);
    if (path != NULL && (saved = redirect(path)) < 0) {
        say_error(path, "%s", strerror(errno));
        return EXIT_REFUSED;
    }
    int code = command(argc, argv);
    (void)fflush(stdout);
    if (saved >= 0) {
        (void)dup2(saved, STDOUT_FILENO);
        file_close(&saved);
    }
    return code;
}

static bool
path_of(char *out, size_t room, const struct demo *demo, const char *name)
{
    int length = snprintf(out, room, "%s/%s", demo->folder, name);
    return length > 0 && (size_t)length < room;
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

static int
make_region(struct demo *demo)
{
    char seed[24], professionals[24];
    demo_heading(demo, _("An invented region"));
    (void)printf(
        _("%u professionals work for %u days: doctors, nurses, pharmacists, "
          "hospital\ndoctors, secretaries, substitutes. In the last week three "
          "accounts are used by\nthieves: a script at night, searches page by "
          "page, and a patient one who opens\neight records an hour. All "
          "persons are random numbers. Everything that follows\nis simulated; "
          "no real data is on this machine.\n\n"),
        demo->region.professionals, demo->region.days);
    (void)snprintf(seed, sizeof(seed), "%llu",
                   (unsigned long long)demo->region.seed);
    (void)snprintf(professionals, sizeof(professionals), "%u",
                   demo->region.professionals);
    const char *const arguments[] = {
        "simulate", "--seed",    seed,      "--professionals", professionals,
        "--out",    demo->trail, "--truth", demo->truth,       NULL};
    return demo_run(cli_simulate, NULL, true, arguments);
}

#define COLUMNS_SHOWN 118

/* A line, cut where a terminal would break it. */
static void
show_line(const char *line, size_t length)
{
    size_t at = 0, columns = 0;
    while (at < length && columns < COLUMNS_SHOWN) {
        at++;
        while (at < length && ((unsigned char)line[at] & 0xc0) == 0x80)
            at++;
        columns++;
    }
    (void)printf("%.*s%s\n", (int)at, line, at < length ? "…" : "");
}

/* Of every paragraph of a file the first lines; the file has them all. */
static enum result
show_head(const char *path, unsigned lines_shown)
{
    struct buffer text = {0};
    enum result r = file_load(path, 256u << 20, &text);
    struct text line, rest = buffer_as_text(&text);
    unsigned count = 0;
    while (r == OK && rest.length > 0) {
        (void)text_split(rest, '\n', &line, &rest);
        count = line.length == 0 ? 0 : count + 1;
        if (count <= lines_shown)
            show_line(line.bytes, line.length);
        else if (count == lines_shown + 1)
            (void)printf("…\n");
    }
    if (r == OK)
        (void)printf(_("(all of it: %s)\n"), path);
    buffer_free(&text);
    return r;
}

/* The summary: what follows the last empty line of the report. */
static enum result
show_end(const char *path)
{
    struct buffer text = {0};
    enum result r = file_load(path, 64u << 20, &text);
    size_t at = text.length, end = text.length;
    while (
        r == OK && at > 1 &&
        !(at < end - 1 && text.bytes[at - 1] == '\n' && text.bytes[at] == '\n'))
        at--;
    if (r == OK && at < end)
        (void)printf("%.*s", (int)(end - at), text.bytes + at);
    buffer_free(&text);
    return r;
}

static int
replay(struct demo *demo)
{
    demo_heading(demo, _("The trail is read again"));
    (void)printf(
        "%s\n",
        _("vigie gets the file as a software vendor would send it, "
          "and nothing else: it\ndoes not know how many thieves there "
          "are, nor whether there are any. For each\naccount it learns "
          "a habit (10 days; before that it says \"no habit yet\"), and\n"
          "judges every access against it.\n"));
    const char *const arguments[] = {"replay", "--data",   demo->data,
                                     "--keys", demo->keys, demo->trail,
                                     NULL};
    int code = demo_run(cli_replay, demo->report, true, arguments);
    return code == EXIT_DONE && show_end(demo->report) != OK ? EXIT_REFUSED
                                                             : code;
}

static int
hunt(struct demo *demo)
{
    demo_heading(demo, _("What else did the same hands touch?"));
    if (demo->stopped_count == 0)
        return EXIT_DONE;
    (void)printf("%s\n",
                 _("From the worst session of the first account above: what "
                   "shares its address, its device\nor its rhythm.\n"));
    const char *const arguments[] = {"hunt",
                                     "--data",
                                     demo->data,
                                     "--keys",
                                     demo->keys,
                                     "--session",
                                     demo->stopped[0].session,
                                     NULL};
    int code = demo_run(cli_hunt, demo->hunt, true, arguments);
    return code == EXIT_DONE && show_head(demo->hunt, 8) != OK ? EXIT_REFUSED
                                                               : code;
}

/* The arguments of scope for all stopped sessions. */
static void
scope_arguments(const struct demo *demo, const char *extra,
                const char *arguments[ARGUMENTS_MAX])
{
    size_t n = 0;
    arguments[n++] = "scope";
    arguments[n++] = "--data";
    arguments[n++] = demo->data;
    arguments[n++] = "--keys";
    arguments[n++] = demo->keys;
    for (size_t i = 0; i < demo->stopped_count; i++) {
        arguments[n++] = "--session";
        arguments[n++] = demo->stopped[i].session;
    }
    if (extra != NULL)
        arguments[n++] = extra;
    arguments[n] = NULL;
}

static int
scope(struct demo *demo)
{
    const char *arguments[ARGUMENTS_MAX + 1];
    demo_heading(demo, _("Whose data was seen, and which?"));
    if (demo->stopped_count == 0)
        return EXIT_DONE;
    (void)printf("%s\n",
                 _("The scope of all these sessions, with how each disclosure "
                   "is known.\n"));
    scope_arguments(demo, NULL, arguments);
    int code = demo_run(cli_scope, demo->scope, true, arguments);
    if (code != EXIT_DONE)
        return code;
    if (show_head(demo->scope, 8) != OK)
        return EXIT_REFUSED;
    scope_arguments(demo, "--list", arguments);
    return demo_run(cli_scope, demo->list, false, arguments);
}

static void
files(struct demo *demo)
{
    demo_heading(demo, _("Where the files lie"));
    (void)printf(_("  %s\n    every alert, the ten accounts to look at first\n"
                   "  %s\n    the ledger: vigie alerts, explain, scope, hunt, "
                   "who --data there\n"
                   "  %s\n    the keys, without which no name can be read "
                   "(--keys)\n"
                   "  %s\n    one line a person concerned\n"
                   "  %s\n    what the thieves really did (the simulator's "
                   "truth)\n"),
                 demo->report, demo->data, demo->keys, demo->list, demo->truth);
    if (demo->keep) {
        (void)printf(_("  %s\n    the trail\n"), demo->trail);
        return;
    }
    if (file_unlink(demo->trail) == OK)
        (void)printf("%s", _("The trail itself was removed (--keep leaves "
                             "it).\n"));
}

static int
show(struct demo *demo)
{
    int64_t start_us = time_now_us();
    int code = make_region(demo);
    if (code == EXIT_DONE)
        code = replay(demo);
    enum result r = code == EXIT_DONE ? demo_alerts(demo) : OK;
    if (code == EXIT_DONE && r == OK)
        code = hunt(demo);
    if (code == EXIT_DONE && r == OK)
        code = scope(demo);
    if (code == EXIT_DONE && r == OK)
        r = demo_truth(demo);
    if (code == EXIT_DONE && r == OK)
        files(demo);
    if (r != OK) {
        say_error("demo", "%s", result_name(r));
        code = EXIT_REFUSED;
    }
    (void)printf(_("\nThat took %.0f s.\n"),
                 (double)(time_now_us() - start_us) / 1e6);
    return code;
}

int
cli_demo(int argc, char **argv)
{
    static const struct option names[] = {{"dir", required_argument, NULL, 'd'},
                                          {"keep", no_argument, NULL, 'k'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    static struct demo demo;
    const char *folder = NULL;
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
        else
            demo.keep = true;
    }
    if (optind < argc) {
        say_error("demo", "%s", _("a word that belongs to no option (--help)"));
        return EXIT_REFUSED;
    }
    region_options_default(&demo.region);
    demo.region.seed = DEMO_SEED;
    demo.region.professionals = DEMO_PROFESSIONALS;
    demo.region.thief_count = 3;
    demo.region.thieves[0] = THIEF_NIGHT;
    demo.region.thieves[1] = THIEF_PAGED;
    demo.region.thieves[2] = THIEF_QUIET;
    enum result r = folder_open(&demo, folder);
    if (r != OK) {
        say_error(folder == NULL ? "demo" : folder, "%s: %s", result_name(r),
                  strerror(errno));
        return EXIT_REFUSED;
    }
    return show(&demo);
}
