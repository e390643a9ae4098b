/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files of the core process share. */
#ifndef VIGIE_PROC_CORE_LOOP_H
#define VIGIE_PROC_CORE_LOOP_H

#include "proc/connections.h"
#include "proc/core_process.h"
#include "proc/syncer.h"
#include "wire/batch.h"
#include "wire/greet.h"

/* Once a peer was read so many messages in a turn, others' turn comes; the
 * last packet may hold a whole batch. */
#define CORE_MESSAGES_A_PEER 64
/* Answers that wait for the end of their turn, and for a sync. Where there is
 * no room, the loop writes (or syncs) itself. */
#define CORE_WRITTEN_MAX (64 * CORE_MESSAGES_A_PEER)
#define CORE_DURABLE_MAX 16384
#define CORE_ANSWER_BYTES 64
/* Between a write and the start of its sync, under load. */
#define CORE_SYNC_MS 100
/* After so long a silence the sync begins at once. */
#define CORE_IDLE_MS 20
/* Names are put from the journal into LMDB in a silence, so seldom or when the
 * journal has got so long: it takes the loop some milliseconds, in which
 * nobody is answered. Readers see them before (ledger/lookup_overlay.h). */
#define CORE_TABLES_MS 30000
#define CORE_TABLES_BYTES (8u << 20)

enum core_when {
    CORE_WRITTEN, /* it outlives core */
    CORE_DURABLE, /* it outlives a power cut */
};

struct core_answer {
    struct peer *peer; /* NULL: intake */
    uint64_t serial;   /* of the peer: its place may be another's by now */
    uint64_t turn;
    size_t length;
    uint8_t bytes[CORE_ANSWER_BYTES];
};

struct core_answers {
    /* turns of the loop that were written, of those the last that is durable,
     * and the one that the sync going on will make so */
    uint64_t turn, turn_synced, turn_asked;
    uint64_t rows_asked;
    int sync_fds[SYNCER_FDS_MAX]; /* being synced; -1 */
    bool journaled;               /* names that only the journal has */
    /* since when; monotonic */
    int64_t unsynced_ms, journaled_ms, asked_ms, written_ms;
    size_t written_count, durable_count;
    struct core_answer written[CORE_WRITTEN_MAX];
    struct core_answer durable[CORE_DURABLE_MAX];
};

struct core_loop {
    const struct core_process *process;
    struct live *live;
    struct peers *peers;
    struct syncer *syncer;
    int epoll, signals, timer;
    char intake_mark;
    char workers_mark, operators_mark; /* their addresses mark events */
    bool changed;                      /* something has to be written */
    bool ending;
    int64_t now_us;
    int64_t checkpoint_us; /* when the next one is due */
    char outside_mark;
    struct evidence_to {
        uint64_t known;  /* size that the witness has, as far as we know */
        uint64_t done;   /* size that arrived last */
        uint64_t flying; /* size that is on its way; 0: none */
        int64_t next_us; /* not before */
        unsigned again;  /* questions about one size */
        bool compute;    /* proofs are computed without the kept tree */
    } to[SETTINGS_DESTINATIONS_MAX];
    uint8_t tag_key[WIRE_TAG_KEY_BYTES];
    struct core_answers answers;
    uint8_t packet[WIRE_PACKET_BYTES_MAX]; /* being written */
    uint8_t received[WIRE_PACKET_BYTES_MAX];
};

/* core_answers.c. A short packet, sent once all of the turn is written, or
 * durable. The one place that answers. `changed` is set where the turn has
 * something to write. */
enum result core_loop_reply(struct core_loop *loop, struct peer *peer,
                            enum core_when when, const void *bytes,
                            size_t length) MUST_USE;
/* Everything so far is written, synced and answered. */
enum result core_answers_commit(struct core_loop *loop) MUST_USE;
/* What the syncer was given; where it is not at work. */
void core_answers_close(struct core_answers *answers);
/* The syncer is done. */
enum result core_answers_synced(struct core_loop *loop) MUST_USE;
enum result core_answers_turn_end(struct core_loop *loop) MUST_USE;
/* How long the loop may sleep; -1: for ever. */
int core_answers_timeout_ms(const struct core_loop *loop);

/* worker_peer.c, operator_peer.c: what the peer sent. A result other than OK
 * ends the process; a peer that is wrong is dropped. */
enum result worker_read(struct core_loop *loop, struct peer *peer) MUST_USE;
enum result operator_read(struct core_loop *loop, struct peer *peer) MUST_USE;

/* For the files that answer operators: one more line; all of it durable;
 * and what is asked about the vault, about erasing (operator_*.c). */
struct wire_command;
enum result operator_line(struct core_loop *loop, struct peer *peer,
                          struct text line) MUST_USE;
enum result operator_commit(struct core_loop *loop) MUST_USE;
enum result operator_erase(struct core_loop *loop, struct peer *peer,
                           const struct wire_command *command) MUST_USE;
enum result operator_vault(struct core_loop *loop, struct peer *peer,
                           const struct wire_command *command) MUST_USE;

/* core_evidence.c. At the end of a turn, all of it durable; at the end. */
void evidence_turn(struct core_loop *loop);
void evidence_end(struct core_loop *loop);
enum result evidence_read(struct core_loop *loop) MUST_USE;

/* intake_peer.c. core is there: what it did not answer is to be sent again. */
void intake_greet(struct core_loop *loop);
enum result intake_read(struct core_loop *loop) MUST_USE;

#endif
