/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Persons and categories counted over rows: who was seen, what of them, how
 * it is known, and what the rows cannot tell (coverage). Knows ids only;
 * scope_print.c gives the names.
 *
 * Memory: 80 bytes a distinct person (48 and its place in the table), 16 to
 * 48 a session.
 */
#ifndef VIGIE_SCOPE_TALLY_H
#define VIGIE_SCOPE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "model/category.h"
#include "model/event.h"
#include "scope/id_map.h"
#include "scope/walk.h"

#define TALLY_GRADES 3 /* GRADE_SENT - 1, GRADE_DECLARED - 1, … */

struct tally_person {
    uint64_t person; /* canonical */
    int64_t first_us, last_us;
    uint32_t disclosures[TALLY_GRADES];
    uint16_t service;           /* of the first disclosure counted */
    uint8_t seen[TALLY_GRADES]; /* categories, by the row's grade */
    uint8_t possible;
    uint8_t grades;        /* bit 0: sent, bit 1: declared … */
    bool several_services; /* tally.services has the rest */
    uint8_t third;         /* relatives shown with them, the most at once */
};

/* A person under a service beyond the first. */
struct tally_service {
    uint64_t person;
    uint16_t service;
};

/* What stands against taking the figures for the whole truth. */
struct tally_coverage {
    uint64_t unlabelled; /* accesses whose persons or data are unknown */
    uint64_t gaps, clock_jumps;
    uint64_t names_gone;    /* by retention, whole ledger */
    uint64_t refused_input; /* records of the imports, whole ledger */
    uint64_t late, time_doubtful, time_from_file, time_zone_assumed;
    uint64_t unclassified, test_ins;
    uint64_t third_persons; /* relatives shown with the persons, at least */
    uint64_t derived_sessions;
    uint64_t not_sent; /* disclosures of another grade than sent */
    struct id_list context_services; /* numbers whose context reveals
                                        health */
    /* Rows that rotted where this question would have found some; the places
     * are borrowed from the ledger. */
    uint64_t lost_rows;
    const struct ledger_damage *damages;
    size_t damage_count;
};

enum tally_medical { MEDICAL_NONE, MEDICAL_SOME, MEDICAL_UNKNOWN };

/* Another report of one request (ROW_SAME_REQUEST): counted only where the
 * first report lies outside the scope. */
struct tally_repeat {
    uint32_t person;
    uint8_t grade;
    bool first_is_here;
};

struct tally {
    struct tally_person *persons;
    size_t person_count, person_room;
    struct id_map places; /* row person id → place in persons */
    struct tally_service *services;
    size_t service_count, service_room;
    struct id_map service_pairs;
    struct tally_repeat *repeats;
    size_t repeat_count, repeat_room;
    struct id_map repeat_keys; /* request, low bits of person → place */
    struct id_list sessions, professionals;
    uint64_t disclosures;
    int64_t first_us, last_us; /* of disclosures and unlabelled rows */
    struct tally_coverage coverage;
};

void tally_start(struct tally *tally);
void tally_free(struct tally *tally);
/* Disclosures and unlabelled accesses are counted, other kinds passed over.
 * E_NOMEM, E_LIMIT. */
enum result tally_row(struct tally *tally, struct lookup *lookup,
                      const struct walk_row *row) MUST_USE;
/* Gaps, clock jumps and refused input (walk_general). */
void tally_general(struct tally *tally, const struct walk_query *query,
                   const struct row *row);
/* What the walk could not read (ledger_damages), of the asked times. */
void tally_damages(struct tally *tally, const struct walk_query *query,
                   const struct ledger_damage *damages, size_t count);
/* True where a second walk through tally_first_report() is needed before
 * tally_finish(): some rows were second reports. */
bool tally_has_repeats(const struct tally *tally);
void tally_first_report(struct tally *tally, const struct row *row);
/* Adds the second reports whose first is not in the scope; orders persons by
 * their first time. Nothing may be counted afterwards. */
void tally_finish(struct tally *tally);

/* Services of a person beyond person->service, ascending; after
 * tally_finish(). Returns their number, *ret_first borrowed. */
size_t tally_more_services(const struct tally *tally,
                           const struct tally_person *person,
                           const struct tally_service **ret_first);

uint8_t tally_seen(const struct tally_person *person);
uint8_t tally_possible(const struct tally_person *person); /* not seen */
/* The strongest: sent, declared, requested. */
enum grade tally_grade(const struct tally_person *person);
uint32_t tally_disclosures(const struct tally_person *person);
/* Persons of whom one of `categories` was seen, by the strongest grade at
 * which it was; [TALLY_GRADES] is their sum. */
void tally_by_category(const struct tally *tally, uint8_t category,
                       uint64_t ret_counts[TALLY_GRADES + 1]);
uint64_t tally_possible_count(const struct tally *tally, uint8_t category);

/* Reasons for MEDICAL_UNKNOWN, as bits. */
enum tally_doubt {
    DOUBT_NO_ROW = 1 << 0,
    DOUBT_NOT_SENT = 1 << 1,
    DOUBT_UNLABELLED = 1 << 2,
    DOUBT_GAP = 1 << 3,
    DOUBT_REFUSED_INPUT = 1 << 4,
    DOUBT_CONTEXT = 1 << 5,
    DOUBT_CLOCK_JUMP = 1 << 6,
    DOUBT_DAMAGE = 1 << 7,
};
/* docs/design.md, Coverage: `none` needs every row sent and labelled, no
 * gap, no context that reveals health. */
enum tally_medical tally_medical(const struct tally *tally,
                                 unsigned *ret_doubts);

#endif
