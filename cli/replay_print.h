/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What `vigie replay` says: progress, refusals, alerts, the accounts to look
 * at first, the summary. Knows nothing of how they came about.
 */
#ifndef VIGIE_CLI_REPLAY_PRINT_H
#define VIGIE_CLI_REPLAY_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/core.h"
#include "core/importer.h"

struct replay_print {
    bool json, quiet, terminal;
    struct core *core;
    const struct detect_options *detect;
    int64_t started_us, progress_us;
    bool progress_shown;
    uint64_t files_already_read;
};

void replay_refused(void *context, const char *file, const struct reason *why);
void replay_file_refused(void *context, const char *file, const char *what,
                         enum result result, int64_t read_before_us);
void replay_mapping_failed(void *context, const char *file,
                           const struct reason *why);
void replay_proposal(void *context, const char *file, struct text mapping);
void replay_progress(void *context, enum import_stage stage, uint64_t done,
                     uint64_t total, uint64_t events);
enum result replay_alert(void *context, const struct alert *alert);
enum result replay_suspects(struct replay_print *print) MUST_USE;
enum result replay_summary(struct replay_print *print,
                           const struct importer_statistics *read,
                           const char *data_dir) MUST_USE;

#endif
