/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The person's rows name the sessions; those sessions are then walked, since
 * address and device stand in their sightings.
 */
#include "scope/who_run.h"

#include <stdlib.h>

#include "scope/grow.h"
#include "scope/step.h"
#include "scope/taken_back.h"
#include "scope/walk.h"

struct who_run {
    const struct id_list *persons;
    struct who *who;
    struct walk_query query;
    struct id_map first_reports; /* request of a first report */
    struct id_map repeats;       /* request of a second report → entry */
    struct id_list accounts;
    struct taken_back taken;
};

void
who_free(struct who *who)
{
    free(who->entries);
    free(who->places);
    *who = (struct who){0};
}

static enum result
collect_session(void *context, uint64_t number, const struct row *row)
{
    struct who_run *run = context;

    enum result result = taken_back_note(&run->taken, row);

    (void)number;
    if (result != OK || row->kind != ROW_DISCLOSURE || row->session == 0)
        return result;
    return id_list_add(&run->query.sessions, row->session);
}

static enum result
entry_new(struct who *who, const struct walk_row *at)
{
    const struct row *row = at->row;
    enum result result =
        grow(&who->entries, &who->room, who->count, sizeof(*who->entries));

    if (result != OK)
        return result;
    who->entries[who->count++] = (struct who_entry){
        .session = row->session,
        .professional = row->professional,
        .address = at->address,
        .device = at->device,
        .first_us = INT64_MAX,
        .last_us = INT64_MIN,
        .service = row->service,
        .controller = row->controller,
        .grade = GRADE_REQUESTED,
    };
    return OK;
}

/* Notes another address or device of the latest session, once. */
static enum result
place_note(struct who *who, const struct walk_row *at)
{
    struct who_entry *entry = &who->entries[who->count - 1];
    enum result result;

    if (entry->address == at->address && entry->device == at->device)
        return OK;
    for (size_t i = who->place_count; i-- > 0;) {
        const struct who_place *place = &who->places[i];

        if (place->session != entry->session)
            break;
        if (place->address == at->address && place->device == at->device)
            return OK;
    }
    result = grow(&who->places, &who->place_room, who->place_count,
                  sizeof(*who->places));
    if (result != OK)
        return result;
    who->places[who->place_count++] =
        (struct who_place){entry->session, at->address, at->device};
    entry->moved = true;
    return OK;
}

/* The walk gives one session behind the other. */
static enum result
entry_of(struct who *who, const struct walk_row *at)
{
    if (who->count > 0 &&
        who->entries[who->count - 1].session == at->row->session)
        return place_note(who, at);
    return entry_new(who, at);
}

static void
entry_row(struct who_entry *entry, const struct row *row)
{
    entry->seen = (uint8_t)(entry->seen | (row->categories & 0xffu));
    entry->possible = (uint8_t)(entry->possible | (row->categories >> 8));
    if (row->grade != GRADE_NONE && row->grade < entry->grade)
        entry->grade = row->grade;
    if ((row->flags & ROW_WRITE) != 0)
        entry->writes = true;
    if (row->time_source_us < entry->first_us)
        entry->first_us = row->time_source_us;
    if (row->time_source_us > entry->last_us)
        entry->last_us = row->time_source_us;
}

static enum result
count_row(void *context, const struct walk_row *at)
{
    struct who_run *run = context;
    const struct row *row = at->row;
    size_t place;
    enum result result;

    if (row->kind != ROW_DISCLOSURE || (row->flags & ROW_WITHHELD) != 0 ||
        !id_list_has(run->persons, row->person) ||
        taken_back_has(&run->taken, row))
        return OK;
    result = entry_of(run->who, at);
    if (result != OK)
        return result;
    place = run->who->count - 1;
    entry_row(&run->who->entries[place], row);
    if (row->professional != 0)
        STEP(id_list_add(&run->accounts, row->professional));
    if ((row->flags & ROW_SAME_REQUEST) != 0) {
        STEP(id_map_put(&run->repeats, row->request, 0, (uint32_t)place));
        return result;
    }
    run->who->entries[place].disclosures++;
    STEP(id_map_put(&run->first_reports, row->request, 0, 0));
    return result;
}

static void
count_repeats(struct who_run *run)
{
    for (size_t i = 0; i < run->repeats.room; i++) {
        const struct id_map_entry *repeat = &run->repeats.entries[i];

        if (repeat->value != 0 &&
            !id_map_find(&run->first_reports, repeat->id, 0, NULL))
            run->who->entries[repeat->value - 1].disclosures++;
    }
}

static int
entry_compare(const void *a, const void *b)
{
    const struct who_entry *left = a, *right = b;

    if (left->first_us != right->first_us)
        return left->first_us < right->first_us ? -1 : 1;
    return (left->session > right->session) - (left->session < right->session);
}

enum result
who_run(struct ledger *ledger, const struct id_list *persons, int64_t from_us,
        int64_t to_us, struct who *ret_who)
{
    struct who who = {0};
    struct who_run run = {.persons = persons, .who = &who};
    enum result result = OK;

    walk_query_start(&run.query);
    run.query.from_us = from_us;
    run.query.to_us = to_us;
    for (size_t i = 0; i < persons->count; i++)
        STEP(ledger_find(ledger, LEDGER_BY_PERSON, persons->ids[i],
                         collect_session, &run));
    if (run.query.sessions.count > 0) /* none would ask for every session */
        STEP(walk_rows(ledger, &run.query, count_row, &run));
    if (result == OK) {
        count_repeats(&run);
        for (size_t i = 0; i < who.count; i++)
            who.disclosures += who.entries[i].disclosures;
        who.professionals = run.accounts.count;
        if (who.count > 0)
            qsort(who.entries, who.count, sizeof(*who.entries), entry_compare);
    }
    walk_query_free(&run.query);
    id_map_free(&run.first_reports);
    id_map_free(&run.repeats);
    taken_back_free(&run.taken);
    id_list_free(&run.accounts);
    if (result != OK) {
        who_free(&who);
        return result;
    }
    *ret_who = who;
    return OK;
}
