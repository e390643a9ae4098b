/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A copy of the data folder elsewhere, taken while its writer works, and back
 * from it. Keys are never in it, so a copy tells no name to who finds it.
 *
 * Folder TO: BACKUP (backup_list.h: what belongs to the backup; replaced
 * last, so there is always a whole one), segments/NNNNNNNN.seg (each copied
 * once), state-G/ with the other files of generation G:
 *
 *   manifest            MANIFEST
 *   open.rows           whole groups only, synced before they are copied
 *   lookup.mdb          LMDB's own copy of its last commit
 *   lookup.journal      where there is one
 *   checkpoints.journal checkpoints.latest
 *                       where there are
 *
 * Order: latest, the checkpoints' journal, rows, the look-up's journal, the
 * look-up; so whatever is referred to was copied behind what refers to it.
 */
#ifndef VIGIE_LEDGER_BACKUP_H
#define VIGIE_LEDGER_BACKUP_H

#include <stdint.h>

#include "base/hash.h"
#include "base/result.h"
#include "ledger/roots.h"

struct backup_report {
    uint64_t generation, rows;
    uint64_t segments, segments_copied;
    uint64_t bytes_copied;
    int64_t taken_us;
    uint8_t root[HASH_BYTES];
};

/* E_NOTFOUND: no ledger; E_DENIED: another backup is at work there, or
 * permissions; E_EXISTS: TO holds another ledger's (backup-other-ledger) or
 * that of a copy of this one that went on elsewhere (backup-parted; offset:
 * the rows that the backup has); E_CORRUPT with the file. After a failure the
 * backup before is still whole. */
enum result backup_take(const char *data_dir, const char *to,
                        struct reason *why,
                        struct backup_report *ret_report) MUST_USE;

typedef void backup_found(void *context, const char *file,
                          const struct reason *reason);
/* Reads every byte and calls `found` for each file that is not as it was
 * copied. *ret_damages: how often. E_NOTFOUND: no backup. */
enum result backup_check(const char *to, backup_found *found, void *context,
                         struct backup_report *ret_report,
                         uint64_t *ret_damages) MUST_USE;

/* Whether the backup is a beginning of the ledger. Of one that has more rows
 * only that is told (ROOTS_BEHIND, and the ledger's rows). */
enum result backup_compare(struct ledger *ledger, const char *to,
                           enum roots_relation *ret_relation,
                           uint64_t *ret_rows) MUST_USE;

/* Makes DIR/ledger, DIR/lookup and DIR/checkpoints from it, every byte
 * checked; then appends two rows: a gap from the last row on, and a lineage
 * row, so that what goes on here is another history than what may have gone
 * on elsewhere. E_EXISTS: there is one of them; nothing is written over. */
enum result backup_recover(const char *from, const char *data_dir,
                           struct reason *why,
                           struct backup_report *ret_report) MUST_USE;
/* Puts the segments that have rotted or are gone back from the backup's
 * copies, those that MANIFEST means and no others; the writer may be at work.
 * The report counts them. E_NOTFOUND: a bad one is not in the backup. */
enum result backup_mend(const char *from, const char *data_dir,
                        struct reason *why,
                        struct backup_report *ret_report) MUST_USE;

#endif
