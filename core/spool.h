/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A temporary file that no one else can read: unlinked from the start, its
 * bytes under AES-256-CTR with a key that dies with the process. Written
 * once from front to back, read anywhere.
 */
#ifndef VIGIE_CORE_SPOOL_H
#define VIGIE_CORE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct spool;

/* In $TMPDIR, else /tmp. */
enum result spool_new(struct spool **ret_spool) MUST_USE;
void spool_free(struct spool *spool);
/* Appends; the bytes are changed in place (enciphered). */
enum result spool_append(struct spool *spool, uint8_t *bytes,
                         size_t length) MUST_USE;
uint64_t spool_bytes(const struct spool *spool);
enum result spool_read(struct spool *spool, uint64_t at, uint8_t *ret_bytes,
                       size_t length) MUST_USE;

#endif
