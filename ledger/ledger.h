/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The rows: appended, synced in groups, sealed into compressed segments,
 * found again by session, professional, person and address, and summed up in
 * an RFC 9162 Merkle root over the rows in the order of the log. Knows rows
 * and ids only: no names, no look-up, no meaning.
 *
 * Folder DIR/ledger: MANIFEST (which segments, their digests, the tree's
 * frontier), NNNNNNNN.seg (sealed), open.rows (plain 64-byte rows; a torn
 * tail is cut at opening). One writer (lock file), any number of readers.
 */
#ifndef VIGIE_LEDGER_LEDGER_H
#define VIGIE_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/result.h"
#include "model/row.h"

struct ledger;

enum ledger_mode { LEDGER_READ, LEDGER_WRITE };

/* Opens (WRITE: makes) DIR/ledger. E_NOTFOUND, E_DENIED (another writer),
 * E_CORRUPT with the file and place in `why`, E_IO, E_NOMEM. `why` may be
 * NULL. Rows cut from a torn tail are counted in *ret_torn_bytes (NULL ok). */
enum result ledger_open(const char *data_dir, enum ledger_mode mode,
                        struct reason *why, uint64_t *ret_torn_bytes,
                        struct ledger **ret_ledger) MUST_USE;
/* Syncs what was appended; E_IO where that failed. Frees always. */
enum result ledger_close(struct ledger *ledger) MUST_USE;
void ledger_free(struct ledger *ledger); /* without syncing; NULL is safe */
/* Random, made with the ledger: what is said of it names it so. */
#define LEDGER_ID_BYTES 16
const uint8_t *ledger_id(const struct ledger *ledger);
/* The same from the files alone. E_NOTFOUND, E_CORRUPT. */
enum result ledger_id_of(const char *data_dir,
                         uint8_t ret_id[LEDGER_ID_BYTES]) MUST_USE;

/* Appends; time_received_us is raised to the last row's where it went back.
 * *ret_first: number of the first row (NULL ok). Not durable until
 * ledger_sync; but more than LEDGER_UNSYNCED_MAX rows are never held back: it
 * then syncs by itself, so commit what the rows refer to before that. After
 * an I/O error every further append is E_IO until the ledger is opened
 * again. Syncing seals full segments. */
#define LEDGER_UNSYNCED_MAX (256u << 10)
enum result ledger_append(struct ledger *ledger, const struct row *rows,
                          size_t count, uint64_t *ret_first) MUST_USE;
/* Writes out: all rows so far survive the end of the process, and are there
 * for readers; not yet a power cut. Seals full segments, which syncs. */
enum result ledger_write(struct ledger *ledger) MUST_USE;
/* Writes out and fdatasyncs: all rows so far survive a power cut. */
enum result ledger_sync(struct ledger *ledger) MUST_USE;
/* Whether the next ledger_write seals: its rows are durable then, and so
 * should be what they refer to, before it. */
bool ledger_is_full(const struct ledger *ledger);
/* For a caller that has the rows written so far synced by somebody else (a
 * thread): *ret_fd, to be fdatasynced and closed by the caller, or -1 where
 * nothing is left to sync; *ret_rows, to be told to ledger_synced after it. */
enum result ledger_unsynced(struct ledger *ledger, int *ret_fd,
                            uint64_t *ret_rows) MUST_USE;
/* The rows numbered below `rows` are durable. */
void ledger_synced(struct ledger *ledger, uint64_t rows);
/* As found at opening: the rows below it were durable for certain. */
uint64_t ledger_durable_found(const struct ledger *ledger);
/* Rows so far (for a reader: at opening). */
uint64_t ledger_count(const struct ledger *ledger);
/* RFC 9162 §2.1.1 root over all rows so far; leaf = SHA-256(0x00 ‖ row). */
enum result ledger_root(struct ledger *ledger,
                        uint8_t ret_root[HASH_BYTES]) MUST_USE;

/* Rows first … first+count-1 in the order of the log. E_NOTFOUND past the
 * end, E_CORRUPT. Sequential reading is fast. */
enum result ledger_read(struct ledger *ledger, uint64_t first, size_t count,
                        struct row *ret_rows) MUST_USE;

enum ledger_key {
    LEDGER_BY_SESSION,
    LEDGER_BY_PROFESSIONAL,
    LEDGER_BY_PERSON,  /* disclosures, refusals, joins that name a person */
    LEDGER_BY_ADDRESS, /* sightings whose address id (row.person) it is */
};

/* Calls `visit` for every row with that id under that key, in the order of
 * the log; stops at the first result that is not OK and returns it. `visit`
 * may read and find, never append. Rows of
 * kind ROW_SIGHTING are found by session, professional and address, never by
 * person. LEDGER_BY_SESSION with id 0 gives the rows of no session (gaps,
 * clock jumps, refused input): coverage is read that way, also from sealed
 * segments. Every other key has nothing under 0. */
typedef enum result ledger_visit(void *context, uint64_t number,
                                 const struct row *row);
enum result ledger_find(struct ledger *ledger, enum ledger_key key, uint64_t id,
                        ledger_visit *visit, void *context) MUST_USE;

/* Syncs, and says that no rows will come for a while (the end of an import):
 * what is open is sealed where that is worth a file, since every reader has
 * to go through the open rows first. ledger_close does it too. */
enum result ledger_rest(struct ledger *ledger) MUST_USE;
/* Seals the open segment now, whatever its size (bench, tests). */
enum result ledger_seal(struct ledger *ledger) MUST_USE;

/* Calls `visit` for the rows from `first` on, at most `count`, in the order
 * of the log; stops as ledger_find does. */
enum result ledger_each(struct ledger *ledger, uint64_t first, uint64_t count,
                        ledger_visit *visit, void *context) MUST_USE;

/* From here on a sealed segment that has rotted no longer ends an answer:
 * ledger_find and ledger_each go on with every row that can still be read
 * (where only an index is bad, with all of them), and what was met is noted
 * below. ledger_read still says E_CORRUPT, of such a row. */
void ledger_go_on(struct ledger *ledger);

/* What is bad of one sealed segment, as far as a question met it. */
struct ledger_damage {
    uint64_t segment;       /* number of its file */
    char part[24];          /* "file", "foot", "directory", "rows",
                               "index-person", … */
    uint64_t lost;          /* rows that cannot be read; 0: all answered */
    uint64_t first, last;   /* they lie between these rows of the log … */
    int64_t from_us, to_us; /* … and were received between these times */
    bool events_known;      /* whether the next two are */
    int64_t event_from_us, event_to_us; /* the segment's event times */
};
/* Borrowed until the ledger is asked again. */
const struct ledger_damage *ledger_damages(const struct ledger *ledger,
                                           size_t *ret_count);

struct ledger_statistics {
    uint64_t rows, sealed_rows, segments, sealed_bytes, open_bytes;
};
void ledger_statistics(const struct ledger *ledger,
                       struct ledger_statistics *ret_statistics);

#endif
