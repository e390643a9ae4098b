/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Two places in the ledger move on: `ahead` takes the door's rows into a
 * table of whom it showed to whom lately; `behind`, at least 60 s later, looks
 * each of the trails' disclosures up in it. The table forgets when it is full;
 * so what is not found in it is searched in the ledger before anything is said.
 *
 * A row of the door is of the trail's disclosure where it has its request, or
 * is of the same person and service, in time, and of an account that may be
 * the same one: the door and the trail may name sessions differently.
 */
#include "core/bypass.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define SEEN_ROOM (1u << 17)
#define SEEN_PROBES 8u
#define SERVICES_MAX 256
#define GAPS_MAX 64
#define READ_ROWS 1024
#define MEMBERS_LOOKED_AT 64

static const char place_name[] = "live.bypass";

struct seen {
    uint64_t key; /* person; session or professional, of an unreadable answer;
                     0: free */
    uint64_t session, professional, request;
    int64_t at_us;
    uint16_t service;
};

struct gap { /* the door served by itself */
    int64_t from_us, to_us;
    uint16_t service;
};

struct bypass {
    struct core *core;
    uint16_t services[SERVICES_MAX];
    size_t service_count;
    uint16_t door; /* the number of its name as a source */
    uint64_t ahead, behind;
    int64_t ahead_us; /* of the last row that was taken in */
    unsigned searches;
    struct seen *seen;
    struct bypass_late *late;
    struct gap gaps[GAPS_MAX];
    size_t gap_next;
    struct row rows[READ_ROWS];
};

static enum result
number_services(struct bypass *bypass, const char *const *services,
                size_t count)
{
    enum result result = lookup_number(bypass->core->lookup, NAME_SOURCE,
                                       TEXT("door"), &bypass->door);

    if (count > SERVICES_MAX)
        return E_LIMIT;
    for (size_t i = 0; i < count && result == OK; i++)
        result = lookup_number(bypass->core->lookup, NAME_SERVICE,
                               text_of(services[i]), &bypass->services[i]);
    bypass->service_count = count;
    return result;
}

