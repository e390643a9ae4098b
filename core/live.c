/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The life of core between a start and an end. Invariants:
 *  1. Event time goes back only with the clock, and then a row says so; a small
 *     step back is waited out.
 *  2. What contain/ knows comes from rows alone, in their order: a start reads
 *     the ledger through once.
 *  3. A start after an end at which rows may have been lost says so in a gap
 *     row. What was written outlives a process that is killed, so that is the
 *     case where the machine was started anew since, or a sync failed.
 */
#include "core/live.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "core/live_inside.h"

#define READ_ROWS 1024
/* An alert found when the ledger is read again is acted on only if it is of
 * now: another option must not narrow accounts for what they did last year. */
#define ALERT_OLD_US (15 * TIME_MINUTE_US)
#define CLOCK_JUMP_US (2 * TIME_SECOND_US)

#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
#define BOOT_BYTES_MAX 64

static const char state_name[] = "live.state";
/* There after a sync failed, until a start has said so in a gap row. */
static const char failed_name[] = "live.failed";
#define FAILED_PATH_BYTES 4096

enum result
live_clock(struct live *live, int64_t now_us)
{
    struct row row = {.kind = ROW_CLOCK_JUMP,
                      .time_received_us = now_us,
                      .time_source_us = now_us};
    enum result result;

    if (now_us < live->last_us && live->last_us - now_us < CLOCK_JUMP_US)
        now_us = live->last_us; /* as long as it takes to come back */
    live->core->now_us = live->now_us = now_us;
    if (now_us >= live->last_us) {
        live->last_us = now_us;
        return OK;
    }
    row.detail = (uint32_t)((live->last_us - now_us) / TIME_SECOND_US);
    live->last_us = now_us;
    result = core_append(live->core, &row, 1, NULL);
    return result == OK ? contain_row(live->contain, &row) : result;
}

static enum result
act_on(struct live *live, const struct alert *alert)
{
    struct order order;
    bool stop = false;
    enum result result;

    if (live->unvouched || alert->time_us < live->now_us - ALERT_OLD_US ||
        !contain_alert(live->contain, alert, live->site, live->now_us, &order,
                       &stop))
        return OK;
    result = live_give(live, &order, TEXT(""), 0);
    if (result != OK)
        return result;
    if (stop)
        live->options.page(live->options.context, "automation-stopped",
                           alert->id);
    else
        contain_stopped(live->contain, live->site, alert->professional,
                        live->now_us);
    return OK;
}

static enum result
on_alert(void *context, const struct alert *alert)
{
    struct live *live = context;
    struct live_visit *visit = live_visit_find(live, alert->session);

    if (visit != NULL) {
        visit->score_centinats = alert->score_centinats;
        visit->verdict = alert->verdict;
        visit->alert = alert->id;
    }
    live->options.alert(live->options.context, alert);
    if (alert->decided == DECIDED_BYPASS)
        live->options.page(live->options.context, "bypass", alert->id);
    return act_on(live, alert);
}

static enum result
read_ledger(struct live *live)
{
    struct ledger *ledger = live->core->ledger;
    uint64_t count = ledger_count(ledger);
    struct row *rows = malloc(READ_ROWS * sizeof(*rows));
    enum result result = rows == NULL ? E_NOMEM : OK;

    for (uint64_t at = 0; at < count && result == OK; at += READ_ROWS) {
        size_t part = count - at < READ_ROWS ? (size_t)(count - at) : READ_ROWS;

        result = ledger_read(ledger, at, part, rows);
        for (size_t i = 0; i < part && result == OK; i++) {
            if (rows[i].time_received_us > live->last_us)
                live->last_us = rows[i].time_received_us;
            result = contain_row(live->contain, &rows[i]);
            if (result == OK)
                result = past_orders_row(live->past_orders, &rows[i]);
        }
    }
    free(rows);
    return result;
}

/* "open", and of which start of the machine; where that cannot be told, as
 * if it were another one each time. */
