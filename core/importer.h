/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Files, folders and streams into a core: read, decompressed, parsed by
 * their form, sorted by the events' own time, accepted. A content that was
 * read before is refused, whatever its name or compression.
 */
#ifndef VIGIE_CORE_IMPORTER_H
#define VIGIE_CORE_IMPORTER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/core.h"
#include "ingest/trail.h"

struct importer;

enum import_stage { STAGE_READING, STAGE_JUDGING };

struct importer_options {
    struct core *core;
    bool again;      /* read contents once more that were read before */
    bool date_given; /* fallback_time_us is --date, not the file's time */
    int64_t fallback_time_us;
    const struct mapping *const *mappings;
    size_t mapping_count;
    bool mapping_forced;
    uint64_t commit_events; /* between two commits; 0: COMMIT_EVENTS */
    const volatile sig_atomic_t *stop; /* not 0: end at the next commit */
    void *context;
    /* Any of these may be NULL. `file` is the name as given. */
    void (*refused)(void *context, const char *file,
                    const struct reason *why);
    /* A whole file that was not read: `what` is a static word: "unreadable",
     * "already-read", "unknown-form". */
    void (*file_refused)(void *context, const char *file, const char *what,
                         enum result result, int64_t read_before_us);
    /* A table whose mapping gives no event: told once a file, early. `why`
     * is trail_failure's. */
    void (*mapping_failed)(void *context, const char *file,
                           const struct reason *why);
    void (*proposal)(void *context, const char *file, struct text mapping);
    void (*progress)(void *context, enum import_stage stage, uint64_t done,
                     uint64_t total, uint64_t events);
};

enum result importer_new(const struct importer_options *options,
                         struct importer **ret_importer) MUST_USE;
void importer_free(struct importer *importer);

/* A file, a folder (all files below it, by name) or "-" for standard input.
 * OK also where a file was refused (the callback was told). */
enum result importer_add(struct importer *importer, const char *path) MUST_USE;
/* Sum of the sizes of what will be read, for the progress; 0: unknown. */
void importer_announce(struct importer *importer, const char *path);
/* Everything read goes to the core, in event time, and is committed. */
enum result importer_finish(struct importer *importer) MUST_USE;

#define IGNORED_KINDS_MAX 32
struct importer_statistics {
    uint64_t files, files_refused, bytes;
    uint64_t events, ignored, refused, repeated;
    size_t ignored_kind_count;
    const char *ignored_kinds[IGNORED_KINDS_MAX];
    uint64_t ignored_counts[IGNORED_KINDS_MAX];
    char forms[256]; /* "fhir-json+syslog" */
};
void importer_statistics(const struct importer *importer,
                         struct importer_statistics *ret_statistics);

#endif