/* The number of the first row that came at that time or later. */
static enum result
find_time(struct bypass *bypass, uint64_t end, int64_t time_us,
          uint64_t *ret_number)
{
    uint64_t low = 0, high = end;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct row row;
        enum result result = ledger_read(bypass->core->ledger, middle, 1, &row);

        if (result != OK)
            return result;
        if (row.time_received_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_number = low;
    return OK;
}

/* `behind` as it was left; a ledger that never had services behind the door
 * is looked at from now on only. */
static enum result
take_up(struct bypass *bypass)
{
    struct buffer saved = {0};
    uint64_t end = ledger_count(bypass->core->ledger);
    struct row row;
    enum result result =
        lookup_setting_get(bypass->core->lookup, place_name, &saved);

    bypass->behind = end;
    if (result == OK && saved.length == sizeof(bypass->behind))
        memcpy(&bypass->behind, saved.bytes, sizeof(bypass->behind));
    buffer_free(&saved);
    if (bypass->behind > end)
        bypass->behind = end; /* a crash kept the name and lost the rows */
    bypass->ahead = bypass->behind;
    if (result == E_NOTFOUND)
        result = OK;
    if (result != OK || bypass->behind == 0)
        return result;
    result = ledger_read(bypass->core->ledger, bypass->behind - 1, 1, &row);
    return result == OK ? find_time(bypass, bypass->behind,
                                    row.time_received_us - BYPASS_BEFORE_US,
                                    &bypass->ahead)
                        : result;
}

static enum result
save_place(struct bypass *bypass)
{
    struct text place = {(const char *)&bypass->behind, sizeof(bypass->behind)};

    return lookup_setting_set(bypass->core->lookup, place_name, place);
}

enum result
bypass_new(struct core *core, const char *const *services, size_t count,
           struct bypass **ret_bypass)
{
    struct bypass *bypass = calloc(1, sizeof(*bypass));
    enum result result = bypass == NULL ? E_NOMEM : OK;

    if (result != OK)
        return result;
    bypass->core = core;
    if (count == 0) {
        *ret_bypass = bypass;
        return lookup_setting_set(core->lookup, place_name, TEXT(""));
    }
    bypass->seen = calloc(SEEN_ROOM, sizeof(bypass->seen[0]));
    result = bypass->seen == NULL ? E_NOMEM
                                  : number_services(bypass, services, count);
    if (result == OK)
        result = bypass_late_new(core, &bypass->late);
    if (result == OK)
        result = take_up(bypass);
    if (result == OK)
        result = save_place(bypass);
    if (result != OK) {
        bypass_free(bypass);
        return result;
    }
    *ret_bypass = bypass;
    return OK;
}

void
bypass_free(struct bypass *bypass)
{
    if (bypass == NULL)
        return;
    free(bypass->seen);
    bypass_late_free(bypass->late);
    free(bypass);
}

struct bypass_late *
bypass_late_of(struct bypass *bypass)
{
    return bypass->late;
}

static bool
is_behind_door(const struct bypass *bypass, uint16_t service)
{
    for (size_t i = 0; i < bypass->service_count; i++) {
        if (bypass->services[i] == service)
            return true;
    }
    return false;
}

/* Ids are random: their bits serve as they are. */
static struct seen *
first_probe(const struct bypass *bypass, uint64_t key, unsigned probe)
{
    return &bypass->seen[(key + probe) & (SEEN_ROOM - 1)];
}

/* The same account's is overwritten, else a free place, else the oldest. */
static void
note(struct bypass *bypass, uint64_t key, const struct row *row)
{
    struct seen *place = first_probe(bypass, key, 0);

    if (key == 0)
        return;
    for (unsigned i = 0; i < SEEN_PROBES; i++) {
        struct seen *at = first_probe(bypass, key, i);

        if (at->key == key && at->session == row->session &&
            at->professional == row->professional) {
            place = at;
            break;
        }
        if (at->key == 0 || (place->key != 0 && at->at_us < place->at_us))
            place = at;
    }
    *place = (struct seen){
        .key = key,
        .session = row->session,
        .professional = row->professional,
        .request = row->request,
        .at_us = row->time_received_us,
        .service = row->service,
    };
}

static bool
is_of_door(const struct bypass *bypass, const struct row *row)
{
    return row->source == bypass->door &&
           (row->kind == ROW_DISCLOSURE || row->kind == ROW_REFUSAL ||
            row->kind == ROW_UNLABELLED);
}

/* May the two be of one account? Sessions have another name at the door than
 * in many trails; two professionals who are both known are who they are. */
static bool
may_be_same(const struct row *told, uint64_t session, uint64_t professional)
{
    if (told->session != 0 && told->session == session)
        return true;
    if (told->professional != 0 && professional != 0)
        return told->professional == professional;
    return told->professional != professional || told->session == 0 ||
           session == 0;
}

/* Long after the record was told: by the request, or the account. */
static bool
answers_late(void *context, const struct row *told, const struct row *door)
{
    struct lookup *lookup = context;
    bool same =
        door->kind == ROW_UNLABELLED ||
        (door->person != 0 && lookup_canonical(lookup, told->person) ==
                                  lookup_canonical(lookup, door->person));

    return same && door->service == told->service &&
           door->time_received_us <= told->time_received_us + BYPASS_LATE_US &&
           (door->request == told->request ||
            may_be_same(told, door->session, door->professional));
}

static void
take_in(struct bypass *bypass, const struct row *row)
{
    bypass->ahead_us = row->time_received_us;
    if (row->kind == ROW_GAP && row->request > 0) {
        bypass->gaps[bypass->gap_next++ % GAPS_MAX] = (struct gap){
            row->time_source_us, row->time_received_us, row->service};
        return;
    }
    if (!is_of_door(bypass, row) || !is_behind_door(bypass, row->service))
        return;
    bypass_late_row(bypass->late, row, bypass->core->lookup, answers_late);
    if (row->kind == ROW_UNLABELLED) {
        note(bypass, row->session, row);
        note(bypass, row->professional, row);
    } else {
        note(bypass, row->person, row);
    }
}

static enum result
go_ahead(struct bypass *bypass)
{
    uint64_t count = ledger_count(bypass->core->ledger);
    size_t most = BYPASS_ROWS_MAX;
    enum result result = OK;

    while (bypass->ahead < count && most > 0 && result == OK) {
        uint64_t left = count - bypass->ahead;
        size_t part = left < READ_ROWS ? (size_t)left : READ_ROWS;

        result = ledger_read(bypass->core->ledger, bypass->ahead, part,
                             bypass->rows);
        for (size_t i = 0; i < part && result == OK; i++)
            take_in(bypass, &bypass->rows[i]);
        bypass->ahead += result == OK ? part : 0;
        most -= part;
    }
    return result;
}

static bool
is_in_time(const struct row *told, int64_t at_us)
{
    return at_us >= told->time_received_us - BYPASS_BEFORE_US &&
           at_us <= told->time_received_us + BYPASS_AFTER_US;
}

static bool
answers(const struct row *told, const struct seen *seen)
{
    if (seen->service != told->service || !is_in_time(told, seen->at_us))
        return false;
    return seen->request == told->request ||
           may_be_same(told, seen->session, seen->professional);
}

static bool
has_seen(const struct bypass *bypass, const struct row *told, uint64_t key)
{
    for (unsigned i = 0; i < SEEN_PROBES && key != 0; i++) {
        const struct seen *at = first_probe(bypass, key, i);

        if (at->key == key && answers(told, at))
            return true;
    }
    return false;
}

static bool
served_by_itself(const struct bypass *bypass, const struct row *told)
{
    for (size_t i = 0; i < GAPS_MAX; i++) {
        const struct gap *gap = &bypass->gaps[i];

        if (gap->to_us != 0 &&
            (gap->service == 0 || gap->service == told->service) &&
            gap->from_us <= told->time_received_us + BYPASS_AFTER_US &&
            gap->to_us >= told->time_received_us - BYPASS_BEFORE_US)
            return true;
    }
    return false;
}

struct search {
    const struct bypass *bypass;
    const struct row *told;
    bool unlabelled; /* only those */
    bool found;
};

static enum result
look_at(void *context, uint64_t number, const struct row *row)
{
    struct search *search = context;
    struct seen seen = {.session = row->session,
                        .professional = row->professional,
                        .request = row->request,
                        .at_us = row->time_received_us,
                        .service = row->service};

    (void)number;
    if (!is_of_door(search->bypass, row) ||
        (search->unlabelled && row->kind != ROW_UNLABELLED) ||
        !answers(search->told, &seen))
        return OK;
    search->found = true;
    return E_END;
}

static enum result
search_under(struct search *search, enum ledger_key key, uint64_t id)
{
    enum result result = search->found || id == 0
                             ? OK
                             : ledger_find(search->bypass->core->ledger, key,
                                           id, look_at, search);

    return result == E_END || result == E_NOTFOUND ? OK : result;
}

/* Under every id that the person has. */
static enum result
search_ledger(struct bypass *bypass, const struct row *told, bool *ret_found)
{
    struct search search = {bypass, told, false, false};
    uint64_t ids[MEMBERS_LOOKED_AT] = {told->person};
    size_t count = 1;
    enum result result = lookup_members(bypass->core->lookup, told->person, ids,
                                        MEMBERS_LOOKED_AT, &count);

    if (result == E_NOTFOUND) {
        count = 1;
        result = OK;
    }
    for (size_t i = 0; i < count && i < MEMBERS_LOOKED_AT && result == OK; i++)
        result = search_under(&search, LEDGER_BY_PERSON, ids[i]);
    search.unlabelled = true;
    if (result == OK)
        result = search_under(&search, LEDGER_BY_SESSION, told->session);
    *ret_found = search.found;
    return result;
}

/* A write is judged before it is let in, and its answer may show nobody. What
 * is marked as of a request that was told before is looked at there. */
static bool
must_pass(const struct bypass *bypass, const struct row *row)
{
    return row->kind == ROW_DISCLOSURE && row->source != bypass->door &&
           row->person != 0 &&
           (row->flags &
            (ROW_WITHHELD | ROW_WRITE | ROW_LATE | ROW_SAME_REQUEST)) == 0 &&
           is_behind_door(bypass, row->service);
}

/* *ret_later: there were too many searches already. */
static enum result
passed(struct bypass *bypass, const struct row *row, bool *ret_passed,
       bool *ret_later)
{
    *ret_passed = has_seen(bypass, row, row->person) ||
                  has_seen(bypass, row, row->session) ||
                  has_seen(bypass, row, row->professional) ||
                  served_by_itself(bypass, row);
    *ret_later = false;
    if (*ret_passed)
        return OK;
    if (bypass->searches == 0) {
        *ret_later = true;
        return OK;
    }
    bypass->searches--;
    return search_ledger(bypass, row, ret_passed);
}

/* Whose request the door was asked about waits for its rows; of others an
 * alert is raised, which they may clear. */
static enum result
not_passed(struct bypass *bypass, uint64_t number, const struct row *row,
           const struct bypass_teller *teller)
{
    uint64_t alert = 0;
    enum result result;

    if (bypass_late_stands(bypass->late, row) &&
        bypass_late_add(bypass->late, number, row, 0))
        return OK;
    result = teller->found(teller->context, row, &alert);
    if (result == OK && alert != 0)
        (void)bypass_late_add(bypass->late, number, row, alert);
    return result;
}

static enum result
look_late(struct bypass *bypass, int64_t now_us,
          const struct bypass_teller *teller)
{
    uint64_t number, alert;
    enum result result = OK;
    struct row row;

    while (result == OK && bypass_late_cleared(bypass->late, &alert, &row))
        result = teller->cleared(teller->context, alert, &row);
    while (result == OK &&
           bypass_late_overdue(bypass->late, now_us, &number, &row)) {
        alert = 0;
        result = teller->found(teller->context, &row, &alert);
    }
    return result;
}

/* The rows of one window that are old enough; *ret_more: all of them. */
static enum result
follow_window(struct bypass *bypass, size_t part, int64_t until_us,
              const struct bypass_teller *teller, bool *ret_more)
{
    enum result result = OK;

    *ret_more = false;
    for (size_t i = 0; i < part && result == OK; i++) {
        const struct row row = bypass->rows[i];
        bool is_passed = true, later = false;

        if (row.time_received_us > until_us)
            return OK;
        if (must_pass(bypass, &row))
            result = passed(bypass, &row, &is_passed, &later);
        if (result == OK && later)
            return OK;
        if (result == OK && !is_passed)
            result = not_passed(bypass, bypass->behind, &row, teller);
        bypass->behind += result == OK ? 1 : 0;
    }
    *ret_more = true;
    return result;
}

enum result
bypass_look(struct bypass *bypass, int64_t now_us,
            const struct bypass_teller *teller, bool *ret_changed)
{
    uint64_t before = bypass->behind, rows;
    size_t most = BYPASS_ROWS_MAX;
    bool more = true;
    enum result result = OK;

    *ret_changed = false;
    if (bypass->service_count == 0)
        return OK;
    rows = ledger_count(bypass->core->ledger);
    result = go_ahead(bypass);
    if (result == OK)
        result = look_late(bypass, now_us, teller);
    if (bypass->ahead < rows)
        now_us = bypass->ahead_us; /* what is further on may clear it */
    bypass->searches = BYPASS_SEARCHES_MAX;
    while (result == OK && more && most > 0 && bypass->behind < bypass->ahead) {
        uint64_t left = bypass->ahead - bypass->behind;
        size_t part = left < READ_ROWS ? (size_t)left : READ_ROWS;

        result = ledger_read(bypass->core->ledger, bypass->behind, part,
                             bypass->rows);
        if (result == OK)
            result = follow_window(bypass, part, now_us - BYPASS_AFTER_US,
                                   teller, &more);
        most -= part;
    }
    if (result == OK)
        result = bypass_late_save(bypass->late);
    if (result == OK && bypass->behind != before)
        result = save_place(bypass);
    *ret_changed =
        bypass->behind != before || ledger_count(bypass->core->ledger) != rows;
    return result;
}