static enum result
open_state(const struct live *live, struct buffer *out)
{
    struct buffer boot = {0};
    enum result result = OK;

    if (live->options.boot != NULL)
        result = buffer_string(&boot, live->options.boot);
    else if (file_load(BOOT_FILE, BOOT_BYTES_MAX, &boot) != OK)
        buffer_clear(&boot);
    if (result == OK)
        result = buffer_string(out, "open ");
    if (result == OK)
        result = buffer_text(out, buffer_as_text(&boot));
    if (result == OK && boot.length == 0)
        result = buffer_format(out, "%016" PRIx64, hash_random_u64());
    buffer_free(&boot);
    return result;
}

/* The row of invariant 3: behind the last row that was durable for certain
 * nobody knows. */
static enum result
append_gap(struct live *live)
{
    struct ledger *ledger = live->core->ledger;
    uint64_t durable = ledger_durable_found(ledger);
    struct row last, row = {
        .kind = ROW_GAP,
        .time_source_us = live->last_us,
        .time_received_us = live->now_us,
    };
    enum result result = OK;

    if (durable > 0) {
        result = ledger_read(ledger, durable - 1, 1, &last);
        if (result == OK)
            row.time_source_us = last.time_received_us;
    }
    return result == OK ? core_append(live->core, &row, 1, NULL) : result;
}

static enum result
failed_path(const struct live *live, char ret_path[FAILED_PATH_BYTES])
{
    return snprintf(ret_path, FAILED_PATH_BYTES, "%s/%s",
                    live->options.core.data_dir,
                    failed_name) < FAILED_PATH_BYTES
               ? OK
               : E_LIMIT;
}

static bool
has_failed(const struct live *live)
{
    char path[FAILED_PATH_BYTES];

    return failed_path(live, path) == OK && access(path, F_OK) == 0;
}

/* Once the gap is a row that is durable. */
static enum result
forget_failure(const struct live *live)
{
    char path[FAILED_PATH_BYTES];
    enum result result = failed_path(live, path);

    return result == OK && has_failed(live) ? file_unlink(path) : result;
}

static enum result
say_gap(struct live *live)
{
    struct buffer before = {0}, state = {0};
    bool failed = has_failed(live);
    enum result result = open_state(live, &state);
    enum result found =
        lookup_setting_get(live->core->lookup, state_name, &before);

    if (result == OK && found != E_NOTFOUND)
        result = found;
    if (result == OK &&
        (failed ||
         (found == OK && !text_is(buffer_as_text(&before), "closed") &&
          !text_equal(buffer_as_text(&before), buffer_as_text(&state)))))
        result = append_gap(live);
    if (result == OK)
        result = lookup_setting_set(live->core->lookup, state_name,
                                    buffer_as_text(&state));
    buffer_free(&before);
    buffer_free(&state);
    return result;
}

static enum result
start(struct live *live, int64_t now_us, struct reason *why)
{
    struct core_options core = live->options.core;
    enum result result = live_visits_new(live);

    core.context = live;
    core.alert = on_alert;
    if (result == OK)
        result = known_new(LIVE_VISITED_MAX, &live->visited);
    if (result == OK)
        result = live_vault_new(live);
    if (result == OK)
        result = beside_new(&live->beside);
    if (result == OK)
        result = past_orders_new(&live->past_orders);
    if (result == OK)
        result = contain_new(&live->options.contain, &live->contain);
    if (result == OK)
        result = core_open(&core, why, &live->core);
    if (result != OK)
        return result;
    live->core->live = true;
    live->core->now_us = now_us;
    result = lookup_journal_start(live->core->lookup);
    if (result == OK)
        result = read_ledger(live);
    live->now_us = now_us;
    if (result == OK)
        result = say_gap(live);
    if (result == OK)
        result = core_resume(live->core);
    if (result == OK)
        result = bypass_new(live->core, live->options.behind_door,
                            live->options.behind_door_count, &live->bypass);
    if (result == OK)
        result = live_clock(live, now_us);
    if (result == OK)
        result = live_commit(live);
    return result == OK ? forget_failure(live) : result;
}

