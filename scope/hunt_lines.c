/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the kept sessions did: persons counted once a session, an account, a
 * line and altogether; hours as lines of the timeline.
 */
#include <stdlib.h>

#include "base/time.h"
#include "model/category.h"
#include "scope/grow.h"
#include "scope/hunt_inside.h"
#include "scope/rhythm.h"
#include "scope/step.h"

#define STRENGTH_ALTERNATES 15
/* One puts down one account and takes the next. */
#define ALTERNATE_GAP_US (15 * TIME_MINUTE_US)

struct count_run {
    struct hunt_run *run;
    struct id_list sessions; /* ids, in the order of hunt->sessions */
    struct id_list persons;  /* canonical */
    struct id_map aliases;   /* id in the row → place in persons */
    struct id_map by_session, by_account, by_line;
    struct id_map accounts; /* professional → place in hunt->accounts */
    size_t line_first;      /* of the session being walked */
    uint32_t session;       /* place of it */
};

static enum result
person_place(struct count_run *count, uint64_t id, uint32_t *ret_place)
{
    uint64_t canonical;
    enum result result;

    if (id_map_find(&count->aliases, id, 0, ret_place))
        return OK;
    canonical = lookup_canonical(count->run->lookup, id);
    result = id_list_add(&count->persons, canonical);
    if (result == OK)
        (void)id_list_place(&count->persons, canonical, ret_place);
    STEP(id_map_put(&count->aliases, id, 0, *ret_place));
    return result;
}

static enum result
account_of(struct count_run *count, uint64_t professional,
           struct hunt_account **ret_account)
{
    struct hunt *hunt = count->run->hunt;
    uint32_t place;
    enum result result = OK;

    if (!id_map_find(&count->accounts, professional, 0, &place)) {
        place = (uint32_t)hunt->account_count;
        result = grow(&hunt->accounts, &hunt->account_room, hunt->account_count,
                      sizeof(*hunt->accounts));
        STEP(id_map_put(&count->accounts, professional, 0, place));
        if (result != OK)
            return result;
        hunt->accounts[hunt->account_count++] =
            (struct hunt_account){.professional = professional,
                                  .first_us = INT64_MAX,
                                  .last_us = INT64_MIN};
    }
    *ret_account = &hunt->accounts[place];
    return OK;
}

static bool
same_line(const struct hunt_line *line, const struct walk_row *at,
          int64_t hour_us)
{
    return line->hour_us == hour_us && line->address == at->address &&
           line->device == at->device;
}

static enum result
line_of(struct count_run *count, const struct walk_row *at, uint32_t *ret_place)
{
    struct hunt *hunt = count->run->hunt;
    int64_t time_us = at->row->time_source_us;
    int64_t into = time_us % TIME_HOUR_US;
    int64_t hour_us = time_us - (into < 0 ? into + TIME_HOUR_US : into);
    enum result result;

    for (size_t i = hunt->line_count; i-- > count->line_first;) {
        if (same_line(&hunt->lines[i], at, hour_us)) {
            *ret_place = (uint32_t)i;
            return OK;
        }
    }
    result = grow(&hunt->lines, &hunt->line_room, hunt->line_count,
                  sizeof(*hunt->lines));
    if (result != OK)
        return result;
    hunt->lines[hunt->line_count] = (struct hunt_line){
        .session = count->session,
        .address = at->address,
        .device = at->device,
        .hour_us = hour_us,
        .first_us = INT64_MAX,
        .last_us = INT64_MIN,
    };
    *ret_place = (uint32_t)hunt->line_count++;
    return OK;
}

static void
widen(int64_t *first_us, int64_t *last_us, int64_t time_us)
{
    if (time_us < *first_us)
        *first_us = time_us;
    if (time_us > *last_us)
        *last_us = time_us;
}

static enum result
count_person(struct count_run *count, const struct row *row, uint32_t line)
{
    struct hunt *hunt = count->run->hunt;
    uint32_t person = 0;
    bool is_new = false;
    enum result result = person_place(count, row->person, &person);

    STEP(id_map_once(&count->by_session, person, count->session, 0, &is_new));
    if (result == OK && is_new)
        hunt->sessions[count->session].persons++;
    STEP(id_map_once(&count->by_line, person, line, 0, &is_new));
    if (result == OK && is_new)
        hunt->lines[line].persons++;
    return result;
}

