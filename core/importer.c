/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/importer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/time.h"
#include "codec/inflate.h"
#include "core/importer_inside.h"

#define FOLDER_DEPTH_MAX 32
#define PROGRESS_EVENTS 8192

static void
derive_key(struct lookup *lookup, const char *purpose, uint8_t key[32])
{
    char label[64];

    for (int i = 0; i < 4; i++) {
        uint64_t word;
        int length = snprintf(label, sizeof(label), "%s-%d", purpose, i);

        word = lookup_digest(lookup, label, (size_t)length);
        memcpy(key + 8 * i, &word, 8);
    }
}

enum result
importer_new(const struct importer_options *options,
             struct importer **ret_importer)
{
    struct importer *importer = calloc(1, sizeof(*importer));
    uint8_t key[32];
    enum result result;

    if (importer == NULL)
        return E_NOMEM;
    importer->options = *options;
    importer->chunk = malloc(READ_BYTES);
    result = importer->chunk == NULL ? E_NOMEM : OK;
    if (result == OK)
        result = sorter_new(SORT_BUFFER_BYTES, &importer->sorter);
    derive_key(core_lookup(options->core), "import-fingerprint", key);
    if (result == OK)
        result = fingerprint_new(key, &importer->whole);
    if (result == OK)
        result = fingerprint_new(key, &importer->start);
    hash_wipe(key, sizeof(key));
    if (result != OK) {
        importer_free(importer);
        return result;
    }
    *ret_importer = importer;
    return OK;
}

void
importer_free(struct importer *importer)
{
    if (importer == NULL)
        return;
    if (importer->chunk != NULL)
        hash_wipe(importer->chunk, READ_BYTES);
    free(importer->chunk);
    sorter_free(importer->sorter);
    fingerprint_free(importer->whole);
    fingerprint_free(importer->start);
    free(importer->contents);
    free(importer);
}

static bool
stopped(const struct importer *importer)
{
    return importer->options.stop != NULL && *importer->options.stop != 0;
}

static void
tell_refused(struct importer *importer, const struct reason *why)
{
    importer->statistics.refused++;
    importer->file_refused++;
    if (importer->options.refused != NULL)
        importer->options.refused(importer->options.context, importer->path,
                                  why);
}

static void
tell_file(struct importer *importer, const char *path, const char *what,
          enum result result, int64_t read_before_us)
{
    importer->statistics.files_refused++;
    if (importer->options.file_refused != NULL)
        importer->options.file_refused(importer->options.context, path, what,
                                       result, read_before_us);
}

static enum result
on_event(void *context, const struct event *event, uint64_t offset)
{
    struct importer *importer = context;
    enum result result = sorter_add(importer->sorter, event, importer->file);
    struct reason why;

    if (result == E_LIMIT) {
        (void)reason_set(&why, E_LIMIT, "event-bytes-max", "", offset);
        tell_refused(importer, &why);
        return OK;
    }
    if (result == OK) {
        importer->statistics.events++;
        importer->file_events++;
    }
    return result;
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    struct importer *importer = context;
    struct importer_statistics *statistics = &importer->statistics;
    size_t i = 0;

    (void)offset;
    statistics->ignored++;
    while (i < statistics->ignored_kind_count &&
           strcmp(statistics->ignored_kinds[i], kind) != 0)
        i++;
    if (i == IGNORED_KINDS_MAX)
        return OK;
    if (i == statistics->ignored_kind_count) {
        statistics->ignored_kinds[i] = kind;
        statistics->ignored_kind_count++;
    }
    statistics->ignored_counts[i]++;
    return OK;
}

static enum result
on_refused(void *context, const struct reason *why)
{
    tell_refused(context, why);
    return OK;
}

enum result
importer_bytes(void *context, const uint8_t *bytes, size_t length)
{
    struct importer *importer = context;
    size_t head = START_BYTES - importer->start_length;

    if (head > length)
        head = length;
    memcpy(importer->start_bytes + importer->start_length, bytes, head);
    importer->start_length += head;
    importer->file_bytes += length;
    fingerprint_add(importer->whole, bytes, length);
    /* only to be fingerprinted: no trail is open */
    if (importer->trail == NULL)
        return OK;
    return trail_feed(importer->trail, bytes, length);
}

