/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/replay_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/alert_print.h"

#define PROGRESS_EVERY_US 200000

static void
progress_clear(struct replay_print *print)
{
    if (print->progress_shown)
        (void)fputs("\r\033[K", stderr);
    print->progress_shown = false;
}

static enum result
put(struct buffer *buffer, FILE *out)
{
    size_t put = fwrite(buffer->bytes, 1, buffer->length, out);
    enum result result = put == buffer->length ? OK : E_IO;

    buffer_free(buffer);
    return result;
}

void
replay_refused(void *context, const char *file, const struct reason *why)
{
    struct replay_print *print = context;
    struct buffer line = {0};
    enum result result;

    if (print->quiet)
        return;
    progress_clear(print);
    result = buffer_string(&line, "{\"kind\":\"refused\",\"file\":");
    if (result == OK)
        result = buffer_json_string(&line, text_of(file));
    if (result == OK)
        result = buffer_format(&line, ",\"offset\":%" PRIu64 ",\"rule\":",
                               why->offset);
    if (result == OK)
        result = buffer_json_string(&line, text_of(why->rule));
    if (result == OK)
        result = buffer_string(&line, ",\"field\":");
    if (result == OK)
        result = buffer_json_string(&line, text_of(why->field));
    if (result == OK)
        result = buffer_string(&line, "}\n");
    if (result == OK)
        (void)put(&line, stderr);
    buffer_free(&line);
}

void
replay_file_refused(void *context, const char *file, const char *what,
                    enum result result, int64_t read_before_us)
{
    struct replay_print *print = context;
    char time[TIME_TEXT_BYTES];

    progress_clear(print);
    if (strcmp(what, "already-read") == 0) {
        print->files_already_read++;
        say_error(file,
                  _("this content was already read on %s; --again reads it "
                    "once more"),
                  time_format_local(read_before_us, time));
        return;
    }
    say_error(file, _("cannot be read: %s"), _(result_name(result)));
}

void
replay_mapping_failed(void *context, const char *file,
                      const struct reason *why)
{
    progress_clear(context);
    say_error(file,
              _("the mapping gives nothing so far; it failed first on line "
                "%llu, at %s (%s)"),
              (unsigned long long)why->offset,
              why->field[0] == '\0' ? "-" : why->field, why->rule);
}

void
replay_proposal(void *context, const char *file, struct text mapping)
{
    struct replay_print *print = context;

    progress_clear(print);
    say_error(file, "%s",
              _("an unknown table; here is a mapping to edit, for --map:"));
    (void)fwrite(mapping.bytes, 1, mapping.length,
                 print->json ? stderr : stdout);
}

void
replay_progress(void *context, enum import_stage stage, uint64_t done,
                uint64_t total, uint64_t events)
{
    struct replay_print *print = context;
    int64_t now_us = time_now_us();
    double seconds, share, left;

    if (!print->terminal || print->quiet ||
        now_us - print->progress_us < PROGRESS_EVERY_US)
        return;
    print->progress_us = now_us;
    seconds = (double)(now_us - print->started_us) / 1e6;
    share = total == 0 ? 0 : (double)done / (double)total;
    left = share > 0 ? seconds * (1 - share) / share : 0;
    (void)fprintf(stderr, "\r\033[K%s %3.0f %% · ",
                  stage == STAGE_READING ? _("reading") : _("judging"),
                  share * 100);
    (void)fprintf(stderr, _("%" PRIu64 " events · %.0f/s · %.0f s left"),
                  events, seconds > 0 ? (double)events / seconds : 0, left);
    (void)fflush(stderr);
    print->progress_shown = true;
}

enum result
replay_alert(void *context, const struct alert *alert)
{
    struct replay_print *print = context;
    struct buffer out = {0};
    enum result result;

    progress_clear(print);
    if (print->json)
        result = alert_json(core_lookup(print->core), alert, &out);
    else
        result = alert_text(core_lookup(print->core), alert, &out);
    if (result == OK && !print->json)
        result = buffer_byte(&out, '\n');
    if (result == OK)
        result = put(&out, stdout);
    buffer_free(&out);
    (void)fflush(stdout);
    return result;
}

enum result
replay_suspects(struct replay_print *print)
{
    struct suspect suspects[SUSPECTS_SHOWN];
    size_t count = detect_suspects(core_detect(print->core), suspects,
                                   SUSPECTS_SHOWN);
    enum result result = OK;

    progress_clear(print);
    if (!print->json && count > 0)
        (void)printf("%s\n\n", _("Accounts to look at first, and why:"));
    for (size_t i = 0; i < count && result == OK; i++) {
        struct buffer out = {0};

        if (print->json) {
            result = suspect_json(core_lookup(print->core), &suspects[i],
                                  &out);
        } else {
            result = buffer_format(&out, "%zu. ", i + 1);
            if (result == OK)
                result = suspect_text(core_lookup(print->core), &suspects[i],
                                      &out);
            if (result == OK)
                result = buffer_byte(&out, '\n');
        }
        if (result == OK)
            result = put(&out, stdout);
        buffer_free(&out);
    }
    return result;
}

