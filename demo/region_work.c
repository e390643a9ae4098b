/* SPDX-License-Identifier: EUPL-1.2 */
/* A holder's day: whom they see, in what order, and what is opened of them. */
#include "demo/region_state.h"

struct work {
    struct visit visit;
    const struct holder *holder;
    uint32_t professional, covered;
    bool campaign;
    bool imitated; /* by a thief, in his own session */
};

/* What a kind's day looks like. */
static const struct {
    uint16_t persons;
    uint8_t depth, writes; /* care read at most; percent of writes */
    uint8_t searches;      /* percent of persons that are looked up */
    uint8_t wide;          /* percent of name searches that show many */
} days[KIND_COUNT] = {
    [KIND_DOCTOR] = {20, 3, 45, 33, 12},
    [KIND_NURSE] = {18, 2, 60, 20, 8},
    [KIND_PHARMACIST] = {30, 1, 35, 40, 10},
    [KIND_HOSPITAL] = {12, 4, 40, 30, 12},
    [KIND_SECRETARY] = {16, 0, 10, 60, 35},
    [KIND_ON_CALL] = {10, 3, 50, 60, 20},
    [KIND_SUBSTITUTE] = {18, 3, 45, 45, 15},
    [KIND_PART_TIME] = {18, 3, 45, 33, 12},
    [KIND_EMERGENCY] = {22, 3, 50, 70, 20},
    [KIND_REGULATOR] = {130, 1, 15, 85, 30},
    [KIND_RECORDS] = {420, 2, 0, 20, 8},
    [KIND_IMAGING] = {34, 2, 80, 15, 5},
    [KIND_POLLER] = {0, 0, 0, 0, 0},
};

static void
arrive(struct work *w, enum whereabouts where)
{
    struct visit *v = &w->visit;
    struct visit_place place;

    if (w->imitated)
        return;
    v->now_us += 1000 * (int64_t)chance_below(&v->chance, 1000);
    region_place(v->region, w->professional, where, &v->chance, &place);
    if (chance_of(&v->chance, 1, 30))
        visit_wrong_passwords(v, w->professional, &place, THIEF_NONE,
                              chance_between(&v->chance, 1, 3));
    v->session = region_open(v->region, w->professional, &place,
                             chance_next(&v->chance) | 1, THIEF_NONE);
}

/* Whom: one who returns, of the holder's own panel or of a colleague's who is
 * on leave, or somebody new. */
static uint32_t
whom(struct work *w)
{
    const struct region *region = w->visit.region;
    struct chance *chance = &w->visit.chance;
    const struct holder *h = w->holder;
    struct holder other = *h;
    uint32_t news = h->new_percent;

    if (w->campaign)
        news = news < 30 ? news + 35 : 65;
    if (chance_of(chance, news, 100)) {
        uint32_t stranger = region_stranger(region, h, chance);
        /* a thief does not know who is a lure */
        return w->imitated ? stranger : region_treated(region, stranger);
    }
    if (h->kind == KIND_SUBSTITUTE)
        other.panel = region_replaced(region, w->professional, region->day);
    else if (w->covered != w->professional && chance_of(chance, 1, 3))
        other = region->holders[w->covered];
    return region_panel(region, &other, chance);
}

/* Hits on one page, as the site's software has it. */
static uint8_t
page_size(const struct holder *h)
{
    static const uint8_t sizes[] = {10, 15, 20, 20, 50};

    return sizes[chance_mix(h->site, 0x70616765u) % 5];
}

