/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is read off a finished tally: see tally.h.
 */
#include "scope/tally.h"

void
tally_damages(struct tally *tally, const struct walk_query *query,
              const struct ledger_damage *damages, size_t count)
{
    struct tally_coverage *coverage = &tally->coverage;

    coverage->damages = damages;
    coverage->damage_count = count;
    coverage->lost_rows = 0;
    for (size_t i = 0; i < count; i++) {
        if (damages[i].events_known &&
            (damages[i].event_from_us >= query->to_us ||
             damages[i].event_to_us < query->from_us))
            continue;
        coverage->lost_rows += damages[i].lost;
    }
}

size_t
tally_more_services(const struct tally *tally,
                    const struct tally_person *person,
                    const struct tally_service **ret_first)
{
    size_t low = 0, high = tally->service_count, end;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (tally->services[middle].person < person->person)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < tally->service_count &&
                    tally->services[end].person == person->person;)
        end++;
    if (end > low)
        *ret_first = &tally->services[low];
    return end - low;
}

uint8_t
tally_seen(const struct tally_person *person)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < TALLY_GRADES; i++)
        seen |= person->seen[i];
    return (uint8_t)seen;
}

uint8_t
tally_possible(const struct tally_person *person)
{
    return (uint8_t)(person->possible & ~(unsigned)tally_seen(person));
}

uint32_t
tally_disclosures(const struct tally_person *person)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i < TALLY_GRADES; i++)
        sum += person->disclosures[i];
    return sum;
}

enum grade
tally_grade(const struct tally_person *person)
{
    for (unsigned i = 0; i < TALLY_GRADES; i++)
        if ((person->grades & 1u << i) != 0)
            return (enum grade)(i + GRADE_SENT);
    return GRADE_REQUESTED;
}

void
tally_by_category(const struct tally *tally, uint8_t category,
                  uint64_t ret_counts[TALLY_GRADES + 1])
{
    for (unsigned i = 0; i <= TALLY_GRADES; i++)
        ret_counts[i] = 0;
    for (size_t p = 0; p < tally->person_count; p++) {
        const struct tally_person *person = &tally->persons[p];

        for (unsigned i = 0; i < TALLY_GRADES; i++) {
            if ((person->seen[i] & category) != 0) {
                ret_counts[i]++;
                ret_counts[TALLY_GRADES]++;
                break;
            }
        }
    }
}

uint64_t
tally_possible_count(const struct tally *tally, uint8_t category)
{
    uint64_t count = 0;

    for (size_t p = 0; p < tally->person_count; p++)
        count += (tally_possible(&tally->persons[p]) & category) != 0;
    return count;
}

enum tally_medical
tally_medical(const struct tally *tally, unsigned *ret_doubts)
{
    const struct tally_coverage *coverage = &tally->coverage;
    unsigned doubts = 0;
    uint64_t seen[TALLY_GRADES + 1];

    tally_by_category(tally, CATEGORY_MEDICAL | CATEGORY_DOCUMENT, seen);
    if (tally->disclosures == 0 && coverage->unlabelled == 0)
        doubts |= DOUBT_NO_ROW;
    if (coverage->not_sent > 0)
        doubts |= DOUBT_NOT_SENT;
    if (coverage->unlabelled > 0)
        doubts |= DOUBT_UNLABELLED;
    if (coverage->gaps > 0)
        doubts |= DOUBT_GAP;
    if (coverage->refused_input > 0)
        doubts |= DOUBT_REFUSED_INPUT;
    if (coverage->clock_jumps > 0)
        doubts |= DOUBT_CLOCK_JUMP;
    if (coverage->lost_rows > 0)
        doubts |= DOUBT_DAMAGE;
    if (coverage->context_services.count > 0)
        doubts |= DOUBT_CONTEXT;
    *ret_doubts = doubts;
    if (seen[TALLY_GRADES] > 0)
        return MEDICAL_SOME;
    return doubts != 0 ? MEDICAL_UNKNOWN : MEDICAL_NONE;
}
