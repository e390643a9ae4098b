/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sessions while they live. One that was silent for two hours is folded into
 * its account and forgotten; what must outlast it (alerts given, persons
 * known, new persons from unfamiliar places) lies with the pairs and the
 * account. Order of forgetting is order of last access: ids play no part.
 */
#include "detect/state.h"

#define VISIT_IDLE_MINUTES 120u
/* Persons below which a session says nothing of its account's ways. */
#define VISIT_PERSONS_MIN 3
/* Active days on which nearly everybody is new: they are no habit. */
#define COLD_DAYS 3

/* Silent for long; or of a clock far ahead, which would never be silent. */
static bool
is_over(const struct session_state *session, uint32_t minute)
{
    return session->last_minute + VISIT_IDLE_MINUTES < minute ||
           session->last_minute > minute + VISIT_IDLE_MINUTES;
}

static struct session_state *
visit_at(const struct detect *detect, uint32_t index)
{
    return pool_at(&detect->sessions, index);
}

static void
unlink_visit(struct detect *detect, uint32_t index)
{
    struct session_state *s = visit_at(detect, index);
    if (s->newer != POOL_NONE)
        visit_at(detect, s->newer)->older = s->older;
    else
        detect->newest = s->older;
    if (s->older != POOL_NONE)
        visit_at(detect, s->older)->newer = s->newer;
    else
        detect->oldest = s->newer;
}

static void
link_newest(struct detect *detect, uint32_t index)
{
    struct session_state *s = visit_at(detect, index);
    s->newer = POOL_NONE;
    s->older = detect->newest;
    if (detect->newest != POOL_NONE)
        visit_at(detect, detect->newest)->newer = index;
    else
        detect->oldest = index;
    detect->newest = index;
}

void
visit_touch(struct detect *detect, uint32_t index, uint32_t minute)
{
    visit_at(detect, index)->last_minute = minute;
    if (detect->newest == index)
        return;
    unlink_visit(detect, index);
    link_newest(detect, index);
}

static void
share_learn(uint8_t *share, uint32_t part, uint32_t whole, int over)
{
    int value = (int)(part * 255 / whole), old = *share;
    int step = (value - old) / over;
    if (step == 0 && value != old)
        step = value > old ? 1 : -1;
    *share = (uint8_t)(old + step);
}

/* What a session teaches of its account's ways: only where it is at home
 * and was not asked anything. */
static void
fold(struct account *account, const struct session_state *s)
{
    uint32_t weighed = (uint32_t)s->fresh + s->known + s->neighbours;
    if (s->place == PLACE_UNKNOWN || s->verdict >= VERDICT_STEP_UP ||
        weighed < VISIT_PERSONS_MIN || s->reads == 0)
        return;
    int over = account->active_days < 8 ? 4 : 12;
    if (account->active_days >= COLD_DAYS)
        share_learn(&account->share_fresh, s->fresh, weighed, over);
    share_learn(&account->share_identity, s->identity, s->reads, over);
    share_learn(&account->share_search, s->searches, s->reads, over);
}

void
visit_end(struct detect *detect, uint32_t index)
{
    struct session_state *s = visit_at(detect, index);
    struct account *account = pool_at(&detect->accounts, s->account);
    fold(account, s);
    if (account->latest == index + 1)
        account->latest = 0;
    unlink_visit(detect, index);
    slots_remove(&detect->session_index, s->key, index);
    detect->live_sessions--;
    pool_give(&detect->sessions, index);
}

static bool
visit_known(const struct detect *detect, uint64_t key, uint32_t *ret_index)
{
    uint64_t value;
    uint32_t cursor = 0;
    while (slots_next(&detect->session_index, key, &cursor, &value)) {
        if (visit_at(detect, (uint32_t)value)->key == key) {
            *ret_index = (uint32_t)value;
            return true;
        }
    }
    return false;
}

enum result
visit_find(struct detect *detect, const struct row *row, uint32_t account,
           uint32_t minute, uint32_t *ret_index)
{
    uint64_t key = slots_mix(row->session, row->professional);
    uint32_t index = POOL_NONE;
    if (visit_known(detect, key, &index)) {
        if (!is_over(visit_at(detect, index), minute)) {
            *ret_index = index;
            return OK;
        }
        visit_end(detect, index);
    }
    while (detect->oldest != POOL_NONE &&
           is_over(visit_at(detect, detect->oldest), minute))
        visit_end(detect, detect->oldest);
    enum result r = pool_take(&detect->sessions, &index);
    if (r != OK)
        return r;
    r = slots_add(&detect->session_index, key, index);
    if (r != OK) {
        pool_give(&detect->sessions, index);
        return r;
    }
    struct session_state *s = visit_at(detect, index);
    s->key = key;
    s->account = account;
    s->here_minute = s->last_minute = minute;
    link_newest(detect, index);
    detect->live_sessions++;
    detect->session_count++;
    *ret_index = index;
    return OK;
}