static void
search_by_name(struct work *w, uint32_t person)
{
    struct visit *v = &w->visit;
    bool wide = chance_of(&v->chance, days[w->holder->kind].wide, 100);
    struct asked asked = asked_name(v->region, person,
                                    wide ? chance_between(&v->chance, 2, 3)
                                         : chance_between(&v->chance, 4, 8));
    uint32_t others = wide ? chance_between(&v->chance, 2, 29)
                      : chance_of(&v->chance, 1, 3)
                          ? chance_between(&v->chance, 1, 3)
                          : 0;

    uint8_t size = page_size(w->holder);

    if (wide && others >= size && chance_of(&v->chance, 1, 2)) {
        struct asked page = asked_page(&asked, 0, size);
        visit_search(v, &page, person, size - 1u);
        for (uint32_t at = size; at <= others; at += size) {
            visit_wait(v, 8);
            page = asked_page(&asked, at, size);
            visit_page(v, &page,
                       others + 1 - at < size ? others + 1 - at : size);
        }
        return;
    }
    visit_search(v, &asked, person, others);
}

static void
look_up(struct work *w, uint32_t person)
{
    struct visit *v = &w->visit;
    struct asked asked;
    unsigned way = chance_of(&v->chance, 2, 3) ? w->holder->habit
                                               : chance_below(&v->chance, 4);

    switch (way) {
    case HABIT_NAME:
        search_by_name(w, person);
        break;
    case HABIT_DATE:
        asked = asked_birth(v->region, person);
        visit_search(
            v, &asked, person,
            chance_of(&v->chance, 1, 2) ? chance_between(&v->chance, 1, 7) : 0);
        break;
    case HABIT_CARD:
        asked = asked_number(region_number_of(v->region, person));
        visit_search(v, &asked, person, 0);
        break;
    default:
        asked = asked_list(REGION_PATIENT, chance_next(&v->chance));
        visit_search(v, &asked, person, 0);
        break;
    }
    visit_wait(v, 5);
}

static void
consult(struct work *w, uint32_t person)
{
    struct visit *v = &w->visit;
    unsigned kind = w->holder->kind;

    if (chance_of(&v->chance, days[kind].searches, 100))
        look_up(w, person);
    visit_show(v, ACTION_READ, REGION_PATIENT, person);
    visit_care(v, person, chance_below(&v->chance, days[kind].depth + 1u));
    if (chance_of(&v->chance, days[kind].writes, 100))
        visit_write(v, person);
}

/* The ward's beds, as everybody of the ward sees them. */
static void
ward_list(struct work *w)
{
    struct visit *v = &w->visit;
    uint32_t beds[WARD_BEDS];
    uint32_t ward = region_ward(v->region, w->professional, v->region->day);
    struct asked asked = asked_list(REGION_ENCOUNTER, ward);

    for (unsigned i = 0; i < WARD_BEDS; i++)
        beds[i] = region_bed(v->region, ward, i);
    visit_hits(v, &asked, beds, WARD_BEDS);
    visit_wait(v, 40);
}

/* At once, or page by page. */
static void
show_list(struct work *w, const struct asked *asked, const uint32_t *persons,
          uint32_t count, bool paged)
{
    struct visit *v = &w->visit;
    uint8_t size = page_size(w->holder);

    if (!paged) {
        visit_hits(v, asked, persons, count);
        return;
    }
    for (uint32_t at = 0; at < count; at += size) {
        struct asked page = asked_page(asked, at, size);
        if (at > 0)
            visit_wait(v, 15);
        visit_hits(v, &page, persons + at,
                   count - at < size ? count - at : size);
    }
}

/* Some software keeps lists of patients, some of appointments. */
static enum region_resource
list_resource(const struct holder *h)
{
    if (h->kind == KIND_RECORDS)
        return REGION_ENCOUNTER;
    return h->site % 3 == 0 ? REGION_PATIENT : REGION_APPOINTMENT;
}

/* A practice's appointments, 15 to 60. */
static void
appointments(struct work *w)
{
    struct visit *v = &w->visit;
    const struct holder *h = w->holder;
    uint32_t persons[LIST_PERSONS];
    uint32_t count = chance_count(&v->chance, 32);
    struct asked asked = asked_list(list_resource(h), h->site);

    count = count < 15 ? 15 : count > 60 ? 60 : count;
    for (uint32_t i = 0; i < count; i++)
        persons[i] = whom(w);
    show_list(w, &asked, persons, count, chance_of(&v->chance, 1, 3));
    visit_wait(v, 40);
}