static void
count_kind(struct hunt_line *line, const struct row *row)
{
    if ((row->flags & ROW_WITHHELD) != 0) {
        line->refusals++;
        return;
    }
    switch (row->kind) {
    case ROW_DISCLOSURE:
        line->accesses += (row->flags & ROW_SAME_REQUEST) == 0;
        line->writes += (row->flags & ROW_WRITE) != 0;
        line->categories =
            (uint8_t)(line->categories | (row->categories & 0xffu));
        break;
    case ROW_UNLABELLED:
        line->unlabelled++;
        break;
    case ROW_REFUSAL:
        line->refusals++;
        break;
    case ROW_LOGIN:
        line->logins++;
        break;
    case ROW_LOGOUT:
        line->logouts++;
        break;
    default:
        break;
    }
}

static bool
is_act(const struct row *row)
{
    return row->kind == ROW_DISCLOSURE || row->kind == ROW_UNLABELLED ||
           row->kind == ROW_REFUSAL || row->kind == ROW_LOGIN ||
           row->kind == ROW_LOGOUT;
}

/* The step of the session just walked, from its own times. */
static void
close_session(struct count_run *count)
{
    struct hunt_run *run = count->run;
    struct hunt_session *session = &run->hunt->sessions[count->session];

    session->step_us =
        rhythm_median(run->times, run->time_count, &session->accesses_regular);
    run->time_count = 0;
}

static enum result
note_time(struct hunt_run *run, int64_t time_us)
{
    enum result result = grow(&run->times, &run->time_room, run->time_count,
                              sizeof(*run->times));

    if (result == OK)
        run->times[run->time_count++] = time_us;
    return result;
}

static enum result
count_row(void *context, const struct walk_row *at)
{
    struct count_run *count = context;
    struct hunt *hunt = count->run->hunt;
    const struct row *row = at->row;
    struct hunt_session *session;
    uint32_t place = 0, line = 0;
    enum result result = OK;

    if (!is_act(row) || !id_list_place(&count->sessions, row->session, &place))
        return OK;
    if (place != count->session) {
        close_session(count);
        count->session = place;
        count->line_first = hunt->line_count;
    }
    session = &hunt->sessions[place];
    if (session->professional == 0)
        session->professional = row->professional;
    widen(&session->first_us, &session->last_us, row->time_source_us);
    STEP(line_of(count, at, &line));
    if (result != OK)
        return result;
    widen(&hunt->lines[line].first_us, &hunt->lines[line].last_us,
          row->time_source_us);
    count_kind(&hunt->lines[line], row);
    if ((row->flags & ROW_WITHHELD) != 0)
        return result;
    if (row->kind == ROW_DISCLOSURE && row->person != 0)
        STEP(count_person(count, row, line));
    if (row->kind == ROW_DISCLOSURE || row->kind == ROW_UNLABELLED) {
        session->accesses += (row->flags & ROW_SAME_REQUEST) == 0;
        STEP(note_time(count->run, row->time_source_us));
    }
    return result;
}

static bool
follows(const struct hunt_session *a, const struct hunt_session *b)
{
    int64_t gap = b->first_us - a->last_us;

    return gap >= 0 && gap <= ALTERNATE_GAP_US;
}

/* One behind the other with a session of the start, under another account,
 * and sharing something that is not usual: by itself it says little. */
static void
find_alternating(struct hunt *hunt)
{
    for (size_t i = 0; i < hunt->session_count; i++) {
        struct hunt_session *session = &hunt->sessions[i];

        if ((session->reasons & (HUNT_START | HUNT_HABITUAL)) != 0 ||
            session->first_us > session->last_us)
            continue;
        for (size_t s = 0; s < hunt->session_count; s++) {
            const struct hunt_session *start = &hunt->sessions[s];

            if ((start->reasons & HUNT_START) == 0)
                break; /* those of the start stand first */
            if (start->professional == session->professional ||
                (!follows(start, session) && !follows(session, start)))
                continue;
            session->reasons |= HUNT_ALTERNATES;
            session->strength += STRENGTH_ALTERNATES;
            break;
        }
    }
}

static enum result
sum_accounts(struct count_run *count)
{
    struct hunt *hunt = count->run->hunt;
    enum result result = OK;

    for (size_t i = 0; result == OK && i < hunt->session_count; i++) {
        const struct hunt_session *session = &hunt->sessions[i];
        struct hunt_account *account = NULL;

        if (session->first_us > session->last_us)
            continue;
        result = account_of(count, session->professional, &account);
        if (result != OK)
            break;
        account->reasons |= session->reasons;
        if (session->strength > account->strength)
            account->strength = session->strength;
        account->sessions++;
        account->accesses += session->accesses;
        widen(&account->first_us, &account->last_us, session->first_us);
        widen(&account->first_us, &account->last_us, session->last_us);
    }
    return result;
}

