/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A believable region for the benches of the ledger: rows made one after the
 * other, and what the right answers to an incident's questions are, counted
 * while they are made. Knows nothing of how rows are stored.
 */
#ifndef VIGIE_BENCH_LEDGER_REGION_H
#define VIGIE_BENCH_LEDGER_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "ledger/open_index.h"
#include "model/event.h"

#define PROFESSIONALS 57000u
#define PERSONS 4000000u
#define ACTIVE 3000u /* sessions at the same time */
#define THEFT_PERSONS 2000u
#define ASKED 10u

struct question {
    enum ledger_key key;
    uint64_t ids[ASKED];
    size_t count;
    uint64_t rows, sum; /* the right answer */
};

struct session {
    uint64_t id, professional, address, device, person;
    uint32_t left;
    int asked; /* question + 1 */
};

struct region {
    uint64_t state;
    int64_t clock_us;
    uint64_t sessions, thieves;
    struct session active[ACTIVE];
    struct question ordinary, thieving, professional, person;
};

static inline uint64_t
next_random(struct region *region)
{
    region->state += UINT64_C(0x9e3779b97f4a7c15);
    return key_mix(region->state);
}

static inline uint64_t
row_sum(uint64_t number, const struct row *row)
{
    return key_mix(number + 1) + key_mix(row->request ^ number) +
           (uint64_t)row->time_received_us + row->person;
}

static inline void
count_row(struct question *question, uint64_t number, const struct row *row)
{
    question->rows++;
    question->sum += row_sum(number, row);
}

static inline void
new_session(struct region *region, struct session *session, uint64_t row,
            uint64_t rows)
{
    uint64_t r = next_random(region);

    *session = (struct session){
        .id = next_random(region),
        .professional = key_mix(1 + r % PROFESSIONALS),
        .address = key_mix(1000000 + (r >> 20) % 20000),
        .device = key_mix(2000000 + (r >> 36) % 500),
        .left = 10 + (uint32_t)(r >> 50) % 61,
    };
    region->sessions++;
    /* ten ordinary sessions and ten of thieves, spread over the log */
    if (region->ordinary.count < ASKED &&
        row >= rows / (ASKED + 1) * (region->ordinary.count + 1)) {
        region->ordinary.ids[region->ordinary.count++] = session->id;
        session->asked = 1;
    } else if (region->thieving.count < ASKED &&
               row >= rows / (ASKED + 2) * (region->thieving.count + 1)) {
        region->thieving.ids[region->thieving.count++] = session->id;
        session->left = THEFT_PERSONS;
        session->asked = 2;
    }
}

static inline void
make_row(struct region *region, uint64_t number, uint64_t rows, struct row *row)
{
    uint64_t r = next_random(region);
    struct session *session = &region->active[r % ACTIVE];
    bool first = session->left == 0;

    if (first)
        new_session(region, session, number, rows);
    region->clock_us += 1 + (int64_t)(r >> 20) % 56000;
    if (session->person == 0 || session->asked == 2 || (r >> 40) % 4 == 0)
        session->person = key_mix(3000000 + next_random(region) % PERSONS);
    *row = (struct row){
        .time_received_us = region->clock_us,
        .time_source_us =
            (region->clock_us - (int64_t)(r >> 42) % 300000) / 1000 * 1000,
        .session = session->id,
        .professional = session->professional,
        .person = first ? session->address : session->person,
        .request = first ? session->device : next_random(region),
        .service = (uint16_t)(1 + session->professional % 12),
        .controller = (uint16_t)(1 + session->professional % 60),
        .categories = (uint16_t)(1u << ((r >> 44) % 7) | CATEGORY_IDENTITY),
        .grade = GRADE_DECLARED,
        .kind = first ? ROW_SIGHTING : ROW_DISCLOSURE,
        .flags = (r >> 48) % 8 == 0 ? ROW_SEARCH : 0,
        .source = 1,
        .detail =
            first ? 7 : ROW_DETAIL((r >> 52) % 20 + 1, (r >> 57) % 3 + 1, 2),
    };
    session->left--;
    if (session->asked == 1)
        count_row(&region->ordinary, number, row);
    if (session->asked == 2)
        count_row(&region->thieving, number, row);
    if (row->professional == region->professional.ids[0])
        count_row(&region->professional, number, row);
    if (!first && row->person == region->person.ids[0])
        count_row(&region->person, number, row);
}

static inline void
region_start(struct region *region)
{
    region->clock_us = INT64_C(1767225600000000);
    region->ordinary.key = region->thieving.key = LEDGER_BY_SESSION;
    region->professional = (struct question){
        .key = LEDGER_BY_PROFESSIONAL, .ids = {key_mix(77)}, .count = 1};
    region->person = (struct question){
        .key = LEDGER_BY_PERSON,
        .ids = {key_mix(3000077), key_mix(3000078), key_mix(3000079)},
        .count = 1};
}

#endif
