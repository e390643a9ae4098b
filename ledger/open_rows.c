/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * open.rows, byte by byte. All numbers little endian; everything is a
 * multiple of 64 bytes. First the head of the file:
 *
 *    0  8  "VIGIEOPN"
 *    8  4  version, 1
 *   12  4  zero
 *   16 16  id of the ledger (MANIFEST)
 *   32  8  number of the first row in this file
 *   40 16  zero
 *   56  8  checksum64 of the 56 bytes before, seed 0
 *
 * then groups, each the rows of one sync:
 *
 *    0  4  "VGR1"
 *    4  4  rows in the group, 1 … 2^20
 *    8  8  number of its first row
 *   16  8  rows that were durable (fdatasync had returned) before the group
 *          was written
 *   24 32  RFC 9162 root over all rows of the ledger up to the group's last
 *   56  8  checksum64 of the 56 bytes before, seed: the rows' sum
 *   64  …  the rows, 64 bytes each (model/row.c)
 *
 * The rows' sum is chained over pieces of 1,024 rows: the seed of the first
 * is the first half of the ledger's id, that of a later one the sum before.
 *
 * Rows are written first, the group's head last. A group is whole when its
 * sum holds; the sum proves every byte of it. The file is never shortened in
 * place (readers map it): a torn tail is cut by writing the whole groups
 * into a new file and renaming that over.
 *
 * A group that does not hold is a torn tail, unless a group behind it holds
 * and says that more rows were durable than lie before the bad one: then
 * acknowledged rows have rotted, and nothing is cut.
 */
#include "ledger/open_rows.h"

#include <string.h>

#include "base/file.h"
#include "ledger/checksum.h"
#include "ledger/invariant.h"

#define FILE_MAGIC "VIGIEOPN"
#define FILE_VERSION 1
#define GROUP_MAGIC "VGR1"
#define PIECE_ROWS 1024
#define PIECE_BYTES (PIECE_ROWS * (size_t)ROW_BYTES)

struct group {
    uint64_t first, durable;
    size_t count;
    const uint8_t *rows;
    const uint8_t *root;
};

void
open_rows_head(const uint8_t id[LEDGER_ID_BYTES], uint64_t first,
               uint8_t ret_head[OPEN_HEAD_BYTES])
{
    memset(ret_head, 0, OPEN_HEAD_BYTES);
    memcpy(ret_head, FILE_MAGIC, 8);
    le32_put(ret_head + 8, FILE_VERSION);
    memcpy(ret_head + 16, id, LEDGER_ID_BYTES);
    le64_put(ret_head + 32, first);
    le64_put(ret_head + 56, checksum64(ret_head, 56, 0));
}

static bool
head_read(const uint8_t *bytes, size_t length,
          const uint8_t id[LEDGER_ID_BYTES], uint64_t *ret_first)
{
    uint8_t expected[OPEN_HEAD_BYTES];

    if (length < OPEN_HEAD_BYTES)
        return false;
    open_rows_head(id, le64_get(bytes + 32), expected);
    if (memcmp(expected, bytes, OPEN_HEAD_BYTES) != 0)
        return false;
    *ret_first = le64_get(bytes + 32);
    return true;
}

static uint64_t
rows_sum(const uint8_t id[LEDGER_ID_BYTES], const uint8_t *rows, size_t bytes)
{
    uint64_t sum = le64_get(id);

    for (size_t at = 0; at < bytes; at += PIECE_BYTES) {
        size_t piece = bytes - at < PIECE_BYTES ? bytes - at : PIECE_BYTES;

        sum = checksum64(rows + at, piece, sum);
    }
    return sum;
}

/* Whether a whole group lies at the start of `bytes`. */
static bool
group_read(const uint8_t *bytes, size_t length,
           const uint8_t id[LEDGER_ID_BYTES], struct group *ret_group)
{
    size_t count;
    uint64_t sum;

    if (length < OPEN_HEAD_BYTES || memcmp(bytes, GROUP_MAGIC, 4) != 0)
        return false;
    count = le32_get(bytes + 4);
    if (count == 0 || count > OPEN_GROUP_ROWS_MAX ||
        count > (length - OPEN_HEAD_BYTES) / ROW_BYTES)
        return false;
    sum = rows_sum(id, bytes + OPEN_HEAD_BYTES, count * ROW_BYTES);
    if (checksum64(bytes, 56, sum) != le64_get(bytes + 56))
        return false;
    *ret_group = (struct group){
        .first = le64_get(bytes + 8),
        .durable = le64_get(bytes + 16),
        .count = count,
        .rows = bytes + OPEN_HEAD_BYTES,
        .root = bytes + 24,
    };
    return true;
}

