/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The one way from event to verdict: names become ids, the record is counted
 * once, the rows are appended, the judge looks at them, alerts become rows.
 * The same code live and in `vigie replay`.
 */
#ifndef VIGIE_CORE_CORE_H
#define VIGIE_CORE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "detect/detect.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "model/event.h"
#include "model/verdict.h"

struct core;
struct sources; /* core/sources.h: host, site, OID → service, controller */
struct context_load; /* core/context_load.h: what the operator told */
struct context_statistics; /* core/context_facts.h */

struct core_options {
    const char *data_dir;
    const char *keys_dir; /* NULL: default */
    const char *service;  /* --service NAME: the space of relative
                             references; NULL: one space */
    const struct sources *sources;
    const struct context_load *told; /* finished, borrowed; NULL: nothing */
    struct detect_options detect;
    void *context;
    /* Called for each alert, in event time. */
    enum result (*alert)(void *context, const struct alert *alert);
};

enum result core_open(const struct core_options *options,
                      struct reason *why, struct core **ret_core) MUST_USE;
/* Once, before the first accept: reads the ledger again for the state, and
 * tells (and writes) the alerts that a crash kept from becoming rows. */
enum result core_resume(struct core *core) MUST_USE;
/* Judged, recorded, counted once. Events of one import come in event time.
 * `content` is the event as bytes (event_pack); `occurrence` tells apart records that
 * say the same and have no id of their own (core/sorter.h). */
enum result core_accept(struct core *core, const struct event *event,
                        struct text content, uint32_t occurrence) MUST_USE;
/* Records of an import that were refused: a row, since coverage is data.
 * `content` names the import, so that reading it again says it once. */
enum result core_refused(struct core *core, uint64_t records,
                         struct text content) MUST_USE;
/* Everything so far becomes durable: look-up first, then rows. */
enum result core_commit(struct core *core) MUST_USE;
/* Live: everything so far survives the end of the process (names first), not
 * yet a power cut. */
enum result core_write(struct core *core) MUST_USE;
/* What has to be fdatasynced for that too, in this order, while core goes on:
 * names, rows; -1: nothing. The caller closes both. Then `rows` is to be told
 * to ledger_synced. */
struct core_unsynced {
    int names_fd, rows_fd;
    uint64_t rows;
};
enum result core_unsynced(struct core *core,
                          struct core_unsynced *ret_unsynced) MUST_USE;
/* End of an import: judges the union again where late events came in. */
enum result core_finish(struct core *core) MUST_USE;
void core_free(struct core *core);

struct ledger *core_ledger(struct core *core);
struct lookup *core_lookup(struct core *core);
const struct detect *core_detect(const struct core *core);

struct core_statistics {
    uint64_t accepted, duplicates, late, disclosures, unlabelled, refusals,
        logins, professionals, persons, sessions, alerts;
    bool made_vault; /* a local vault pair was made just now */
    bool several_servers; /* relative references from several services in one
                             space */
};
void core_statistics(const struct core *core,
                     struct core_statistics *ret_statistics);

/* All zero where nothing was told. */
void core_context_statistics(const struct core *core,
                             struct context_statistics *ret_statistics);

#endif
