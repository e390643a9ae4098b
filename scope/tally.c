/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table of persons is found by the id that the row carries, so that the
 * look-up is asked for the canonical id once a name, not once a row.
 */
#include "scope/tally.h"

#include <stdlib.h>

#include "model/secrecy.h"
#include "scope/grow.h"

void
tally_start(struct tally *tally)
{
    *tally = (struct tally){.first_us = INT64_MAX, .last_us = INT64_MIN};
}

void
tally_free(struct tally *tally)
{
    free(tally->persons);
    free(tally->services);
    free(tally->repeats);
    id_map_free(&tally->places);
    id_map_free(&tally->service_pairs);
    id_map_free(&tally->repeat_keys);
    id_list_free(&tally->sessions);
    id_list_free(&tally->professionals);
    id_list_free(&tally->coverage.context_services);
}

static enum result
person_new(struct tally *tally, uint64_t canonical, uint32_t *ret_place)
{
    enum result result = grow(&tally->persons, &tally->person_room,
                              tally->person_count, sizeof(*tally->persons));

    if (result != OK)
        return result;
    result =
        id_map_put(&tally->places, canonical, 0, (uint32_t)tally->person_count);
    if (result != OK)
        return result;
    tally->persons[tally->person_count] = (struct tally_person){
        .person = canonical, .first_us = INT64_MAX, .last_us = INT64_MIN};
    *ret_place = (uint32_t)tally->person_count++;
    return OK;
}

static enum result
person_place(struct tally *tally, struct lookup *lookup, uint64_t id,
             uint32_t *ret_place)
{
    uint64_t canonical;
    uint32_t place = 0;
    enum result result = OK;

    if (id_map_find(&tally->places, id, 0, ret_place))
        return OK;
    canonical = lookup_canonical(lookup, id);
    if (!id_map_find(&tally->places, canonical, 0, &place))
        result = person_new(tally, canonical, &place);
    if (result == OK && canonical != id)
        result = id_map_put(&tally->places, id, 0, place);
    if (result == OK)
        *ret_place = place;
    return result;
}

static enum result
person_service(struct tally *tally, uint32_t place, uint16_t service)
{
    struct tally_person *person = &tally->persons[place];
    bool is_new = false;
    enum result result;

    if (person->first_us == INT64_MAX) { /* just made */
        person->service = service;
        return OK;
    }
    if (person->service == service)
        return OK;
    result = id_map_once(&tally->service_pairs, service, place, 0, &is_new);
    if (result != OK || !is_new)
        return result;
    result = grow(&tally->services, &tally->service_room, tally->service_count,
                  sizeof(*tally->services));
    if (result != OK)
        return result;
    tally->services[tally->service_count++] =
        (struct tally_service){person->person, service};
    person->several_services = true;
    return OK;
}

/* A second report adds categories and times at once, and its count later. */
static enum result
repeat_note(struct tally *tally, uint32_t place, const struct row *row)
{
    bool is_new = false;
    enum result result =
        id_map_once(&tally->repeat_keys, row->request, (uint32_t)row->person,
                    (uint32_t)tally->repeat_count, &is_new);

    if (result != OK || !is_new)
        return result;
    result = grow(&tally->repeats, &tally->repeat_room, tally->repeat_count,
                  sizeof(*tally->repeats));
    if (result != OK)
        return result;
    tally->repeats[tally->repeat_count++] =
        (struct tally_repeat){place, row->grade, false};
    return OK;
}

/* A disclosure without a grade cannot be: row_decode refuses it, and here it
 * would count as the weakest. */
static unsigned
grade_place(uint8_t grade)
{
    return grade >= GRADE_SENT && grade <= GRADE_REQUESTED ? grade - 1u
                                                           : TALLY_GRADES - 1u;
}

/* Who they are nobody recorded: of one person's disclosures the largest
 * number counts, so that the same relatives are not counted again. */
static void
tally_third(struct tally *tally, struct tally_person *person, unsigned third)
{
    if (third <= person->third)
        return;
    tally->coverage.third_persons += third - person->third;
    person->third = (uint8_t)third;
}

static enum result
tally_disclosure(struct tally *tally, struct lookup *lookup,
                 const struct row *row)
{
    uint32_t place = 0;
    unsigned grade = grade_place(row->grade);
    struct tally_person *person;
    enum result result = person_place(tally, lookup, row->person, &place);

    if (result == OK)
        result = person_service(tally, place, row->service);
    if (result == OK && (row->flags & ROW_SAME_REQUEST) != 0)
        result = repeat_note(tally, place, row);
    if (result != OK)
        return result;
    person = &tally->persons[place];
    person->seen[grade] =
        (uint8_t)(person->seen[grade] | (row->categories & 0xffu));
    person->grades = (uint8_t)(person->grades | 1u << grade);
    person->possible = (uint8_t)(person->possible | (row->categories >> 8));
    tally_third(tally, person, ROW_DETAIL_THIRD(row->detail));
    if (row->time_source_us < person->first_us)
        person->first_us = row->time_source_us;
    if (row->time_source_us > person->last_us)
        person->last_us = row->time_source_us;
    if ((row->flags & ROW_SAME_REQUEST) == 0) {
        person->disclosures[grade]++;
        tally->disclosures++;
        tally->coverage.not_sent += row->grade != GRADE_SENT;
    }
    if ((row->categories & CATEGORY_UNCLASSIFIED) != 0)
        tally->coverage.unclassified++;
    if ((row->flags & ROW_TEST_INS) != 0)
        tally->coverage.test_ins++;
    return OK;
}

