/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie replay: trails in, alerts out.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/replay_context.h"
#include "cli/replay_print.h"
#include "core/evidence.h"
#include "core/sources.h"
#include "ingest/mapping.h"

#define MAPPINGS_MAX 32
#define TOLD_MAX 64 /* options --context, --campaigns, --lures */

struct replay {
    const char *data_dir, *keys_dir, *service, *sources_path;
    char temporary[4096]; /* where no --data was given */
    char temporary_keys[4200];
    bool again, date_given, map_given;
    int64_t date_us;
    uint64_t commit_events;
    struct mapping *mappings[MAPPINGS_MAX];
    const struct mapping *mappings_in_order[MAPPINGS_MAX];
    size_t mapping_count;
    struct sources *sources;
    struct settings_told told[TOLD_MAX]; /* read when all options are known */
    size_t told_count;
    struct context_load *context;
    struct detect_options detect;
    struct replay_print print;
    struct core *core;
    struct importer *importer;
};

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
    (void)number;
    stop = 1;
}

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie replay [OPTION]… FILE…\n"
          "Reads access trails of any supported form (found from the content; "
          "plain, gzip\nor zstd; files, folders, - for standard input) and "
          "says which accounts are not\nused by their holders, and why.\n\n"
          "  --data DIR      keep the rows in a ledger there (else nothing is "
          "kept)\n"
          "  --keys DIR      the folder of the keys (never inside --data)\n"
          "  --map FILE      how a table or a log is to be read "
          "(docs/mapping.md)\n"
          "  --service NAME  the service that relative references belong to\n"
          "  --sources FILE  host, site or OID → service, controller, context\n"
          "  --context DIR   what you know: rosters, absences, sites, roles, "
          "addresses\n                  (docs/context.md)\n"
          "  --campaigns FILE  announced campaigns: they excuse the pace only\n"
          "  --lures FILE    persons whom nobody treats, one a line\n"
          "  --detect N=V    a number of the detector, or a sign on or off "
          "(docs/detection.md)\n"
          "  --tz ZONE       zone of times without one (Europe/Paris)\n"
          "  --date DATE     date of records without one (else the file's)\n"
          "  --commit-every N  records between two commits (131072)\n"
          "  --again         read contents again that were read before\n"
          "  --json          one JSON object a line; the last is the summary\n"
          "  --quiet         refused records are counted, not listed\n\n"
          "Exit: 0 done, also with refusals; 2 used wrongly, failed, or "
          "nothing accepted."));
}

static int
bad_option(const char *what, const char *why)
{
    say_error(what, "%s", why);
    return EXIT_REFUSED;
}

/* A file of options that cannot be used: the line, or why it is not there. */
static int
bad_file(const char *path, enum result result, const struct reason *why)
{
    if (why->rule != NULL)
        say_error(path, _("line %llu: %s (%s)"),
                  (unsigned long long)why->offset, why->rule, why->field);
    else
        say_error(path, _("cannot be read: %s"), _(result_name(result)));
    return EXIT_REFUSED;
}

static int
load_mapping(struct replay *replay, const char *path)
{
    struct buffer text = {0};
    struct reason why = {0};
    enum result result = file_load(path, CONF_BYTES_MAX, &text);

    if (replay->mapping_count == MAPPINGS_MAX / 2)
        result = E_LIMIT;
    if (result == OK)
        result = mapping_parse(buffer_as_text(&text), path, &why,
                               &replay->mappings[replay->mapping_count]);
    buffer_free(&text);
    if (result == OK) {
        replay->mapping_count++;
        replay->map_given = true;
        return EXIT_DONE;
    }
    return bad_file(path, result, &why);
}

static int
load_sources(struct replay *replay, const char *path)
{
    struct buffer text = {0};
    struct reason why = {0};
    enum result result = file_load(path, CONF_BYTES_MAX, &text);

    sources_free(replay->sources);
    replay->sources = NULL;
    if (result == OK)
        result = sources_parse(buffer_as_text(&text), &why, &replay->sources);
    buffer_free(&text);
    if (result == OK)
        return EXIT_DONE;
    return bad_file(path, result, &why);
}

enum option_code {
    OPTION_DATA = 256,
    OPTION_KEYS,
    OPTION_MAP,
    OPTION_SERVICE,
    OPTION_SOURCES,
    OPTION_CONTEXT,
    OPTION_CAMPAIGNS,
    OPTION_LURES,
    OPTION_TZ,
    OPTION_DATE,
    OPTION_COMMIT,
    OPTION_DETECT,
    OPTION_AGAIN,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_HELP,
};

