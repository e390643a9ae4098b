/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What persons are searched by: invented names (letters drawn from the seed,
 * without meaning), birth dates, numbers, lists; and which persons a search
 * shows, the same ones each time. Letters are kept as eight bytes, the first
 * one highest, as in struct query_place.
 */
#include "demo/region_state.h"

#define NAMES 6000
#define DAY_OF_1925 703032 /* since 0000-03-01, as in region_balp.c */
#define DAYS_OF_A_CENTURY 36500
/* Files are numbered one after another, in no order of persons: a prime above
 * any population, so that each number is one person's. */
#define TURN UINT64_C(2654435761)
#define LISTS UINT64_C(1000000000000)
#define FIRST_NUMBER UINT64_C(310000000)

void
region_number_start(struct region *region)
{
    uint64_t all = region->population;
    uint64_t old_rest = all, rest = TURN % all, old_part = 0, part = 1;

    while (rest > 1) {
        uint64_t times = old_rest / rest, next = old_rest % rest;
        uint64_t more = (old_part + (all - times % all) * part) % all;

        old_rest = rest;
        rest = next;
        old_part = part;
        part = more;
    }
    region->turn_back = (uint32_t)part;
}

uint64_t
region_number_of(const struct region *region, uint32_t person)
{
    return FIRST_NUMBER + (uint64_t)person * TURN % region->population;
}

uint32_t
region_numbered(const struct region *region, uint64_t number)
{
    return (uint32_t)((number - FIRST_NUMBER) % region->population *
                      region->turn_back % region->population);
}

/* Consonant and vowel in turn, three to eight letters. A few names are borne
 * by many. */
static uint64_t
family_of(const struct region *region, uint32_t person)
{
    static const char consonants[] = "bcdfglmnprstvbcdlmrs";
    static const char vowels[] = "aeiouaeoie";
    struct chance chance;
    uint64_t letters = 0;
    unsigned length;

    chance_start(&chance, region->options.seed ^ 0x66616d696cu, person, 1);
    uint32_t rank = chance_rank(&chance, NAMES);
    chance_start(&chance, region->options.seed ^ 0x66616d696cu, rank, 2);
    length = chance_between(&chance, 3, 8);
    unsigned vowel_first = chance_of(&chance, 1, 4);
    for (unsigned i = 0; i < length; i++) {
        char letter = (i + vowel_first) % 2 == 0
                          ? consonants[chance_below(&chance, 20)]
                          : vowels[chance_below(&chance, 10)];
        letters |= (uint64_t)(uint8_t)letter << (56 - 8 * i);
    }
    return letters;
}

struct asked
asked_letters(uint64_t letters)
{
    return (struct asked){.place = {.kind = QUERY_NAME, .at = letters},
                          .query = letters,
                          .search = QUERY_NAME,
                          .resource = REGION_PATIENT};
}

struct asked
asked_name(const struct region *region, uint32_t person, unsigned letters)
{
    uint64_t kept = letters >= 8 ? 0 : UINT64_MAX >> (8 * letters);

    return asked_letters(family_of(region, person) & ~kept);
}

struct asked
asked_date(uint64_t day_of_1925)
{
    uint64_t day = DAY_OF_1925 + day_of_1925 % DAYS_OF_A_CENTURY;

    return (struct asked){.place = {.kind = QUERY_DATE, .at = day},
                          .query = day,
                          .search = QUERY_DATE,
                          .resource = REGION_PATIENT};
}

struct asked
asked_birth(const struct region *region, uint32_t person)
{
    uint64_t drawn = chance_mix(region->options.seed ^ 0x6269727468u, person);

    return asked_date(drawn);
}

struct asked
asked_number(uint64_t number)
{
    return (struct asked){.place = {.kind = QUERY_IDENTIFIER, .at = number},
                          .query = number,
                          .search = QUERY_IDENTIFIER,
                          .resource = REGION_PATIENT};
}

struct asked
asked_list(enum region_resource resource, uint64_t number)
{
    return (struct asked){.query = chance_mix(number, 0x6c697374u) % LISTS,
                          .resource = (uint8_t)resource};
}

struct asked
asked_page(const struct asked *first, uint32_t offset, uint8_t page)
{
    struct asked asked = *first;

    asked.page = page;
    if (offset > 0)
        asked.place = (struct query_place){
            .kind = QUERY_OFFSET,
            .at = offset,
            .rest = (uint32_t)chance_mix(
                first->query, (uint64_t)first->search << 8 | first->resource)};
    return asked;
}

uint32_t
region_hit(const struct region *region, const struct asked *asked,
           uint32_t which)
{
    uint64_t base = chance_mix(region->options.seed ^ 0x68697473u,
                               asked->query ^ (uint64_t)asked->search << 60 ^
                                   (uint64_t)asked->resource << 56);
    uint32_t offset =
        asked->place.kind == QUERY_OFFSET ? (uint32_t)asked->place.at : 0;
    uint64_t drawn = chance_mix(base, offset + which);

    return (uint32_t)((drawn >> 32) * region->population >> 32);
}

static uint64_t
prefix(unsigned place)
{
    return (uint64_t)('a' + place / 26 % 26) << 56 |
           (uint64_t)('a' + place % 26) << 48;
}

/* Everybody whose name begins so. */
struct asked
asked_begins(unsigned place)
{
    return asked_letters(prefix(place));
}

/* Surnames in their order: two letters that count, some that do not. */
struct asked
asked_surname(const struct region *region, unsigned place)
{
    uint64_t drawn = chance_mix(region->options.seed ^ 0x7375726eu, place);
    uint64_t letters = prefix(place);
    unsigned more = 1 + (unsigned)(drawn % 4);

    for (unsigned i = 0; i < more; i++)
        letters |= (uint64_t)('a' + (drawn >> (8 + 8 * i) & 0xff) % 26)
                   << (40 - 8 * i);
    return asked_letters(letters);
}
