/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * "Near" is what somebody who goes through all there is cannot avoid, and
 * what persons who come as they come seldom are: names within an eighth of
 * the alphabet, so that a, b, c … is near as well as aa, ab, ac … or Abadie,
 * Abel, Adam …; birth dates within thirteen months, so that a year is a step;
 * numbers within a thousand; any other page of one search. The same rule
 * forwards and backwards: ups and downs of a random order are as many.
 */
#include "model/query_step.h"

#include <stdbool.h>
#include <stddef.h>

#define NAME_LETTERS 8
#define NAME_DIGITS 27u   /* the end of a name, then a … z */
#define NAME_NEAR_PART 8u /* of the alphabet */
#define DATE_NEAR 400u    /* days */
#define IDENTIFIER_NEAR 1000u
#define OFFSET_NEAR UINT16_MAX

static unsigned
letter(uint64_t at, unsigned which)
{
    return (unsigned)(at >> (8 * (NAME_LETTERS - 1 - which))) & 0xffu;
}

/* A name as a number in which letters are evenly spaced: bytes are not, as
 * most of their values are no letters. */
static uint64_t
name_rank(uint64_t at)
{
    uint64_t rank = 0;

    for (unsigned i = 0; i < NAME_LETTERS; i++) {
        unsigned byte = letter(at, i);
        unsigned digit = byte < 'a' ? 0 : byte > 'z' ? 26 : byte - 'a' + 1;

        rank = rank * NAME_DIGITS + digit;
    }
    return rank;
}

/* "d", "du", "dup": one name being typed, or shortened to find more. */
static bool
one_begins_other(uint64_t a, uint64_t b)
{
    for (unsigned i = 0; i < NAME_LETTERS; i++) {
        if (letter(a, i) == 0 || letter(b, i) == 0)
            return true;
        if (letter(a, i) != letter(b, i))
            return false;
    }
    return true;
}

static uint64_t
distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static bool
names_near(uint64_t a, uint64_t b)
{
    /* "a…" to "z…" is 25 of 26 letters */
    static const uint64_t letter_span = UINT64_C(10460353203); /* 27^7 */

    return distance(name_rank(a), name_rank(b)) <=
           26 * letter_span / NAME_NEAR_PART;
}

static uint64_t
near_most(unsigned kind)
{
    switch (kind) {
    case QUERY_DATE:
        return DATE_NEAR;
    case QUERY_IDENTIFIER:
        return IDENTIFIER_NEAR;
    default:
        return OFFSET_NEAR;
    }
}

enum query_step
query_step_of(const struct query_place *before, const struct query_place *now,
              uint16_t *ret_size)
{
    uint64_t size;
    bool is_near;

    *ret_size = 0;
    if (before == NULL || before->kind != now->kind ||
        now->kind == QUERY_NONE || now->kind > QUERY_OFFSET)
        return STEP_FIRST;
    if (now->kind == QUERY_OFFSET && before->rest != now->rest)
        return STEP_FIRST;
    if (before->at == now->at ||
        (now->kind == QUERY_NAME && one_begins_other(before->at, now->at)))
        return STEP_SAME;
    size = distance(before->at, now->at);
    is_near = now->kind == QUERY_NAME ? names_near(before->at, now->at)
                                      : size <= near_most(now->kind);
    if (!is_near)
        return STEP_FAR;
    if (now->kind != QUERY_NAME)
        *ret_size = (uint16_t)size;
    return now->at > before->at ? STEP_UP : STEP_DOWN;
}
