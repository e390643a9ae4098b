/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * BACKUP: what a backup folder holds. Text, read and written whole; the
 * format is drawn in backup_list.c. Opens no file.
 */
#ifndef VIGIE_LEDGER_BACKUP_LIST_H
#define VIGIE_LEDGER_BACKUP_LIST_H

#include "base/buffer.h"
#include "base/hash.h"
#include "base/result.h"
#include "ledger/manifest.h"

#define BACKUP_STATES_MAX 8
#define BACKUP_LIST_BYTES_MAX 4096

/* A file of the generation, all of it in TO/state-GENERATION. */
struct backup_state {
    char name[32];
    uint64_t bytes;
    uint8_t digest[HASH_BYTES];
};

struct backup_list {
    uint8_t id[LEDGER_ID_BYTES]; /* of the ledger */
    uint64_t generation;         /* from 1 */
    int64_t taken_us;
    uint64_t rows;            /* of the ledger then, open ones too */
    uint8_t root[HASH_BYTES]; /* over them */
    struct backup_state states[BACKUP_STATES_MAX];
    size_t count;
};

/* E_CORRUPT with rule and offset in `why`. */
enum result backup_list_parse(struct text text, struct reason *why,
                              struct backup_list *ret_list) MUST_USE;
enum result backup_list_write(const struct backup_list *list,
                              struct buffer *out) MUST_USE;
const struct backup_state *backup_list_find(const struct backup_list *list,
                                            const char *name);

#endif