static enum result
summary_json(const struct importer_statistics *read,
             const struct core_statistics *core,
             const struct detect_statistics *detect, struct text options,
             struct buffer *out)
{
    enum result result = buffer_format(
        out,
        "{\"kind\":\"summary\",\"events\":%" PRIu64 ",\"ignored\":%" PRIu64
        ",\"refused\":%" PRIu64 ",\"professionals\":%" PRIu64
        ",\"patients\":%" PRIu64 ",\"sessions\":%" PRIu64
        ",\"alerts\":%" PRIu64 ",\"disclosures\":%" PRIu64
        ",\"unlabelled\":%" PRIu64 ",\"refusals\":%" PRIu64
        ",\"logins\":%" PRIu64 ",\"duplicates\":%" PRIu64
        ",\"files\":%" PRIu64 ",\"files_refused\":%" PRIu64
        ",\"bytes\":%" PRIu64 ",\"forms\":\"%s\",\"ignored_by_kind\":{",
        read->events, read->ignored, read->refused, core->professionals,
        core->persons, core->sessions, core->alerts, core->disclosures,
        core->unlabelled, core->refusals, core->logins,
        core->duplicates + read->repeated, read->files, read->files_refused,
        read->bytes, read->forms);

    for (size_t i = 0; i < read->ignored_kind_count && result == OK; i++)
        result = buffer_format(out, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",",
                               read->ignored_kinds[i],
                               read->ignored_counts[i]);
    if (result == OK)
        result = buffer_format(
            out,
            "},\"accounts\":%" PRIu64 ",\"pairs\":%" PRIu64
            ",\"detect_bytes\":%" PRIu64 ",\"professional_days\":%" PRIu64
            ",\"several_servers\":%s,\"detector\":",
            detect->accounts, detect->pairs, detect->bytes,
            detect->professional_days,
            core->several_servers ? "true" : "false");
    if (result == OK)
        result = buffer_json_string(out, options);
    if (result == OK)
        result = buffer_string(out, "}\n");
    return result;
}

static void
summary_text(const struct replay_print *print,
             const struct importer_statistics *read,
             const struct core_statistics *core, struct text options)
{
    double seconds = (double)(time_now_us() - print->started_us) / 1e6;

    (void)printf(_("%" PRIu64 " records of access read in %.1f s (%s), "
                   "%" PRIu64 " ignored, %" PRIu64 " refused, %" PRIu64
                   " already counted.\n"),
                 read->events, seconds,
                 read->forms[0] == '\0' ? "-" : read->forms, read->ignored,
                 read->refused, core->duplicates + read->repeated);
    for (size_t i = 0; i < read->ignored_kind_count; i++)
        (void)printf(_("  ignored, %s: %" PRIu64 "\n"), read->ignored_kinds[i],
                     read->ignored_counts[i]);
    (void)printf(_("%" PRIu64 " professionals, %" PRIu64 " sessions, %" PRIu64
                   " patients; %" PRIu64 " disclosures, %" PRIu64
                   " of unknown content, %" PRIu64 " refused accesses; %" PRIu64
                   " alerts.\n"),
                 core->professionals, core->sessions, core->persons,
                 core->disclosures, core->unlabelled, core->refusals,
                 core->alerts);
    if (options.length > 0)
        (void)printf(_("Detector, other than by default: %.*s\n"),
                     (int)options.length, options.bytes);
}

enum result
replay_summary(struct replay_print *print,
               const struct importer_statistics *read, const char *data_dir)
{
    struct core_statistics core;
    struct detect_statistics detect;
    struct buffer out = {0}, options = {0};
    enum result result = detect_options_text(print->detect, &options);

    core_statistics(print->core, &core);
    detect_statistics(core_detect(print->core), &detect);
    progress_clear(print);
    if (core.several_servers)
        say_error("replay", "%s",
                  _("relative references come from several servers and share "
                    "one space of persons; --service NAME keeps them apart"));
    if (print->json) {
        if (result == OK)
            result = summary_json(read, &core, &detect,
                                  buffer_as_text(&options), &out);
        if (result == OK)
            result = put(&out, stdout);
        buffer_free(&out);
        buffer_free(&options);
        return result;
    }
    summary_text(print, read, &core, buffer_as_text(&options));
    buffer_free(&options);
    if (data_dir != NULL) {
        (void)printf(_("The rows are in %s, the keys in %s.\n"), data_dir,
                     lookup_keys_dir(core_lookup(print->core)));
        if (core.made_vault)
            (void)printf("%s\n",
                         _("No vault key was given: a local pair was made "
                           "there. Its private half belongs off this "
                           "machine, with two holders."));
    }
    return result;
}