static const struct option options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"keys", required_argument, NULL, OPTION_KEYS},
    {"map", required_argument, NULL, OPTION_MAP},
    {"service", required_argument, NULL, OPTION_SERVICE},
    {"sources", required_argument, NULL, OPTION_SOURCES},
    {"context", required_argument, NULL, OPTION_CONTEXT},
    {"campaigns", required_argument, NULL, OPTION_CAMPAIGNS},
    {"lures", required_argument, NULL, OPTION_LURES},
    {"tz", required_argument, NULL, OPTION_TZ},
    {"date", required_argument, NULL, OPTION_DATE},
    {"commit-every", required_argument, NULL, OPTION_COMMIT},
    {"detect", required_argument, NULL, OPTION_DETECT},
    {"again", no_argument, NULL, OPTION_AGAIN},
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* "unfamiliar-new-max=30", "identity-only=off". */
static int
set_detect(struct replay *replay, const char *assignment)
{
    struct text name, value;

    if (!text_split(text_of(assignment), '=', &name, &value) ||
        detect_options_set(&replay->detect, name, value) != OK)
        return bad_option("--detect",
                          _("no such number or sign, or not such a value "
                            "(docs/detection.md)"));
    return -1;
}

/* -1 as take_option. */
static int
add_told(struct replay *replay, enum settings_told_kind kind, const char *path)
{
    if (replay->told_count == TOLD_MAX)
        return bad_option("--context", _("given too often"));
    replay->told[replay->told_count++] =
        (struct settings_told){.kind = kind, .path = path};
    return -1;
}

/* -1: go on; else the exit code. */
static int
take_option(struct replay *replay, int code, const char *value)
{
    bool zoned;

    switch (code) {
    case OPTION_DATA:
        replay->data_dir = value;
        return -1;
    case OPTION_KEYS:
        replay->keys_dir = value;
        return -1;
    case OPTION_MAP:
        return load_mapping(replay, value) == EXIT_DONE ? -1 : EXIT_REFUSED;
    case OPTION_SERVICE:
        replay->service = value;
        return -1;
    case OPTION_SOURCES:
        return load_sources(replay, value) == EXIT_DONE ? -1 : EXIT_REFUSED;
    case OPTION_CONTEXT:
        return add_told(replay, SETTINGS_CONTEXT, value);
    case OPTION_CAMPAIGNS:
        return add_told(replay, SETTINGS_CAMPAIGNS, value);
    case OPTION_LURES:
        return add_told(replay, SETTINGS_LURES, value);
    case OPTION_TZ:
        if (time_zone_set(value) != OK)
            return bad_option("--tz", _("no such time zone"));
        return -1;
    case OPTION_DATE:
        if (time_parse(text_of(value), &replay->date_us, &zoned) != OK)
            return bad_option("--date", _("not a date (2026-03-02)"));
        replay->date_given = true;
        return -1;
    case OPTION_COMMIT:
        if (text_to_u64(text_of(value), UINT32_MAX, &replay->commit_events) !=
                OK ||
            replay->commit_events == 0)
            return bad_option("--commit-every", _("not a number above zero"));
        return -1;
    case OPTION_DETECT:
        return set_detect(replay, value);
    case OPTION_AGAIN:
        replay->again = true;
        return -1;
    case OPTION_JSON:
        replay->print.json = true;
        return -1;
    case OPTION_QUIET:
        replay->print.quiet = true;
        return -1;
    case OPTION_HELP:
        usage();
        return EXIT_DONE;
    default:
        return bad_option("replay", _("unknown option, or one without its "
                                      "value (--help lists them)"));
    }
}

static int
take_options(struct replay *replay, int argc, char **argv)
{
    int code;

    if (time_zone_set("Europe/Paris") != OK)
        return bad_option("--tz", _("the system has no time zones (tzdata)"));
    detect_options_default(&replay->detect);
    optind = 0;
    opterr = 0;
    while ((code = getopt_long(argc, argv, "", options, NULL)) != -1) {
        int exit_code = take_option(replay, code, optarg);

        if (exit_code >= 0)
            return exit_code;
    }
    if (optind == argc)
        return bad_option("replay", _("no file given (- is standard input)"));
    if (replay->told_count > 0 &&
        replay_context_load(replay->told, replay->told_count,
                            &replay->context) != OK)
        return EXIT_REFUSED;
    return -1;
}

static enum result
add_shipped(struct replay *replay)
{
    size_t count = 0;
    enum result result =
        mapping_shipped(replay->mappings + replay->mapping_count,
                        MAPPINGS_MAX - replay->mapping_count, &count);

    if (result == OK)
        replay->mapping_count += count;
    for (size_t i = 0; i < replay->mapping_count; i++)
        replay->mappings_in_order[i] = replay->mappings[i];
    return result;
}

/* Without --data the ledger is a temporary one: one way for both. */
static enum result
make_temporary(struct replay *replay)
{
    const char *folder = getenv("TMPDIR");

    if (folder == NULL || folder[0] == '\0')
        folder = "/tmp";
    if (snprintf(replay->temporary, sizeof(replay->temporary),
                 "%s/vigie-XXXXXX", folder) >= (int)sizeof(replay->temporary))
        return E_LIMIT;
    if (mkdtemp(replay->temporary) == NULL) {
        replay->temporary[0] = '\0';
        return E_IO;
    }
    replay->data_dir = replay->temporary;
    if (replay->keys_dir == NULL) {
        (void)snprintf(replay->temporary_keys, sizeof(replay->temporary_keys),
                       "%s.keys", replay->temporary);
        replay->keys_dir = replay->temporary_keys;
    }
    return OK;
}

