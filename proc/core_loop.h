/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files of the core process share. */
#ifndef VIGIE_PROC_CORE_LOOP_H
#define VIGIE_PROC_CORE_LOOP_H

#include "proc/connections.h"
#include "proc/core_process.h"
#include "wire/batch.h"
#include "wire/greet.h"

/* Once a peer was read so many messages in a turn, others' turn comes; the
 * last packet may hold a whole batch. */
#define CORE_MESSAGES_A_PEER 64
/* Answers of one turn: of all peers that epoll names at once. */
#define CORE_ANSWERS_MAX (64 * (CORE_MESSAGES_A_PEER + WIRE_BATCH_MAX))
#define CORE_ANSWER_BYTES 64
/* Records of one turn. */
#define CORE_INTAKE_MAX 256

struct core_answer {
    struct peer *peer;
    uint64_t serial; /* of the peer: its place may be another's by now */
    size_t length;
    uint8_t bytes[CORE_ANSWER_BYTES];
};

struct core_loop {
    const struct core_process *process;
    struct live *live;
    struct peers *peers;
    int epoll, signals, timer;
    char intake_mark;
    char workers_mark, operators_mark; /* their addresses mark events */
    bool changed;                      /* something has to become durable */
    bool ending;
    int64_t now_us;
    int64_t checkpoint_us; /* when the next one is due */
    uint8_t tag_key[WIRE_TAG_KEY_BYTES];
    size_t intake_count;
    struct core_answer intake_answers[CORE_INTAKE_MAX];
    size_t answer_count;
    struct core_answer answers[CORE_ANSWERS_MAX];
    uint8_t packet[WIRE_PACKET_BYTES_MAX]; /* being written */
    uint8_t received[WIRE_PACKET_BYTES_MAX];
};

/* A short packet, sent once all of the turn is durable. */
enum result core_loop_reply(struct core_loop *loop, struct peer *peer,
                            const void *bytes, size_t length) MUST_USE;

/* core_answers.c: sends them. */
void core_loop_answer(struct core_loop *loop);

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

/* intake_peer.c. core is there: what it did not answer is to be sent again. */
void intake_greet(struct core_loop *loop);
enum result intake_read(struct core_loop *loop) MUST_USE;
/* Once all of the turn is durable. */
void intake_answer(struct core_loop *loop);

#endif
