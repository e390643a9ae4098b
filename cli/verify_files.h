/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie verify of files that somebody holds: proofs and checkpoints, without
 * the machine that made them.
 */
#ifndef VIGIE_CLI_VERIFY_FILES_H
#define VIGIE_CLI_VERIFY_FILES_H

#include <stdbool.h>

#include "cli/key_files.h"
#include "ledger/inspect.h"

#define VERIFY_FILES_MAX 64

struct verify_files {
    const char *paths[VERIFY_FILES_MAX];
    size_t count;
    struct key_list keys;
    bool json;
    uint64_t wrong; /* what does not hold */
    /* the checkpoints among them, to be held against a ledger */
    struct given_checkpoint checkpoints[VERIFY_FILES_MAX];
    struct inspect_point points[VERIFY_FILES_MAX];
    size_t point_count;
};

/* Checks every file, prints what it says; E_FORMAT, E_IO, … (said) where one
 * could not be read. With `alone` checkpoints of different sizes cannot be
 * compared, which is said. */
enum result verify_files(struct verify_files *files, bool alone) MUST_USE;
void verify_files_free(struct verify_files *files);

#endif
