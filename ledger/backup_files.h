/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whole files copied and digested, for backup*.c only. Reads with read(), so
 * that a broken sector is an error and no signal.
 */
#ifndef VIGIE_LEDGER_BACKUP_FILES_H
#define VIGIE_LEDGER_BACKUP_FILES_H

#include "base/hash.h"
#include "base/result.h"
#include "ledger/backup_list.h"

#define BACKUP_PATH_BYTES 4096

/* "A/b", or E_LIMIT. */
enum result backup_path(char ret_path[BACKUP_PATH_BYTES], const char *format,
                        ...) MUST_USE __attribute__((format(printf, 2, 3)));
enum result backup_digest(const char *path, uint64_t *ret_bytes,
                          uint8_t ret_digest[HASH_BYTES]) MUST_USE;
/* Copied beside `to`, synced and renamed. With `wanted` only where that is
 * the digest of what was read: else E_CORRUPT. NULL outputs are left out. */
enum result backup_copy(const char *from, const char *to, const uint8_t *wanted,
                        uint64_t *ret_bytes, uint8_t *ret_digest) MUST_USE;
/* TO/BACKUP; E_NOTFOUND. */
enum result backup_load(const char *to, struct reason *why,
                        struct backup_list *ret_list) MUST_USE;
/* The MANIFEST of that generation, its digest checked. */
enum result backup_manifest(const char *to, const struct backup_list *list,
                            struct reason *why,
                            struct manifest *ret_manifest) MUST_USE;

#endif