static enum result
tally_common(struct tally *tally, const struct row *row)
{
    struct tally_coverage *coverage = &tally->coverage;
    size_t sessions = tally->sessions.count;
    enum result result = OK;

    if (row->session != 0)
        result = id_list_add(&tally->sessions, row->session);
    if (result == OK && row->professional != 0)
        result = id_list_add(&tally->professionals, row->professional);
    if (result == OK && (row->flags & ROW_CONTEXT_HEALTH) != 0)
        result = id_list_add(&coverage->context_services, row->service);
    if (result != OK)
        return result;
    if (tally->sessions.count > sessions &&
        (row->flags & ROW_SESSION_DERIVED) != 0)
        coverage->derived_sessions++;
    coverage->late += (row->flags & ROW_LATE) != 0;
    coverage->time_doubtful +=
        (row->flags & (ROW_TIME_DOUBTFUL | ROW_TIME_DISAGREES)) != 0;
    coverage->time_from_file += (row->flags & ROW_TIME_FROM_FILE) != 0;
    coverage->time_zone_assumed += (row->flags & ROW_TIME_ZONE_ASSUMED) != 0;
    if (row->time_source_us < tally->first_us)
        tally->first_us = row->time_source_us;
    if (row->time_source_us > tally->last_us)
        tally->last_us = row->time_source_us;
    return OK;
}

enum result
tally_row(struct tally *tally, struct lookup *lookup, const struct walk_row *at)
{
    const struct row *row = at->row;
    bool disclosure = row->kind == ROW_DISCLOSURE && row->person != 0;
    enum result result;

    if ((row->kind != ROW_DISCLOSURE && row->kind != ROW_UNLABELLED) ||
        (row->flags & ROW_WITHHELD) != 0)
        return OK;
    result = tally_common(tally, row);
    if (result == OK && disclosure)
        result = tally_disclosure(tally, lookup, row);
    if (result == OK && !disclosure)
        tally->coverage.unlabelled++;
    return result;
}

void
tally_general(struct tally *tally, const struct walk_query *query,
              const struct row *row)
{
    bool in_time = row->time_source_us >= query->from_us &&
                   row->time_source_us < query->to_us;
    struct secrecy secrecy;

    if (row->kind == ROW_GAP) /* attempts of one that is cut show nothing */
        tally->coverage.gaps +=
            in_time && row->session == 0 && row->professional == 0;
    else if (row->kind == ROW_CLOCK_JUMP)
        tally->coverage.clock_jumps += in_time;
    else if (row->kind == ROW_REFUSED_INPUT)
        /* when a refused record happened is not known: it always counts */
        tally->coverage.refused_input += row->detail;
    else if (secrecy_of_row(row, &secrecy) == OK &&
             secrecy.act == SECRECY_RETENTION)
        tally->coverage.names_gone += secrecy.count;
}

bool
tally_has_repeats(const struct tally *tally)
{
    return tally->repeat_count > 0;
}

void
tally_first_report(struct tally *tally, const struct row *row)
{
    uint32_t place;

    if (row->kind == ROW_DISCLOSURE && row->person != 0 &&
        (row->flags & (ROW_SAME_REQUEST | ROW_WITHHELD)) == 0 &&
        id_map_find(&tally->repeat_keys, row->request, (uint32_t)row->person,
                    &place))
        tally->repeats[place].first_is_here = true;
}

static int
person_compare(const void *a, const void *b)
{
    const struct tally_person *left = a, *right = b;

    if (left->first_us != right->first_us)
        return left->first_us < right->first_us ? -1 : 1;
    if (left->last_us != right->last_us)
        return left->last_us < right->last_us ? -1 : 1;
    return (left->person > right->person) - (left->person < right->person);
}

static int
service_compare(const void *a, const void *b)
{
    const struct tally_service *left = a, *right = b;

    if (left->person != right->person)
        return left->person < right->person ? -1 : 1;
    return (left->service > right->service) - (left->service < right->service);
}

void
tally_finish(struct tally *tally)
{
    for (size_t i = 0; i < tally->repeat_count; i++) {
        const struct tally_repeat *repeat = &tally->repeats[i];

        if (repeat->first_is_here)
            continue;
        tally->persons[repeat->person]
            .disclosures[grade_place(repeat->grade)]++;
        tally->disclosures++;
        tally->coverage.not_sent += repeat->grade != GRADE_SENT;
    }
    if (tally->person_count > 0)
        qsort(tally->persons, tally->person_count, sizeof(*tally->persons),
              person_compare);
    if (tally->service_count > 0)
        qsort(tally->services, tally->service_count, sizeof(*tally->services),
              service_compare);
    /* places named the order of coming, which is gone */
    id_map_free(&tally->places);
    id_map_free(&tally->repeat_keys);
    tally->repeat_count = 0;
}
