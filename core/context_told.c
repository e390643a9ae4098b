/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Flat arrays, sorted once: spans of one owner are joined where they touch or
 * overlap, so that the last one beginning before a moment decides.
 */
#include "core/context_told.h"

#include <stdlib.h>
#include <string.h>

#include "core/context_names.h"
#include "model/event.h"

struct owned_span {
    int64_t from_us, to_us;
    uint32_t owner;
};

struct spans {
    struct owned_span *items;
    size_t count, room;
};

struct employment {
    uint32_t professional, site;
};

struct told_professional {
    int64_t departed_us, roster_from_us, roster_to_us;
    uint32_t staff_at, staff_count; /* in staff */
    uint32_t role;
    uint32_t ceiling_hour, ceiling_day;
    bool shared;
};

struct told_role {
    uint32_t ceiling_hour, ceiling_day;
};

struct context_told {
    struct context_names names[TOLD_NAMES];
    struct spans spans[TOLD_SPANS];
    struct told_professional *professionals; /* by number, 0 unused */
    size_t professional_room;
    struct told_role *roles;
    size_t role_room;
    struct employment *staff;
    size_t staff_count, staff_room;
    struct buffer scratch;
};

enum result
context_told_new(struct context_told **ret_told)
{
    struct context_told *told = calloc(1, sizeof(*told));

    if (told == NULL)
        return E_NOMEM;
    *ret_told = told;
    return OK;
}

void
context_told_free(struct context_told *told)
{
    if (told == NULL)
        return;
    for (int i = 0; i < TOLD_NAMES; i++)
        context_names_free(&told->names[i]);
    for (int i = 0; i < TOLD_SPANS; i++)
        free(told->spans[i].items);
    free(told->professionals);
    free(told->roles);
    free(told->staff);
    buffer_free(&told->scratch);
    free(told);
}

/* A national id is 8 and the eleven digits of the RPPS; trails and rosters
 * write either (domain: identifiers). */
static struct text
without_kind(struct text value)
{
    if (value.length != 12 || value.bytes[0] != '8')
        return value;
    for (size_t i = 0; i < value.length; i++) {
        if (value.bytes[i] < '0' || value.bytes[i] > '9')
            return value;
    }
    return text_after(value, 1);
}

static struct text
professional_name(struct text name, struct buffer *scratch)
{
    struct text system, value;

    buffer_clear(scratch);
    if (event_identifier_parse(name, scratch, &system, &value) == OK)
        name = value;
    return without_kind(text_trim(name));
}

static void *
grow(void *items, size_t *room, size_t needed, size_t item_bytes)
{
    size_t more = *room < 64 ? 64 : *room * 2;
    void *larger;

    while (more < needed)
        more *= 2;
    larger = realloc(items, more * item_bytes);
    if (larger != NULL) {
        memset((char *)larger + *room * item_bytes, 0,
               (more - *room) * item_bytes);
        *room = more;
    }
    return larger;
}

static enum result
make_professional(struct context_told *told, uint32_t number)
{
    struct told_professional *items = told->professionals;

    if (number >= told->professional_room) {
        items = grow(items, &told->professional_room, (size_t)number + 1,
                     sizeof(items[0]));
        if (items == NULL)
            return E_NOMEM;
        told->professionals = items;
    }
    items[number] = (struct told_professional){.departed_us = INT64_MAX,
                                               .roster_from_us = INT64_MAX,
                                               .roster_to_us = INT64_MIN};
    return OK;
}

static enum result
make_role(struct context_told *told, uint32_t number)
{
    struct told_role *items = told->roles;

    if (number < told->role_room)
        return OK;
    items = grow(items, &told->role_room, (size_t)number + 1, sizeof(*items));
    if (items == NULL)
        return E_NOMEM;
    told->roles = items;
    return OK;
}

enum result
context_told_name(struct context_told *told, enum context_name kind,
                  struct text name, uint32_t *ret_number)
{
    uint32_t number = 0;
    bool made = false;
    enum result result;

    if (kind == TOLD_PROFESSIONAL)
        name = professional_name(name, &told->scratch);
    result = context_names_add(&told->names[kind], name, &number, &made);
    if (result == OK && made && kind == TOLD_PROFESSIONAL)
        result = make_professional(told, number);
    if (result == OK && made && kind == TOLD_ROLE)
        result = make_role(told, number);
    if (result == OK)
        *ret_number = number;
    return result;
}

uint32_t
context_told_find(const struct context_told *told, enum context_name kind,
                  struct text name)
{
    struct buffer scratch = {0};
    uint32_t number;

    if (kind == TOLD_PROFESSIONAL)
        name = professional_name(name, &scratch);
    number = context_names_find(&told->names[kind], name);
    buffer_free(&scratch);
    return number;
}

uint32_t
context_told_count(const struct context_told *told, enum context_name kind)
{
    return told->names[kind].count;
}

enum result
context_told_span(struct context_told *told, enum context_span kind,
                  uint32_t owner, int64_t from_us, int64_t to_us)
{
    struct spans *spans = &told->spans[kind];

    if (spans->count == spans->room) {
        struct owned_span *items =
            grow(spans->items, &spans->room, spans->count + 1, sizeof(*items));

        if (items == NULL)
            return E_NOMEM;
        spans->items = items;
    }
    spans->items[spans->count++] = (struct owned_span){from_us, to_us, owner};
    return OK;
}

void
context_told_departed(struct context_told *told, uint32_t professional,
                      int64_t from_us)
{
    struct told_professional *one = &told->professionals[professional];

    if (from_us < one->departed_us)
        one->departed_us = from_us;
}

void
context_told_shared(struct context_told *told, uint32_t professional)
{
    told->professionals[professional].shared = true;
}