/* Appointments, a round, images to make, stays to be coded. */
static bool
opens_with_list(const struct holder *h)
{
    if (h->kind == KIND_RECORDS || h->kind == KIND_IMAGING)
        return true;
    return h->habit == HABIT_LIST &&
           (h->kind == KIND_DOCTOR || h->kind == KIND_PART_TIME ||
            h->kind == KIND_NURSE);
}

/* The persons of the half-day; some software opens with their list. */
static uint32_t
agenda(struct work *w, uint32_t persons, uint32_t list[LIST_PERSONS])
{
    struct visit *v = &w->visit;
    const struct holder *h = w->holder;
    bool ward = h->kind == KIND_HOSPITAL;
    uint32_t place = region_ward(v->region, w->professional, v->region->day);
    struct asked asked =
        asked_list(list_resource(h), (uint64_t)w->professional << 20);

    persons = persons > LIST_PERSONS ? LIST_PERSONS : persons;
    for (uint32_t i = 0; i < persons; i++)
        list[i] = ward && chance_of(&v->chance, 7, 8)
                      ? region_bed(v->region, place,
                                   chance_below(&v->chance, WARD_BEDS))
                      : whom(w);
    if (h->kind == KIND_HOSPITAL)
        ward_list(w);
    else if (h->kind == KIND_SECRETARY)
        appointments(w);
    else if (persons > 0 && opens_with_list(h))
        show_list(w, &asked, list, persons, chance_of(&v->chance, 1, 3));
    return persons;
}

/* On the round the telephone changes networks; the session goes on. */
static void
move_on(struct work *w)
{
    struct visit *v = &w->visit;
    struct region *r = v->region;
    struct visit_place place;
    uint32_t before = v->session;

    if (w->imitated || w->holder->kind != KIND_NURSE ||
        !chance_of(&v->chance, 1, 6))
        return;
    region_place(r, w->professional, AT_WORK, &v->chance, &place);
    v->session = region_open(r, w->professional, &place,
                             r->sessions[before].token, THIEF_NONE);
    if (r->failed == OK)
        r->sessions[v->session].twin = r->sessions[before].twin;
}

static void
half_day(struct work *w, uint32_t persons, int64_t end_us,
         enum whereabouts where)
{
    struct visit *v = &w->visit;
    uint32_t list[LIST_PERSONS];

    arrive(w, where);
    while (persons > 0 && v->now_us < end_us) {
        uint32_t count = agenda(w, persons, list);
        uint32_t step_s =
            (uint32_t)((end_us - v->now_us) / SECOND_US / (persons + 1));
        for (uint32_t i = 0; i < count && v->now_us < end_us; i++) {
            move_on(w);
            consult(w, list[i]);
            visit_wait(v, step_s > 60 ? step_s - 45 : 15);
        }
        persons -= count;
    }
}

/* Software asks for the next of its list, at a regular step, all day. */
static void
poll_list(struct work *w)
{
    struct visit *v = &w->visit;
    const struct region *region = v->region;
    uint64_t way =
        chance_mix(region->options.seed ^ 0x706f6c6cu, w->professional);
    uint32_t step_s = 60 * (1 + (uint32_t)(way % 3));
    uint32_t steps = 12 * 3600 / step_s, size = w->holder->panel_size;
    uint32_t at = region->day * steps;

    v->now_us = region_local_us(region, region->day, 7, 0);
    arrive(w, AT_WORK);
    for (uint32_t i = 0; i < steps; i++) {
        struct chance one;
        /* The list's n-th entry; one of forty is replaced each week. */
        uint32_t entry = (at + i) % size;
        chance_start(&one, way, entry,
                     entry % 40 == region->day / 7 % 40 ? region->day / 7 : 0);
        visit_show(
            v, ACTION_READ, way >> 32 & 1 ? REGION_PATIENT : REGION_OBSERVATION,
            region_treated(region, region_neighbour(
                                       region, w->holder->site / TOWN, &one)));
        v->now_us +=
            step_s * SECOND_US + 1000 * (int64_t)chance_below(&v->chance, 400);
    }
}