enum result
live_open(const struct live_options *options, int64_t now_us,
          struct reason *why, struct live **ret_live)
{
    struct live *live = calloc(1, sizeof(*live));
    enum result result;

    if (live == NULL)
        return E_NOMEM;
    live->options = *options;
    result = start(live, now_us, why);
    if (result != OK) {
        live_free(live);
        return result;
    }
    *ret_live = live;
    return OK;
}

enum result
live_close(struct live *live)
{
    enum result result =
        lookup_setting_set(live->core->lookup, state_name, TEXT("closed"));

    if (result == OK)
        result = core_commit(live->core);
    if (result == OK)
        result = ledger_rest(live->core->ledger);
    return result;
}

void
live_free(struct live *live)
{
    if (live == NULL)
        return;
    core_free(live->core);
    live_vault_free(live);
    contain_free(live->contain);
    beside_free(live->beside);
    bypass_free(live->bypass);
    past_orders_free(live->past_orders);
    known_free(live->visited);
    free(live->visits);
    free(live->orders);
    free(live->shown);
    buffer_free(&live->text);
    buffer_free(&live->identifier);
    for (size_t i = 0; i < sizeof(live->names) / sizeof(live->names[0]); i++)
        buffer_free(&live->names[i]);
    free(live);
}

void
live_options_set(struct live *live, const struct contain_options *options)
{
    contain_options_set(live->contain, options);
}

enum result
live_write(struct live *live)
{
    enum result result = core_write(live->core);

    return result == OK ? live_push_orders(live) : result;
}

enum result
live_unsynced(struct live *live, struct core_unsynced *ret_unsynced)
{
    return core_unsynced(live->core, ret_unsynced);
}

void
live_synced(struct live *live, uint64_t rows)
{
    ledger_synced(live->core->ledger, rows);
}

/* A look-up that failed takes no setting any more; an empty file may still be
 * made. As good as it can be on a disk that refuses. */
void
live_sync_failed(struct live *live)
{
    char path[FAILED_PATH_BYTES];
    int fd = -1;
    enum result result = failed_path(live, path);

    if (result == OK)
        result = file_open(path, O_WRONLY | O_CREAT, 0600, &fd);
    file_close(&fd);
    if (result == OK)
        result = file_sync_folder(path);
    if (result != OK &&
        lookup_setting_set(live->core->lookup, state_name, TEXT("failed")) ==
            OK)
        result = lookup_write(live->core->lookup);
    (void)result;
}

uint64_t
live_journal_bytes(const struct live *live)
{
    return lookup_journal_bytes(live->core->lookup);
}

enum result
live_commit(struct live *live)
{
    enum result result = core_commit(live->core);

    return result == OK ? live_push_orders(live) : result;
}

enum result
live_missed(struct live *live, const struct wire_missed *missed, int64_t now_us)
{
    struct row row = {
        .kind = ROW_GAP,
        .request = missed->released,
        .person = missed->persons,
        .detail = missed->refused > UINT32_MAX ? UINT32_MAX
                                               : (uint32_t)missed->refused,
    };
    enum result result = live_clock(live, now_us);

    if (result == OK && missed->service.length > 0)
        result = lookup_number(live->core->lookup, NAME_SERVICE,
                               missed->service, &row.service);
    if (result != OK)
        return result;
    row.time_received_us = live->now_us;
    /* a time that makes no sense becomes now: the row is there all the same */
    row.time_source_us = missed->from_us > 0 && missed->from_us <= live->now_us
                             ? missed->from_us
                             : live->now_us;
    return core_append(live->core, &row, 1, NULL);
}

enum posture
live_posture(const struct live *live, int64_t *ret_since_us,
             bool *ret_automation_stopped)
{
    *ret_automation_stopped = contain_automation_stopped(live->contain);
    return contain_posture(live->contain, ret_since_us);
}

struct core *
live_core(struct live *live)
{
    return live->core;
}
