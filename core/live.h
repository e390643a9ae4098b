/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * core while it is live: what a worker of the door asks becomes events, is
 * judged by core_accept and by contain/, recorded, and answered. Knows no
 * socket and no process; the time is given. docs/run.md.
 *
 * Nothing that was asked may be answered before live_write, and nothing that
 * was asked to be durable before what live_unsynced told of was synced.
 */
#ifndef VIGIE_CORE_LIVE_H
#define VIGIE_CORE_LIVE_H

#include "contain/contain.h"
#include "core/core.h"
#include "wire/answer.h"
#include "wire/ask.h"
#include "wire/missed.h"
#include "wire/order.h"
#include "wire/record.h"

struct live;

/* A verdict on a name, for all workers. */
struct live_push {
    enum order_scope scope;
    enum verdict verdict;
    int64_t since_us;
    struct text name; /* as workers name it; until the call ends */
};

struct live_options {
    struct core_options core; /* its alert and context are live's own */
    struct contain_options contain;
    const char *const *behind_door; /* services, by name (core/bypass.h) */
    size_t behind_door_count;
    /* Of this start of the machine, 36 bytes at most; NULL: the kernel's. */
    const char *boot;
    void *context;
    void (*push)(void *context, const struct live_push *push);
    void (*alert)(void *context, const struct alert *alert);
    /* Somebody has to look now: a static word ("automation-stopped",
     * "break-glass", "break-glass-unreviewed",
     * "bypass", "cut-after-refusals", "cut-unanswered"), and the
     * alert it came with. */
    void (*page)(void *context, const char *what, uint64_t alert);
};

/* Reads the ledger for what stands. `now_us` as everywhere: since 1970. */
enum result live_open(const struct live_options *options, int64_t now_us,
                      struct reason *why, struct live **ret_live) MUST_USE;
/* The end was clean: no gap will be written at the next start. */
enum result live_close(struct live *live) MUST_USE;
void live_free(struct live *live);
void live_options_set(struct live *live, const struct contain_options *options);

/* One window, which may be several packets (ASK_MORE in all but the last). */
struct live_part {
    const uint8_t *bytes;
    size_t length;
};
struct live_asked {
    struct wire_answer answer;
    enum contain_cause cause;
    bool withheld; /* recorded as not let out */
    bool durable;  /* to be answered once it is durable (ASK_DURABLE) */
};
/* E_FORMAT, E_LIMIT: nothing was recorded, the worker is to be dropped.
 * Others: core cannot go on. */
enum result live_ask(struct live *live, const struct live_part *parts,
                     size_t part_count, int64_t now_us,
                     struct live_asked *ret_asked) MUST_USE;
enum result live_missed(struct live *live, const struct wire_missed *missed,
                        int64_t now_us) MUST_USE;
/* An audit record that intake read. *ret_stored false: it can never be. One
 * that was stored before is stored. E_FORMAT: it makes no sense. */
enum result live_record(struct live *live, const struct wire_record *record,
                        int64_t now_us, bool *ret_stored) MUST_USE;
/* Once a second: what has waited long enough is looked at. *ret_changed:
 * live_write is due. */
enum result live_tick(struct live *live, int64_t now_us,
                      bool *ret_changed) MUST_USE;
/* Everything so far outlives the process; orders are pushed. */
enum result live_write(struct live *live) MUST_USE;
/* core_unsynced; then one of these two, in the order of the syncs. */
enum result live_unsynced(struct live *live,
                          struct core_unsynced *ret_unsynced) MUST_USE;
void live_synced(struct live *live, uint64_t rows);
/* The disk refused: the next start will say that rows may be lost. core
 * cannot go on. */
void live_sync_failed(struct live *live);
/* Of names that live_commit would put into LMDB. */
uint64_t live_journal_bytes(const struct live *live);
/* Everything so far is durable, and its names are in LMDB: slow. */
enum result live_commit(struct live *live) MUST_USE;

/* An operator's order: on a session or a professional by name, or a posture.
 * E_NOTFOUND where nobody of that name was ever seen. */
struct live_command {
    enum order_target target;
    struct text name;
    enum verdict verdict;
    enum posture posture;
    uint32_t uid;
    struct text reason;
};
enum result live_order(struct live *live, const struct live_command *command,
                       int64_t now_us) MUST_USE;
/* Pushes every verdict that stands. */
enum result live_standing(struct live *live,
                          void (*push)(void *context,
                                       const struct live_push *push),
                          void *context) MUST_USE;

/* A use of break-glass, by its number, was looked at. E_NOTFOUND: there is
 * none of that number, or it was reviewed. */
struct live_review {
    uint64_t number;
    uint32_t uid;
    struct text reason;
};
enum result live_review(struct live *live, const struct live_review *review,
                        int64_t now_us) MUST_USE;

enum live_glass { GLASS_NOT, GLASS_OPEN, GLASS_OVERDUE, GLASS_REVIEWED };

struct live_order_told { /* texts until the next call */
    const struct order *order;
    struct text session, professional, reason;
    enum live_glass glass;
    bool undone;
    uint64_t later; /* the order that undid it, or its review; 0: none */
    int64_t later_us;
};
struct live_orders {        /* which */
    int64_t from_us, to_us; /* to_us is not in it; 0: no end */
    bool glass;             /* uses of break-glass only */
};
/* Oldest first. *ret_older: orders that only the ledger has. */
enum result live_orders(
    struct live *live, const struct live_orders *which, int64_t now_us,
    void *context,
    enum result (*visit)(void *context, const struct live_order_told *told),
    uint64_t *ret_older) MUST_USE;
/* Uses of break-glass that nobody has reviewed; of them those over a day. */
void live_glasses(struct live *live, int64_t now_us, uint32_t *ret_open,
                  uint32_t *ret_overdue);

struct live_session { /* texts until the next call */
    struct text session, professional, address, service;
    /* where an order stands: by whom, since when, why; else 0 */
    enum order_by by;
    uint32_t uid;
    int64_t since_us;
    struct text reason;
    int64_t first_us, last_us, authenticated_us;
    uint32_t persons, new_persons, refused;
    int32_t score_centinats;
    enum verdict verdict; /* that stands, or that was last said of it */
    uint64_t alert;
};
/* Those seen in the last SESSION_IDLE_MINUTES, latest first, and those that a
 * verdict stands on. */
enum result live_sessions(
    struct live *live, int64_t now_us, void *context,
    enum result (*visit)(void *context, const struct live_session *s)) MUST_USE;
enum posture live_posture(const struct live *live, int64_t *ret_since_us,
                          bool *ret_automation_stopped);
struct core *live_core(struct live *live);

#endif