static void
whole_day(struct work *w)
{
    struct visit *v = &w->visit;
    const struct region *r = v->region;
    const struct holder *h = w->holder;
    uint32_t persons = chance_count(
        &v->chance, (uint32_t)days[h->kind].persons * h->pace_percent / 100);
    unsigned start, hours, day = r->day;

    region_hours(r, w->professional, day, &start, &hours);
    if (w->campaign)
        persons = persons * chance_between(&v->chance, 3, 5);
    v->now_us = region_local_us(r, day, start, chance_below(&v->chance, 1800));
    half_day(w, persons / 2, region_local_us(r, day, start + hours / 2, 900),
             AT_WORK);
    v->now_us = region_local_us(r, day, start + hours / 2 + 1,
                                chance_below(&v->chance, 1800));
    half_day(w, persons - persons / 2,
             region_local_us(r, day, start + hours / 2 * 2 + 2, 0), AT_WORK);
}

/* Some evenings at home, letters to write, results to read; now and then
 * something looked up by telephone. */
static void
evening(struct work *w)
{
    struct visit *v = &w->visit;
    const struct region *r = v->region;
    bool home = chance_of(&v->chance, w->holder->home_evenings, 6);

    if (!home && !chance_of(&v->chance, 1, 80))
        return;
    v->now_us = region_local_us(r, r->day, 20, chance_below(&v->chance, 5400));
    half_day(w,
             home ? chance_between(&v->chance, 2, 9)
                  : chance_between(&v->chance, 1, 3),
             region_local_us(r, r->day, 23, 0), home ? AT_HOME : ON_THE_MOVE);
}

/* From one's leave: a letter that waits, a call from the practice. */
static void
look_in(struct work *w)
{
    struct visit *v = &w->visit;
    const struct region *r = v->region;

    v->now_us = region_local_us(r, r->day, chance_between(&v->chance, 9, 20),
                                chance_below(&v->chance, 3600));
    half_day(w, chance_between(&v->chance, 1, 4), v->now_us + 3600 * SECOND_US,
             chance_of(&v->chance, 2, 3) ? AT_HOME : ON_THE_MOVE);
}

static void
day_of(struct work *w)
{
    const struct region *region = w->visit.region;
    struct span span;

    w->campaign =
        region_in_campaign(region, w->professional, region->day, &span);
    w->covered = region_covered(region, w->professional, region->day);
    if (w->holder->kind == KIND_POLLER) {
        poll_list(w);
        return;
    }
    whole_day(w);
    if (w->holder->kind == KIND_DOCTOR || w->holder->kind == KIND_PART_TIME)
        evening(w);
}

void
region_work(struct region *region, uint32_t professional)
{
    struct work w = {.visit = {.region = region},
                     .holder = &region->holders[professional],
                     .professional = professional};

    bool works = region_works(region, professional, region->day);

    if (!works && !region_looks_in(region, professional, region->day))
        return;
    chance_start(&w.visit.chance, region->options.seed ^ 0x776f726bu,
                 professional, region->day);
    w.covered = professional;
    if (works)
        day_of(&w);
    else
        look_in(&w);
}

void
region_imitate(const struct visit *visit, uint32_t professional,
               const struct holder *holder)
{
    struct work w = {.visit = *visit,
                     .holder = holder,
                     .professional = professional,
                     .covered = professional,
                     .imitated = true};

    whole_day(&w);
}
