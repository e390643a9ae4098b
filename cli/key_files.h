/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Verifier keys and checkpoints as the commands are given them. Errors are
 * said here.
 */
#ifndef VIGIE_CLI_KEY_FILES_H
#define VIGIE_CLI_KEY_FILES_H

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/note_check.h"

struct key_list {
    struct note_key keys[NOTE_KEYS_MAX];
    size_t count;
};

/* `given` is a verifier key, or a file with one a line ('#' begins a
 * comment). */
enum result key_files_add(const char *command, const char *given,
                          struct key_list *list) MUST_USE;
/* The keys under which the journal of a data folder was signed. */
enum result key_files_add_own(const char *command, const char *data_dir,
                              struct key_list *list) MUST_USE;

struct given_checkpoint {
    const char *path;
    struct buffer text;
    struct note note;
    struct checkpoint checkpoint;
};

/* Reads and parses; with `keys` (else NULL) a log's own must have signed.
 * Free with buffer_free(&ret->text). */
enum result key_files_checkpoint(const char *command, const char *path,
                                 const struct key_list *keys,
                                 struct given_checkpoint *ret) MUST_USE;

#endif