static void
tell_progress(struct importer *importer, enum import_stage stage,
              uint64_t done, uint64_t total)
{
    if (importer->options.progress != NULL)
        importer->options.progress(importer->options.context, stage, done,
                                   total, importer->statistics.events);
}

/* A mapping that matches nothing says so before the whole file is read. */
static void
tell_failure(struct importer *importer)
{
    struct reason why;

    if (importer->failure_told || importer->file_events > 0 ||
        importer->options.mapping_failed == NULL ||
        trail_failure(importer->trail, &why) != OK)
        return;
    importer->failure_told = true;
    importer->options.mapping_failed(importer->options.context,
                                     importer->path, &why);
}

enum result
importer_read_all(struct importer *importer, int fd, bool counted)
{
    struct inflate *inflate = NULL;
    struct reason why = {0};
    size_t length = 0;
    enum result result = inflate_new(importer_bytes, importer, &inflate);

    importer->start_length = 0;
    importer->file_bytes = 0;
    fingerprint_reset(importer->whole);
    while (result == OK && !stopped(importer)) {
        result = file_read(fd, importer->chunk, READ_BYTES, &length);
        if (result != OK || length == 0)
            break;
        result = inflate_feed(inflate, importer->chunk, length, &why);
        if (counted) {
            importer->done += length;
            tell_progress(importer, STAGE_READING, importer->done,
                          importer->announced);
            if (importer->options.mapping_forced)
                tell_failure(importer);
        }
    }
    if (result == OK)
        result = inflate_end(inflate, &why);
    inflate_free(inflate);
    if ((result == E_FORMAT || result == E_END) && why.rule != NULL) {
        if (importer->trail != NULL)
            tell_refused(importer, &why);
        return OK;
    }
    return result;
}

static void
add_form(struct importer *importer, const char *form)
{
    char *forms = importer->statistics.forms;
    size_t length = strlen(forms);

    if (form == NULL || form[0] == '\0' || strstr(forms, form) != NULL ||
        length + strlen(form) + 2 > sizeof(importer->statistics.forms))
        return;
    (void)snprintf(forms + length, sizeof(importer->statistics.forms) - length,
                   "%s%s", length == 0 ? "" : "+", form);
}

static void
propose(struct importer *importer)
{
    struct buffer mapping = {0};

    if (importer->options.proposal != NULL &&
        trail_proposal(importer->trail, &mapping) == OK)
        importer->options.proposal(importer->options.context, importer->path,
                                   buffer_as_text(&mapping));
    buffer_free(&mapping);
}

static enum result
read_trail(struct importer *importer, int fd, int64_t file_time_us)
{
    const struct importer_options *options = &importer->options;
    struct trail_options trail_options = {
        .fallback_time_us =
            options->date_given ? options->fallback_time_us : file_time_us,
        .mappings = options->mappings,
        .mapping_count = options->mapping_count,
        .mapping_forced = options->mapping_forced,
    };
    struct trail_sink sink = {
        .context = importer,
        .event = on_event,
        .ignored = on_ignored,
        .refused = on_refused,
    };
    uint64_t ignored = importer->statistics.ignored;
    enum result result;

    importer->file_events = importer->file_refused = 0;
    importer->failure_told = false;
    result = trail_new(&trail_options, &sink, &importer->trail);
    if (result == OK)
        result = importer_read_all(importer, fd, true);
    if (result == OK && !stopped(importer))
        result = trail_end(importer->trail);
    if (result == OK) {
        tell_failure(importer);
        add_form(importer, trail_form(importer->trail));
        if (importer->file_events == 0 &&
            importer->statistics.ignored == ignored)
            propose(importer);
        importer->statistics.bytes += importer->file_bytes;
        if (!stopped(importer))
            result = importer_keep_content(importer);
    }
    trail_free(importer->trail);
    importer->trail = NULL;
    return result;
}