/* Persons of an account: each (person, session) pair is looked at again. */
static enum result
sum_persons(struct count_run *count)
{
    struct hunt *hunt = count->run->hunt;
    enum result result = OK;

    for (size_t i = 0; result == OK && i < count->by_session.room; i++) {
        const struct id_map_entry *pair = &count->by_session.entries[i];
        struct hunt_account *account = NULL;
        bool is_new = false;

        if (pair->value == 0)
            continue;
        STEP(account_of(count, hunt->sessions[pair->extra].professional,
                        &account));
        if (result == OK)
            result =
                id_map_once(&count->by_account, pair->id,
                            (uint32_t)(account - hunt->accounts), 0, &is_new);
        if (result == OK && is_new)
            account->persons++;
    }
    hunt->persons = (uint32_t)count->persons.count;
    return result;
}

/* Those of the start, then the strongest; 0 where these do not tell. */
static int
merit_compare(unsigned left_reasons, uint32_t left_strength,
              unsigned right_reasons, uint32_t right_strength)
{
    unsigned left_start = left_reasons & HUNT_START;
    unsigned right_start = right_reasons & HUNT_START;

    if (left_start != right_start)
        return left_start != 0 ? -1 : 1;
    return (left_strength < right_strength) - (left_strength > right_strength);
}

static int
session_compare(const void *a, const void *b)
{
    const struct hunt_session *left = a, *right = b;
    int merit = merit_compare(left->reasons, left->strength, right->reasons,
                              right->strength);

    if (merit != 0)
        return merit;
    if (left->first_us != right->first_us)
        return left->first_us < right->first_us ? -1 : 1;
    return (left->session > right->session) - (left->session < right->session);
}

static int
account_compare(const void *a, const void *b)
{
    const struct hunt_account *left = a, *right = b;
    int merit = merit_compare(left->reasons, left->strength, right->reasons,
                              right->strength);

    if (merit != 0)
        return merit;
    if (left->persons != right->persons)
        return left->persons > right->persons ? -1 : 1;
    return (left->professional > right->professional) -
           (left->professional < right->professional);
}

static int
line_compare(const void *a, const void *b)
{
    const struct hunt_line *left = a, *right = b;

    if (left->first_us != right->first_us)
        return left->first_us < right->first_us ? -1 : 1;
    return (left->session > right->session) - (left->session < right->session);
}

/* Sorts; lines name sessions by place, and follow them. Sessions without an
 * act in the times asked are dropped. */
static enum result
put_in_order(struct hunt *hunt, const struct id_list *before)
{
    struct id_list after = {0};
    enum result result = OK;
    size_t kept = 0;

    for (size_t i = 0; i < hunt->session_count; i++)
        if (hunt->sessions[i].first_us <= hunt->sessions[i].last_us)
            hunt->sessions[kept++] = hunt->sessions[i];
    hunt->session_count = kept;
    if (kept == 0)
        return OK;
    qsort(hunt->sessions, kept, sizeof(*hunt->sessions), session_compare);
    for (size_t i = 0; i < kept; i++)
        STEP(id_list_add(&after, hunt->sessions[i].session));
    for (size_t i = 0; result == OK && i < hunt->line_count; i++)
        if (!id_list_place(&after, before->ids[hunt->lines[i].session],
                           &hunt->lines[i].session))
            result = E_CORRUPT;
    id_list_free(&after);
    qsort(hunt->accounts, hunt->account_count, sizeof(*hunt->accounts),
          account_compare);
    qsort(hunt->lines, hunt->line_count, sizeof(*hunt->lines), line_compare);
    return result;
}

enum result
hunt_count(struct hunt_run *run)
{
    struct count_run count = {.run = run};
    struct walk_query query;
    enum result result = OK;

    walk_query_start(&query);
    query.from_us = run->start->from_us;
    query.to_us = run->start->to_us;
    for (size_t i = 0; i < run->hunt->session_count; i++)
        STEP(id_list_add(&count.sessions, run->hunt->sessions[i].session));
    query.sessions = count.sessions; /* lent */
    run->time_count = 0;
    STEP(walk_rows(run->ledger, &query, count_row, &count));
    if (result == OK) {
        close_session(&count);
        find_alternating(run->hunt);
    }
    STEP(sum_accounts(&count));
    STEP(sum_persons(&count));
    STEP(put_in_order(run->hunt, &count.sessions));
    id_list_free(&count.sessions);
    id_list_free(&count.persons);
    id_map_free(&count.aliases);
    id_map_free(&count.by_session);
    id_map_free(&count.by_account);
    id_map_free(&count.by_line);
    id_map_free(&count.accounts);
    return result;
}