static enum result
open_all(struct replay *replay, struct reason *why)
{
    struct core_options core_options = {
        .keys_dir = replay->keys_dir,
        .service = replay->service,
        .sources = replay->sources,
        .context = &replay->print,
        .alert = replay_alert,
    };
    struct importer_options importer_options = {
        .again = replay->again,
        .date_given = replay->date_given,
        .fallback_time_us = replay->date_us,
        .mappings = replay->mappings_in_order,
        .mapping_forced = replay->map_given,
        .commit_events = replay->commit_events,
        .stop = &stop,
        .context = &replay->print,
        .refused = replay_refused,
        .file_refused = replay_file_refused,
        .mapping_failed = replay_mapping_failed,
        .proposal = replay_proposal,
        .progress = replay_progress,
    };
    enum result result = add_shipped(replay);

    if (result == OK && replay->data_dir == NULL)
        result = make_temporary(replay);
    if (result != OK)
        return result;
    core_options.keys_dir = replay->keys_dir;
    core_options.data_dir = replay->data_dir;
    core_options.detect = replay->detect;
    core_options.told = replay->context;
    result = core_open(&core_options, why, &replay->core);
    if (result != OK)
        return result;
    replay->print.core = replay->core;
    replay->print.detect = &replay->detect;
    result = core_resume(replay->core);
    if (result != OK)
        return result;
    importer_options.core = replay->core;
    importer_options.mapping_count = replay->mapping_count;
    return importer_new(&importer_options, &replay->importer);
}

/* What was read is signed: docs/evidence.md. */
static enum result
sign_checkpoint(struct replay *replay)
{
    struct reason why = {0};
    bool made = false;
    enum result result = core_checkpoint(replay->core, &why, &made);

    if (result != OK && why.rule != NULL)
        say_error(replay->data_dir, _("no checkpoint was signed: %s"),
                  why.rule);
    return result;
}

static enum result
run(struct replay *replay, char **paths)
{
    struct importer_statistics read;
    enum result result = OK;

    replay->print.started_us = time_now_us();
    if (replay->print.terminal) {
        for (char **path = paths; *path != NULL; path++)
            importer_announce(replay->importer, *path);
    }
    for (char **path = paths; *path != NULL && result == OK && stop == 0;
         path++)
        result = importer_add(replay->importer, *path);
    if (result == OK)
        result = importer_finish(replay->importer);
    if (result == OK && replay->temporary[0] == '\0')
        result = sign_checkpoint(replay);
    if (result != OK)
        return result;
    importer_statistics(replay->importer, &read);
    result = replay_suspects(&replay->print);
    if (result == OK)
        result = replay_summary(&replay->print, &read,
                                replay->temporary[0] == '\0' ? replay->data_dir
                                                             : NULL);
    if (result == OK)
        replay_context_end(replay->core);
    if (result == OK && fflush(stdout) != 0)
        result = E_IO;
    if (result == OK && read.events == 0)
        result = E_END;
    return result;
}

static void
close_all(struct replay *replay)
{
    importer_free(replay->importer);
    core_free(replay->core);
    context_load_free(replay->context);
    sources_free(replay->sources);
    for (size_t i = 0; i < replay->mapping_count; i++)
        mapping_free(replay->mappings[i]);
    if (replay->temporary[0] != '\0') {
        enum result data = file_remove_tree(replay->temporary);
        enum result keys = replay->temporary_keys[0] == '\0'
                               ? OK
                               : file_remove_tree(replay->temporary_keys);

        if (data != OK || (keys != OK && keys != E_NOTFOUND))
            say_error(replay->temporary, "%s", _("could not be removed"));
    }
}

int
cli_replay(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct replay replay = {0};
    struct reason why = {0};
    int exit_code = take_options(&replay, argc, argv);
    enum result result;

    if (exit_code >= 0) {
        close_all(&replay);
        return exit_code;
    }
    stop = 0;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    replay.print.terminal = isatty(STDERR_FILENO) == 1;
    result = open_all(&replay, &why);
    if (result != OK && why.rule != NULL)
        say_error(replay.data_dir, "%s: %s %s", _(result_name(result)),
                  why.rule, why.field);
    else if (result != OK)
        say_error("replay", "%s", _(result_name(result)));
    else
        result = run(&replay, argv + optind);
    if (result == E_END)
        say_error("replay", "%s", _("no record of access was accepted"));
    else if (result != OK && replay.importer != NULL)
        say_error("replay", "%s", _(result_name(result)));
    close_all(&replay);
    if (stop != 0)
        return EXIT_REFUSED;
    return result == OK ? EXIT_DONE : EXIT_REFUSED;
}