/* Whether any later group shows that the rows from `next` on were durable.
 * The work is bounded: hostile bytes may hold a group's magic everywhere. */
static bool
later_proof(const uint8_t *bytes, size_t length, size_t at, uint64_t next,
            const uint8_t id[LEDGER_ID_BYTES])
{
    uint64_t budget = 4 * (uint64_t)length;
    struct group group;

    for (at += OPEN_HEAD_BYTES; at + OPEN_HEAD_BYTES < length;
         at += ROW_BYTES) {
        uint64_t cost;

        if (memcmp(bytes + at, GROUP_MAGIC, 4) != 0 ||
            le64_get(bytes + at + 16) <= next)
            continue;
        cost = (uint64_t)le32_get(bytes + at + 4) * ROW_BYTES;
        if (cost > length - at)
            continue;
        if (cost > budget)
            return true; /* so many cannot come from a torn write */
        budget -= cost;
        if (group_read(bytes + at, length - at, id, &group))
            return true;
    }
    return false;
}

enum result
open_rows_scan(const uint8_t *bytes, size_t length,
               const uint8_t id[LEDGER_ID_BYTES], open_visit *visit,
               void *context, struct reason *why, struct open_scan *ret_scan)
{
    struct open_scan scan = {.end = OPEN_HEAD_BYTES};
    struct group group;
    enum result result;

    if (!head_read(bytes, length, id, &scan.first))
        return reason_set(why, E_CORRUPT, "ledger-open-head", "open.rows", 0);
    scan.next = scan.first;
    while (group_read(bytes + scan.end, length - scan.end, id, &group)) {
        if (group.first != scan.next || group.durable > group.first ||
            group.first > INT64_MAX)
            return reason_set(why, E_CORRUPT, "ledger-open-order", "open.rows",
                              scan.end);
        result =
            visit(context, group.first, group.count, group.rows, group.root);
        if (result != OK)
            return reason_set(why, result, "ledger-open-row", "open.rows",
                              scan.end);
        scan.end += OPEN_HEAD_BYTES + group.count * ROW_BYTES;
        scan.next += group.count;
        scan.durable = group.durable;
    }
    scan.torn = length - scan.end;
    if (scan.torn > 0 && later_proof(bytes, length, scan.end, scan.next, id))
        return reason_set(why, E_CORRUPT, "ledger-open-rot", "open.rows",
                          scan.end);
    *ret_scan = scan;
    return OK;
}

enum result
open_rows_write(int fd, const uint8_t id[LEDGER_ID_BYTES],
                const struct row *rows, size_t count, const struct merkle *tree,
                uint64_t durable, uint64_t *end)
{
    uint8_t piece[PIECE_BYTES];
    uint8_t head[OPEN_HEAD_BYTES] = {0};
    uint64_t sum = le64_get(id);
    uint64_t at = *end + OPEN_HEAD_BYTES;
    enum result result;

    INVARIANT(4, count > 0 && count <= OPEN_GROUP_ROWS_MAX &&
                     tree->count >= count && durable <= tree->count - count);
    for (size_t done = 0; done < count;) {
        size_t n = count - done < PIECE_ROWS ? count - done : PIECE_ROWS;

        for (size_t i = 0; i < n; i++)
            row_encode(&rows[done + i], piece + i * ROW_BYTES);
        sum = checksum64(piece, n * ROW_BYTES, sum);
        result = file_write_at(fd, piece, n * ROW_BYTES, at);
        if (result != OK)
            return result;
        at += n * ROW_BYTES;
        done += n;
    }
    memcpy(head, GROUP_MAGIC, 4);
    le32_put(head + 4, (uint32_t)count);
    le64_put(head + 8, tree->count - count);
    le64_put(head + 16, durable);
    merkle_root(tree, head + 24);
    le64_put(head + 56, checksum64(head, 56, sum));
    result = file_write_at(fd, head, sizeof(head), *end);
    if (result == OK)
        *end = at;
    return result;
}