static enum result
add_file(struct importer *importer, const char *path)
{
    bool from_stdin = strcmp(path, "-") == 0;
    struct stat status;
    int64_t before = 0, file_time_us;
    int fd = STDIN_FILENO;
    enum result result = OK;

    if (!from_stdin)
        result = file_open(path, O_RDONLY, 0, &fd);
    if (result == OK && fstat(fd, &status) != 0)
        result = E_IO;
    if (result != OK) {
        tell_file(importer, path, "unreadable", result, 0);
        return OK;
    }
    importer->path = path;
    importer->statistics.files++;
    file_time_us = S_ISREG(status.st_mode)
                       ? (int64_t)status.st_mtim.tv_sec * TIME_SECOND_US +
                             status.st_mtim.tv_nsec / 1000
                       : time_now_us();
    if (S_ISREG(status.st_mode))
        result = importer_read_before(importer, fd, &before);
    if (result == OK && before != 0)
        tell_file(importer, path, "already-read", E_EXISTS, before);
    else if (result == OK)
        result = read_trail(importer, fd, file_time_us);
    importer->file++;
    if (!from_stdin)
        file_close(&fd);
    if (result == E_IO) {
        tell_file(importer, path, "unreadable", result, 0);
        result = OK;
    }
    return result;
}

static int
not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static enum result
walk(struct importer *importer, const char *path, int depth, bool announce)
{
    struct dirent **entries = NULL;
    struct stat status;
    enum result result = OK;
    int count;

    if (strcmp(path, "-") == 0 || stat(path, &status) != 0 ||
        !S_ISDIR(status.st_mode)) {
        if (!announce)
            return add_file(importer, path);
        if (strcmp(path, "-") != 0 && stat(path, &status) == 0)
            importer->announced += (uint64_t)status.st_size;
        return OK;
    }
    count = depth >= FOLDER_DEPTH_MAX
                ? -1
                : scandir(path, &entries, not_hidden, alphasort);
    if (count < 0) {
        if (!announce)
            tell_file(importer, path, "unreadable", E_IO, 0);
        return OK;
    }
    for (int i = 0; i < count; i++) {
        char below[4096];

        if (snprintf(below, sizeof(below), "%s/%s", path,
                     entries[i]->d_name) < (int)sizeof(below)) {
            if (result == OK && !stopped(importer))
                result = walk(importer, below, depth + 1, announce);
        } else if (!announce) {
            tell_file(importer, path, "unreadable", E_LIMIT, 0);
        }
        free(entries[i]);
    }
    free(entries);
    return result;
}

enum result
importer_add(struct importer *importer, const char *path)
{
    return walk(importer, path, 0, false);
}

void
importer_announce(struct importer *importer, const char *path)
{
    if (walk(importer, path, 0, true) != OK)
        importer->announced = 0;
}

enum result
importer_finish(struct importer *importer)
{
    uint64_t every = importer->options.commit_events == 0
                         ? COMMIT_EVENTS
                         : importer->options.commit_events;
    struct core *core = importer->options.core;
    uint64_t total, done = 0, committed = ledger_count(core_ledger(core));
    enum result result = sorter_finish(importer->sorter);

    total = sorter_count(importer->sorter);
    while (result == OK && !stopped(importer)) {
        struct sorted_event sorted;

        result = sorter_next(importer->sorter, &sorted);
        if (result == OK)
            result = core_accept(core, &sorted.event, sorted.content,
                                 sorted.occurrence);
        if (result != OK)
            break;
        done++;
        /* events of many persons: the ledger must not sync by itself before
         * their names are durable */
        if (done % every == 0 ||
            ledger_count(core_ledger(core)) - committed >= COMMIT_EVENTS) {
            result = core_commit(core);
            committed = ledger_count(core_ledger(core));
        }
        if (done % PROGRESS_EVENTS == 0)
            tell_progress(importer, STAGE_JUDGING, done, total);
    }
    if (result == E_END)
        result = OK;
    importer->statistics.repeated = sorter_repeated(importer->sorter);
    if (result == OK && !stopped(importer))
        result = importer_note_refused(importer);
    if (result == OK)
        result = core_finish(core);
    if (result == OK && !stopped(importer))
        result = importer_note_contents(importer);
    tell_progress(importer, STAGE_JUDGING, total, total);
    return result;
}

void
importer_statistics(const struct importer *importer,
                    struct importer_statistics *ret_statistics)
{
    *ret_statistics = importer->statistics;
}
