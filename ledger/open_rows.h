/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * open.rows: the rows that are not sealed yet, in groups that are whole or
 * absent. The format is drawn in open_rows.c. Knows no segments; what is
 * sealed already is passed over by row number.
 */
#ifndef VIGIE_LEDGER_OPEN_ROWS_H
#define VIGIE_LEDGER_OPEN_ROWS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/manifest.h"
#include "ledger/merkle.h"
#include "model/row.h"

#define OPEN_HEAD_BYTES 64
/* Rows of one group; a longer run is written as several. */
#define OPEN_GROUP_ROWS_MAX (1u << 20)

/* What a scan found. Rows are called in order, each group after its check
 * was found right. */
struct open_scan {
    uint64_t first; /* row of the file's first group */
    uint64_t next;  /* row behind the last whole group */
    uint64_t end;   /* offset behind the last whole group */
    uint64_t torn;  /* bytes behind `end` */
    uint64_t durable; /* rows that were durable before the last group */
};
typedef enum result open_visit(void *context, uint64_t first, size_t count,
                               const uint8_t *rows,
                               const uint8_t root[HASH_BYTES]);

/* The bytes of a file without groups. */
void open_rows_head(const uint8_t id[LEDGER_ID_BYTES], uint64_t first,
                    uint8_t ret_head[OPEN_HEAD_BYTES]);
/* Reads a whole file. A tail that is not a whole group is left out and
 * counted, unless a later group proves that it was durable once: E_CORRUPT,
 * as for a head that is not of this ledger. */
enum result open_rows_scan(const uint8_t *bytes, size_t length,
                           const uint8_t id[LEDGER_ID_BYTES], open_visit *visit,
                           void *context, struct reason *why,
                           struct open_scan *ret_scan) MUST_USE;

/* Writes one group at *end and moves it behind; not synced. The rows must
 * be in the tree already: its root goes into the group's head. */
enum result open_rows_write(int fd, const uint8_t id[LEDGER_ID_BYTES],
                            const struct row *rows, size_t count,
                            const struct merkle *tree, uint64_t durable,
                            uint64_t *end) MUST_USE;

#endif
