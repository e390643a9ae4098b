/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sets of four slots: a key lies in its set, and the one of the set that has
 * been idle for longest makes room. Budgets above it (professional, service,
 * region) go on counting, so that a flood of sessions frees nobody.
 */
#include "contain/budget.h"

#include <stdlib.h>

#include "base/time.h"
#include "contain/contain_inside.h"

#define WAYS 4
#define HOUR_PARTS 13 /* twelve whole ones, and the one that runs */
#define DAY_PARTS 25
#define HOUR_PART_US (5 * TIME_MINUTE_US)
#define DAY_PART_US TIME_HOUR_US

struct window_part {
    int32_t number; /* which part of time */
    uint32_t persons;
};

struct slot {
    uint64_t key; /* 0: free */
    int64_t last_us;
    struct window_part hour[HOUR_PARTS];
    struct window_part day[DAY_PARTS];
};

struct budgets {
    struct slot *slots;
    struct slot region; /* never makes room for another */
    size_t sets;        /* a power of two */
};

enum result
budgets_new(size_t keys, struct budgets **ret_budgets)
{
    struct budgets *budgets = calloc(1, sizeof(*budgets));

    if (budgets == NULL)
        return E_NOMEM;
    budgets->sets = 1;
    while (budgets->sets * WAYS < keys)
        budgets->sets *= 2;
    budgets->slots = calloc(budgets->sets * WAYS, sizeof(struct slot));
    if (budgets->slots == NULL) {
        free(budgets);
        return E_NOMEM;
    }
    *ret_budgets = budgets;
    return OK;
}

void
budgets_free(struct budgets *budgets)
{
    if (budgets == NULL)
        return;
    free(budgets->slots);
    free(budgets);
}

static uint64_t
key_of(enum budget_of of, uint64_t id)
{
    uint64_t key = contain_mix(id + 1) ^ (uint64_t)of << 62;

    return key == 0 ? 1 : key;
}

static struct slot *
find(const struct budgets *budgets, uint64_t key)
{
    struct slot *set =
        &budgets->slots[((size_t)key & (budgets->sets - 1)) * WAYS];

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
    }
    return NULL;
}

static struct slot *
take(struct budgets *budgets, uint64_t key)
{
    struct slot *set =
        &budgets->slots[((size_t)key & (budgets->sets - 1)) * WAYS];
    struct slot *oldest = &set[0];

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == 0) {
            oldest = &set[i];
            break;
        }
        if (set[i].last_us < oldest->last_us)
            oldest = &set[i];
    }
    *oldest = (struct slot){.key = key};
    return oldest;
}

static void
part_add(struct window_part *parts, int32_t count, int64_t number,
         uint32_t persons)
{
    struct window_part *part = &parts[number % count];

    if (part->number > number)
        return; /* older than all that is kept */
    if (part->number < number)
        *part = (struct window_part){(int32_t)number, 0};
    part->persons = part->persons > UINT32_MAX - persons
                        ? UINT32_MAX
                        : part->persons + persons;
}

static uint32_t
parts_sum(const struct window_part *parts, int32_t count, int64_t number)
{
    uint64_t sum = 0;

    for (int32_t i = 0; i < count; i++) {
        if (parts[i].number > number - count && parts[i].number <= number)
            sum += parts[i].persons;
    }
    return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

void
budgets_spend(struct budgets *budgets, enum budget_of of, uint64_t id,
              int64_t time_us, uint32_t persons)
{
    uint64_t key = key_of(of, id);
    struct slot *slot =
        of == BUDGET_REGION ? &budgets->region : find(budgets, key);

    if (time_us < 0 || time_us / HOUR_PART_US > INT32_MAX)
        return;
    if (slot == NULL)
        slot = take(budgets, key);
    if (time_us > slot->last_us)
        slot->last_us = time_us;
    part_add(slot->hour, HOUR_PARTS, time_us / HOUR_PART_US, persons);
    part_add(slot->day, DAY_PARTS, time_us / DAY_PART_US, persons);
}

static void
part_take(struct window_part *parts, int32_t count, int64_t number,
          uint32_t persons)
{
    struct window_part *part = &parts[number % count];

    if (part->number == number)
        part->persons -= part->persons < persons ? part->persons : persons;
}

void
budgets_refund(struct budgets *budgets, enum budget_of of, uint64_t id,
               int64_t time_us, uint32_t persons)
{
    struct slot *slot =
        of == BUDGET_REGION ? &budgets->region : find(budgets, key_of(of, id));

    if (slot == NULL || time_us < 0 || time_us / HOUR_PART_US > INT32_MAX)
        return;
    part_take(slot->hour, HOUR_PARTS, time_us / HOUR_PART_US, persons);
    part_take(slot->day, DAY_PARTS, time_us / DAY_PART_US, persons);
}

struct ceiling
budgets_spent(const struct budgets *budgets, enum budget_of of, uint64_t id,
              int64_t time_us)
{
    const struct slot *slot =
        of == BUDGET_REGION ? &budgets->region : find(budgets, key_of(of, id));
    struct ceiling spent = {0, 0};

    if (slot == NULL || time_us < 0)
        return spent;
    spent.hour = parts_sum(slot->hour, HOUR_PARTS, time_us / HOUR_PART_US);
    spent.day = parts_sum(slot->day, DAY_PARTS, time_us / DAY_PART_US);
    return spent;
}

static void
parts_clock(struct window_part *parts, int32_t count, int64_t number)
{
    for (int32_t i = 0; i < count; i++) {
        struct window_part ahead = parts[i];

        if (ahead.number <= number)
            continue;
        parts[i] = (struct window_part){0, 0};
        part_add(parts, count, number, ahead.persons);
    }
}

static void
slot_clock(struct slot *slot, int64_t time_us)
{
    if (slot->last_us <= time_us)
        return;
    slot->last_us = time_us;
    parts_clock(slot->hour, HOUR_PARTS, time_us / HOUR_PART_US);
    parts_clock(slot->day, DAY_PARTS, time_us / DAY_PART_US);
}

void
budgets_clock(struct budgets *budgets, int64_t time_us)
{
    if (time_us < 0)
        return;
    slot_clock(&budgets->region, time_us);
    for (size_t i = 0; i < budgets->sets * WAYS; i++)
        slot_clock(&budgets->slots[i], time_us);
}