enum result
context_told_staff(struct context_told *told, uint32_t professional,
                   uint32_t site, uint32_t role)
{
    struct told_professional *one = &told->professionals[professional];

    /* several roles: the first is the one that peers are sought by */
    if (one->role == 0)
        one->role = role;
    if (told->staff_count == told->staff_room) {
        struct employment *items = grow(told->staff, &told->staff_room,
                                        told->staff_count + 1, sizeof(*items));

        if (items == NULL)
            return E_NOMEM;
        told->staff = items;
    }
    told->staff[told->staff_count++] = (struct employment){professional, site};
    return OK;
}

void
context_told_ceilings(struct context_told *told, uint32_t role, uint32_t hour,
                      uint32_t day)
{
    told->roles[role] = (struct told_role){hour, day};
}

static int
span_order(const void *a, const void *b)
{
    const struct owned_span *x = a, *y = b;

    if (x->owner != y->owner)
        return x->owner < y->owner ? -1 : 1;
    return x->from_us == y->from_us ? 0 : x->from_us < y->from_us ? -1 : 1;
}

static void
spans_finish(struct spans *spans)
{
    size_t kept = 0;

    if (spans->count == 0)
        return;
    qsort(spans->items, spans->count, sizeof(spans->items[0]), span_order);
    for (size_t i = 1; i < spans->count; i++) {
        struct owned_span *last = &spans->items[kept];
        const struct owned_span *next = &spans->items[i];

        if (next->owner == last->owner && next->from_us <= last->to_us)
            last->to_us = next->to_us > last->to_us ? next->to_us : last->to_us;
        else
            spans->items[++kept] = *next;
    }
    spans->count = kept + 1;
}

static bool
spans_hold(const struct spans *spans, uint32_t owner, int64_t time_us)
{
    size_t low = 0, high = spans->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct owned_span *item = &spans->items[middle];

        if (item->owner < owner ||
            (item->owner == owner && item->from_us <= time_us))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && spans->items[low - 1].owner == owner &&
           time_us < spans->items[low - 1].to_us;
}

static int
staff_order(const void *a, const void *b)
{
    const struct employment *x = a, *y = b;

    if (x->professional != y->professional)
        return x->professional < y->professional ? -1 : 1;
    return x->site == y->site ? 0 : x->site < y->site ? -1 : 1;
}

/* A roster is known between its first duty and its last: outside of them
 * nobody said anything. */
static void
rosters_finish(struct context_told *told)
{
    const struct spans *duties = &told->spans[TOLD_DUTY];

    for (size_t i = 0; i < duties->count; i++) {
        const struct owned_span *item = &duties->items[i];
        struct told_professional *one = &told->professionals[item->owner];

        if (item->from_us < one->roster_from_us)
            one->roster_from_us = item->from_us;
        if (item->to_us > one->roster_to_us)
            one->roster_to_us = item->to_us;
    }
}

void
context_told_finish(struct context_told *told)
{
    for (int i = 0; i < TOLD_SPANS; i++)
        spans_finish(&told->spans[i]);
    rosters_finish(told);
    if (told->staff_count > 0)
        qsort(told->staff, told->staff_count, sizeof(told->staff[0]),
              staff_order);
    for (size_t i = 0; i < told->staff_count; i++) {
        struct told_professional *one =
            &told->professionals[told->staff[i].professional];

        if (one->staff_count++ == 0)
            one->staff_at = (uint32_t)i;
    }
}

bool
context_told_works_at(const struct context_told *told, uint32_t professional,
                      uint32_t site)
{
    const struct told_professional *one = &told->professionals[professional];

    for (uint32_t i = 0; i < one->staff_count; i++) {
        if (told->staff[one->staff_at + i].site == site)
            return true;
    }
    return false;
}

bool
context_told_site_campaign(const struct context_told *told, uint32_t site,
                           int64_t time_us)
{
    return spans_hold(&told->spans[TOLD_SITE_CAMPAIGN], site, time_us);
}

static bool
has_campaign(const struct context_told *told, uint32_t professional,
             int64_t time_us)
{
    const struct told_professional *one = &told->professionals[professional];

    if (spans_hold(&told->spans[TOLD_CAMPAIGN], professional, time_us))
        return true;
    if (told->spans[TOLD_SITE_CAMPAIGN].count == 0)
        return false;
    for (uint32_t i = 0; i < one->staff_count; i++) {
        uint32_t site = told->staff[one->staff_at + i].site;

        if (site != 0 && context_told_site_campaign(told, site, time_us))
            return true;
    }
    return false;
}

void
context_told_facts(const struct context_told *told, uint32_t professional,
                   int64_t time_us, struct facts *ret_facts)
{
    const struct told_professional *one = &told->professionals[professional];
    struct facts facts = {.role = (uint16_t)one->role};

    if (time_us >= one->roster_from_us && time_us < one->roster_to_us) {
        facts.bits |= FACT_ROSTERED;
        if (spans_hold(&told->spans[TOLD_DUTY], professional, time_us))
            facts.bits |= FACT_ON_DUTY;
    }
    if (time_us >= one->departed_us)
        facts.bits |= FACT_DEPARTED;
    if (spans_hold(&told->spans[TOLD_ABSENCE], professional, time_us))
        facts.bits |= FACT_ABSENT;
    if (one->shared)
        facts.bits |= FACT_SHARED_ACCOUNT;
    if (has_campaign(told, professional, time_us))
        facts.bits |= FACT_CAMPAIGN;
    if (one->role != 0) {
        facts.ceiling_hour = told->roles[one->role].ceiling_hour;
        facts.ceiling_day = told->roles[one->role].ceiling_day;
    }
    *ret_facts = facts;
}
