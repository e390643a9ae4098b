/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One sequential reading. A session that began before the times asked has
 * its sighting there: a day's grace finds it.
 */
#include "base/time.h"
#include "scope/grow.h"
#include "scope/hunt_inside.h"
#include "scope/rhythm.h"

static int64_t
grace_before(int64_t from_us)
{
    return from_us < INT64_MIN + TIME_DAY_US ? INT64_MIN
                                             : from_us - TIME_DAY_US;
}

static enum result
candidate_of(struct hunt_run *run, const struct row *row, uint32_t *ret_place)
{
    enum result result;

    if (id_list_place(&run->candidates, row->session, ret_place))
        return OK;
    result = grow(&run->candidate_accounts, &run->candidate_room,
                  run->candidates.count, sizeof(*run->candidate_accounts));
    if (result == OK)
        result = id_list_add(&run->candidates, row->session);
    if (result != OK)
        return result;
    *ret_place = (uint32_t)run->candidates.count - 1;
    run->candidate_accounts[*ret_place] = row->professional;
    return OK;
}

static enum result
scan_context(struct hunt_run *run, const struct row *row, uint64_t id,
             bool device)
{
    uint32_t place, candidate = 0;
    bool is_new = false;
    enum result result;

    if (id == 0 || !id_map_find(&run->contexts, id, device, &place))
        return OK;
    result = id_map_once(&run->context_accounts, row->professional, place, 0,
                         &is_new);
    if (result == OK && is_new)
        run->hunt->contexts[place].accounts++;
    if (result == OK)
        result = candidate_of(run, row, &candidate);
    if (result == OK)
        result = grow(&run->shares, &run->share_room, run->share_count,
                      sizeof(*run->shares));
    if (result == OK)
        run->shares[run->share_count++] = (struct hunt_share){candidate, place};
    return result;
}

static enum result
scan_pulse(struct hunt_run *run, const struct row *row)
{
    struct hunt_pulse *pulse;
    uint32_t place;
    int64_t step;
    enum result result;

    if (!id_list_place(&run->pulse_sessions, row->session, &place)) {
        result = grow(&run->pulses, &run->pulse_room, run->pulse_sessions.count,
                      sizeof(*run->pulses));
        if (result == OK)
            result = id_list_add(&run->pulse_sessions, row->session);
        if (result != OK)
            return result;
        place = (uint32_t)run->pulse_sessions.count - 1;
        run->pulses[place] = (struct hunt_pulse){
            .last_us = row->time_source_us, .professional = row->professional};
        return OK;
    }
    pulse = &run->pulses[place];
    step = row->time_source_us - pulse->last_us;
    if (step < 0)
        step = -step; /* newest-first logs have the same steps */
    if (step < RHYTHM_STEP_MIN_US)
        return OK;
    pulse->last_us = row->time_source_us;
    pulse->steps++;
    for (size_t i = 0; i < run->step_count; i++)
        pulse->near[i] += rhythm_near((uint64_t)step, run->steps[i]);
    return OK;
}

static bool
at_that_time(const struct hunt_run *run, const struct row *row)
{
    int64_t time_us = row->time_source_us;

    return time_us >= run->start->from_us && time_us < run->start->to_us &&
           time_us >= run->start_first_us - TIME_DAY_US &&
           time_us <= run->start_last_us + TIME_DAY_US;
}

static enum result
scan_row(void *context, uint64_t number, const struct row *row)
{
    struct hunt_run *run = context;
    enum result result = OK;

    (void)number;
    if (row->session == 0 ||
        row->time_source_us < grace_before(run->start->from_us) ||
        row->time_source_us >= run->start->to_us)
        return OK;
    if (row->kind == ROW_SIGHTING) {
        if (row->professional != 0)
            result = id_list_add(&run->all_accounts, row->professional);
        if (result == OK)
            result = scan_context(run, row, row->person, false);
        if (result == OK)
            result = scan_context(run, row, row->request, true);
        return result;
    }
    if (run->step_count > 0 && at_that_time(run, row) &&
        (row->kind == ROW_DISCLOSURE || row->kind == ROW_UNLABELLED))
        return scan_pulse(run, row);
    return OK;
}

enum result
hunt_scan(struct hunt_run *run)
{
    enum result result = walk_log(run->ledger, scan_row, run);

    run->hunt->all_accounts = (uint32_t)run->all_accounts.count;
    return result;
}
